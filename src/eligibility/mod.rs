//! The checks of trade and pledge, judged all at once: a refusal lists every broken rule. The judging is pure; the facts
//! are loaded in sets, and the balances they need are read by the caller under its locks.

pub mod exclusions;
pub mod facts;
pub mod pledge;
pub mod trade;

pub use pledge::{BrokenRule, FacilityFact, FurtherCase, Part, PledgeCase, PledgeCheck, RightCase, Seniors};
pub use trade::{Boundary, Headroom, Lift, Lifted, ProjectFact, TradeCase, TradeRefusal};
