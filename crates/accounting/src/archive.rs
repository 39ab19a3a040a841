//! Examining a book away from the server that keeps it (离线核验): the canonical texts of every journal and every record in the order
//! of the log, and the checkpoints that sign them. Nothing but the texts and public keys is trusted. Every leaf, every root, every
//! balance, every version and every seal of a month is derived again, and each leaf that differs is named.

use crate::account::Purpose;
use crate::archive_seals::SealedMonths;
use crate::leaf::{self, LeafEntry, LeafJournal};
use crate::note::{self, NoteFault, TreeHead, WitnessKey};
use crate::record::{self, Record};
use crate::tree::{Edge, Hash, leaf_hash};
use crate::verify::Difference;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// How much was read, and of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Extent {
    /// Journals.
    pub journals: u64,
    /// Entries.
    pub entries: u64,
    /// Accounts.
    pub accounts: u64,
    /// Evidence records.
    pub records: u64,
    /// Sealed months.
    pub seals: u64,
    /// Checkpoints that a trusted key has signed.
    pub checkpoints: u64,
    /// The newest of them.
    pub head: Option<TreeHead>,
    /// Names of the trusted witnesses with the size that each has cosigned last.
    pub cosigned: BTreeMap<String, u64>,
}

/// Numbers that must come once each without a gap, in nearly any order: a row of a node with a slow clock may enter the log
/// after its successors.
#[derive(Debug)]
struct Trail<T> {
    next: i64,
    ahead: BTreeMap<i64, T>,
}

impl<T> Trail<T> {
    fn new() -> Self {
        Self { next: 1, ahead: BTreeMap::new() }
    }

    /// Takes a number; tells whether it came before.
    fn take(&mut self, number: i64, item: T) -> bool {
        number >= self.next && self.ahead.insert(number, item).is_none()
    }

    /// The next one in order, once it is there.
    fn follow(&mut self) -> Option<T> {
        let item = self.ahead.remove(&self.next)?;
        self.next += 1;
        Some(item)
    }
}

/// An account as its entries tell it.
#[derive(Debug)]
struct Account {
    owner: Uuid,
    asset: Uuid,
    purpose: String,
    subject: Option<Uuid>,
    balance: i64,
    trail: Trail<(u64, i64, i64)>,
}

/// The examination of one archive.
#[derive(Debug)]
pub struct Examination {
    vkeys: Vec<String>,
    witnesses: Vec<WitnessKey>,
    kept: Vec<TreeHead>,
    edge: Edge,
    /// Size of the tree at the last checkpoint whose root was right.
    proved: u64,
    is_broken: bool,
    accounts: HashMap<Uuid, Account>,
    rows: HashMap<(String, String), Trail<u64>>,
    reversed: HashSet<Uuid>,
    months: SealedMonths,
    extent: Extent,
    found: Vec<Difference>,
}

impl Examination {
    /// Begins with the public keys that are trusted, those of witnesses, and checkpoints that were kept from before.
    ///
    /// # Errors
    /// [`NoteFault`] when a key is none or a kept checkpoint is not signed by one of the keys.
    pub fn begin(vkeys: &[String], witnesses: &[String], kept: &[String]) -> Result<Self, NoteFault> {
        let trusted: Vec<&str> = vkeys.iter().map(String::as_str).collect();
        let opened = kept.iter().map(|note| note::open(note, &trusted).map(|opened| opened.head));
        let mut kept = opened.collect::<Result<Vec<_>, _>>()?;
        kept.sort_by_key(|head| head.size);
        Ok(Self {
            vkeys: vkeys.to_vec(),
            witnesses: witnesses.iter().map(|vkey| WitnessKey::parse(vkey)).collect::<Result<_, _>>()?,
            kept,
            edge: Edge::default(),
            proved: 0,
            is_broken: false,
            accounts: HashMap::new(),
            rows: HashMap::new(),
            reversed: HashSet::new(),
            months: SealedMonths::default(),
            extent: Extent::default(),
            found: Vec::new(),
        })
    }

    fn differs(&mut self, row: impl Into<String>, fault: impl Into<String>) {
        self.found.push(Difference { table: "archive", row: row.into(), fault: fault.into() });
    }

    /// Takes the next leaf: its place, the hash that is claimed for it, and its text.
    pub fn leaf(&mut self, position: u64, claimed: Hash, text: &str) {
        let place = self.edge.size();
        if position != place {
            self.differs(format!("leaf {position}"), format!("leaf {place} was expected here"));
        }
        let derived = leaf_hash(text.as_bytes());
        if derived != claimed {
            self.differs(format!("leaf {place}"), "its text does not give the hash that is claimed for it");
        }
        self.edge.append(derived);
        if text.starts_with(leaf::VERSION) {
            match LeafJournal::parse(text) {
                Some(journal) => self.journal(place, &journal, derived),
                None => self.differs(format!("leaf {place}"), "it is not the canonical form of a journal"),
            }
        } else if let Some(record) = Record::parse(text) {
            self.record(place, record);
        } else {
            let fault = format!("it is neither a journal nor a {}", record::VERSION);
            self.differs(format!("leaf {place}"), fault);
        }
        self.compare_kept();
    }

    fn journal(&mut self, place: u64, journal: &LeafJournal, hash: Hash) {
        let row = format!("leaf {place} (journal {})", journal.id);
        self.months.journal(&row, journal, hash);
        self.extent.journals += 1;
        self.extent.entries += journal.entries.len() as u64;
        if journal.reverses.is_some_and(|reversed| !self.reversed.insert(reversed)) {
            self.differs(row.clone(), "it undoes a journal that was undone before");
        }
        for sides in journal.entries.chunks(2) {
            let is_posting = matches!(sides, [from, to] if from.line == to.line && from.asset == to.asset
                && from.amount < 0 && from.amount.checked_neg() == Some(to.amount));
            if !is_posting {
                let line = sides.first().map_or(0, |side| side.line);
                self.differs(row.clone(), format!("line {line} is not one amount from one account to another"));
            }
        }
        for entry in &journal.entries {
            self.entry(place, &row, entry);
        }
    }

    fn entry(&mut self, place: u64, row: &str, entry: &LeafEntry) {
        let LeafEntry { owner, asset, purpose, subject, .. } = entry.clone();
        let account = self.accounts.entry(entry.account).or_insert_with(|| Account {
            owner,
            asset,
            purpose: purpose.clone(),
            subject,
            balance: 0,
            trail: Trail::new(),
        });
        let mut faults = Vec::new();
        if (account.owner, account.asset, &account.purpose, account.subject) != (owner, asset, &purpose, subject) {
            faults.push(format!("account {} is another one than in an earlier entry", entry.account));
        }
        match Purpose::parse(&purpose) {
            Some(purpose) if purpose.guarded() && entry.balance_after < 0 => {
                faults.push(format!("the guarded account {} stands at {}", entry.account, entry.balance_after));
            }
            Some(_) => {}
            None => faults.push(format!("nobody knows the purpose {purpose}")),
        }
        if !account.trail.take(entry.version, (place, entry.amount, entry.balance_after)) {
            faults.push(format!("account {} has its version {} twice", entry.account, entry.version));
        }
        let mut wrong = Vec::new();
        while let Some((place, amount, balance_after)) = account.trail.follow() {
            if account.balance.checked_add(amount) != Some(balance_after) {
                wrong.push((
                    place,
                    format!("account {}: {} and {amount} do not make {balance_after}", entry.account, account.balance),
                ));
            }
            account.balance = balance_after;
        }
        for fault in faults {
            self.differs(row, fault);
        }
        for (place, fault) in wrong {
            self.differs(format!("leaf {place}"), fault);
        }
    }

    fn record(&mut self, place: u64, record: Record) {
        self.extent.records += 1;
        let Record { table, key, version, .. } = record;
        let trail = self.rows.entry((table.clone(), key.clone())).or_insert_with(Trail::new);
        let is_new = trail.take(version, place);
        while trail.follow().is_some() {}
        if !is_new {
            self.differs(format!("leaf {place} ({table} {key})"), format!("version {version} was recorded before"));
        }
    }

    /// Takes a checkpoint at its place behind the leaves that it signs, with the lines of witnesses under it.
    pub fn checkpoint(&mut self, note: &str, cosignatures: &[String]) {
        let trusted: Vec<&str> = self.vkeys.iter().map(String::as_str).collect();
        let head = match note::open(note, &trusted) {
            Ok(opened) => opened.head,
            // Signed by a key that was retired before the trusted one: the newer checkpoints cover its leaves too.
            Err(NoteFault::Unsigned) => return,
            Err(fault) => {
                return self.differs(format!("checkpoint after leaf {}", self.edge.size()), fault.to_string());
            }
        };
        let row = format!("checkpoint of size {}", head.size);
        self.extent.checkpoints += 1;
        let is_right = head.size == self.edge.size() && head.root == self.edge.root();
        if is_right {
            self.proved = head.size;
        } else if !self.is_broken {
            // After one wrong root every later one is wrong too.
            self.is_broken = true;
            let fault = if head.size == self.edge.size() {
                format!("its root is not that of the leaves: one of the leaves from {} on is another", self.proved)
            } else {
                format!("it stands behind {} leaves", self.edge.size())
            };
            self.differs(row.clone(), fault);
        }
        for line in cosignatures {
            let signed: Vec<(String, Result<u64, NoteFault>)> =
                self.witnesses.iter().map(|key| (key.name().to_owned(), key.check(&head, line))).collect();
            for (name, checked) in signed {
                match checked {
                    Ok(_) => {
                        let size = self.extent.cosigned.entry(name).or_default();
                        *size = head.size.max(*size);
                    }
                    Err(NoteFault::Unsigned) => {}
                    Err(fault) => self.differs(row.clone(), format!("the line of {name}: {fault}")),
                }
            }
        }
        self.extent.head = Some(head);
    }

    /// Compares the kept checkpoints that the leaves have reached.
    fn compare_kept(&mut self) {
        while let Some(kept) = self.kept.first().filter(|kept| kept.size <= self.edge.size()).cloned() {
            self.kept.remove(0);
            if kept.size == self.edge.size() && kept.root != self.edge.root() {
                let fault = "the leaves up to here are not those that it signed: history was rewritten";
                self.differs(format!("kept checkpoint of size {}", kept.size), fault);
            }
        }
    }

    /// Ends the examination: tells how much was read, and everything that differs.
    pub fn close(mut self) -> (Extent, Vec<Difference>) {
        let size = self.edge.size();
        match &self.extent.head {
            None => self.differs("checkpoint", "none is signed by a key that you trust"),
            Some(head) if head.size < size => {
                let fault = format!("the newest checkpoint signs {} leaves only", head.size);
                self.differs(format!("leaf {}", head.size), fault);
            }
            Some(_) => {}
        }
        for kept in std::mem::take(&mut self.kept) {
            let fault = format!("the archive ends with {size} leaves: the end was cut off");
            self.differs(format!("kept checkpoint of size {}", kept.size), fault);
        }
        let names = self.witnesses.iter().map(WitnessKey::name);
        let unsigned = names.filter(|name| !self.extent.cosigned.contains_key(*name)).map(str::to_owned);
        for name in unsigned.collect::<Vec<_>>() {
            self.differs(format!("witness {name}"), "it has cosigned none of the checkpoints");
        }
        let mut gaps: Vec<(String, i64)> = Vec::new();
        for (id, account) in &self.accounts {
            gaps.extend((!account.trail.ahead.is_empty()).then(|| (format!("account {id}"), account.trail.next)));
        }
        for ((table, key), trail) in &self.rows {
            gaps.extend((!trail.ahead.is_empty()).then(|| (format!("{table} {key}"), trail.next)));
        }
        gaps.sort();
        for (row, version) in gaps {
            self.differs(row, format!("version {version} is missing"));
        }
        let (seals, faults) = std::mem::take(&mut self.months).close();
        for (row, fault) in faults {
            self.differs(row, fault);
        }
        self.extent.seals = seals;
        self.extent.accounts = self.accounts.len() as u64;
        (self.extent, self.found)
    }
}
