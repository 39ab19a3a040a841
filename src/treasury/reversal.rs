//! Undoing a movement of money that was booked by mistake (冲销): a counter-journal dated today, linked to the journal it
//! undoes, with the reason and the document that proves the mistake. The mistake itself stays in the books.

use super::error::TreasuryRefusal;
use super::store;
use crate::db::Work;
use crate::decisions::documents::{self, Audience};
use crate::decisions::{DecisionRefusal, Grounds};
use crate::http::extract::not_found;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, MoneyMovementId, UserId};
use crate::kernel::{Failure, Moment};
use crate::ledger::{self, LedgerRefusal, recorded};
use accounting::{AccountKey, Journal, JournalId, JournalKind, Money, OwnerId, Purpose};
use jiff::civil::Date;
use serde_json::json;
use std::collections::HashMap;

/// What is to be undone, and why.
#[derive(Debug, Clone)]
pub struct Correction {
    /// The journal that was posted by mistake.
    pub journal: JournalId,
    /// Why, in the corrector's words.
    pub reason: String,
    /// The document that proves the mistake, or its hash.
    pub grounds: Grounds,
}

/// A movement that was undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reversal {
    /// Which.
    pub movement: MoneyMovementId,
    /// Its journal.
    pub reverses: JournalId,
    /// The counter-journal.
    pub journal: JournalId,
    /// Its legal date.
    pub effective_on: Date,
    /// Why.
    pub reason: String,
    /// SHA-256 of the document that proves the mistake.
    pub document_hash: String,
    /// Who undid it.
    pub reversed_by: UserId,
    /// When.
    pub reversed_at: Moment,
}

/// Undoes movements of the caller's settlement bank.
///
/// # Errors
/// [`crate::http::extract::RequestRefusal::NotFound`], [`TreasuryRefusal::UndoneByItsOwnAct`], [`TreasuryRefusal::NotReversed`],
/// [`LedgerRefusal::AlreadyReversed`], [`TreasuryRefusal::MoneyShort`].
pub async fn reverse(work: &mut Work, corrections: &[Correction]) -> Result<Vec<Reversal>, Failure> {
    let wanted: Vec<JournalId> = corrections.iter().map(|correction| correction.journal).collect();
    let found = recorded::journals_by_id(work, &wanted).await?;
    let bank = OwnerId(work.caller().organisation.0);
    let mistakes = wanted.iter().map(|id| found.get(id).ok_or_else(|| not_found("journal").into()));
    let mistakes = mistakes.collect::<Result<Vec<&Journal>, Failure>>()?;
    for mistake in &mistakes {
        judge_kind(mistake)?;
        if !mistake.accounts().any(|account| account.purpose == Purpose::Outside && account.owner == bank) {
            return Err(not_found("journal").into());
        }
    }
    // Whoever else undoes the same movement waits here for its accounts, and then sees that it was undone.
    let accounts: Vec<AccountKey> = mistakes.iter().flat_map(|mistake| mistake.accounts()).collect();
    let books = ledger::balances_under_lock(work, &accounts).await?;
    let movements: Vec<MoneyMovementId> = mistakes.iter().map(|mistake| MoneyMovementId(mistake.subject.id)).collect();
    if store::count_reversals(work, &movements).await? > 0 {
        return Err(LedgerRefusal::AlreadyReversed {}.into());
    }
    let today = work.today();
    let proofs = prove(work, corrections).await?;
    let counter = |((mistake, correction), proof): ((&&Journal, &Correction), &String)| {
        let counter = mistake.reversal(ids::fresh_journal(), today);
        counter.because(Some(correction.reason.clone())).proved_by(Some(proof.clone()))
    };
    let counters: Vec<Journal> = mistakes.iter().zip(corrections).zip(&proofs).map(counter).collect();
    judge_money(&counters, &books)?;
    let posted = ledger::post(work, &counters).await?;
    let reversed_by = work.caller().user;
    let reversal =
        |(((movement, posted), correction), document_hash): (((_, ledger::Posted), &Correction), _)| Reversal {
            movement,
            reverses: correction.journal,
            journal: posted.id,
            effective_on: today,
            reason: correction.reason.clone(),
            document_hash,
            reversed_by,
            reversed_at: posted.recorded_at,
        };
    let reversals: Vec<Reversal> =
        movements.into_iter().zip(posted).zip(corrections).zip(proofs).map(reversal).collect();
    store::insert_reversals(work, &reversals).await?;
    for reversal in &reversals {
        let payload = json!({ "journal": reversal.journal.0, "reverses": reversal.reverses.0 });
        work.tell(Event { kind: "money.reversed", subject: reversal.movement.0, payload });
    }
    Ok(reversals)
}

/// The hash of the document that proves each mistake; the bank's own people read the document beside its movement.
async fn prove(work: &Work, corrections: &[Correction]) -> Result<Vec<String>, Failure> {
    let grounds: Vec<&Grounds> = corrections.iter().map(|correction| &correction.grounds).collect();
    let proofs = documents::prove(work, &grounds).await?.into_iter();
    let proofs = proofs.map(|proof| proof.ok_or(DecisionRefusal::DocumentMissing {}));
    let own = Audience::Organisation(work.caller().organisation);
    for correction in corrections {
        documents::link(work, &correction.grounds, "journal", correction.journal.0, std::slice::from_ref(&own)).await?;
    }
    Ok(proofs.collect::<Result<_, DecisionRefusal>>()?)
}

/// Refuses what is no movement of money: what has an act of its own by which it is undone names that.
fn judge_kind(journal: &Journal) -> Result<(), TreasuryRefusal> {
    use JournalKind as K;
    let (zh, en) = match journal.kind {
        K::MoneyDeposited | K::MoneyWithdrawn => return Ok(()),
        K::CapSet => ("重新核定总量", "setting the cap again"),
        K::AllocationProposed => ("驳回", "rejecting the allocation"),
        K::OfferProposed => ("撤回要约", "withdrawing the offer"),
        K::TradeMatched | K::TradeApprovalGiven | K::TradeApproved | K::TradePaid => {
            ("取消或不予批准交易", "cancelling or refusing the trade")
        }
        K::PaymentMatched => ("撤销人工认领", "undoing the match, where a person made it"),
        K::PledgeApplied | K::PledgeVerified | K::PledgeAgreed => ("撤回质押申请", "withdrawing the application"),
        K::PledgeRegistered => ("解除质押", "releasing the pledge"),
        _ => return Err(TreasuryRefusal::NotReversed { kind: journal.kind.as_str().to_owned() }),
    };
    let kind = journal.kind.as_str().to_owned();
    Err(TreasuryRefusal::UndoneByItsOwnAct { kind, act_zh: zh.to_owned(), act_en: en.to_owned() })
}

/// Refuses to take back more than is free, with what other corrections of the batch take before.
fn judge_money(counters: &[Journal], books: &accounting::Books) -> Result<(), Failure> {
    let mut free: HashMap<AccountKey, i64> = HashMap::new();
    for posting in counters.iter().flat_map(|counter| &counter.postings) {
        let (from, to, amount) = (*posting.from(), *posting.to(), posting.amount());
        let balance = free.entry(from).or_insert_with(|| books.balance(&from));
        if from.purpose.guarded() && *balance < amount {
            let print = |fen: i64| Money::try_new(fen).map(Money::print).map_err(Failure::bug);
            let refusal = TreasuryRefusal::MoneyShort { available: print(*balance)?, wanted: print(amount)? };
            return Err(Failure::from(refusal).at(""));
        }
        *balance = balance.saturating_sub(amount);
        let balance = free.entry(to).or_insert_with(|| books.balance(&to));
        *balance = balance.saturating_add(amount);
    }
    Ok(())
}
