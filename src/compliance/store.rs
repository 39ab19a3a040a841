//! Rows of annual accounts.

use super::days::{Discharge, Year};
use super::error::ComplianceRefusal;
use super::year::{ComplianceYear, Figures, Mark, Reported, Verified, YearState};
use super::{messages, outlets, reports};
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{ComplianceYearId, OrganisationId, RulebookId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::collections::HashMap;
use uuid::Uuid;

entity!(compliance_years, "compliance_years", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    pollutant: String,
    year: i64,
    state: String,
    opened_by: Uuid,
    opened_at: i64,
    reported_by: Option<Uuid>,
    reported_at: Option<i64>,
    entitlement: Option<i64>,
    by_bureau: Option<i64>,
    by_monitor: Option<i64>,
    by_report: Option<i64>,
    missing_days: Option<i64>,
    verified_by: Option<Uuid>,
    verified_at: Option<i64>,
    granted: i64,
    covered: i64,
    settled_by: Option<Uuid>,
    settled_at: Option<i64>,
    sealed_by: Option<Uuid>,
    sealed_at: Option<i64>,
    rulebook_id: Uuid,
    version: i64,
});

/// Tables of this capability: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<compliance_years::Entity>(),
    Covered::of::<outlets::store::outlets::Entity>(),
    Covered::of::<messages::store::monitor_messages::Entity>(),
    Covered::of::<messages::store::monitor_values::Entity>(),
    Covered::of::<messages::store::discharge_holds::Entity>(),
    Covered::of::<reports::store::discharge_reports::Entity>(),
];

fn mark(by: Option<Uuid>, at: Option<i64>) -> Option<Mark> {
    by.zip(at).map(|(by, at)| Mark { by: UserId(by), at: Moment::from_micros(at) })
}

fn figures_of(row: &compliance_years::Model) -> Option<Figures> {
    let discharge = Discharge {
        by_bureau: row.by_bureau?,
        by_monitor: row.by_monitor?,
        by_report: row.by_report?,
        missing_days: row.missing_days?,
    };
    Some(Figures { entitlement: row.entitlement?, discharge })
}

fn state_of(row: &compliance_years::Model) -> Option<YearState> {
    let report = mark(row.reported_by, row.reported_at).zip(figures_of(row));
    let verification = mark(row.verified_by, row.verified_at);
    let (settlement, sealing) = (mark(row.settled_by, row.settled_at), mark(row.sealed_by, row.sealed_at));
    let verified = report.zip(verification).map(|((report, figures), mark)| {
        let (granted, covered) = (row.granted, row.covered);
        Verified { report, mark, figures, granted, covered }
    });
    let state = match (report, verified, settlement, sealing) {
        (None, None, None, None) => YearState::Open,
        (Some((mark, figures)), None, None, None) => YearState::Reported(Reported { mark, figures }),
        (Some(_), Some(verified), None, None) => YearState::Verified(verified),
        (Some(_), Some(verified), Some(settlement), None) => YearState::Settled(verified, settlement),
        (Some(_), Some(verified), Some(settlement), Some(sealing)) => YearState::Sealed(verified, settlement, sealing),
        _ => return None,
    };
    (state.as_str() == row.state).then_some(state)
}

impl TryFrom<compliance_years::Model> for ComplianceYear {
    type Error = Failure;

    fn try_from(row: compliance_years::Model) -> Result<Self, Failure> {
        let state = state_of(&row).ok_or_else(|| Failure::bug("an annual account in an impossible state"))?;
        let year = i16::try_from(row.year).ok().and_then(Year::new);
        Ok(Self {
            id: ComplianceYearId(row.id),
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            pollutant: row.pollutant,
            year: year.ok_or_else(|| Failure::bug("an annual account of an impossible year"))?,
            opened: Mark { by: UserId(row.opened_by), at: Moment::from_micros(row.opened_at) },
            state,
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<&ComplianceYear> for compliance_years::Model {
    fn from(account: &ComplianceYear) -> Self {
        let state = &account.state;
        let (figures, verified) = (state.figures(), state.verified());
        let (report, verification) = (state.report(), verified.map(|verified| verified.mark));
        let by = |mark: Option<Mark>| mark.map(|mark| mark.by.0);
        let at = |mark: Option<Mark>| mark.map(|mark| mark.at.micros());
        Self {
            id: account.id.0,
            site_id: account.site.0,
            organisation_id: account.organisation.0,
            area_path: account.area_path.clone(),
            pollutant: account.pollutant.clone(),
            year: account.year.number().into(),
            state: state.as_str().to_owned(),
            opened_by: account.opened.by.0,
            opened_at: account.opened.at.micros(),
            reported_by: by(report),
            reported_at: at(report),
            entitlement: figures.map(|figures| figures.entitlement),
            by_bureau: figures.map(|figures| figures.discharge.by_bureau),
            by_monitor: figures.map(|figures| figures.discharge.by_monitor),
            by_report: figures.map(|figures| figures.discharge.by_report),
            missing_days: figures.map(|figures| figures.discharge.missing_days),
            verified_by: by(verification),
            verified_at: at(verification),
            granted: verified.map_or(0, |verified| verified.granted),
            covered: verified.map_or(0, |verified| verified.covered),
            settled_by: by(state.settlement()),
            settled_at: at(state.settlement()),
            sealed_by: by(state.sealing()),
            sealed_at: at(state.sealing()),
            rulebook_id: account.rulebook.0,
            version: account.version,
        }
    }
}

/// # Errors
/// [`ComplianceRefusal::YearKnown`].
pub async fn insert(work: &Work, account: &ComplianceYear) -> Result<(), Failure> {
    let rows = vec![account.into()];
    insert_all::<compliance_years::Entity, compliance_years::ActiveModel>(work, rows).await.map_err(|failure| {
        on_unique(failure, "compliance_years_one", "compliance_years.site_id", || ComplianceRefusal::YearKnown {
            year: account.year.number().to_string(),
        })
    })
}

pub async fn save(work: &Work, account: &ComplianceYear) -> Result<(), Failure> {
    save_all::<compliance_years::Entity, compliance_years::ActiveModel>(work, vec![account.into()]).await
}

pub async fn find(connection: &impl ConnectionTrait, id: ComplianceYearId) -> Result<Option<ComplianceYear>, Failure> {
    let row = compliance_years::Entity::find_by_id(id.0).one(connection).await?;
    row.map(ComplianceYear::try_from).transpose()
}

pub async fn lock(work: &Work, id: ComplianceYearId) -> Result<Option<ComplianceYear>, Failure> {
    let rows = lock_all::<compliance_years::Entity>(work, compliance_years::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(ComplianceYear::try_from).transpose()
}

/// The annual accounts of these sites, by site, pollutant and year. Whoever asks holds the locks of the sites.
pub async fn of_sites(
    work: &Work,
    sites: &[SiteId],
) -> Result<HashMap<(SiteId, String, i16), ComplianceYear>, Failure> {
    let wanted = compliance_years::Column::SiteId.is_in(sites.iter().map(|site| site.0));
    let rows = compliance_years::Entity::find().filter(wanted).all(work.connection()).await?;
    let by_key = |row| {
        let account = ComplianceYear::try_from(row)?;
        Ok(((account.site, account.pollutant.clone(), account.year.number()), account))
    };
    rows.into_iter().map(by_key).collect()
}
