//! How an application is shown.

use super::application::{Application, ApplicationState};
use crate::concerns;
use crate::db::Work;
use crate::http::Versioned;
use crate::kernel::{Failure, Moment};
use crate::parties::{Pollutant, queries as parties};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use utoipa::ToSchema;
use uuid::Uuid;

concerns!(ApplicationView: Organisation [organisation]);

/// An application for rights, and how far it has come.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AllocationApplication)]
pub struct ApplicationView {
    /// Its identity.
    pub id: Uuid,
    /// Its number in the register, once it was handed in.
    #[schema(example = "AP-2022-000001")]
    pub number: Option<String>,
    /// To which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the pollutant.
    #[schema(example = "COD")]
    pub pollutant: String,
    /// `free` or `paid`.
    #[schema(example = "paid", extensions(("x-words" = json!(accounting::Origin::WORDS))))]
    pub origin: String,
    /// Basin or city of the site.
    #[schema(example = "LUSHUI")]
    pub zone: String,
    /// First day.
    #[schema(format = Date, example = "2022-12-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2027-11-30")]
    pub valid_to: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Why, in the applicant's words.
    #[schema(example = "二期扩建项目，环评批复咸环审〔2022〕31号")]
    pub statement: Option<String>,
    /// `draft`, `submitted`, `correction_requested`, `accepted`, `proposed`, `rejected` or `withdrawn`.
    #[schema(example = "submitted", extensions(("x-words" = json!(ApplicationState::WORDS))))]
    pub state: String,
    /// Who drafted it.
    pub drafted_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub drafted_at: Moment,
    /// Who handed it in.
    pub submitted_by: Option<Uuid>,
    /// When, for the last time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub submitted_at: Option<Moment>,
    /// The last working day on which the bureau may say what it lacks; past it, its silence has accepted it.
    #[schema(format = Date, example = "2022-12-08")]
    pub accept_until: Option<String>,
    /// Everything that it lacked, told once.
    #[schema(example = json!(["缺少环评批复", "申请数量与排污许可证不一致"]))]
    pub correction_points: Vec<String>,
    /// The last working day for the correction; null when none was set.
    #[schema(format = Date, example = "2022-12-15")]
    pub correct_until: Option<String>,
    /// Since which day it is accepted; of silence, since it came.
    #[schema(format = Date, example = "2022-12-02")]
    pub accepted_on: Option<String>,
    /// Who accepted it; null when the bureau's silence did.
    pub accepted_by: Option<Uuid>,
    /// The last working day for the decision.
    #[schema(format = Date, example = "2022-12-30")]
    pub decide_until: Option<String>,
    /// The grant that was proposed for it.
    pub allocation: Option<Uuid>,
    /// Who proposed the grant or turned it down.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Why, in their words.
    pub reason: Option<String>,
    /// The version of the rulebook it was last judged by.
    pub rulebook: Uuid,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for ApplicationView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// The view of an application.
///
/// # Errors
/// A fault of ours when nobody knows its pollutant.
pub(super) fn view(
    application: Application,
    pollutants: &HashMap<String, Pollutant>,
) -> Result<ApplicationView, Failure> {
    let wanted = application.wanted;
    let pollutant = pollutants.get(&wanted.pollutant);
    let measure = &pollutant.ok_or_else(|| Failure::bug("an application for an unknown pollutant"))?.measure;
    let (submission, correction) = (application.submission, application.correction);
    let (acceptance, ruling) = (application.acceptance, application.state.ruling().cloned());
    let allocation = match &application.state {
        ApplicationState::Proposed { allocation, .. } => Some(allocation.0),
        _ => None,
    };
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    Ok(ApplicationView {
        id: application.id.0,
        site: application.site.0,
        organisation: application.organisation.0,
        quantity: wanted.quantity.print(measure),
        unit: measure.unit.clone(),
        pollutant: wanted.pollutant,
        origin: wanted.origin.as_str().to_owned(),
        zone: wanted.zone,
        valid_from: wanted.validity.from().to_string(),
        valid_to: wanted.validity.to().to_string(),
        statement: wanted.statement,
        state: application.state.as_str().to_owned(),
        drafted_by: application.drafted_by.0,
        drafted_at: application.drafted_at,
        submitted_by: submission.as_ref().map(|submission| submission.by.0),
        submitted_at: submission.as_ref().map(|submission| submission.at),
        accept_until: day(submission.as_ref().and_then(|submission| submission.accept_until)),
        number: submission.map(|submission| submission.number),
        correct_until: day(correction.as_ref().and_then(|correction| correction.until)),
        correction_points: correction.map(|correction| correction.points).unwrap_or_default(),
        accepted_on: day(acceptance.as_ref().map(|acceptance| acceptance.on)),
        accepted_by: acceptance.as_ref().and_then(|acceptance| acceptance.by).map(|by| by.0),
        decide_until: day(acceptance.and_then(|acceptance| acceptance.decide_until)),
        allocation,
        decided_by: ruling.as_ref().map(|ruling| ruling.by.0),
        decided_at: ruling.as_ref().map(|ruling| ruling.at),
        reason: ruling.and_then(|ruling| ruling.reason),
        rulebook: application.rulebook.0,
        version: application.version,
    })
}

/// The view of an application within a work.
///
/// # Errors
/// A fault of the database.
pub(super) async fn view_in(work: &Work, application: Application) -> Result<ApplicationView, Failure> {
    view(application, &parties::pollutants(work.connection()).await?)
}
