//! The order in which proceeds are paid out (变价款清偿顺序): costs, then the secured claims by rank, then whoever had pledged (民法典第三百八十九条,
//! 第四百一十四条, 第四百三十八条).

use crate::money::Money;

/// What becomes of proceeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// What each claim is paid, in the order of the claims.
    pub paid: Vec<Money>,
    /// What is left when all of them are paid in full.
    pub surplus: Money,
}

/// Pays each claim in full before the next, as far as the proceeds go: they are given out to the fen, and no share is below zero. What a
/// claim is not paid is still owed.
pub fn waterfall(proceeds: Money, owed: &[Money]) -> Distribution {
    let mut surplus = proceeds;
    let mut paid = Vec::with_capacity(owed.len());
    for owed in owed {
        let share = surplus.min(*owed);
        // A share is no more than what is left.
        surplus = surplus.checked_sub(share).unwrap_or_default();
        paid.push(share);
    }
    Distribution { paid, surplus }
}
