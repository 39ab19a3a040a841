//! A journal of hledger. Every commodity and account is declared first, so `hledger check --strict` passes.

use super::queries::{Account, Chart, Journal};
use super::{Assertion, Extent, Form, asset_of, facts, names, one_line, print};
use std::collections::BTreeMap;
use std::io::{self, Write};
use uuid::Uuid;

/// Characters that a name may have beside letters and digits; two blanks, a colon or a semicolon would end it.
const IN_NAMES: &str = "-_.\u{b7}&/()\u{ff08}\u{ff09}";

/// Writes for hledger.
pub(super) struct Hledger<W: Write> {
    out: W,
    owners: BTreeMap<Uuid, String>,
    assets: BTreeMap<Uuid, String>,
}

impl<W: Write> Hledger<W> {
    /// With the names of a chart.
    pub(super) fn new(out: W, chart: &Chart) -> Self {
        let tidy = |text: &str| names::tidy(text, ' ', |char| char.is_alphanumeric() || IN_NAMES.contains(char));
        let owner = |id: &Uuid, name: &str| if name.is_empty() { id.to_string() } else { name.to_owned() };
        let owners = chart.owners.iter().map(|(id, of)| (*id, format!("{}:{}", of.kind, owner(id, &tidy(&of.name)))));
        let assets = chart.assets.iter().map(|(id, asset)| (*id, owner(id, &tidy(&asset.code))));
        Self { out, owners: names::distinct(owners, ' '), assets: names::distinct(assets, ' ') }
    }

    fn name(&self, chart: &Chart, account: &Account) -> io::Result<String> {
        let kind = &asset_of(chart, account)?.kind;
        let (owner, asset) = (named(&self.owners, account.owner)?, named(&self.assets, account.asset)?);
        let subject = account.subject.map(|subject| format!(":{subject}")).unwrap_or_default();
        Ok(format!("{kind}:{owner}:{asset}:{}{subject}", account.purpose))
    }

    fn amount(&self, chart: &Chart, account: &Account, units: i64) -> io::Result<String> {
        let commodity = named(&self.assets, account.asset)?;
        Ok(format!("{} \"{commodity}\"", print(asset_of(chart, account)?, units)))
    }
}

fn named(names: &BTreeMap<Uuid, String>, id: Uuid) -> io::Result<&str> {
    names.get(&id).map(String::as_str).ok_or_else(|| io::Error::other(format!("no name for {id}")))
}

impl<W: Write> Form for Hledger<W> {
    fn begin(&mut self, chart: &Chart) -> io::Result<()> {
        writeln!(self.out, "; The book {} {}\n\ndecimal-mark .\n", one_line(&chart.code), one_line(&chart.name))?;
        for (id, asset) in &chart.assets {
            // hledger balances a transaction to the places declared here: those of one smallest unit.
            let places = asset.units_per_whole.checked_ilog10().unwrap_or(0) as usize;
            let (name, unit) = (named(&self.assets, *id)?, one_line(&asset.unit));
            writeln!(self.out, "commodity 1000.{} \"{name}\"  ; {} in {unit}", "0".repeat(places), asset.kind)?;
        }
        writeln!(self.out)
    }

    fn account(&mut self, chart: &Chart, account: &Account) -> io::Result<()> {
        let name = self.name(chart, account)?;
        let sort = if account.guarded { 'A' } else { 'E' };
        writeln!(self.out, "account {name}  ; type: {sort}, account: {}, owner: {}", account.id, account.owner)
    }

    fn journal(&mut self, chart: &Chart, journal: &Journal) -> io::Result<()> {
        let kind = one_line(&journal.kind);
        if journal.entries.is_empty() {
            writeln!(self.out, "\n; {} * {kind}", journal.effective_on)?;
        } else {
            writeln!(self.out, "\n{} * {kind}", journal.effective_on)?;
        }
        for (word, fact) in facts(journal) {
            // A comma would end the value, and what follows it could pass for another tag.
            let (start, fact) =
                (if journal.entries.is_empty() { ";  " } else { "    ;" }, fact.replace(',', "\u{ff0c}"));
            writeln!(self.out, "{start} {word}: {fact}")?;
        }
        for entry in &journal.entries {
            let name = self.name(chart, &entry.account)?;
            let amount = self.amount(chart, &entry.account, entry.amount)?;
            writeln!(self.out, "    {name}  {amount}  ; line: {}, version: {}", entry.line, entry.version)?;
        }
        Ok(())
    }

    fn assertion(&mut self, chart: &Chart, assertion: &Assertion<'_>) -> io::Result<()> {
        let Assertion { account, day, units } = assertion;
        let (name, commodity) = (self.name(chart, account)?, named(&self.assets, account.asset)?);
        let balance = self.amount(chart, account, *units)?;
        writeln!(self.out, "\n{day} * balance\n    {name}  0 \"{commodity}\" = {balance}")
    }

    fn end(&mut self, extent: &Extent) -> io::Result<()> {
        let Extent { accounts, journals, entries } = extent;
        writeln!(self.out, "\n; The end: {accounts} accounts, {journals} journals, {entries} entries")?;
        self.out.flush()
    }
}
