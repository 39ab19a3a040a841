//! Putting what a lien holds into an auction of the exchange, and what became of it there.

use super::commands::Act;
use super::lots::commands::{self, NewPledgedLot};
use super::queries;
use crate::access::Action;
use crate::http::answer::one;
use crate::http::extract::not_found;
use crate::http::paging::PagingParams;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, NoFilters, Paging, Reply, Shared, Signed};
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionId, LienId, OrganisationId, PledgeId};
use crate::kernel::page::Page;
use crate::market::auctions::api_lot_view::{LotView, name_sellers};
use crate::market::auctions::api_views::{self as views, optional_quantity};
use accounting::Measure;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on lots of what liens hold.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(propose_pledged_lot, list_pledged_lots))
}

/// What a lien holds, to be put into a session.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposePledgedLot {
    /// Id of a lien of the pledge.
    pub lien: Uuid,
    /// Id of a session that is planned.
    pub auction: Uuid,
    /// How much; decimal string in the pollutant's unit. All that the lien holds when left out.
    #[schema(example = "10.000")]
    pub quantity: Option<String>,
    /// The least that a bid may be for.
    #[schema(example = "0.500")]
    pub min_quantity: Option<String>,
    /// The most that a bid may be for; the whole lot when left out.
    #[schema(example = "5.000")]
    pub max_quantity: Option<String>,
    /// CNY per display unit, over the whole validity of the right.
    #[schema(example = "8790.00")]
    pub base_price: String,
    /// CNY; costs of the disposal, which are paid first, once for the whole lot. May be nothing.
    #[schema(example = "1000.00")]
    pub costs: String,
    /// CNY; the claim that will be owed when the winners settle: principal, interest and what else the pledge secures. It is paid once for the
    /// whole lot.
    #[schema(example = "61000.00")]
    pub owed: String,
    /// Id of the settlement bank through which costs and claim are paid out.
    pub settlement_bank: Uuid,
}

impl ProposePledgedLot {
    /// Reads it, quantities in the measure of the lien; a lien that the pledge does not have is refused by the command.
    fn read(&self, act: Act, measure: Option<&Measure>) -> Result<NewPledgedLot, Failure> {
        let mut fields = Fields::default();
        let base_price = fields.price("base_price", &self.base_price);
        let costs = fields.money_or_nothing("costs", &self.costs);
        let owed = fields.money("owed", &self.owed);
        let mut read = |name, text: Option<&String>| {
            measure.and_then(|measure| optional_quantity(&mut fields, name, text.map(String::as_str), measure))
        };
        let quantity = read("quantity", self.quantity.as_ref());
        let least = read("min_quantity", self.min_quantity.as_ref());
        let most = read("max_quantity", self.max_quantity.as_ref());
        fields.finish(base_price.zip(costs).zip(owed).map(|((base_price, costs), owed)| NewPledgedLot {
            act,
            lien: LienId(self.lien),
            auction: AuctionId(self.auction),
            quantity,
            least,
            most,
            base_price,
            settlement_bank: OrganisationId(self.settlement_bank),
            costs,
            owed,
        }))
    }
}

/// Put what a lien holds into a planned session of the exchange, as the pledgee of a pledge in default whose term to cure is over. The grams stay
/// in the lien; each win becomes a disposal that its winner settles. Until the announcement you may take it out.
#[utoipa::path(post, path = "/pledges/{id}/lots", tag = "pledges", operation_id = "propose_pledged_lot",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = ProposePledgedLot, security(("bearer" = [])),
    extensions(("x-permission" = json!("enforce_pledge"))),
    responses((status = 201, description = "Proposed", body = LotView)))]
async fn propose_pledged_lot(
    State(shared): State<Shared>,
    Id(pledge): Id<PledgeId>,
    command: Command<ProposePledgedLot>,
) -> Reply<LotView> {
    let permit = command.caller.may(Action::EnforcePledge)?;
    let lien = LienId(command.body.lien);
    let measure = queries::measure_of_lien(&shared.db, &command.caller, pledge, lien).await?;
    let new = [command.body.read(Act { pledge, expected: command.expected }, measure.as_ref())?];
    let proposed = shared.db.run_once(&permit, &command.key, &new, |work, news| {
        Box::pin(async move {
            let lots = commands::propose(work, news).await?;
            one(views::lots(work.connection(), lots).await?, |lot| lot)
        })
    });
    Ok(Answer::created(proposed.await?))
}

/// What of a pledge was put into auctions.
#[utoipa::path(get, path = "/pledges/{id}/lots", tag = "pledges", operation_id = "list_pledged_lots",
    params(("id" = Uuid, Path, description = "Id of the pledge"), PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Lots in the order in which they were put in", body = Listing<LotView>)))]
async fn list_pledged_lots(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<PledgeId>,
    _filters: Filters<NoFilters>,
    Paging(page): Paging,
) -> Reply<Listing<LotView>> {
    caller.may(Action::ReadPledges)?;
    queries::find_pledge(&shared.db, &caller, id).await?.ok_or_else(|| not_found("pledge"))?;
    let Page { items, next } = queries::list_lots(&shared.db, id, &page).await?;
    let mut items = views::lots(shared.db.reader(), items).await?;
    name_sellers(&shared.db, &mut items).await?;
    Ok(Answer::plain(Page { items, next }.into()))
}
