//! Asking for a sale of what is pledged, consenting to it, and settling it.

use super::{Sale, SaleConsent, SaleState, store};
use crate::access::Caller;
use crate::db::Work;
use crate::encumbrance::Binders;
use crate::http::Fields;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::Failure;
use crate::kernel::ids::{ConsentedSaleId, FacilityId, LienId, OrganisationId, PledgeId, ProjectId, SiteId, TradeId};
use crate::market::consented::{self, Judged, OutOfLien, Wanted};
use crate::parties::{PartyRefusal, queries as parties};
use crate::pledge::amendments;
use crate::pledge::commands::{Act, expect_pledgee, finish, journal, lock, replace, seen, stamp};
use crate::pledge::disposals::commands::expect_settlement_banks;
use crate::pledge::disposals::expect_no_forfeiture;
use crate::pledge::error::PledgeRefusal;
use crate::pledge::facility::{self, Facility};
use crate::pledge::lien_commands::{Released, lock_facilities};
use crate::pledge::pledge::{Lien, Pledge, Stamp};
use crate::pledge::store as pledges;
use crate::rulebook::{self, Rulebook};
use accounting::{Holding, JournalKind, Money, Price, Quantity};
use std::collections::HashMap;

/// A sale to ask for.
#[derive(Debug, Clone)]
pub struct NewSale {
    /// Of which pledge.
    pub act: Act,
    /// Of which lien.
    pub lien: LienId,
    /// The site that is to buy.
    pub buyer_site: SiteId,
    /// For which project.
    pub project: ProjectId,
    /// How much; all that it holds when absent.
    pub quantity: Option<Quantity>,
    /// In CNY per display unit over the whole validity.
    pub unit_price: Price,
}

fn wanted(sale: &Sale) -> Wanted {
    Wanted {
        sale: sale.id,
        seller: sale.site,
        buyer: sale.buyer_site,
        project: sale.project,
        right_class: sale.right_class,
        quantity: sale.quantity,
        unit_price: sale.unit_price,
    }
}

/// Asks for sales on behalf of the caller's enterprise: both sides are judged now, when the pledgee consents, by the approvals, and when the
/// buyer settles. Nothing moves yet.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgor`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`], [`PledgeRefusal::NoSuchLien`],
/// [`PledgeRefusal::SaleOpen`], [`PledgeRefusal::MoreThanHeld`], [`PledgeRefusal::DisposalToPledgee`], [`PledgeRefusal::DisposalOpen`], and
/// every rule that stands against the trade; hidden when the caller may not know of the pledge.
pub async fn request(work: &mut Work, news: &[NewSale]) -> Result<Vec<Sale>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let acts: Vec<Act> = news.iter().map(|new| new.act).collect();
    let mut desk = lock(work, &acts).await?;
    let open = store::requested_of(work, &news.iter().map(|new| new.lien).collect::<Vec<_>>()).await?;
    let (mut touched, mut requested, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    for new in news {
        let pledge = seen(&desk, work.caller(), new.act)?;
        pledge.expect_pledgor_of(new.lien, work.caller().organisation)?;
        expect_sellable(&pledge, new.lien)?;
        if open.contains(&new.lien) {
            return Err(PledgeRefusal::SaleOpen {}.into());
        }
        requested.push(draft(work, &pledge, new).await?);
        let pledge = replace(&mut desk, pledge.touched(stamp(work)));
        journals.push(journal(work.today(), JournalKind::ConsentedSaleRequested, &pledge, Vec::new()));
        touched.push(pledge);
    }
    let terms: Vec<Wanted> = requested.iter().map(wanted).collect();
    let judged = consented::judge(work, &rulebook, &terms).await?;
    for (sale, judged) in requested.iter_mut().zip(judged) {
        sale.total = judged.total;
    }
    finish(work, "pledge.sale_requested", touched, &journals).await?;
    store::save(work, &requested).await?;
    Ok(requested)
}

/// Whether something of a lien may be sold now: the pledge is in force, and nobody disposes of the same lien.
fn expect_sellable(pledge: &Pledge, lien: LienId) -> Result<(), PledgeRefusal> {
    pledge.expect_in_force()?;
    pledge.expect_nothing_waits(lien)
}

async fn draft(work: &Work, pledge: &Pledge, new: &NewSale) -> Result<Sale, Failure> {
    let lien = pledge.expect_lien(new.lien)?;
    let quantity = lien.expect_left(new.quantity)?;
    let sites = parties::known_sites(work.connection(), &[new.buyer_site]).await?;
    let site =
        sites.get(&new.buyer_site).ok_or_else(|| Failure::from(PartyRefusal::UnknownSite {}).at("buyer_site"))?;
    let known = parties::organisations_by_id(work.connection(), &[site.organisation]).await?;
    let buyer = known.get(&site.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
    let mut fields = Fields::default();
    let apart = fields.take("buyer_site", expect_no_forfeiture(buyer, pledge.pledgee));
    fields.finish(apart)?;
    Ok(Sale {
        id: ConsentedSaleId::fresh(),
        pledge: pledge.id,
        pledgor: lien.pledgor,
        area_path: lien.area_path.clone(),
        pledgee: pledge.pledgee,
        shares: pledge.shares.clone(),
        further: pledge.others_than(lien.pledgor),
        lien: lien.id,
        site: lien.site,
        right_class: lien.right_class,
        buyer_site: site.id,
        buyer: site.organisation,
        buyer_area_path: site.area_path.clone(),
        project: new.project,
        quantity,
        unit_price: new.unit_price,
        // The market tells it.
        total: Money::ZERO,
        requested_by: work.caller().user,
        requested_at: work.now(),
        state: SaleState::Requested,
        version: 1,
    })
}

/// An act on a sale.
#[derive(Debug, Clone, Copy)]
pub struct SaleAct {
    /// Which.
    pub sale: ConsentedSaleId,
    /// The version the actor saw.
    pub expected: Option<i64>,
}

/// The pledgee's yes.
#[derive(Debug, Clone)]
pub struct NewConsent {
    /// To which sale.
    pub act: SaleAct,
    /// Number of the written consent.
    pub document: String,
    /// How much of the price goes to the claim, in CNY.
    pub to_claim: Money,
    /// Through whom it is paid.
    pub settlement_bank: OrganisationId,
}

/// The pledgee's no.
#[derive(Debug, Clone)]
pub struct NewRefusal {
    /// To which sale.
    pub act: SaleAct,
    /// Why.
    pub reason: String,
}

/// Locked pledges, and sales of them as they stand, in the order of the acts.
struct Desk {
    pledges: HashMap<PledgeId, Pledge>,
    sales: Vec<Sale>,
}

impl Desk {
    /// Locks the pledges of sales, and gives these as far as the caller may know of them, at the versions they saw.
    async fn open(work: &Work, acts: &[SaleAct]) -> Result<Self, Failure> {
        let ids: Vec<ConsentedSaleId> = acts.iter().map(|act| act.sale).collect();
        let found = store::find(work.connection(), &ids).await?;
        let of: Vec<PledgeId> = found.values().map(|sale| sale.pledge).collect();
        let pledges = pledges::lock(work, &of).await?;
        let found = store::find(work.connection(), &ids).await?;
        let sale = |act: &SaleAct| {
            let sale = found.get(&act.sale).filter(|sale| sale.is_visible_to(work.caller()));
            let sale = sale.ok_or_else(|| not_found("consented sale"))?;
            expect_version(act.expected, sale.version)?;
            Ok(sale.clone())
        };
        let sales = acts.iter().map(sale).collect::<Result<_, Failure>>()?;
        Ok(Self { pledges, sales })
    }

    fn pledge(&self, sale: &Sale) -> Result<Pledge, Failure> {
        self.pledges.get(&sale.pledge).cloned().ok_or_else(|| Failure::bug("a sale of no pledge"))
    }
}

/// Consents to sales on behalf of the caller's bank or guarantor: each is a trade from now on, which the bureaux of both areas decide on.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::SaleState`], [`PledgeRefusal::MoreThanHeld`], [`PledgeRefusal::MoreThanPrice`],
/// [`PledgeRefusal::MoreThanOutstanding`], [`PledgeRefusal::NotASettlementBank`], and every rule that stands against the trade; hidden when the caller may not know of it.
pub async fn consent(work: &mut Work, news: &[NewConsent]) -> Result<Vec<Sale>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let mut desk = Desk::open(work, &news.iter().map(|new| new.act).collect::<Vec<_>>()).await?;
    let sales = std::mem::take(&mut desk.sales);
    for (sale, new) in sales.iter().zip(news) {
        let pledge = desk.pledge(sale)?;
        expect_pledgee(&pledge, work.caller())?;
        sale.expect_requested()?;
        expect_sellable(&pledge, sale.lien)?;
        sale.expect_held(&pledge)?;
        let lien = pledge.expect_lien(sale.lien)?;
        let within = pledge.expect_outstanding(lien, new.to_claim, Money::ZERO);
        within.map_err(|refusal| Failure::from(refusal).at("to_claim"))?;
    }
    expect_settlement_banks(work, &news.iter().map(|new| new.settlement_bank).collect::<Vec<_>>()).await?;
    let terms: Vec<Wanted> = sales.iter().map(wanted).collect();
    let judged = consented::judge(work, &rulebook, &terms).await?;
    let matched: Vec<(Wanted, Judged)> = terms.into_iter().zip(judged).collect();
    let trades = consented::open(work, &rulebook, &matched).await?;
    let (by, at) = (work.caller().user, work.now());
    let (mut touched, mut consented, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    for ((sale, new), trade) in sales.into_iter().zip(news).zip(trades) {
        let pledge = desk.pledge(&sale)?.touched(stamp(work));
        let pledge = replace(&mut desk.pledges, pledge);
        let (document, settlement_bank, to_claim) = (new.document.clone(), new.settlement_bank, new.to_claim);
        let consent = SaleConsent { document, settlement_bank, to_claim, trade: trade.id, by, at };
        consented.push(sale.answer(SaleState::Consented(consent))?);
        let journal = journal(work.today(), JournalKind::ConsentedSaleAgreed, &pledge, Vec::new());
        journals.push(journal.because(Some(new.document.clone())));
        touched.push(pledge);
    }
    finish(work, "pledge.sale_consented", touched, &journals).await?;
    store::save(work, &consented).await?;
    Ok(consented)
}

/// Refuses consent to sales on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::SaleState`]; hidden when the caller may not know of it.
pub async fn refuse(work: &mut Work, news: &[NewRefusal]) -> Result<Vec<Sale>, Failure> {
    let (by, at) = (work.caller().user, work.now());
    let ends: Vec<(SaleAct, SaleState)> =
        news.iter().map(|new| (new.act, SaleState::Refused { reason: new.reason.clone(), by, at })).collect();
    drop_requested(work, &ends, expect_consenting, "pledge.sale_refused").await
}

/// Takes wishes to sell back on behalf of the caller's enterprise, as long as nobody has consented. After that the trade is called off.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgor`], [`PledgeRefusal::SaleState`]; hidden when the caller may not know of it.
pub async fn withdraw(work: &mut Work, acts: &[SaleAct]) -> Result<Vec<Sale>, Failure> {
    let (by, at) = (work.caller().user, work.now());
    let ends: Vec<(SaleAct, SaleState)> = acts.iter().map(|act| (*act, SaleState::Withdrawn { by, at })).collect();
    drop_requested(work, &ends, expect_seller, "pledge.sale_withdrawn").await
}

/// Who may do something about a sale.
type Expect = fn(&Pledge, &Sale, &Caller) -> Result<(), PledgeRefusal>;

fn expect_consenting(pledge: &Pledge, _: &Sale, caller: &Caller) -> Result<(), PledgeRefusal> {
    expect_pledgee(pledge, caller)
}

fn expect_seller(_: &Pledge, sale: &Sale, caller: &Caller) -> Result<(), PledgeRefusal> {
    if sale.pledgor == caller.organisation { Ok(()) } else { Err(PledgeRefusal::NotThePledgor {}) }
}

async fn drop_requested(
    work: &mut Work,
    ends: &[(SaleAct, SaleState)],
    expect: Expect,
    event: &'static str,
) -> Result<Vec<Sale>, Failure> {
    let mut desk = Desk::open(work, &ends.iter().map(|(act, _)| *act).collect::<Vec<_>>()).await?;
    let (mut touched, mut dropped, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    for (sale, (_, state)) in std::mem::take(&mut desk.sales).into_iter().zip(ends) {
        let pledge = desk.pledge(&sale)?;
        expect(&pledge, &sale, work.caller())?;
        dropped.push(sale.answer(state.clone())?);
        let pledge = replace(&mut desk.pledges, pledge.touched(stamp(work)));
        journals.push(journal(work.today(), JournalKind::ConsentedSaleDropped, &pledge, Vec::new()));
        touched.push(pledge);
    }
    finish(work, event, touched, &journals).await?;
    store::save(work, &dropped).await?;
    Ok(dropped)
}

/// Settles sales on behalf of the caller's organisation, the buyer: judged again under the locks, rights and money change hands in one journal by
/// the order of payment to which the pledgee has consented. The pledge holds and secures less by that; one of which nothing remains, or whose whole
/// secured claim is paid, is released.
///
/// # Errors
/// [`PledgeRefusal::NotTheBuyer`], [`PledgeRefusal::SaleState`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::DisposalOpen`],
/// [`PledgeRefusal::AmendmentOpen`], [`PledgeRefusal::MoreThanHeld`], and those of [`consented::settle`]; hidden when the caller may not know of it.
pub async fn settle(work: &mut Work, binders: Binders, acts: &[SaleAct]) -> Result<Vec<Sale>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let ids: Vec<ConsentedSaleId> = acts.iter().map(|act| act.sale).collect();
    let known: Vec<PledgeId> = store::find(work.connection(), &ids).await?.values().map(|sale| sale.pledge).collect();
    let known: Vec<Pledge> = pledges::find(work, &known).await?.into_values().collect();
    let facilities = lock_facilities(work, &known).await?;
    let mut desk = Desk::open(work, acts).await?;
    let (mut settled, mut out, mut after) = (Vec::new(), Vec::new(), After::of(facilities));
    for sale in std::mem::take(&mut desk.sales) {
        let pledge = desk.pledge(&sale)?;
        if sale.buyer != work.caller().organisation {
            return Err(PledgeRefusal::NotTheBuyer {}.into());
        }
        let consent = sale.expect_consented()?.clone();
        expect_sellable(&pledge, sale.lien)?;
        if pledge.open_amendment().is_some() {
            return Err(PledgeRefusal::AmendmentOpen {}.into());
        }
        sale.expect_held(&pledge)?;
        // What other sales have paid since the consent is not paid twice.
        let outstanding = pledge.outstanding_on(pledge.expect_lien(sale.lien)?, Money::ZERO);
        let claim = consented::paid_to_claim(sale.total, consent.to_claim.min(outstanding), &rulebook)?;
        let bank = consent.settlement_bank;
        let claims = sale.parts_of(claim).into_iter().map(|part| part.amount).collect();
        out.push(OutOfLien { trade: consent.trade, lien: sale.lien.into(), bank, claims });
        after.take(work, pledge, &sale, claim)?;
        settled.push(sale.settle(work.caller().user, work.now(), claim)?);
    }
    consented::settle(work, &rulebook, &out).await?;
    after.save(work, binders, &rulebook).await?;
    store::save(work, &settled).await?;
    Ok(settled)
}

/// Sales that wait end with pledges that are over: a wish is withdrawn, and a trade is called off.
pub(in crate::pledge) async fn end_with(work: &mut Work, over: &[PledgeId]) -> Result<(), Failure> {
    if over.is_empty() {
        return Ok(());
    }
    let (by, at) = (work.caller().user, work.now());
    let open = store::open_of(work, over).await?;
    let trades: Vec<TradeId> = open.iter().filter_map(|sale| sale.state.consent()).map(|one| one.trade).collect();
    let asked = open.into_iter().filter(|sale| sale.state == SaleState::Requested);
    let withdrawn = asked.map(|sale| sale.answer(SaleState::Withdrawn { by, at })).collect::<Result<Vec<_>, _>>()?;
    store::save(work, &withdrawn).await?;
    consented::call_off(work, &trades, "质押已终止").await
}

/// What sales leave of their pledges: some are lessened, and some are over.
struct After {
    facilities: HashMap<FacilityId, Facility>,
    lessened: Vec<(Pledge, amendments::Amendment, Stamp)>,
    released: Released,
    /// Of which something was sold.
    stocks: Vec<Holding>,
}

impl After {
    fn of(facilities: HashMap<FacilityId, Facility>) -> Self {
        Self { facilities, lessened: Vec::new(), released: Released::default(), stocks: Vec::new() }
    }

    fn take(&mut self, work: &Work, pledge: Pledge, sale: &Sale, claim: Money) -> Result<(), Failure> {
        let at = stamp(work);
        self.stocks.extend(pledge.lien(sale.lien).map(Lien::stock));
        if let Some(amendment) = sale.lessens(&pledge, claim, at) {
            self.lessened.push((pledge.due_less(claim), amendment, at));
            return Ok(());
        }
        let sold = pledge.sold(sale.lien, sale.quantity);
        self.released.take(work, &mut self.facilities, &sold, JournalKind::SoldWithConsent)?;
        Ok(())
    }

    /// Writes it, behind the journals that have moved what was sold.
    async fn save(self, work: &mut Work, binders: Binders, rulebook: &Rulebook) -> Result<(), Failure> {
        if self.lessened.is_empty() {
            facility::store::save_parts(work, &self.facilities.into_values().collect::<Vec<_>>()).await?;
        } else {
            amendments::commands::lessen(work, rulebook, self.lessened, self.facilities).await?;
        }
        self.released.save(work, binders).await?;
        // Whoever waits for what was sold waits for nothing.
        binders.end_gone(work, &self.stocks).await
    }
}
