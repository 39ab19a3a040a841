//! A ledger of Beancount 3. Its names are narrower than ours: accounts begin with one of five roots and their parts with a
//! capital or a digit, commodities are short; so each asset gets a short one, whose directive carries the full code.

use super::queries::{Account, Chart, Journal};
use super::{Assertion, Extent, Form, asset_of, facts, names, one_line, print};
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::io::{self, Write};
use uuid::Uuid;

/// Writes for Beancount.
pub(super) struct Beancount<W: Write> {
    out: W,
    owners: BTreeMap<Uuid, String>,
    /// Assets as parts of account names.
    assets: BTreeMap<Uuid, String>,
    commodities: BTreeMap<Uuid, String>,
    /// What accounts moved on the last day of the calendar, which some registers write where they have no date.
    on_last_day: BTreeMap<Uuid, i64>,
}

impl<W: Write> Beancount<W> {
    /// With the names of a chart.
    pub(super) fn new(out: W, chart: &Chart) -> Self {
        let tidy = |id: &Uuid, text: &str| Some(part(text)).filter(|name| !name.is_empty()).unwrap_or(id.to_string());
        let owners = chart.owners.iter().map(|(id, of)| (*id, format!("{}-{}", capital(&of.kind), tidy(id, &of.name))));
        let assets = chart.assets.iter().map(|(id, asset)| (*id, capital(&tidy(id, &asset.code))));
        let commodities = chart.assets.iter().enumerate().map(|(at, (id, asset))| (*id, commodity(at, &asset.code)));
        Self {
            out,
            owners: names::distinct(owners, '-'),
            assets: names::distinct(assets, '-'),
            commodities: commodities.collect(),
            on_last_day: BTreeMap::new(),
        }
    }

    /// A balance of Beancount stands at the beginning of its day, so that at the end of a day belongs to the next. After the last day of
    /// the calendar there is none: there the balance stands at its beginning, less what moved on it, which says the same of the account.
    fn at_a_beginning(&self, assertion: &Assertion<'_>) -> io::Result<(Date, i64)> {
        let Assertion { account, day, units } = assertion;
        if let Ok(next) = day.tomorrow() {
            return Ok((next, *units));
        }
        let moved = self.on_last_day.get(&account.id).copied().unwrap_or_default();
        let before = units.checked_sub(moved).ok_or_else(|| io::Error::other("a balance cannot be counted"))?;
        Ok((*day, before))
    }

    fn name(&self, chart: &Chart, account: &Account) -> io::Result<String> {
        let root = if account.guarded { "Assets" } else { "Equity" };
        let kind = capital(&asset_of(chart, account)?.kind);
        let (owner, asset) = (named(&self.owners, account.owner)?, named(&self.assets, account.asset)?);
        let purpose = capital(&account.purpose);
        let subject = account.subject.map(|subject| format!(":{subject}").to_uppercase()).unwrap_or_default();
        Ok(format!("{root}:{kind}:{owner}:{asset}:{purpose}{subject}"))
    }
}

fn named(names: &BTreeMap<Uuid, String>, id: Uuid) -> io::Result<&str> {
    names.get(&id).map(String::as_str).ok_or_else(|| io::Error::other(format!("no name for {id}")))
}

/// What Beancount takes for a letter or a digit, as far as names of this country need it.
fn part(text: &str) -> String {
    let is_han =
        |char: char| matches!(char, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fef}' | '\u{20000}'..='\u{2a6d6}');
    names::tidy(text, '-', |char| char.is_ascii_alphanumeric() || is_han(char))
}

/// A part of an account's name has to begin with a capital or a digit.
fn capital(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_ascii_alphanumeric() => format!("{}{}", first.to_ascii_uppercase(), chars.as_str()),
        _ => format!("X-{text}"),
    }
}

/// A commodity of at most 24 characters: the code itself when it is one word, otherwise its first word and its place among
/// the assets, which those that come later do not change.
fn commodity(at: usize, code: &str) -> String {
    let word: String = code.chars().take_while(char::is_ascii_alphanumeric).take(12).collect();
    let is_plain = word.chars().next().is_some_and(|first| first.is_ascii_uppercase())
        && !word.chars().any(|char| char.is_ascii_lowercase());
    match (is_plain, word == code && word.len() > 1) {
        (true, true) => word,
        (true, false) => format!("{word}.{}", at + 1),
        (false, _) => format!("X.{}", at + 1),
    }
}

/// A string in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", one_line(text).replace('\\', "\\\\").replace('"', "\\\""))
}

impl<W: Write> Form for Beancount<W> {
    fn begin(&mut self, chart: &Chart) -> io::Result<()> {
        writeln!(self.out, "option \"title\" {}", quoted(&format!("{} {}", chart.code, chart.name)))?;
        // Quantities are exact: not even half of the last digit may be missing.
        writeln!(self.out, "option \"tolerance_multiplier\" \"0\"")?;
        writeln!(self.out, "option \"operating_currency\" \"CNY\"")?;
        let Some((first, _)) = chart.days else { return Ok(()) };
        for (id, asset) in &chart.assets {
            writeln!(self.out, "\n{first} commodity {}", named(&self.commodities, *id)?)?;
            writeln!(self.out, "  code: {}\n  kind: {}", quoted(&asset.code), quoted(&asset.kind))?;
            writeln!(self.out, "  unit: {}", quoted(&asset.unit))?;
        }
        Ok(())
    }

    fn account(&mut self, chart: &Chart, account: &Account) -> io::Result<()> {
        let Some((first, _)) = chart.days else { return Ok(()) };
        let (name, commodity) = (self.name(chart, account)?, named(&self.commodities, account.asset)?);
        writeln!(self.out, "\n{first} open {name} {commodity}")?;
        writeln!(self.out, "  account: \"{}\"\n  owner: \"{}\"", account.id, account.owner)
    }

    fn journal(&mut self, chart: &Chart, journal: &Journal) -> io::Result<()> {
        writeln!(self.out, "\n{} * {}", journal.effective_on, quoted(&journal.kind))?;
        for (word, fact) in facts(journal) {
            writeln!(self.out, "  {word}: {}", quoted(&fact))?;
        }
        for entry in &journal.entries {
            let name = self.name(chart, &entry.account)?;
            let amount = print(asset_of(chart, &entry.account)?, entry.amount);
            if journal.effective_on == Date::MAX {
                let moved = self.on_last_day.entry(entry.account.id).or_default();
                let sum = moved.checked_add(entry.amount);
                *moved = sum.ok_or_else(|| io::Error::other("a sum of entries cannot be counted"))?;
            }
            writeln!(self.out, "  {name}  {amount} {}", named(&self.commodities, entry.account.asset)?)?;
            writeln!(self.out, "    line: {}\n    version: {}", entry.line, entry.version)?;
        }
        Ok(())
    }

    fn assertion(&mut self, chart: &Chart, assertion: &Assertion<'_>) -> io::Result<()> {
        let account = assertion.account;
        let (name, commodity) = (self.name(chart, account)?, named(&self.commodities, account.asset)?);
        let (day, units) = self.at_a_beginning(assertion)?;
        let balance = print(asset_of(chart, account)?, units);
        writeln!(self.out, "\n{day} balance {name}  {balance} ~ 0 {commodity}")
    }

    fn end(&mut self, extent: &Extent) -> io::Result<()> {
        let Extent { accounts, journals, entries } = extent;
        writeln!(self.out, "\n; The end: {accounts} accounts, {journals} journals, {entries} entries")?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commodity_is_short_and_its_own() {
        assert_eq!(commodity(0, "CNY"), "CNY");
        assert_eq!(commodity(1, "COD-MULTI-PAID-LUSHUI-20210101-20251231"), "COD.2");
        assert_eq!(commodity(2, "NH3N-MULTI"), "NH3N.3");
        assert_eq!(commodity(3, "氨氮-MULTI"), "X.4");
        assert_eq!(commodity(4, "420000/421200 COD"), "X.5");
        assert_eq!(commodity(5, "Q"), "Q.6");
    }

    #[test]
    fn a_part_begins_with_a_capital_or_a_digit() {
        assert_eq!(capital(&part("临江 纸业(一)")), "X-临江-纸业-一");
        assert_eq!(capital("available"), "Available");
        assert_eq!(capital("420000-421200-COD"), "420000-421200-COD");
    }

    #[test]
    fn a_quotation_cannot_be_left() {
        assert_eq!(quoted("a\"b\\c\nd"), "\"a\\\"b\\\\c d\"");
    }
}
