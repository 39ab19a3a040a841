//! Declaring a default, and disposing of what is pledged.

use super::default::DefaultNotice;
use super::{Buyer, Disposal, DisposalMode, DisposalState, store};
use crate::access::Caller;
use crate::db::Work;
use crate::eligibility::TradeRefusal;
use crate::eligibility::facts::TradeTerms;
use crate::eligibility::pledge::disposal::judge_purchase;
use crate::encumbrance::Binders;
use crate::http::Fields;
use crate::http::extract::{expect_version, not_found};
use crate::kernel::ids::{DisposalId, LienId, OrganisationId, PledgeId, ProjectId, SiteId};
use crate::kernel::{Failure, Violation};
use crate::ledger::{self, CNY, book_side, money_of};
use crate::market::cases::{self as trades, Candidate};
use crate::market::offer_commands::judge_money;
use crate::parties::{Organisation, OrganisationKind, PartyRefusal, queries as parties};
use crate::pledge::commands::{Act, expect_pledgee, finish, journal, last_day, lock, replace, seen, stamp};
use crate::pledge::error::PledgeRefusal;
use crate::pledge::facility;
use crate::pledge::lien_commands::{Ends, lock_facilities, over};
use crate::pledge::lots::Left;
use crate::pledge::pledge::{Lien, Pledge};
use crate::pledge::shares;
use crate::pledge::store as pledges;
use crate::rulebook::{self, Rulebook};
use accounting::recipes::{self, AreaMove, Delivery, Enforcement, Held, Payee};
use accounting::{
    AccountKey, Books, Holding, Journal, JournalKind, Money, Posting, Price, PriceBasis, Purpose, Quantity,
};
use std::collections::HashMap;

/// A default to declare.
#[derive(Debug, Clone)]
pub struct NewDefault {
    /// On which pledge.
    pub act: Act,
    /// Why.
    pub reason: String,
    /// What is due, in CNY.
    pub amount_due: Money,
}

/// Declares defaults on behalf of the caller's bank or guarantor; the term to cure begins today.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`]; hidden when the caller may not know
/// of it.
pub async fn declare(work: &mut Work, news: &[NewDefault]) -> Result<Vec<Pledge>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let cure_until = last_day(work, rulebook.pledge_cure_days()).await?;
    let acts: Vec<Act> = news.iter().map(|new| new.act).collect();
    let mut desk = lock(work, &acts).await?;
    let (mut declared, mut journals) = (Vec::new(), Vec::new());
    for new in news {
        let pledge = seen(&desk, work.caller(), new.act)?;
        expect_pledgee(&pledge, work.caller())?;
        let (reason, amount_due) = (new.reason.clone(), new.amount_due);
        let default = DefaultNotice { at: work.now(), reason, amount_due, cure_until };
        let pledge = replace(&mut desk, pledge.default_on(default, stamp(work))?);
        let journal = journal(work.today(), JournalKind::PledgeDefaulted, &pledge, Vec::new());
        journals.push(journal.because(Some(new.reason.clone())));
        declared.push(pledge);
    }
    finish(work, "pledge.defaulted", declared, &journals).await
}

/// Tells anew what is due after defaults, on behalf of the caller's bank or guarantor: interest since, or less because the debtor has paid. The
/// term to cure goes on.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`]; hidden when the caller may not know
/// of it.
pub async fn restate(work: &mut Work, news: &[NewDefault]) -> Result<Vec<Pledge>, Failure> {
    let acts: Vec<Act> = news.iter().map(|new| new.act).collect();
    let mut desk = lock(work, &acts).await?;
    let (mut restated, mut journals) = (Vec::new(), Vec::new());
    for new in news {
        let pledge = seen(&desk, work.caller(), new.act)?;
        expect_pledgee(&pledge, work.caller())?;
        let pledge = replace(&mut desk, pledge.restate_default(new.amount_due, stamp(work))?);
        let journal = journal(work.today(), JournalKind::DefaultRestated, &pledge, Vec::new());
        journals.push(journal.because(Some(new.reason.clone())));
        restated.push(pledge);
    }
    finish(work, "pledge.default_restated", restated, &journals).await
}

/// Tells that defaults are cured, on behalf of the caller's bank or guarantor.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::WrongState`],
/// [`PledgeRefusal::DisposalOpen`]; hidden when the caller may not know of it.
pub async fn cure(work: &mut Work, acts: &[Act]) -> Result<Vec<Pledge>, Failure> {
    let mut desk = lock(work, acts).await?;
    let (mut cured, mut journals) = (Vec::new(), Vec::new());
    for act in acts {
        let pledge = seen(&desk, work.caller(), *act)?;
        expect_pledgee(&pledge, work.caller())?;
        pledge.expect_no_disposal()?;
        let pledge = replace(&mut desk, pledge.cure(stamp(work))?);
        journals.push(journal(work.today(), JournalKind::DefaultCured, &pledge, Vec::new()));
        cured.push(pledge);
    }
    finish(work, "pledge.default_cured", cured, &journals).await
}

/// A disposal to propose.
#[derive(Debug, Clone)]
pub struct NewDisposal {
    /// Of which pledge.
    pub act: Act,
    /// Of which lien.
    pub lien: LienId,
    /// How much; all that it holds when absent.
    pub quantity: Option<Quantity>,
    /// By which way.
    pub mode: DisposalMode,
    /// Number of the record that it rests on.
    pub document: String,
    /// Through whom costs and claim are paid out.
    pub settlement_bank: OrganisationId,
    /// The site that buys.
    pub buyer_site: SiteId,
    /// For which project.
    pub project: Option<ProjectId>,
    /// In CNY per display unit.
    pub unit_price: Price,
    /// Costs of the disposal.
    pub costs: Money,
    /// The claim that is owed.
    pub owed: Money,
}

/// Proposes disposals on behalf of the caller's bank or guarantor: the buyer is judged now, and again when it settles.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::AlreadyReleased`], [`PledgeRefusal::DisposalBeforeDefault`],
/// [`PledgeRefusal::CureRunning`], [`PledgeRefusal::DisposalOpen`], [`PledgeRefusal::NoSuchLien`], [`PledgeRefusal::MoreThanHeld`],
/// [`PledgeRefusal::DisposalToPledgee`], [`PledgeRefusal::NotTheReserve`], [`PledgeRefusal::NotASettlementBank`],
/// [`PledgeRefusal::NotWorthCounting`], [`PledgeRefusal::MoreThanOutstanding`], and every rule that stands against the buyer; hidden when the
/// caller may not know of it.
pub async fn propose(work: &mut Work, news: &[NewDisposal]) -> Result<Vec<Disposal>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let acts: Vec<Act> = news.iter().map(|new| new.act).collect();
    let mut desk = lock(work, &acts).await?;
    let (mut touched, mut proposed, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    for new in news {
        let pledge = seen(&desk, work.caller(), new.act)?;
        expect_pledgee(&pledge, work.caller())?;
        pledge.expect_enforceable(work.today())?;
        let disposal = draft(work, &pledge, new).await?;
        let pledge = replace(&mut desk, pledge.with_disposal(disposal.clone()).touched(stamp(work)));
        journals.push(journal(work.today(), JournalKind::DisposalProposed, &pledge, Vec::new()));
        proposed.push(disposal);
        touched.push(pledge);
    }
    let candidates = load(work, &proposed).await?;
    refuse_broken(work, &rulebook, &proposed, &candidates, Vec::new())?;
    finish(work, "pledge.disposal_proposed", touched, &journals).await?;
    store::save(work, &proposed).await?;
    Ok(proposed)
}

/// Whether costs and claims may be paid out through it.
fn pays_out(bank: Option<&Organisation>) -> Result<(), PledgeRefusal> {
    let pays = bank.is_some_and(|bank| bank.kind == OrganisationKind::SettlementBank && bank.is_active());
    if pays { Ok(()) } else { Err(PledgeRefusal::NotASettlementBank {}) }
}

/// Refuses banks through which nothing can be paid out.
///
/// # Errors
/// [`PledgeRefusal::NotASettlementBank`].
pub async fn expect_settlement_banks(work: &Work, banks: &[OrganisationId]) -> Result<(), Failure> {
    let known = parties::organisations_by_id(work.connection(), banks).await?;
    let mut fields = Fields::default();
    let all = fields.take("settlement_bank", banks.iter().try_for_each(|bank| pays_out(known.get(bank))));
    fields.finish(all)
}

async fn draft(work: &Work, pledge: &Pledge, new: &NewDisposal) -> Result<Disposal, Failure> {
    let lien = pledge.expect_lien(new.lien)?;
    pledge.expect_nothing_waits(lien.id)?;
    let quantity = lien.expect_left(new.quantity)?;
    let sites = parties::known_sites(work.connection(), &[new.buyer_site]).await?;
    let site = sites.get(&new.buyer_site).ok_or(PartyRefusal::UnknownSite {})?;
    let known = parties::organisations_by_id(work.connection(), &[site.organisation, new.settlement_bank]).await?;
    let mut fields = Fields::default();
    fields.take("owed", pledge.expect_outstanding(lien, new.owed, new.costs));
    let buyer = known.get(&site.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
    fields.take("buyer_site", super::expect_no_forfeiture(buyer, pledge.pledgee));
    if (new.mode == DisposalMode::BuyBack) != site.is_reserve {
        fields.take::<(), _>("buyer_site", Err(PledgeRefusal::NotTheReserve {}));
    }
    if new.mode != DisposalMode::BuyBack && new.project.is_none() {
        fields.take::<(), _>("project", Err(TradeRefusal::ProjectMissing {}));
    }
    fields.take("settlement_bank", pays_out(known.get(&new.settlement_bank)));
    let measure = parties::measure_of(work.connection(), lien.right_class).await?;
    let total = new.unit_price.times(quantity, &measure).ok().filter(|total| !total.is_zero());
    let total = fields.take("unit_price", total.ok_or(PledgeRefusal::NotWorthCounting {}));
    let total = fields.finish(total)?;
    Ok(Disposal {
        id: DisposalId::fresh(),
        pledge: pledge.id,
        pledgor: lien.pledgor,
        area_path: lien.area_path.clone(),
        pledgee: pledge.pledgee,
        lien: lien.id,
        right_class: lien.right_class,
        mode: new.mode,
        document: new.document.clone(),
        settlement_bank: new.settlement_bank,
        buyer: Buyer {
            site: site.id,
            organisation: site.organisation,
            area_path: site.area_path.clone(),
            project: new.project,
        },
        quantity,
        unit_price: new.unit_price,
        total,
        costs: new.costs,
        owed: new.owed,
        proposed_by: work.caller().user,
        proposed_at: work.now(),
        agreed: None,
        win: None,
        further: pledge.others_than(lien.pledgor),
        payments: Vec::new(),
        state: DisposalState::Proposed,
        version: 1,
    })
}

/// What buyers are judged on, with what their areas can take.
async fn load(work: &mut Work, disposals: &[Disposal]) -> Result<Vec<Candidate>, Failure> {
    let sites = pledges::sites_of(work, &disposals.iter().map(|disposal| disposal.lien).collect::<Vec<_>>()).await?;
    let mut terms = Vec::with_capacity(disposals.len());
    for disposal in disposals {
        let seller = sites.get(&disposal.lien).copied();
        terms.push(TradeTerms {
            seller: seller.ok_or_else(|| Failure::bug("a disposal of no lien"))?,
            buyer: disposal.buyer.site,
            right_class: disposal.right_class,
            quantity: disposal.quantity,
            unit_price: disposal.unit_price,
            price_basis: PriceBasis::PerUnitWholeValidity,
            mode: if disposal.mode == DisposalMode::Auction { "auction" } else { "negotiated" },
            project: disposal.buyer.project,
            counted: 0,
        });
    }
    trades::load(work, &terms, &[]).await
}

/// Refuses disposals against whose buyers any rule stands, telling all of them, and anything found before.
fn refuse_broken(
    work: &Work,
    rulebook: &Rulebook,
    disposals: &[Disposal],
    candidates: &[Candidate],
    more: Vec<Violation>,
) -> Result<(), Failure> {
    let mut fields = Fields::default();
    for (disposal, candidate) in disposals.iter().zip(candidates) {
        let is_buy_back = disposal.mode == DisposalMode::BuyBack;
        for refusal in judge_purchase(&candidate.case, rulebook, work.today(), is_buy_back) {
            fields.take::<(), _>("", Err(refusal));
        }
    }
    for violation in more {
        fields.note(violation);
    }
    fields.finish(Some(()))
}

/// An act on a disposal.
#[derive(Debug, Clone, Copy)]
pub struct DisposalAct {
    /// Which.
    pub disposal: DisposalId,
    /// The version the actor saw.
    pub expected: Option<i64>,
}

/// Locked pledges, and disposals of them as they stand, in the order of the acts.
struct Desk {
    pledges: HashMap<PledgeId, Pledge>,
    disposals: Vec<Disposal>,
}

/// Locks the pledges of disposals, and gives these as far as the caller may know of them, at the versions they saw.
async fn open_desk(work: &Work, acts: &[DisposalAct]) -> Result<Desk, Failure> {
    let ids: Vec<DisposalId> = acts.iter().map(|act| act.disposal).collect();
    let found = store::find(work.connection(), &ids).await?;
    let of: Vec<PledgeId> = found.values().map(|disposal| disposal.pledge).collect();
    let pledges = pledges::lock(work, &of).await?;
    let found = store::find(work.connection(), &ids).await?;
    let disposal = |act: &DisposalAct| {
        let disposal = found.get(&act.disposal).filter(|disposal| disposal.is_visible_to(work.caller()));
        let disposal = disposal.ok_or_else(|| not_found("disposal"))?;
        expect_version(act.expected, disposal.version)?;
        Ok(disposal.clone())
    };
    let disposals = acts.iter().map(disposal).collect::<Result<_, Failure>>()?;
    Ok(Desk { pledges, disposals })
}

impl Desk {
    fn pledge(&self, disposal: &Disposal) -> Result<Pledge, Failure> {
        self.pledges.get(&disposal.pledge).cloned().ok_or_else(|| Failure::bug("a disposal of no pledge"))
    }
}

/// Agrees to disposals by agreement on behalf of the caller's enterprise.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgor`], [`PledgeRefusal::NoAgreementNeeded`], [`PledgeRefusal::DisposalState`]; hidden when the caller may not
/// know of it.
pub async fn agree(work: &mut Work, acts: &[DisposalAct]) -> Result<Vec<Disposal>, Failure> {
    let (by, at) = (work.caller().user, work.now());
    change(
        work,
        acts,
        JournalKind::DisposalAgreed,
        "pledge.disposal_agreed",
        expect_pledgor_of,
        move |_, _, disposal| disposal.agree(by, at),
    )
    .await
}

/// Turns disposals down on behalf of the buyer, or of the pledgor of one by agreement. Whoever has won a lot and turns it down loses the deposit
/// where the rules say so, unless there is nothing left to settle.
///
/// # Errors
/// [`PledgeRefusal::NotTheBuyer`], [`PledgeRefusal::DisposalState`]; hidden when the caller may not know of it.
pub async fn decline(work: &mut Work, acts: &[DisposalAct]) -> Result<Vec<Disposal>, Failure> {
    let (by, at, today) = (work.caller().user, work.now(), work.today());
    let forfeits = rulebook::in_force(work).await?.forfeits_deposit();
    let end = move |pledge: &Pledge, left: Left, disposal: Disposal| {
        let stands = pledge.expect_enforceable(today).is_ok() && held(pledge, &disposal).is_ok();
        match disposal.win {
            Some(_) if forfeits && stands => disposal.forfeit(left, by, at),
            _ => disposal.end(DisposalState::Declined { by, at }),
        }
    };
    change(work, acts, JournalKind::DisposalDropped, "pledge.disposal_declined", expect_may_decline, end).await
}

/// Takes disposals back on behalf of the caller's bank or guarantor. A winner of a lot that has let its last day go by loses the deposit where the
/// rules say so; otherwise it goes back.
///
/// # Errors
/// [`PledgeRefusal::NotThePledgee`], [`PledgeRefusal::DisposalState`]; hidden when the caller may not know of it.
pub async fn withdraw(work: &mut Work, acts: &[DisposalAct]) -> Result<Vec<Disposal>, Failure> {
    let (by, at, today) = (work.caller().user, work.now(), work.today());
    let forfeits = rulebook::in_force(work).await?.forfeits_deposit();
    let end = move |_: &Pledge, left: Left, disposal: Disposal| {
        if forfeits && disposal.is_late(today) {
            disposal.forfeit(left, by, at)
        } else {
            disposal.end(DisposalState::Withdrawn { by, at })
        }
    };
    change(work, acts, JournalKind::DisposalDropped, "pledge.disposal_withdrawn", expect_pledgee_of, end).await
}

/// Who may do something about a disposal.
type Expect = fn(&Pledge, &Disposal, &Caller) -> Result<(), PledgeRefusal>;

fn expect_pledgor_of(_: &Pledge, disposal: &Disposal, caller: &Caller) -> Result<(), PledgeRefusal> {
    if disposal.pledgor == caller.organisation { Ok(()) } else { Err(PledgeRefusal::NotThePledgor {}) }
}

fn expect_pledgee_of(pledge: &Pledge, _: &Disposal, caller: &Caller) -> Result<(), PledgeRefusal> {
    expect_pledgee(pledge, caller)
}

fn expect_may_decline(_: &Pledge, disposal: &Disposal, caller: &Caller) -> Result<(), PledgeRefusal> {
    let is_asked = disposal.mode == DisposalMode::Agreement && disposal.pledgor == caller.organisation;
    if is_asked || disposal.buyer.organisation == caller.organisation {
        Ok(())
    } else {
        Err(PledgeRefusal::NotTheBuyer {})
    }
}

async fn change(
    work: &mut Work,
    acts: &[DisposalAct],
    kind: JournalKind,
    event: &'static str,
    expect: Expect,
    step: impl Fn(&Pledge, Left, Disposal) -> Result<Disposal, PledgeRefusal>,
) -> Result<Vec<Disposal>, Failure> {
    let mut desk = open_desk(work, acts).await?;
    let (mut touched, mut changed, mut journals) = (Vec::new(), Vec::new(), Vec::new());
    for disposal in std::mem::take(&mut desk.disposals) {
        let pledge = desk.pledge(&disposal)?;
        expect(&pledge, &disposal, work.caller())?;
        let left = pledge.left_of(&disposal);
        let mut disposal = step(&pledge, left, disposal)?;
        if let DisposalState::Forfeited { paid, .. } = &disposal.state {
            disposal.payments = pledge.payments(left.claim, paid.claim);
        }
        let postings = if disposal.is_open() { Vec::new() } else { let_go(&disposal)? };
        let pledge = replace(&mut desk.pledges, pledge.with_disposal(disposal.clone()).touched(stamp(work)));
        journals.push(journal(work.today(), kind, &pledge, postings));
        changed.push(disposal);
        touched.push(pledge);
    }
    finish(work, event, touched, &journals).await?;
    store::save(work, &changed).await?;
    save_payments(work, &changed).await?;
    Ok(changed)
}

async fn save_payments(work: &Work, disposals: &[Disposal]) -> Result<(), Failure> {
    let paid = disposals.iter().filter(|disposal| !disposal.payments.is_empty());
    let paid: Vec<_> = paid.map(|disposal| (disposal.id, disposal.payments.clone())).collect();
    shares::store::insert_payments(work, &paid).await
}

/// What becomes of the deposit of a disposal that has come to nothing: it goes back to the winner of the lot, or is paid out.
///
/// # Errors
/// A fault of ours in the postings.
pub(in crate::pledge) fn let_go(disposal: &Disposal) -> Result<Vec<Posting>, Failure> {
    let (id, buyer) = (disposal.id.into(), money_of(disposal.buyer.organisation));
    let Some(paid) = disposal.state.paid() else {
        let money = Some((buyer, disposal.deposit().fen()));
        return Ok(recipes::void(id, &Held { money, ..Held::default() })?);
    };
    let payees = payees(disposal, paid.costs);
    let surplus = money_of(disposal.pledgor).available();
    Ok(recipes::pay_out(buyer.committed(id), disposal.deposit(), &payees, surplus)?)
}

/// Whoever is paid out of the proceeds, or out of a deposit that is lost: the costs, and one pledgee after the other.
fn payees(disposal: &Disposal, costs: Money) -> Vec<Payee> {
    let outside = money_of(disposal.settlement_bank).account(Purpose::Outside);
    let owed = std::iter::once(costs).chain(disposal.payments.iter().map(|payment| payment.paid));
    owed.map(|owed| Payee { account: outside, owed }).collect()
}

/// Settles disposals on behalf of the caller's organisation, the buyer: judged again under the locks, rights and money change hands in one
/// journal, and the proceeds pay costs, claim and pledgor. A pledge of which nothing is left is closed.
///
/// # Errors
/// [`PledgeRefusal::NotTheBuyer`], [`PledgeRefusal::DisposalState`], [`PledgeRefusal::MoreThanHeld`],
/// [`PledgeRefusal::DisposalBeforeDefault`], [`crate::market::MarketRefusal::MoneyShort`], and every rule that stands against the buyer;
/// hidden when the caller may not know of it.
pub async fn settle(work: &mut Work, binders: Binders, acts: &[DisposalAct]) -> Result<Vec<Disposal>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let ids: Vec<DisposalId> = acts.iter().map(|act| act.disposal).collect();
    let known: Vec<PledgeId> =
        store::find(work.connection(), &ids).await?.values().map(|disposal| disposal.pledge).collect();
    let known: Vec<Pledge> = pledges::find(work, &known).await?.into_values().collect();
    let mut facilities = lock_facilities(work, &known).await?;
    let mut desk = open_desk(work, acts).await?;
    let mut candidates = load(work, &desk.disposals).await?;
    let (mut ends, mut touched) = (Ends::default(), Vec::new());
    let (mut settled, mut journals, mut stocks) = (Vec::new(), Vec::new(), Vec::new());
    for (disposal, candidate) in std::mem::take(&mut desk.disposals).into_iter().zip(&candidates) {
        let pledge = desk.pledge(&disposal)?;
        if disposal.buyer.organisation != work.caller().organisation {
            return Err(PledgeRefusal::NotTheBuyer {}.into());
        }
        pledge.expect_enforceable(work.today())?;
        let lien = held(&pledge, &disposal)?;
        let left = pledge.left_of(&disposal);
        let mut disposal = disposal.settle(left, work.caller().user, work.now())?;
        let paid = disposal.state.paid().ok_or_else(|| Failure::bug("a settled disposal without proceeds"))?;
        disposal.payments = pledge.payments(left.claim, paid.claim);
        let mut postings = postings(&disposal, paid.costs, &lien, candidate, &rulebook)?;
        stocks.push(lien.stock());
        let at = stamp(work);
        let sold = pledge.with_disposal(disposal.clone()).sold(disposal.lien, disposal.quantity);
        let pledge = if sold.liens.iter().all(|lien| lien.claimed().is_none()) {
            over(&mut facilities, &mut ends, sold.close(at)?, at)?
        } else {
            sold.touched(at)
        };
        postings.extend(ends.deposits_back(pledge.id)?);
        let pledge = replace(&mut desk.pledges, pledge);
        journals.push(journal(work.today(), JournalKind::PledgeEnforced, &pledge, postings));
        touched.push(pledge);
        settled.push(disposal);
    }
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(candidates.iter().filter_map(Candidate::headroom_account));
    accounts.extend(recipes::reduction_accounts(&journals));
    let books = ledger::balances_under_lock(work, &accounts).await?;
    recipes::take_reductions(&mut journals, &books)?;
    trades::fill_headroom(&mut candidates, &books);
    refuse_broken(work, &rulebook, &settled, &candidates, short_of_money(&books, &settled))?;
    facility::store::save_parts(work, &facilities.into_values().collect::<Vec<_>>()).await?;
    finish(work, "pledge.enforced", touched, &journals).await?;
    store::save(work, &settled).await?;
    save_payments(work, &settled).await?;
    ends.save(work).await?;
    // Whoever waits for what was sold waits for nothing.
    binders.end_gone(work, &stocks).await?;
    Ok(settled)
}

/// The lien of a disposal, as far as it holds enough.
fn held(pledge: &Pledge, disposal: &Disposal) -> Result<Lien, PledgeRefusal> {
    let lien = pledge.expect_lien(disposal.lien)?;
    lien.expect_left(Some(disposal.quantity))?;
    Ok(lien.clone())
}

/// Buyers that cannot pay; the reserve pays from the treasury, which is judged by the books themselves.
fn short_of_money(books: &Books, disposals: &[Disposal]) -> Vec<Violation> {
    let of_buyers = disposals.iter().filter(|disposal| disposal.mode != DisposalMode::BuyBack);
    let amounts: Vec<(OrganisationId, Money)> =
        of_buyers.map(|disposal| (disposal.buyer.organisation, still_to_pay(disposal))).collect();
    judge_money(books, &amounts).into_iter().map(|(_, violation)| violation).collect()
}

/// What the buyer pays beside the deposit.
fn still_to_pay(disposal: &Disposal) -> Money {
    disposal.total.checked_sub(disposal.deposit()).unwrap_or_default()
}

/// Money is held, rights go to the buyer, the money to costs, claim and pledgor, and the areas follow.
fn postings(
    disposal: &Disposal,
    costs: Money,
    lien: &Lien,
    candidate: &Candidate,
    rulebook: &Rulebook,
) -> Result<Vec<Posting>, Failure> {
    let (id, buyer) =
        (disposal.id.into(), Holding { owner: disposal.buyer.site.into(), asset: disposal.right_class.into() });
    let buyer_money = money_of(disposal.buyer.organisation);
    let is_buy_back = disposal.mode == DisposalMode::BuyBack;
    let source = if is_buy_back { book_side(CNY).account(Purpose::Treasury) } else { buyer_money.available() };
    let mut postings = recipes::hold_proceeds(source, buyer_money, id, still_to_pay(disposal))?;
    let areas = match candidate.areas.buyer.filter(|_| !is_buy_back && candidate.case.needs_headroom()) {
        Some(area) => {
            postings.extend(recipes::hold_headroom(area, id, disposal.quantity)?);
            Some(AreaMove { buyer: area, seller: candidate.areas.seller })
        }
        None => None,
    };
    // What is paid of the claim is split among its pledgees before it is paid out.
    let payees = payees(disposal, costs);
    postings.extend(recipes::enforce(&Enforcement {
        delivery: Delivery {
            trade: id,
            from: lien.stock().pledged(lien.id.into()),
            buyer,
            quantity: disposal.quantity,
            areas,
        },
        buyer_money,
        total: disposal.total,
        payees: &payees,
        surplus: money_of(disposal.pledgor).available(),
    })?);
    if is_buy_back {
        // What the reserve holds uses no headroom.
        let left = candidate.areas.seller.or(candidate.areas.home);
        postings.extend(left.map(|area| recipes::free_area(area, disposal.quantity)).transpose()?.unwrap_or_default());
    } else if let Some(ratio) = candidate.case.replacement(rulebook) {
        let excess = disposal.quantity.grams() - ratio.usable_of(disposal.quantity);
        postings.extend(recipes::retire_excess(buyer, candidate.areas.home, excess)?);
    }
    Ok(postings)
}
