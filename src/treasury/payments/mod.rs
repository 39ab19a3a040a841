//! Payments as the settlement bank sees them (来款): matched by explicit evidence only, or kept in suspense until a person decides.
//!
//! Evidence is what the text of the remittance (附言) says: the payment code of an organisation, its unified social credit code, or the
//! payment reference of a trade. What names one organisation goes from outside to its free money; what names nobody, or several,
//! goes to suspense, and is matched by hand or returned. A payment that names an approved trade of that buyer pays it, up to what is
//! left; whatever the trade does not take stays the buyer's free money, and the answer says why.
//!
//! unmatched → matched | returned; most are matched at once. What a person matched by mistake goes back to unmatched, as long as the money is
//! still free. A reference of the bank is booked once, whatever it is of.

pub mod api;
pub mod api_acts;
pub mod api_codes;
pub mod api_undoing;
pub mod commands;
pub mod evidence;
pub mod payment;
pub mod queries;
pub(super) mod store;
pub mod trades;
pub mod undoing;

pub use evidence::{is_payment_reference, reference_of};
pub use payment::{Cause, Incoming, Payment, PaymentState};
pub use trades::{NamedTrade, PayableTrades, Standing, TradeOutcome, TradePart, Trades};
