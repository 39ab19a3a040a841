//! The stage: book, reference data, organisations, people, sites, papers, caps, opening holdings, money and reductions.

use super::PASSWORD;
use super::data::{self, Year};
use super::people::{LOGINS, OPERATOR_CODE, People, SETTLEMENT_BANK};
use crate::access::{Action, Caller, Passwords, Role};
use crate::db::Db;
use crate::decisions::Grounds;
use crate::identity::commands::{NewUser, register_users};
use crate::identity::founding::{Founding, found};
use crate::identity::queries::find_member;
use crate::kernel::Failure;
use crate::kernel::calendar::DayKind;
use crate::kernel::ids::{AllocationId, OrganisationId, PermitId, ProjectId, SiteId, UserId};
use crate::parties::commands::{
    NewOrganisation, NewPermit, NewProject, NewReduction, NewSite, register_organisations, register_permits,
    register_projects, register_reductions, register_sites,
};
use crate::parties::reference::{NewArea, Reference, register_reference};
use crate::parties::{OrganisationKind, ProjectBasis, queries};
use crate::quota::capacity_commands::{NewCap, set_caps};
use crate::quota::commands::{AllocationDecision, NewAllocation, confirm, propose};
use crate::treasury::Direction;
use crate::treasury::commands::{Confirmation, confirm as confirm_money};
use accounting::{Measure, Money, Origin, Product, Quantity, RightClass, Validity};
use indicatif::ProgressBar;
use std::collections::{BTreeMap, HashMap};

/// The bureau of the city, in charge of all areas of the year.
const CITY_BUREAU: &str = "11421200MA0000900U";
/// The province that the book is of.
const PROVINCE: &str = "420000";

/// Sets the stage, and tells who and what stands on it.
pub async fn prepare(db: &Db, year: &Year, progress: &ProgressBar) -> Result<People, Failure> {
    let operator = found(db, &founding(year)?).await?;
    progress.inc(1);
    register_the_reference(db, year, &operator).await?;
    progress.inc(1);
    let mut people = register_people(db, year, &operator).await?;
    progress.inc(2);
    register_the_sites(db, year, &mut people).await?;
    register_papers(db, year, &mut people).await?;
    progress.inc(2);
    set_the_caps(db, year, &people).await?;
    progress.inc(1);
    open_holdings(db, year, &mut people).await?;
    progress.inc(2);
    bring_money(db, year, &people).await?;
    register_the_reductions(db, year, &people).await?;
    progress.inc(1);
    people.callers.insert((OPERATOR_CODE.to_owned(), Role::Operator), operator);
    Ok(people)
}

fn founding(year: &Year) -> Result<Founding, Failure> {
    let province = year.areas.iter().find(|area| area.code == PROVINCE);
    let province = province.ok_or_else(|| Failure::bug("the year has no province"))?;
    Ok(Founding {
        province: province.code.clone(),
        name: province.name.clone(),
        operator_code: OPERATOR_CODE.to_owned(),
        operator_name: "淦河示范平台".to_owned(),
        login: "operator".to_owned(),
        password: Some(PASSWORD.to_owned()),
        is_demonstration: true,
        rules_from: data::day("2016-12-01")?,
    })
}

async fn register_the_reference(db: &Db, year: &Year, operator: &Caller) -> Result<(), Failure> {
    let areas = year.areas.iter().filter(|area| area.code != PROVINCE).map(|area| NewArea {
        code: area.code.clone(),
        name: area.name.clone(),
        parent: area.parent.clone(),
        basin: area.basin.clone(),
    });
    let days = year.days.iter().map(|row| {
        let kind =
            DayKind::parse(&row.kind).ok_or_else(|| Failure::bug(format!("unknown kind of day {}", row.kind)))?;
        Ok((data::day(&row.date)?, kind))
    });
    let reference = Reference {
        basins: year.basins.iter().map(|basin| (basin.code.clone(), basin.name.clone())).collect(),
        areas: areas.collect(),
        pollutants: Vec::new(),
        days: days.collect::<Result<Vec<_>, Failure>>()?,
    };
    let permit = operator.may(Action::RegisterReference)?;
    db.run(&permit, &reference, |work, reference| Box::pin(register_reference(work, reference))).await
}

async fn register_people(db: &Db, year: &Year, operator: &Caller) -> Result<People, Failure> {
    let news = year.organisations.iter().map(|row| {
        let kind = OrganisationKind::parse(&row.kind);
        Ok(NewOrganisation {
            code: row.code.clone(),
            name: row.name.clone(),
            kind: kind.ok_or_else(|| Failure::bug(format!("unknown kind {}", row.kind)))?,
            area: row.area.clone(),
            sector: row.sector.clone(),
        })
    });
    let news = news.collect::<Result<Vec<_>, Failure>>()?;
    let permit = operator.may(Action::RegisterOrganisation)?;
    let ids: Vec<OrganisationId> = db
        .run(&permit, &news, |work, news| {
            Box::pin(async move {
                let registered = register_organisations(work, news).await?;
                Ok(registered.into_iter().map(|organisation| organisation.id).collect::<Vec<_>>())
            })
        })
        .await?;
    let organisations = queries::organisations_by_id(db.reader(), &ids).await?;
    let organisations = organisations.into_values().map(|found| (found.code.clone(), found)).collect();
    let mut people = People { organisations, ..People::default() };
    let users = users_of(&people).await?;
    let permit = operator.may(Action::RegisterUser)?;
    let ids: Vec<UserId> = db
        .run(&permit, &users, |work, users| {
            Box::pin(async move {
                let registered = register_users(work, users).await?;
                Ok(registered.into_iter().map(|user| user.id).collect::<Vec<_>>())
            })
        })
        .await?;
    for id in ids {
        let member = find_member(db, id).await?.ok_or_else(|| Failure::bug("a user was not registered"))?;
        for role in &member.user.roles {
            people.callers.insert((member.organisation.code.clone(), *role), member.caller());
        }
    }
    Ok(people)
}

/// One user per role of every organisation; those of the list can sign in.
async fn users_of(people: &People) -> Result<Vec<NewUser>, Failure> {
    let mut users = Vec::new();
    for organisation in people.organisations.values() {
        for role in organisation.kind.roles() {
            let known = LOGINS.iter().find(|login| login.organisation == organisation.code && login.role == *role);
            let login = match known {
                Some(known) => known.login.to_owned(),
                None => format!("{}.{}", organisation.code.to_lowercase(), role.as_str()),
            };
            let password_hash = match known {
                Some(_) => Some(Passwords::default().hash_new(PASSWORD.to_owned(), &login).await?),
                None => None,
            };
            users.push(NewUser {
                organisation: organisation.id,
                login,
                name: format!("{} {}", organisation.name, role.as_str()),
                roles: vec![*role],
                password_hash,
            });
        }
    }
    Ok(users)
}

async fn register_the_sites(db: &Db, year: &Year, people: &mut People) -> Result<(), Failure> {
    let mut news = Vec::with_capacity(year.sites.len());
    for row in &year.sites {
        news.push(NewSite {
            number: row.site.clone(),
            organisation: people.organisation(&row.organisation)?.id,
            name: row.name.clone(),
            area: row.area.clone(),
            basin: row.basin.clone(),
            sector: row.sector.clone(),
        });
    }
    let permit = people.permit(CITY_BUREAU, Role::BureauOfficer, Action::RegisterSite)?;
    let ids: Vec<SiteId> = db
        .run(&permit, &news, |work, news| {
            Box::pin(async move {
                let registered = register_sites(work, news).await?;
                Ok(registered.into_iter().map(|site| site.id).collect::<Vec<_>>())
            })
        })
        .await?;
    let mut sites = queries::sites_by_id(db.reader(), &ids).await?;
    for (row, id) in year.sites.iter().zip(&ids) {
        let site = sites.remove(id).ok_or_else(|| Failure::bug("a site was not registered"))?;
        people.sites.insert(row.organisation.clone(), site);
    }
    Ok(())
}

/// Tonnes with three decimals, as every file of the year writes them.
pub fn tonnes(text: &str) -> Result<Quantity, Failure> {
    Quantity::parse(text, &Measure::tonnes()).map_err(|fault| Failure::bug(format!("{text} {fault}")))
}

async fn register_papers(db: &Db, year: &Year, people: &mut People) -> Result<(), Failure> {
    let by_number: HashMap<&str, SiteId> = people.sites.values().map(|site| (site.number.as_str(), site.id)).collect();
    let site = |number: &str| by_number.get(number).copied().ok_or_else(|| Failure::bug(format!("no site {number}")));
    let mut permits: BTreeMap<String, NewPermit> = BTreeMap::new();
    for row in &year.permits {
        let validity =
            Validity::try_new(data::day(&row.valid_from)?, data::day(&row.valid_to)?).map_err(Failure::bug)?;
        let site = site(&row.site)?;
        let permit = permits.entry(row.permit.clone()).or_insert_with(|| NewPermit {
            number: row.permit.clone(),
            site,
            validity,
            quantities: BTreeMap::new(),
        });
        permit.quantities.insert(row.pollutant.clone(), tonnes(&row.permitted_t)?);
    }
    let permits: Vec<NewPermit> = permits.into_values().collect();
    let mut projects = Vec::with_capacity(year.projects.len());
    for row in &year.projects {
        let basis = ProjectBasis::parse(&row.basis);
        projects.push(NewProject {
            number: row.project.clone(),
            site: site(&row.site)?,
            basis: basis.ok_or_else(|| Failure::bug(format!("unknown basis {}", row.basis)))?,
            document: row.document.clone(),
            verified_on: data::day(&row.verified_on)?,
            replacement_ratio: None,
        });
    }
    let permit = people.permit(CITY_BUREAU, Role::BureauOfficer, Action::RegisterPermit)?;
    let registered: Vec<(SiteId, PermitId)> = db
        .run(&permit, &permits, |work, news| {
            Box::pin(async move {
                let registered = register_permits(work, news).await?;
                Ok(registered.into_iter().map(|permit| (permit.site, permit.id)).collect::<Vec<_>>())
            })
        })
        .await?;
    people.permits = registered.into_iter().collect();
    let permit = people.permit(CITY_BUREAU, Role::BureauOfficer, Action::RegisterProject)?;
    let registered: Vec<(SiteId, ProjectId)> = db
        .run(&permit, &projects, |work, news| {
            Box::pin(async move {
                let registered = register_projects(work, news).await?;
                Ok(registered.into_iter().map(|project| (project.site, project.id)).collect::<Vec<_>>())
            })
        })
        .await?;
    people.projects = registered.into_iter().collect();
    Ok(())
}

async fn set_the_caps(db: &Db, year: &Year, people: &People) -> Result<(), Failure> {
    let caps = year.capacities.iter().map(|row| {
        Ok(NewCap {
            area: row.area.clone(),
            pollutant: row.pollutant.clone(),
            cap: tonnes(&row.cap_t)?.grams(),
            valid_from: data::day(&row.valid_from)?,
            document: format!("{}主要污染物总量控制", row.area),
            expected: None,
        })
    });
    let caps = caps.collect::<Result<Vec<_>, Failure>>()?;
    let permit = people.permit(CITY_BUREAU, Role::BureauHead, Action::SetCapacity)?;
    db.run(&permit, &caps, |work, caps| Box::pin(async move { set_caps(work, caps).await.map(|_| ()) })).await
}

async fn open_holdings(db: &Db, year: &Year, people: &mut People) -> Result<(), Failure> {
    let mut news = Vec::with_capacity(year.holdings.len());
    for row in &year.holdings {
        let validity =
            Validity::try_new(data::day(&row.valid_from)?, data::day(&row.valid_to)?).map_err(Failure::bug)?;
        let origin = if row.origin == "free" { Origin::Free } else { Origin::Paid };
        news.push(NewAllocation {
            site: people.site(&row.holder)?.id,
            pollutant: row.pollutant.clone(),
            origin,
            validity,
            zone: Some(row.zone.clone()),
            quantity: tonnes(&row.quantity_t)?,
            project: None,
            document: "2022年初始排污权核定".to_owned(),
        });
        let class = RightClass {
            pollutant: row.pollutant.clone(),
            product: Product::MultiYear,
            origin,
            zone: row.zone.clone(),
            validity,
        };
        people.classes.insert((row.holder.clone(), row.pollutant.clone(), row.zone.clone()), class);
    }
    let permit = people.permit(CITY_BUREAU, Role::BureauOfficer, Action::ProposeAllocation)?;
    let proposed: Vec<AllocationId> = db
        .run(&permit, &news, |work, news| {
            Box::pin(async move {
                let proposed = propose(work, news, Vec::new()).await?;
                Ok(proposed.into_iter().map(|allocation| allocation.id).collect::<Vec<_>>())
            })
        })
        .await?;
    let decisions: Vec<AllocationDecision> = proposed
        .into_iter()
        .map(|allocation| AllocationDecision {
            allocation,
            expected: None,
            grounds: Grounds { reason: Some("初始排污权核定，资料齐全".to_owned()), ..Grounds::default() },
        })
        .collect();
    let permit = people.permit(CITY_BUREAU, Role::BureauHead, Action::DecideAllocation)?;
    db.run(&permit, &decisions, |work, decisions| Box::pin(async move { confirm(work, decisions).await.map(|_| ()) }))
        .await
}

/// Every buyer brings what its purchases of the year cost.
async fn bring_money(db: &Db, year: &Year, people: &People) -> Result<(), Failure> {
    let mut needs: BTreeMap<&str, Money> = BTreeMap::new();
    for trade in &year.trades {
        let amount = Money::parse(&trade.amount).map_err(|fault| Failure::bug(format!("{} {fault}", trade.amount)))?;
        let need = needs.entry(&trade.buyer).or_default();
        *need = need.checked_add(amount).ok_or_else(|| Failure::bug("the year costs too much"))?;
    }
    let mut confirmations = Vec::with_capacity(needs.len());
    for (at, (buyer, amount)) in needs.into_iter().enumerate() {
        confirmations.push(Confirmation {
            organisation: people.organisation(buyer)?.id,
            direction: Direction::Deposit,
            amount,
            bank_reference: format!("XN2022-{:04}", at + 1),
            effective_on: None,
        });
    }
    let permit = people.permit(SETTLEMENT_BANK, Role::SettlementOfficer, Action::ConfirmMoney)?;
    db.run(&permit, &confirmations, |work, confirmations| {
        Box::pin(async move { confirm_money(work, confirmations).await.map(|_| ()) })
    })
    .await
}

/// Every selling enterprise has registered what it sells in the year as reduced (减排登记).
async fn register_the_reductions(db: &Db, year: &Year, people: &People) -> Result<(), Failure> {
    let mut sums: BTreeMap<(&str, &str), i64> = BTreeMap::new();
    for trade in year.trades.iter().filter(|trade| trade.mode == "negotiated") {
        *sums.entry((&trade.seller, &trade.pollutant)).or_default() += tonnes(&trade.quantity_t)?.grams();
    }
    let mut news = Vec::with_capacity(sums.len());
    for ((seller, pollutant), grams) in sums {
        news.push(NewReduction {
            site: people.site(seller)?.id,
            pollutant: pollutant.to_owned(),
            quantity: Quantity::try_new(grams).map_err(Failure::bug)?,
            document: "2021年度减排登记".to_owned(),
            document_hash: None,
        });
    }
    let permit = people.permit(CITY_BUREAU, Role::BureauOfficer, Action::RegisterReduction)?;
    db.run(&permit, &news, |work, news| Box::pin(async move { register_reductions(work, news).await.map(|_| ()) }))
        .await
}
