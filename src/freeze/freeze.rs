//! A freeze.

use super::error::FreezeRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{FreezeId, OrganisationId, RightClassId, SiteId, UserId};
use accounting::{Holding, Price, Quantity};
use jiff::civil::Date;

accounting::words! {
    /// Why a freeze was lifted.
    LiftCause {
        /// By order of the court.
        Order = "order",
        /// Its last day has passed, and no order prolonged it.
        TermOver = "term_over",
        /// The validity of the rights is over.
        RightsExpired = "rights_expired",
    }
}

/// How a freeze ended without a sale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifting {
    /// Why.
    pub cause: LiftCause,
    /// Number of the document that orders it; none when time has ended it.
    pub document: Option<String>,
    /// When, in business time.
    pub at: Moment,
}

/// How what was frozen was sold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Number of the document that orders it.
    pub document: String,
    /// Who gets the rights.
    pub buyer: SiteId,
    /// The buyer's organisation.
    pub buyer_organisation: OrganisationId,
    /// The price of a unit over the whole validity; the money goes through the court.
    pub unit_price: Price,
    /// Codes of the checks that stood against it, and that the court has overruled.
    pub warnings: Vec<String>,
    /// When, in business time.
    pub at: Moment,
}

/// How far a freeze has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FreezeState {
    /// It waits in line for what others hold, and holds what was free.
    Waiting,
    /// It holds all that was ordered.
    InForce,
    /// It holds nothing any more.
    Lifted(Lifting),
    /// What it held was sold.
    Executed(Execution),
}

impl FreezeState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["waiting", "in_force", "lifted", "executed"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::InForce => "in_force",
            Self::Lifted(_) => "lifted",
            Self::Executed(_) => "executed",
        }
    }
}

/// What a court has ordered frozen of a site's stock of one right class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Its identity; also the subject of its account.
    pub id: FreezeId,
    /// Number of the court's document (协助执行通知书).
    pub document: String,
    /// Which court.
    pub court: String,
    /// Its place among the freezes of this stock that were open when it was recorded: 1 is first.
    pub rank: i64,
    /// Whose rights.
    pub site: SiteId,
    /// The site's organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which class.
    pub right_class: RightClassId,
    /// How much is ordered; what was lifted of it is no longer.
    pub quantity: Quantity,
    /// Grams that it has taken so far.
    pub taken: i64,
    /// Its last day; none where the court names none.
    pub until: Option<Date>,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// The organisation that recorded it.
    pub recorder: OrganisationId,
    /// When, in business time: its place in the line.
    pub recorded_at: Moment,
    /// How far it has come.
    pub state: FreezeState,
    /// Counts from 1, with every journal about it.
    pub version: i64,
}

impl Freeze {
    /// The stock that it lies on.
    pub fn stock(&self) -> Holding {
        Holding { owner: self.site.into(), asset: self.right_class.into() }
    }

    /// What it still waits for, in grams.
    pub fn wanted(&self) -> i64 {
        match self.state {
            FreezeState::Waiting => self.quantity.grams() - self.taken,
            _ => 0,
        }
    }

    /// What it holds; none when it holds nothing.
    pub fn held(&self) -> Option<Quantity> {
        match self.state {
            FreezeState::Waiting | FreezeState::InForce => Quantity::try_new(self.taken).ok(),
            FreezeState::Lifted(_) | FreezeState::Executed(_) => None,
        }
    }

    /// Takes grams that have come free; never more than it waits for. It is in force when it waits for nothing more.
    #[must_use]
    pub fn take(self, grams: i64) -> Self {
        let taken = self.taken + grams.clamp(0, self.wanted());
        let is_whole = taken == self.quantity.grams();
        let state = if is_whole && self.state == FreezeState::Waiting { FreezeState::InForce } else { self.state };
        Self { taken, state, ..self }
    }

    /// The next version of it, for the next journal.
    #[must_use]
    pub fn touched(self) -> Self {
        Self { version: self.version + 1, ..self }
    }

    fn expect_open(&self) -> Result<(), FreezeRefusal> {
        let document = self.document.clone();
        match self.state {
            FreezeState::Waiting | FreezeState::InForce => Ok(()),
            FreezeState::Lifted(_) => Err(FreezeRefusal::AlreadyLifted { document }),
            FreezeState::Executed(_) => Err(FreezeRefusal::AlreadyExecuted { document }),
        }
    }

    /// Whoever ends it names the document by which it was recorded, so that nobody ends another one by a slip.
    fn expect_document(&self, document: &str) -> Result<(), FreezeRefusal> {
        if self.document == document {
            Ok(())
        } else {
            Err(FreezeRefusal::UnknownDocument { document: document.to_owned() })
        }
    }

    /// Ends by order of the court.
    ///
    /// # Errors
    /// [`FreezeRefusal::UnknownDocument`], [`FreezeRefusal::AlreadyLifted`], [`FreezeRefusal::AlreadyExecuted`].
    pub fn lift(self, freezing_document: &str, document: String, at: Moment) -> Result<Self, FreezeRefusal> {
        self.expect_document(freezing_document)?;
        self.end(Lifting { cause: LiftCause::Order, document: Some(document), at })
    }

    /// Is lifted in part by order of the court: it gives up what it waits for first, and then of what it holds. Tells how many grams
    /// that frees.
    ///
    /// # Errors
    /// [`FreezeRefusal::UnknownDocument`], [`FreezeRefusal::AlreadyLifted`], [`FreezeRefusal::AlreadyExecuted`],
    /// [`FreezeRefusal::MoreThanOrdered`].
    pub fn lift_part(self, freezing_document: &str, part: Quantity) -> Result<(Self, i64), FreezeRefusal> {
        self.expect_document(freezing_document)?;
        self.expect_open()?;
        let left = self.quantity.grams().saturating_sub(part.grams());
        let quantity = Quantity::try_new(left).map_err(|_| FreezeRefusal::MoreThanOrdered {})?;
        let taken = self.taken.min(left);
        let freed = self.taken - taken;
        let state = if taken == left { FreezeState::InForce } else { FreezeState::Waiting };
        Ok((Self { quantity, taken, state, ..self }.touched(), freed))
    }

    /// Ends because time has ended it.
    ///
    /// # Errors
    /// [`FreezeRefusal::AlreadyLifted`], [`FreezeRefusal::AlreadyExecuted`].
    pub fn run_out(self, cause: LiftCause, at: Moment) -> Result<Self, FreezeRefusal> {
        self.end(Lifting { cause, document: None, at })
    }

    fn end(self, lifting: Lifting) -> Result<Self, FreezeRefusal> {
        self.expect_open()?;
        Ok(Self { state: FreezeState::Lifted(lifting), ..self }.touched())
    }

    /// Is executed in part: so much of what it holds is sold, and it goes on with the rest.
    ///
    /// # Errors
    /// [`FreezeRefusal::UnknownDocument`], [`FreezeRefusal::AlreadyLifted`], [`FreezeRefusal::AlreadyExecuted`],
    /// [`FreezeRefusal::MoreThanHeld`].
    pub fn execute_part(self, freezing_document: &str, part: Quantity) -> Result<Self, FreezeRefusal> {
        self.expect_document(freezing_document)?;
        self.expect_open()?;
        let taken = self.taken.checked_sub(part.grams()).filter(|left| *left >= 0);
        let taken = taken.ok_or(FreezeRefusal::MoreThanHeld {})?;
        let left = self.quantity.grams().saturating_sub(part.grams());
        let quantity = Quantity::try_new(left).map_err(|_| FreezeRefusal::MoreThanHeld {})?;
        Ok(Self { quantity, taken, ..self }.touched())
    }

    /// Ends by the sale of what it holds.
    ///
    /// # Errors
    /// [`FreezeRefusal::UnknownDocument`], [`FreezeRefusal::AlreadyLifted`], [`FreezeRefusal::AlreadyExecuted`],
    /// [`FreezeRefusal::NotInForce`].
    pub fn execute(self, freezing_document: &str, execution: Execution) -> Result<Self, FreezeRefusal> {
        self.expect_document(freezing_document)?;
        self.expect_open()?;
        if self.state != FreezeState::InForce {
            return Err(FreezeRefusal::NotInForce {});
        }
        Ok(Self { state: FreezeState::Executed(execution), ..self }.touched())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn waiting(quantity: i64) -> Freeze {
        Freeze {
            id: FreezeId::fresh(),
            document: "(2022)鄂12执123号".to_owned(),
            court: "咸宁市中级人民法院".to_owned(),
            rank: 1,
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200".to_owned(),
            right_class: RightClassId::fresh(),
            quantity: Quantity::try_new(quantity).unwrap(),
            taken: 0,
            until: None,
            recorded_by: UserId::fresh(),
            recorder: OrganisationId::fresh(),
            recorded_at: Moment::from_micros(0),
            state: FreezeState::Waiting,
            version: 1,
        }
    }

    fn sold() -> Execution {
        Execution {
            document: "(2022)鄂12执123号之一".to_owned(),
            buyer: SiteId::fresh(),
            buyer_organisation: OrganisationId::fresh(),
            unit_price: Price::try_new(100).unwrap(),
            warnings: Vec::new(),
            at: Moment::from_micros(1),
        }
    }

    #[test]
    fn a_freeze_ends_once_and_by_its_own_document() {
        let (own, at) = ("(2022)鄂12执123号", Moment::from_micros(1));
        let other = waiting(10).lift("(2022)鄂12执124号", "解除".to_owned(), at);
        assert!(matches!(other, Err(FreezeRefusal::UnknownDocument { .. })));
        let lifted = waiting(10).lift(own, "解除".to_owned(), at).unwrap();
        assert_eq!((lifted.version, lifted.wanted(), lifted.held()), (2, 0, None));
        let again = lifted.clone().lift(own, "解除".to_owned(), at);
        assert!(matches!(again, Err(FreezeRefusal::AlreadyLifted { .. })));
        assert!(matches!(lifted.clone().execute(own, sold()), Err(FreezeRefusal::AlreadyLifted { .. })));
        assert!(matches!(lifted.run_out(LiftCause::TermOver, at), Err(FreezeRefusal::AlreadyLifted { .. })));
    }

    #[test]
    fn only_a_freeze_that_holds_everything_is_executed() {
        let own = "(2022)鄂12执123号";
        assert!(matches!(waiting(10).take(9).execute(own, sold()), Err(FreezeRefusal::NotInForce { .. })));
        let executed = waiting(10).take(10).execute(own, sold()).unwrap();
        assert_eq!(executed.held(), None);
        let again = executed.clone().execute(own, sold());
        assert!(matches!(again, Err(FreezeRefusal::AlreadyExecuted { .. })));
        assert!(matches!(executed.execute("other", sold()), Err(FreezeRefusal::UnknownDocument { .. })));
    }

    proptest! {
        /// Whatever it has taken and whatever is sold of it: it goes on with the rest, waits for what it waited for, and sells no gram that it
        /// does not hold.
        #[test]
        fn what_is_executed_in_part_is_of_what_it_holds(
            quantity in 2_i64..1_000, came in 0_i64..1_200, part in 1_i64..1_200,
        ) {
            let freeze = waiting(quantity).take(came);
            let sold = freeze.clone().execute_part(&freeze.document, Quantity::try_new(part).unwrap());
            if part > freeze.taken || part == quantity {
                let is_refused = matches!(sold, Err(FreezeRefusal::MoreThanHeld {}));
                prop_assert!(is_refused);
            } else {
                let after = sold.unwrap();
                prop_assert_eq!(after.taken + part, freeze.taken);
                prop_assert_eq!(after.wanted(), freeze.wanted());
                prop_assert_eq!(after.state, freeze.state);
            }
        }

        /// Whatever it has taken and whatever is lifted: what it holds and what it frees are what it held, and it never gives up a gram
        /// that it holds while it waits for one.
        #[test]
        fn what_is_lifted_in_part_is_waited_for_no_more_or_free(
            quantity in 2_i64..1_000, came in 0_i64..1_200, part in 1_i64..1_200,
        ) {
            let freeze = waiting(quantity).take(came);
            let lifted = freeze.clone().lift_part(&freeze.document, Quantity::try_new(part).unwrap());
            if part >= quantity {
                let is_refused = matches!(lifted, Err(FreezeRefusal::MoreThanOrdered {}));
                prop_assert!(is_refused);
            } else {
                let (after, freed) = lifted.unwrap();
                prop_assert_eq!(after.taken + freed, freeze.taken);
                prop_assert_eq!(after.quantity.grams(), quantity - part);
                prop_assert!(freed == 0 || after.wanted() == 0);
                prop_assert_eq!(after.state == FreezeState::InForce, after.taken == quantity - part);
            }
        }

        /// Whatever comes free, in whatever portions: it takes what it waits for and no gram more.
        #[test]
        fn a_freeze_takes_what_it_waits_for_and_no_more(quantity in 1_i64..1_000, portions in prop::collection::vec(0_i64..400, 0..8)) {
            let (mut freeze, mut left) = (waiting(quantity), 0);
            for portion in &portions {
                let before = freeze.taken;
                freeze = freeze.take(*portion);
                left += portion - (freeze.taken - before);
            }
            let came: i64 = portions.iter().sum();
            prop_assert_eq!(freeze.taken, came.min(quantity));
            prop_assert_eq!(freeze.taken + left, came);
            prop_assert_eq!(freeze.wanted(), quantity - freeze.taken);
            prop_assert_eq!(freeze.state == FreezeState::InForce, came >= quantity);
        }
    }
}
