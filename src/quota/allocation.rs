//! A grant of rights to a site.

use super::batches::{BatchPlace, BatchState, Ruling};
use super::error::QuotaRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{AllocationId, OrganisationId, ProjectId, RightClassId, RulebookId, SiteId, UserId};
use accounting::{Money, Quantity, Ratio};
use jiff::civil::Date;

/// A grant and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allocation {
    /// Its identity.
    pub id: AllocationId,
    /// To which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which class.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// The project that it is for, with how much must be granted for what is built.
    pub project: Option<ForProject>,
    /// Number of the document that grants it.
    pub document: String,
    /// Who proposed it.
    pub proposed_by: UserId,
    /// When.
    pub proposed_at: Moment,
    /// How far it has come.
    pub state: AllocationState,
    /// The last day of its publicity, for ever, once it was laid open.
    pub laid_open_until: Option<Date>,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Where it stands in the batch that it was proposed in.
    pub batch: Option<BatchPlace>,
    /// Its usage fee, once it is confirmed and where the rules ask for one.
    pub fee: Option<UsageFee>,
    /// Counts from 1.
    pub version: i64,
}

/// The project that a grant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ForProject {
    /// Which.
    pub project: ProjectId,
    /// Its replacement ratio as it stood when the grant was proposed; none where no ratio applied.
    pub ratio: Option<Ratio>,
}

/// How far a grant has come. A grant of a batch has come as far as its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllocationState {
    /// Waits for a second person, and before that for the end of its publicity where the rules ask for one.
    Proposed {
        /// The last day on which anybody may object, once it is laid open.
        publicised_until: Option<Date>,
    },
    /// A second person has confirmed it; the headroom is held until its usage fee is paid.
    Confirmed(Ruling),
    /// The rights are in the site's account.
    Active(Ruling),
    /// Turned down.
    Rejected(Ruling),
    /// Its proposer took it back.
    Withdrawn,
}

/// The usage fee (有偿使用费) of a paid right, and how much of it is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsageFee {
    /// The whole, agreed when the grant is confirmed.
    pub total: Money,
    /// Paid so far.
    pub paid: Money,
    /// In how many parts it may be paid.
    pub instalments: u32,
}

impl UsageFee {
    /// What is left to pay.
    pub fn left(&self) -> Money {
        self.total.checked_sub(self.paid).unwrap_or_default()
    }

    /// The least that may be paid now: an equal part, rounded up to the fen, or what is left.
    pub fn least(&self) -> Money {
        let parts = i64::from(self.instalments.max(1));
        let part = self.total.fen() / parts + i64::from(self.total.fen() % parts != 0);
        Money::try_new(part.min(self.left().fen())).unwrap_or_default()
    }

    /// A payment towards it; what is left when none is named.
    ///
    /// # Errors
    /// [`QuotaRefusal::FeeTooLittle`], [`QuotaRefusal::FeeTooMuch`].
    pub fn pay(self, amount: Option<Money>) -> Result<(Self, Money), QuotaRefusal> {
        let amount = amount.unwrap_or_else(|| self.left());
        if amount.fen() < self.least().fen() {
            return Err(QuotaRefusal::FeeTooLittle { least: self.least().print() });
        }
        let too_much = || QuotaRefusal::FeeTooMuch { left: self.left().print() };
        let paid = self.paid.checked_add(amount).filter(|paid| paid.fen() <= self.total.fen()).ok_or_else(too_much)?;
        Ok((Self { paid, ..self }, amount))
    }
}

impl AllocationState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] =
        &["proposed", "publicised", "confirmed", "active", "rejected", "withdrawn"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed { publicised_until: None } => "proposed",
            Self::Proposed { publicised_until: Some(_) } => "publicised",
            Self::Confirmed(_) => "confirmed",
            Self::Active(_) => "active",
            Self::Rejected(_) => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Who decided, once somebody has.
    pub fn ruling(&self) -> Option<&Ruling> {
        match self {
            Self::Proposed { .. } | Self::Withdrawn => None,
            Self::Confirmed(ruling) | Self::Active(ruling) | Self::Rejected(ruling) => Some(ruling),
        }
    }
}

impl From<BatchState> for AllocationState {
    fn from(state: BatchState) -> Self {
        match state {
            BatchState::Proposed { publicised_until } => Self::Proposed { publicised_until },
            BatchState::Active(ruling) => Self::Active(ruling),
            BatchState::Rejected(ruling) => Self::Rejected(ruling),
        }
    }
}

impl Allocation {
    /// Grams that its project's replacement ratio retires when the rights come into being, rounded up.
    pub fn excess(&self) -> i64 {
        self.project.and_then(|project| project.ratio).map_or(0, |ratio| ratio.excess_of(self.quantity))
    }

    /// The last day on which anybody may object, while it is laid open.
    pub fn publicised_until(&self) -> Option<Date> {
        match self.state {
            AllocationState::Proposed { publicised_until } => publicised_until,
            _ => None,
        }
    }

    /// It is laid open to objections until the end of a day.
    ///
    /// # Errors
    /// [`QuotaRefusal::AlreadyDecided`], [`QuotaRefusal::InBatch`].
    pub fn publicise(self, until: Date) -> Result<Self, QuotaRefusal> {
        match self.state {
            AllocationState::Proposed { publicised_until: None } => {
                let open = AllocationState::Proposed { publicised_until: Some(until) };
                Self { laid_open_until: Some(until), ..self }.turned(open)
            }
            _ => Err(self.over()),
        }
    }

    /// A second person confirms it: it takes effect, or waits for its usage fee where there is one.
    ///
    /// # Errors
    /// [`QuotaRefusal::AlreadyDecided`], [`QuotaRefusal::PublicityRunning`], [`QuotaRefusal::InBatch`].
    pub fn confirm(self, ruling: Ruling, fee: Option<UsageFee>) -> Result<Self, QuotaRefusal> {
        let AllocationState::Proposed { publicised_until } = self.state else { return Err(self.over()) };
        expect_publicised(publicised_until, ruling.at.day())?;
        match fee {
            Some(_) => Self { fee, ..self }.turned(AllocationState::Confirmed(ruling)),
            None => self.turned(AllocationState::Active(ruling)),
        }
    }

    /// It is turned down, or given up because its fee did not come whole. Tells what was paid of the fee and goes back.
    ///
    /// # Errors
    /// [`QuotaRefusal::AlreadyDecided`], [`QuotaRefusal::InBatch`].
    pub fn reject(self, ruling: Ruling) -> Result<(Self, Money), QuotaRefusal> {
        let (AllocationState::Proposed { .. } | AllocationState::Confirmed(_)) = self.state else {
            return Err(self.over());
        };
        let back = self.fee.map(|fee| fee.paid).unwrap_or_default();
        let fee = self.fee.map(|fee| UsageFee { paid: Money::default(), ..fee });
        Ok((Self { fee, ..self }.turned(AllocationState::Rejected(ruling))?, back))
    }

    /// Its proposer takes it back before anybody decided.
    ///
    /// # Errors
    /// [`QuotaRefusal::AlreadyDecided`], [`QuotaRefusal::InBatch`].
    pub fn withdraw(self) -> Result<Self, QuotaRefusal> {
        match self.state {
            AllocationState::Proposed { .. } => self.turned(AllocationState::Withdrawn),
            _ => Err(self.over()),
        }
    }

    /// A payment towards its usage fee; with the last of it the rights come into being. Tells the amount too.
    ///
    /// # Errors
    /// [`QuotaRefusal::NoFeeDue`], [`QuotaRefusal::FeeTooLittle`], [`QuotaRefusal::FeeTooMuch`].
    pub fn pay(self, amount: Option<Money>) -> Result<(Self, Money), QuotaRefusal> {
        let (AllocationState::Confirmed(ruling), Some(fee)) = (&self.state, self.fee) else {
            return Err(QuotaRefusal::NoFeeDue { state: self.state.as_str().to_owned() });
        };
        let (fee, amount) = fee.pay(amount)?;
        let ruling = ruling.clone();
        let state =
            if fee.left().is_zero() { AllocationState::Active(ruling) } else { AllocationState::Confirmed(ruling) };
        Ok((Self { fee: Some(fee), ..self }.turned(state)?, amount))
    }

    fn turned(self, state: AllocationState) -> Result<Self, QuotaRefusal> {
        match self.batch {
            Some(BatchPlace { batch, .. }) => Err(QuotaRefusal::InBatch { batch: batch.to_string() }),
            None => Ok(Self { state, version: self.version + 1, ..self }),
        }
    }

    fn over(&self) -> QuotaRefusal {
        match self.batch {
            Some(BatchPlace { batch, .. }) => QuotaRefusal::InBatch { batch: batch.to_string() },
            None => QuotaRefusal::AlreadyDecided { state: self.state.as_str().to_owned() },
        }
    }
}

/// Whether the publicity is over, where there was one: its last day counts.
///
/// # Errors
/// [`QuotaRefusal::PublicityRunning`].
pub fn expect_publicised(until: Option<Date>, today: Date) -> Result<(), QuotaRefusal> {
    match until {
        Some(until) if today <= until => Err(QuotaRefusal::PublicityRunning { until: until.to_string() }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn proposed() -> Allocation {
        Allocation {
            id: AllocationId::fresh(),
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            right_class: RightClassId::fresh(),
            quantity: Quantity::try_new(1_000).unwrap(),
            project: None,
            document: "核定2022-001".to_owned(),
            proposed_by: UserId::fresh(),
            proposed_at: Moment::from_micros(0),
            state: AllocationState::Proposed { publicised_until: None },
            laid_open_until: None,
            rulebook: RulebookId::fresh(),
            batch: None,
            fee: None,
            version: 1,
        }
    }

    fn ruling() -> Ruling {
        Ruling { by: UserId::fresh(), at: Moment::parse("2022-12-05T09:00:00+08:00").unwrap(), reason: None }
    }

    fn fee(total: i64, instalments: u32) -> UsageFee {
        UsageFee { total: Money::try_new(total).unwrap(), paid: Money::default(), instalments }
    }

    #[test]
    fn only_a_grant_for_a_project_is_replaced() {
        let for_project = |ratio: Option<&str>| {
            let ratio = ratio.map(|text| Ratio::parse(text).unwrap());
            Allocation { project: Some(ForProject { project: ProjectId::fresh(), ratio }), ..proposed() }.excess()
        };
        assert_eq!((proposed().excess(), for_project(None), for_project(Some("1:1"))), (0, 0, 0));
        assert_eq!((for_project(Some("1.2:1")), for_project(Some("2:1"))), (167, 500));
    }

    #[test]
    fn a_grant_goes_its_way_and_no_other() {
        let confirmed = proposed().confirm(ruling(), Some(fee(100, 1))).unwrap();
        let open = proposed().publicise("2022-12-02".parse().unwrap()).unwrap();
        let active = open.clone().confirm(ruling(), None).unwrap();
        assert_eq!((active.state.as_str(), active.version), ("active", 3));
        let over =
            |allocation: &Allocation| QuotaRefusal::AlreadyDecided { state: allocation.state.as_str().to_owned() };
        let ended = [active, proposed().reject(ruling()).unwrap().0, open.withdraw().unwrap()];
        assert!(ended.iter().step_by(2).all(|ended| ended.laid_open_until.is_some()), "that it was laid open stays");
        for ended in ended.iter().chain([&confirmed]) {
            assert_eq!(ended.clone().confirm(ruling(), None), Err(over(ended)));
            assert_eq!(ended.clone().withdraw(), Err(over(ended)));
            assert_eq!(ended.clone().publicise("2022-12-02".parse().unwrap()), Err(over(ended)));
        }
        for ended in &ended {
            assert_eq!(ended.clone().reject(ruling()), Err(over(ended)));
            let none = QuotaRefusal::NoFeeDue { state: ended.state.as_str().to_owned() };
            assert_eq!(ended.clone().pay(None), Err(none));
        }
        assert_eq!(confirmed.clone().reject(ruling()).unwrap().0.state.as_str(), "rejected");
        assert_eq!(confirmed.pay(None).unwrap().0.state.as_str(), "active");
    }

    #[test]
    fn nothing_is_confirmed_on_the_last_day_of_its_publicity() {
        let until = |day: &str| proposed().publicise(day.parse().unwrap()).unwrap();
        let running = QuotaRefusal::PublicityRunning { until: "2022-12-05".to_owned() };
        assert_eq!(until("2022-12-05").confirm(ruling(), None), Err(running));
        assert!(until("2022-12-04").confirm(ruling(), None).is_ok());
    }

    #[test]
    fn what_is_paid_in_part_goes_back_when_the_grant_is_given_up() {
        let half = proposed().confirm(ruling(), Some(fee(101, 2))).unwrap();
        let little = QuotaRefusal::FeeTooLittle { least: "0.51".to_owned() };
        assert_eq!(half.clone().pay(Some(Money::try_new(50).unwrap())), Err(little));
        let (half, _) = half.pay(Some(Money::try_new(51).unwrap())).unwrap();
        let (rejected, back) = half.clone().reject(ruling()).unwrap();
        assert_eq!((rejected.state.as_str(), back.fen()), ("rejected", 51));
        assert!(rejected.fee.unwrap().paid.is_zero());
        let much = QuotaRefusal::FeeTooMuch { left: "0.50".to_owned() };
        assert_eq!(half.pay(Some(Money::try_new(51).unwrap())), Err(much));
    }

    proptest! {
        #[test]
        fn equal_parts_always_add_up_to_the_fee_in_no_more_than_the_parts_allowed(
            total in 1_i64..1_000_000_000_000,
            instalments in 1_u32..100,
        ) {
            let (mut fee, mut parts) = (fee(total, instalments), 0);
            while !fee.left().is_zero() {
                let (paid, amount) = fee.pay(Some(fee.least())).unwrap();
                prop_assert!(!amount.is_zero());
                (fee, parts) = (paid, parts + 1);
            }
            prop_assert_eq!(fee.paid, fee.total);
            prop_assert!(parts <= instalments);
        }
    }
}
