//! Facts that the checks read: the environmental credit rating (环境信用评价) of enterprises per quarter and of parks per year, incidents
//! (事故、偷排、超证排放、重大违法), and usage fees that are owed or settled. Each is dated, names its source and who recorded it, and is
//! a journal without postings. The bureau in charge records; other capabilities record what they found in the same way.
//!
//! A fact may be told of a day that is over, and counts for what is judged from when it is recorded: what was granted, sold or pledged before stays
//! as it was judged. A term of exclusion runs from the day on which it happened, not from when it was told.
//!
//! A fact is never changed: it is *corrected* by a new one that names it, or annuls it. A fact stands until it is corrected; what is judged
//! is what stands. The levels of ratings are data: Hubei's papers of 2017 and 2019 differ, so the rulebook says which there are
//! (`credit_levels`) and which of them exclude.

pub mod api;
pub mod commands;
pub mod error;
pub mod fact;
pub mod queries;
pub(super) mod store;

pub use error::FactRefusal;
pub use fact::{About, Content, Covered, Fact, FactKind, Facts, Period, Settled};
