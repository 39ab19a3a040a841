//! Proposing acts on rights.

use super::acts::SurrenderProposal;
use super::api::answer_one;
use super::api_view::RightActView;
use super::proposing::{NewRightAct, NewWhat, propose};
use super::right_act::{Cause, Kind};
use crate::access::Action;
use crate::decisions::Place;
use crate::decisions::api_tasks::{TaskView, act, answer};
use crate::decisions::proposals::Command as Proposed;
use crate::encumbrance::Binders;
use crate::http::{Answer, Command, Fields, Problem, Reply, Shared};
use crate::kernel::Failure;
use crate::kernel::ids::{RightClassId, SiteId};
use crate::parties::PartyRefusal;
use crate::parties::words::Words;
use accounting::{Measure, Validity};
use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The proposals.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(propose_surrender))
        .routes(routes!(propose_renewal))
        .routes(routes!(propose_variation))
}

/// A cause that fits a kind.
pub(super) fn read_cause(fields: &mut Fields, kind: Kind, text: &str) -> Option<Cause> {
    let known: Vec<&str> = kind.causes().iter().map(|cause| cause.as_str()).collect();
    fields.word("cause", text, |text| Cause::parse(text).filter(|cause| kind.causes().contains(cause)), &known)
}

/// A class that is there, with its measure.
pub(super) fn read_class(fields: &mut Fields, words: &Words, code: &str) -> Option<(RightClassId, Measure)> {
    fields.take("", words.class_by_code(code))
}

/// Rights to give up for good.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeSurrender {
    /// Id of your site.
    pub site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// `voluntary`, `closure`, `relocation` or `end_of_discharge`.
    #[schema(
        example = "end_of_discharge",
        extensions(("x-words" = json!(["voluntary", "closure", "relocation", "end_of_discharge"])))
    )]
    pub cause: String,
    /// Number of the document it rests on.
    #[schema(example = "临江纸退〔2022〕1号")]
    pub document: String,
}

impl ProposeSurrender {
    pub(super) fn read(&self, words: &Words) -> Result<NewRightAct, Failure> {
        let mut fields = Fields::default();
        let class = read_class(&mut fields, words, &self.right_class);
        let quantity = class.as_ref().and_then(|(_, measure)| fields.quantity("quantity", &self.quantity, measure));
        let cause = read_cause(&mut fields, Kind::Surrender, &self.cause);
        let document = fields.text("document", &self.document);
        let new = class.zip(quantity).zip(cause).zip(document).map(|((((class, _), quantity), cause), document)| {
            let what = NewWhat::Surrender(class);
            NewRightAct { site: SiteId(self.site), quantity, cause, document, what }
        });
        fields.finish(new)
    }
}

/// Propose to give rights of your site up for good; a bureau decides. Where your own organisation asks for a second person, it is proposed
/// when that person approves.
#[utoipa::path(post, path = "/surrenders", tag = "quota", operation_id = "propose_surrender",
    request_body = ProposeSurrender, security(("bearer" = [])), extensions(("x-permission" = json!("surrender_rights"))),
    responses((status = 201, description = "Proposed", body = RightActView),
        (status = 202, description = "Waits for a second person of yours", body = TaskView)))]
async fn propose_surrender(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    command: Command<ProposeSurrender>,
) -> Result<Response, Problem> {
    let permit = command.caller.may(Action::SurrenderRights)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    command.body.read(&words)?;
    let body = serde_json::to_value(&command.body).map_err(Failure::bug)?;
    let place = Place::Organisation(command.caller.organisation);
    let wanted = (SurrenderProposal { binders }, Proposed { body, expected: None, place, about: None });
    let told = shared
        .db
        .run_once(&permit, &command.key, &wanted, |work, (proposal, wanted)| Box::pin(act(work, proposal, wanted)));
    answer(told.await?, |view: RightActView| Answer::created(view).into_response())
}

/// Rights to renew.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeRenewal {
    /// Id of the site: yours, or one in your area.
    pub site: Uuid,
    /// Code of the right class whose validity ends.
    #[schema(example = "COD-MULTI-FREE-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// How much of it the re-verification confirms; all of it when left out. Only a bureau confirms less, and only of free rights.
    #[schema(example = "11.000")]
    pub confirmed: Option<String>,
    /// First day of the new validity, no later than the day after the old one.
    #[schema(format = Date, example = "2026-01-01")]
    pub valid_from: String,
    /// Last day.
    #[schema(format = Date, example = "2030-12-31")]
    pub valid_to: String,
    /// Number of the document of the re-verification.
    #[schema(example = "咸环核〔2025〕31号")]
    pub document: String,
}

impl ProposeRenewal {
    fn read(&self, words: &Words) -> Result<NewRightAct, Failure> {
        let mut fields = Fields::default();
        let class = read_class(&mut fields, words, &self.right_class);
        let measure = class.as_ref().map(|(_, measure)| measure.clone());
        let mut quantity = |field: &str, text: &str| fields.quantity(field, text, measure.as_ref()?);
        let whole = quantity("quantity", &self.quantity);
        let confirmed = self.confirmed.as_deref().and_then(|text| quantity("confirmed", text));
        let from = fields.date("valid_from", &self.valid_from);
        let to = fields.date("valid_to", &self.valid_to);
        let validity = from.zip(to).and_then(|(from, to)| {
            fields.take("", Validity::try_new(from, to).map_err(|_| PartyRefusal::BadValidity {}))
        });
        let document = fields.text("document", &self.document);
        let read = class.zip(whole).zip(validity).zip(document);
        let new = read.map(|((((right_class, _), quantity), validity), document)| NewRightAct {
            site: SiteId(self.site),
            quantity,
            cause: Cause::ReVerification,
            document,
            what: NewWhat::Renewal { right_class, validity, confirmed },
        });
        fields.finish(new)
    }
}

/// Ask for the renewal of rights, as who holds them by the day that the rulebook sets, or as a bureau that re-verifies them. It takes effect
/// on the first day of the new validity, as far as the rights are then still free.
#[utoipa::path(post, path = "/renewals", tag = "quota", operation_id = "propose_renewal", request_body = ProposeRenewal,
    security(("bearer" = [])), extensions(("x-permission" = json!("renew_rights"))),
    responses((status = 201, description = "Proposed", body = RightActView)))]
async fn propose_renewal(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    command: Command<ProposeRenewal>,
) -> Reply<RightActView> {
    let permit = command.caller.may(Action::RenewRights)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    let wanted = (binders, [command.body.read(&words)?]);
    let proposed = shared.db.run_once(&permit, &command.key, &wanted, |work, (binders, news)| {
        Box::pin(async move {
            let acts = propose(work, *binders, news).await?;
            answer_one(work, acts).await
        })
    });
    Ok(Answer::created(proposed.await?))
}

/// Rights to take off.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeVariation {
    /// Id of the site, in your area.
    pub site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-FREE-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// How much less: a decimal string in the pollutant's unit, more than zero.
    #[schema(example = "1.500")]
    pub quantity: String,
    /// `total_control` or `correction`.
    #[schema(example = "total_control", extensions(("x-words" = json!(["total_control", "correction"]))))]
    pub cause: String,
    /// Number of the document it rests on.
    #[schema(example = "咸环总量〔2022〕9号")]
    pub document: String,
}

impl ProposeVariation {
    fn read(&self, words: &Words) -> Result<NewRightAct, Failure> {
        let mut fields = Fields::default();
        let class = read_class(&mut fields, words, &self.right_class);
        let quantity = class.as_ref().and_then(|(_, measure)| fields.quantity("quantity", &self.quantity, measure));
        let cause = read_cause(&mut fields, Kind::Variation, &self.cause);
        let document = fields.text("document", &self.document);
        let new = class.zip(quantity).zip(cause).zip(document).map(|((((class, _), quantity), cause), document)| {
            let what = NewWhat::Variation(class);
            NewRightAct { site: SiteId(self.site), quantity, cause, document, what }
        });
        fields.finish(new)
    }
}

/// Propose to vary the rights of a site in your area downward, with cause. A second person decides.
#[utoipa::path(post, path = "/variations", tag = "quota", operation_id = "propose_variation",
    request_body = ProposeVariation, security(("bearer" = [])), extensions(("x-permission" = json!("vary_rights"))),
    responses((status = 201, description = "Proposed", body = RightActView)))]
async fn propose_variation(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    command: Command<ProposeVariation>,
) -> Reply<RightActView> {
    let permit = command.caller.may(Action::VaryRights)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    let wanted = (binders, [command.body.read(&words)?]);
    let proposed = shared.db.run_once(&permit, &command.key, &wanted, |work, (binders, news)| {
        Box::pin(async move {
            let acts = propose(work, *binders, news).await?;
            answer_one(work, acts).await
        })
    });
    Ok(Answer::created(proposed.await?))
}
