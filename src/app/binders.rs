//! Who binds rights, for whoever ends them, and who takes money that comes in: the one place where the houses above are named to those
//! below.

use crate::encumbrance::Binders;
use crate::treasury::payments::Trades;
use crate::{market, pledge};

/// Everybody who commits rights, and everybody who keeps liens on them.
pub const BINDERS: Binders = Binders {
    commitments: &[&market::undoing::OpenBusiness, &market::auctions::undoing::OpenLots],
    liens: &[&pledge::notices::Register],
};

/// The trades that money at the settlement bank may be for.
pub const TRADES: Trades = Trades(&market::dues::Dues);
