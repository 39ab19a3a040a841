//! Rows of applications, and the running numbers of quota's registers.

use super::application::{Acceptance, Application, ApplicationState, Correction, Submission, Wanted};
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{AllocationId, ApplicationId, OrganisationId, RulebookId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use crate::quota::batches::Ruling;
use crate::quota::error::QuotaRefusal;
use accounting::{Origin, Quantity, Validity};
use jiff::civil::Date;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};

entity!(allocation_applications, "allocation_applications", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: Option<String>,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    pollutant: String,
    origin: String,
    zone: String,
    valid_from: String,
    valid_to: String,
    quantity: i64,
    statement: Option<String>,
    state: String,
    drafted_by: Uuid,
    drafted_at: i64,
    submitted_by: Option<Uuid>,
    submitted_at: Option<i64>,
    accept_until: Option<String>,
    correction_points: Option<String>,
    correction_by: Option<Uuid>,
    correction_at: Option<i64>,
    correct_until: Option<String>,
    accepted_at: Option<i64>,
    accepted_by: Option<Uuid>,
    accepted_on: Option<String>,
    decide_until: Option<String>,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    reason: Option<String>,
    allocation_id: Option<Uuid>,
    rulebook_id: Uuid,
    version: i64,
});

entity!(quota_numbers, "quota_numbers", {
    #[sea_orm(primary_key, auto_increment = false)]
    series: String,
    last: i64,
    version: i64,
});

fn day(text: &str) -> Result<Date, Failure> {
    text.parse().map_err(Failure::bug)
}

fn maybe_day(text: Option<&str>) -> Result<Option<Date>, Failure> {
    text.map(day).transpose()
}

fn submission(row: &allocation_applications::Model) -> Result<Option<Submission>, Failure> {
    let Some(((number, by), at)) = row.number.clone().zip(row.submitted_by).zip(row.submitted_at) else {
        return Ok(None);
    };
    let accept_until = maybe_day(row.accept_until.as_deref())?;
    Ok(Some(Submission { number, by: UserId(by), at: Moment::from_micros(at), accept_until }))
}

fn correction(row: &allocation_applications::Model) -> Result<Option<Correction>, Failure> {
    let Some(((points, by), at)) = row.correction_points.as_deref().zip(row.correction_by).zip(row.correction_at)
    else {
        return Ok(None);
    };
    let points = serde_json::from_str(points).map_err(Failure::bug)?;
    let until = maybe_day(row.correct_until.as_deref())?;
    Ok(Some(Correction { points, by: UserId(by), at: Moment::from_micros(at), until }))
}

fn acceptance(row: &allocation_applications::Model) -> Result<Option<Acceptance>, Failure> {
    let Some((at, on)) = row.accepted_at.zip(row.accepted_on.as_deref()) else { return Ok(None) };
    let decide_until = maybe_day(row.decide_until.as_deref())?;
    Ok(Some(Acceptance { by: row.accepted_by.map(UserId), at: Moment::from_micros(at), on: day(on)?, decide_until }))
}

fn state(row: &allocation_applications::Model) -> Result<ApplicationState, Failure> {
    let decided = row.decided_by.map(UserId).zip(row.decided_at.map(Moment::from_micros));
    let ruling = decided.map(|(by, at)| Ruling { by, at, reason: row.reason.clone() });
    Ok(match (row.state.as_str(), ruling, row.allocation_id) {
        ("draft", None, None) => ApplicationState::Draft,
        ("submitted", None, None) => ApplicationState::Submitted,
        ("correction_requested", None, None) => ApplicationState::CorrectionRequested,
        ("accepted", None, None) => ApplicationState::Accepted,
        ("proposed", Some(ruling), Some(id)) => ApplicationState::Proposed { allocation: AllocationId(id), ruling },
        ("rejected", Some(ruling), None) => ApplicationState::Rejected(ruling),
        ("withdrawn", None, None) => ApplicationState::Withdrawn,
        (state, ..) => return Err(Failure::bug(format!("an application in the impossible state {state}"))),
    })
}

impl TryFrom<allocation_applications::Model> for Application {
    type Error = Failure;

    fn try_from(row: allocation_applications::Model) -> Result<Self, Failure> {
        let origin = Origin::parse(&row.origin).ok_or_else(|| Failure::bug("an application of an unknown origin"))?;
        let validity = Validity::try_new(day(&row.valid_from)?, day(&row.valid_to)?).map_err(Failure::bug)?;
        Ok(Self {
            submission: submission(&row)?,
            correction: correction(&row)?,
            acceptance: acceptance(&row)?,
            state: state(&row)?,
            id: ApplicationId(row.id),
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            wanted: Wanted {
                pollutant: row.pollutant,
                origin,
                zone: row.zone,
                validity,
                quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
                statement: row.statement,
            },
            drafted_by: UserId(row.drafted_by),
            drafted_at: Moment::from_micros(row.drafted_at),
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

fn row_of(application: Application) -> Result<allocation_applications::Model, Failure> {
    let state = application.state.as_str().to_owned();
    let ruling = application.state.ruling().cloned();
    let allocation_id = match &application.state {
        ApplicationState::Proposed { allocation, .. } => Some(allocation.0),
        _ => None,
    };
    let (wanted, submission) = (application.wanted, application.submission);
    let (correction, acceptance) = (application.correction, application.acceptance);
    let points = correction.as_ref().map(|correction| serde_json::to_string(&correction.points));
    let text = |day: Option<Date>| day.map(|day| day.to_string());
    Ok(allocation_applications::Model {
        id: application.id.0,
        site_id: application.site.0,
        organisation_id: application.organisation.0,
        area_path: application.area_path,
        pollutant: wanted.pollutant,
        origin: wanted.origin.as_str().to_owned(),
        zone: wanted.zone,
        valid_from: wanted.validity.from().to_string(),
        valid_to: wanted.validity.to().to_string(),
        quantity: wanted.quantity.grams(),
        statement: wanted.statement,
        state,
        drafted_by: application.drafted_by.0,
        drafted_at: application.drafted_at.micros(),
        submitted_by: submission.as_ref().map(|submission| submission.by.0),
        submitted_at: submission.as_ref().map(|submission| submission.at.micros()),
        accept_until: text(submission.as_ref().and_then(|submission| submission.accept_until)),
        number: submission.map(|submission| submission.number),
        correction_points: points.transpose().map_err(Failure::bug)?,
        correction_by: correction.as_ref().map(|correction| correction.by.0),
        correction_at: correction.as_ref().map(|correction| correction.at.micros()),
        correct_until: text(correction.and_then(|correction| correction.until)),
        accepted_at: acceptance.as_ref().map(|acceptance| acceptance.at.micros()),
        accepted_by: acceptance.as_ref().and_then(|acceptance| acceptance.by).map(|by| by.0),
        accepted_on: text(acceptance.as_ref().map(|acceptance| acceptance.on)),
        decide_until: text(acceptance.and_then(|acceptance| acceptance.decide_until)),
        decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
        decided_at: ruling.as_ref().map(|ruling| ruling.at.micros()),
        reason: ruling.and_then(|ruling| ruling.reason),
        allocation_id,
        rulebook_id: application.rulebook.0,
        version: application.version,
    })
}

pub async fn insert(work: &Work, application: Application) -> Result<(), Failure> {
    let rows = vec![row_of(application)?];
    insert_all::<allocation_applications::Entity, allocation_applications::ActiveModel>(work, rows).await
}

/// Writes applications that are locked. The same rights of a site wait once at a time.
pub async fn save(work: &Work, applications: &[Application]) -> Result<(), Failure> {
    let rows = applications.iter().cloned().map(row_of).collect::<Result<Vec<_>, _>>()?;
    let saved = save_all::<allocation_applications::Entity, allocation_applications::ActiveModel>(work, rows).await;
    let columns = "allocation_applications.site_id, allocation_applications.pollutant";
    saved.map_err(|failure| {
        on_unique(failure, "allocation_applications_one_waits", columns, || QuotaRefusal::AppliedAlready {})
    })
}

pub async fn lock(work: &Work, id: ApplicationId) -> Result<Option<Application>, Failure> {
    let rows = lock_all::<allocation_applications::Entity>(work, allocation_applications::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(Application::try_from).transpose()
}

/// Locks some applications that a bureau was silent about past a term that ended before a day, in id order.
pub async fn lock_silent(work: &Work, today: Date, most: u64) -> Result<Vec<Application>, Failure> {
    let rows = allocation_applications::Entity::find()
        .filter(allocation_applications::Column::State.eq("submitted"))
        .filter(allocation_applications::Column::AcceptUntil.lt(today.to_string()))
        .order_by_asc(allocation_applications::Column::Id)
        .limit(most)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(Application::try_from).collect()
}

/// Issues the next number of a series in a year, such as `AP-2022-000001`. Who issues holds the row until the end of the work, so the
/// register has no gap and no number twice.
pub async fn issue_number(work: &Work, series: &str) -> Result<String, Failure> {
    let series = format!("{series}-{}", work.today().year());
    let sql = "INSERT INTO quota_numbers (series, last, version) VALUES ($1, 1, 1) ON CONFLICT (series) \
               DO UPDATE SET last = quota_numbers.last + 1, version = quota_numbers.version + 1 RETURNING series, last, version";
    let row = work.connection().query_one_raw(work.statement(sql, vec![series.clone().into()])).await?;
    let row = row.ok_or_else(|| Failure::bug("no number was issued"))?;
    let row = quota_numbers::Model::from_query_result(&row, "")?;
    work.record(&row)?;
    Ok(format!("{series}-{:06}", row.last))
}
