//! Organisations, keyed by their unified social credit code.

use super::error::PartyRefusal;
use crate::access::{Role, Standing};
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, OrganisationId, UserId};

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
            ///
            /// Each kind has its administrator, who keeps the users and does no business.
            pub fn roles(self) -> &'static [Role] {
                match self { $(Self::$name => $roles,)* }
            }
        }
    };
}

kinds! {
    /// Runs the platform.
    Operator = "operator", &[Role::Operator, Role::OrganisationAdmin];
    /// Owns sites, trades, pledges.
    Enterprise = "enterprise", &[Role::EnterpriseTrader, Role::EnterpriseApprover, Role::OrganisationAdmin];
    /// Lends against rights.
    Bank = "bank", &[Role::PledgeeOfficer, Role::PledgeeApprover, Role::OrganisationAdmin];
    /// Guarantees loans and takes rights as counter-security.
    Guarantor = "guarantor", &[Role::PledgeeOfficer, Role::PledgeeApprover, Role::OrganisationAdmin];
    /// Ecology and environment bureau of a province, city or county.
    Bureau = "bureau", &[Role::BureauOfficer, Role::BureauHead, Role::LegalReviewer, Role::Auditor, Role::OrganisationAdmin];
    /// Runs the market (交易中心).
    Exchange = "exchange", &[Role::ExchangeOfficer, Role::ExchangeApprover, Role::OrganisationAdmin];
    /// Holds the government reserve (储备机构).
    Reserve = "reserve", &[Role::ReserveTrader, Role::ReserveApprover, Role::OrganisationAdmin];
    /// Holds the market's money (结算银行).
    SettlementBank = "settlement_bank", &[Role::SettlementOfficer, Role::SettlementHead, Role::OrganisationAdmin];
    /// Audits from outside.
    Auditor = "auditor", &[Role::Auditor, Role::OrganisationAdmin];
}

impl OrganisationKind {
    /// Whether such an organisation may apply for itself, and the bureau of its area answers for it. The others hold an office,
    /// and the operator founds them.
    pub fn may_apply(self) -> bool {
        matches!(self, Self::Enterprise | Self::Bank | Self::Guarantor)
    }
}

/// How an organisation stands. What applied for itself is verified or refused by the bureau of its area (交易主体资格审核); what the
/// operator founds is verified from the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrganisationState {
    /// It waits for the bureau.
    Applied,
    /// It takes part.
    Verified,
    /// The bureau did not accept it, for good; it may apply anew, as another organisation.
    Refused {
        /// Why, in the words of the bureau.
        reason: String,
    },
    /// It may do nothing new until it is reinstated.
    Suspended {
        /// Why.
        reason: String,
    },
}

impl OrganisationState {
    /// The same without its reason.
    pub fn standing(&self) -> Standing {
        match self {
            Self::Applied => Standing::Applied,
            Self::Verified => Standing::Verified,
            Self::Refused { .. } => Standing::Refused,
            Self::Suspended { .. } => Standing::Suspended,
        }
    }

    /// The reason, where there is one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Refused { reason } | Self::Suspended { reason } => Some(reason),
            Self::Applied | Self::Verified => None,
        }
    }

    /// Puts it together again from its word and its reason.
    pub fn parse(word: &str, reason: Option<String>) -> Option<Self> {
        match (Standing::parse(word)?, reason) {
            (Standing::Applied, None) => Some(Self::Applied),
            (Standing::Verified, None) => Some(Self::Verified),
            (Standing::Refused, Some(reason)) => Some(Self::Refused { reason }),
            (Standing::Suspended, Some(reason)) => Some(Self::Suspended { reason }),
            _ => None,
        }
    }
}

/// What is decided on an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ruling {
    /// It is who it says.
    Verify,
    /// It is not accepted.
    Refuse {
        /// Why.
        reason: String,
    },
    /// It is stopped.
    Suspend {
        /// Why.
        reason: String,
    },
    /// It takes part again.
    Reinstate,
}

impl Ruling {
    /// The word of the decision record.
    pub fn act(&self) -> &'static str {
        match self {
            Self::Verify | Self::Refuse { .. } => "organisation_verification",
            Self::Suspend { .. } => "organisation_suspension",
            Self::Reinstate => "organisation_reinstatement",
        }
    }
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
    /// How it stands.
    pub state: OrganisationState,
    /// Who applied for it; nobody when the operator founded it.
    pub applied_by: Option<UserId>,
    /// Counts from 1.
    pub version: i64,
    /// When it was registered.
    pub registered_at: Moment,
}

impl Organisation {
    /// Whether it may act.
    pub fn is_active(&self) -> bool {
        self.state == OrganisationState::Verified
    }

    /// Whether others may know of it: they do of whoever takes part or has taken part.
    pub fn is_known(&self) -> bool {
        matches!(self.standing(), Standing::Verified | Standing::Suspended)
    }

    /// How it stands.
    pub fn standing(&self) -> Standing {
        self.state.standing()
    }

    /// What a ruling makes of it.
    ///
    /// # Errors
    /// [`PartyRefusal::NotApplied`], [`PartyRefusal::NotVerified`], [`PartyRefusal::NotSuspended`].
    pub fn ruled(self, ruling: Ruling) -> Result<Self, PartyRefusal> {
        let state = match (ruling, &self.state) {
            (Ruling::Verify, OrganisationState::Applied) | (Ruling::Reinstate, OrganisationState::Suspended { .. }) => {
                OrganisationState::Verified
            }
            (Ruling::Refuse { reason }, OrganisationState::Applied) => OrganisationState::Refused { reason },
            (Ruling::Suspend { reason }, OrganisationState::Verified) => OrganisationState::Suspended { reason },
            (Ruling::Verify | Ruling::Refuse { .. }, _) => return Err(PartyRefusal::NotApplied {}),
            (Ruling::Suspend { .. }, _) => return Err(PartyRefusal::NotVerified {}),
            (Ruling::Reinstate, _) => return Err(PartyRefusal::NotSuspended {}),
        };
        Ok(Self { state, version: self.version + 1, ..self })
    }
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
    use proptest::prelude::*;

    #[test]
    fn a_credit_code_with_the_right_check_digit_is_accepted() {
        for code in ["91421222MA0000001F", "11421200MA0000900U", "91420100MA00009015"] {
            assert!(is_credit_code(code), "{code}");
        }
    }

    fn applicant() -> Organisation {
        Organisation {
            id: OrganisationId::fresh(),
            code: "91421222MA0000001F".to_owned(),
            name: "通城纸业".to_owned(),
            kind: OrganisationKind::Enterprise,
            area: AreaId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            sector: None,
            state: OrganisationState::Applied,
            applied_by: Some(UserId::fresh()),
            version: 1,
            registered_at: Moment::from_micros(0),
        }
    }

    fn every_ruling() -> [Ruling; 4] {
        let reason = "理由".to_owned();
        [Ruling::Verify, Ruling::Refuse { reason: reason.clone() }, Ruling::Suspend { reason }, Ruling::Reinstate]
    }

    #[test]
    fn an_applicant_is_verified_or_refused_and_a_refusal_is_for_good() {
        let [verify, refuse, suspend, reinstate] = every_ruling();
        let verified = applicant().ruled(verify).unwrap();
        assert_eq!((verified.standing(), verified.version), (Standing::Verified, 2));
        let refused = applicant().ruled(refuse).unwrap();
        assert_eq!(refused.state.reason(), Some("理由"));
        for ruling in every_ruling() {
            assert!(refused.clone().ruled(ruling).is_err());
        }
        assert_eq!(applicant().ruled(suspend).unwrap_err(), PartyRefusal::NotVerified {});
        assert_eq!(applicant().ruled(reinstate).unwrap_err(), PartyRefusal::NotSuspended {});
    }

    #[test]
    fn a_suspended_organisation_comes_back_only_by_its_reinstatement() {
        let [verify, refuse, suspend, reinstate] = every_ruling();
        let suspended = applicant().ruled(verify.clone()).unwrap().ruled(suspend.clone()).unwrap();
        assert_eq!(suspended.clone().ruled(verify).unwrap_err(), PartyRefusal::NotApplied {});
        assert_eq!(suspended.clone().ruled(refuse).unwrap_err(), PartyRefusal::NotApplied {});
        assert_eq!(suspended.clone().ruled(suspend).unwrap_err(), PartyRefusal::NotVerified {});
        assert!(suspended.ruled(reinstate).unwrap().is_active());
    }

    #[test]
    fn a_state_is_read_back_as_it_was_written() {
        let states = every_ruling().into_iter().filter_map(|ruling| applicant().ruled(ruling).ok());
        for state in states.map(|organisation| organisation.state).chain([OrganisationState::Applied]) {
            let read = OrganisationState::parse(state.standing().as_str(), state.reason().map(str::to_owned));
            assert_eq!(read, Some(state));
        }
        assert_eq!(OrganisationState::parse("suspended", None), None);
    }

    /// A code of seventeen letters of the alphabet and the check digit that follows from them.
    fn completed(body: &[usize]) -> String {
        let text = |check: u8| {
            body.iter().map(|value| char::from(LETTERS[*value])).chain([char::from(check)]).collect::<String>()
        };
        let fitting: Vec<String> =
            LETTERS.iter().map(|check| text(*check)).filter(|code| is_credit_code(code)).collect();
        assert_eq!(fitting.len(), 1, "exactly one check digit fits: {fitting:?}");
        fitting.into_iter().next().unwrap()
    }

    proptest! {
        #[test]
        fn every_body_has_one_check_digit_and_no_slip_of_one_letter_goes_unseen(
            body in proptest::collection::vec(0..31_usize, 17), at in 0..18_usize, by in 1..31_usize,
        ) {
            let mut code = completed(&body).into_bytes();
            let value = LETTERS.iter().position(|letter| *letter == code[at]).unwrap();
            code[at] = LETTERS[(value + by) % 31];
            prop_assert!(!is_credit_code(std::str::from_utf8(&code).unwrap()));
        }

        #[test]
        fn two_neighbours_that_change_places_are_seen(
            body in proptest::collection::vec(0..31_usize, 17), at in 0..17_usize,
        ) {
            let mut code = completed(&body).into_bytes();
            prop_assume!(code[at] != code[at + 1]);
            code.swap(at, at + 1);
            prop_assert!(!is_credit_code(std::str::from_utf8(&code).unwrap()));
        }

        #[test]
        fn no_text_makes_the_check_stumble(text in "\\PC{0,24}") {
            prop_assert!(!is_credit_code(&text) || text.len() == 18);
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
