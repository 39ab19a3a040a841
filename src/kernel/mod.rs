//! What every room of the house shares and that knows no database and no web: typed ids, the two clocks, the working-day
//! calendar, pages, events, and how a refusal is named.

pub mod calendar;
pub mod clock;
pub mod event;
pub mod ids;
pub mod page;
pub mod progress;
pub mod refusal;

pub use clock::{Clock, Moment};
pub use progress::Progress;
pub use refusal::{Check, Failure, Kind, Refusal, Violation};
