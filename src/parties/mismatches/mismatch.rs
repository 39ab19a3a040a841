//! How far a permit and the rights differ, and what becomes of a mismatch from run to run.

use crate::kernel::Moment;
use crate::kernel::ids::{MismatchId, OrganisationId, SiteId};
use crate::parties::{Permit, Site};
use accounting::{Product, RightClass};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};

/// What the permits of a site allow of a pollutant, and what it owns of the rights, where the two differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Of which pollutant.
    pub pollutant: String,
    /// Grams a year that the permits in force allow.
    pub permitted: i64,
    /// Grams a year of rights in force.
    pub owned: i64,
}

impl Difference {
    /// Whether the permit allows more than there are rights for: only that blocks, where the rules say so.
    pub fn is_excess(&self) -> bool {
        self.permitted > self.owned
    }
}

/// Every pollutant of which a site's permits and its multi-year rights differ today. An annual surplus is no right to discharge every
/// year, so it does not count.
pub fn differences(
    permits: &[Permit],
    rights: &[(RightClass, i64)],
    is_compared: impl Fn(&str) -> bool,
    today: Date,
) -> Vec<Difference> {
    let mut sums: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for permit in permits.iter().filter(|permit| permit.validity.contains(today)) {
        for (pollutant, grams) in &permit.quantities {
            let permitted = &mut sums.entry(pollutant).or_default().0;
            *permitted = permitted.saturating_add(*grams);
        }
    }
    let counts = |class: &RightClass| class.product == Product::MultiYear && class.validity.contains(today);
    for (class, grams) in rights.iter().filter(|(class, _)| counts(class)) {
        let owned = &mut sums.entry(&class.pollutant).or_default().1;
        *owned = owned.saturating_add(*grams);
    }
    sums.into_iter()
        .filter(|(pollutant, (permitted, owned))| permitted != owned && is_compared(pollutant))
        .map(|(pollutant, (permitted, owned))| Difference { pollutant: pollutant.to_owned(), permitted, owned })
        .collect()
}

/// A mismatch that a run has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Its identity.
    pub id: MismatchId,
    /// Whose permit and rights.
    pub site: SiteId,
    /// Whose site.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// How far they differ, as the last run that looked found it.
    pub difference: Difference,
    /// When a run first found it.
    pub found_at: Moment,
    /// When a run found it changed, or found it.
    pub changed_at: Moment,
    /// When a run found it gone.
    pub ended_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Mismatch {
    fn found(site: &Site, difference: Difference, now: Moment) -> Self {
        Self {
            id: MismatchId::fresh(),
            site: site.id,
            organisation: site.organisation,
            area_path: site.area_path.clone(),
            difference,
            found_at: now,
            changed_at: now,
            ended_at: None,
            version: 1,
        }
    }

    fn changed(self, difference: Difference, now: Moment) -> Self {
        Self { difference, changed_at: now, version: self.version + 1, ..self }
    }

    fn ended(self, now: Moment) -> Self {
        Self { ended_at: Some(now), version: self.version + 1, ..self }
    }
}

/// What a run changes of a site's open mismatches: those that are new, have changed, or are gone. What is as it was stays untouched.
pub fn turned(site: &Site, open: Vec<Mismatch>, differences: Vec<Difference>, now: Moment) -> Vec<Mismatch> {
    let mut open: HashMap<String, Mismatch> =
        open.into_iter().map(|mismatch| (mismatch.difference.pollutant.clone(), mismatch)).collect();
    let mut turned = Vec::new();
    for difference in differences {
        match open.remove(&difference.pollutant) {
            None => turned.push(Mismatch::found(site, difference, now)),
            Some(known) if known.difference != difference => turned.push(known.changed(difference, now)),
            Some(_) => {}
        }
    }
    turned.extend(open.into_values().map(|gone| gone.ended(now)));
    turned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::{AreaId, PermitId};
    use accounting::Validity;
    use jiff::civil::date;

    const TODAY: Date = date(2022, 12, 1);

    fn permit(quantities: &[(&str, i64)], to: Date) -> Permit {
        Permit {
            id: PermitId::fresh(),
            number: "91421222MA0000001F001P".to_owned(),
            site: SiteId::fresh(),
            validity: Validity::try_new(date(2021, 1, 1), to).unwrap(),
            quantities: quantities.iter().map(|(code, grams)| ((*code).to_owned(), *grams)).collect(),
            version: 1,
            registered_at: Moment::from_micros(0),
        }
    }

    fn right(code: &str, grams: i64) -> (RightClass, i64) {
        (RightClass::parse(code).unwrap(), grams)
    }

    fn told(permits: &[Permit], rights: &[(RightClass, i64)]) -> Vec<(String, i64, i64)> {
        let found = differences(permits, rights, |pollutant| pollutant != "TP", TODAY);
        found.into_iter().map(|one| (one.pollutant, one.permitted, one.owned)).collect()
    }

    const LAST: Date = date(2025, 12, 31);

    #[test]
    fn what_agrees_to_the_gram_is_no_mismatch() {
        let rights =
            [right("COD-MULTI-PAID-LUSHUI-20210101-20251231", 7), right("COD-MULTI-FREE-LUSHUI-20210101-20251231", 3)];
        assert_eq!(told(&[permit(&[("COD", 10)], LAST)], &rights), []);
        assert_eq!(told(&[permit(&[("COD", 4)], LAST), permit(&[("COD", 6)], LAST)], &rights), []);
        assert_eq!(told(&[permit(&[("COD", 11)], LAST)], &rights), [("COD".to_owned(), 11, 10)]);
        assert_eq!(told(&[permit(&[("COD", 9)], LAST)], &rights), [("COD".to_owned(), 9, 10)]);
        assert_eq!(told(&[], &rights), [("COD".to_owned(), 0, 10)]);
        let only_one_blocks = |permitted| Difference { pollutant: "COD".to_owned(), permitted, owned: 10 }.is_excess();
        assert!(only_one_blocks(11) && !only_one_blocks(9));
    }

    #[test]
    fn what_is_not_in_force_or_is_a_surplus_of_one_year_does_not_count() {
        let over = permit(&[("COD", 10)], date(2022, 11, 30));
        let rights =
            [right("COD-MULTI-PAID-LUSHUI-20230101-20271231", 5), right("COD-Y2022-PAID-LUSHUI-20220101-20221231", 5)];
        assert_eq!(told(&[over], &rights), []);
    }

    #[test]
    fn a_pollutant_that_is_not_traded_here_has_no_rights_to_compare() {
        assert_eq!(told(&[permit(&[("TP", 10), ("SO2", 1)], LAST)], &[]), [("SO2".to_owned(), 1, 0)]);
    }

    #[test]
    fn a_mismatch_is_found_once_changes_and_ends() {
        let site = Site {
            id: SiteId::fresh(),
            number: "SA0000001F".to_owned(),
            organisation: OrganisationId::fresh(),
            name: "临江纸业".to_owned(),
            area: AreaId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            basin: None,
            sector: None,
            is_reserve: false,
            version: 1,
            registered_at: Moment::from_micros(0),
        };
        let by = |permitted| vec![Difference { pollutant: "COD".to_owned(), permitted, owned: 10 }];
        let at = Moment::from_micros;
        let found = turned(&site, Vec::new(), by(11), at(1));
        assert_eq!((found.len(), found[0].version, found[0].found_at), (1, 1, at(1)));
        assert_eq!(turned(&site, found.clone(), by(11), at(2)), []);
        let changed = turned(&site, found, by(12), at(3));
        assert_eq!((changed[0].version, changed[0].found_at, changed[0].changed_at), (2, at(1), at(3)));
        let ended = turned(&site, changed, Vec::new(), at(4));
        assert_eq!((ended[0].version, ended[0].ended_at), (3, Some(at(4))));
        assert_eq!(ended[0].difference, by(12)[0], "it says how far they differed");
    }
}
