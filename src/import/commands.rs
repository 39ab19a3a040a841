//! What an import changes: it founds its book with the opening balances, and posts transactions in batches. A batch and
//! how far the import has come are committed together.

use super::error::ImportRefusal;
use super::register::{Beginning, Register};
use super::store::{self, Step};
use super::table::{Fault, Place};
use super::transaction::{Read, Transaction};
use crate::db::Work;
use crate::db::failure::again_on_unique;
use crate::identity::founding::{self, Founding};
use crate::kernel::Failure;
use crate::ledger::{self, Asset, Owner, OwnerKind};
use accounting::{AccountKey, AssetKind, Journal};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Owners or journals written by one statement: an SQLite text of them stays below ten megabytes.
const AT_ONCE: usize = 10_000;

/// What an import begins with.
pub struct Start {
    /// The book.
    pub founding: Founding,
    /// Of its operator's password.
    pub password_hash: Option<String>,
    /// Holders, assets and opening balances.
    pub beginning: Beginning,
    /// The opening balances as journals.
    pub journals: Vec<Journal>,
    /// SHA-256 of each file.
    pub hashes: BTreeMap<&'static str, String>,
}

/// Founds the book with everybody and everything in it, and posts the opening balances.
///
/// # Errors
/// [`ImportRefusal::UnderWay`], what the ledger refuses.
pub async fn begin(work: &mut Work, start: &Start) -> Result<(), Failure> {
    if store::is_founded(work).await? {
        return Err(ImportRefusal::UnderWay {}.into());
    }
    // Whoever founds at the same moment and loses looks again, and finds it founded.
    let founded = founding::found_in(work, &start.founding, start.password_hash.clone()).await;
    let organisation = founded.map_err(|failure| again_on_unique(failure, "books_pkey", "books.id"))?;
    store::insert_run(work, organisation, &start.hashes).await?;
    let register = &start.beginning.register;
    let owner = |holder: &super::register::Holder| Owner {
        id: holder.owner,
        kind: OwnerKind::Holder,
        name: if holder.name.is_empty() { holder.external_id.clone() } else { holder.name.clone() },
        organisation: None,
        area_path: None,
    };
    let owners: Vec<Owner> = register.holders.values().map(owner).collect();
    for owners in owners.chunks(AT_ONCE) {
        ledger::register_owners(work, owners).await?;
    }
    ledger::register_assets(work, &assets(work, register).await?).await?;
    store::insert_register(work, register).await?;
    // An account that begins with nothing is in the books too, and so in the report.
    let empty = start.beginning.openings.iter().filter(|opening| opening.units == 0);
    let empty: Vec<AccountKey> = empty.map(|opening| opening.holding.available()).collect();
    ledger::balances_under_lock(work, &empty).await?;
    for journals in start.journals.chunks(AT_ONCE) {
        ledger::post(work, journals).await?;
    }
    Ok(())
}

/// The assets as the ledger knows them. Every book has money; an asset of the register that goes by the same code gets
/// another one in the ledger.
async fn assets(work: &Work, register: &Register) -> Result<Vec<Asset>, Failure> {
    let codes: Vec<String> = register.assets.keys().cloned().collect();
    let taken = ledger::assets_by_code(work, &codes).await?;
    let code = |code: &str| {
        let mut free = code.to_owned();
        while taken.contains_key(&free) || (free != code && register.assets.contains_key(&free)) {
            free = format!("IMPORTED-{free}");
        }
        free
    };
    let asset = |counted: &super::register::Counted| Asset {
        id: counted.asset,
        kind: AssetKind::Imported,
        code: code(&counted.code),
        unit: counted.unit.clone(),
        units_per_whole: counted.units_per_whole,
        decimals: counted.scale,
    };
    Ok(register.assets.values().map(asset).collect())
}

/// Transactions on their way into the books.
pub struct Batch {
    /// Holders and assets.
    pub register: Arc<Register>,
    /// Where the first of them begins.
    pub from: Option<Place>,
    /// In the order of the file.
    pub transactions: Vec<Transaction>,
    /// Whether to leave out what is refused, or to stop there.
    pub goes_on: bool,
}

/// What has become of a batch.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Posted {
    /// Transactions posted.
    pub transactions: u64,
    /// Their rows.
    pub rows: u64,
    /// Transactions refused.
    pub refused: u64,
    /// Everything that is wrong with those.
    pub faults: Vec<Fault>,
    /// Whether the import stands before the refused one.
    pub is_stopped: bool,
    /// Where to go on.
    pub next: Place,
}

/// Posts a batch: those that pass, and with `goes_on` the record of those that do not.
///
/// # Errors
/// [`ImportRefusal::UnderWay`].
pub async fn post_batch(work: &mut Work, batch: &Batch) -> Result<Posted, Failure> {
    let claim = store::claim(work, batch.from).await?.ok_or(ImportRefusal::UnderWay {})?;
    let read = batch.transactions.iter().filter_map(|transaction| transaction.read.as_ref().ok());
    let keys: Vec<AccountKey> = read.flat_map(|read| read.journal.accounts()).collect();
    // A refused transaction leaves no trace, not even an empty account: those that are not there yet are not made here.
    let mut books = ledger::standings_under_lock(work, &keys).await?;
    let (mut posted, mut passed) = (Posted::default(), Vec::<(&Transaction, &Read)>::new());
    for transaction in &batch.transactions {
        posted.next = transaction.next;
        match transaction.judge(&mut books, &batch.register) {
            Ok(read) => {
                posted.rows += transaction.lines.len() as u64;
                passed.push((transaction, read));
            }
            Err(faults) => {
                posted.faults.extend(faults);
                if !batch.goes_on {
                    (posted.next, posted.is_stopped) = (transaction.at, true);
                    break;
                }
                posted.refused += 1;
            }
        }
    }
    posted.transactions = passed.len() as u64;
    if !passed.is_empty() {
        let journals: Vec<Journal> = passed.iter().map(|(_, read)| read.journal.clone()).collect();
        ledger::post(work, &journals).await?;
        store::insert_transactions(work, &passed).await?;
    }
    if posted.refused > 0 {
        store::insert_refusals(work, &posted.faults).await?;
    }
    let Posted { next, transactions, rows, refused, .. } = posted;
    store::advance(work, claim, Step { next, posted: transactions, rows, refused }).await?;
    Ok(posted)
}
