//! What anybody may see without signing in: announcements, results and trades, capacities, ratings, registered liens, refusals in
//! aggregate, statistics and the index (国办发〔2014〕38号: allocation, fees, trades, quality and total quantities are published).
//!
//! Every settled trade gets a publication, which is due within the working days of the rulebook (`publication_days`); the exchange
//! publishes it, and what is overdue stands on its list. What was published by mistake is withdrawn with a reason: the record stays,
//! without its content. Publication: due → published → withdrawn.
//!
//! A bank that looks at the trades of an enterprise under its consent ([`api_consented`]) learns of the other party what stands here.
//!
//! Nothing personal is shown: organisations by name, where the rulebook allows (`disclose_parties`), never a person.

pub mod api;
pub mod api_announcements;
pub mod api_auctions;
pub mod api_consented;
pub mod api_figures;
pub mod api_registers;
pub mod api_results;
pub mod clock;
pub mod commands;
pub mod error;
pub mod publication;
pub mod queries;
mod store;

pub use error::DisclosureRefusal;
pub use publication::{Publication, PublicationState};
pub use store::COVERED;
