//! Taking over a legacy register with the real program: what it leaves in the books, what it refuses, and what becomes of an
//! import that is cut off.

mod faults;
pub(crate) mod files;
mod generator;
mod last_day;
mod lines;
mod resumed;
mod speed;
mod story;
mod told;
