//! The final balances as CSV, in the order of accounts and assets.

use super::register::{Beginning, Register};
use crate::kernel::{Failure, WholeFile};
use accounting::{Books, Purpose};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;

/// What accounts hold, by the ids of the register: account, asset, decimal. Those that never held anything are not in it.
pub type Balances = BTreeMap<String, BTreeMap<String, String>>;

/// Writes account, asset and amount: every account of the register with every asset of it, also where it never held any. The file is
/// there only when it is complete.
///
/// # Errors
/// A fault of the disk.
pub fn write(whole: WholeFile, register: &Register, balances: &Balances) -> Result<(), Failure> {
    let mut out = csv::Writer::from_writer(whole.file());
    write_rows(&mut out, register, balances).map_err(|error| whole.fault(&error))?;
    drop(out);
    whole.finish()
}

fn write_rows(out: &mut csv::Writer<&File>, register: &Register, balances: &Balances) -> csv::Result<()> {
    out.write_record(["account", "asset", "amount"])?;
    let accounts: BTreeSet<&String> = register.holders.keys().collect();
    let assets: BTreeMap<&String, String> =
        register.assets.iter().map(|(code, counted)| (code, counted.print(0))).collect();
    for account in accounts {
        let held = balances.get(account);
        for (asset, nothing) in &assets {
            let amount = held.and_then(|held| held.get(*asset)).unwrap_or(nothing);
            out.write_record([account, *asset, amount])?;
        }
    }
    Ok(out.flush()?)
}

/// The balances of books in memory, of the same accounts as those of the database.
pub fn balances_in(books: &Books, beginning: &Beginning) -> Balances {
    let register = &beginning.register;
    let holders: HashMap<_, _> = register.holders.values().map(|holder| (holder.owner, holder)).collect();
    let assets: HashMap<_, _> = register.assets.values().map(|counted| (counted.asset, counted)).collect();
    let touched = books.iter().map(|(account, _)| *account).filter(|account| account.purpose == Purpose::Available);
    let mut balances = Balances::new();
    for account in touched {
        let (Some(holder), Some(counted)) = (holders.get(&account.owner), assets.get(&account.asset)) else { continue };
        let amount = counted.print(books.balance(&account));
        balances.entry(holder.external_id.clone()).or_default().insert(counted.code.clone(), amount);
    }
    balances
}
