//! Organisations, keyed by their unified social credit code.

use crate::access::Role;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, OrganisationId};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $roles:expr;)*) => {
        /// What an organisation is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum OrganisationKind { $($(#[$doc])* $name,)* }

        impl OrganisationKind {
            /// Every word there is.
            pub const WORDS: &'static [&'static str] = &[$($word,)*];

            /// The word the database and the API use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads the word back.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$name),)* _ => None }
            }

            /// The roles that its users may have. Staff of bureau, exchange and reserve can hold no enterprise role, so
            /// that nobody trades who decides on trades (碳排放权交易管理暂行条例: officials and exchange staff may not trade).
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => $roles,)* }
            }
        }
    };
}

kinds! {
    /// Runs the platform.
    Operator = "operator", &[Role::Operator];
    /// Owns sites, trades, pledges.
    Enterprise = "enterprise", &[Role::EnterpriseTrader];
    /// Lends against rights.
    Bank = "bank", &[Role::PledgeeOfficer];
    /// Guarantees loans and takes rights as counter-security.
    Guarantor = "guarantor", &[Role::PledgeeOfficer];
    /// Ecology and environment bureau of a province, city or county.
    Bureau = "bureau", &[Role::BureauOfficer, Role::BureauHead, Role::Auditor];
    /// Runs the market (交易中心).
    Exchange = "exchange", &[Role::ExchangeOfficer];
    /// Holds the government reserve (储备机构).
    Reserve = "reserve", &[Role::ReserveTrader];
    /// Holds the market's money (结算银行).
    SettlementBank = "settlement_bank", &[Role::SettlementOfficer, Role::SettlementHead];
    /// Audits from outside.
    Auditor = "auditor", &[Role::Auditor];
}

/// An organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    /// Its identity.
    pub id: OrganisationId,
    /// Unified social credit code.
    pub code: String,
    /// Name as registered.
    pub name: String,
    /// What it is.
    pub kind: OrganisationKind,
    /// The area it sits in.
    pub area: AreaId,
    /// Path of that area.
    pub area_path: String,
    /// Industry, where known.
    pub sector: Option<String>,
    /// Whether it may act.
    pub is_active: bool,
    /// Counts from 1.
    pub version: i64,
    /// When it was registered.
    pub registered_at: Moment,
}

/// The letters of GB 32100: digits and capitals without I, O, S, V, Z.
const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Whether a unified social credit code has 18 letters of its alphabet and the right check digit (GB 32100-2015).
pub fn is_credit_code(code: &str) -> bool {
    let values: Option<Vec<usize>> =
        code.bytes().map(|byte| LETTERS.iter().position(|letter| *letter == byte)).collect();
    let Some(values) = values.filter(|values| values.len() == 18) else {
        return false;
    };
    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    values[17] == (31 - sum % 31) % 31
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credit_code_with_the_right_check_digit_is_accepted() {
        for code in ["91421222MA0000001F", "11421200MA0000900U", "91420100MA00009015"] {
            assert!(is_credit_code(code), "{code}");
        }
    }

    #[test]
    fn a_credit_code_with_any_one_letter_changed_is_refused() {
        let code = "91421222MA0000001F";
        for at in 0..code.len() {
            let mut letters = code.as_bytes().to_vec();
            letters[at] = if letters[at] == b'2' { b'3' } else { b'2' };
            assert!(!is_credit_code(std::str::from_utf8(&letters).unwrap()), "letter {at}");
        }
        assert!(!is_credit_code("91421222MA0000001"));
        assert!(!is_credit_code("91421222ma0000001f"));
        assert!(!is_credit_code("91421222MA000000IF"));
    }
}
