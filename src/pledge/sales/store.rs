//! Rows of sales with consent.

use super::{Sale, SaleConsent, SaleState};
use crate::access::{Caller, Scope};
use crate::db::Work;
use crate::db::rows::{self, save_all};
use crate::entity;
use crate::kernel::ids::{
    ConsentedSaleId, LienId, OrganisationId, PledgeId, ProjectId, RightClassId, SiteId, TradeId, UserId,
};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::parties::queries::in_area;
use crate::pledge::lien_parties::LienParties;
use crate::pledge::lien_parties::store::{of_liens, pledges_of_party};
use crate::pledge::store::{liens, money};
use accounting::{Price, Quantity};
use consented_sales::Column;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

entity!(consented_sales, "consented_sales", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    lien_id: Uuid,
    buyer_site_id: Uuid,
    buyer_id: Uuid,
    buyer_area_path: String,
    project_id: Uuid,
    quantity: i64,
    unit_price: i64,
    total: i64,
    requested_by: Uuid,
    requested_at: i64,
    state: String,
    reason: Option<String>,
    document: Option<String>,
    settlement_bank_id: Option<Uuid>,
    to_claim: Option<i64>,
    trade_id: Option<Uuid>,
    answered_by: Option<Uuid>,
    answered_at: Option<i64>,
    settled_by: Option<Uuid>,
    settled_at: Option<i64>,
    paid_claim: Option<i64>,
    version: i64,
});

fn state(row: &consented_sales::Model) -> Result<SaleState, Failure> {
    let unknown = || Failure::bug(format!("sale {} is {} without what that takes", row.id, row.state));
    let who = |by: Option<Uuid>, at: Option<i64>| by.map(UserId).zip(at.map(Moment::from_micros)).ok_or_else(unknown);
    let answered = || who(row.answered_by, row.answered_at);
    let consent = || {
        let (by, at) = answered()?;
        Ok::<_, Failure>(SaleConsent {
            document: row.document.clone().ok_or_else(unknown)?,
            settlement_bank: OrganisationId(row.settlement_bank_id.ok_or_else(unknown)?),
            to_claim: money(row.to_claim.ok_or_else(unknown)?)?,
            trade: TradeId(row.trade_id.ok_or_else(unknown)?),
            by,
            at,
        })
    };
    match row.state.as_str() {
        "requested" => Ok(SaleState::Requested),
        "consented" => consent().map(SaleState::Consented),
        "settled" => {
            let (by, at) = who(row.settled_by, row.settled_at)?;
            let paid_claim = money(row.paid_claim.ok_or_else(unknown)?)?;
            Ok(SaleState::Settled { consent: consent()?, by, at, paid_claim })
        }
        "refused" => {
            let ((by, at), reason) = (answered()?, row.reason.clone().ok_or_else(unknown)?);
            Ok(SaleState::Refused { reason, by, at })
        }
        "withdrawn" => answered().map(|(by, at)| SaleState::Withdrawn { by, at }),
        _ => Err(unknown()),
    }
}

fn sale(row: &consented_sales::Model, parties: LienParties) -> Result<Sale, Failure> {
    let LienParties { lien, pledgor, pledgee, shares, further } = parties;
    Ok(Sale {
        id: ConsentedSaleId(row.id),
        pledge: PledgeId(row.pledge_id),
        pledgor,
        area_path: lien.area_path,
        pledgee,
        shares,
        further,
        lien: LienId(row.lien_id),
        site: SiteId(lien.site_id),
        right_class: RightClassId(lien.right_class_id),
        buyer_site: SiteId(row.buyer_site_id),
        buyer: OrganisationId(row.buyer_id),
        buyer_area_path: row.buyer_area_path.clone(),
        project: ProjectId(row.project_id),
        quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
        unit_price: Price::try_new(row.unit_price).map_err(Failure::bug)?,
        total: money(row.total)?,
        requested_by: UserId(row.requested_by),
        requested_at: Moment::from_micros(row.requested_at),
        state: state(row)?,
        version: row.version,
    })
}

impl From<&Sale> for consented_sales::Model {
    fn from(sale: &Sale) -> Self {
        let (consent, answered, settled) = (sale.state.consent(), sale.state.answered(), sale.state.settled());
        Self {
            id: sale.id.0,
            pledge_id: sale.pledge.0,
            lien_id: sale.lien.0,
            buyer_site_id: sale.buyer_site.0,
            buyer_id: sale.buyer.0,
            buyer_area_path: sale.buyer_area_path.clone(),
            project_id: sale.project.0,
            quantity: sale.quantity.grams(),
            unit_price: sale.unit_price.fen(),
            total: sale.total.fen(),
            requested_by: sale.requested_by.0,
            requested_at: sale.requested_at.micros(),
            state: sale.state.as_str().to_owned(),
            reason: sale.state.reason().cloned(),
            document: consent.map(|consent| consent.document.clone()),
            settlement_bank_id: consent.map(|consent| consent.settlement_bank.0),
            to_claim: consent.map(|consent| consent.to_claim.fen()),
            trade_id: consent.map(|consent| consent.trade.0),
            answered_by: answered.map(|(by, _)| by.0),
            answered_at: answered.map(|(_, at)| at.micros()),
            settled_by: settled.map(|(by, _, _)| by.0),
            settled_at: settled.map(|(_, at, _)| at.micros()),
            paid_claim: settled.map(|(_, _, paid)| paid.fen()),
            version: sale.version,
        }
    }
}

/// Sales of these rows, with the parties of their pledges.
async fn with_parties(
    connection: &impl ConnectionTrait,
    rows: Vec<consented_sales::Model>,
) -> Result<Vec<Sale>, Failure> {
    let liens: Vec<Uuid> = rows.iter().map(|row| row.lien_id).collect();
    let parties = of_liens(connection, &liens).await?;
    let whole = |row: &consented_sales::Model| {
        sale(row, parties.get(&row.lien_id).cloned().ok_or_else(|| Failure::bug("a sale of no lien"))?)
    };
    rows.iter().map(whole).collect()
}

/// Sales as they stand; whoever changes one has its pledge locked.
pub async fn find(
    connection: &impl ConnectionTrait,
    ids: &[ConsentedSaleId],
) -> Result<HashMap<ConsentedSaleId, Sale>, Failure> {
    let rows = consented_sales::Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.0)));
    let found = with_parties(connection, rows.all(connection).await?).await?;
    Ok(found.into_iter().map(|sale| (sale.id, sale)).collect())
}

/// Those of these liens of which a sale waits for its consent. Their pledges are locked.
pub async fn requested_of(work: &Work, wanted: &[LienId]) -> Result<HashSet<LienId>, Failure> {
    let open = consented_sales::Entity::find()
        .filter(Column::LienId.is_in(wanted.iter().map(|lien| lien.0)))
        .filter(Column::State.eq(SaleState::Requested.as_str()));
    Ok(open.all(work.connection()).await?.into_iter().map(|row| LienId(row.lien_id)).collect())
}

/// The sales of these pledges that are neither settled nor dropped. Their pledges are locked.
pub async fn open_of(work: &Work, ids: &[PledgeId]) -> Result<Vec<Sale>, Failure> {
    let open = consented_sales::Entity::find()
        .filter(Column::PledgeId.is_in(ids.iter().map(|id| id.0)))
        .filter(Column::State.is_in(["requested", "consented"]));
    with_parties(work.connection(), open.all(work.connection()).await?).await
}

/// As [`Sale::is_visible_to`] says.
fn visible(caller: &Caller) -> Condition {
    match caller.scope() {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => {
            let on = QuerySelect::select_only(liens::Entity::find().filter(in_area(liens::Column::AreaPath, &path)));
            let own = Column::LienId.in_subquery(on.column(liens::Column::Id).into_query());
            Condition::any().add(in_area(Column::BuyerAreaPath, &path)).add(own)
        }
        Scope::Organisation { id } => {
            Condition::any().add(Column::BuyerId.eq(id.0)).add(Column::PledgeId.in_subquery(pledges_of_party(id)))
        }
    }
}

/// Which sales are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct SaleFilter<'a> {
    /// Those of one pledge.
    pub pledge: Option<PledgeId>,
    /// Those in one state, one of [`super::STATES`].
    pub state: Option<&'a str>,
}

/// A page of the sales that the caller may see and that are asked for.
pub async fn list(
    connection: &impl ConnectionTrait,
    caller: &Caller,
    filter: SaleFilter<'_>,
    page: &PageRequest,
) -> Result<Page<Sale>, Failure> {
    let mut select = consented_sales::Entity::find().filter(visible(caller));
    if let Some(pledge) = filter.pledge {
        select = select.filter(Column::PledgeId.eq(pledge.0));
    }
    if let Some(state) = filter.state {
        select = select.filter(Column::State.eq(state));
    }
    let rows = rows::page(select, Column::Id, page).all(connection).await?;
    Ok(Page::cut(with_parties(connection, rows).await?, page, |sale| sale.id.0))
}

/// Writes sales whose pledges are locked.
pub async fn save(work: &Work, saved: &[Sale]) -> Result<(), Failure> {
    let rows = saved.iter().map(consented_sales::Model::from).collect();
    save_all::<consented_sales::Entity, consented_sales::ActiveModel>(work, rows).await
}
