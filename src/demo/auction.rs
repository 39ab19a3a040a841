//! The auctions that the demonstration ends with, both of the reserve: one that is bid in from the instant at which business time stands
//! in the end, and one that whoever wants to registers for.

use super::people::{EXCHANGE, People, RESERVE, SETTLEMENT_BANK};
use super::setting::tonnes;
use crate::access::{Action, Role};
use crate::db::Db;
use crate::kernel::ids::{AuctionId, AuctionLotId, AuctionRegistrationId};
use crate::kernel::{Failure, Moment};
use crate::market::auctions::auction::Format;
use crate::market::auctions::commands::{self, AuctionWord, NewAuction, NewLot};
use crate::market::auctions::registering::{self, NewRegistration, RegistrationWord};
use crate::parties::queries;
use crate::pledge::lots::commands::Lots;
use crate::treasury::Direction;
use crate::treasury::commands::{Confirmation, confirm as confirm_money};
use accounting::{Money, Price};

/// The afternoon before the instant at which business time stands in the end.
const ANNOUNCED_AT: &str = "2022-11-30T15:00:00+08:00";

/// A session of one lot.
struct Session {
    title: &'static str,
    registration_until: &'static str,
    opens_at: &'static str,
    closes_at: &'static str,
    pollutant: &'static str,
    zone: &'static str,
    quantity: &'static str,
    /// The published base price.
    base_price: &'static str,
}

/// Bidding begins as soon as the year is loaded.
const OPENING: Session = Session {
    title: "咸宁市储备排污权竞价专场",
    registration_until: "2022-12-01T09:00:00+08:00",
    opens_at: "2022-12-01T09:00:00+08:00",
    closes_at: "2022-12-01T17:00:00+08:00",
    pollutant: "COD",
    zone: "LUSHUI",
    quantity: "3.000",
    base_price: "8790.00",
};

/// Bidders register for days.
const COMING: Session = Session {
    title: "咸宁市储备二氧化硫竞价专场",
    registration_until: "2022-12-06T17:00:00+08:00",
    opens_at: "2022-12-08T09:00:00+08:00",
    closes_at: "2022-12-08T10:00:00+08:00",
    pollutant: "SO2",
    zone: "421200",
    quantity: "2.000",
    base_price: "3990.00",
};

/// Two enterprises that have logins: 力威电工 and 亚细亚陶瓷. They may bid at once, each for the greater part of the lot, and take the rest.
const BIDDERS: [&str; 2] = ["91421222MA0000002J", "91421222MA0000001F"];
/// How much each may bid for, in tonnes.
const WANTED: &str = "2.000";
/// The least that is of use to each.
const OF_USE: &str = "1.000";
/// What each pays in for it, in CNY.
const PAID_IN: &str = "20000.00";

fn instant(text: &str) -> Result<Moment, Failure> {
    Moment::parse(text).ok_or_else(|| Failure::bug(format!("{text} is no instant")))
}

/// Announces both, and lets two bidders into the one that opens first.
pub async fn announce(db: &Db, people: &People) -> Result<(), Failure> {
    db.clock().set(instant(ANNOUNCED_AT)?);
    let sessions = [OPENING, COMING];
    let auctions = plan(db, people, &sessions).await?;
    let lots = propose(db, people, &sessions, &auctions).await?;
    let words: Vec<AuctionWord> =
        auctions.iter().map(|auction| AuctionWord { auction: *auction, expected: None, reason: None }).collect();
    let permit = people.permit(EXCHANGE, Role::ExchangeOfficer, Action::RunAuction)?;
    db.run(&permit, &words, |work, words| {
        Box::pin(async move { commands::announce(work, &Lots, words).await.map(|_| ()) })
    })
    .await?;
    bring_money(db, people).await?;
    let (Some(auction), Some(lot)) = (auctions.first(), lots.first()) else {
        return Err(Failure::bug("nothing was announced"));
    };
    admit(db, people, *auction, *lot).await
}

async fn plan(db: &Db, people: &People, sessions: &[Session]) -> Result<Vec<AuctionId>, Failure> {
    let new = |session: &Session| {
        Ok(NewAuction {
            title: session.title.to_owned(),
            format: Format::Ascending,
            registration_until: instant(session.registration_until)?,
            opens_at: instant(session.opens_at)?,
            closes_at: instant(session.closes_at)?,
            own_rules: [("bid_step", "10.00"), ("soft_close_seconds", "60")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        })
    };
    let news: Vec<NewAuction> = sessions.iter().map(new).collect::<Result<_, Failure>>()?;
    let permit = people.permit(EXCHANGE, Role::ExchangeOfficer, Action::RunAuction)?;
    db.run(&permit, &news, |work, news| {
        Box::pin(async move { Ok(commands::plan(work, news).await?.iter().map(|auction| auction.id).collect()) })
    })
    .await
}

async fn propose(
    db: &Db,
    people: &People,
    sessions: &[Session],
    auctions: &[AuctionId],
) -> Result<Vec<AuctionLotId>, Failure> {
    let mut news = Vec::with_capacity(sessions.len());
    for (session, auction) in sessions.iter().zip(auctions) {
        let class = people.class(RESERVE, session.pollutant, session.zone)?.code();
        let classes = queries::classes_by_code(db.reader(), std::slice::from_ref(&class)).await?;
        let record = classes.get(&class).ok_or_else(|| Failure::bug("a class is missing"))?;
        news.push(NewLot {
            of_lien: None,
            auction: *auction,
            site: people.site(RESERVE)?.id,
            right_class: record.id,
            quantity: tonnes(session.quantity)?,
            least: None,
            most: None,
            base_price: Price::parse(session.base_price).map_err(Failure::bug)?,
        });
    }
    let permit = people.permit(RESERVE, Role::ReserveTrader, Action::ProposeLot)?;
    db.run(&permit, &news, |work, news| {
        Box::pin(async move { Ok(commands::propose_lots(work, news).await?.iter().map(|lot| lot.id).collect()) })
    })
    .await
}

async fn bring_money(db: &Db, people: &People) -> Result<(), Failure> {
    let amount = Money::parse(PAID_IN).map_err(|fault| Failure::bug(format!("{PAID_IN} {fault}")))?;
    let confirmation = |(at, bidder): (usize, &&str)| {
        Ok(Confirmation {
            organisation: people.organisation(bidder)?.id,
            direction: Direction::Deposit,
            amount,
            bank_reference: format!("XN2022-JJ{:02}", at + 1),
            effective_on: None,
        })
    };
    let confirmations: Vec<Confirmation> =
        BIDDERS.iter().enumerate().map(confirmation).collect::<Result<_, Failure>>()?;
    let permit = people.permit(SETTLEMENT_BANK, Role::SettlementOfficer, Action::ConfirmMoney)?;
    db.run(&permit, &confirmations, |work, confirmations| {
        Box::pin(async move { confirm_money(work, confirmations).await.map(|_| ()) })
    })
    .await
}

/// The bidders register, and the exchange lets them in.
async fn admit(db: &Db, people: &People, auction: AuctionId, lot: AuctionLotId) -> Result<(), Failure> {
    let mut registered: Vec<AuctionRegistrationId> = Vec::with_capacity(BIDDERS.len());
    for bidder in BIDDERS {
        let site = people.site(bidder)?.id;
        let project = people.projects.get(&site).copied();
        let new = NewRegistration {
            auction,
            lot,
            site,
            project: project.ok_or_else(|| Failure::bug(format!("{bidder} has no project")))?,
            quantity: tonnes(WANTED)?,
            minimum: Some(tonnes(OF_USE)?),
        };
        let permit = people.permit(bidder, Role::EnterpriseTrader, Action::BidAtAuction)?;
        let made: Vec<AuctionRegistrationId> = db
            .run(&permit, &[new], |work, news| {
                Box::pin(async move { Ok(registering::register(work, news).await?.iter().map(|one| one.id).collect()) })
            })
            .await?;
        registered.extend(made);
    }
    let words: Vec<RegistrationWord> = registered
        .into_iter()
        .map(|registration| RegistrationWord { registration, expected: None, reason: None })
        .collect();
    let permit = people.permit(EXCHANGE, Role::ExchangeOfficer, Action::RunAuction)?;
    db.run(&permit, &words, |work, words| Box::pin(async move { registering::qualify(work, words).await.map(|_| ()) }))
        .await
}
