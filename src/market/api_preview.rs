//! Could I buy this, and if not, why?

use super::offer::Mode;
use super::preview::{self, Outlook, Wanted};
use super::price::read_price_basis;
use crate::access::Action;
use crate::concerns_nobody;
use crate::db::{CommandKey, Terms};
use crate::eligibility::facts::TradeTerms;
use crate::http::extract::not_found;
use crate::http::problem::ViolationView;
use crate::http::{Answer, Command, Fields, Language, Reply, Shared};
use crate::kernel::ids::{ListingId, OfferId, ProjectId, RightClassId, SiteId};
use crate::kernel::{Failure, Refusal};
use crate::market::api_trades::LiftedRule;
use crate::market::error::MarketRefusal;
use crate::market::listings;
use crate::market::queries;
use crate::parties::words::Words;
use accounting::{Measure, Money, decimal};
use axum::extract::State;
use axum::http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

// What the caller itself has asked about its own trade.
concerns_nobody!(PreviewView);

/// The operation.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(preview_trade))
}

/// What you think of buying: an offer made to you, from a listing, or on terms that nobody has offered yet.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewTrade {
    /// Id of an offer; it takes `project` and nothing else.
    pub offer: Option<Uuid>,
    /// Id of a listing; it takes `buyer_site`, `quantity` and `project`, and nothing else.
    #[schema(example = json!(null))]
    pub listing: Option<Uuid>,
    /// The seller's site, for terms of your own.
    #[schema(example = json!(null))]
    pub seller_site: Option<Uuid>,
    /// The buyer's site.
    #[schema(example = json!(null))]
    pub buyer_site: Option<Uuid>,
    /// Id of the construction project of the buyer's site; what it decides is left out without it.
    pub project: Option<Uuid>,
    /// Code of the right class, for terms of your own.
    #[schema(example = json!(null))]
    pub right_class: Option<String>,
    /// Decimal string in the class's unit.
    #[schema(example = json!(null))]
    pub quantity: Option<String>,
    /// CNY per display unit, for terms of your own.
    #[schema(example = json!(null))]
    pub unit_price: Option<String>,
    /// What the price is for; `per_unit_whole_validity` when left out.
    #[schema(example = json!(null))]
    pub price_basis: Option<String>,
    /// CNY: the total that you would agree on, where it is not price × quantity to the fen.
    #[schema(example = json!(null))]
    pub total: Option<String>,
}

/// What would become of the capacity of an area.
#[derive(Debug, Serialize, ToSchema)]
pub struct CapacityOutlook {
    /// Code of the area.
    #[schema(example = "421281")]
    pub area: String,
    /// What it has free now, in the class's unit.
    #[schema(example = "1000.000")]
    pub headroom: String,
    /// What it would have free once the trade has settled.
    #[schema(example = "998.000")]
    pub headroom_after: String,
}

/// What would come of the trade. Nothing is held, and nothing of it is promised: everything is judged again when it is done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TradePreview)]
pub struct PreviewView {
    /// Whether no rule stands against it today.
    #[schema(example = true)]
    pub is_possible: bool,
    /// Every rule that stands against it.
    #[schema(example = json!([]))]
    pub violations: Vec<ViolationView>,
    /// How much, in the class's unit.
    #[schema(example = "2.000")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// What a replacement ratio would retire of it.
    #[schema(example = "0.000")]
    pub excess: String,
    /// CNY: the total; null where a rule tells that there can be none.
    #[schema(example = "17580.00")]
    pub total: Option<String>,
    /// CNY of it that would be held at once.
    #[schema(example = "5274.00")]
    pub deposit: Option<String>,
    /// CNY of it that the exchange would take out of the seller's proceeds; null where no rule asks for a fee.
    #[schema(example = json!(null))]
    pub fee: Option<String>,
    /// The rule that an override of the province lifts for it; null where none is lifted.
    #[schema(example = json!(null))]
    pub lifted: Option<LiftedRule>,
    /// The areas whose capacity would move.
    pub capacity: Vec<CapacityOutlook>,
    /// Codes of the areas whose bureaux would decide.
    #[schema(example = json!(["421222", "421281"]))]
    pub deciding_areas: Vec<String>,
    /// Working days for which the approved trade would be laid open; null where no rule asks for it.
    #[schema(example = json!(null))]
    pub publicity_days: Option<u32>,
    /// Working days for the payment; null where no rule sets a term.
    #[schema(example = json!(null))]
    pub payment_days: Option<u32>,
    /// Whether the exchange would confirm it before it settles.
    #[schema(example = false)]
    pub is_confirmed_by_exchange: bool,
}

fn code(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

impl PreviewView {
    fn of(outlook: &Outlook, measure: &Measure, language: Language) -> Result<Self, Failure> {
        let money = |fen: Option<i64>| fen.map(|fen| Money::try_new(fen).map(Money::print)).transpose();
        let grams = |grams: i64| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        Ok(Self {
            is_possible: outlook.violations.is_empty(),
            violations: outlook.violations.iter().map(|broken| ViolationView::of(broken, language)).collect(),
            quantity: grams(outlook.grams),
            unit: measure.unit.clone(),
            excess: grams(outlook.excess),
            total: money(outlook.total).map_err(Failure::bug)?,
            deposit: money(outlook.deposit).map_err(Failure::bug)?,
            fee: money(outlook.fee).map_err(Failure::bug)?,
            lifted: outlook.lifted.as_ref().map(|lift| LiftedRule { rule: lift.rule.clone(), by: lift.by.0 }),
            capacity: outlook
                .capacity
                .iter()
                .map(|area| CapacityOutlook {
                    area: code(&area.area_path),
                    headroom: grams(area.headroom),
                    headroom_after: grams(area.headroom_after),
                })
                .collect(),
            deciding_areas: outlook.deciding_areas.iter().map(|path| code(path)).collect(),
            publicity_days: outlook.publicity_days,
            payment_days: outlook.payment_days,
            is_confirmed_by_exchange: outlook.is_confirmed,
        })
    }
}

impl PreviewTrade {
    /// Refuses what an offer or a listing says itself: it would be dropped without a word.
    fn expect_unmixed(&self) -> Result<(), Failure> {
        let beside_listing = [
            ("seller_site", self.seller_site.is_some()),
            ("right_class", self.right_class.is_some()),
            ("unit_price", self.unit_price.is_some()),
            ("price_basis", self.price_basis.is_some()),
            ("total", self.total.is_some()),
        ];
        let beside_offer = [
            ("listing", self.listing.is_some()),
            ("buyer_site", self.buyer_site.is_some()),
            ("quantity", self.quantity.is_some()),
        ];
        let (what, beside) = match (self.offer, self.listing) {
            (Some(_), _) => ("offer", [&beside_offer[..], &beside_listing[..]].concat()),
            (None, Some(_)) => ("listing", beside_listing.to_vec()),
            (None, None) => return Ok(()),
        };
        let mixed = || MarketRefusal::PreviewMixed { what: what.to_owned() }.violation();
        let named = beside.into_iter().filter(|(_, is_there)| *is_there);
        Failure::refused(named.map(|(field, _)| mixed().about(field)).collect())
    }
}

/// What is asked about, read into types that cannot be wrong, with the unit it is told in.
async fn read(shared: &Shared, command: &Command<PreviewTrade>) -> Result<(Wanted, Measure), Failure> {
    let (body, scope) = (&command.body, command.caller.scope());
    body.expect_unmixed()?;
    let project = body.project.map(ProjectId);
    if let Some(offer) = body.offer.map(OfferId) {
        let found = queries::find_offer(&shared.db, &scope, offer).await?.ok_or_else(|| not_found("offer"))?;
        return Ok((Wanted::Offer { offer, project }, measure(shared, found.right_class).await?));
    }
    if let Some(listing) = body.listing.map(ListingId) {
        let found = listings::queries::find(&shared.db, &scope, listing).await?;
        let found = found.ok_or_else(|| not_found("listing"))?;
        let measure = measure(shared, found.right_class).await?;
        let mut fields = Fields::default();
        let quantity = body.quantity.as_deref().and_then(|text| fields.quantity("quantity", text, &measure));
        let buyer = SiteId(body.buyer_site.unwrap_or_default());
        return Ok((fields.finish(Some(Wanted::Listing { listing, buyer, project, quantity }))?, measure));
    }
    read_terms(shared, body).await
}

async fn read_terms(shared: &Shared, body: &PreviewTrade) -> Result<(Wanted, Measure), Failure> {
    let missing = |text: &Option<String>| text.clone().ok_or(MarketRefusal::NothingToPreview {});
    let (code, quantity) = (missing(&body.right_class)?, missing(&body.quantity)?);
    let unit_price = missing(&body.unit_price)?;
    let (seller, buyer) = body.seller_site.zip(body.buyer_site).ok_or(MarketRefusal::NothingToPreview {})?;
    let words = Words::of_codes(shared.db.reader(), std::slice::from_ref(&code)).await?;
    let mut fields = Fields::default();
    let class = fields.take("", words.class_by_code(&code));
    let quantity = class.as_ref().and_then(|(_, measure)| fields.quantity("quantity", &quantity, measure));
    let unit_price = fields.price("unit_price", &unit_price);
    let price_basis = read_price_basis(&mut fields, body.price_basis.as_deref());
    let total = body.total.as_deref().and_then(|total| fields.money("total", total));
    let read = class.zip(quantity).zip(unit_price).zip(price_basis);
    fields.finish(read.map(|((((right_class, measure), quantity), unit_price), price_basis)| {
        let terms = TradeTerms {
            seller: SiteId(seller),
            buyer: SiteId(buyer),
            right_class,
            quantity,
            unit_price,
            price_basis,
            mode: Mode::Negotiated.as_str(),
            project: body.project.map(ProjectId),
            counted: 0,
        };
        (Wanted::Terms { terms, total }, measure)
    }))
}

async fn measure(shared: &Shared, class: RightClassId) -> Result<Measure, Failure> {
    Ok(Words::of_ids(shared.db.reader(), &[class]).await?.class(class)?.1.clone())
}

/// Ask whether you could buy this, and if not, why: every broken rule at once, what it would cost and hold, which capacity would move, and
/// who would decide. Judged by the same rules as the purchase itself; nothing is changed.
#[utoipa::path(post, path = "/trades/preview", tag = "market", operation_id = "preview_trade", request_body = PreviewTrade,
    security(("bearer" = [])), extensions(("x-permission" = json!("preview_trade"))),
    responses((status = 200, description = "What would come of it", body = PreviewView)))]
async fn preview_trade(
    State(shared): State<Shared>,
    headers: HeaderMap,
    command: Command<PreviewTrade>,
) -> Reply<PreviewView> {
    let permit = command.caller.may(Action::PreviewTrade)?;
    let (wanted, measure) = read(&shared, &command).await?;
    // A rehearsal by its nature: it is rolled back, and its key is not taken.
    let key = CommandKey { terms: Terms { is_dry_run: true, ..Terms::default() }, ..command.key };
    let outlook = shared
        .db
        .run_once(&permit, &key, &wanted, |work, wanted| Box::pin(async move { preview::preview(work, wanted).await }))
        .await?;
    let language = Language::asked(headers.get(header::ACCEPT_LANGUAGE));
    Ok(Answer::plain(PreviewView::of(&outlook, &measure, language)?))
}
