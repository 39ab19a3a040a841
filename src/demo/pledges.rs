//! One pledge of the year, from the consent to the registration, and the facilities that loans are drawn from.

use super::data::{PledgeRow, Year};
use super::people::People;
use super::setting::tonnes;
use crate::access::{Action, Role};
use crate::db::Db;
use crate::decisions::Grounds;
use crate::kernel::ids::{FacilityId, PledgeId};
use crate::kernel::{Failure, Moment};
use crate::parties::commands::{NewConsent, give_consents};
use crate::parties::{Pollutant, queries};
use crate::pledge::commands::{self, Act, NewPledge, NewRight, Verification};
use crate::pledge::facility_commands::{self, FacilityAct, NewFacility};
use crate::pledge::lien_commands::{self, Registering};
use crate::pledge::pledge::{ClaimPart, Terms};
use crate::pledge::valuations::Appraisal;
use crate::pledge::valuations::commands::StatedPart;
use accounting::Money;
use jiff::ToSpan;
use std::collections::HashMap;

/// The facilities that were offered, by name.
#[derive(Debug, Default)]
pub struct Facilities {
    offered: HashMap<String, FacilityId>,
}

fn yuan(text: &str) -> Result<Money, Failure> {
    Money::parse(text).map_err(|fault| Failure::bug(format!("{text} {fault}")))
}

impl Facilities {
    /// Plays one pledge on its own day.
    pub async fn register(&mut self, db: &Db, year: &Year, people: &People, row: &PledgeRow) -> Result<(), Failure> {
        let mut minutes = i64::from(row.no) * 15;
        let mut tick = || {
            minutes += 1;
            if let Some(moment) = Moment::at(row.date, minutes) {
                db.clock().set(moment);
            }
        };
        tick();
        let rights = rights(db, people, row).await?;
        consent(db, people, row, &rights).await?;
        tick();
        let facility = match &row.facility {
            Some(name) => Some(self.accepted(db, year, people, row, name).await?),
            None => None,
        };
        tick();
        let pledge = apply(db, people, row, facility, rights).await?;
        let act = Act { pledge, expected: None };
        tick();
        let area = people.site(&row.pledgor)?.area_path.clone();
        let permit = people.officer_of(&area, Action::VerifyPledge)?;
        let grounds = Grounds { reason: Some("数量与权证一致".to_owned()), ..Grounds::default() };
        let verification = Verification { act, grounds };
        db.run(&permit, &[verification], |work, wanted| {
            Box::pin(async move { commands::verify(work, wanted).await.map(|_| ()) })
        })
        .await?;
        tick();
        let permit = people.permit(&row.pledgor, Role::EnterpriseTrader, Action::AgreePledge)?;
        db.run(&permit, &[act], |work, acts| Box::pin(async move { commands::agree(work, acts).await.map(|_| ()) }))
            .await?;
        tick();
        let permit = people.permit(&row.pledgee, Role::PledgeeOfficer, Action::RegisterPledge)?;
        let registering = Registering { by: permit.caller().clone(), act };
        db.run(&permit, &[registering], |work, wanted| {
            Box::pin(async move { lien_commands::register(work, wanted).await.map(|_| ()) })
        })
        .await
    }

    /// The facility of this name, offered when it is first needed, and accepted by the pledgor.
    async fn accepted(
        &mut self,
        db: &Db,
        year: &Year,
        people: &People,
        row: &PledgeRow,
        name: &str,
    ) -> Result<FacilityId, Failure> {
        let facility = if let Some(facility) = self.offered.get(name) {
            *facility
        } else {
            let facility = offer(db, year, people, row, name).await?;
            self.offered.insert(name.to_owned(), facility);
            facility
        };
        let permit = people.permit(&row.pledgor, Role::EnterpriseTrader, Action::AcceptFacility)?;
        let acceptance = FacilityAct { facility, expected: None };
        db.run(&permit, &[acceptance], |work, acceptances| {
            Box::pin(async move { facility_commands::accept(work, acceptances).await.map(|_| ()) })
        })
        .await?;
        Ok(facility)
    }
}

/// Offers a facility with a sub-limit for each enterprise that draws on it.
async fn offer(db: &Db, year: &Year, people: &People, row: &PledgeRow, name: &str) -> Result<FacilityId, Failure> {
    let mut limits = Vec::new();
    for other in year.pledges.iter().filter(|other| other.facility.as_deref() == Some(name)) {
        let limit = other.facility_limit.as_deref().unwrap_or_default();
        limits.push((people.organisation(&other.pledgor)?.id, yuan(limit)?));
    }
    let permit = people.permit(&row.pledgee, Role::PledgeeOfficer, Action::OfferFacility)?;
    db.run(&permit, &[NewFacility { name: name.to_owned(), limits }], |work, news| {
        Box::pin(async move {
            let offered = facility_commands::offer(work, news).await?;
            offered.first().map(|facility| facility.id).ok_or_else(|| Failure::bug("no facility was offered"))
        })
    })
    .await
}

/// The rights of a row, `POLLUTANT:tonnes;…`, in the pledgor's own classes.
async fn rights(db: &Db, people: &People, row: &PledgeRow) -> Result<Vec<(String, NewRight)>, Failure> {
    let site = people.site(&row.pledgor)?;
    let pollutants: HashMap<String, Pollutant> = queries::pollutants(db.reader()).await?;
    let mut rights = Vec::new();
    for part in row.rights.split(';') {
        let fault = || Failure::bug(format!("pledge {}: {part} is no right", row.no));
        let (pollutant, quantity) = part.split_once(':').ok_or_else(fault)?;
        let zone = pollutants.get(pollutant).and_then(|pollutant| site.zone(pollutant)).ok_or_else(fault)?;
        let code = people.class(&row.pledgor, pollutant, zone)?.code();
        let classes = queries::classes_by_code(db.reader(), std::slice::from_ref(&code)).await?;
        let right_class = classes.get(&code).ok_or_else(fault)?.id;
        rights.push((code, NewRight { site: site.id, right_class, quantity: tonnes(quantity)?, is_junior: false }));
    }
    Ok(rights)
}

async fn consent(db: &Db, people: &People, row: &PledgeRow, rights: &[(String, NewRight)]) -> Result<(), Failure> {
    let new = NewConsent {
        pledgee: people.organisation(&row.pledgee)?.id,
        right_classes: rights.iter().map(|(code, _)| code.clone()).collect(),
        valid_until: row.date.checked_add(1.year()).map_err(Failure::bug)?,
    };
    let permit = people.permit(&row.pledgor, Role::EnterpriseTrader, Action::GiveConsent)?;
    db.run(&permit, &[new], |work, news| Box::pin(async move { give_consents(work, news).await.map(|_| ()) })).await
}

/// What rests on each right, and what it was assessed at: the totals in proportion to the quantities, because the year tells no more.
fn parts(secured: Money, value: Money, rights: &[(String, NewRight)]) -> Result<Vec<StatedPart>, Failure> {
    let grams: Vec<u64> = rights.iter().map(|(_, right)| right.quantity.grams().unsigned_abs()).collect();
    let (secured, values) = (secured.split(&grams).map_err(Failure::bug)?, value.split(&grams).map_err(Failure::bug)?);
    let part = |(secured, value)| StatedPart { secured: Some(secured), value: Some(value) };
    Ok(secured.into_iter().zip(values).map(part).collect())
}

async fn apply(
    db: &Db,
    people: &People,
    row: &PledgeRow,
    facility: Option<FacilityId>,
    rights: Vec<(String, NewRight)>,
) -> Result<PledgeId, Failure> {
    let (principal, assessed_value) = (yuan(&row.principal)?, yuan(&row.assessed_value)?);
    let new = NewPledge {
        pledgor: people.organisation(&row.pledgor)?.id,
        further: Vec::new(),
        facility,
        pledgees: Vec::new(),
        terms: Terms {
            loan_contract: format!("惠发借字2022-{:03}", row.no),
            pledge_contract: format!("惠发质字2022-{:03}", row.no),
            principal,
            secured: principal,
            scope: ClaimPart::ALL.to_vec(),
            determined: None,
            restricts_transfer: true,
            debt_from: row.date,
            debt_to: row.date.checked_add(row.term_months.months()).map_err(Failure::bug)?,
        },
        appraisal: Appraisal {
            method: row.valuation.clone(),
            price_period: None,
            valued_on: row.date,
            expires_on: None,
            valuer: None,
        },
        assessed_value: Some(assessed_value),
        parts: parts(principal, assessed_value, &rights)?,
        rights: rights.into_iter().map(|(_, right)| right).collect(),
    };
    let permit = people.permit(&row.pledgee, Role::PledgeeOfficer, Action::RegisterPledge)?;
    db.run(&permit, &[new], |work, news| {
        Box::pin(async move {
            let applied = commands::apply(work, news).await?;
            applied.first().map(|pledge| pledge.id).ok_or_else(|| Failure::bug("no pledge was applied for"))
        })
    })
    .await
}
