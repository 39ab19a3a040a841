//! Valuations of what is pledged.

use super::api::run;
use super::api_view::{PledgeView, words_of};
use super::commands::Act;
use super::error::PledgeRefusal;
use super::pledge::Pledge;
use super::queries;
use super::valuations::commands::{self, Revaluation};
use super::valuations::{Appraisal, MARKET_STATISTICS, Valuation};
use crate::access::Action;
use crate::concerns;
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Reply, Shared, Signed};
use crate::kernel::cycle::Period;
use crate::kernel::ids::{LienId, PledgeId};
use crate::kernel::page::Page;
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use accounting::Money;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most things of one revaluation: as many as one pledge has.
const MOST_THINGS: usize = 50;

/// The operations on valuations.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(revalue_pledge)).routes(routes!(list_valuations))
}

/// The fields of a body that say how something was valued.
#[derive(Debug, Clone, Copy)]
pub(super) struct AppraisalFields<'a> {
    /// In the words of the valuer, or `market_statistics`.
    pub method: &'a str,
    /// The period of the statistics.
    pub price_period: Option<&'a str>,
    /// The day of the valuation.
    pub valued_on: &'a str,
    /// The name of the field, and the last day for which it is good.
    pub expires_on: (&'a str, Option<&'a str>),
    /// Who valued.
    pub valuer: Option<&'a str>,
}

impl AppraisalFields<'_> {
    /// Reads them; `method_field` is the name of the field of the method.
    pub fn read(&self, fields: &mut Fields, method_field: &str) -> Option<Appraisal> {
        let method = fields.text(method_field, self.method);
        let known = |text: &str| Period::parse(text);
        let period =
            self.price_period.and_then(|text| fields.word("price_period", text, known, &["2022-Q4", "2022-11"]));
        let valued_on = fields.date("valued_on", self.valued_on);
        let (expires_field, expires_on) = self.expires_on;
        let expires_on = expires_on.and_then(|text| fields.date(expires_field, text));
        let valuer = fields.optional_text("valuer", self.valuer);
        let method = method?;
        if (method == MARKET_STATISTICS) != self.price_period.is_some() {
            fields.take::<(), _>("", Err(PledgeRefusal::PricePeriod {}));
        }
        Some(Appraisal { method, price_period: period, valued_on: valued_on?, expires_on, valuer })
    }
}

/// What one thing of a pledge was assessed at.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevaluedLien {
    /// Id of a lien of the pledge.
    pub lien: Uuid,
    /// CNY (评估价值); left out where the market's statistics say it.
    #[schema(example = "240000.00")]
    pub assessed_value: Option<String>,
}

/// A revaluation.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevaluePledge {
    /// In the words of the valuer (评估方法), or `market_statistics`, which takes the market's own mean price of `price_period`.
    #[schema(example = "market_price")]
    pub method: String,
    /// The period whose mean price counts, such as `2022-Q4`, `2022-11` or `2022`; by `market_statistics` alone.
    #[schema(example = json!(null))]
    pub price_period: Option<String>,
    /// Day of the valuation (评估日).
    #[schema(format = Date, example = "2022-09-28")]
    pub valued_on: String,
    /// The last day for which it is good (评估有效期), where it says one.
    #[schema(format = Date, example = "2023-03-27")]
    pub expires_on: Option<String>,
    /// Who assessed them (评估机构); you yourself when left out.
    #[schema(example = "湖北永业行资产评估咨询有限公司")]
    pub valuer: Option<String>,
    /// The things: 1 to 50, each once; those that are not named keep the value that they have.
    #[schema(min_items = 1, max_items = 50)]
    pub valuations: Vec<RevaluedLien>,
}

impl RevaluePledge {
    fn read(&self, act: Act) -> Result<Revaluation, Failure> {
        let mut fields = Fields::default();
        let appraisal = AppraisalFields {
            method: &self.method,
            price_period: self.price_period.as_deref(),
            valued_on: &self.valued_on,
            expires_on: ("expires_on", self.expires_on.as_deref()),
            valuer: self.valuer.as_deref(),
        };
        let appraisal = appraisal.read(&mut fields, "method");
        let mut things = Vec::new();
        for (at, thing) in
            fields.count("valuations", &self.valuations, MOST_THINGS).iter().take(MOST_THINGS).enumerate()
        {
            let stated = thing.assessed_value.as_deref();
            let place = format!("valuations[{at}].assessed_value");
            things.push((LienId(thing.lien), stated.and_then(|text| fields.money(&place, text))));
        }
        fields.finish(appraisal.map(|appraisal| Revaluation { act, appraisal, things }))
    }
}

/// Value what is pledged anew, as its pledgee. Where more is secured than the cap allows of the new value, the pledgor is called for more
/// security (`margin_calls`); where it is within the cap again, an open call ends.
#[utoipa::path(post, path = "/pledges/{id}/revalue", tag = "pledges", operation_id = "revalue_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = RevaluePledge, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Revalued", body = PledgeView)))]
async fn revalue_pledge(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<RevaluePledge>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::RegisterPledge)?;
    let revaluation = command.body.read(Act { pledge, expected: command.expected })?;
    let revalued =
        run(&shared, &permit, &command.key, [revaluation], |work, wanted| Box::pin(commands::revalue(work, wanted)));
    Ok(Answer::ok(revalued.await?))
}

concerns!(ValuationView: Organisation [pledgor, pledgee]);

/// What one thing of a pledge was assessed at.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Valuation)]
pub struct ValuationView {
    /// Its identity.
    pub id: Uuid,
    /// The pledge.
    pub pledge: Uuid,
    /// The enterprise whose rights they are (出质人).
    pub pledgor: Uuid,
    /// The bank or guarantor (质权人).
    pub pledgee: Uuid,
    /// The lien.
    pub lien: Uuid,
    /// Code of the right class (环境权益).
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// How much of it there was; decimal string in the pollutant's unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// In the words of the valuer (评估方法), or `market_statistics`.
    #[schema(example = "market_price")]
    pub method: String,
    /// The period of the statistics whose mean price was taken.
    #[schema(example = "2022-Q3")]
    pub price_period: Option<String>,
    /// That price, in CNY per display unit over the whole validity.
    #[schema(example = "20800.00")]
    pub unit_price: Option<String>,
    /// CNY (评估价值).
    #[schema(example = "260000.00")]
    pub assessed_value: String,
    /// CNY; what was secured on it then (对应担保债权额).
    #[schema(example = "230000.00")]
    pub secured: Option<String>,
    /// Secured over assessed value (抵质押率), with four places.
    #[schema(example = "0.8846")]
    pub ltv: Option<String>,
    /// Day of the valuation (评估日).
    #[schema(format = Date, example = "2022-03-28")]
    pub valued_on: String,
    /// The last day for which it is good (评估有效期).
    #[schema(format = Date, example = "2023-03-27")]
    pub expires_on: Option<String>,
    /// Who assessed it (评估机构).
    #[schema(example = "湖北永业行资产评估咨询有限公司")]
    pub valuer: String,
    /// The user who told it.
    pub recorded_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// The journal of the application or of the revaluation.
    pub journal: Uuid,
}

impl ValuationView {
    fn of(valuation: &Valuation, pledge: &Pledge, words: &Words) -> Result<Self, Failure> {
        let lien = pledge.lien(valuation.lien);
        let lien = lien.ok_or_else(|| Failure::bug("a valuation of no lien of its pledge"))?;
        let (right_class, measure) = words.class(lien.right_class)?;
        let price = valuation.market_price;
        Ok(Self {
            id: valuation.id.0,
            pledge: pledge.id.0,
            pledgor: pledge.pledgor.0,
            pledgee: pledge.pledgee.0,
            lien: valuation.lien.0,
            right_class,
            quantity: valuation.quantity.print(measure),
            unit: measure.unit.clone(),
            method: valuation.method.clone(),
            price_period: price.map(|price| price.period.to_string()),
            unit_price: price.map(|price| price.unit_price.print()),
            assessed_value: valuation.value.print(),
            secured: valuation.secured.map(Money::print),
            ltv: valuation.part().and_then(super::api_view::print_ltv),
            valued_on: valuation.valued_on.to_string(),
            expires_on: valuation.expires_on.map(|day| day.to_string()),
            valuer: valuation.valuer.clone(),
            recorded_by: valuation.recorded_by.0,
            recorded_at: valuation.recorded_at,
            journal: valuation.journal.0,
        })
    }
}

/// What the things of a pledge were assessed at, oldest first: with the application, and in each revaluation.
#[utoipa::path(get, path = "/pledges/{id}/valuations", tag = "pledges", operation_id = "list_valuations",
    params(("id" = Uuid, Path, description = "Id of the pledge"), OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Valuations, oldest first", body = Listing<ValuationView>)))]
async fn list_valuations(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PledgeId>,
    _filters: Filters<NoFilters>,
    Ordered(page): Ordered,
) -> Reply<Listing<ValuationView>> {
    caller.may(Action::ReadPledges)?;
    let found = queries::list_valuations(&shared.db, &caller, id, &page).await?;
    let (pledge, found) = found.ok_or_else(|| not_found("pledge"))?;
    let words = words_of(shared.db.reader(), std::slice::from_ref(&pledge)).await?;
    let items = found.items.iter().map(|one| ValuationView::of(one, &pledge, &words)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}
