//! Putting what a lien holds into an auction, and making disposals of what is won.

use super::{LotWin, PledgedLot, store};
use crate::db::Work;
use crate::db::work::Doing;
use crate::kernel::Failure;
use crate::kernel::ids::{AuctionId, AuctionLotId, DisposalId, LienId, OrganisationId, PledgeId, TradeId};
use crate::ledger::money_of;
use crate::market::auctions::Lot;
use crate::market::auctions::commands::{NewLot, propose_lots};
use crate::market::auctions::pledged::{OfLien, PledgedLots, PledgedWin};
use crate::pledge::commands::{Act, expect_pledgee, finish, journal, last_day, lock, replace, seen, stamp};
use crate::pledge::disposals::commands::expect_settlement_banks;
use crate::pledge::disposals::{self, Buyer, Disposal, DisposalMode, DisposalState};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::pledge::{Lien, Pledge};
use crate::pledge::store as pledges;
use crate::rulebook;
use accounting::recipes;
use accounting::{JournalKind, Money, Posting, Price, Quantity};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a pledgee wants to put into a session.
#[derive(Debug, Clone)]
pub struct NewPledgedLot {
    /// Of which pledge.
    pub act: Act,
    /// Of which lien.
    pub lien: LienId,
    /// Into which session.
    pub auction: AuctionId,
    /// How much; all that the lien holds when absent.
    pub quantity: Option<Quantity>,
    /// The least that a bid may be for.
    pub least: Option<Quantity>,
    /// The most that a bid may be for.
    pub most: Option<Quantity>,
    /// In CNY per display unit.
    pub base_price: Price,
    /// Through whom costs and claim are paid out.
    pub settlement_bank: OrganisationId,
    /// Costs of the disposal.
    pub costs: Money,
    /// The claim that is owed.
    pub owed: Money,
}

/// Puts what liens hold into planned sessions, on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::DisposalBeforeDefault`],
/// [`PledgeRefusal::CureRunning`], [`PledgeRefusal::DisposalOpen`], [`PledgeRefusal::NoSuchLien`], [`PledgeRefusal::MoreThanHeld`],
/// [`PledgeRefusal::NotASettlementBank`], those of [`propose_lots`], and every rule that stands against the right or its price; hidden when
/// the caller may not know of the pledge.
pub async fn propose(work: &mut Work, news: &[NewPledgedLot]) -> Result<Vec<Lot>, Failure> {
    let acts: Vec<Act> = news.iter().map(|new| new.act).collect();
    let desk = lock(work, &acts).await?;
    let (mut lots, mut taken) = (Vec::with_capacity(news.len()), HashSet::new());
    for new in news {
        let pledge = seen(&desk, work.caller(), new.act)?;
        expect_pledgee(&pledge, work.caller())?;
        pledge.expect_enforceable(work.today())?;
        if !taken.insert(new.lien) {
            return Err(PledgeRefusal::DisposalOpen {}.into());
        }
        lots.push(new_lot(&pledge, new)?);
    }
    expect_settlement_banks(work, &news.iter().map(|new| new.settlement_bank).collect::<Vec<_>>()).await?;
    let lots = propose_lots(work, &lots).await.map_err(in_words_of_pledgees)?;
    let said = lots.iter().zip(news).map(|(lot, new)| PledgedLot {
        lot: lot.id,
        pledge: new.act.pledge,
        lien: new.lien,
        settlement_bank: new.settlement_bank,
        costs: new.costs,
        owed: new.owed,
    });
    store::insert(work, &said.collect::<Vec<_>>()).await?;
    Ok(lots)
}

fn new_lot(pledge: &Pledge, new: &NewPledgedLot) -> Result<NewLot, Failure> {
    let lien = pledge.expect_lien(new.lien)?;
    pledge.expect_nothing_waits(lien.id)?;
    let quantity = lien.expect_left(new.quantity)?;
    pledge.expect_outstanding(lien, new.owed, new.costs).map_err(|refusal| Failure::from(refusal).at("owed"))?;
    Ok(NewLot {
        auction: new.auction,
        site: lien.site,
        of_lien: Some(OfLien { lien: lien.id, pledgee: pledge.pledgee }),
        right_class: lien.right_class,
        quantity,
        least: new.least,
        most: new.most,
        base_price: new.base_price,
    })
}

/// A refusal in the fields that a pledgee fills in: what is wrong with site and class is wrong with the lien.
fn in_words_of_pledgees(failure: Failure) -> Failure {
    failure.renamed("site", "lien").renamed("right_class", "lien")
}

/// The lots of pledges, for the auctions.
#[derive(Debug)]
pub struct Lots;

impl PledgedLots for Lots {
    fn lock<'w>(&'w self, work: &'w mut Work, lots: &'w [Lot]) -> Doing<'w, HashSet<AuctionLotId>> {
        Box::pin(async move {
            let ids: Vec<AuctionLotId> = lots.iter().map(|lot| lot.id).collect();
            let said = store::of_lots(work.connection(), &ids).await?;
            let of: Vec<PledgeId> = said.values().map(|lot| lot.pledge).collect();
            let desk = pledges::lock(work, &of).await?;
            let stands = |lot: &&Lot| {
                let lien = said.get(&lot.id).and_then(|said| {
                    let pledge = desk.get(&said.pledge)?;
                    pledge.expect_enforceable(work.today()).ok()?;
                    pledge.lien(said.lien)
                });
                lien.and_then(Lien::left).is_some_and(|left| left >= lot.quantity)
            };
            Ok(lots.iter().filter(|lot| !stands(lot)).map(|lot| lot.id).collect())
        })
    }

    fn award<'w>(&'w self, work: &'w mut Work, wins: &'w [PledgedWin]) -> Doing<'w, ()> {
        Box::pin(award(work, wins))
    }

    fn are_over<'w>(&'w self, work: &'w Work, wins: &'w [TradeId]) -> Doing<'w, bool> {
        Box::pin(async move {
            let ids: Vec<DisposalId> = wins.iter().map(|win| DisposalId(win.0)).collect();
            let found = disposals::store::find(work.connection(), &ids).await?;
            Ok(found.values().all(|disposal| !disposal.is_open()))
        })
    }
}

/// Makes disposals of wins, whose deposits they hold from now on; each pledge has one version and one journal for all of its own.
async fn award(work: &mut Work, wins: &[PledgedWin]) -> Result<(), Failure> {
    let lots: Vec<AuctionLotId> = wins.iter().map(|win| win.lot.id).collect();
    let said = store::of_lots(work.connection(), &lots).await?;
    let of: Vec<PledgeId> = said.values().map(|lot| lot.pledge).collect();
    let mut desk: HashMap<PledgeId, Pledge> = pledges::lock(work, &of).await?;
    let rulebook = rulebook::in_force(work).await?;
    let settle_by = last_day(work, rulebook.payment_days()).await?;
    let mut by_pledge: BTreeMap<PledgeId, (Vec<Disposal>, Vec<Posting>)> = BTreeMap::new();
    for win in wins {
        let lot = said.get(&win.lot.id).ok_or_else(|| Failure::bug("a lot of a lien that nobody has put in"))?;
        let pledge = desk.get(&lot.pledge).ok_or_else(|| Failure::bug("a lot of no pledge"))?;
        let disposal = disposal(work, pledge, lot, win, LotWin { lot: win.lot.id, deposit: win.deposit, settle_by })?;
        let buyer = money_of(win.buyer.organisation);
        let held = recipes::pass_money(buyer, win.registration.into(), disposal.id.into(), win.deposit)?;
        let (made, postings) = by_pledge.entry(lot.pledge).or_default();
        made.push(disposal);
        postings.extend(held);
    }
    let (mut touched, mut journals, mut proposed) = (Vec::new(), Vec::new(), Vec::new());
    for (id, (made, postings)) in by_pledge {
        let pledge = desk.remove(&id).ok_or_else(|| Failure::bug("a lot of no pledge"))?;
        let pledge = made.iter().cloned().fold(pledge, Pledge::with_disposal).touched(stamp(work));
        let pledge = replace(&mut desk, pledge);
        journals.push(journal(work.today(), JournalKind::DisposalProposed, &pledge, postings));
        touched.push(pledge);
        proposed.extend(made);
    }
    finish(work, "pledge.disposal_proposed", touched, &journals).await?;
    disposals::store::save(work, &proposed).await
}

fn disposal(
    work: &Work,
    pledge: &Pledge,
    lot: &PledgedLot,
    win: &PledgedWin,
    won: LotWin,
) -> Result<Disposal, Failure> {
    let lien = pledge.expect_lien(lot.lien)?;
    Ok(Disposal {
        id: DisposalId(win.id.0),
        pledge: pledge.id,
        pledgor: lien.pledgor,
        area_path: lien.area_path.clone(),
        pledgee: pledge.pledgee,
        lien: lien.id,
        right_class: lien.right_class,
        mode: DisposalMode::Auction,
        document: win.document.clone(),
        settlement_bank: lot.settlement_bank,
        buyer: Buyer {
            site: win.buyer.site,
            organisation: win.buyer.organisation,
            area_path: win.buyer.area_path.clone(),
            project: Some(win.project),
        },
        quantity: win.quantity,
        unit_price: win.unit_price,
        total: win.total,
        costs: lot.costs,
        owed: lot.owed,
        proposed_by: work.caller().user,
        proposed_at: work.now(),
        agreed: None,
        win: Some(won),
        further: pledge.others_than(lien.pledgor),
        payments: Vec::new(),
        state: DisposalState::Proposed,
        version: 1,
    })
}
