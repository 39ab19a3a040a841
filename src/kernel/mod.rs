//! What every room of the house shares and that knows no database and no web: typed ids, the two clocks, the working-day
//! calendar, pages, events, how a refusal is named, and files that are whole or not there.

pub mod calendar;
pub mod chinese;
pub mod clock;
pub mod cycle;
pub mod event;
pub mod ids;
pub mod page;
pub mod progress;
pub mod refusal;
pub mod whole_file;

pub use clock::{Clock, Moment};
pub use progress::Progress;
pub use refusal::{Check, Failure, Kind, Refusal, Violation};
pub use whole_file::WholeFile;
