//! Reading offers and trades, and what a site has sold.

use super::offer::Offer;
use super::store::{complete, offers, trades};
use super::trade::Trade;
use crate::access::Scope;
use crate::db::{Db, Work, bind_all, rows};
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::kernel::ids::{OfferId, OrganisationId, RightClassId, SiteId, TradeId};
use crate::kernel::page::{Page, PageRequest};
use crate::ledger;
use crate::parties::queries::{in_area, parties_in};
use accounting::{Holding, SubjectId};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, Value};
use std::collections::HashMap;
use uuid::Uuid;

/// What is one's own organisation's on either side, or lies in the area of one's bureau.
pub(super) fn visible<C: ColumnTrait>(scope: &Scope, organisations: [C; 2], areas: [C; 2]) -> Condition {
    match scope {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => Condition::any().add(in_area(areas[0], path)).add(in_area(areas[1], path)),
        Scope::Organisation { id } => Condition::any().add(organisations[0].eq(id.0)).add(organisations[1].eq(id.0)),
    }
}

fn offers_visible(scope: &Scope) -> Condition {
    use offers::Column::{BuyerAreaPath, BuyerId, SellerAreaPath, SellerId};
    visible(scope, [SellerId, BuyerId], [SellerAreaPath, BuyerAreaPath])
}

fn trades_visible(scope: &Scope) -> Condition {
    use trades::Column::{BuyerAreaPath, BuyerId, SellerAreaPath, SellerId};
    visible(scope, [SellerId, BuyerId], [SellerAreaPath, BuyerAreaPath])
}

/// Offers that the caller may see, in one state when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_offers(
    db: &Db,
    scope: &Scope,
    state: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Offer>, Failure> {
    let mut select = offers::Entity::find().filter(offers_visible(scope));
    if let Some(state) = state {
        select = select.filter(offers::Column::State.eq(state));
    }
    let rows = rows::page(select, offers::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Offer::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |offer| offer.id.0))
}

/// An offer that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_offer(db: &Db, scope: &Scope, id: OfferId) -> Result<Option<Offer>, Failure> {
    let row = offers::Entity::find_by_id(id.0).filter(offers_visible(scope)).one(db.reader()).await?;
    row.map(Offer::try_from).transpose()
}

/// Trades that the caller may see, in one state when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_trades(
    db: &Db,
    scope: &Scope,
    state: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Trade>, Failure> {
    let mut select = trades::Entity::find().filter(trades_visible(scope));
    if let Some(state) = state {
        select = select.filter(trades::Column::State.eq(state));
    }
    let rows = rows::page(select, trades::Column::Id, page).all(db.reader()).await?;
    let items = complete(db.reader(), rows).await?;
    Ok(Page::cut(items, page, |trade| trade.id.0))
}

/// Settled trades of an enterprise in which it gave, or got, rights of these classes; for whoever knows already that they may be shown.
///
/// # Errors
/// A fault of the database.
pub async fn list_settled_of(
    db: &Db,
    organisation: OrganisationId,
    classes: &[RightClassId],
    page: &PageRequest,
) -> Result<Page<Trade>, Failure> {
    use trades::Column;
    let of = |column: Column| column.is_in(classes.iter().map(|class| class.0));
    let sold = Condition::all().add(Column::SellerId.eq(organisation.0)).add(of(Column::RightClassId));
    // What is delivered is of another class than what is sold only where an override lets it pass into another zone.
    let unlifted = Condition::all().add(Column::DeliveredClassId.is_null()).add(of(Column::RightClassId));
    let got = Condition::any().add(of(Column::DeliveredClassId)).add(unlifted);
    let bought = Condition::all().add(Column::BuyerId.eq(organisation.0)).add(got);
    let select = trades::Entity::find()
        .filter(Condition::any().add(sold).add(bought))
        .filter(Column::State.is_in(["settled", "closed"]));
    let rows = rows::page(select, Column::Id, page).all(db.reader()).await?;
    let items = complete(db.reader(), rows).await?;
    Ok(Page::cut(items, page, |trade| trade.id.0))
}

/// Trades that are laid open to objections today, or that were refused or called off after they had been, whoever asks.
///
/// # Errors
/// A fault of the database.
pub async fn list_laid_open(db: &Db, is_open: bool, page: &PageRequest) -> Result<Page<Trade>, Failure> {
    use trades::Column::{PublicisedUntil, State};
    let today = db.clock().business_day().to_string();
    let laid_open = if is_open {
        Condition::all().add(State.eq("publicised")).add(PublicisedUntil.gte(today))
    } else {
        Condition::all().add(State.is_in(["refused", "cancelled"])).add(PublicisedUntil.is_not_null())
    };
    let select = trades::Entity::find().filter(laid_open);
    let rows = rows::page(select, trades::Column::Id, page).all(db.reader()).await?;
    let items = complete(db.reader(), rows).await?;
    Ok(Page::cut(items, page, |trade| trade.id.0))
}

/// A trade that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_trade(db: &Db, scope: &Scope, id: TradeId) -> Result<Option<Trade>, Failure> {
    let row = trades::Entity::find_by_id(id.0).filter(trades_visible(scope)).one(db.reader()).await?;
    Ok(complete(db.reader(), row.into_iter().collect()).await?.pop())
}

/// Trades by their ids, for whoever knows already that they may be shown.
///
/// # Errors
/// A fault of the database.
pub async fn trades_by_id(db: &Db, ids: &[TradeId]) -> Result<Vec<Trade>, Failure> {
    let wanted = trades::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = trades::Entity::find().filter(wanted).all(db.reader()).await?;
    complete(db.reader(), rows).await
}

/// Seller and buyer of trades, by the ids of these.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_trades(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let rows = trades::Entity::find().filter(trades::Column::Id.is_in(ids.iter().copied())).all(books).await?;
    let parties = |row: trades::Model| (row.id, [row.seller_id, row.buyer_id].map(Party::Organisation).to_vec());
    Ok(rows.into_iter().map(parties).collect())
}

/// Whether every one of these trades is over: settled, or ended before that.
///
/// # Errors
/// A fault of the database.
pub async fn are_over(connection: &impl ConnectionTrait, ids: &[TradeId]) -> Result<bool, Failure> {
    let rows =
        trades::Entity::find().filter(trades::Column::Id.is_in(ids.iter().map(|id| id.0))).all(connection).await?;
    let trades = complete(connection, rows).await?;
    Ok(trades.iter().all(|trade| !trade.is_open()))
}

/// Grams that sites have sold or hold for open offers, listings, lots and trades, by site and pollutant, without those of `except`.
///
/// # Errors
/// A fault of the database.
pub async fn sold_by(
    work: &Work,
    sites: &[SiteId],
    except: &[TradeId],
) -> Result<HashMap<(SiteId, String), i64>, Failure> {
    if sites.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values: Vec<Value> = Vec::new();
    let of = bind_all(&mut values, sites.iter().map(|site| site.0));
    // The nil UUID stands in for "none", as neither database takes an empty list.
    let but = bind_all(&mut values, except.iter().map(|trade| trade.0).chain([Uuid::nil()]));
    let sql = format!(
        "SELECT h.site_id, h.pollutant, CAST(SUM(h.quantity) AS bigint) AS grams FROM ( \
         SELECT seller_site_id AS site_id, pollutant, quantity FROM trades \
         WHERE seller_site_id IN ({of}) AND id NOT IN ({but}) AND state NOT IN ('refused', 'cancelled', 'expired') \
         UNION ALL \
         SELECT f.seller_site_id, c.pollutant, f.quantity FROM offers f JOIN right_classes c ON c.id = f.right_class_id \
         WHERE f.seller_site_id IN ({of}) AND f.trade_id NOT IN ({but}) AND f.state = 'proposed' \
         UNION ALL \
         SELECT l.seller_site_id, l.pollutant, l.quantity FROM auction_lots l \
         WHERE l.seller_site_id IN ({of}) AND l.state = 'offered' AND l.lien_id IS NULL \
         UNION ALL \
         SELECT l.seller_site_id, c.pollutant, l.quantity - l.sold FROM listings l JOIN right_classes c ON c.id = l.right_class_id \
         WHERE l.seller_site_id IN ({of}) AND l.state IN ('open', 'partly_filled')) h \
         GROUP BY h.site_id, h.pollutant"
    );
    let rows = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    rows.iter()
        .map(|row| {
            let key = (SiteId(row.try_get("", "site_id")?), row.try_get("", "pollutant")?);
            Ok((key, row.try_get("", "grams")?))
        })
        .collect()
}

/// Grams of right classes that sites have sold, by themselves or by their creditors, or that are held or pledged there: what the settled usage fee of free rights has borne.
/// What stands in the accounts of `except` is theirs, and does not count.
///
/// # Errors
/// A fault of the database.
pub async fn borne_by_fees(
    work: &Work,
    stocks: &[Holding],
    except: &[TradeId],
) -> Result<HashMap<Holding, i64>, Failure> {
    let mut borne = HashMap::new();
    if stocks.is_empty() {
        return Ok(borne);
    }
    for holding in ledger::holdings::encumbered(work, stocks, except.iter().map(|trade| SubjectId(trade.0))).await? {
        borne.insert(holding.0, holding.1);
    }
    for (holding, grams) in ledger::holdings::sold_by_creditors(work, stocks).await? {
        let sum: &mut i64 = borne.entry(holding).or_insert(0);
        *sum = sum.saturating_add(grams);
    }
    let sites = stocks.iter().map(|stock| stock.owner.0);
    let settled = trades::Entity::find()
        .filter(trades::Column::SellerSiteId.is_in(sites))
        .filter(trades::Column::RightClassId.is_in(stocks.iter().map(|stock| stock.asset.0)))
        .filter(trades::Column::State.is_in(["settled", "closed"]));
    for row in settled.all(work.connection()).await? {
        let stock =
            Holding { owner: SiteId(row.seller_site_id).into(), asset: RightClassId(row.right_class_id).into() };
        let sum: &mut i64 = borne.entry(stock).or_insert(0);
        *sum = sum.saturating_add(row.quantity);
    }
    Ok(borne)
}

/// Seller and buyer of offers, by the ids of these.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_offers(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    parties_in::<offers::Entity>(books, offers::Column::Id, &[offers::Column::SellerId, offers::Column::BuyerId], ids)
        .await
}
