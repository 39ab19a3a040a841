//! Who binds rights, for whoever ends them: the one place where the houses above are named to those below.

use crate::encumbrance::Binders;
use crate::{market, pledge};

/// Everybody who commits rights, and everybody who keeps liens on them.
pub const BINDERS: Binders = Binders {
    commitments: &[&market::undoing::OpenBusiness, &market::auctions::undoing::OpenLots],
    liens: &[&pledge::notices::Register],
};
