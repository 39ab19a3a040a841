//! What moves between the accounts of a year: a verified surplus becomes a right of its own, and such rights cover a shortfall.

use super::commands::{figures, judged, lock, save};
use super::error::ComplianceRefusal;
use super::year::ComplianceYear;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::ComplianceYearId;
use crate::ledger;
use crate::parties::{PartyRefusal, Pollutant, Site, queries, reference};
use accounting::{
    Holding, JournalKind, Measure, Origin, Product, Purpose, Quantity, RightClass, Validity, decimal, recipes,
};
use jiff::civil::date;

/// Grams to grant or to give up.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Of the surplus of which account.
    pub account: ComplianceYearId,
    /// The version that the caller saw.
    pub expected: Option<i64>,
    /// How much.
    pub quantity: Quantity,
}

/// Rights that are given up for a shortfall.
#[derive(Debug, Clone)]
pub struct Cover {
    /// The shortfall of which account.
    pub account: ComplianceYearId,
    /// The version that the caller saw.
    pub expected: Option<i64>,
    /// Code of their class.
    pub right_class: String,
    /// How much.
    pub quantity: Quantity,
}

fn print(grams: i64, measure: &Measure) -> String {
    format!("{} {}", decimal::print(grams, measure.grams_per_unit, measure.decimals), measure.unit)
}

/// The pollutant, the site and its zone of an account.
async fn setting(work: &Work, account: &ComplianceYear) -> Result<(Pollutant, Site, String), Failure> {
    let mut pollutants = queries::pollutants(work.connection()).await?;
    let pollutant = pollutants.remove(&account.pollutant).ok_or_else(|| Failure::bug("an unknown pollutant"))?;
    let mut sites = queries::known_sites(work.connection(), &[account.site]).await?;
    let site = sites.remove(&account.site).ok_or(PartyRefusal::UnknownSite {})?;
    let zone = site.zone(&pollutant).ok_or(ComplianceRefusal::ZoneMissing {})?.to_owned();
    Ok((pollutant, site, zone))
}

/// The class of an annual surplus: of its year alone, and usable until the end of the next one, in which the year is settled. It counts as
/// free of charge as soon as any of the rights it comes from was, so that no free right becomes a paid one on the way.
pub fn surplus_class(account: &ComplianceYear, zone: String, origin: Origin) -> Result<RightClass, Failure> {
    let year = account.year.number();
    let validity = Validity::try_new(account.year.first(), date(year + 1, 12, 31)).map_err(Failure::bug)?;
    let product = Product::AnnualSurplus { year };
    Ok(RightClass { pollutant: account.pollutant.clone(), product, origin, zone, validity })
}

/// Makes a part of a verified surplus a right of its own. The multi-year right stays, and no capacity moves.
///
/// # Errors
/// [`ComplianceRefusal::OverSurplus`], [`ComplianceRefusal::WrongState`], [`ComplianceRefusal::PeriodSealed`],
/// [`ComplianceRefusal::ZoneMissing`]; hidden outside the caller's area.
pub async fn grant(work: &mut Work, wanted: &Grant) -> Result<ComplianceYear, Failure> {
    let account = lock(work, wanted.account, wanted.expected).await?;
    let (pollutant, site, zone) = setting(work, &account).await?;
    let (_, origin) = figures(work, &account).await?;
    let class = surplus_class(&account, zone, origin)?;
    let account = judged(work, account).await?.grant(wanted.quantity)?.map_err(|left| {
        let (left, wanted) = (print(left, &pollutant.measure), print(wanted.quantity.grams(), &pollutant.measure));
        ComplianceRefusal::OverSurplus { left, wanted }
    })?;
    let records = reference::open_classes(work, std::slice::from_ref(&class)).await?;
    let record = records.get(&class.code()).ok_or_else(|| Failure::bug("a class was not opened"))?;
    let issued = ledger::book_side(record.id).account(Purpose::Issued);
    let stock = Holding { owner: site.id.into(), asset: record.id.into() };
    let postings = recipes::grant_surplus(issued, stock, wanted.quantity)?;
    save(work, JournalKind::SurplusGranted, account, postings, None).await
}

/// Covers a part of a shortfall: annual surplus of the same year, pollutant and zone is given up for good.
///
/// # Errors
/// [`ComplianceRefusal::NotAnnualSurplus`], [`ComplianceRefusal::OtherSurplus`], [`ComplianceRefusal::OverShortfall`],
/// [`ComplianceRefusal::NotEnough`], [`ComplianceRefusal::WrongState`], [`ComplianceRefusal::PeriodSealed`],
/// [`PartyRefusal::UnknownRightClass`]; hidden from everybody else.
pub async fn cover(work: &mut Work, wanted: &Cover) -> Result<ComplianceYear, Failure> {
    let account = lock(work, wanted.account, wanted.expected).await?;
    let (pollutant, site, zone) = setting(work, &account).await?;
    let measure = &pollutant.measure;
    let found = queries::classes_by_code(work.connection(), std::slice::from_ref(&wanted.right_class)).await?;
    let unknown = || PartyRefusal::UnknownRightClass { code: wanted.right_class.clone() };
    let record = found.get(&wanted.right_class).ok_or_else(unknown)?;
    expect_surplus_of(&account, &zone, &record.class)?;
    let account = judged(work, account).await?.cover(wanted.quantity)?.map_err(|left| {
        let (left, wanted) = (print(left, measure), print(wanted.quantity.grams(), measure));
        ComplianceRefusal::OverShortfall { left, wanted }
    })?;
    let stock = Holding { owner: site.id.into(), asset: record.id.into() };
    let postings = recipes::surrender(stock.available(), None, wanted.quantity)?;
    let accounts = [stock.available(), stock.account(Purpose::Retired)];
    let available = ledger::balances_under_lock(work, &accounts).await?.balance(&stock.available());
    if available < wanted.quantity.grams() {
        let (available, wanted) = (print(available, measure), print(wanted.quantity.grams(), measure));
        return Err(ComplianceRefusal::NotEnough { available, wanted }.into());
    }
    save(work, JournalKind::ShortfallCovered, account, postings, None).await
}

/// Only the annual surplus of the account's own year, pollutant and zone counts.
fn expect_surplus_of(account: &ComplianceYear, zone: &str, class: &RightClass) -> Result<(), ComplianceRefusal> {
    let year = account.year.number();
    match class.product {
        Product::MultiYear => Err(ComplianceRefusal::NotAnnualSurplus {}),
        Product::AnnualSurplus { year: of }
            if of == year && class.pollutant == account.pollutant && class.zone == zone =>
        {
            Ok(())
        }
        Product::AnnualSurplus { .. } => {
            Err(ComplianceRefusal::OtherSurplus { wanted: format!("{} {year} {zone}", account.pollutant) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compliance::days::Year;
    use crate::compliance::year::{Mark, YearState};
    use crate::kernel::Moment;
    use crate::kernel::ids::{OrganisationId, RulebookId, SiteId, UserId};

    fn account() -> ComplianceYear {
        ComplianceYear {
            id: ComplianceYearId::fresh(),
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            pollutant: "COD".to_owned(),
            year: Year::new(2022).unwrap(),
            opened: Mark { by: UserId::fresh(), at: Moment::from_micros(0) },
            state: YearState::Open,
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    #[test]
    fn the_surplus_of_a_year_is_a_class_of_its_own() {
        let class = surplus_class(&account(), "LUSHUI".to_owned(), Origin::Paid).unwrap();
        assert_eq!(class.code(), "COD-Y2022-PAID-LUSHUI-20220101-20231231");
    }

    #[test]
    fn only_the_surplus_of_the_same_year_pollutant_and_zone_counts() {
        let judge = |code: &str| expect_surplus_of(&account(), "LUSHUI", &RightClass::parse(code).unwrap());
        assert_eq!(judge("COD-Y2022-PAID-LUSHUI-20220101-20231231"), Ok(()));
        assert_eq!(judge("COD-Y2022-FREE-LUSHUI-20220101-20231231"), Ok(()));
        let never = Err(ComplianceRefusal::NotAnnualSurplus {});
        assert_eq!(judge("COD-MULTI-PAID-LUSHUI-20210101-20251231"), never);
        let other = Err(ComplianceRefusal::OtherSurplus { wanted: "COD 2022 LUSHUI".to_owned() });
        for code in [
            "COD-Y2021-PAID-LUSHUI-20210101-20221231",
            "NH3N-Y2022-PAID-LUSHUI-20220101-20231231",
            "COD-Y2022-PAID-FUTOU-20220101-20231231",
        ] {
            assert_eq!(judge(code), other, "{code}");
        }
    }
}
