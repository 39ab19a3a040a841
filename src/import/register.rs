//! The register as it stood at its beginning: who held accounts, what was counted, and the opening balances.

use super::error::ImportRefusal;
use super::table::{Fault, Hashed, Line, Table};
use crate::kernel::ids;
use crate::ledger::book_side;
use accounting::decimal::{self, DecimalFault};
use accounting::{
    AssetId, Books, Holding, Insufficient, Journal, JournalKind, OwnerId, Posting, Purpose, Subject, SubjectKind,
};
use jiff::civil::Date;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;

/// Who holds accounts.
pub const ACCOUNTS: &str = "accounts.csv";
/// What is counted.
pub const ASSETS: &str = "assets.csv";
/// What they held at the beginning.
pub const OPENING_BALANCES: &str = "opening_balances.csv";

/// Most decimals of an asset: one unit of it still fits into 64 bits.
const LARGEST_SCALE: u32 = 18;

/// Who had an account.
#[derive(Debug, Clone)]
pub struct Holder {
    /// Owner in the books.
    pub owner: OwnerId,
    /// The id that the register knew it by.
    pub external_id: String,
    /// Its name.
    pub name: String,
    /// What the register called that kind of account.
    pub kind: String,
}

/// What the register counted.
#[derive(Debug, Clone)]
pub struct Counted {
    /// Asset in the books.
    pub asset: AssetId,
    /// The code that the register knew it by.
    pub code: String,
    /// Its unit.
    pub unit: String,
    /// Smallest units in one unit: ten to the power of the scale.
    pub units_per_whole: i64,
    /// Decimals.
    pub scale: u32,
}

impl Counted {
    /// One with a scale; none when one unit of it would not fit into 64 bits.
    pub fn with_scale(asset: AssetId, code: String, unit: String, scale: u32) -> Option<Self> {
        let units_per_whole = 10_i64.checked_pow(scale)?;
        Some(Self { asset, code, unit, units_per_whole, scale })
    }

    /// Reads an amount in its unit, zero or more, into smallest units.
    pub fn read(&self, text: &str) -> Result<i64, DecimalFault> {
        decimal::parse(text, self.units_per_whole, self.scale)
    }

    /// The canonical decimal: always with all decimals of the scale.
    pub fn print(&self, units: i64) -> String {
        decimal::print(units, self.units_per_whole, self.scale)
    }
}

/// An amount with which an account begins; it may be zero.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// Line in its file.
    pub line: u64,
    /// Whose, of what.
    pub holding: Holding,
    /// Smallest units.
    pub units: i64,
}

/// Holders and assets by the ids of the register.
#[derive(Debug, Clone, Default)]
pub struct Register {
    /// Holders by external id.
    pub holders: HashMap<String, Holder>,
    /// Assets by code.
    pub assets: HashMap<String, Counted>,
}

impl Register {
    /// The holder behind an owner.
    pub fn holder_of(&self, owner: OwnerId) -> &str {
        self.holders.values().find(|holder| holder.owner == owner).map_or("issued", |holder| &holder.external_id)
    }

    /// The asset with this id.
    pub fn asset_of(&self, asset: AssetId) -> Option<&Counted> {
        self.assets.values().find(|counted| counted.asset == asset)
    }

    /// What the ledger refused, in the words of the register.
    pub fn explain(&self, insufficient: Insufficient) -> ImportRefusal {
        match insufficient {
            Insufficient::Short { account, balance, wanted } => {
                let print = |units: i64| {
                    self.asset_of(account.asset).map_or_else(|| units.to_string(), |counted| counted.print(units))
                };
                ImportRefusal::NotEnough {
                    account: self.holder_of(account.owner).to_owned(),
                    asset: self.code_of(account.asset),
                    held: print(balance),
                    wanted: print(wanted),
                }
            }
            Insufficient::Overflow { account } => ImportRefusal::Overflow { asset: self.code_of(account.asset) },
        }
    }

    fn code_of(&self, asset: AssetId) -> String {
        self.asset_of(asset).map(|counted| counted.code.clone()).unwrap_or_default()
    }
}

/// What the three files say, and their hashes.
#[derive(Debug, Default)]
pub struct Beginning {
    /// Holders and assets.
    pub register: Register,
    /// The opening balances in the order of their file.
    pub openings: Vec<Opening>,
    /// SHA-256 of each file.
    pub hashes: BTreeMap<&'static str, String>,
}

/// Reads the three files.
///
/// # Errors
/// Every fault in any of them.
pub fn read(folder: &Path) -> Result<Beginning, Vec<Fault>> {
    let (mut beginning, mut faults) = (Beginning::default(), Vec::new());
    let mut lines: [HashMap<String, u64>; 3] = Default::default();
    let [accounts, assets, openings] = &mut lines;
    each(folder, ACCOUNTS, &["account", "name", "kind"], &mut beginning, &mut faults, |beginning, line, faults| {
        let (account, name, kind) = (line.required(0, faults), line.text(1, faults), line.text(2, faults));
        let (Some(account), Some(name), Some(kind)) = (account, name, kind) else { return };
        if is_first(accounts, account.to_owned(), account, line, faults) {
            let holder = Holder {
                owner: OwnerId(ids::fresh()),
                external_id: account.to_owned(),
                name: name.to_owned(),
                kind: kind.to_owned(),
            };
            beginning.register.holders.insert(account.to_owned(), holder);
        }
    });
    each(folder, ASSETS, &["asset", "unit", "scale"], &mut beginning, &mut faults, |beginning, line, faults| {
        let (code, unit, scale) = (line.required(0, faults), line.text(1, faults), line.required(2, faults));
        let (Some(code), Some(unit), Some(scale)) = (code, unit, scale) else { return };
        let scale = scale.bytes().all(|byte| byte.is_ascii_digit()).then(|| scale.parse().ok()).flatten();
        let counted = scale
            .filter(|scale| *scale <= LARGEST_SCALE)
            .and_then(|scale| Counted::with_scale(AssetId(ids::fresh()), code.to_owned(), unit.to_owned(), scale));
        let Some(counted) = counted else {
            return faults.push(line.fault(2, &ImportRefusal::BadScale { max: LARGEST_SCALE.to_string() }));
        };
        if is_first(assets, code.to_owned(), code, line, faults) {
            beginning.register.assets.insert(code.to_owned(), counted);
        }
    });
    let names = &["account", "asset", "amount"];
    // Names that a file would list which cannot be read are not faults of their own.
    let is_known = [ACCOUNTS, ASSETS].iter().all(|file| beginning.hashes.contains_key(file));
    each(folder, OPENING_BALANCES, names, &mut beginning, &mut faults, |beginning, line, faults| {
        if !is_known {
            return;
        }
        let holding = holding(&beginning.register, line, [0, 1], faults);
        let units = holding.and_then(|(_, counted)| units(counted, line, 2, faults));
        let (Some((holder, counted)), Some(units)) = (holding, units) else { return };
        // No control character passes, so none can stand in both names.
        let (key, what) = (format!("{}\n{}", holder.external_id, counted.code), holder.external_id.as_str());
        let holding = Holding { owner: holder.owner, asset: counted.asset };
        if is_first(openings, key, what, line, faults) {
            beginning.openings.push(Opening { line: line.place.line, holding, units });
        }
    });
    if faults.is_empty() { Ok(beginning) } else { Err(faults) }
}

/// Reads every row of a file, notes its hash and its faults.
fn each(
    folder: &Path,
    file: &'static str,
    names: &'static [&'static str],
    beginning: &mut Beginning,
    faults: &mut Vec<Fault>,
    mut row: impl FnMut(&mut Beginning, &Line<'_>, &mut Vec<Fault>),
) {
    let mut read = |faults: &mut Vec<Fault>| -> Result<String, Vec<Fault>> {
        let mut table = Table::begin(file, Hashed::new(open(folder, file)?), names)?;
        while let Some(line) = table.peek()? {
            if line.must_be_whole(faults) {
                row(beginning, &line, faults);
            }
            table.advance();
        }
        Ok(table.source().digest())
    };
    match read(faults) {
        Ok(hash) => {
            beginning.hashes.insert(file, hash);
        }
        Err(more) => faults.extend(more),
    }
}

/// Opens a file of the register.
///
/// # Errors
/// [`ImportRefusal::Unreadable`].
pub fn open(folder: &Path, file: &str) -> Result<File, Vec<Fault>> {
    File::open(folder.join(file))
        .map_err(|error| vec![Fault::new(file, 1, &ImportRefusal::Unreadable { reason: error.to_string() })])
}

/// Whether a name stands there for the first time; notes where it stood before.
fn is_first(
    seen: &mut HashMap<String, u64>,
    key: String,
    what: &str,
    line: &Line<'_>,
    faults: &mut Vec<Fault>,
) -> bool {
    match seen.entry(key) {
        Entry::Vacant(place) => {
            place.insert(line.place.line);
            true
        }
        Entry::Occupied(first) => {
            let refusal = ImportRefusal::Duplicate { what: what.to_owned(), first: first.get().to_string() };
            faults.push(line.fault(0, &refusal));
            false
        }
    }
}

/// The holder and the asset that two columns name.
pub fn holding<'r>(
    register: &'r Register,
    line: &Line<'_>,
    [account, asset]: [usize; 2],
    faults: &mut Vec<Fault>,
) -> Option<(&'r Holder, &'r Counted)> {
    let (holder, counted) = (holder(register, line, account, faults), counted(register, line, asset, faults));
    holder.zip(counted)
}

/// The holder that a column names.
pub fn holder<'r>(
    register: &'r Register,
    line: &Line<'_>,
    column: usize,
    faults: &mut Vec<Fault>,
) -> Option<&'r Holder> {
    let account = line.required(column, faults)?;
    let found = register.holders.get(account);
    if found.is_none() {
        faults.push(line.fault(column, &ImportRefusal::UnknownAccount { account: account.to_owned() }));
    }
    found
}

/// The asset that a column names.
pub fn counted<'r>(
    register: &'r Register,
    line: &Line<'_>,
    column: usize,
    faults: &mut Vec<Fault>,
) -> Option<&'r Counted> {
    let asset = line.required(column, faults)?;
    let found = register.assets.get(asset);
    if found.is_none() {
        faults.push(line.fault(column, &ImportRefusal::UnknownAsset { asset: asset.to_owned() }));
    }
    found
}

/// The amount in a column, zero or more.
pub fn units(counted: &Counted, line: &Line<'_>, column: usize, faults: &mut Vec<Fault>) -> Option<i64> {
    let text = line.required(column, faults)?;
    let read = counted.read(text).map_err(|fault| match text.strip_prefix('-') {
        // A number below zero is told from what is no number.
        Some(rest) if counted.read(rest).is_ok() => ImportRefusal::Negative {},
        _ => fault.into(),
    });
    read.map_err(|refusal| faults.push(line.fault(column, &refusal))).ok()
}

impl Beginning {
    /// One journal for each holder that begins with something: the book's `issued` → the holder's `available`.
    ///
    /// # Errors
    /// [`ImportRefusal::Overflow`], with the line at which the books overflow.
    pub fn journals(&self, effective_on: Date) -> Result<(Vec<Journal>, Books), Vec<Fault>> {
        let (mut books, mut by_holder) = (Books::default(), BTreeMap::<OwnerId, Vec<(u64, Posting)>>::new());
        let mut faults = Vec::new();
        for Opening { line, holding, units } in self.openings.iter().filter(|opening| opening.units > 0) {
            let issued = book_side(holding.asset).account(Purpose::Issued);
            if let Ok(posting) = Posting::transfer(issued, holding.available(), *units) {
                by_holder.entry(holding.owner).or_default().push((*line, posting));
            }
        }
        let mut journals = Vec::with_capacity(by_holder.len());
        for (holder, postings) in by_holder {
            let subject = Subject { kind: SubjectKind::Holder, id: holder.0, version: 1 };
            let lines: Vec<u64> = postings.iter().map(|(line, _)| *line).collect();
            let postings = postings.into_iter().map(|(_, posting)| posting).collect();
            let id = ids::fresh_journal();
            let journal = Journal::new(id, JournalKind::OpeningBalance, subject, effective_on, postings);
            match apply(&mut books, &journal) {
                Ok(()) => journals.push(journal),
                Err((at, insufficient)) => {
                    let line = lines.get(at).copied().unwrap_or(1);
                    faults.push(Fault::new(OPENING_BALANCES, line, &self.register.explain(insufficient)));
                }
            }
        }
        if faults.is_empty() { Ok((journals, books)) } else { Err(faults) }
    }
}

/// Applies a journal to books in memory, or tells which of its postings they refuse.
///
/// # Errors
/// The number of the posting, and why.
pub fn apply(books: &mut Books, journal: &Journal) -> Result<(), (usize, Insufficient)> {
    let Err(insufficient) = books.apply(journal) else { return Ok(()) };
    // One posting after the other, on a copy of the accounts it touches, up to the one that does not pass.
    let mut steps = Books::from_standings(journal.accounts().map(|account| (account, books.standing(&account))));
    for (at, posting) in journal.postings.iter().enumerate() {
        let step = Journal::new(journal.id, journal.kind, journal.subject, journal.effective_on, vec![*posting]);
        if let Err(insufficient) = steps.apply(&step) {
            return Err((at, insufficient));
        }
    }
    Err((0, insufficient))
}
