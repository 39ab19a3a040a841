//! Builds the whole log again from the rows of the books, and names each row of it that differs: leaves against their journals, nodes
//! and roots against the leaves, signatures against the listed keys. A checkpoint that somebody kept shows what the log
//! itself cannot: that its end was cut off, or that all of it was written anew.

use super::queries::{self, Cosignature, LogKey};
use super::store::{SOURCES, hash_of};
use super::{Checkpoint, signed};
use crate::db::columns::hexadecimal;
use crate::db::{BOOK, bind_all};
use crate::kernel::Failure;
use accounting::note::{self, TreeHead, WitnessKey};
use accounting::tree::{Edge, Hash, Node, width_of};
use accounting::verify::Difference;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use std::collections::{HashMap, VecDeque};
use uuid::Uuid;

/// Leaves read at a time: bounds memory whatever the size of the log.
const CHUNK: u64 = 20_000;
/// Rows of a source that one statement looks up by their ids.
const LOOKED_UP: usize = 1_000;
/// Positions that are missing in a row and still taken for single deleted leaves.
const WIDEST_GAP: u64 = 10_000;

fn differs(table: &'static str, row: String, fault: impl Into<String>) -> Difference {
    Difference { table, row, fault: fault.into() }
}

/// A leaf as it was read, beside the hash that its source has.
struct ReadLeaf {
    position: u64,
    source: String,
    source_id: Uuid,
    leaf_hash: Hash,
    sequenced_at: i64,
    of_source: Option<Hash>,
}

impl ReadLeaf {
    fn row(&self) -> String {
        format!("position {} ({} {})", self.position, self.source, self.source_id)
    }
}

/// The log, built again as it is read.
struct Rebuilt<'a, C> {
    books: &'a C,
    keys: Vec<LogKey>,
    edge: Edge,
    /// Checkpoints that the leaves have not reached yet.
    ahead: VecDeque<Checkpoint>,
    /// Whether the newest checkpoint was read.
    is_all_read: bool,
    /// The checkpoint that was compared last.
    last: Option<Checkpoint>,
    /// Kept checkpoints that the leaves have not reached yet, by size.
    kept: VecDeque<TreeHead>,
    /// After one wrong root every later one is wrong too; it is named once.
    is_broken: bool,
    found: Vec<Difference>,
}

/// Checks the log of one state of the books. `kept` are checkpoints from elsewhere whose signatures were checked already.
///
/// # Errors
/// A fault of the database.
pub async fn check(books: &impl ConnectionTrait, kept: &[TreeHead]) -> Result<Vec<Difference>, Failure> {
    let mut kept = kept.to_vec();
    kept.sort_by_key(|head| head.size);
    let keys = queries::list_keys(books).await?;
    if keys.is_empty() {
        return Ok(vec![differs("log_keys", "number 1".to_owned(), "the log has no key")]);
    }
    let mut rebuilt = Rebuilt {
        books,
        keys,
        edge: Edge::default(),
        ahead: VecDeque::new(),
        is_all_read: false,
        last: None,
        kept: kept.into(),
        is_broken: false,
        found: Vec::new(),
    };
    rebuilt.reach().await?;
    rebuilt.follow_leaves().await?;
    rebuilt.close().await?;
    let mut found = rebuilt.found;
    let end = rebuilt.last.map_or(0, |last| last.stable_before.micros());
    for (_, table) in SOURCES {
        found.extend(missing(books, table, end).await?);
    }
    found.extend(check_signing_key(books, &rebuilt.keys).await?);
    found.extend(check_cosignatures(books).await?);
    Ok(found)
}

impl<C: ConnectionTrait> Rebuilt<'_, C> {
    async fn follow_leaves(&mut self) -> Result<(), Failure> {
        loop {
            let leaves = read_leaves(self.books, self.edge.size()).await?;
            if leaves.is_empty() {
                return Ok(());
            }
            let from = self.edge.size();
            let mut nodes = Vec::new();
            for leaf in &leaves {
                if leaf.position.saturating_sub(self.edge.size()) > WIDEST_GAP {
                    self.found.push(differs("log_leaves", leaf.row(), "the leaves before it are missing"));
                    return Ok(());
                }
                while self.edge.size() < leaf.position {
                    let row = format!("position {}", self.edge.size());
                    self.found.push(differs("log_leaves", row, "the leaf is missing"));
                    self.append([0; 32], None, &mut nodes).await?;
                }
                self.found.extend(against_source(leaf));
                self.append(leaf.leaf_hash, Some(leaf), &mut nodes).await?;
            }
            self.compare_nodes(from, &nodes).await?;
        }
    }

    async fn append(&mut self, hash: Hash, leaf: Option<&ReadLeaf>, nodes: &mut Vec<Node>) -> Result<(), Failure> {
        self.fill().await?;
        if let Some(leaf) = leaf {
            match self.ahead.front() {
                None => self.found.push(differs("log_leaves", leaf.row(), "no checkpoint covers it")),
                Some(cover) if cover.recorded_at.micros() != leaf.sequenced_at => {
                    let fault = format!(
                        "it claims to be sequenced at {}, its checkpoint {} is of {}",
                        leaf.sequenced_at,
                        cover.number,
                        cover.recorded_at.micros()
                    );
                    self.found.push(differs("log_leaves", leaf.row(), fault));
                }
                Some(_) => {}
            }
        }
        nodes.extend(self.edge.append(hash));
        self.reach().await
    }

    /// Reads checkpoints ahead, so that the next one is known.
    async fn fill(&mut self) -> Result<(), Failure> {
        if self.ahead.is_empty() && !self.is_all_read {
            let after = self.last.as_ref().map_or(0, |last| last.number);
            self.ahead = queries::list_checkpoints(self.books, after, CHUNK).await?.into();
            self.is_all_read = self.ahead.is_empty();
        }
        Ok(())
    }

    /// Compares every checkpoint whose size the leaves have reached.
    async fn reach(&mut self) -> Result<(), Failure> {
        let size = self.edge.size();
        loop {
            self.fill().await?;
            let Some(checkpoint) = self.ahead.pop_front_if(|next| next.size <= size) else { break };
            let row = format!("number {}", checkpoint.number);
            let faults = self.faults_of(&checkpoint);
            self.found.extend(faults.into_iter().map(|fault| differs("log_checkpoints", row.clone(), fault)));
            self.last = Some(checkpoint);
        }
        while let Some(kept) = self.kept.pop_front_if(|next| next.size <= size) {
            if kept.size == size && kept.root != self.edge.root() {
                let fault = "the log that it was taken from is not the beginning of this one: history was rewritten";
                self.found.push(differs("log_checkpoints", format!("kept, size {size}"), fault));
            }
        }
        Ok(())
    }

    fn faults_of(&mut self, checkpoint: &Checkpoint) -> Vec<String> {
        let mut faults = Vec::new();
        let (number, key, stable) = self
            .last
            .as_ref()
            .map_or((0, 0, i64::MIN), |last| (last.number, last.key_number, last.stable_before.micros()));
        if checkpoint.number != number + 1 {
            faults.push(format!("number {} was expected here", number + 1));
        }
        if checkpoint.size < self.edge.size() {
            faults.push(format!("its size {} is smaller than the one before it", checkpoint.size));
        } else if checkpoint.root != self.edge.root() && !std::mem::replace(&mut self.is_broken, true) {
            let (claimed, derived) = (hexadecimal(&checkpoint.root), hexadecimal(&self.edge.root()));
            faults.push(format!("it claims the root {claimed}, the leaves give {derived}"));
        }
        if checkpoint.stable_before.micros() < stable {
            faults.push("it claims to be stable before an earlier instant than the one before it".to_owned());
        }
        // The first checkpoint of a key is signed by the key before as well, and made at the instant the key was listed.
        let signers: Vec<&LogKey> = self
            .keys
            .iter()
            .filter(|listed| listed.number == checkpoint.key_number || (key > 0 && listed.number == key))
            .collect();
        if checkpoint.key_number != key {
            let listed = signers.iter().find(|listed| listed.number == checkpoint.key_number);
            if checkpoint.key_number != key + 1 || listed.is_none_or(|key| key.recorded_at != checkpoint.recorded_at) {
                faults.push(format!("key {} does not begin here", checkpoint.key_number));
            }
        }
        let vkeys: Vec<&str> = signers.iter().map(|key| key.vkey.as_str()).collect();
        if !note::is_signed_by_exactly(&checkpoint.note, &vkeys) {
            faults.push(format!("its note is not signed by key {} of its time", checkpoint.key_number));
        }
        if note::read(&checkpoint.note) != Ok(checkpoint.head(queries::origin_of(&self.keys))) {
            faults.push("its note says something else than the row".to_owned());
        }
        faults
    }

    /// Compares the nodes that some leaves have completed with those that are kept.
    async fn compare_nodes(&mut self, from: u64, completed: &[Node]) -> Result<(), Failure> {
        let mut kept: HashMap<(u8, u64), Hash> = HashMap::new();
        for level in 1..=6 {
            let (first, end) = (width_of(level, from), width_of(level, self.edge.size()));
            kept.extend(read_nodes(self.books, level, first, Some(end)).await?);
        }
        for node in completed {
            let row = format!("level {} position {}", node.level, node.position);
            let claimed = kept.get(&(node.level, node.position));
            match claimed {
                None => self.found.push(differs("log_nodes", row, "the node is missing")),
                Some(hash) if *hash != node.hash => {
                    let (claimed, derived) = (hexadecimal(hash), hexadecimal(&node.hash));
                    self.found.push(differs(
                        "log_nodes",
                        row,
                        format!("it claims {claimed}, the leaves give {derived}"),
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// What lies beyond the last leaf.
    async fn close(&mut self) -> Result<(), Failure> {
        let size = self.edge.size();
        for level in 1..=6 {
            for ((level, position), _) in read_nodes(self.books, level, width_of(level, size), None).await? {
                let row = format!("level {level} position {position}");
                self.found.push(differs("log_nodes", row, "the log has no leaves for it"));
            }
        }
        self.fill().await?;
        while let Some(checkpoint) = self.ahead.pop_front() {
            let fault = format!("it claims {} leaves, the log has {size}", checkpoint.size);
            self.found.push(differs("log_checkpoints", format!("number {}", checkpoint.number), fault));
            self.last = Some(checkpoint);
            self.fill().await?;
        }
        for kept in &self.kept {
            let fault = format!("it was taken of {} leaves, the log has {size}: its end was cut off", kept.size);
            self.found.push(differs("log_checkpoints", format!("kept, size {}", kept.size), fault));
        }
        let newest = self.last.as_ref().map_or(0, |last| last.key_number);
        for key in self.keys.iter().filter(|key| key.number > newest) {
            self.found.push(differs("log_keys", format!("number {}", key.number), "no checkpoint is signed by it"));
        }
        Ok(())
    }
}

fn against_source(leaf: &ReadLeaf) -> Option<Difference> {
    let fault = match leaf.of_source {
        None => {
            let table = SOURCES.iter().find(|(source, _)| *source == leaf.source).map_or("books", |(_, table)| table);
            format!("its {} is not among the {table}", leaf.source)
        }
        Some(hash) if hash != leaf.leaf_hash => {
            format!("it is {}, its {} has {}", hexadecimal(&leaf.leaf_hash), leaf.source, hexadecimal(&hash))
        }
        Some(_) => return None,
    };
    Some(differs("log_leaves", leaf.row(), fault))
}

fn statement(books: &impl ConnectionTrait, sql: impl Into<String>, more: Vec<Value>) -> Statement {
    let mut values: Vec<Value> = vec![BOOK.0.into()];
    values.extend(more);
    Statement::from_sql_and_values(books.get_database_backend(), sql, values)
}

/// The leaves of the next positions. Their hashes are read beside them by a statement of their own for each source: a join over
/// a whole log is planned well only by a database that has counted its rows lately.
async fn read_leaves(books: &impl ConnectionTrait, from: u64) -> Result<Vec<ReadLeaf>, Failure> {
    let mut leaves = read_positions(books, from, Some(from + CHUNK)).await?;
    if leaves.is_empty() {
        // Many in a row may have been deleted: the next that is left, wherever it stands.
        leaves = read_positions(books, from, None).await?;
    }
    for (source, table) in SOURCES {
        let ids = leaves.iter().filter(|leaf| leaf.source == source).map(|leaf| leaf.source_id);
        let hashes = read_hashes(books, table, ids.collect()).await?;
        for leaf in leaves.iter_mut().filter(|leaf| leaf.source == source) {
            leaf.of_source = hashes.get(&leaf.source_id).copied();
        }
    }
    Ok(leaves)
}

async fn read_positions(books: &impl ConnectionTrait, from: u64, until: Option<u64>) -> Result<Vec<ReadLeaf>, Failure> {
    let most = if until.is_some() { CHUNK } else { 1 };
    let until = until.map_or(Ok(i64::MAX), signed)?;
    let sql = format!(
        "SELECT position, source, source_id, leaf_hash, sequenced_at FROM log_leaves \
         WHERE book_id = $1 AND position >= $2 AND position < $3 ORDER BY position LIMIT {most}"
    );
    let rows = books.query_all_raw(statement(books, sql, vec![signed(from)?.into(), until.into()])).await?;
    // By position: looking a column up by name costs more than all the rest of reading it.
    let read = |row: &QueryResult| -> Result<ReadLeaf, Failure> {
        Ok(ReadLeaf {
            position: u64::try_from(row.try_get_by_index::<i64>(0)?).map_err(Failure::bug)?,
            source: row.try_get_by_index(1)?,
            source_id: row.try_get_by_index(2)?,
            leaf_hash: hash_of(&row.try_get_by_index::<Vec<u8>>(3)?)?,
            sequenced_at: row.try_get_by_index(4)?,
            of_source: None,
        })
    };
    rows.iter().map(read).collect()
}

/// The leaf hashes of rows. Ids follow each other in time as positions do, so that a page of the log is nearly a stretch of its
/// source; where it is not, each row is looked up by its id.
async fn read_hashes(
    books: &impl ConnectionTrait,
    table: &str,
    ids: Vec<Uuid>,
) -> Result<HashMap<Uuid, Hash>, Failure> {
    let Some((first, last)) = ids.iter().min().copied().zip(ids.iter().max().copied()) else {
        return Ok(HashMap::new());
    };
    let most = ids.len() * 2;
    let columns = format!("SELECT id, leaf_hash FROM {table} WHERE book_id = $1");
    let sql = format!("{columns} AND id >= $2 AND id <= $3 ORDER BY id LIMIT {}", most + 1);
    let mut rows = books.query_all_raw(statement(books, sql, vec![first.into(), last.into()])).await?;
    if rows.len() > most {
        rows.clear();
        for some in ids.chunks(LOOKED_UP) {
            let mut values = vec![BOOK.0.into()];
            let ids = bind_all(&mut values, some.iter().copied());
            let sql = format!("{columns} AND id IN ({ids})");
            let statement = Statement::from_sql_and_values(books.get_database_backend(), sql, values);
            rows.extend(books.query_all_raw(statement).await?);
        }
    }
    let read = |row: &QueryResult| -> Result<(Uuid, Hash), Failure> {
        Ok((row.try_get_by_index(0)?, hash_of(&row.try_get_by_index::<Vec<u8>>(1)?)?))
    };
    rows.iter().map(read).collect()
}

async fn read_nodes(
    books: &impl ConnectionTrait,
    level: u8,
    from: u64,
    to: Option<u64>,
) -> Result<Vec<((u8, u64), Hash)>, Failure> {
    let sql = "SELECT position, hash FROM log_nodes WHERE book_id = $1 AND level = $2 AND position >= $3 AND position < $4 \
               ORDER BY position LIMIT 100000";
    let to = to.map_or(Ok(i64::MAX), signed)?;
    let values = vec![i32::from(level).into(), signed(from)?.into(), to.into()];
    let rows = books.query_all_raw(statement(books, sql, values)).await?;
    let read = |row: &QueryResult| -> Result<((u8, u64), Hash), Failure> {
        let position = u64::try_from(row.try_get_by_index::<i64>(0)?).map_err(Failure::bug)?;
        Ok(((level, position), hash_of(&row.try_get_by_index::<Vec<u8>>(1)?)?))
    };
    rows.iter().map(read).collect()
}

/// Rows that must be in the log and are not.
async fn missing(books: &impl ConnectionTrait, table: &'static str, before: i64) -> Result<Vec<Difference>, Failure> {
    let sql = format!(
        "SELECT s.id FROM {table} s WHERE s.book_id = $1 AND s.recorded_at < $2 AND NOT EXISTS \
         (SELECT 1 FROM log_leaves l WHERE l.book_id = s.book_id AND l.source_id = s.id) ORDER BY s.recorded_at, s.id"
    );
    let rows = books.query_all_raw(statement(books, sql, vec![before.into()])).await?;
    let name = |row: &QueryResult| -> Result<Difference, Failure> {
        let id: Uuid = row.try_get("", "id")?;
        Ok(differs(table, format!("{} {id}", table.trim_end_matches('s')), "it is not in the log"))
    };
    rows.iter().map(name).collect()
}

/// One book has one private key, that of its newest public one.
async fn check_signing_key(books: &impl ConnectionTrait, keys: &[LogKey]) -> Result<Vec<Difference>, Failure> {
    let sql = "SELECT book_id, number, signing_key FROM log_signing_keys ORDER BY book_id";
    let rows = books.query_all_raw(Statement::from_string(books.get_database_backend(), sql)).await?;
    let mut found = Vec::new();
    let mut has_key = false;
    for row in &rows {
        let (book, number): (i32, i64) = (row.try_get("", "book_id")?, row.try_get("", "number")?);
        let secret: String = row.try_get("", "signing_key")?;
        let fits = |key: &LogKey| key.number == number && note::public_of(&secret).as_ref() == Ok(&key.vkey);
        let is_own = book == BOOK.0;
        has_key |= is_own;
        if !is_own || !keys.last().is_some_and(fits) {
            let fault = "the private key is not that of the newest public key of a book";
            found.push(differs("log_signing_keys", format!("book {book}"), fault));
        }
    }
    if !has_key {
        found.push(differs("log_signing_keys", format!("book {}", BOOK.0), "the private key is missing"));
    }
    Ok(found)
}

/// Every witness's lines are numbered without a gap up to its count, and each is its signature over its checkpoint.
async fn check_cosignatures(books: &impl ConnectionTrait) -> Result<Vec<Difference>, Failure> {
    let mut found = Vec::new();
    let witnesses = queries::list_witnesses(books).await?;
    let mut counted: HashMap<String, i64> = HashMap::new();
    let mut after = (String::new(), 0);
    loop {
        let lines = queries::list_cosignatures(books, (&after.0, after.1), CHUNK).await?;
        let Some(last) = lines.last() else { break };
        after = (last.witness.clone(), last.number);
        for cosignature in &lines {
            let Cosignature { witness, number, line, head } = cosignature;
            let count = counted.entry(witness.clone()).or_default();
            let row = format!("witness {witness} number {number}");
            if *number != *count + 1 {
                found.push(differs(
                    "log_cosignatures",
                    row.clone(),
                    format!("number {} was expected here", *count + 1),
                ));
            }
            *count = *number;
            let known = witnesses.iter().find(|known| known.name == *witness);
            let key = known.and_then(|known| WitnessKey::parse(&known.vkey).ok());
            let is_right = key.zip(head.as_ref()).is_some_and(|(key, head)| key.check(head, line).is_ok());
            if !is_right {
                found.push(differs("log_cosignatures", row, "it is no signature of its witness over its checkpoint"));
            }
        }
    }
    for witness in witnesses {
        let count = counted.remove(&witness.name).unwrap_or_default();
        let row = format!("witness {}", witness.name);
        if count != witness.cosigned {
            let fault = format!("the row claims {} cosignatures, the last is number {count}", witness.cosigned);
            found.push(differs("log_witnesses", row.clone(), fault));
        }
        if WitnessKey::parse(&witness.vkey).is_ok_and(|key| key.name() == witness.name) {
            continue;
        }
        found.push(differs("log_witnesses", row, "its key is not a key of that name"));
    }
    Ok(found)
}
