//! A desk at which journals are posted by hand, past every capability.

use crate::support::app::TestApp;
use accounting::{AssetId, Holding, Journal, JournalKind, OwnerId, Posting, Purpose, Subject, SubjectKind};
use ganhe::access::Action;
use ganhe::access::caller::Permit;
use ganhe::db::Db;
use ganhe::kernel::{Failure, ids};
use ganhe::ledger::{self, CNY, Owner, OwnerKind, book_side};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

/// What a posting answers: the instant, and of each entry its line, amount, balance and version.
pub type Stamp = (i64, Vec<(i32, i64, i64, i64)>);

/// The desk.
pub struct Desk {
    /// The server whose database it uses.
    pub app: TestApp,
    permit: Permit,
}

impl Desk {
    /// A founded book without anything in it.
    pub async fn open() -> Self {
        let app = TestApp::start().await;
        let permit = app.operator.may(Action::RegisterReference).unwrap();
        Self { app, permit }
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.app.shared.db
    }

    /// Who posts.
    pub fn permit(&self) -> &Permit {
        &self.permit
    }

    /// The money of this many new owners.
    pub async fn purses(&self, count: usize) -> Vec<Holding> {
        let owner = |at| Owner {
            id: OwnerId(ids::fresh()),
            kind: OwnerKind::Organisation,
            name: format!("Owner {at}"),
            organisation: None,
            area_path: None,
        };
        let owners: Vec<Owner> = (0..count).map(owner).collect();
        self.db()
            .run(&self.permit, &owners, |work, owners| Box::pin(ledger::register_owners(work, owners)))
            .await
            .unwrap();
        owners.iter().map(|owner| Holding { owner: owner.id, asset: CNY }).collect()
    }

    /// Posts journals in one work.
    pub async fn post(&self, journals: &[Journal]) -> Result<Vec<Stamp>, Failure> {
        self.db()
            .run(&self.permit, journals, |work, journals| {
                Box::pin(async move {
                    let posted = ledger::post(work, journals).await?;
                    let stamp = |posted: ledger::Posted| {
                        let entries = posted.entries.iter();
                        let entries =
                            entries.map(|entry| (entry.line, entry.amount, entry.balance_after, entry.version));
                        (posted.recorded_at.micros(), entries.collect())
                    };
                    Ok(posted.into_iter().map(stamp).collect())
                })
            })
            .await
    }

    /// Rows of a query, read past the books.
    pub async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        self.db().reader().query_all_raw(Statement::from_string(self.db().backend(), sql)).await.unwrap()
    }

    /// A number, read past the books.
    pub async fn count(&self, sql: &str) -> i64 {
        self.rows(sql).await[0].try_get_by_index(0).unwrap()
    }

    /// Rows of the tables that a work writes.
    pub async fn sizes(&self) -> Vec<i64> {
        let mut sizes = Vec::new();
        for table in ["accounts", "journals", "entries", "outbox", "refusals", "owners", "decisions", "evidence"] {
            sizes.push(self.count(&format!("SELECT COUNT(*) FROM {table}")).await);
        }
        sizes
    }

    /// The ledger finds nothing wrong.
    pub async fn is_right(&self) {
        let findings = ganhe::audit::verify::verify(self.db()).await.unwrap();
        assert_eq!(findings.differences, []);
    }
}

/// Writes past the books.
pub async fn execute(db: &Db, sql: &str) -> Result<u64, DbErr> {
    Ok(db.writer().execute_unprepared(sql).await?.rows_affected())
}

/// A journal of one event of its own.
pub fn journal(postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::MoneyMovement, id: ids::fresh(), version: 1 };
    let day = "2022-12-01".parse().unwrap();
    Journal::new(ids::fresh_journal(), JournalKind::MoneyDeposited, subject, day, postings)
}

/// Money from outside.
pub fn paid_in(purse: Holding, fen: i64) -> Journal {
    journal(vec![Posting::transfer(outside(), purse.available(), fen).unwrap()])
}

/// Money from one to another.
pub fn moved(from: Holding, to: Holding, fen: i64) -> Journal {
    journal(vec![Posting::transfer(from.available(), to.available(), fen).unwrap()])
}

/// The contra side of money.
pub fn outside() -> accounting::AccountKey {
    book_side(AssetId(CNY.0)).account(Purpose::Outside)
}
