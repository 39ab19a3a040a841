//! [`Work`]: one transaction, one moment, one caller, the events it will tell. It is begun and committed here and
//! nowhere else, as a closure that may run again when two of them stood in each other's way.

use crate::access::{Action, Caller, Permit};
use crate::db::approved::Approval;
use crate::db::day::DayTurn;
use crate::db::failure::is_in_doubt;
use crate::db::once::{self, CommandKey};
use crate::db::records::{self, Records};
use crate::db::stable::Company;
use crate::db::stand_in::{self, Act};
use crate::db::terms::{Terms, Told};
use crate::db::{BOOK, BookId, Db, approved, outbox, stable};
use crate::kernel::event::Event;
use crate::kernel::ids::UserId;
use crate::kernel::{Clock, Failure, Kind, Moment};
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, Value,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// How often a work is run again after a deadlock or a serialisation failure. Each round waits longer, and the loser of a
/// deadlock is chosen anew, so ten rounds outlast any queue of the size that the connection pool admits.
const ROUNDS: u32 = 10;

/// What a work does, with its input; boxed, because it may be begun more than once.
pub type Doing<'w, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'w>>;

/// A piece of work on the books: all of it is committed, or nothing.
pub struct Work {
    transaction: DatabaseTransaction,
    clock: Clock,
    now: Moment,
    caller: Caller,
    permission: Action,
    book: BookId,
    events: Vec<Event>,
    pub(super) records: Records,
    terms: Terms,
    /// Expected versions that no posting has met yet.
    expects: Mutex<Vec<(Uuid, i64)>>,
    /// Whose proposal is carried out.
    approval: Option<Approval>,
    /// What was done for somebody else, or on somebody else's proposal.
    acts: Mutex<Vec<Act>>,
    day_turn: Option<&'static dyn DayTurn>,
}

/// How far a work had come.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    told: usize,
    recorded: usize,
    acts: usize,
}

/// A part of a work that judges and computes, and is then undone.
#[derive(Debug)]
pub struct Rehearsal {
    mark: Mark,
    expects: Vec<(Uuid, i64)>,
}

impl Work {
    /// When it began, in business time.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// The business day in Asia/Shanghai.
    pub fn today(&self) -> jiff::civil::Date {
        self.now.day()
    }

    /// The clock, for what must be stamped under locks.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Who acts.
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// With which permission.
    pub fn permission(&self) -> Action {
        self.permission
    }

    /// From here on a proposal is carried out: whatever is done names who proposed it.
    pub fn carry_out(&mut self, approval: Approval) {
        self.approval = Some(approval);
    }

    /// Who has proposed what the work carries out, where a second person has approved it.
    pub fn proposer(&self) -> Option<UserId> {
        self.approval.map(|approval| approval.proposer)
    }

    /// Notes what was done, so that it is told in whose place when the caller stands in for somebody, and on whose proposal.
    pub fn note_acts(&self, kind: &'static str, ids: impl Iterator<Item = Uuid>) {
        if self.caller.stands_in.is_some() || self.approval.is_some() {
            self.acts().extend(ids.map(|id| (kind, Some(id))));
        }
    }

    fn acts(&self) -> MutexGuard<'_, Vec<Act>> {
        self.acts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In which book.
    pub fn book(&self) -> BookId {
        self.book
    }

    /// Where the stores read and write.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Which database it is.
    pub fn backend(&self) -> DbBackend {
        self.transaction.get_database_backend()
    }

    /// A statement with `$1`, `$2` … bound, which both databases read.
    pub fn statement(&self, sql: &str, values: Vec<Value>) -> Statement {
        Statement::from_sql_and_values(self.backend(), sql, values)
    }

    /// The version that the client saw of an account, asked for once: whoever locks the account judges it.
    pub fn take_expected_version(&self, account: Uuid) -> Option<i64> {
        let mut expects = self.expects.lock().unwrap_or_else(PoisonError::into_inner);
        let at = expects.iter().position(|(expected, _)| *expected == account)?;
        Some(expects.swap_remove(at).1)
    }

    /// Where accounts are told, when the client asked for them.
    pub fn told_accounts(&self) -> Option<&Told> {
        self.terms.told.as_ref()
    }

    fn set(&mut self, terms: Terms) {
        self.expects = Mutex::new(terms.expects.clone());
        if let Some(told) = &terms.told {
            told.tell(Vec::new());
        }
        self.terms = terms;
    }

    fn expect_nothing_more(&self) -> Result<(), Failure> {
        match self.expects.lock().unwrap_or_else(PoisonError::into_inner).first() {
            Some((account, _)) => Err(once::OnceRefusal::NotTouched { account: account.to_string() }.into()),
            None => Ok(()),
        }
    }

    /// Who lets take effect what a day brings.
    pub(super) fn day_turn(&self) -> Option<&'static dyn DayTurn> {
        self.day_turn
    }

    /// From here on nobody in particular acts, or another one.
    pub(super) fn act_for(&mut self, caller: Caller) {
        self.caller = caller;
    }

    /// What is told and recorded so far, to come back to.
    pub(super) fn mark(&self) -> Mark {
        Mark { told: self.events.len(), recorded: self.records.mark(), acts: self.acts().len() }
    }

    /// Forgets the events and the evidence of what was rolled back.
    pub(super) fn forget_after(&mut self, mark: Mark) {
        self.events.truncate(mark.told);
        self.records.forget_after(mark.recorded);
        self.acts().truncate(mark.acts);
    }

    /// Begins a rehearsal within the work: what follows is undone by [`Work::end_rehearsal`], or with the whole work when it
    /// fails.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn rehearse(&mut self) -> Result<Rehearsal, Failure> {
        self.transaction.execute_unprepared("SAVEPOINT rehearsal").await?;
        let expects = self.expects.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Rehearsal { mark: self.mark(), expects })
    }

    /// Undoes everything since the rehearsal began: rows, events, evidence, and what was told of accounts.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn end_rehearsal(&mut self, rehearsal: Rehearsal) -> Result<(), Failure> {
        let sql = "ROLLBACK TO SAVEPOINT rehearsal; RELEASE SAVEPOINT rehearsal";
        self.transaction.execute_unprepared(sql).await?;
        self.forget_after(rehearsal.mark);
        *self.expects.lock().unwrap_or_else(PoisonError::into_inner) = rehearsal.expects;
        if let Some(told) = self.told_accounts() {
            told.tell(Vec::new());
        }
        Ok(())
    }

    /// Lets stand what was rehearsed: nobody refused it.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn keep_rehearsal(&mut self, _: Rehearsal) -> Result<(), Failure> {
        self.transaction.execute_unprepared("RELEASE SAVEPOINT rehearsal").await?;
        Ok(())
    }

    /// Writes the evidence of what was done so far. It is written at the end in any case: this keeps the memory of a work with very
    /// many rows flat. Not within a rehearsal, which would undo what was recorded before it as well.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn write_evidence(&self) -> Result<(), Failure> {
        records::write(self).await
    }

    /// Writes the events, in whose place and on whose proposal it was done, and the evidence, and commits.
    pub(super) async fn commit(self) -> Result<(), Failure> {
        let acts = std::mem::take(&mut *self.acts());
        stand_in::write(&self, &acts).await?;
        if let Some(approval) = self.approval {
            approved::write(&self, approval, &acts).await?;
        }
        outbox::write(&self, &self.events).await?;
        records::write(&self).await?;
        Ok(self.transaction.commit().await?)
    }

    /// Tells an event once the work is committed.
    pub fn tell(&mut self, event: Event) {
        self.events.push(event);
    }
}

impl Db {
    /// Runs a work without a client's key: for the loader and for background work.
    ///
    /// # Errors
    /// Whatever `body` refuses; [`Kind::Busy`] when others stood in the way every time.
    pub async fn run<T, I, F>(&self, permit: &Permit, input: &I, body: F) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned,
        I: Sync + ?Sized,
        F: for<'w> Fn(&'w mut Work, &'w I) -> Doing<'w, T>,
    {
        let key = CommandKey {
            client: permit.caller().user.0,
            operation: permit.action().as_str().to_owned(),
            key: None,
            request_hash: String::new(),
            terms: Terms::default(),
        };
        self.run_once(permit, &key, input, body).await
    }

    /// Runs a work at most once for this key; a repeat gets the first answer.
    ///
    /// # Errors
    /// Whatever `body` refuses, [`once::OnceRefusal::KeyReused`], [`Kind::Busy`] when others stood in the way every time.
    pub async fn run_once<T, I, F>(&self, permit: &Permit, key: &CommandKey, input: &I, body: F) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned,
        I: Sync + ?Sized,
        F: for<'w> Fn(&'w mut Work, &'w I) -> Doing<'w, T>,
    {
        self.again_and_again(permit, key, input, body, Company::Shared).await
    }

    /// The same with no other work under way: none that began before can still write, and none begins until it ends.
    ///
    /// # Errors
    /// As [`Db::run_once`].
    pub async fn run_alone<T, I, F>(&self, permit: &Permit, key: &CommandKey, input: &I, body: F) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned,
        I: Sync + ?Sized,
        F: for<'w> Fn(&'w mut Work, &'w I) -> Doing<'w, T>,
    {
        self.again_and_again(permit, key, input, body, Company::Alone).await
    }

    async fn again_and_again<T, I, F>(
        &self,
        permit: &Permit,
        key: &CommandKey,
        input: &I,
        body: F,
        company: Company,
    ) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned,
        I: Sync + ?Sized,
        F: for<'w> Fn(&'w mut Work, &'w I) -> Doing<'w, T>,
    {
        let mut round = 1;
        loop {
            match self.attempt(permit, key, input, &body, company).await {
                // Where nobody knows whether it was committed, only the key keeps the next round from doing it twice.
                Err(failure) if is_in_doubt(&failure) && key.key.is_none() => return Err(failure),
                Err(failure) if failure.kind == Kind::Busy && round < ROUNDS => {
                    tracing::debug!(round, operation = key.operation, %failure, "Work is run again");
                    metrics::counter!("ganhe_works_run_again_total").increment(1);
                    let wait = u64::from(round * round) + u64::from(rand::random::<u8>() % 8);
                    tokio::time::sleep(Duration::from_millis(wait)).await;
                    round += 1;
                }
                outcome => return outcome,
            }
        }
    }

    async fn attempt<T, I, F>(
        &self,
        permit: &Permit,
        key: &CommandKey,
        input: &I,
        body: &F,
        company: Company,
    ) -> Result<T, Failure>
    where
        T: Serialize + DeserializeOwned,
        I: Sync + ?Sized,
        F: for<'w> Fn(&'w mut Work, &'w I) -> Doing<'w, T>,
    {
        let mut work = self.begin(permit, company).await?;
        work.set(key.terms.clone());
        if key.terms.is_dry_run {
            let outcome = body(&mut work, input).await.and_then(|value| work.expect_nothing_more().map(|()| value));
            work.transaction.rollback().await?;
            return outcome;
        }
        if let Some(first_answer) = once::claim(&work, key).await? {
            work.transaction.rollback().await?;
            return first_answer;
        }
        let before = work.mark();
        work.transaction.execute_unprepared("SAVEPOINT body").await?;
        match body(&mut work, input).await.and_then(|value| work.expect_nothing_more().map(|()| value)) {
            Ok(value) => {
                once::keep(&work, key, Ok(&value)).await?;
                work.commit().await?;
                Ok(value)
            }
            Err(failure) if failure.is_by_rule() => {
                work.transaction.execute_unprepared("ROLLBACK TO SAVEPOINT body").await?;
                work.forget_after(before);
                once::record_refusal(&work, key, &failure).await?;
                once::keep::<T>(&work, key, Err(&failure)).await?;
                work.commit().await?;
                Err(failure)
            }
            Err(failure) => {
                work.transaction.rollback().await?;
                Err(failure)
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place where a transaction begins")]
    pub(super) async fn begin(&self, permit: &Permit, company: Company) -> Result<Work, Failure> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tick = self.clock().tick();
        let transaction = match self.backend() {
            DbBackend::Sqlite => self.writer().begin_with_options(options).await?,
            _ => self.writer().begin().await?,
        };
        stable::enter(&transaction, tick, company).await?;
        let now = self.clock().business_now();
        let (clock, caller) = (self.clock().clone(), permit.caller().clone());
        Ok(Work {
            transaction,
            clock,
            now,
            caller,
            permission: permit.action(),
            book: BOOK,
            events: Vec::new(),
            records: Records::default(),
            terms: Terms::default(),
            expects: Mutex::default(),
            approval: None,
            acts: Mutex::default(),
            day_turn: self.day_turn,
        })
    }
}
