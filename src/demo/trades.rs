//! One trade of the year, from the offer to the varied permits.

use super::data::TradeRow;
use super::people::People;
use super::setting::tonnes;
use crate::access::{Action, Role};
use crate::db::Db;
use crate::decisions::Grounds;
use crate::kernel::ids::{OfferId, TradeId};
use crate::kernel::{Failure, Moment};
use crate::market::offer_commands::{self, Acceptance, NewOffer};
use crate::market::trade_commands::{self, Payment, TradeVariation, TradeWord};
use crate::market::{Mode, Side};
use crate::parties::{Medium, place, queries};
use accounting::{Price, PriceBasis};
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
    tick();
    let offer = propose(db, people, row).await?;
    tick();
    let trade = accept(db, people, row, offer).await?;
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

async fn propose(db: &Db, people: &People, row: &TradeRow) -> Result<OfferId, Failure> {
    let (seller, buyer) = (people.site(&row.seller)?, people.site(&row.buyer)?);
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
    let mode = Mode::parse(&row.mode).ok_or_else(|| Failure::bug(format!("unknown mode {}", row.mode)))?;
    let role = if seller.is_reserve { Role::ReserveTrader } else { Role::EnterpriseTrader };
    let new = NewOffer {
        mode,
        seller: seller.id,
        buyer: buyer.id,
        right_class: record.id,
        quantity: tonnes(&row.quantity_t)?,
        unit_price: Price::parse(&row.unit_price).map_err(Failure::bug)?,
        price_basis: PriceBasis::PerUnitWholeValidity,
        total: None,
        valid_until: None,
    };
    let amount = row.amount.clone();
    let permit = people.permit(&row.seller, role, Action::ProposeOffer)?;
    let (offer, total): (OfferId, String) = db
        .run(&permit, &[new], |work, news| {
            Box::pin(async move {
                let offers = offer_commands::propose(work, news).await?;
                let offer = offers.first().ok_or_else(|| Failure::bug("no offer was made"))?;
                Ok((offer.id, offer.total.print()))
            })
        })
        .await?;
    if total == amount {
        Ok(offer)
    } else {
        Err(Failure::bug(format!("trade {}: the file says {amount}, price times quantity is {total}", row.no)))
    }
}

async fn accept(db: &Db, people: &People, row: &TradeRow, offer: OfferId) -> Result<TradeId, Failure> {
    let site = people.site(&row.buyer)?;
    let project = people.projects.get(&site.id).copied();
    let project = project.ok_or_else(|| Failure::bug(format!("{} has no project", row.buyer)))?;
    let permit = people.permit(&row.buyer, Role::EnterpriseTrader, Action::AnswerOffer)?;
    let acceptance = Acceptance { offer, expected: None, project };
    db.run(&permit, &[acceptance], |work, acceptances| {
        Box::pin(async move {
            let trades = offer_commands::accept(work, acceptances).await?;
            trades.first().map(|trade| trade.id).ok_or_else(|| Failure::bug("no trade was matched"))
        })
    })
    .await
}

async fn pay(db: &Db, people: &People, row: &TradeRow, trade: TradeId) -> Result<(), Failure> {
    let permit = people.permit(&row.buyer, Role::EnterpriseTrader, Action::PayTrade)?;
    let payment = Payment { by: permit.caller().clone(), trade, expected: None, amount: None };
    db.run(&permit, &[payment], |work, payments| {
        Box::pin(async move { trade_commands::pay(work, payments).await.map(|_| ()) })
    })
    .await
}
