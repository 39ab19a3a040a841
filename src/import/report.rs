//! The final balances as CSV, in the order of accounts and assets.

use super::register::Beginning;
use crate::kernel::Failure;
use accounting::{AccountKey, Books, Purpose};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;

/// Writes account, asset and amount. The file is there only when it is complete.
///
/// # Errors
/// A fault of the disk.
pub fn write(path: &Path, balances: &BTreeMap<(String, String), String>) -> Result<(), Failure> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let mut out = csv::Writer::from_writer(File::create(&partial).map_err(Failure::bug)?);
    out.write_record(["account", "asset", "amount"]).map_err(Failure::bug)?;
    for ((account, asset), amount) in balances {
        out.write_record([account, asset, amount]).map_err(Failure::bug)?;
    }
    let file = out.into_inner().map_err(|error| Failure::bug(error.to_string()))?;
    file.sync_all().map_err(Failure::bug)?;
    std::fs::rename(&partial, path).map_err(Failure::bug)
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
