//! A payment and what becomes of it.

use super::trades::TradeOutcome;
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, PaymentId, TradeId, UserId};
use crate::treasury::TreasuryRefusal;
use accounting::Money;
use jiff::civil::Date;

/// What the bank tells of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incoming {
    /// Its own reference.
    pub bank_reference: String,
    /// Who paid, as the bank knows them.
    pub payer_name: String,
    /// From which account.
    pub payer_account: String,
    /// What the payer wrote (附言); may be empty.
    pub text: String,
    /// How much.
    pub amount: Money,
    /// The day it counts from, in Asia/Shanghai.
    pub value_date: Date,
}

impl Incoming {
    /// In which field another telling of the same payment differs; none when it says the same.
    pub fn differs_from(&self, other: &Self) -> Option<&'static str> {
        let fields = [
            ("payer_name", self.payer_name == other.payer_name),
            ("payer_account", self.payer_account == other.payer_account),
            ("text", self.text == other.text),
            ("amount", self.amount == other.amount),
            ("value_date", self.value_date == other.value_date),
        ];
        fields.into_iter().find(|(_, is_same)| !is_same).map(|(field, _)| field)
    }
}

accounting::words! {
    /// Why a payment could not be matched.
    Cause {
        /// The text names nobody.
        NoEvidence = "no_evidence",
        /// The text names more than one.
        Conflicting = "conflicting",
        /// Whom it names takes no part now.
        NotActive = "not_active",
        /// Whom it names is of a kind that holds no money here.
        NoMoneyAccount = "no_money_account",
    }
}

/// A decision of a person on a payment in suspense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// Why.
    pub reason: String,
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// What became of the trade that a payment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TowardsTrade {
    /// Which trade; none when the text names several.
    pub trade: Option<TradeId>,
    /// What became of it.
    pub outcome: TradeOutcome,
    /// How much of the payment went there.
    pub paid: Money,
    /// Codes of the rules that stood against it.
    pub refusals: Vec<String>,
}

/// How far a payment has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaymentState {
    /// In suspense.
    Unmatched {
        /// Why.
        cause: Cause,
    },
    /// In suspense again: a person had matched it, and that was undone.
    Undone {
        /// Who undid it, and why.
        ruling: Ruling,
    },
    /// An organisation's.
    Matched {
        /// Whose.
        organisation: OrganisationId,
        /// What became of the trade that it names.
        towards: Option<TowardsTrade>,
        /// Who decided it where the text did not.
        by_hand: Option<Ruling>,
    },
    /// Gone back to the payer.
    Returned {
        /// The bank's reference of the return.
        bank_reference: String,
        /// Who decided it.
        ruling: Ruling,
    },
}

impl PaymentState {
    /// The word of the cause of a payment that is in suspense again.
    pub const MATCH_UNDONE: &'static str = "match_undone";

    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["unmatched", "matched", "returned"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Unmatched { .. } | Self::Undone { .. } => "unmatched",
            Self::Matched { .. } => "matched",
            Self::Returned { .. } => "returned",
        }
    }
}

/// A payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its identity.
    pub id: PaymentId,
    /// At which settlement bank.
    pub bank: OrganisationId,
    /// What the bank told.
    pub told: Incoming,
    /// What became of it.
    pub state: PaymentState,
    /// Who told it.
    pub received_by: UserId,
    /// When.
    pub received_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl Payment {
    /// A person finds whose it is.
    ///
    /// # Errors
    /// [`TreasuryRefusal::PaymentDecided`].
    pub fn matched(self, organisation: OrganisationId, ruling: Ruling) -> Result<Self, TreasuryRefusal> {
        self.expect_unmatched()?;
        let state = PaymentState::Matched { organisation, towards: None, by_hand: Some(ruling) };
        Ok(Self { state, version: self.version + 1, ..self })
    }

    /// The match that a person made is undone. Tells whose it was.
    ///
    /// # Errors
    /// [`TreasuryRefusal::NotMatchedByHand`].
    pub fn unmatched(self, ruling: Ruling) -> Result<(Self, OrganisationId), TreasuryRefusal> {
        match self.state {
            PaymentState::Matched { organisation, by_hand: Some(_), .. } => {
                let state = PaymentState::Undone { ruling };
                Ok((Self { state, version: self.version + 1, ..self }, organisation))
            }
            other => Err(TreasuryRefusal::NotMatchedByHand { state: other.as_str().to_owned() }),
        }
    }

    /// It goes back.
    ///
    /// # Errors
    /// [`TreasuryRefusal::PaymentDecided`].
    pub fn returned(self, bank_reference: String, ruling: Ruling) -> Result<Self, TreasuryRefusal> {
        self.expect_unmatched()?;
        let state = PaymentState::Returned { bank_reference, ruling };
        Ok(Self { state, version: self.version + 1, ..self })
    }

    fn expect_unmatched(&self) -> Result<(), TreasuryRefusal> {
        match &self.state {
            PaymentState::Unmatched { .. } | PaymentState::Undone { .. } => Ok(()),
            decided => Err(TreasuryRefusal::PaymentDecided { state: decided.as_str().to_owned() }),
        }
    }

    /// What of it went to a trade.
    pub fn towards_trade(&self) -> Money {
        match &self.state {
            PaymentState::Matched { towards: Some(towards), .. } => towards.paid,
            _ => Money::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn unmatched() -> Payment {
        Payment {
            id: PaymentId::fresh(),
            bank: OrganisationId::fresh(),
            told: Incoming {
                bank_reference: "XN1".to_owned(),
                payer_name: "临江纸业".to_owned(),
                payer_account: "6222".to_owned(),
                text: String::new(),
                amount: Money::try_new(100).unwrap(),
                value_date: date(2022, 12, 1),
            },
            state: PaymentState::Unmatched { cause: Cause::NoEvidence },
            received_by: UserId::fresh(),
            received_at: Moment::from_micros(0),
            version: 1,
        }
    }

    fn ruling() -> Ruling {
        Ruling { reason: "电话确认".to_owned(), by: UserId::fresh(), at: Moment::from_micros(1) }
    }

    #[test]
    fn a_payment_leaves_suspense_once() {
        let matched = unmatched().matched(OrganisationId::fresh(), ruling()).unwrap();
        let returned = unmatched().returned("XN2".to_owned(), ruling()).unwrap();
        assert_eq!((matched.state.as_str(), matched.version), ("matched", 2));
        assert_eq!((returned.state.as_str(), returned.version), ("returned", 2));
        for decided in [matched, returned] {
            let refused = TreasuryRefusal::PaymentDecided { state: decided.state.as_str().to_owned() };
            assert_eq!(decided.clone().matched(OrganisationId::fresh(), ruling()), Err(refused.clone()));
            assert_eq!(decided.returned("XN3".to_owned(), ruling()), Err(refused));
        }
    }

    #[test]
    fn only_a_match_by_hand_is_undone_once_and_the_payment_waits_again() {
        let mill = OrganisationId::fresh();
        let (undone, whose) = unmatched().matched(mill, ruling()).unwrap().unmatched(ruling()).unwrap();
        assert_eq!((undone.state.as_str(), undone.version, whose), ("unmatched", 3, mill));
        let refused = |state: &str| Err(TreasuryRefusal::NotMatchedByHand { state: state.to_owned() });
        assert_eq!(undone.clone().unmatched(ruling()), refused("unmatched"));
        let state = PaymentState::Matched { organisation: mill, towards: None, by_hand: None };
        assert_eq!(Payment { state, ..unmatched() }.unmatched(ruling()), refused("matched"), "its text said so");
        let returned = undone.clone().returned("XN2".to_owned(), ruling()).unwrap();
        assert_eq!((returned.state.as_str(), returned.version), ("returned", 4));
        assert_eq!(returned.unmatched(ruling()), refused("returned"));
        assert_eq!(undone.matched(mill, ruling()).unwrap().version, 4);
    }

    #[test]
    fn a_payment_told_twice_is_compared_field_by_field() {
        let told = unmatched().told;
        assert_eq!(told.differs_from(&told.clone()), None);
        let other = Incoming { amount: Money::try_new(101).unwrap(), ..told.clone() };
        assert_eq!(told.differs_from(&other), Some("amount"));
        let other = Incoming { text: "x".to_owned(), ..told.clone() };
        assert_eq!(told.differs_from(&other), Some("text"));
    }
}
