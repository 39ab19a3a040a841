//! Pledges (质押): the life of a lien that a bank or a guarantor registers on emission rights, and the credit facilities
//! (授信) that loans are drawn from. The bank applies under the enterprise's consent, the bureau verifies the quantity, the
//! enterprise agrees, and the registration issues the number and moves the grams from `available` to `pledged`, one account
//! for each lien. Only the pledgee releases, or a court ([`court`]), and then every gram goes back to where it came from.
//!
//! In its life a registered pledge is paid out on ([`payouts`]) and has versions of its terms ([`amendments`]).
//! What the rights are worth is kept in [`valuations`], what was looked into before the registration in [`screenings`].
//!
//! A junior lien waits for what liens before it hold ([`ranks`]), several pledgees have shares of one
//! claim ([`shares`]), and rights of several pledgors secure it ([`pledgors`]).
//!
//! Pledged rights are sold with the pledgee's consent by [`sales`], and disposed of after a default in [`disposals`], which the auctions of the
//! exchange bring about by [`lots`]; the claim goes to another pledgee by [`transfers`].
//!
//! applied → verified → agreed → registered → released, or defaulted → closed; refused by the bureau or the pledgor, and withdrawn by the
//! pledgee, at any time before registration. A collective facility (集中授信) has a part for each enterprise:
//! offered → accepted, drawn by registrations and given back by releases → closed by the pledgee, after which nothing is drawn and the pledges
//! under it stand; declined by the enterprise or withdrawn by the pledgee before it is accepted.
//!
//! The law: a written contract that names the claim, its term and the property (民法典第四百二十七条); set up on
//! registration (第四百四十一条、第四百四十三至四百四十五条, by analogy); no sale without the pledgee's consent, which the
//! exchange makes a freeze (湖北省排污权抵质押贷款操作指引(暂行)); extinct when the debt is, or when the pledgee waives it
//! (第三百九十三条); a right obtained free pays its usage fee first (财税〔2015〕61号). The checks are in `eligibility`.

pub mod acts;
pub mod amendments;
pub mod api;
pub mod api_buyers;
pub mod api_court;
pub mod api_disposals;
pub mod api_facilities;
pub mod api_life;
pub mod api_lots;
mod api_pledgors;
pub mod api_registration;
pub mod api_sales;
pub mod api_shares;
pub mod api_transfers;
pub mod api_valuations;
mod api_view;
mod cases;
pub mod commands;
pub mod court;
pub mod disposals;
pub mod error;
pub mod facility;
pub mod facility_commands;
pub mod lien_commands;
mod lien_parties;
pub mod lots;
pub mod notices;
pub mod payouts;
#[expect(clippy::module_inception, reason = "the noun of this capability bears its name")]
pub mod pledge;
pub mod pledgors;
pub mod queries;
pub mod ranks;
pub mod sales;
pub mod screenings;
pub mod shares;
mod store;
pub mod transfers;
pub mod valuations;

pub use error::PledgeRefusal;
pub use facility::{Facility, Part, PartState};
pub use pledge::{Lien, Pledge, PledgeState, Terms};
pub use store::COVERED;
