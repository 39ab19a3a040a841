//! The book, exported by the real program and added up again by programs that we did not write; and rows for a spreadsheet.

mod archive;
mod assertions;
mod falsified;
pub(crate) mod flat;
pub(crate) mod programs;
mod rows;
mod story;
