//! Loading what acts on rights are judged on, in sets: a handful of statements whatever their number.

use super::judge::Case;
use super::right_act::{Kind, RightAct, What};
use crate::db::Work;
use crate::encumbrance::{Binders, LienOn};
use crate::kernel::Failure;
use crate::kernel::ids::{OrganisationId, RightClassId, SiteId};
use crate::ledger::{self, CNY, book_side, money_of};
use crate::parties::queries::ClassRecord;
use crate::parties::{PartyRefusal, Pollutant, Site, place, queries};
use accounting::{AccountKey, AssetId, Books, Holding, Product, Purpose, RightClass, SubjectId};
use std::collections::HashMap;

/// Sites, classes and areas of stocks.
pub struct Facts {
    sites: HashMap<SiteId, Site>,
    classes: HashMap<RightClassId, ClassRecord>,
    pollutants: HashMap<String, Pollutant>,
    capacities: HashMap<String, AssetId>,
}

impl Facts {
    /// Loads them.
    ///
    /// # Errors
    /// [`PartyRefusal::UnknownSite`], [`PartyRefusal::UnknownRightClass`].
    pub async fn load(work: &Work, sites: &[SiteId], classes: &[RightClassId]) -> Result<Self, Failure> {
        let connection = work.connection();
        let sites = queries::known_sites(connection, sites).await?;
        let classes = queries::classes_by_id(connection, classes).await?;
        let pollutants = queries::pollutants(connection).await?;
        let named: std::collections::BTreeSet<&str> =
            classes.values().map(|record| record.class.pollutant.as_str()).collect();
        let codes: Vec<String> = sites
            .values()
            .flat_map(|site| named.iter().map(|pollutant| place::capacity_code(&site.area_path, pollutant)))
            .collect();
        let capacities = ledger::assets_by_code(work, &codes).await?;
        Ok(Self { sites, classes, pollutants, capacities })
    }

    /// A site.
    ///
    /// # Errors
    /// [`PartyRefusal::UnknownSite`].
    pub fn site(&self, id: SiteId) -> Result<&Site, PartyRefusal> {
        self.sites.get(&id).ok_or(PartyRefusal::UnknownSite {})
    }

    /// A class.
    ///
    /// # Errors
    /// [`PartyRefusal::UnknownRightClass`].
    pub fn class(&self, id: RightClassId) -> Result<&RightClass, PartyRefusal> {
        let unknown = || PartyRefusal::UnknownRightClass { code: id.to_string() };
        self.classes.get(&id).map(|record| &record.class).ok_or_else(unknown)
    }

    fn pollutant(&self, class: &RightClass) -> Result<&Pollutant, PartyRefusal> {
        let unknown = || PartyRefusal::UnknownPollutant { code: class.pollutant.clone() };
        self.pollutants.get(&class.pollutant).ok_or_else(unknown)
    }

    /// The area whose capacity rights of a class use at a site. The reserve's holdings and annual surpluses use none.
    pub fn area(&self, site: &Site, class: &RightClass) -> Option<Holding> {
        if site.is_reserve || class.product != Product::MultiYear {
            return None;
        }
        let asset = self.capacities.get(&place::capacity_code(&site.area_path, &class.pollutant))?;
        Some(Holding { owner: site.area.into(), asset: *asset })
    }
}

/// The cases, in the order of the acts; what is free of stocks and of the treasury is filled in by [`fill`]. The liens that a take-back
/// may take from, and those whose pledgees are told of a buy-back, are locked.
///
/// # Errors
/// Unknown sites and classes.
pub async fn load(work: &Work, binders: Binders, acts: &[RightAct]) -> Result<Vec<Case>, Failure> {
    let receivers = acts.iter().filter_map(|act| act.what.receiver()).map(|reserve| reserve.site);
    let site_ids: Vec<SiteId> = acts.iter().map(|act| act.site).chain(receivers).collect();
    let renewed = acts.iter().filter_map(|act| into_of(&act.what));
    let class_ids: Vec<RightClassId> = acts.iter().map(|act| act.right_class).chain(renewed).collect();
    let facts = Facts::load(work, &site_ids, &class_ids).await?;
    let organisation_ids: Vec<OrganisationId> = acts.iter().map(|act| act.organisation).collect();
    let organisations = queries::organisations_by_id(work.connection(), &organisation_ids).await?;
    let permits = queries::permits_of(work.connection(), &site_ids).await?;
    let liens = liens_on(work, binders, acts).await?;
    let today = work.today();
    acts.iter()
        .map(|act| {
            let site = facts.site(act.site)?.clone();
            let class = facts.class(act.right_class)?.clone();
            let organisation = organisations.get(&site.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
            let own = permits.get(&site.id);
            Ok(Case {
                measure: facts.pollutant(&class)?.measure.clone(),
                suspended: (!organisation.is_active()).then(|| organisation.name.clone()),
                is_permitted: own.is_some_and(|all| all.iter().any(|permit| permit.validity.contains(today))),
                reserve: act.what.receiver().map(|reserve| facts.site(reserve.site).cloned()).transpose()?,
                into: into_of(&act.what).map(|class| facts.class(class).cloned()).transpose()?,
                area: facts.area(&site, &class),
                liens: liens.iter().filter(|lien| lien.stock == act.stock()).cloned().collect(),
                available: 0,
                treasury: 0,
                site,
                class,
            })
        })
        .collect()
}

fn into_of(what: &What) -> Option<RightClassId> {
    match what {
        What::Renewal { into, .. } => Some(*into),
        _ => None,
    }
}

async fn liens_on(work: &Work, binders: Binders, acts: &[RightAct]) -> Result<Vec<LienOn>, Failure> {
    let stocks: Vec<Holding> = acts.iter().filter(|act| act.kind() != Kind::SetAside).map(RightAct::stock).collect();
    let mut found = binders.liens_on(work, &stocks).await?;
    let told = |act: &&RightAct| matches!(act.kind(), Kind::TakeBack | Kind::BuyBack);
    let taken: Vec<Holding> = acts.iter().filter(told).map(RightAct::stock).collect();
    let wanted: Vec<SubjectId> =
        found.iter().filter(|lien| taken.contains(&lien.stock)).map(|lien| lien.lien).collect();
    let locked = binders.lock_liens(work, &wanted).await?;
    found.retain(|lien| !wanted.contains(&lien.lien));
    found.extend(locked);
    Ok(found)
}

/// Every account that an act may move, and those that it is judged by.
pub fn accounts_of(act: &RightAct, case: &Case) -> Vec<AccountKey> {
    let stock = act.stock();
    let mut accounts = vec![stock.available()];
    if let Some(area) = case.area {
        accounts.extend([Purpose::Used, Purpose::Headroom, Purpose::Overuse].map(|purpose| area.account(purpose)));
    }
    let received = act.what.receiver().map(|reserve| Holding { owner: reserve.site.into(), asset: stock.asset });
    accounts.extend(received.map(Holding::available));
    match act.what {
        What::Surrender | What::Variation => accounts.push(stock.account(Purpose::Retired)),
        What::Expiry => accounts.push(stock.account(Purpose::Expired)),
        What::TakeBack { .. } => accounts.extend(case.liens.iter().map(|lien| lien.stock.pledged(lien.lien))),
        What::BuyBack { .. } => accounts.extend([treasury(), money_of(act.organisation).available()]),
        What::SetAside => accounts.push(book_side(act.right_class).account(Purpose::Issued)),
        What::Renewal { into, .. } => accounts.extend([
            book_side(act.right_class).account(Purpose::Converted),
            book_side(into).account(Purpose::Converted),
            Holding { owner: act.site.into(), asset: into.into() }.available(),
            stock.account(Purpose::Retired),
        ]),
    }
    accounts
}

/// What the treasury holds.
pub fn treasury() -> AccountKey {
    book_side(CNY).account(Purpose::Treasury)
}

/// Fills in what is free, from books that are held locked.
pub fn fill(case: &mut Case, act: &RightAct, books: &Books) {
    case.available = books.balance(&act.stock().available());
    case.treasury = books.balance(&treasury());
}
