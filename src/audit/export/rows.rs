//! One row of comma-separated values for each entry.

use super::queries::{Account, Chart, Journal};
use super::{Assertion, Extent, Form, asset_of, print};
use crate::http::sheet::guarded as text;
use std::io::{self, Write};
use uuid::Uuid;

/// The first row.
const HEADER: [&str; 23] = [
    "journal",
    "kind",
    "subject_kind",
    "subject",
    "subject_version",
    "effective_on",
    "recorded_at",
    "actor",
    "reason",
    "document_hash",
    "reverses",
    "line",
    "account",
    "owner_kind",
    "owner",
    "owner_name",
    "asset",
    "unit",
    "purpose",
    "held_for",
    "amount",
    "balance_after",
    "version",
];

/// Writes rows.
pub(super) struct Rows<W: Write> {
    out: csv::Writer<W>,
}

impl<W: Write> Rows<W> {
    /// Without any row yet.
    pub(super) fn new(out: W) -> Self {
        Self { out: csv::Writer::from_writer(out) }
    }
}

fn id_or_nothing(id: Option<Uuid>) -> String {
    id.map(|id| id.to_string()).unwrap_or_default()
}

impl<W: Write> Form for Rows<W> {
    fn begin(&mut self, _chart: &Chart) -> io::Result<()> {
        Ok(self.out.write_record(HEADER)?)
    }

    fn account(&mut self, _chart: &Chart, _account: &Account) -> io::Result<()> {
        Ok(())
    }

    fn journal(&mut self, chart: &Chart, journal: &Journal) -> io::Result<()> {
        for entry in &journal.entries {
            let account = &entry.account;
            let asset = asset_of(chart, account)?;
            let no_owner = || io::Error::other(format!("no owner {}", account.owner));
            let owner = chart.owners.get(&account.owner).ok_or_else(no_owner)?;
            self.out.write_record([
                journal.id.to_string().as_str(),
                &text(&journal.kind),
                &text(&journal.subject_kind),
                &journal.subject.to_string(),
                &journal.subject_version.to_string(),
                &journal.effective_on.to_string(),
                &journal.recorded_at.to_string(),
                &journal.actor.to_string(),
                &text(journal.reason.as_deref().unwrap_or_default()),
                &text(journal.document_hash.as_deref().unwrap_or_default()),
                &id_or_nothing(journal.reverses),
                &entry.line.to_string(),
                &account.id.to_string(),
                &text(&owner.kind),
                &account.owner.to_string(),
                &text(&owner.name),
                &text(&asset.code),
                &text(&asset.unit),
                &text(&account.purpose),
                &id_or_nothing(account.subject),
                &print(asset, entry.amount),
                &print(asset, entry.balance_after),
                &entry.version.to_string(),
            ])?;
        }
        Ok(())
    }

    fn asserts(&self) -> bool {
        false
    }

    fn assertion(&mut self, _chart: &Chart, _assertion: &Assertion<'_>) -> io::Result<()> {
        Ok(())
    }

    fn end(&mut self, _extent: &Extent) -> io::Result<()> {
        self.out.flush()
    }
}
