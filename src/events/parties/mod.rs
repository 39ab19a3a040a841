//! Whom a journal concerns: the organisations whose accounts it touches, and the parties of the thing that it is about.

pub(super) mod queries;

use std::collections::BTreeSet;
use uuid::Uuid;

/// The place of a journal and the organisation that is told of it, in this order.
pub type Telling = BTreeSet<(i64, Uuid)>;

pub use queries::of_journals;
