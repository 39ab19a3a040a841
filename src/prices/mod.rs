//! Statistics of the market and its price index, derived from what was settled and from nothing else.
//!
//! Every settled trade leaves one row here, in the very work that settles it, with what its settlement journal moved; a trade whose
//! journal is reversed does not count any more. Figures are summed from smallest units on every read: volume, turnover, mean price by
//! volume, lowest and highest price, trades, buyers and sellers, by pollutant, area, mode and period. The index is base-weighted
//! (Laspeyres), exact until it is printed. How each is computed, with a worked example: docs/STATISTICS.md.
//!
//! The area of a trade is that of its buyer's site, where the right goes; it counts in every area above, too.

pub mod api;
pub mod api_index;
pub mod error;
pub mod fraction;
pub mod index;
pub mod queries;
pub mod settled;
pub mod statistics;
mod store;

pub use error::PriceRefusal;
pub use settled::{Settled, record};
