//! What time brings to a session, opening its sealed bids, and confirming who has won.

use super::auction::{Auction, AuctionState, Format, KeyHalf, SealKey};
use super::bid::{Bid, Content, Quoted};
use super::commands::{AuctionWord, journal, lock, lot_journal, tell};
use super::ending::{Ending, end_lots, registration_journal, release};
use super::error::AuctionRefusal;
use super::lot::{Lot, LotState, Registration};
use super::pledged::{self, PledgedLots, PledgedWin};
use super::ranking::{self, Contender};
use super::record::store::{self as record, Award, Opening, Win};
use super::sealed::{self, PrivateKeys};
use super::store;
use crate::db::Work;
use crate::eligibility::facts::TradeTerms;
use crate::kernel::ids::{AuctionAwardId, AuctionBidId, AuctionId, AuctionLotId, AuctionRegistrationId, TradeId};
use crate::kernel::{Failure, Moment};
use crate::ledger::{self, money_of};
use crate::market::cases::{self, Candidate};
use crate::market::matching::{self, HeldBy, Holds, Match};
use crate::market::offer::Mode;
use crate::market::overrides::lifting::fill_lifts;
use crate::market::queries as market;
use crate::market::source::Source;
use crate::parties::queries as known;
use crate::rulebook;
use accounting::recipes::{self, Held};
use accounting::{Journal, JournalKind, Measure, Money, PriceBasis};
use std::collections::HashMap;

/// The private half of a key of a sealed session, handed in to open its bids.
pub struct BidOpening {
    /// Of which.
    pub auction: AuctionId,
    /// The version the official saw.
    pub expected: Option<i64>,
    /// The half of the official's own key.
    pub key: String,
}

/// Carries sessions on as far as time has brought them, and tells how many steps that were. What is read of the lots under their
/// locks decides, so that it does not matter when, or by whom, this is done.
///
/// # Errors
/// A fault of the database.
pub async fn advance(work: &mut Work, pledges: &dyn PledgedLots, ids: &[AuctionId]) -> Result<u64, Failure> {
    let auctions = store::lock_auctions(work, ids).await?;
    let lots = store::lock_lots_of(work, ids).await?;
    let now = work.clock().business_now();
    let (mut passed, mut journals) = (Vec::new(), Vec::new());
    for auction in auctions {
        let own: Vec<Lot> = lots.iter().filter(|lot| lot.auction == auction.id).cloned().collect();
        let is_over = auction.state == AuctionState::Confirmed && are_wins_over(work, pledges, &auction, &own).await?;
        carry_on(work, auction, own, (now, is_over), &mut passed, &mut journals).await?;
    }
    let steps = u64::try_from(passed.len()).map_err(Failure::bug)?;
    if steps > 0 {
        store::save_auctions(work, &passed).await?;
        ledger::post(work, &journals).await?;
        tell(work, &passed);
    }
    Ok(steps)
}

async fn carry_on(
    work: &mut Work,
    mut auction: Auction,
    mut lots: Vec<Lot>,
    (now, is_settled): (Moment, bool),
    passed: &mut Vec<Auction>,
    journals: &mut Vec<Journal>,
) -> Result<(), Failure> {
    loop {
        let (kind, next) = match auction.state {
            AuctionState::Announced if now >= auction.opens_at => (JournalKind::AuctionOpened, auction.clone().open()?),
            AuctionState::Open if now >= auction.closes_at => {
                let has_final = auction.timetable().timed.is_some();
                if !has_final && auction.format == Format::Ascending && !is_bidding_over(&lots, now) {
                    return Ok(());
                }
                journals.extend(fail_those_with_few(work, &auction, &mut lots).await?);
                match auction.format {
                    _ if lots.is_empty() => (JournalKind::AuctionFailed, auction.clone().fail()?),
                    Format::Sealed => (JournalKind::AuctionClosed, auction.clone().close()?),
                    Format::Ascending if has_final => (JournalKind::AuctionFinal, auction.clone().begin_final()?),
                    Format::Ascending => ranked(work, &auction, &mut lots, journals, None).await?,
                }
            }
            AuctionState::Final if is_bidding_over(&lots, now) => {
                ranked(work, &auction, &mut lots, journals, None).await?
            }
            AuctionState::Confirmed if is_settled => (JournalKind::AuctionSettled, auction.clone().settle()?),
            _ => return Ok(()),
        };
        journals.push(journal(work, kind, &next));
        passed.push(next.clone());
        auction = next;
    }
}

fn is_bidding_over(lots: &[Lot], now: Moment) -> bool {
    lots.iter().filter(|lot| lot.state == LotState::Offered).all(|lot| now >= lot.ends_at)
}

/// Ends the lots for which too few have bid; those on offer are left.
async fn fail_those_with_few(work: &Work, auction: &Auction, lots: &mut Vec<Lot>) -> Result<Vec<Journal>, Failure> {
    let least = i64::from(auction.rules.min_bidders());
    lots.retain(|lot| lot.state == LotState::Offered);
    let (few, enough) = std::mem::take(lots).into_iter().partition(|lot: &Lot| lot.bidders < least);
    *lots = enough;
    end_lots(work, few, &Ending::Failed).await
}

/// Ranks the bidders of every lot on offer; a lot without enough of them fails, and the session with its last one.
async fn ranked(
    work: &Work,
    auction: &Auction,
    lots: &mut Vec<Lot>,
    journals: &mut Vec<Journal>,
    opened: Option<&HashMap<AuctionBidId, Quoted>>,
) -> Result<(JournalKind, Auction), Failure> {
    lots.retain(|lot| lot.state == LotState::Offered);
    let ids: Vec<AuctionLotId> = lots.iter().map(|lot| lot.id).collect();
    let registrations = store::registrations_of(work.connection(), &ids, None).await?;
    let bids = record::bids_for(work.connection(), &ids).await?;
    let measures = measures(work, lots).await?;
    let (mut awards, mut few) = (Vec::new(), Vec::new());
    for lot in std::mem::take(lots) {
        let of_lot: Vec<&Bid> = bids.iter().filter(|bid| bid.lot == lot.id).collect();
        let ends = auction.timetable().end_after(of_lot.iter().map(|bid| bid.arrived_at));
        if ends != lot.ends_at {
            return Err(Failure::bug(format!(
                "the bids for the lot {} end at {ends}, its row says {}",
                lot.id, lot.ends_at
            )));
        }
        let contenders = contenders(&of_lot, &registrations, opened);
        if contenders.len() < usize::try_from(auction.rules.min_bidders()).map_err(Failure::bug)? {
            few.push(lot);
            continue;
        }
        let measure = measures.get(&lot.pollutant).ok_or_else(|| Failure::bug("a pollutant was not loaded"))?;
        awards.extend(awarded(auction, &lot, contenders, &of_lot, measure)?);
        lots.push(lot);
    }
    journals.extend(end_lots(work, few, &Ending::Failed).await?);
    record::insert_awards(work, &awards).await?;
    if lots.is_empty() {
        return Ok((JournalKind::AuctionFailed, auction.clone().fail()?));
    }
    Ok((JournalKind::AuctionRanked, auction.clone().rank()?))
}

async fn measures(work: &Work, lots: &[Lot]) -> Result<HashMap<String, Measure>, Failure> {
    let known = known::pollutants(work.connection()).await?;
    let of = |lot: &Lot| known.get(&lot.pollutant).map(|found| (lot.pollutant.clone(), found.measure.clone()));
    Ok(lots.iter().filter_map(of).collect())
}

/// The newest bid of each bidder that is still in it, as far as it says anything.
fn contenders(
    bids: &[&Bid],
    registrations: &[Registration],
    opened: Option<&HashMap<AuctionBidId, Quoted>>,
) -> Vec<Contender<AuctionBidId>> {
    let newest: HashMap<AuctionRegistrationId, &Bid> = bids.iter().map(|bid| (bid.registration, *bid)).collect();
    let contender = |registration: &Registration| {
        let bid = newest.get(&registration.id)?;
        let quoted = match &bid.content {
            Content::Open(quoted) => *quoted,
            Content::Sealed { .. } => *opened?.get(&bid.id)?,
        };
        Some(Contender {
            bid: bid.id,
            price: quoted.price,
            quantity: quoted.quantity,
            minimum: registration.minimum.min(quoted.quantity),
            arrived_at: bid.arrived_at,
        })
    };
    registrations.iter().filter(|registration| registration.is_live()).filter_map(contender).collect()
}

fn awarded(
    auction: &Auction,
    lot: &Lot,
    contenders: Vec<Contender<AuctionBidId>>,
    bids: &[&Bid],
    measure: &Measure,
) -> Result<Vec<Award>, Failure> {
    let places = ranking::rank(contenders, lot.quantity, auction.rules.winners_share());
    let mut awards = Vec::with_capacity(places.len());
    for (place, ranked) in (1..).zip(places) {
        let bid =
            bids.iter().find(|bid| bid.id == ranked.contender.bid).ok_or_else(|| Failure::bug("a bid vanished"))?;
        // What is left for the last one may be worth less than half a fen: nobody is sold that.
        let won = ranked.won.and_then(|quantity| {
            let total = ranked.contender.price.times(quantity, measure).ok().filter(|total| !total.is_zero())?;
            Some(Win { quantity, total, trade: TradeId::fresh() })
        });
        awards.push(Award {
            id: AuctionAwardId::fresh(),
            auction: auction.id,
            lot: lot.id,
            registration: bid.registration,
            bid: bid.id,
            place,
            price: ranked.contender.price,
            won,
        });
    }
    Ok(awards)
}

/// Whether the trades and disposals that a session's wins have become are all over.
async fn are_wins_over(
    work: &Work,
    pledges: &dyn PledgedLots,
    auction: &Auction,
    lots: &[Lot],
) -> Result<bool, Failure> {
    let awards = record::awards_of(work.connection(), &[auction.id]).await?;
    let of_lien = |award: &&Award| lots.iter().any(|lot| lot.id == award.lot && lot.of_lien.is_some());
    let (disposed, sold): (Vec<&Award>, Vec<&Award>) = awards.iter().partition(of_lien);
    let ids =
        |awards: Vec<&Award>| awards.iter().filter_map(|award| award.won).map(|win| win.trade).collect::<Vec<_>>();
    let (disposed, sold) = (ids(disposed), ids(sold));
    Ok(market::are_over(work.connection(), &sold).await?
        && (disposed.is_empty() || pledges.are_over(work, &disposed).await?))
}

/// An official hands in the private half of their own key after the close. The first is kept until the other official comes with the other;
/// then the bids are opened, each is compared with its commitment, and those that count are ranked. One that does not open, or is not
/// what was promised, is kept with the reason.
///
/// # Errors
/// [`AuctionRefusal::NotSealed`], [`AuctionRefusal::WrongState`], [`AuctionRefusal::WrongKey`], [`AuctionRefusal::NotYourKey`],
/// [`AuctionRefusal::KeyHandedIn`].
pub async fn open_bids(work: &mut Work, wanted: &BidOpening) -> Result<Auction, Failure> {
    let auction = lock(work, &[(wanted.auction, wanted.expected)]).await?.pop();
    let auction = auction.ok_or_else(|| Failure::bug("a session was locked and is not there"))?;
    if auction.format != Format::Sealed {
        return Err(AuctionRefusal::NotSealed {}.into());
    }
    auction.must_be(&AuctionState::Closed)?;
    let public = store::keys_of(work.connection(), &[auction.id]).await?;
    let there = store::halves_of(work.connection(), &[auction.id]).await?;
    let half = judge_half(work, wanted, &public, &there)?;
    let auction = auction.take_half()?;
    let mut journals = vec![journal(work, JournalKind::AuctionKeyHandedIn, &auction)];
    let mut passed = vec![auction.clone()];
    match there.into_iter().next() {
        None => store::save_halves(work, &[half]).await?,
        Some(first) => {
            let handed: Vec<String> = [&first, &half].iter().filter_map(|one| one.private_key.clone()).collect();
            let public: Vec<String> = public.into_iter().map(|key| key.public_key).collect();
            let keys = PrivateKeys::match_up(&handed, &public)?;
            // What has served is not kept.
            store::save_halves(work, &[first.spent(), KeyHalf { private_key: None, ..half }]).await?;
            passed.push(opened_with(work, &keys, &auction, &mut journals).await?);
        }
    }
    store::save_auctions(work, &passed).await?;
    ledger::post(work, &journals).await?;
    let last = passed.pop().ok_or_else(|| Failure::bug("a session was passed over"))?;
    if last.state != AuctionState::Closed {
        tell(work, std::slice::from_ref(&last));
    }
    Ok(last)
}

/// The half that is handed in: of a key that the caller has contributed, and not there yet.
fn judge_half(
    work: &Work,
    wanted: &BidOpening,
    public: &[SealKey],
    there: &[KeyHalf],
) -> Result<KeyHalf, AuctionRefusal> {
    let of = public.iter().find(|key| sealed::is_half_of(&wanted.key, &key.public_key));
    let key = of.ok_or(AuctionRefusal::WrongKey {})?;
    let by = work.caller().user;
    if key.contributed_by != by {
        return Err(AuctionRefusal::NotYourKey {});
    }
    if there.iter().any(|half| half.place == key.place) {
        return Err(AuctionRefusal::KeyHandedIn {});
    }
    Ok(KeyHalf {
        auction: wanted.auction,
        place: key.place,
        private_key: Some(wanted.key.clone()),
        handed_in_by: by,
        handed_in_at: work.now(),
        version: 1,
    })
}

/// Opens every bid with both keys, and ranks those that count.
async fn opened_with(
    work: &Work,
    keys: &PrivateKeys,
    auction: &Auction,
    journals: &mut Vec<Journal>,
) -> Result<Auction, Failure> {
    let mut lots = store::lock_lots_of(work, &[auction.id]).await?;
    let bids = record::bids_for(work.connection(), &lots.iter().map(|lot| lot.id).collect::<Vec<_>>()).await?;
    let (mut openings, mut opened) = (Vec::with_capacity(bids.len()), HashMap::new());
    for bid in &bids {
        let Content::Sealed { commitment, sealed } = &bid.content else { continue };
        let found = keys.open(sealed, commitment, bid.lot, bid.registration);
        let outcome =
            found.map(|found| (Quoted { price: found.terms.price, quantity: found.terms.quantity }, found.salt));
        if let Ok((quoted, _)) = &outcome {
            opened.insert(bid.id, *quoted);
        }
        openings.push(Opening { bid: bid.id, auction: auction.id, outcome });
    }
    record::insert_openings(work, &openings).await?;
    let (kind, next) = ranked(work, auction, &mut lots, journals, Some(&opened)).await?;
    journals.push(journal(work, kind, &next));
    Ok(next)
}

/// Why a lot is called off that its lien holds no more when the ranking is confirmed.
const LIEN_GONE: &str = "质押权已不再控制该标的 the lien holds it no more";

/// Confirms the rankings of sessions (成交确认单): each win becomes a trade, at the bidder's own price, on which the deposit goes on; the
/// deposits of those who won nothing go back, and so do the grams that nobody won. A win of what a lien holds becomes a disposal; where the
/// lien holds it no more, the lot is called off.
///
/// # Errors
/// [`AuctionRefusal::WrongState`].
pub async fn confirm(
    work: &mut Work,
    pledges: &dyn PledgedLots,
    wanted: &[AuctionWord],
) -> Result<Vec<Auction>, Failure> {
    let asked: Vec<_> = wanted.iter().map(|word| (word.auction, word.expected)).collect();
    let ids: Vec<AuctionId> = wanted.iter().map(|word| word.auction).collect();
    let gone = pledged::lock(pledges, work, &store::lots_of(work.connection(), &ids).await?).await?;
    let mut confirmed = Vec::with_capacity(wanted.len());
    let mut journals = Vec::new();
    for (auction, word) in lock(work, &asked).await?.into_iter().zip(wanted) {
        let auction = auction.confirm()?;
        journals.push(journal(work, JournalKind::AuctionConfirmed, &auction).because(word.reason.clone()));
        confirmed.push(auction);
    }
    let lots = store::lock_lots_of(work, &ids).await?.into_iter().filter(|lot| lot.state == LotState::Offered);
    let (gone, lots): (Vec<Lot>, Vec<Lot>) = lots.partition(|lot| gone.contains(&lot.id));
    journals.extend(end_lots(work, gone, &Ending::Cancelled { reason: Some(LIEN_GONE.to_owned()) }).await?);
    let registrations = store::lock_registrations_of(work, &lots.iter().map(|lot| lot.id).collect::<Vec<_>>()).await?;
    let awards = record::awards_of(work.connection(), &ids).await?;
    let won = award_lots(work, lots, &awards, &mut journals).await?;
    let Outcomes { matches, wins } = end_registrations(work, registrations, won, &confirmed, &mut journals).await?;
    let rulebook = rulebook::in_force(work).await?;
    let terms: Vec<TradeTerms> = matches.iter().map(terms_of).collect();
    let mut candidates = cases::load(work, &terms, &[]).await?;
    // Overrides are locked before accounts, as everybody locks them.
    fill_lifts(work, &mut candidates).await?;
    store::save_auctions(work, &confirmed).await?;
    ledger::post(work, &journals).await?;
    let bound = |(found, Candidate { case, .. }): (Match, Candidate)| Match {
        replacement: case.replacement(&rulebook),
        lifted: case.lifted(),
        ..found
    };
    let matches: Vec<Match> = matches.into_iter().zip(candidates).map(bound).collect();
    matching::open_trades(work, &rulebook, &matches).await?;
    if !wins.is_empty() {
        pledges.award(work, &wins).await?;
    }
    tell(work, &confirmed);
    Ok(confirmed)
}

/// What a win makes of a lot, before it is known which deposit goes with it.
struct Won {
    lot: Lot,
    win: Win,
    award: Award,
}

async fn award_lots(
    work: &Work,
    lots: Vec<Lot>,
    awards: &[Award],
    journals: &mut Vec<Journal>,
) -> Result<Vec<Won>, Failure> {
    let (mut after, mut won) = (Vec::with_capacity(lots.len()), Vec::new());
    for lot in lots {
        let lot = lot.award()?;
        let mut sold = 0;
        for award in awards.iter().filter(|award| award.lot == lot.id) {
            let Some(win) = award.won else { continue };
            sold += win.quantity.grams();
            won.push(Won { lot: lot.clone(), win, award: award.clone() });
        }
        let left = if lot.of_lien.is_some() { 0 } else { lot.quantity.grams() - sold };
        let rights = Some((lot.stock(), left));
        let postings = recipes::void(lot.id.into(), &Held { rights, ..Held::default() })?;
        journals.push(lot_journal(work, JournalKind::LotAwarded, &lot, postings));
        after.push(lot);
    }
    store::save_lots(work, &after).await?;
    Ok(won)
}

/// What wins become: trades, and disposals of what liens hold.
#[derive(Default)]
struct Outcomes {
    matches: Vec<Match>,
    wins: Vec<PledgedWin>,
}

/// Ends the registrations: what a winner's deposit has beyond the total goes back, and all of a loser's.
async fn end_registrations(
    work: &Work,
    registrations: Vec<Registration>,
    won: Vec<Won>,
    auctions: &[Auction],
    journals: &mut Vec<Journal>,
) -> Result<Outcomes, Failure> {
    let mut wins: HashMap<AuctionRegistrationId, Won> =
        won.into_iter().map(|won| (won.award.registration, won)).collect();
    let (mut after, mut outcomes) = (Vec::new(), Outcomes::default());
    for registration in registrations.into_iter().filter(Registration::is_live) {
        let Some(won) = wins.remove(&registration.id) else {
            let registration = registration.release()?;
            journals.push(release(work, JournalKind::BidderReleased, &registration)?);
            after.push(registration);
            continue;
        };
        let deposit = registration.deposit.min(won.win.total);
        let registration = registration.win()?;
        let over = registration.deposit.fen() - deposit.fen();
        let money = Some((money_of(registration.bidder.organisation), over));
        let postings = recipes::void(registration.id.into(), &Held { money, ..Held::default() })?;
        journals.push(registration_journal(work, JournalKind::BidderWon, &registration, postings));
        match won.lot.of_lien {
            Some(_) => outcomes.wins.push(pledged_win(won, &registration, deposit, auctions)?),
            None => outcomes.matches.push(matched(&won, &registration, deposit)),
        }
        after.push(registration);
    }
    if !wins.is_empty() {
        return Err(Failure::bug("a winner is registered no more"));
    }
    store::save_registrations(work, &after).await?;
    Ok(outcomes)
}

fn pledged_win(
    won: Won,
    registration: &Registration,
    deposit: Money,
    auctions: &[Auction],
) -> Result<PledgedWin, Failure> {
    let auction = auctions.iter().find(|auction| auction.id == won.lot.auction);
    let auction = auction.ok_or_else(|| Failure::bug("a lot of no session"))?;
    Ok(PledgedWin {
        id: won.win.trade,
        document: format!("{} 标的 {}", auction.title, won.lot.number),
        lot: won.lot,
        buyer: registration.bidder.clone(),
        project: registration.project,
        quantity: won.win.quantity,
        unit_price: won.award.price,
        total: won.win.total,
        deposit,
        registration: registration.id,
    })
}

fn matched(won: &Won, registration: &Registration, deposit: Money) -> Match {
    Match {
        trade: won.win.trade,
        source: Source::AuctionLot(won.lot.id),
        mode: Mode::Auction,
        seller: won.lot.seller.clone(),
        buyer: registration.bidder.clone(),
        seller_is_reserve: won.lot.seller_is_reserve,
        project: registration.project,
        right_class: won.lot.right_class,
        pollutant: won.lot.pollutant.clone(),
        replacement: None,
        lifted: None,
        quantity: won.win.quantity,
        unit_price: won.award.price,
        price_basis: PriceBasis::PerUnitWholeValidity,
        total: won.win.total,
        deposit,
        held: Holds { rights: HeldBy::Subject(won.lot.id.into()), deposit: HeldBy::Subject(registration.id.into()) },
        matched_by: registration.registered_by,
    }
}

fn terms_of(found: &Match) -> TradeTerms {
    TradeTerms {
        seller: found.seller.site,
        buyer: found.buyer.site,
        right_class: found.right_class,
        quantity: found.quantity,
        unit_price: found.unit_price,
        price_basis: found.price_basis,
        mode: found.mode.as_str(),
        project: Some(found.project),
        counted: 0,
    }
}
