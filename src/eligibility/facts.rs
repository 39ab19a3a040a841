//! Loading what trades are judged on, in sets: a handful of statements whatever the number of trades.

use super::trade::{Headroom, ProjectFact, TradeCase, TradeRefusal};
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, ProjectId, RightClassId, SiteId};
use crate::parties::facts::queries::facts_of;
use crate::parties::suspensions::{self, AreaSuspension, Standing};
use crate::parties::{Organisation, PartyRefusal, Pollutant, Site, queries};
use accounting::{Price, PriceBasis, Quantity};
use std::collections::HashMap;

/// What a trade names.
#[derive(Debug, Clone)]
pub struct TradeTerms {
    /// Seller's site.
    pub seller: SiteId,
    /// Buyer's site.
    pub buyer: SiteId,
    /// What is sold.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// At what price per display unit.
    pub unit_price: Price,
    /// What the price is for.
    pub price_basis: PriceBasis,
    /// `negotiated`, `listing` or `auction`.
    pub mode: &'static str,
    /// The buyer's project, once it is named.
    pub project: Option<ProjectId>,
    /// Grams of it that count as sold already, because a listing holds them from which it is bought.
    pub counted: i64,
}

/// The cases, in the order of the terms. What the seller has free, what the buyer's area can take, what the
/// seller's settled fees have borne and whether its permit matches are filled in by the caller, who reads them under its locks.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::UnknownOrganisation`].
pub async fn trade_cases(work: &Work, terms: &[TradeTerms]) -> Result<Vec<TradeCase>, Failure> {
    let connection = work.connection();
    let site_ids: Vec<SiteId> = terms.iter().flat_map(|terms| [terms.seller, terms.buyer]).collect();
    let sites = queries::known_sites(connection, &site_ids).await?;
    let organisation_ids: Vec<OrganisationId> = sites.values().map(|site| site.organisation).collect();
    let organisations = queries::organisations_by_id(connection, &organisation_ids).await?;
    let permits = queries::permits_of(connection, &site_ids).await?;
    let reductions = queries::reductions_of(connection, &site_ids).await?;
    let sellers: Vec<OrganisationId> =
        terms.iter().filter_map(|terms| sites.get(&terms.seller)).map(|site| site.organisation).collect();
    let facts = facts_of(connection, &sellers).await?;
    let class_ids: Vec<RightClassId> = terms.iter().map(|terms| terms.right_class).collect();
    let classes = queries::classes_by_id(connection, &class_ids).await?;
    let pollutants = queries::pollutants(connection).await?;
    let project_ids: Vec<ProjectId> = terms.iter().filter_map(|terms| terms.project).collect();
    let projects = queries::projects_by_id(connection, &project_ids).await?;
    let into = terms.iter().filter_map(|terms| sites.get(&terms.buyer)).map(|site| site.area_path.as_str());
    let suspensions = suspensions::standing(work, into).await?;
    terms
        .iter()
        .map(|terms| {
            let unknown_class = || PartyRefusal::UnknownRightClass { code: terms.right_class.to_string() };
            let class = classes.get(&terms.right_class).ok_or_else(unknown_class)?.class.clone();
            let pollutant = pollutants.get(&class.pollutant).ok_or_else(unknown_class)?.clone();
            let project = match terms.project {
                None => ProjectFact::NotYetNamed,
                Some(id) => ProjectFact::Named(projects.get(&id).cloned()),
            };
            let registered = reductions.get(&(terms.seller, class.pollutant.clone())).copied().unwrap_or_default();
            let seller = party(&sites, &organisations, terms.seller)?;
            let buyer = party(&sites, &organisations, terms.buyer)?;
            Ok(TradeCase {
                seller_facts: facts.get(&seller.1.id).cloned().unwrap_or_default(),
                suspension: suspended(&suspensions, &pollutant, &seller.0, &buyer.0),
                seller,
                buyer,
                class,
                pollutant,
                quantity: terms.quantity,
                unit_price: terms.unit_price,
                price_basis: terms.price_basis,
                mode: terms.mode,
                seller_permits: permits.get(&terms.seller).cloned().unwrap_or_default(),
                buyer_permits: permits.get(&terms.buyer).cloned().unwrap_or_default(),
                project,
                registered,
                sold: 0,
                available: None,
                headroom: Headroom::NotNeeded,
                lift: None,
                is_mismatched: false,
                fee_used: 0,
            })
        })
        .collect()
}

/// The reserve's holdings use no capacity, so what it sells comes from outside wherever it sits.
fn suspended(standing: &Standing, pollutant: &Pollutant, seller: &Site, buyer: &Site) -> Option<TradeRefusal> {
    let out_of = (!seller.is_reserve).then_some(seller.area_path.as_str());
    let told = |suspension: &AreaSuspension| TradeRefusal::AreaSuspended {
        area: suspension.area_code().to_owned(),
        document: suspension.document.clone(),
        from: suspension.from.to_string(),
    };
    standing.against(pollutant, &buyer.area_path, out_of).map(told)
}

fn party(
    sites: &HashMap<SiteId, Site>,
    organisations: &HashMap<OrganisationId, Organisation>,
    id: SiteId,
) -> Result<(Site, Organisation), PartyRefusal> {
    let site = sites.get(&id).ok_or(PartyRefusal::UnknownSite {})?;
    let organisation = organisations.get(&site.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
    Ok((site.clone(), organisation.clone()))
}
