//! Suspension of an area (区域限批): an area that is over its total of a key pollutant, or misses its quality target, takes no more
//! of it until the authority of the province lifts the suspension (环境保护法第四十四条,水污染防治法第二十条,大气污染防治法第二十二条).
//!
//! in force from a day → lifted from a day, neither of them before today when it is ordered: what was judged stays judged as it was. While it stands, nothing is granted to a site of the area or below it, and no trade brings
//! rights into it from outside or from the reserve; what changes hands within the area adds nothing to it and goes on. The reserve's
//! own holdings use no capacity and are not kept back.

pub mod api;
pub mod commands;
pub mod error;
pub mod queries;
pub(super) mod store;

pub use error::SuspensionRefusal;
pub use queries::standing;

use super::place::{Medium, Pollutant, code_of};
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, AreaSuspensionId, RulebookId, UserId};
use jiff::civil::Date;

/// What an area is suspended for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// One pollutant, by its code.
    Pollutant(String),
    /// Every pollutant of a medium.
    Medium(Medium),
}

impl Reach {
    /// Whether it takes in a pollutant.
    pub fn takes_in(&self, pollutant: &Pollutant) -> bool {
        match self {
            Self::Pollutant(code) => *code == pollutant.code,
            Self::Medium(medium) => *medium == pollutant.medium,
        }
    }

    /// The pollutant, when it is one.
    pub fn pollutant(&self) -> Option<&str> {
        match self {
            Self::Pollutant(code) => Some(code),
            Self::Medium(_) => None,
        }
    }

    /// The medium, when it is one.
    pub fn medium(&self) -> Option<Medium> {
        match self {
            Self::Pollutant(_) => None,
            Self::Medium(medium) => Some(*medium),
        }
    }
}

/// A suspension of an area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaSuspension {
    /// Its identity.
    pub id: AreaSuspensionId,
    /// The area.
    pub area: AreaId,
    /// Path of the area.
    pub area_path: String,
    /// What it is suspended for.
    pub reach: Reach,
    /// The first day on which it stands.
    pub from: Date,
    /// Number of the document that orders it.
    pub document: String,
    /// Why.
    pub reason: String,
    /// Who suspended.
    pub suspended_by: UserId,
    /// When.
    pub suspended_at: Moment,
    /// How it was lifted.
    pub lifted: Option<Lifting>,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// The end of a suspension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lifting {
    /// The first day on which it does not stand any more.
    pub from: Date,
    /// Number of the document that orders it.
    pub document: String,
    /// Why.
    pub reason: String,
    /// Who lifted it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

impl AreaSuspension {
    /// Whether it stands on a day.
    pub fn stands_on(&self, day: Date) -> bool {
        self.from <= day && self.lifted.as_ref().is_none_or(|lifted| day < lifted.from)
    }

    /// It is lifted, once; a refusal names the first day on which it can be.
    ///
    /// # Errors
    /// [`SuspensionRefusal::AlreadyLifted`], [`SuspensionRefusal::LiftedTooEarly`], [`SuspensionRefusal::Retroactive`].
    pub fn lift(self, lifted: Lifting, rulebook: RulebookId, today: Date) -> Result<Self, SuspensionRefusal> {
        if self.lifted.is_some() {
            return Err(SuspensionRefusal::AlreadyLifted {});
        }
        if lifted.from < self.from && self.from >= today {
            return Err(SuspensionRefusal::LiftedTooEarly { from: self.from.to_string() });
        }
        expect_from_today(lifted.from, today)?;
        Ok(Self { lifted: Some(lifted), rulebook, version: self.version + 1, ..self })
    }

    /// The last code of its area's path.
    pub fn area_code(&self) -> &str {
        code_of(&self.area_path)
    }
}

/// What was judged before today stays judged as it was, so no suspension begins or ends before today.
///
/// # Errors
/// [`SuspensionRefusal::Retroactive`].
pub(super) fn expect_from_today(day: Date, today: Date) -> Result<(), SuspensionRefusal> {
    if day < today { Err(SuspensionRefusal::Retroactive { today: today.to_string() }) } else { Ok(()) }
}

/// Whether an area is another one, or lies below it.
fn lies_in(path: &str, area_path: &str) -> bool {
    path == area_path || path.strip_prefix(area_path).is_some_and(|rest| rest.starts_with('/'))
}

/// Suspensions that stand today over some areas.
#[derive(Debug, Clone, Default)]
pub struct Standing(Vec<AreaSuspension>);

impl Standing {
    /// What keeps a quantity out of an area. What comes out of an area that the suspended one holds too adds nothing to it; a grant
    /// and the reserve's sale come out of none.
    pub fn against(&self, pollutant: &Pollutant, into: &str, out_of: Option<&str>) -> Option<&AreaSuspension> {
        self.0.iter().find(|suspension| {
            let area = &suspension.area_path;
            let stays_within = out_of.is_some_and(|path| lies_in(path, area));
            suspension.reach.takes_in(pollutant) && lies_in(into, area) && !stays_within
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parties::place::founding_pollutants;
    use jiff::civil::date;

    const XIANNING: &str = "420000/421200";
    const TONGCHENG: &str = "420000/421200/421222";
    const CHIBI: &str = "420000/421200/421281";
    const WUHAN: &str = "420000/420100";

    fn suspension(area_path: &str, reach: Reach) -> AreaSuspension {
        AreaSuspension {
            id: AreaSuspensionId::fresh(),
            area: AreaId::fresh(),
            area_path: area_path.to_owned(),
            reach,
            from: date(2022, 12, 1),
            document: "鄂环函〔2022〕88号".to_owned(),
            reason: "未完成水质目标".to_owned(),
            suspended_by: UserId::fresh(),
            suspended_at: Moment::from_micros(0),
            lifted: None,
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    fn lifting(from: Date) -> Lifting {
        let (document, reason) = ("鄂环函〔2023〕1号".to_owned(), "整改完成".to_owned());
        Lifting { from, document, reason, by: UserId::fresh(), at: Moment::from_micros(1) }
    }

    fn pollutant(code: &str) -> Pollutant {
        founding_pollutants().into_iter().find(|known| known.code == code).unwrap()
    }

    fn keeps_out(suspension: &AreaSuspension, code: &str, into: &str, out_of: Option<&str>) -> bool {
        Standing(vec![suspension.clone()]).against(&pollutant(code), into, out_of).is_some()
    }

    #[test]
    fn it_stands_from_its_first_day_to_the_day_before_it_is_lifted() {
        let standing = suspension(XIANNING, Reach::Pollutant("COD".to_owned()));
        assert!(!standing.stands_on(date(2022, 11, 30)) && standing.stands_on(date(2022, 12, 1)));
        let rules = RulebookId::fresh();
        let lifted = standing.clone().lift(lifting(date(2023, 1, 5)), rules, date(2023, 1, 5)).unwrap();
        assert!(lifted.stands_on(date(2023, 1, 4)) && !lifted.stands_on(date(2023, 1, 5)));
        assert_eq!((lifted.version, lifted.rulebook), (2, rules));
        let again = lifted.lift(lifting(date(2023, 2, 1)), rules, date(2023, 1, 5));
        assert_eq!(again, Err(SuspensionRefusal::AlreadyLifted {}));
        let early = SuspensionRefusal::LiftedTooEarly { from: "2022-12-01".to_owned() };
        assert_eq!(standing.clone().lift(lifting(date(2022, 11, 30)), rules, date(2022, 11, 1)), Err(early));
        let back = SuspensionRefusal::Retroactive { today: "2023-01-05".to_owned() };
        assert_eq!(standing.lift(lifting(date(2023, 1, 4)), rules, date(2023, 1, 5)), Err(back));
    }

    #[test]
    fn it_keeps_out_of_the_area_and_those_below_and_of_no_other() {
        let city = suspension(XIANNING, Reach::Pollutant("COD".to_owned()));
        assert!(keeps_out(&city, "COD", XIANNING, None) && keeps_out(&city, "COD", TONGCHENG, None));
        assert!(!keeps_out(&city, "COD", WUHAN, None) && !keeps_out(&city, "COD", "420000", None));
        assert!(!keeps_out(&city, "COD", "420000/4212000", None), "a code that begins alike is another area");
    }

    #[test]
    fn what_changes_hands_within_the_area_adds_nothing_to_it() {
        let city = suspension(XIANNING, Reach::Pollutant("COD".to_owned()));
        assert!(
            !keeps_out(&city, "COD", TONGCHENG, Some(CHIBI)) && !keeps_out(&city, "COD", TONGCHENG, Some(TONGCHENG))
        );
        assert!(keeps_out(&city, "COD", TONGCHENG, Some(WUHAN)));
        let county = suspension(TONGCHENG, Reach::Pollutant("COD".to_owned()));
        assert!(
            keeps_out(&county, "COD", TONGCHENG, Some(CHIBI)) && !keeps_out(&county, "COD", CHIBI, Some(TONGCHENG))
        );
    }

    #[test]
    fn it_takes_in_its_pollutant_or_all_of_its_medium() {
        let water = suspension(XIANNING, Reach::Medium(Medium::Water));
        assert!(keeps_out(&water, "COD", TONGCHENG, None) && keeps_out(&water, "NH3N", TONGCHENG, None));
        assert!(!keeps_out(&water, "SO2", TONGCHENG, None));
        let one = suspension(XIANNING, Reach::Pollutant("COD".to_owned()));
        assert!(!keeps_out(&one, "NH3N", TONGCHENG, None));
    }
}
