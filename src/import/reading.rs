//! Transactions one after the other, as the file has them: a transaction stands where its first row stands, and rows of it
//! that stand further down are fetched.

use super::register::{Register, open};
use super::survey::Survey;
use super::table::{Fault, Place, Table};
use super::transaction::{COLUMNS, Gathering, ID, TRANSACTIONS, Transaction};
use std::fs::File;
use std::path::PathBuf;

/// The transactions that are still to be read.
pub struct Reading<'s> {
    folder: PathBuf,
    register: &'s Register,
    survey: &'s Survey,
    table: Table<File>,
    elsewhere: Option<Table<File>>,
}

impl<'s> Reading<'s> {
    /// Goes on from a place, or begins.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn from(
        folder: PathBuf,
        register: &'s Register,
        survey: &'s Survey,
        place: Option<Place>,
    ) -> Result<Self, Vec<Fault>> {
        let mut table = Table::begin(TRANSACTIONS, open(&folder, TRANSACTIONS)?, COLUMNS)?;
        if let Some(place) = place {
            table.go_to(place)?;
        }
        Ok(Self { folder, register, survey, table, elsewhere: None })
    }

    /// The next transaction with all its rows; nothing at the end.
    ///
    /// # Errors
    /// What cannot be read.
    pub fn next(&mut self) -> Result<Option<Transaction>, Vec<Fault>> {
        loop {
            let (register, survey) = (self.register, self.survey);
            let Some(line) = self.table.peek()? else { return Ok(None) };
            let runs = survey.scattered.get(line.raw(ID));
            let is_first = runs.and_then(|runs| runs.first()).is_none_or(|first| *first == line.place);
            let mut gathering = Gathering::begin(register, survey, &line);
            let id = line.raw(ID).to_vec();
            take(&mut self.table, &id, &mut gathering)?;
            if !is_first {
                continue;
            }
            let next = self.table.place()?;
            for run in runs.into_iter().flatten().skip(1) {
                let table = self.elsewhere()?;
                table.go_to(*run)?;
                take(table, &id, &mut gathering)?;
            }
            return Ok(Some(gathering.finish(next)));
        }
    }

    fn elsewhere(&mut self) -> Result<&mut Table<File>, Vec<Fault>> {
        if self.elsewhere.is_none() {
            self.elsewhere = Some(Table::begin(TRANSACTIONS, open(&self.folder, TRANSACTIONS)?, COLUMNS)?);
        }
        self.elsewhere.as_mut().ok_or_else(Vec::new)
    }
}

/// Takes the rows of one transaction that follow each other.
fn take(table: &mut Table<File>, id: &[u8], gathering: &mut Gathering<'_>) -> Result<(), Vec<Fault>> {
    while let Some(line) = table.peek()? {
        if line.raw(ID) != id {
            break;
        }
        gathering.add(&line);
        table.advance();
    }
    Ok(())
}
