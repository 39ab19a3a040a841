//! The reserve's operations: setting aside, taking back, buying back.

use super::api::{answer_one, list};
use super::api_proposals::{read_cause, read_class};
use super::api_view::RightActView;
use super::error::TenureRefusal;
use super::proposing::{NewRightAct, NewWhat, propose};
use super::queries::RightActFilter;
use super::right_act::{Kind, RightAct};
use crate::access::Action;
use crate::encumbrance::Binders;
use crate::http::field::one_of;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Listing, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::SiteId;
use crate::parties::words::Words;
use crate::parties::{PartyRefusal, Pollutant, queries as parties};
use accounting::{Measure, Product, RightClass};
use axum::Extension;
use axum::extract::State;
use serde::Deserialize;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations of the reserve.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(propose_reserve_operation, list_reserve_operations))
}

/// What the reserve does.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OperateReserve {
    /// `set_aside`, `take_back` or `buy_back`.
    #[schema(example = "buy_back", extensions(("x-words" = json!(OPERATIONS))))]
    pub kind: String,
    /// Id of the site whose rights they are; the reserve's own when rights are set aside.
    pub site: Uuid,
    /// Id of the reserve's site that receives them; left out when rights are set aside.
    pub reserve_site: Option<Uuid>,
    /// Code of the right class; a new one may be named when rights are set aside.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit, more than zero.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// CNY that the treasury pays for the whole; only when rights are bought back.
    #[schema(example = "109875.00")]
    pub total: Option<String>,
    /// Of a set-aside `initial_reserve` or `funded_reduction`; of a take-back `bankruptcy`, `closure`, `ban`, `ordered_closure`,
    /// `relocation` or `end_of_discharge`; of a buy-back `surplus`, `bankruptcy`, `closure`, `relocation` or `end_of_discharge`.
    #[schema(example = "surplus")]
    pub cause: String,
    /// Number of the document it rests on.
    #[schema(example = "鄂环储〔2022〕7号")]
    pub document: String,
}

/// The words of the reserve's operations.
const OPERATIONS: [&str; 3] = ["set_aside", "take_back", "buy_back"];

impl OperateReserve {
    fn read(&self, words: &Words, pollutants: &HashMap<String, Pollutant>) -> Result<NewRightAct, Failure> {
        let mut fields = Fields::default();
        let known = |text: &str| Kind::parse(text).filter(|kind| kind.is_of_reserve());
        let kind = fields.word("kind", &self.kind, known, &OPERATIONS);
        let cause = kind.and_then(|kind| read_cause(&mut fields, kind, &self.cause));
        let document = fields.text("document", &self.document);
        let (what, measure) = match kind {
            Some(Kind::SetAside) => self.read_new(&mut fields, pollutants),
            Some(kind) => self.read_known(&mut fields, kind, words),
            None => (None, None),
        };
        let quantity = measure.and_then(|measure| fields.quantity("quantity", &self.quantity, &measure));
        let new = what.zip(quantity).zip(cause).zip(document).map(|(((what, quantity), cause), document)| {
            NewRightAct { site: SiteId(self.site), quantity, cause, document, what }
        });
        fields.finish(new)
    }

    fn refuse(fields: &mut Fields, field: &str, kind: Kind) {
        fields.take::<(), _>(field, Err(TenureRefusal::NotForKind { kind: kind.as_str().to_owned() }));
    }

    fn read_new(
        &self,
        fields: &mut Fields,
        pollutants: &HashMap<String, Pollutant>,
    ) -> (Option<NewWhat>, Option<Measure>) {
        if self.total.is_some() {
            Self::refuse(fields, "total", Kind::SetAside);
        }
        if self.reserve_site.is_some() {
            Self::refuse(fields, "reserve_site", Kind::SetAside);
        }
        let unknown = || PartyRefusal::UnknownRightClass { code: self.right_class.clone() };
        let parsed = RightClass::parse(&self.right_class).ok();
        let class = parsed.filter(|class| class.product == Product::MultiYear).ok_or_else(unknown);
        let Some(class) = fields.take("", class) else { return (None, None) };
        let unknown = || PartyRefusal::UnknownPollutant { code: class.pollutant.clone() };
        let pollutant = fields.take_as("right_class", pollutants.get(&class.pollutant).ok_or_else(unknown));
        let measure = pollutant.map(|pollutant| pollutant.measure.clone());
        let RightClass { pollutant, origin, zone, validity, .. } = class;
        (Some(NewWhat::SetAside { pollutant, origin, validity, zone }), measure)
    }

    fn read_known(&self, fields: &mut Fields, kind: Kind, words: &Words) -> (Option<NewWhat>, Option<Measure>) {
        let class = read_class(fields, words, &self.right_class);
        let missing = || TenureRefusal::MissingForKind { kind: kind.as_str().to_owned() };
        let reserve = fields.take("reserve_site", self.reserve_site.ok_or_else(missing));
        let (right_class, measure) = class.unzip();
        let named = right_class.zip(reserve.map(SiteId));
        if kind == Kind::TakeBack {
            if self.total.is_some() {
                Self::refuse(fields, "total", kind);
            }
            return (named.map(|(right_class, reserve)| NewWhat::TakeBack { right_class, reserve }), measure);
        }
        let total = match &self.total {
            Some(total) => fields.money("total", total),
            None => fields.take("total", Err(missing())),
        };
        let what =
            named.zip(total).map(|((right_class, reserve), total)| NewWhat::BuyBack { right_class, reserve, total });
        (what, measure)
    }
}

/// Propose to set rights aside for the reserve, to take free ones back, or to buy paid ones back, as a bureau or, except a take-back, as the reserve. Who
/// sells agrees first; then a second person of the bureau decides.
#[utoipa::path(post, path = "/reserve-operations", tag = "quota", operation_id = "propose_reserve_operation",
    request_body = OperateReserve, security(("bearer" = [])), extensions(("x-permission" = json!("operate_reserve"))),
    responses((status = 201, description = "Proposed", body = RightActView)))]
async fn propose_reserve_operation(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    command: Command<OperateReserve>,
) -> Reply<RightActView> {
    let permit = command.caller.may(Action::OperateReserve)?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&command.body.right_class)).await?;
    let pollutants = parties::pollutants(shared.db.reader()).await?;
    let wanted = (binders, [command.body.read(&words, &pollutants)?]);
    let proposed = shared.db.run_once(&permit, &command.key, &wanted, |work, (binders, news)| {
        Box::pin(async move {
            let acts =
                propose(work, *binders, news).await.map_err(|failure| failure.renamed("valid_to", "right_class"))?;
            answer_one(work, acts).await
        })
    });
    Ok(Answer::created(proposed.await?))
}

/// Filters of the reserve's operations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReserveOperationQuery {
    /// `set_aside`, `take_back` or `buy_back`.
    #[param(example = "buy_back")]
    kind: Option<String>,
    /// `proposed`, `agreed`, `carried_out`, `refused` or `withdrawn`.
    #[param(example = "carried_out")]
    state: Option<String>,
}

/// What was set aside for the reserve, taken back and bought back, as far as you may see it.
#[utoipa::path(get, path = "/reserve-operations", tag = "quota", operation_id = "list_reserve_operations",
    params(ReserveOperationQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_quota"))),
    responses((status = 200, description = "Operations in the order of proposal", body = Listing<RightActView>)))]
async fn list_reserve_operations(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ReserveOperationQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<RightActView>> {
    caller.may(Action::ReadQuota)?;
    one_of("kind", query.kind.as_deref(), &OPERATIONS)?;
    one_of("state", query.state.as_deref(), RightAct::STATES)?;
    let kinds = query.kind.as_deref().map_or_else(|| OPERATIONS.to_vec(), |kind| vec![kind]);
    let filter = RightActFilter { kinds, state: query.state.as_deref(), site: None };
    list(&shared, &caller.scope(), &filter, &page).await
}
