//! Consents: an enterprise lets a bank look at named right classes, takes it back, and sees who looked.

use super::commands::{self, NewConsent};
use super::consent::Consent;
use super::error::PartyRefusal;
use super::queries;
use crate::access::{Action, Scope};
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, OwnAct, Place};
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{
    Answer, Command, Empty, Fields, Filters, Id, Listing, NoFilters, Problem, Reply, Shared, Signed, Versioned,
};
use crate::kernel::ids::{ConsentId, OrganisationId};
use crate::kernel::page::PageRequest;
use crate::kernel::{Failure, Moment};
use crate::ledger::balances::{self, Balance, BalanceFilter};
use crate::rulebook::OwnProposal;
use crate::{concerns, concerns_nobody};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashSet;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

// A look is logged by itself, before it is answered.
concerns_nobody!(SeenHoldings);
concerns!(ConsentView: Organisation [organisation, pledgee]);

/// Most right classes of one consent; a site rarely holds more than one class for each of its pollutants.
const MOST_CLASSES: usize = 50;
/// Most balances that one look answers; keeps the answer below half a megabyte.
const MOST_BALANCES: usize = 1_000;
/// Balances read from the books at a time.
const BALANCES_AT_A_TIME: u64 = 1_000;
/// What the access log says was looked at.
const HOLDINGS: &str = "holdings";

/// The operations on consents.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(give_consent, list_consents))
        .routes(routes!(find_consent))
        .routes(routes!(withdraw_consent))
        .routes(routes!(look_under_consent))
}

/// A consent to read.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Consent)]
pub struct ConsentView {
    /// Its identity.
    pub id: Uuid,
    /// The enterprise that lets look (授权人).
    pub organisation: Uuid,
    /// The bank or guarantor that may look (质权人).
    pub pledgee: Uuid,
    /// Codes of the right classes that may be looked at (环境权益).
    #[schema(example = json!(["COD-MULTI-PAID-LUSHUI-20210101-20251231"]))]
    pub right_classes: Vec<String>,
    /// The last day on which it stands (授权期限).
    #[schema(format = Date, example = "2022-12-31")]
    pub valid_until: String,
    /// `in_force` through its last day, or `withdrawn` at once and for good.
    #[schema(example = "in_force")]
    pub state: String,
    /// The user who gave it.
    pub given_by: Uuid,
    /// When it was given, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Moment,
    /// Counts from 1.
    pub version: i64,
}

impl From<Consent> for ConsentView {
    fn from(consent: Consent) -> Self {
        Self {
            id: consent.id.0,
            organisation: consent.organisation.0,
            pledgee: consent.pledgee.0,
            right_classes: consent.right_classes,
            valid_until: consent.valid_until.to_string(),
            state: consent.state.as_str().to_owned(),
            given_by: consent.given_by.0,
            given_at: consent.given_at,
            version: consent.version,
        }
    }
}

impl Versioned for ConsentView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// A consent to give.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveConsent {
    /// Who may look (质权人): id of a bank or a guarantor.
    pub pledgee: Uuid,
    /// Codes of the right classes that may be looked at (环境权益): 1 to 50, each named once.
    #[schema(min_items = 1, max_items = 50, example = json!(["COD-MULTI-PAID-LUSHUI-20210101-20251231"]))]
    pub right_classes: Vec<String>,
    /// The last day on which it stands (授权期限).
    #[schema(format = Date, example = "2022-12-31")]
    pub valid_until: String,
}

impl GiveConsent {
    fn read(&self) -> Result<NewConsent, Failure> {
        let mut fields = Fields::default();
        let mut named = HashSet::new();
        let mut right_classes = Vec::new();
        for (at, code) in fields.count("right_classes", &self.right_classes, MOST_CLASSES).iter().enumerate() {
            let field = format!("right_classes[{at}]");
            let Some(code) = fields.text(&field, code) else {
                continue;
            };
            if !named.insert(code.clone()) {
                fields.take::<(), _>(&field, Err(PartyRefusal::NamedTwice { name: code.clone() }));
            }
            right_classes.push(code);
        }
        let valid_until = fields.date("valid_until", &self.valid_until);
        let pledgee = OrganisationId(self.pledgee);
        fields.finish(valid_until.map(|valid_until| NewConsent { pledgee, right_classes, valid_until }))
    }
}

/// Consenting, where the enterprise lets a second of its people approve.
pub struct ConsentProposal;

impl OwnProposal for ConsentProposal {
    fn act(&self) -> OwnAct {
        OwnAct::Consent
    }

    fn permission(&self) -> Action {
        Action::GiveConsent
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, _: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let command: GiveConsent = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let consent = one(commands::give_consents(work, &[command.read()?]).await?, ConsentView::from)?;
            let (subject_kind, subject) = ("consent", consent.id);
            Ok(Made { subject_kind, subject, answer: serde_json::to_value(consent).map_err(Failure::bug)? })
        })
    }
}

/// Let a bank or a guarantor look at what your sites hold of some right classes; where your own organisation asks for a second person,
/// nobody may look before that person approves.
#[utoipa::path(post, path = "/consents", tag = "consents", operation_id = "give_consent", request_body = GiveConsent,
    security(("bearer" = [])),
    extensions(("x-permission" = json!("give_consent"))), responses((status = 201, description = "Given", body = ConsentView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn give_consent(State(shared): State<Shared>, command: Command<GiveConsent>) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::GiveConsent)?;
    command.body.read()?;
    let body = serde_json::to_value(&command.body).map_err(Failure::bug)?;
    let place = Place::Organisation(command.caller.organisation);
    let wanted = Proposed { body, expected: None, place, about: None };
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| Box::pin(act(work, &ConsentProposal, wanted)));
    answer(told.await?, |consent: ConsentView| Answer::created(consent).into_response())
}

/// Consents that your organisation gave or received; all of them for an auditor.
#[utoipa::path(get, path = "/consents", tag = "consents", operation_id = "list_consents", params(OrderParams, PagingParams),
    security(("bearer" = [])),
    extensions(("x-permission" = json!("read_consents"))),
    responses((status = 200, description = "Consents in the order in which they were given", body = Listing<ConsentView>)))]
async fn list_consents(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    _filters: Filters<NoFilters>,
    Ordered(page): Ordered,
) -> Reply<Listing<ConsentView>> {
    caller.may(Action::ReadConsents)?;
    let found = queries::list_consents(shared.db.reader(), &caller, &page).await?;
    Ok(Answer::plain(found.map(ConsentView::from).into()))
}

/// A consent that your organisation gave or received.
#[utoipa::path(get, path = "/consents/{id}", tag = "consents", operation_id = "find_consent",
    params(("id" = Uuid, Path, description = "Id of the consent")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_consents"))),
    responses((status = 200, description = "The consent", body = ConsentView)))]
async fn find_consent(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ConsentId>,
) -> Reply<ConsentView> {
    caller.may(Action::ReadConsents)?;
    let found = queries::list_consents(shared.db.reader(), &caller, &PageRequest::only(id)).await?;
    let consent = found.only(id, |consent| consent.id.0).ok_or_else(|| not_found("consent"))?;
    Ok(Answer::ok(consent.into()))
}

/// Take a consent of your organisation back, at once and for good.
#[utoipa::path(post, path = "/consents/{id}/withdraw", tag = "consents", operation_id = "withdraw_consent",
    params(("id" = Uuid, Path, description = "Id of the consent")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("withdraw_consent"))),
    responses((status = 200, description = "Withdrawn", body = ConsentView)))]
async fn withdraw_consent(
    State(shared): State<Shared>,
    Id(id): Id<ConsentId>,
    command: Command<Empty>,
) -> Reply<ConsentView> {
    let permit = command.caller.may(Action::WithdrawConsent)?;
    let wanted = [(id, command.expected)];
    let consent = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, wanted| {
            Box::pin(async move { one(commands::withdraw_consents(work, wanted).await?, ConsentView::from) })
        })
        .await?;
    Ok(Answer::ok(consent))
}

/// What a site holds of one right class for one purpose.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SeenBalance {
    /// The site.
    pub site: Uuid,
    /// Its name.
    pub site_name: String,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Unit of the balance.
    #[schema(example = "t")]
    pub unit: String,
    /// `available`, or what holds it: `committed`, `pledged`, `frozen`.
    #[schema(example = "available", extensions(("x-words" = json!(["available", "committed", "pledged", "frozen"]))))]
    pub purpose: String,
    /// Decimal string in the unit.
    #[schema(example = "12.500")]
    pub balance: String,
    /// The trade, lien or freeze that holds it.
    pub subject: Option<Uuid>,
}

impl From<Balance> for SeenBalance {
    fn from(balance: Balance) -> Self {
        Self {
            balance: balance.print(),
            site: balance.owner,
            site_name: balance.owner_name,
            right_class: balance.asset,
            unit: balance.unit,
            purpose: balance.purpose,
            subject: balance.subject,
        }
    }
}

/// What a look under a consent shows.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct SeenHoldings {
    /// The consent that was looked under.
    pub consent: ConsentView,
    /// The instant whose balances are shown, in business time; the access log carries the same.
    #[schema(value_type = String, format = DateTime)]
    pub looked_at: Moment,
    /// Whether all balances are shown; at most 1,000 are.
    pub is_complete: bool,
    /// Balances other than zero, class by class.
    pub items: Vec<SeenBalance>,
}

/// A look as it is logged and kept under its key.
#[derive(Debug, Serialize, Deserialize)]
struct Look {
    consent: ConsentView,
    looked_at: Moment,
}

impl Look {
    /// Reads the books as they stood at the instant of the look. A repeat under the same key is not logged again, and a
    /// consent may have been withdrawn since, so it must not show anything that the first look did not.
    async fn read_books(self, shared: &Shared) -> Result<SeenHoldings, Failure> {
        let scope = Scope::Organisation { id: OrganisationId(self.consent.organisation) };
        // Another node's clock may be a little behind the one that stamped the look, and the future is not shown.
        let as_of = Some(self.looked_at.min(shared.db.clock().business_now()));
        let mut items = Vec::new();
        for right_class in &self.consent.right_classes {
            let asset = Some(right_class.clone());
            let filter = BalanceFilter { asset, view: as_of.into(), ..BalanceFilter::default() };
            let mut page = PageRequest::of(BALANCES_AT_A_TIME);
            while items.len() <= MOST_BALANCES {
                let found = balances::list_balances(&shared.db, &scope, &filter, &page).await?;
                // An account that was emptied, or opened after the look, says nothing.
                let held = found.items.into_iter().filter(|balance| balance.units != 0);
                items.extend(held.map(SeenBalance::from));
                let Some(next) = found.next else { break };
                page.after = Some(next.after);
            }
        }
        let is_complete = items.len() <= MOST_BALANCES;
        items.truncate(MOST_BALANCES);
        Ok(SeenHoldings { consent: self.consent, looked_at: self.looked_at, is_complete, items })
    }
}

/// Look at what the sites of an enterprise hold of the right classes of its consent. Every look is logged, and the
/// enterprise sees the log; send a new idempotency key to look again.
#[utoipa::path(post, path = "/consents/{id}/look", tag = "consents", operation_id = "look_under_consent",
    params(("id" = Uuid, Path, description = "Id of the consent")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("read_under_consent"))),
    responses((status = 200, description = "The balances at the instant of the look", body = SeenHoldings)))]
async fn look_under_consent(
    State(shared): State<Shared>,
    Id(id): Id<ConsentId>,
    command: Command<Empty>,
) -> Reply<SeenHoldings> {
    let permit = command.caller.may(Action::ReadUnderConsent)?;
    let look = shared
        .db
        .run_once(&permit, &command.key, &id, |work, id| {
            Box::pin(async move {
                let consent = commands::look(work, *id, HOLDINGS).await?;
                Ok(Look { consent: consent.into(), looked_at: work.now() })
            })
        })
        .await?;
    Ok(Answer::plain(look.read_books(&shared).await?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consent_names_each_class_once_and_a_day() {
        let body = format!(
            r#"{{"pledgee": "{}", "right_classes": ["A", " ", "A"], "valid_until": "2022-13-01"}}"#,
            Uuid::nil()
        );
        let body: GiveConsent = serde_json::from_str(&body).unwrap();
        let failure = body.read().unwrap_err();
        let told: Vec<(&str, &str)> =
            failure.violations.iter().map(|fault| (fault.field.as_str(), fault.code.as_ref())).collect();
        let expected = [
            ("right_classes[1]", "API_BAD_TEXT"),
            ("right_classes[2]", "ORG_NAMED_TWICE"),
            ("valid_until", "API_NOT_DATE"),
        ];
        assert_eq!(told, expected);
    }
}
