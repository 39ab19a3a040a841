//! What a fact tells, and which facts stand.

use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, FactId, OrganisationId, RulebookId, SiteId, UserId};
use accounting::Quantity;
use jiff::civil::{Date, date};
use std::collections::HashSet;
use std::fmt;

accounting::words! {
    /// What a fact tells.
    FactKind {
        /// How an enterprise was rated for a quarter (企业环境信用评价).
        CreditRating = "credit_rating",
        /// How an industrial park was rated for a year (园区环境信用评价).
        ParkRating = "park_rating",
        /// A major environmental accident (重大环境污染事故).
        MajorAccident = "major_accident",
        /// Secret or otherwise illegal discharge (偷排).
        IllegalDischarge = "illegal_discharge",
        /// More was discharged in a year than the permit allows (超证排放).
        OverPermitDischarge = "over_permit_discharge",
        /// A major violation (重大环境违法).
        MajorViolation = "major_violation",
        /// A usage fee was not paid when it was due (欠缴有偿使用费).
        FeeUnpaid = "fee_unpaid",
        /// A usage fee was settled: of free rights, or one that was owed (缴清有偿使用费).
        FeeSettled = "fee_settled",
    }
}

/// Whom or what a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// An enterprise.
    Organisation(OrganisationId),
    /// A site.
    Site(SiteId),
    /// A park: the area that a development zone is.
    Area(AreaId),
}

impl FactKind {
    /// The word for what it is about.
    pub fn is_about(self) -> &'static str {
        match self {
            Self::CreditRating => "organisation",
            Self::ParkRating => "area",
            _ => "site",
        }
    }
}

/// A year or a quarter, written `2022` or `2022Q3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    year: i16,
    quarter: Option<i8>,
}

impl Period {
    /// A whole year; none outside the calendar of the books.
    pub fn year(year: i16) -> Option<Self> {
        (1_900..=9_998).contains(&year).then_some(Self { year, quarter: None })
    }

    /// Reads a year or a quarter.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, quarter) = match text.split_once('Q') {
            None => (text, None),
            Some((year, quarter @ ("1" | "2" | "3" | "4"))) => (year, Some(quarter.parse().ok()?)),
            Some(_) => return None,
        };
        let is_plain = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let whole = Self::year(year.parse().ok().filter(|_| is_plain)?)?;
        Some(Self { quarter, ..whole })
    }

    /// The year it lies in.
    pub fn of_year(self) -> i16 {
        self.year
    }

    /// Whether it is a quarter.
    pub fn is_quarter(self) -> bool {
        self.quarter.is_some()
    }

    /// Its first day.
    pub fn begins(self) -> Date {
        date(self.year, self.quarter.map_or(1, |quarter| quarter * 3 - 2), 1)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.quarter {
            Some(quarter) => write!(out, "{:04}Q{quarter}", self.year),
            None => write!(out, "{:04}", self.year),
        }
    }
}

/// Which fee was settled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Settled {
    /// The usage fee of free rights of a class: so much of them may be sold and pledged from then on (财税〔2015〕61号).
    Rights {
        /// Code of the class.
        right_class: String,
        /// Of how much; of all that the site has of it, where the fact was told before quantities were.
        quantity: Option<Quantity>,
    },
    /// The one that a fact tells was owed.
    Owed(FactId),
}

/// What a fact says beyond its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A rating.
    Rating {
        /// The level, in the words of whoever rates: `green`, `black`.
        level: String,
        /// For which quarter or year.
        period: Period,
    },
    /// Something that happened on a day.
    Incident {
        /// When.
        on: Date,
    },
    /// A year in which too much was discharged.
    OverPermit {
        /// The year.
        period: Period,
        /// Of which pollutant; of any when nobody says.
        pollutant: Option<String>,
    },
    /// A fee that was settled.
    Settlement {
        /// When.
        on: Date,
        /// Which one.
        of: Settled,
    },
}

impl Content {
    /// The first day that it speaks of: nothing is told before it has happened.
    pub fn begins(&self) -> Date {
        match self {
            Self::Incident { on } | Self::Settlement { on, .. } => *on,
            Self::Rating { period, .. } | Self::OverPermit { period, .. } => period.begins(),
        }
    }
}

/// How much of a site's free rights of a class has its usage fee settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Covered {
    /// So many grams in all, those among them that were sold or pledged since.
    Grams(i64),
    /// All of them.
    Everything,
}

impl Covered {
    /// Whether it is enough for `wanted` grams beside those that are sold, held or pledged already.
    pub fn bears(self, used: i64, wanted: i64) -> bool {
        match self {
            Self::Everything => true,
            Self::Grams(grams) => used.checked_add(wanted).is_some_and(|needed| needed <= grams),
        }
    }
}

/// A fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// Its identity.
    pub id: FactId,
    /// Whom or what it is about.
    pub about: About,
    /// The organisation it concerns; none of a park.
    pub organisation: Option<OrganisationId>,
    /// Path of the area it concerns, whose bureaux record and read it.
    pub area_path: String,
    /// What it tells.
    pub kind: FactKind,
    /// What it says; nothing when it annuls the fact that it corrects.
    pub content: Option<Content>,
    /// Number of the document that proves it.
    pub source: String,
    /// SHA-256 of what it rests on.
    pub document_hash: Option<String>,
    /// The fact that it corrects.
    pub corrects: Option<FactId>,
    /// Why it corrects that one.
    pub reason: Option<String>,
    /// Who recorded it.
    pub recorded_by: UserId,
    /// For which organisation.
    pub recorded_for: OrganisationId,
    /// When.
    pub recorded_at: Moment,
    /// The rules that it was judged by.
    pub rulebook: RulebookId,
}

/// The version of a fact: its row never changes, but it stands no more once it is corrected.
pub fn version(is_corrected: bool) -> i64 {
    1 + i64::from(is_corrected)
}

/// Every fact that concerns an organisation, corrected ones too, and what of it stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts(Vec<Fact>);

impl Facts {
    /// All of them: with a correction left out, what it corrects would seem to stand.
    pub fn new(all: Vec<Fact>) -> Self {
        Self(all)
    }

    /// Those that no other corrects, and that say something.
    pub fn standing(&self) -> impl Iterator<Item = (&Fact, &Content)> {
        let corrected: HashSet<FactId> = self.0.iter().filter_map(|fact| fact.corrects).collect();
        let stands = move |fact: &&Fact| !corrected.contains(&fact.id);
        self.0.iter().filter(stands).filter_map(|fact| Some((fact, fact.content.as_ref()?)))
    }

    fn of_kind(&self, kind: FactKind) -> impl Iterator<Item = (&Fact, &Content)> {
        self.standing().filter(move |(fact, _)| fact.kind == kind)
    }

    /// Its newest credit rating: the level, and for which quarter.
    pub fn credit_level(&self) -> Option<(&str, Period)> {
        let rating = |(_, content)| match content {
            &Content::Rating { ref level, period } => Some((level.as_str(), period)),
            _ => None,
        };
        self.of_kind(FactKind::CreditRating).filter_map(rating).max_by_key(|(_, period)| *period)
    }

    /// The last day on which something of this kind happened.
    pub fn last(&self, kind: FactKind) -> Option<Date> {
        let day = |(_, content): (&Fact, &Content)| match content {
            Content::Incident { on } => Some(*on),
            _ => None,
        };
        self.of_kind(kind).filter_map(day).max()
    }

    /// Whether too much was discharged in a year: of the pollutant, when one is asked for, and at the site.
    pub fn over_permit(&self, year: i16, at: Option<(SiteId, &str)>) -> bool {
        self.of_kind(FactKind::OverPermitDischarge).any(|(fact, content)| {
            let Content::OverPermit { period, pollutant } = content else { return false };
            let is_asked = at.is_none_or(|(site, asked)| {
                fact.about == About::Site(site) && pollutant.as_deref().is_none_or(|known| known == asked)
            });
            period.of_year() == year && is_asked
        })
    }

    /// Fees that are owed: those that nobody has settled. A settlement names a fee as it was told at the time, so what has
    /// been corrected since is still the same fee.
    pub fn owed(&self) -> impl Iterator<Item = &Fact> {
        let settled: HashSet<FactId> = self
            .of_kind(FactKind::FeeSettled)
            .filter_map(|(_, content)| match content {
                Content::Settlement { of: Settled::Owed(id), .. } => Some(self.first_of(*id)),
                _ => None,
            })
            .collect();
        let is_owed = move |fact: &&Fact| !settled.contains(&self.first_of(fact.id));
        self.of_kind(FactKind::FeeUnpaid).map(|(fact, _)| fact).filter(is_owed)
    }

    /// How much of a site's free rights of a class has its usage fee settled.
    pub fn fee_covered(&self, site: SiteId, right_class: &str) -> Covered {
        let of_site = self.of_kind(FactKind::FeeSettled).filter(|(fact, _)| fact.about == About::Site(site));
        let quantities = of_site.filter_map(|(_, content)| match content {
            Content::Settlement { of: Settled::Rights { right_class: code, quantity }, .. } if code == right_class => {
                Some(*quantity)
            }
            _ => None,
        });
        quantities.fold(Covered::Grams(0), |covered, quantity| match (covered, quantity) {
            (Covered::Grams(grams), Some(quantity)) => Covered::Grams(grams.saturating_add(quantity.grams())),
            _ => Covered::Everything,
        })
    }

    /// The fact that a chain of corrections began with.
    fn first_of(&self, id: FactId) -> FactId {
        let mut first = id;
        // No longer than the list: a fact corrects only what was there before it.
        for _ in 0..self.0.len() {
            match self.0.iter().find(|fact| fact.id == first).and_then(|fact| fact.corrects) {
                Some(before) => first = before,
                None => break,
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(content: Option<Content>, corrects: Option<&Fact>) -> Fact {
        Fact {
            id: FactId::fresh(),
            about: About::Site(SiteId::fresh()),
            organisation: None,
            area_path: "420000/421200/421222".to_owned(),
            kind: FactKind::MajorAccident,
            content,
            source: "咸环函〔2022〕9号".to_owned(),
            document_hash: None,
            corrects: corrects.map(|fact| fact.id),
            reason: None,
            recorded_by: UserId::fresh(),
            recorded_for: OrganisationId::fresh(),
            recorded_at: Moment::from_micros(0),
            rulebook: RulebookId::fresh(),
        }
    }

    fn incident(on: Date) -> Content {
        Content::Incident { on }
    }

    #[test]
    fn a_period_is_a_year_or_a_quarter() {
        for text in ["2022", "2022Q1", "2022Q4", "1900"] {
            assert_eq!(Period::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Period::parse("2022Q3").unwrap().begins(), date(2022, 7, 1));
        assert_eq!(Period::parse("2022").unwrap().begins(), date(2022, 1, 1));
        for text in ["", "22", "2022Q0", "2022Q5", "2022q1", "2022Q", "2022-Q1", "+202", "Q1", "0000", "9999"] {
            assert_eq!(Period::parse(text), None, "{text:?}");
        }
        let periods = ["2021Q4", "2022", "2022Q1", "2022Q2"].map(|text| Period::parse(text).unwrap());
        assert!(periods.is_sorted());
    }

    fn stands(facts: &[&Fact]) -> Vec<FactId> {
        Facts::new(facts.iter().map(|fact| (*fact).clone()).collect()).standing().map(|(fact, _)| fact.id).collect()
    }

    #[test]
    fn what_was_corrected_does_not_stand_and_its_correction_does() {
        let first = fact(Some(incident(date(2022, 5, 1))), None);
        let second = fact(Some(incident(date(2022, 5, 2))), Some(&first));
        let third = fact(Some(incident(date(2022, 5, 3))), Some(&second));
        assert_eq!(stands(&[&first, &second]), [second.id]);
        assert_eq!(stands(&[&third, &first, &second]), [third.id]);
        let facts = Facts::new(vec![first, second, third]);
        assert_eq!(facts.last(FactKind::MajorAccident), Some(date(2022, 5, 3)));
        assert_eq!(facts.last(FactKind::MajorViolation), None);
    }

    #[test]
    fn an_annulled_fact_leaves_nothing() {
        let first = fact(Some(incident(date(2022, 5, 1))), None);
        let annulment = fact(None, Some(&first));
        assert_eq!(stands(&[&first, &annulment]), []);
        let again = fact(Some(incident(date(2022, 5, 4))), Some(&annulment));
        assert_eq!(stands(&[&first, &annulment, &again]), [again.id]);
    }

    #[test]
    fn the_newest_rating_counts_whenever_it_was_recorded() {
        let rating = |level: &str, period: &str| {
            let (level, period) = (level.to_owned(), Period::parse(period).unwrap());
            Fact { kind: FactKind::CreditRating, ..fact(Some(Content::Rating { level, period }), None) }
        };
        let facts = Facts::new(vec![rating("black", "2022Q3"), rating("green", "2022Q2")]);
        assert_eq!(facts.credit_level(), Some(("black", Period::parse("2022Q3").unwrap())));
        assert_eq!(Facts::default().credit_level(), None);
    }

    #[test]
    fn too_much_of_a_pollutant_concerns_that_one_and_too_much_concerns_any() {
        let year = |pollutant: Option<&str>| {
            let (period, pollutant) = (Period::year(2021).unwrap(), pollutant.map(str::to_owned));
            Fact { kind: FactKind::OverPermitDischarge, ..fact(Some(Content::OverPermit { period, pollutant }), None) }
        };
        let (cod, any) = (year(Some("COD")), year(None));
        let (About::Site(of_cod), About::Site(of_any)) = (cod.about, any.about) else { panic!("both are of sites") };
        let facts = Facts::new(vec![cod, any]);
        assert!(facts.over_permit(2021, None) && !facts.over_permit(2020, None));
        assert!(facts.over_permit(2021, Some((of_cod, "COD"))) && !facts.over_permit(2021, Some((of_cod, "SO2"))));
        assert!(facts.over_permit(2021, Some((of_any, "SO2"))));
        assert!(!facts.over_permit(2021, Some((SiteId::fresh(), "COD"))));
    }

    #[test]
    fn a_fee_is_owed_until_it_is_settled_however_it_was_corrected_since() {
        let owed = Fact { kind: FactKind::FeeUnpaid, ..fact(Some(incident(date(2022, 5, 1))), None) };
        let settled = |of: Settled, at: About| {
            let content = Some(Content::Settlement { on: date(2022, 6, 1), of });
            Fact { kind: FactKind::FeeSettled, about: at, ..fact(content, None) }
        };
        let corrected = Fact { kind: FactKind::FeeUnpaid, ..fact(Some(incident(date(2022, 5, 2))), Some(&owed)) };
        let ids = |facts: Vec<Fact>| Facts::new(facts).owed().map(|fact| fact.id).collect::<Vec<_>>();
        assert_eq!(ids(vec![owed.clone()]), [owed.id]);
        assert_eq!(ids(vec![owed.clone(), corrected.clone()]), [corrected.id]);
        let paid = settled(Settled::Owed(owed.id), owed.about);
        assert_eq!(ids(vec![owed.clone(), paid.clone()]), []);
        assert_eq!(ids(vec![owed.clone(), paid.clone(), corrected]), []);
        let undone = Fact { kind: FactKind::FeeSettled, ..fact(None, Some(&paid)) };
        assert_eq!(ids(vec![owed.clone(), paid, undone]), [owed.id]);
        let class = "COD-MULTI-FREE-LUSHUI-20210101-20251231";
        let rights = |grams: Option<i64>| {
            let quantity = grams.map(|grams| Quantity::try_new(grams).unwrap());
            settled(Settled::Rights { right_class: class.to_owned(), quantity }, owed.about)
        };
        let About::Site(site) = owed.about else { panic!("a fee is of a site") };
        assert_eq!(ids(vec![owed.clone(), rights(None)]), [owed.id], "another fee");
        let facts = Facts::new(vec![owed.clone(), rights(Some(7)), rights(Some(5))]);
        assert_eq!(facts.fee_covered(site, class), Covered::Grams(12));
        assert_eq!(facts.fee_covered(SiteId::fresh(), class), Covered::Grams(0));
        assert_eq!(facts.fee_covered(site, "SO2-MULTI-FREE-421200-20210101-20251231"), Covered::Grams(0));
        let facts = Facts::new(vec![rights(Some(7)), rights(None), rights(Some(5))]);
        assert_eq!(facts.fee_covered(site, class), Covered::Everything, "as it was told before quantities were");
        let annulled = rights(Some(7));
        let annulment = Fact { kind: FactKind::FeeSettled, ..fact(None, Some(&annulled)) };
        let facts = Facts::new(vec![annulled, annulment, rights(Some(5))]);
        assert_eq!(facts.fee_covered(site, class), Covered::Grams(5));
    }

    #[test]
    fn a_settled_fee_bears_as_much_as_it_is_for_and_not_a_gram_more() {
        assert!(Covered::Grams(12).bears(5, 7) && !Covered::Grams(12).bears(6, 7) && !Covered::Grams(0).bears(0, 1));
        assert!(Covered::Everything.bears(i64::MAX, 1) && !Covered::Grams(i64::MAX).bears(i64::MAX, 1));
    }
}
