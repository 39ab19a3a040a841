//! The sale of what a court had frozen: the rights pass to the buyer that the court names. The buyer is judged as in any trade; a court
//! may order the sale all the same, and then what stood against it is recorded with it.

use super::commands::{journal, lock, lock_accounts, tell};
use super::error::FreezeRefusal;
use super::freeze::{Execution, Freeze};
use super::store;
use crate::db::Work;
use crate::eligibility::facts::TradeTerms;
use crate::eligibility::trade::{TradeCase, TradeRefusal, judge_terms};
use crate::encumbrance::Binders;
use crate::kernel::ids::{FreezeId, ProjectId, SiteId};
use crate::kernel::{Failure, Refusal};
use crate::ledger;
use crate::market::cases::{self, Candidate};
use crate::rulebook::{self, Rulebook};
use accounting::recipes::{self, AreaMove, Delivery};
use accounting::{AccountKey, Holding, JournalKind, Posting, Price, PriceBasis, Purpose, Quantity};

/// How a court's sale goes by in the rulebook: no rule binds its price.
const MODE: &str = "court";

/// An order to execute.
#[derive(Debug, Clone)]
pub struct NewExecution {
    /// Which freeze.
    pub freeze: FreezeId,
    /// The version that its recorder saw.
    pub expected: Option<i64>,
    /// Number of the document by which it was recorded.
    pub freezing_document: String,
    /// Number of the document that orders the sale.
    pub document: String,
    /// Who gets the rights.
    pub buyer: SiteId,
    /// The buyer's project, where one is named.
    pub project: Option<ProjectId>,
    /// The price of a unit over the whole validity.
    pub unit_price: Price,
    /// How much of what it holds; all that was ordered when absent.
    pub quantity: Option<Quantity>,
    /// Whether the court orders the sale whatever stands against the buyer.
    pub is_ordered_anyway: bool,
}

/// Executes a freeze: all that one in force holds passes to the buyer, or a part of what it holds, and the areas' capacity follows as in a
/// trade. After a part it goes on with the rest; with the last of what was ordered it is executed.
///
/// # Errors
/// As [`Freeze::execute`] and [`Freeze::execute_part`]; every broken rule of eligibility unless the court orders the sale anyway; [`FreezeRefusal::NoHeadroom`] even
/// then.
pub async fn execute(work: &mut Work, binders: Binders, new: &NewExecution) -> Result<Freeze, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let freeze = lock(work, new.freeze, new.expected).await?;
    let part = new.quantity.filter(|part| *part != freeze.quantity);
    let sold = part.unwrap_or(freeze.quantity);
    let terms = terms(&freeze, new, sold);
    let mut candidates = cases::load(work, std::slice::from_ref(&terms), &[]).await?;
    let accounts: Vec<AccountKey> = candidates.iter().filter_map(Candidate::headroom_account).collect();
    let books = ledger::balances_under_lock(work, &accounts).await?;
    cases::fill_headroom(&mut candidates, &books);
    let candidate = candidates.pop().ok_or_else(|| Failure::bug("an execution without its candidate"))?;
    let broken = judge_terms(&candidate.case, &rulebook, work.today());
    let is_beyond_books =
        |refusal: &TradeRefusal| matches!(refusal, TradeRefusal::NoHeadroom { .. } | TradeRefusal::NoCap { .. });
    let execution = Execution {
        document: new.document.clone(),
        buyer: new.buyer,
        buyer_organisation: candidate.case.buyer.0.organisation,
        unit_price: new.unit_price,
        warnings: broken.iter().map(|refusal| refusal.violation().code.into_owned()).collect(),
        at: work.now(),
    };
    let executed = match part {
        Some(part) => freeze.execute_part(&new.freezing_document, part)?,
        None => freeze.execute(&new.freezing_document, execution.clone())?,
    };
    if !new.is_ordered_anyway {
        Failure::all(&broken)?;
    } else if broken.iter().any(is_beyond_books) {
        return Err(FreezeRefusal::NoHeadroom {}.into());
    }
    let postings = deliver(&executed, sold, &candidate, &rulebook)?;
    let executed_by = journal(work.today(), JournalKind::FreezeExecuted, &executed, postings);
    let mut journals = vec![executed_by.because(Some(new.document.clone()))];
    let start = lock_accounts(work, &journals, &[]).await?;
    recipes::take_reductions(&mut journals, &start)?;
    store::save(work, std::slice::from_ref(&executed)).await?;
    if let Some(part) = part {
        store::insert_execution(work, executed.id, part, &execution).await?;
    }
    ledger::post(work, &journals).await?;
    binders.end_gone(work, &[executed.stock()]).await?;
    tell(work, "freeze.executed", &executed);
    Ok(executed)
}

fn terms(freeze: &Freeze, new: &NewExecution, sold: Quantity) -> TradeTerms {
    TradeTerms {
        seller: freeze.site,
        buyer: new.buyer,
        right_class: freeze.right_class,
        quantity: sold,
        unit_price: new.unit_price,
        price_basis: PriceBasis::PerUnitWholeValidity,
        mode: MODE,
        project: new.project,
        counted: 0,
    }
}

/// The rights to the buyer, the areas gram for gram, and what the buyer's project must replace beyond that given up.
fn deliver(
    freeze: &Freeze,
    held: Quantity,
    candidate: &Candidate,
    rulebook: &Rulebook,
) -> Result<Vec<Posting>, Failure> {
    let case: &TradeCase = &candidate.case;
    let buyer = Holding { owner: case.buyer.0.id.into(), asset: freeze.right_class.into() };
    let areas = match candidate.areas.buyer {
        Some(buyer) if case.needs_headroom() => Some(AreaMove { buyer, seller: candidate.areas.seller }),
        _ => None,
    };
    let reserved = areas.map(|areas| recipes::hold_headroom(areas.buyer, freeze.id.into(), held)).transpose()?;
    let from = freeze.stock().held(Purpose::Frozen, freeze.id.into());
    let delivery = Delivery { trade: freeze.id.into(), from, buyer, quantity: held, areas };
    let excess = case.replacement(rulebook).map_or(0, |ratio| ratio.excess_of(held));
    let retired = recipes::retire_excess(buyer, candidate.areas.home, excess)?;
    Ok([reserved.unwrap_or_default(), recipes::execute_freeze(&delivery)?, retired].concat())
}
