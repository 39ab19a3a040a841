//! Auctions (竞价): lots of several sellers are bid for in one session, and the winners' bids become trades.
//!
//! planned (sellers propose their lots) → announced (grams held; bidders register, deposit held, and are qualified) → open →
//! final (a wait, then timed bidding with a soft close) or closed (sealed bids wait for both keys) → ranked → confirmed (each win
//! becomes a trade, the rest goes back) → settled when all trades are over; failed when fewer bid than the rules ask, cancelled
//! before the ranking. A lot ends for itself: each has its own soft close, and fails for itself. What a lien holds is put in by its pledgee, holds
//! nothing of its own, and is won as a disposal ([`pledged`]).
//!
//! Price before time, each pays its own bid (湖北省主要污染物排污权电子竞价交易规则(试行):价格优先、时间优先, at least two bidders); a
//! wait of four minutes before timed bidding (宁夏), ten seconds of soft close (哈尔滨), ten bids each and seven tenths of the bidders
//! winning in sealed rounds (义乌、武义) are rules that the rulebook or the session sets; what neither sets is off. The deposit is a share
//! of base price × quantity wanted (2017年度湖北省第五次主要污染物排污权转让公告). When bidding ends is computed from the rules and the
//! arrivals alone, so that every node finds the same; the clock only carries it out.

pub mod api;
pub mod api_bids;
pub mod api_live;
pub mod api_lot_view;
pub mod api_lots;
pub mod api_registrations;
pub mod api_views;
pub mod auction;
pub mod bid;
pub mod bidding;
pub mod clock;
pub mod commands;
pub mod ending;
pub mod error;
pub mod lot;
pub mod passing;
pub mod pledged;
pub mod queries;
pub mod ranking;
pub mod record;
pub mod registering;
pub mod rules;
pub mod sealed;
mod store;
pub mod timetable;
pub mod undoing;

pub use auction::{Auction, AuctionState, Format};
pub use error::AuctionRefusal;
pub use lot::{Lot, LotState, Registration, RegistrationState};
pub use store::COVERED;
