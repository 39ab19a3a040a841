//! The annual account of a site and a pollutant, and its way.

use super::days::{Discharge, Year};
use super::error::ComplianceRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{ComplianceYearId, OrganisationId, RulebookId, SiteId, UserId};
use accounting::Quantity;

/// Who did something, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// What a year comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Grams that the site was entitled to discharge.
    pub entitlement: i64,
    /// What it discharged, by source.
    pub discharge: Discharge,
}

impl Figures {
    /// Grams by which the discharge stayed below what it might have been.
    pub fn surplus(&self) -> i64 {
        self.entitlement.saturating_sub(self.discharge.grams()).max(0)
    }

    /// Grams by which it went beyond.
    pub fn shortfall(&self) -> i64 {
        self.discharge.grams().saturating_sub(self.entitlement).max(0)
    }
}

/// An account that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// By whom.
    pub mark: Mark,
    /// With which figures, as they stood.
    pub figures: Figures,
}

/// An account that was verified: its figures stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// Who handed it in.
    pub report: Mark,
    /// Who verified it.
    pub mark: Mark,
    /// What it comes to.
    pub figures: Figures,
    /// Grams of the surplus that became a right.
    pub granted: i64,
    /// Grams of the shortfall that annual surplus has covered.
    pub covered: i64,
}

impl Verified {
    /// Grams of the surplus that may still become a right.
    pub fn left(&self) -> i64 {
        self.figures.surplus() - self.granted
    }

    /// Grams of the shortfall that nothing covers.
    pub fn uncovered(&self) -> i64 {
        self.figures.shortfall() - self.covered
    }

    fn word(&self) -> &'static str {
        if self.figures.shortfall() > 0 { "shortfall" } else { "surplus" }
    }
}

/// How far an account has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum YearState {
    /// Data come in.
    Open,
    /// It was handed in, and waits for the bureau.
    Reported(Reported),
    /// It is verified: a surplus or a shortfall.
    Verified(Verified),
    /// It is settled: what is uncovered now is an over-discharge.
    Settled(Verified, Mark),
    /// Nothing of it changes any more.
    Sealed(Verified, Mark, Mark),
}

impl YearState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["open", "reported", "surplus", "shortfall", "settled", "sealed"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reported(_) => "reported",
            Self::Verified(verified) => verified.word(),
            Self::Settled(..) => "settled",
            Self::Sealed(..) => "sealed",
        }
    }

    /// Its figures, once it was handed in.
    pub fn figures(&self) -> Option<Figures> {
        match self {
            Self::Open => None,
            Self::Reported(reported) => Some(reported.figures),
            Self::Verified(verified) | Self::Settled(verified, _) | Self::Sealed(verified, ..) => {
                Some(verified.figures)
            }
        }
    }

    /// What stands once it is verified.
    pub fn verified(&self) -> Option<&Verified> {
        match self {
            Self::Open | Self::Reported(_) => None,
            Self::Verified(verified) | Self::Settled(verified, _) | Self::Sealed(verified, ..) => Some(verified),
        }
    }

    /// Who handed it in.
    pub fn report(&self) -> Option<Mark> {
        match self {
            Self::Open => None,
            Self::Reported(reported) => Some(reported.mark),
            _ => self.verified().map(|verified| verified.report),
        }
    }

    /// Who settled it.
    pub fn settlement(&self) -> Option<Mark> {
        match self {
            Self::Settled(_, mark) | Self::Sealed(_, mark, _) => Some(*mark),
            _ => None,
        }
    }

    /// Who sealed it.
    pub fn sealing(&self) -> Option<Mark> {
        match self {
            Self::Sealed(_, _, mark) => Some(*mark),
            _ => None,
        }
    }
}

/// An annual account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComplianceYear {
    /// Its identity.
    pub id: ComplianceYearId,
    /// Of which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which pollutant.
    pub pollutant: String,
    /// Of which year.
    pub year: Year,
    /// Who opened it.
    pub opened: Mark,
    /// How far it has come.
    pub state: YearState,
    /// The version of the rulebook it was judged by last.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

impl ComplianceYear {
    /// It is handed in.
    ///
    /// # Errors
    /// [`ComplianceRefusal::WrongState`], [`ComplianceRefusal::PeriodSealed`].
    pub fn report(self, reported: Reported) -> Result<Self, ComplianceRefusal> {
        match self.state {
            YearState::Open => Ok(self.turned(YearState::Reported(reported))),
            _ => Err(self.not("open")),
        }
    }

    /// It goes back to whoever handed it in.
    ///
    /// # Errors
    /// As [`ComplianceYear::report`].
    pub fn send_back(self) -> Result<Self, ComplianceRefusal> {
        match self.state {
            YearState::Reported(_) => Ok(self.turned(YearState::Open)),
            _ => Err(self.not("reported")),
        }
    }

    /// It is verified with figures that were made again.
    ///
    /// # Errors
    /// As [`ComplianceYear::report`].
    pub fn verify(self, mark: Mark, figures: Figures) -> Result<Self, ComplianceRefusal> {
        match self.state {
            YearState::Reported(Reported { mark: report, .. }) => {
                let verified = Verified { report, mark, figures, granted: 0, covered: 0 };
                Ok(self.turned(YearState::Verified(verified)))
            }
            _ => Err(self.not("reported")),
        }
    }

    /// A part of its surplus becomes a right.
    ///
    /// # Errors
    /// As [`ComplianceYear::report`]; nothing when there is not so much of it, with what is left.
    pub fn grant(self, quantity: Quantity) -> Result<Result<Self, i64>, ComplianceRefusal> {
        match self.state {
            YearState::Verified(verified) if verified.word() == "surplus" => {
                let left = verified.left();
                if quantity.grams() > left {
                    return Ok(Err(left));
                }
                let granted = verified.granted.saturating_add(quantity.grams());
                Ok(Ok(self.turned(YearState::Verified(Verified { granted, ..verified }))))
            }
            _ => Err(self.not("surplus")),
        }
    }

    /// A part of its shortfall is covered.
    ///
    /// # Errors
    /// As [`ComplianceYear::grant`].
    pub fn cover(self, quantity: Quantity) -> Result<Result<Self, i64>, ComplianceRefusal> {
        match self.state {
            YearState::Verified(verified) if verified.word() == "shortfall" => {
                let left = verified.uncovered();
                if quantity.grams() > left {
                    return Ok(Err(left));
                }
                let covered = verified.covered.saturating_add(quantity.grams());
                Ok(Ok(self.turned(YearState::Verified(Verified { covered, ..verified }))))
            }
            _ => Err(self.not("shortfall")),
        }
    }

    /// It is settled.
    ///
    /// # Errors
    /// As [`ComplianceYear::report`].
    pub fn settle(self, mark: Mark) -> Result<Self, ComplianceRefusal> {
        match self.state {
            YearState::Verified(verified) => Ok(self.turned(YearState::Settled(verified, mark))),
            _ => Err(self.not("surplus, shortfall")),
        }
    }

    /// It is sealed.
    ///
    /// # Errors
    /// As [`ComplianceYear::report`].
    pub fn seal(self, mark: Mark) -> Result<Self, ComplianceRefusal> {
        match self.state {
            YearState::Settled(verified, settlement) => Ok(self.turned(YearState::Sealed(verified, settlement, mark))),
            _ => Err(self.not("settled")),
        }
    }

    /// Whether data of its year may still come in.
    ///
    /// # Errors
    /// [`ComplianceRefusal::YearVerified`], [`ComplianceRefusal::PeriodSealed`].
    pub fn expect_open_to_data(&self) -> Result<(), ComplianceRefusal> {
        let year = self.year.number().to_string();
        match self.state {
            YearState::Open | YearState::Reported(_) => Ok(()),
            YearState::Verified(_) | YearState::Settled(..) => Err(ComplianceRefusal::YearVerified { year }),
            YearState::Sealed(..) => Err(ComplianceRefusal::PeriodSealed { year }),
        }
    }

    fn turned(self, state: YearState) -> Self {
        Self { state, version: self.version + 1, ..self }
    }

    fn not(&self, needed: &str) -> ComplianceRefusal {
        match self.state {
            YearState::Sealed(..) => ComplianceRefusal::PeriodSealed { year: self.year.number().to_string() },
            state => ComplianceRefusal::WrongState { state: state.as_str().to_owned(), needed: needed.to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark() -> Mark {
        Mark { by: UserId::fresh(), at: Moment::from_micros(1) }
    }

    fn figures(entitlement: i64, discharged: i64) -> Figures {
        Figures { entitlement, discharge: Discharge { by_monitor: discharged, ..Discharge::default() } }
    }

    fn open() -> ComplianceYear {
        ComplianceYear {
            id: ComplianceYearId::fresh(),
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            pollutant: "COD".to_owned(),
            year: Year::new(2022).unwrap(),
            opened: mark(),
            state: YearState::Open,
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    fn verified(entitlement: i64, discharged: i64) -> ComplianceYear {
        let figures = figures(entitlement, discharged);
        open().report(Reported { mark: mark(), figures }).unwrap().verify(mark(), figures).unwrap()
    }

    fn grams(grams: i64) -> Quantity {
        Quantity::try_new(grams).unwrap()
    }

    /// One account in each state, in order.
    fn every_state() -> Vec<ComplianceYear> {
        let figures = figures(100, 80);
        let reported = open().report(Reported { mark: mark(), figures }).unwrap();
        let surplus = reported.clone().verify(mark(), figures).unwrap();
        let settled = surplus.clone().settle(mark()).unwrap();
        let sealed = settled.clone().seal(mark()).unwrap();
        vec![open(), reported, surplus, verified(80, 100), settled, sealed]
    }

    #[test]
    fn each_step_is_taken_from_its_own_state_and_from_no_other() {
        let words: Vec<&str> = every_state().iter().map(|year| year.state.as_str()).collect();
        assert_eq!(words, YearState::WORDS);
        let reported = Reported { mark: mark(), figures: figures(1, 1) };
        for year in every_state() {
            let word = year.state.as_str();
            let is = |words: &[&str]| words.contains(&word);
            assert_eq!(year.clone().report(reported).is_ok(), is(&["open"]), "report {word}");
            assert_eq!(year.clone().send_back().is_ok(), is(&["reported"]), "send back {word}");
            assert_eq!(year.clone().verify(mark(), figures(1, 1)).is_ok(), is(&["reported"]), "verify {word}");
            assert_eq!(year.clone().grant(grams(1)).is_ok(), is(&["surplus"]), "grant {word}");
            assert_eq!(year.clone().cover(grams(1)).is_ok(), is(&["shortfall"]), "cover {word}");
            assert_eq!(year.clone().settle(mark()).is_ok(), is(&["surplus", "shortfall"]), "settle {word}");
            assert_eq!(year.clone().seal(mark()).is_ok(), is(&["settled"]), "seal {word}");
            assert_eq!(year.expect_open_to_data().is_ok(), is(&["open", "reported"]), "data {word}");
        }
    }

    #[test]
    fn nothing_changes_after_the_seal() {
        let sealed = every_state().pop().unwrap();
        let refused = ComplianceRefusal::PeriodSealed { year: "2022".to_owned() };
        assert_eq!(sealed.clone().settle(mark()), Err(refused.clone()));
        assert_eq!(sealed.clone().seal(mark()), Err(refused.clone()));
        assert_eq!(sealed.expect_open_to_data(), Err(refused));
    }

    #[test]
    fn no_more_is_granted_or_covered_than_there_is() {
        let surplus = verified(100, 80);
        assert_eq!(surplus.clone().grant(grams(21)).unwrap(), Err(20));
        let half = surplus.grant(grams(15)).unwrap().unwrap();
        assert_eq!(half.clone().grant(grams(6)).unwrap(), Err(5));
        assert_eq!(half.grant(grams(5)).unwrap().unwrap().version, 5);
        let shortfall = verified(80, 100);
        assert_eq!(shortfall.clone().cover(grams(21)).unwrap(), Err(20));
        let part = shortfall.cover(grams(12)).unwrap().unwrap();
        assert_eq!(part.state.verified().unwrap().uncovered(), 8);
    }

    #[test]
    fn a_year_that_comes_out_even_is_a_surplus_of_nothing() {
        let even = verified(100, 100);
        assert_eq!((even.state.as_str(), even.grant(grams(1)).unwrap()), ("surplus", Err(0)));
    }
}
