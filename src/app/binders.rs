//! Who binds rights, for whoever ends them, who takes money that comes in, and who lays something open to objections: the one place where the houses above are named to those
//! below.

use crate::db::day::DayTurn;
use crate::encumbrance::Binders;
use crate::market::auctions::pledged::PledgedLots;
use crate::objections::Publicity;
use crate::rulebook::Registered;
use crate::treasury::payments::Trades;
use crate::{freeze, market, parties, pledge, quota};

/// Everybody who commits rights, and everybody who keeps liens on them.
pub const BINDERS: Binders = Binders {
    commitments: &[&market::undoing::OpenBusiness, &market::auctions::undoing::OpenLots],
    liens: &[&pledge::notices::Register],
    lines: &[&freeze::line::Freezes, &pledge::ranks::line::Juniors],
};

/// The trades that money at the settlement bank may be for.
pub const TRADES: Trades = Trades(&market::dues::Dues);

/// The pledges of what pledgees put into auctions.
pub const PLEDGED_LOTS: &dyn PledgedLots = &pledge::lots::commands::Lots;

/// The caps whose day has come.
pub const DAY_TURN: &dyn DayTurn = &quota::changes::commands::DueCaps;

/// What is registered, for the rules that name it.
pub const REGISTERED: Registered = Registered(&parties::places::Places);

/// Whatever is laid open to objections.
pub const PUBLICITY: Publicity = Publicity(&[&quota::publicity::Grants, &market::publicity::OpenTrades]);
