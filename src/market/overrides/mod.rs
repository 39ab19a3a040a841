//! Overrides by the province (省级特批): for one seller's site, one buyer's site and one right class, and up to a quantity and a last day, the
//! province lifts the boundary that the rights may not pass otherwise, the city for air and the basin for water (湖北环境资源交易中心常见问题
//! 12(b)), and no other rule.
//!
//! requested by a bureau of either area, with a reason and evidence → approved | refused by the province through four eyes | withdrawn by
//! the bureau; approved → revoked by the province | lapsed after its last day. One of a pair and class is open at a time. It is judged
//! under its lock wherever a trade is judged. A trade takes of its quantity when it is matched and uses that up when it settles; a trade
//! that ends before that gives it back. What trades have taken is summed from them, so nothing is counted twice. When an override
//! ends, the trades that rest on it and are not settled are called off, and everything that they held goes back, the deposit too.
//!
//! Rights are of a zone. What passes the boundary arrives as rights of the buyer's own zone, gram for gram, in the journal of the
//! settlement; the capacity of the areas moves as in any trade between areas.

pub mod acts;
pub mod api;
mod api_view;
pub mod commands;
pub mod error;
pub mod lifting;
pub mod queries;
pub(super) mod store;
mod trade_override;

pub use error::OverrideRefusal;
pub use trade_override::{Grant, OverrideState, TradeOverride, Word};
