//! How much of a pollutant a site can have reduced: no more than it may discharge, by its permits in force or by the rights that it owns.

use super::mismatches::commands::rights_by_site;
use super::queries;
use super::site::{Permit, permitted_on};
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::SiteId;
use accounting::RightClass;
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};

/// What sites may discharge.
#[derive(Debug)]
pub struct Ceilings {
    permits: HashMap<SiteId, Vec<Permit>>,
    rights: HashMap<SiteId, Vec<(RightClass, i64)>>,
    today: Date,
}

impl Ceilings {
    /// Loads it for sites, as both registers stand today.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn load(work: &Work, sites: &[SiteId]) -> Result<Self, Failure> {
        let sites: Vec<SiteId> = sites.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let permits = queries::permits_of(work.connection(), &sites).await?;
        Ok(Self { permits, rights: rights_by_site(work, &sites).await?, today: work.today() })
    }

    /// The most that a site can have reduced of a pollutant, in grams.
    pub fn of(&self, site: SiteId, pollutant: &str) -> i64 {
        let permits = self.permits.get(&site).map(Vec::as_slice).unwrap_or_default();
        let permitted = permitted_on(permits, pollutant, self.today).unwrap_or_default();
        let rights = self.rights.get(&site).map(Vec::as_slice).unwrap_or_default();
        permitted.max(owned_on(rights, pollutant, self.today))
    }
}

/// Grams of rights of a pollutant that are valid on a day.
fn owned_on(rights: &[(RightClass, i64)], pollutant: &str, day: Date) -> i64 {
    let counts = |class: &RightClass| class.pollutant == pollutant && class.validity.contains(day);
    rights.iter().filter(|(class, _)| counts(class)).fold(0, |sum, (_, grams)| sum.saturating_add(*grams))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Moment;
    use crate::kernel::ids::PermitId;
    use accounting::Validity;
    use jiff::civil::date;

    fn ceiling(permitted: Option<i64>, owned: i64, today: Date) -> i64 {
        let site = SiteId::fresh();
        let permit = Permit {
            id: PermitId::fresh(),
            number: "P-1".to_owned(),
            site,
            validity: Validity::try_new(date(2021, 1, 1), date(2023, 12, 31)).unwrap(),
            quantities: permitted.map(|grams| ("COD".to_owned(), grams)).into_iter().collect(),
            version: 1,
            registered_at: Moment::from_micros(0),
        };
        let class = |text: &str| RightClass::parse(text).unwrap();
        let rights = vec![
            (class("COD-MULTI-PAID-LUSHUI-20210101-20251231"), owned),
            (class("SO2-MULTI-PAID-421200-20210101-20251231"), 9_000),
        ];
        let (permits, rights) = (HashMap::from([(site, vec![permit])]), HashMap::from([(site, rights)]));
        Ceilings { permits, rights, today }.of(site, "COD")
    }

    #[test]
    fn the_greater_of_permit_and_rights_bears_a_reduction_while_each_is_in_force() {
        let today = date(2022, 12, 1);
        assert_eq!(ceiling(Some(500), 100, today), 500);
        assert_eq!(ceiling(Some(500), 700, today), 700);
        assert_eq!(ceiling(None, 0, today), 0, "who may discharge nothing has nothing to reduce");
        assert_eq!(ceiling(Some(500), 100, date(2024, 1, 1)), 100, "the permit is over");
        assert_eq!(ceiling(Some(500), 100, date(2026, 1, 1)), 0, "and so are the rights");
    }
}
