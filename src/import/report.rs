//! The final balances as CSV, in the order of accounts and assets.

use super::register::Beginning;
use crate::kernel::{Failure, WholeFile};
use accounting::{AccountKey, Books, Purpose};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

/// Writes account, asset and amount. The file is there only when it is complete.
///
/// # Errors
/// A fault of the disk.
pub fn write(path: &Path, balances: &BTreeMap<(String, String), String>) -> Result<(), Failure> {
    let whole = WholeFile::begin(path)?;
    let mut out = csv::Writer::from_writer(whole.file());
    out.write_record(["account", "asset", "amount"]).map_err(Failure::bug)?;
    for ((account, asset), amount) in balances {
        out.write_record([account, asset, amount]).map_err(Failure::bug)?;
    }
    out.flush().map_err(Failure::bug)?;
    drop(out);
    whole.finish()
}

/// The balances of books in memory, of the same accounts as those of the database.
pub fn balances_in(books: &Books, beginning: &Beginning) -> BTreeMap<(String, String), String> {
    let register = &beginning.register;
    let holders: HashMap<_, _> = register.holders.values().map(|holder| (holder.owner, holder)).collect();
    let assets: HashMap<_, _> = register.assets.values().map(|counted| (counted.asset, counted)).collect();
    let opened = beginning.openings.iter().map(|opening| opening.holding.available());
    let touched = books.iter().map(|(account, _)| *account).filter(|account| account.purpose == Purpose::Available);
    let print = |account: AccountKey| {
        let (holder, counted) = (holders.get(&account.owner)?, assets.get(&account.asset)?);
        let amount = counted.print(books.balance(&account));
        Some(((holder.external_id.clone(), counted.code.clone()), amount))
    };
    opened.chain(touched).filter_map(print).collect()
}
