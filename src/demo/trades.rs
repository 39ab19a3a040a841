//! One trade of the year, from the offer or the listing to the varied permits.

use super::data::TradeRow;
use super::people::People;
use super::setting::tonnes;
use crate::access::{Action, Role};
use crate::db::Db;
use crate::decisions::Grounds;
use crate::kernel::ids::{ListingId, OfferId, ProjectId, RightClassId, TradeId};
use crate::kernel::{Failure, Moment};
use crate::market::listings::commands::{self as listing_commands, ListingWord, NewListing, Purchase};
use crate::market::offer_commands::{self, Acceptance, NewOffer};
use crate::market::trade::Trade;
use crate::market::trade_commands::{self, Payment, TradeVariation, TradeWord};
use crate::market::{Mode, Side};
use crate::parties::{Medium, place, queries};
use accounting::{Price, PriceBasis, Quantity};
use std::collections::BTreeSet;

/// Plays one trade on its own day.
pub async fn play(db: &Db, people: &People, row: &TradeRow) -> Result<(), Failure> {
    let mut minutes = i64::from(row.no % 8) * 20;
    let mut tick = || {
        minutes += 1;
        if let Some(moment) = Moment::at(row.date, minutes) {
            db.clock().set(moment);
        }
    };
    let (seller, buyer) = (people.site(&row.seller)?, people.site(&row.buyer)?);
    let sold = sold(db, people, row).await?;
    tick();
    let trade = if sold.mode == Mode::Listing {
        let listing = list(db, people, row, &sold).await?;
        tick();
        buy(db, people, row, listing).await?
    } else {
        let offer = propose(db, people, row, &sold).await?;
        tick();
        accept(db, people, row, offer).await?
    };
    let areas = BTreeSet::from([seller.area_path.clone(), buyer.area_path.clone()]);
    for area in &areas {
        tick();
        let permit = people.officer_of(area, Action::DecideTrade)?;
        let grounds = Grounds { reason: Some("符合总量控制要求".to_owned()), ..Grounds::default() };
        let word = TradeWord { trade, expected: None, grounds };
        db.run(&permit, &[word], |work, words| {
            Box::pin(async move { trade_commands::approve(work, words).await.map(|_| ()) })
        })
        .await?;
    }
    tick();
    pay(db, people, row, trade).await?;
    for (side, site) in [(Side::Seller, seller), (Side::Buyer, buyer)] {
        let Some(permit_paper) = people.permits.get(&site.id).filter(|_| !site.is_reserve) else {
            continue;
        };
        tick();
        let permit = people.officer_of(&site.area_path, Action::VaryPermit)?;
        let variation = TradeVariation { trade, expected: None, side, permit: *permit_paper };
        db.run(&permit, &[variation], |work, variations| {
            Box::pin(async move { trade_commands::vary(work, variations).await.map(|_| ()) })
        })
        .await?;
    }
    Ok(())
}

/// What was sold, as the file tells it.
struct Sold {
    mode: Mode,
    right_class: RightClassId,
    quantity: Quantity,
    unit_price: Price,
}

async fn sold(db: &Db, people: &People, row: &TradeRow) -> Result<Sold, Failure> {
    let buyer = people.site(&row.buyer)?;
    let pollutants = queries::pollutants(db.reader()).await?;
    let medium = pollutants.get(&row.pollutant).map(|pollutant| pollutant.medium);
    // The zone is the buyer's: its basin for water, its city for air.
    let zone = match medium {
        Some(Medium::Water) => buyer.basin.as_deref(),
        _ => place::city_of(&buyer.area_path),
    };
    let class = people.class(&row.seller, &row.pollutant, zone.unwrap_or_default())?;
    let classes = queries::classes_by_code(db.reader(), &[class.code()]).await?;
    let record = classes.get(&class.code()).ok_or_else(|| Failure::bug("a class is missing"))?;
    Ok(Sold {
        mode: Mode::parse(&row.mode).ok_or_else(|| Failure::bug(format!("unknown mode {}", row.mode)))?,
        right_class: record.id,
        quantity: tonnes(&row.quantity_t)?,
        unit_price: Price::parse(&row.unit_price).map_err(Failure::bug)?,
    })
}

fn project_of(people: &People, row: &TradeRow) -> Result<ProjectId, Failure> {
    let project = people.projects.get(&people.site(&row.buyer)?.id).copied();
    project.ok_or_else(|| Failure::bug(format!("{} has no project", row.buyer)))
}

/// The reserve lists what it sells, at its price and for whoever comes.
async fn list(db: &Db, people: &People, row: &TradeRow, sold: &Sold) -> Result<ListingId, Failure> {
    let new = NewListing {
        seller: people.site(&row.seller)?.id,
        right_class: sold.right_class,
        quantity: sold.quantity,
        minimum: sold.quantity,
        unit_price: sold.unit_price,
        price_basis: PriceBasis::PerUnitWholeValidity,
    };
    let permit = people.permit(&row.seller, Role::ReserveTrader, Action::ListRights)?;
    db.run(&permit, &[new], |work, news| {
        Box::pin(async move {
            let drafts = listing_commands::draft(work, news).await?;
            let words: Vec<ListingWord> =
                drafts.iter().map(|draft| ListingWord { listing: draft.id, expected: None, reason: None }).collect();
            let opened = listing_commands::open(work, &words).await?;
            opened.first().map(|listing| listing.id).ok_or_else(|| Failure::bug("nothing was listed"))
        })
    })
    .await
}

/// The buyer takes the whole listing.
async fn buy(db: &Db, people: &People, row: &TradeRow, listing: ListingId) -> Result<TradeId, Failure> {
    let buyer = people.site(&row.buyer)?.id;
    let purchase = Purchase { listing, expected: None, buyer, project: project_of(people, row)?, quantity: None };
    let permit = people.permit(&row.buyer, Role::EnterpriseTrader, Action::BuyListed)?;
    let (trade, total) = db
        .run(&permit, &[purchase], |work, purchases| {
            Box::pin(async move { first(&listing_commands::buy(work, purchases).await?) })
        })
        .await?;
    costs_what_was_published(row, &total)?;
    Ok(trade)
}

async fn propose(db: &Db, people: &People, row: &TradeRow, sold: &Sold) -> Result<OfferId, Failure> {
    let seller = people.site(&row.seller)?;
    let role = if seller.is_reserve { Role::ReserveTrader } else { Role::EnterpriseTrader };
    let new = NewOffer {
        mode: sold.mode,
        seller: seller.id,
        buyer: people.site(&row.buyer)?.id,
        right_class: sold.right_class,
        quantity: sold.quantity,
        unit_price: sold.unit_price,
        price_basis: PriceBasis::PerUnitWholeValidity,
        total: None,
        valid_until: None,
    };
    let permit = people.permit(&row.seller, role, Action::ProposeOffer)?;
    db.run(&permit, &[new], |work, news| {
        Box::pin(async move {
            let offers = offer_commands::propose(work, news).await?;
            offers.first().map(|offer| offer.id).ok_or_else(|| Failure::bug("no offer was made"))
        })
    })
    .await
}

async fn accept(db: &Db, people: &People, row: &TradeRow, offer: OfferId) -> Result<TradeId, Failure> {
    let permit = people.permit(&row.buyer, Role::EnterpriseTrader, Action::AnswerOffer)?;
    let acceptance = Acceptance { offer, expected: None, project: project_of(people, row)? };
    let (trade, total) = db
        .run(&permit, &[acceptance], |work, acceptances| {
            Box::pin(async move { first(&offer_commands::accept(work, acceptances).await?) })
        })
        .await?;
    costs_what_was_published(row, &total)?;
    Ok(trade)
}

/// The one trade that was matched, and what it costs.
fn first(trades: &[Trade]) -> Result<(TradeId, String), Failure> {
    let trade = trades.first().ok_or_else(|| Failure::bug("no trade was matched"))?;
    Ok((trade.id, trade.total.print()))
}

fn costs_what_was_published(row: &TradeRow, total: &str) -> Result<(), Failure> {
    if total == row.amount {
        return Ok(());
    }
    Err(Failure::bug(format!("trade {}: the file says {}, price times quantity is {total}", row.no, row.amount)))
}

async fn pay(db: &Db, people: &People, row: &TradeRow, trade: TradeId) -> Result<(), Failure> {
    let permit = people.permit(&row.buyer, Role::EnterpriseTrader, Action::PayTrade)?;
    let payment = Payment { by: permit.caller().clone(), trade, expected: None, amount: None };
    db.run(&permit, &[payment], |work, payments| {
        Box::pin(async move { trade_commands::pay(work, payments).await.map(|_| ()) })
    })
    .await
}
