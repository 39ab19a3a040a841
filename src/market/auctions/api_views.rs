//! Auctions as they are shown. What everybody may see while bidding goes on names bidders by their number alone.

use super::api_lot_view::{LotView, lot_view};
use super::auction::{Auction, AuctionState};
use super::bid::{Bid, Content, Quoted};
use super::lot::{Lot, LotState, Registration, RegistrationState};
use super::record::store::{self as record, Award};
use super::store;
use super::timetable::Phase;
use crate::db::Db;
use crate::http::Versioned;
use crate::kernel::ids::{AuctionBidId, AuctionId, AuctionLotId, AuctionRegistrationId, OrganisationId, RightClassId};
use crate::kernel::{Failure, Moment};
use crate::parties::names::Names;
use crate::parties::words::Words;
use crate::{concerns, concerns_nobody};
use accounting::{Measure, Price, Quantity};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;
use uuid::Uuid;

// Sessions, bids and results are published; a registration is the bidder's.
concerns_nobody!(AuctionView, BidView, AwardView);
concerns!(RegistrationView: Organisation [organisation]);

/// A rule of a session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuctionRule)]
pub struct AuctionRuleView {
    /// Its name in the rulebook.
    #[schema(example = "bid_step")]
    pub name: String,
    /// Its value; null when what it rules is off.
    #[schema(example = "50.00")]
    pub value: Option<String>,
    /// Whether the session has set it, because the rulebook leaves it open.
    #[schema(example = true)]
    pub is_own: bool,
}

/// A session of bidding.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = Auction)]
pub struct AuctionView {
    /// Its identity.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub id: Uuid,
    /// What it is called.
    #[schema(example = "咸宁市排污权竞价专场")]
    pub title: String,
    /// `ascending` or `sealed`.
    #[schema(example = "ascending", extensions(("x-words" = json!(crate::market::auctions::auction::Format::WORDS))))]
    pub format: String,
    /// `planned`, `announced`, `open`, `final`, `closed`, `ranked`, `confirmed`, `settled`, `failed` or `cancelled`.
    #[schema(example = "announced", extensions(("x-words" = json!(AuctionState::WORDS))))]
    pub state: String,
    /// Why it was called off.
    #[schema(example = "标的信息有误")]
    pub reason: Option<String>,
    /// Bidders register until then, in business time.
    #[schema(value_type = String, format = DateTime, example = "2022-12-20T17:00:00.000000+08:00")]
    pub registration_until: Moment,
    /// Bidding begins.
    #[schema(value_type = String, format = DateTime, example = "2022-12-22T09:00:00.000000+08:00")]
    pub opens_at: Moment,
    /// Its planned close; a final and late bids go beyond it where the rules say so.
    #[schema(value_type = String, format = DateTime, example = "2022-12-22T10:00:00.000000+08:00")]
    pub closes_at: Moment,
    /// The rules, frozen when it was planned.
    pub rules: Vec<AuctionRuleView>,
    /// Public keys to which sealed bids are sealed, the inner one first.
    #[schema(example = json!([]))]
    pub keys: Vec<String>,
    /// How many of their private halves were handed in to open the bids.
    #[schema(example = 0)]
    pub keys_handed_in: usize,
    /// Counts from 1.
    #[schema(example = 2)]
    pub version: i64,
}

impl Versioned for AuctionView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// Sessions as they are shown.
///
/// # Errors
/// A fault of the database.
pub async fn auctions(connection: &impl ConnectionTrait, auctions: Vec<Auction>) -> Result<Vec<AuctionView>, Failure> {
    let ids: Vec<AuctionId> = auctions.iter().map(|auction| auction.id).collect();
    let keys = store::keys_of(connection, &ids).await?;
    let halves = store::halves_of(connection, &ids).await?;
    let view = |auction: Auction| {
        let of = keys.iter().filter(|key| key.auction == auction.id).map(|key| key.public_key.clone());
        let keys = of.collect();
        let keys_handed_in = halves.iter().filter(|half| half.auction == auction.id).count();
        let state = auction.state.as_str().to_owned();
        let rule = |(name, rule): (String, super::rules::FrozenRule)| AuctionRuleView {
            name,
            value: rule.value,
            is_own: rule.is_own,
        };
        AuctionView {
            id: auction.id.0,
            title: auction.title,
            format: auction.format.as_str().to_owned(),
            state,
            reason: match auction.state {
                AuctionState::Cancelled { reason } => reason,
                _ => None,
            },
            registration_until: auction.registration_until,
            opens_at: auction.opens_at,
            closes_at: auction.closes_at,
            rules: auction.rules.0.into_iter().map(rule).collect(),
            keys,
            keys_handed_in,
            version: auction.version,
        }
    };
    Ok(auctions.into_iter().map(view).collect())
}

/// Tells who placed these bids, as far as that is disclosed and the rulebook lets parties be shown.
///
/// # Errors
/// A fault of the database.
pub async fn name_bidders(db: &Db, bids: &mut [BidView]) -> Result<(), Failure> {
    let bidders: Vec<OrganisationId> = bids.iter().filter_map(|bid| bid.organisation).map(OrganisationId).collect();
    let names = Names::shown(db, &bidders).await?;
    for bid in bids.iter_mut() {
        bid.bidder_name = bid.organisation.and_then(|id| names.of(OrganisationId(id)));
    }
    Ok(())
}

/// Tells who came in these places, where the rulebook lets parties be shown.
///
/// # Errors
/// A fault of the database.
pub async fn name_winners(db: &Db, awards: &mut [AwardView]) -> Result<(), Failure> {
    let bidders: Vec<OrganisationId> = awards.iter().map(|award| OrganisationId(award.organisation)).collect();
    let names = Names::shown(db, &bidders).await?;
    for award in awards.iter_mut() {
        award.bidder_name = names.of(OrganisationId(award.organisation));
    }
    Ok(())
}

/// Lots as they are shown.
///
/// # Errors
/// A fault of the database.
pub async fn lots(connection: &impl ConnectionTrait, lots: Vec<Lot>) -> Result<Vec<LotView>, Failure> {
    let classes: Vec<RightClassId> = lots.iter().map(|lot| lot.right_class).collect();
    let words = Words::of_ids(connection, &classes).await?;
    lots.iter().map(|lot| lot_view(lot, &words)).collect()
}

/// Who may bid for a lot.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuctionRegistration)]
pub struct RegistrationView {
    /// Its identity.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub id: Uuid,
    /// For which session.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e02")]
    pub auction: Uuid,
    /// For which lot.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e03")]
    pub lot: Uuid,
    /// The number under which the bidder is shown while bidding goes on.
    #[schema(example = 3)]
    pub number: i64,
    /// The bidder.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e04")]
    pub organisation: Uuid,
    /// For which site.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e05")]
    pub site: Uuid,
    /// For which project.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e06")]
    pub project: Uuid,
    /// The most that is wanted, in the class's unit.
    #[schema(example = "20.000")]
    pub quantity: String,
    /// The fewest that are still of use to the bidder.
    #[schema(example = "5.000")]
    pub minimum: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// CNY held until the end.
    #[schema(example = "52740.00")]
    pub deposit: String,
    /// `registered`, `qualified`, `refused`, `withdrawn`, `released` or `won`.
    #[schema(example = "qualified", extensions(("x-words" = json!(RegistrationState::WORDS))))]
    pub state: String,
    /// Why it was refused.
    #[schema(example = "材料不全")]
    pub reason: Option<String>,
    /// When it was made, in business time.
    #[schema(value_type = String, format = DateTime, example = "2022-12-10T10:00:00.000000+08:00")]
    pub registered_at: Moment,
    /// Counts from 1.
    #[schema(example = 2)]
    pub version: i64,
}

impl Versioned for RegistrationView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// How the pollutants of lots are counted.
async fn measures(
    connection: &impl ConnectionTrait,
    auctions: &[AuctionId],
) -> Result<HashMap<AuctionLotId, Measure>, Failure> {
    let lots = store::lots_of(connection, auctions).await?;
    let words = Words::of_ids(connection, &lots.iter().map(|lot| lot.right_class).collect::<Vec<_>>()).await?;
    lots.iter().map(|lot| Ok((lot.id, words.class(lot.right_class)?.1.clone()))).collect()
}

fn measure_of(measures: &HashMap<AuctionLotId, Measure>, lot: AuctionLotId) -> Result<&Measure, Failure> {
    measures.get(&lot).ok_or_else(|| Failure::bug("a lot was not loaded"))
}

/// Registrations as they are shown.
///
/// # Errors
/// A fault of the database.
pub async fn registrations(
    connection: &impl ConnectionTrait,
    registrations: Vec<Registration>,
) -> Result<Vec<RegistrationView>, Failure> {
    let ids: Vec<AuctionId> = registrations.iter().map(|one| one.auction).collect();
    let measures = measures(connection, &ids).await?;
    let view = |one: Registration| {
        let measure = measure_of(&measures, one.lot)?;
        Ok(RegistrationView {
            id: one.id.0,
            auction: one.auction.0,
            lot: one.lot.0,
            number: one.number,
            organisation: one.bidder.organisation.0,
            site: one.bidder.site.0,
            project: one.project.0,
            quantity: one.quantity.print(measure),
            minimum: one.minimum.print(measure),
            unit: measure.unit.clone(),
            deposit: one.deposit.print(),
            state: one.state.as_str().to_owned(),
            reason: match one.state {
                RegistrationState::Refused { reason } => reason,
                _ => None,
            },
            registered_at: one.registered_at,
            version: one.version,
        })
    };
    registrations.into_iter().map(view).collect()
}

/// A bid. Of a sealed one price and quantity are told once it is opened; who has bid, once it is ranked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuctionBid)]
pub struct BidView {
    /// Its identity.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub id: Uuid,
    /// In which session.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e02")]
    pub auction: Uuid,
    /// For which lot.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e03")]
    pub lot: Uuid,
    /// Counts from 1 within the lot, in the order of arrival.
    #[schema(example = 7)]
    pub number: i64,
    /// The number of the bidder.
    #[schema(example = 3)]
    pub bidder: i64,
    /// The registration under which it was placed; told with the ranking.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e04")]
    pub registration: Option<Uuid>,
    /// The bidder; told with the ranking.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e05")]
    pub organisation: Option<Uuid>,
    /// The bidder's name; told with the ranking, where the rulebook lets parties be shown.
    #[schema(example = "通城玻璃有限公司")]
    pub bidder_name: Option<String>,
    /// CNY per display unit.
    #[schema(example = "8840.00")]
    pub price: Option<String>,
    /// Decimal string in the class's unit.
    #[schema(example = "20.000")]
    pub quantity: Option<String>,
    /// SHA-256 over the canonical form of a sealed bid.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub commitment: Option<String>,
    /// The bidder's salt, once it is opened: with it anybody computes the commitment.
    #[schema(example = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae")]
    pub salt: Option<String>,
    /// `unreadable` or `mismatch` of a sealed bid that does not count.
    #[schema(example = "unreadable", extensions(("x-words" = json!(crate::market::auctions::sealed::Fault::WORDS))))]
    pub fault: Option<String>,
    /// When it arrived, in business time, by the server's clock.
    #[schema(value_type = String, format = DateTime, example = "2022-12-22T09:30:00.000001+08:00")]
    pub arrived_at: Moment,
}

/// Bids of one session as they are shown.
///
/// # Errors
/// A fault of the database.
pub async fn bids(
    connection: &impl ConnectionTrait,
    is_disclosed: bool,
    bids: Vec<Bid>,
) -> Result<Vec<BidView>, Failure> {
    let auctions: Vec<AuctionId> = bids.iter().map(|bid| bid.auction).take(1).collect();
    bids_of(connection, &auctions, is_disclosed, bids).await
}

/// Bids of several sessions as they are shown.
///
/// # Errors
/// A fault of the database.
pub async fn bids_of(
    connection: &impl ConnectionTrait,
    auctions: &[AuctionId],
    is_disclosed: bool,
    bids: Vec<Bid>,
) -> Result<Vec<BidView>, Failure> {
    let measures = measures(connection, auctions).await?;
    let under: Vec<AuctionRegistrationId> = bids.iter().map(|bid| bid.registration).collect();
    let bidders: HashMap<AuctionRegistrationId, Registration> =
        store::registrations_by_id(connection, &under).await?.into_iter().map(|one| (one.id, one)).collect();
    let sealed: Vec<AuctionBidId> =
        bids.iter().filter(|bid| matches!(bid.content, Content::Sealed { .. })).map(|bid| bid.id).collect();
    let mut opened: HashMap<AuctionBidId, _> = HashMap::new();
    if is_disclosed && !sealed.is_empty() {
        let found = record::openings_of(connection, &sealed).await?;
        opened.extend(found.into_iter().map(|opening| (opening.bid, opening.outcome)));
    }
    let view = |bid: Bid| {
        let bidder = bidders.get(&bid.registration).ok_or_else(|| Failure::bug("a bid of nobody"))?;
        let (mut quoted, mut salt, mut fault, mut promised): (Option<Quoted>, _, _, _) = (None, None, None, None);
        match bid.content {
            Content::Open(open) => quoted = Some(open),
            Content::Sealed { commitment, .. } => {
                promised = Some(commitment);
                match opened.remove(&bid.id) {
                    Some(Ok((found, with))) => (quoted, salt) = (Some(found), Some(with)),
                    Some(Err(found)) => fault = Some(found.as_str().to_owned()),
                    None => {}
                }
            }
        }
        let measure = measure_of(&measures, bid.lot)?;
        Ok(BidView {
            id: bid.id.0,
            auction: bid.auction.0,
            lot: bid.lot.0,
            number: bid.number,
            bidder: bidder.number,
            registration: is_disclosed.then_some(bidder.id.0),
            organisation: is_disclosed.then_some(bidder.bidder.organisation.0),
            bidder_name: None,
            price: quoted.map(|quoted| quoted.price.print()),
            quantity: quoted.map(|quoted| quoted.quantity.print(measure)),
            commitment: promised,
            salt,
            fault,
            arrived_at: bid.arrived_at,
        })
    };
    bids.into_iter().map(view).collect()
}

/// A place in the ranking of a lot.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuctionAward)]
pub struct AwardView {
    /// Its identity.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub id: Uuid,
    /// Of which lot.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e02")]
    pub lot: Uuid,
    /// Counts from 1 within the lot.
    #[schema(example = 1)]
    pub place: i64,
    /// The number of the bidder.
    #[schema(example = 3)]
    pub bidder: i64,
    /// The bidder.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e03")]
    pub organisation: Uuid,
    /// The bidder's name, where the rulebook lets parties be shown.
    #[schema(example = "通城玻璃有限公司")]
    pub bidder_name: Option<String>,
    /// By which bid.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e04")]
    pub bid: Uuid,
    /// The bidder's own price, CNY per display unit.
    #[schema(example = "28140.00")]
    pub price: String,
    /// What is won, in the class's unit; null when nothing is.
    #[schema(example = "5.000")]
    pub quantity: Option<String>,
    /// CNY: own price × quantity, half up to the fen.
    #[schema(example = "140700.00")]
    pub total: Option<String>,
    /// The trade that it becomes with the confirmation; null of what a lien holds.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e05")]
    pub trade: Option<Uuid>,
    /// The disposal that it becomes with the confirmation, where a lien holds the lot.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e06")]
    pub disposal: Option<Uuid>,
}

/// Places as they are shown.
///
/// # Errors
/// A fault of the database.
pub async fn awards(connection: &impl ConnectionTrait, awards: Vec<Award>) -> Result<Vec<AwardView>, Failure> {
    let auctions: Vec<AuctionId> = awards.iter().map(|award| award.auction).take(1).collect();
    let measures = measures(connection, &auctions).await?;
    let lots: Vec<AuctionLotId> = awards.iter().map(|award| award.lot).collect();
    let of_liens: HashSet<AuctionLotId> = store::lots_by_id(connection, &lots)
        .await?
        .into_iter()
        .filter(|lot| lot.of_lien.is_some())
        .map(|lot| lot.id)
        .collect();
    let under: Vec<AuctionRegistrationId> = awards.iter().map(|award| award.registration).collect();
    let bidders: HashMap<AuctionRegistrationId, Registration> =
        store::registrations_by_id(connection, &under).await?.into_iter().map(|one| (one.id, one)).collect();
    let view = |award: Award| {
        let bidder = bidders.get(&award.registration).ok_or_else(|| Failure::bug("an award of nobody"))?;
        let measure = measure_of(&measures, award.lot)?;
        Ok(AwardView {
            id: award.id.0,
            lot: award.lot.0,
            place: award.place,
            bidder: bidder.number,
            organisation: bidder.bidder.organisation.0,
            bidder_name: None,
            bid: award.bid.0,
            price: award.price.print(),
            quantity: award.won.map(|win| win.quantity.print(measure)),
            total: award.won.map(|win| win.total.print()),
            trade: award.won.filter(|_| !of_liens.contains(&award.lot)).map(|win| win.trade.0),
            disposal: award.won.filter(|_| of_liens.contains(&award.lot)).map(|win| win.trade.0),
        })
    };
    awards.into_iter().map(view).collect()
}

/// The word for where bidding stands, and how many milliseconds it stays so.
pub fn phase_of(auction: &Auction, lot: &Lot, now: Moment) -> (&'static str, i64) {
    let bidders = u32::try_from(lot.bidders).unwrap_or(u32::MAX);
    let until = |moment: Moment| moment.micros().saturating_sub(now.micros()).max(0) / 1_000;
    if auction.state.is_over() || lot.state != LotState::Offered {
        return ("over", 0);
    }
    let timetable = auction.timetable();
    let close = if timetable.timed.is_some() { auction.closes_at } else { lot.ends_at };
    match timetable.phase(bidders, lot.ends_at, now) {
        Phase::Before => ("before", until(auction.opens_at)),
        Phase::Bidding => ("bidding", until(close)),
        Phase::Waiting { until: begins } => ("waiting", until(begins)),
        Phase::Timed => ("timed", until(lot.ends_at)),
        Phase::Over { .. } => ("over", 0),
    }
}

/// A price of so many fen.
///
/// # Errors
/// A fault of ours when it is none.
pub fn price(fen: i64) -> Result<String, Failure> {
    Price::try_new(fen).map(Price::print).map_err(Failure::bug)
}

/// A quantity that may be left out.
pub fn optional_quantity(
    fields: &mut crate::http::Fields,
    name: &str,
    text: Option<&str>,
    measure: &Measure,
) -> Option<Quantity> {
    text.and_then(|text| fields.quantity(name, text, measure))
}
