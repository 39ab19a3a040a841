//! Loading what pledges are judged on, in sets: a handful of statements whatever the number of pledges.

use super::pledge::{Pledge, Terms};
use super::valuations::Worth;
use crate::db::Work;
use crate::eligibility::{FacilityFact, FurtherCase, Part, PledgeCase, RightCase};
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, RightClassId, SiteId};
use crate::market::queries::borne_by_fees;
use crate::parties::facts::queries::facts_of;
use crate::parties::mismatches::commands::blocked;
use crate::parties::{Organisation, PartyRefusal, commands, queries};
use crate::rulebook::Rulebook;
use accounting::{AccountKey, Books, Holding, Money, Origin, Quantity};
use std::collections::HashMap;

/// One right to be pledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Right {
    /// Whose stock.
    pub site: SiteId,
    /// Of what.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// Whether its lien may wait for what liens before it hold.
    pub is_junior: bool,
}

impl Right {
    /// What a lien was applied for on.
    pub fn of(lien: &super::Lien) -> Self {
        let super::Lien { site, right_class, quantity, is_junior, .. } = *lien;
        Self { site, right_class, quantity, is_junior }
    }

    /// The stock it is of.
    pub fn stock(&self) -> Holding {
        Holding { owner: self.site.into(), asset: self.right_class.into() }
    }

    /// What the site has free of it.
    pub fn available(&self) -> AccountKey {
        self.stock().available()
    }
}

/// What a pledge asks for.
#[derive(Debug, Clone)]
pub struct Ask<'a> {
    /// Who pledges; the borrower of several.
    pub pledgor: OrganisationId,
    /// The other pledgors.
    pub further: Vec<OrganisationId>,
    /// To whom.
    pub pledgee: OrganisationId,
    /// What is owed and secured.
    pub terms: &'a Terms,
    /// What the rights are worth together.
    pub worth: &'a Worth,
    /// The rights.
    pub rights: Vec<Right>,
    /// What rests on each of them, in the same order, where it is told.
    pub parts: Vec<Option<Part>>,
    /// What liens before them secure on what those that are registered still wait for, together.
    pub ahead: Money,
}

impl<'a> From<&'a Pledge> for Ask<'a> {
    fn from(pledge: &'a Pledge) -> Self {
        Self {
            pledgor: pledge.pledgor,
            further: pledge.further.iter().map(|further| further.pledgor).collect(),
            pledgee: pledge.pledgee,
            terms: &pledge.terms,
            worth: &pledge.worth,
            rights: rights_of(pledge),
            parts: pledge.liens.iter().map(super::Lien::part).collect(),
            ahead: pledge.ahead(),
        }
    }
}

impl Ask<'_> {
    /// Everybody who pledges, the borrower first.
    pub fn pledgors(&self) -> impl Iterator<Item = OrganisationId> {
        std::iter::once(self.pledgor).chain(self.further.iter().copied())
    }
}

/// The rights of a pledge that is on its way.
pub fn rights_of(pledge: &Pledge) -> Vec<Right> {
    pledge.liens.iter().map(Right::of).collect()
}

/// The cases, in the order asked, with the consents between the parties locked. What is free is filled in by
/// [`fill_available`], and the facility by the caller, who holds both locked.
///
/// # Errors
/// [`PartyRefusal::UnknownOrganisation`], [`PartyRefusal::UnknownSite`], [`PartyRefusal::UnknownRightClass`].
pub async fn load(work: &Work, asks: &[Ask<'_>]) -> Result<Vec<PledgeCase>, Failure> {
    let ids: Vec<OrganisationId> = asks.iter().flat_map(|ask| ask.pledgors().chain([ask.pledgee])).collect();
    let organisations = queries::organisations_by_id(work.connection(), &ids).await?;
    let pairs: Vec<_> = asks.iter().flat_map(|ask| ask.pledgors().map(|pledgor| (pledgor, ask.pledgee))).collect();
    let consents = commands::consents_under_lock(work, &pairs).await?;
    let pledgors: Vec<OrganisationId> = asks.iter().flat_map(Ask::pledgors).collect();
    let facts = facts_of(work.connection(), &pledgors).await?;
    let wanted: Vec<&[Right]> = asks.iter().map(|ask| ask.rights.as_slice()).collect();
    let rights = load_rights(work, &wanted).await?;
    asks.iter()
        .zip(rights)
        .map(|(ask, mut rights)| {
            for (right, part) in rights.iter_mut().zip(&ask.parts) {
                right.part = *part;
            }
            let is_pledgor = |id: OrganisationId| ask.pledgors().any(|pledgor| pledgor == id);
            let between =
                consents.iter().filter(|consent| is_pledgor(consent.organisation) && consent.pledgee == ask.pledgee);
            let further = |(at, id): (usize, &OrganisationId)| {
                let pledgor = known(&organisations, *id)
                    .map_err(|unknown| Failure::from(unknown).at(&format!("further_pledgors[{at}]")))?;
                Ok::<_, Failure>(FurtherCase { pledgor, facts: facts.get(id).cloned().unwrap_or_default() })
            };
            Ok(PledgeCase {
                pledgor: known(&organisations, ask.pledgor).map_err(|unknown| Failure::from(unknown).at("pledgor"))?,
                further: ask.further.iter().enumerate().map(further).collect::<Result<_, _>>()?,
                pledgee: known(&organisations, ask.pledgee)?,
                consents: between.cloned().collect(),
                facility: FacilityFact::NotNamed,
                principal: ask.terms.principal,
                secured: ask.terms.secured,
                assessed_value: ask.worth.assessed_value,
                valued_on: ask.worth.valued_on,
                valuation_expires_on: ask.worth.expires_on,
                determined: ask.terms.determined,
                debt_from: ask.terms.debt_from,
                debt_to: ask.terms.debt_to,
                ahead: ask.ahead,
                rights,
                facts: facts.get(&ask.pledgor).cloned().unwrap_or_default(),
            })
        })
        .collect()
}

fn known(
    organisations: &HashMap<OrganisationId, Organisation>,
    id: OrganisationId,
) -> Result<Organisation, PartyRefusal> {
    organisations.get(&id).cloned().ok_or(PartyRefusal::UnknownOrganisation {})
}

/// The rights of each pledge, without what is free of them.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::UnknownRightClass`].
pub async fn load_rights(work: &Work, wanted: &[&[Right]]) -> Result<Vec<Vec<RightCase>>, Failure> {
    let connection = work.connection();
    let all = || wanted.iter().flat_map(|rights| rights.iter());
    let site_ids: Vec<SiteId> = all().map(|right| right.site).collect();
    let sites = queries::known_sites(connection, &site_ids).await?;
    let class_ids: Vec<RightClassId> = all().map(|right| right.right_class).collect();
    let classes = queries::classes_by_id(connection, &class_ids).await?;
    let pollutants = queries::pollutants(connection).await?;
    let case = |right: &Right| {
        let unknown = || PartyRefusal::UnknownRightClass { code: right.right_class.to_string() };
        let class = classes.get(&right.right_class).ok_or_else(unknown)?.class.clone();
        let pollutant = pollutants.get(&class.pollutant).ok_or_else(unknown)?;
        Ok(RightCase {
            site: sites.get(&right.site).ok_or(PartyRefusal::UnknownSite {})?.clone(),
            measure: pollutant.measure.clone(),
            quantity: right.quantity,
            available: None,
            is_mismatched: false,
            fee_used: 0,
            is_held: false,
            part: None,
            junior: None,
            ahead: Money::default(),
            class,
        })
    };
    wanted.iter().map(|rights| rights.iter().map(case).collect()).collect()
}

/// Fills in which rights are blocked, because the permit of their site allows more than the site owns.
///
/// # Errors
/// A fault of the database.
pub async fn fill_mismatches(work: &Work, cases: &mut [PledgeCase], rulebook: &Rulebook) -> Result<(), Failure> {
    let sites: Vec<SiteId> = cases.iter().flat_map(|case| &case.rights).map(|right| right.site.id).collect();
    let blocked = blocked(work, &sites, rulebook).await?;
    for right in cases.iter_mut().flat_map(|case| &mut case.rights) {
        right.is_mismatched = blocked.contains(&(right.site.id, right.class.pollutant.clone()));
    }
    Ok(())
}

/// Fills in what is free of each right, from books that are held locked.
pub fn fill_available(cases: &mut [RightCase], rights: &[Right], books: &Books) {
    for (case, right) in cases.iter_mut().zip(rights) {
        case.available = Some(books.balance(&right.available()));
    }
}

/// Fills in what the settled usage fees of free rights have borne already, once the accounts of what is pledged are locked; each right after those
/// before it.
///
/// # Errors
/// A fault of the database.
pub async fn fill_fees(work: &Work, cases: &mut [PledgeCase], asks: &[Ask<'_>]) -> Result<(), Failure> {
    let stock = Right::stock;
    let rights = || asks.iter().flat_map(|ask| &ask.rights);
    let pairs = cases.iter().flat_map(|case| &case.rights).zip(rights());
    let stocks: Vec<Holding> =
        pairs.filter(|(case, _)| case.class.origin == Origin::Free).map(|(_, right)| stock(right)).collect();
    let mut used = borne_by_fees(work, &stocks, &[]).await?;
    let cases = cases.iter_mut().flat_map(|case| &mut case.rights);
    for (case, right) in cases.zip(rights()).filter(|(case, _)| case.class.origin == Origin::Free) {
        let before = used.entry(stock(right)).or_insert(0);
        case.fee_used = *before;
        *before = before.saturating_add(right.quantity.grams());
    }
    Ok(())
}
