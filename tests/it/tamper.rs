//! Somebody has been at the tables. Every table and every column that the database has is read from its catalogue; whoever
//! changes, deletes or inserts a row of any of them past the program is found, and the table and the row are named.

mod attack;
pub(crate) mod catalogue;
mod history;
mod holds;
mod program;
mod register;
pub(crate) mod story;
mod trials;
mod truncated;
