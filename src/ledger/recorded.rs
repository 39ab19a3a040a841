//! Journals read back into the form in which they were posted, so that they can be undone.

use crate::db::{Work, bind_all};
use crate::kernel::Failure;
use accounting::{
    AccountKey, AssetId, Journal, JournalId, JournalKind, OwnerId, Posting, Purpose, Subject, SubjectId, SubjectKind,
};
use sea_orm::{ConnectionTrait, QueryResult};
use std::collections::HashMap;
use uuid::Uuid;

/// The journal by which a business thing came to this version of it, as it was posted.
///
/// # Errors
/// A fault of the database, or rows that are no journal.
pub async fn journal_of(work: &Work, subject: Uuid, version: i64) -> Result<Option<Journal>, Failure> {
    let sql = "SELECT id FROM journals WHERE book_id = $1 AND subject_id = $2 AND subject_version = $3";
    let values = vec![work.book().0.into(), subject.into(), version.into()];
    let row = work.connection().query_one_raw(work.statement(sql, values)).await?;
    let Some(row) = row else { return Ok(None) };
    let id = JournalId(row.try_get("", "id")?);
    Ok(journals_by_id(work, &[id]).await?.remove(&id))
}

/// The journals with these ids, as they were posted; those that are not in the books are simply missing.
///
/// # Errors
/// A fault of the database, or rows that are no journal.
pub async fn journals_by_id(work: &Work, ids: &[JournalId]) -> Result<HashMap<JournalId, Journal>, Failure> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut values = vec![work.book().0.into()];
    let places = bind_all(&mut values, ids.iter().map(|id| id.0));
    let sql = format!(
        "SELECT id, kind, subject_kind, subject_id, subject_version, effective_on, actor_id, reason, document_hash, reverses_id \
         FROM journals WHERE book_id = $1 AND id IN ({places})"
    );
    let heads = work.connection().query_all_raw(work.statement(&sql, values.clone())).await?;
    // The side that leaves and the side that enters make the posting of a line.
    let sql = format!(
        "SELECT o.journal_id, o.amount, f.owner_id AS from_owner, f.asset_id AS from_asset, f.purpose AS from_purpose, \
         f.subject_id AS from_subject, t.owner_id AS to_owner, t.asset_id AS to_asset, t.purpose AS to_purpose, \
         t.subject_id AS to_subject FROM entries o \
         JOIN entries i ON i.book_id = o.book_id AND i.journal_id = o.journal_id AND i.line = o.line AND i.amount > 0 \
         JOIN accounts f ON f.book_id = o.book_id AND f.id = o.account_id \
         JOIN accounts t ON t.book_id = i.book_id AND t.id = i.account_id \
         WHERE o.book_id = $1 AND o.amount < 0 AND o.journal_id IN ({places}) ORDER BY o.journal_id, o.line"
    );
    let mut postings: HashMap<Uuid, Vec<Posting>> = HashMap::new();
    for row in &work.connection().query_all_raw(work.statement(&sql, values)).await? {
        let amount: i64 = row.try_get("", "amount")?;
        let amount = amount.checked_neg().ok_or_else(|| Failure::bug("an amount cannot be turned around"))?;
        let posting = Posting::transfer(read_account(row, "from")?, read_account(row, "to")?, amount)?;
        postings.entry(row.try_get("", "journal_id")?).or_default().push(posting);
    }
    let read = |row: &QueryResult| {
        let journal = read_journal(row)?;
        let postings = postings.remove(&journal.id.0).unwrap_or_default();
        Ok((journal.id, Journal { postings, ..journal }))
    };
    heads.iter().map(read).collect()
}

fn read_account(row: &QueryResult, side: &str) -> Result<AccountKey, Failure> {
    let purpose: String = row.try_get("", &format!("{side}_purpose"))?;
    let subject: Uuid = row.try_get("", &format!("{side}_subject"))?;
    Ok(AccountKey {
        owner: OwnerId(row.try_get("", &format!("{side}_owner"))?),
        asset: AssetId(row.try_get("", &format!("{side}_asset"))?),
        purpose: Purpose::parse(&purpose).ok_or_else(|| Failure::bug(format!("unknown purpose {purpose}")))?,
        subject: (!subject.is_nil()).then_some(SubjectId(subject)),
    })
}

fn read_journal(row: &QueryResult) -> Result<Journal, Failure> {
    let word = |column: &str| row.try_get::<String>("", column).map_err(Failure::from);
    let unknown = |word: &str| Failure::bug(format!("{word} is not known here"));
    let (kind, subject_kind, effective_on) = (word("kind")?, word("subject_kind")?, word("effective_on")?);
    Ok(Journal {
        id: JournalId(row.try_get("", "id")?),
        kind: JournalKind::parse(&kind).ok_or_else(|| unknown(&kind))?,
        subject: Subject {
            kind: SubjectKind::parse(&subject_kind).ok_or_else(|| unknown(&subject_kind))?,
            id: row.try_get("", "subject_id")?,
            version: row.try_get("", "subject_version")?,
        },
        effective_on: effective_on.parse().map_err(|_| unknown(&effective_on))?,
        actor: Some(row.try_get("", "actor_id")?),
        reason: row.try_get("", "reason")?,
        document_hash: row.try_get("", "document_hash")?,
        reverses: row.try_get::<Option<Uuid>>("", "reverses_id")?.map(JournalId),
        postings: Vec::new(),
    })
}
