//! A founded book with owners and money, on either database.

use crate::Outcome;
use accounting::{AssetId, Holding, Journal, JournalKind, OwnerId, Posting, Purpose, Subject, SubjectKind};
use ganhe::access::Action;
use ganhe::access::caller::Permit;
use ganhe::db::{BOOK, Db};
use ganhe::identity::founding::{Founding, found};
use ganhe::kernel::{Clock, Failure, ids};
use ganhe::ledger::{self, CNY, Owner, OwnerKind, book_side};
use jiff::civil::Date;
use sea_orm::DbBackend;
use std::path::Path;

/// The legal date of everything that is posted here.
pub const DAY: Date = Date::constant(2022, 12, 1);
/// What every purse starts with, in fen: no transfer of the benchmark empties one.
const WEALTH: i64 = 1_000_000_000_000;

/// A book.
pub struct Stage {
    /// Its database.
    pub db: Db,
    /// Its address.
    pub url: String,
    /// Who posts.
    pub permit: Permit,
    /// The money of its owners.
    pub purses: Vec<Holding>,
}

impl Stage {
    /// Founds a book in a new database of a PostgreSQL server.
    pub async fn on_postgres(server: &crate::server::Server, name: &str, purses: usize) -> Outcome<Self> {
        let admin = sea_orm::Database::connect(server.url("postgres")).await?;
        sea_orm::ConnectionTrait::execute_unprepared(&admin, &format!("CREATE DATABASE {name}")).await?;
        admin.close().await?;
        Self::founded(server.url(name), purses).await
    }

    /// Founds a book in a new SQLite file.
    pub async fn on_sqlite(home: &Path, name: &str, purses: usize) -> Outcome<Self> {
        Self::founded(format!("sqlite:{}", home.join(name).display()), purses).await
    }

    async fn founded(url: String, purses: usize) -> Outcome<Self> {
        let db = Db::migrated(&url, Clock::system()).await?;
        let founding = Founding {
            province: "420000".to_owned(),
            name: "湖北省".to_owned(),
            operator_code: "91420000MA00009906".to_owned(),
            operator_name: "淦河".to_owned(),
            login: "operator".to_owned(),
            password: None,
            // Only the book of a demonstration can be served to people without a second factor.
            is_demonstration: true,
            rules_from: DAY,
        };
        let permit = found(&db, &founding).await?.may(Action::RegisterReference).map_err(Failure::from)?;
        let mut stage = Self { db, url, permit, purses: Vec::new() };
        stage.open_purses(purses).await?;
        Ok(stage)
    }

    /// Registers owners and pays money in.
    async fn open_purses(&mut self, count: usize) -> Outcome<()> {
        let owner = |at| Owner {
            id: OwnerId(ids::fresh()),
            kind: OwnerKind::Organisation,
            name: format!("Owner {at}"),
            organisation: None,
            area_path: None,
        };
        let owners: Vec<Owner> = (0..count).map(owner).collect();
        let register =
            self.db.run(&self.permit, &owners, |work, owners| Box::pin(ledger::register_owners(work, owners)));
        register.await?;
        self.purses = owners.iter().map(|owner| Holding { owner: owner.id, asset: CNY }).collect();
        let wealth = self.purses.iter().map(|purse| paid_in(*purse, WEALTH)).collect::<Outcome<Vec<_>>>()?;
        self.post(&wealth).await
    }

    /// Posts journals in one work.
    pub async fn post(&self, journals: &[Journal]) -> Outcome<()> {
        let posting = self.db.run(&self.permit, journals, |work, journals| {
            Box::pin(async move { ledger::post(work, journals).await.map(|_| ()) })
        });
        Ok(posting.await?)
    }

    /// Random transfers among the first `accounts` purses.
    pub fn transfers(&self, dice: &mut Dice, count: usize, accounts: usize) -> Outcome<Vec<Journal>> {
        (0..count).map(|_| self.transfer(dice, accounts)).collect()
    }

    /// One random transfer among the first `accounts` purses.
    pub fn transfer(&self, dice: &mut Dice, accounts: usize) -> Outcome<Journal> {
        let from = dice.below(accounts);
        let to = (from + 1 + dice.below(accounts - 1)) % accounts;
        moved(self.purses[from].available(), self.purses[to].available(), 1)
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.db.backend() == DbBackend::Postgres
    }

    /// The database in words.
    pub fn database(&self) -> &'static str {
        if self.is_postgres() { "PostgreSQL" } else { "SQLite" }
    }
}

/// The number of the book.
pub fn book() -> i32 {
    BOOK.0
}

/// A journal of one event of its own.
pub fn journal(postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::MoneyMovement, id: ids::fresh(), version: 1 };
    Journal::new(ids::fresh_journal(), JournalKind::MoneyDeposited, subject, DAY, postings)
}

/// A journal that moves an amount once.
pub fn moved(from: accounting::AccountKey, to: accounting::AccountKey, fen: i64) -> Outcome<Journal> {
    Ok(journal(vec![Posting::transfer(from, to, fen)?]))
}

/// Money from outside.
pub fn paid_in(purse: Holding, fen: i64) -> Outcome<Journal> {
    moved(outside(), purse.available(), fen)
}

/// The contra side of money: the account with the longest history.
pub fn outside() -> accounting::AccountKey {
    book_side(AssetId(CNY.0)).account(Purpose::Outside)
}

/// A small generator of the same numbers in every run (xorshift64*).
pub struct Dice(u64);

impl Dice {
    /// One of many: each client has its own.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number from 0 up to, but not, `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(high).unwrap_or(0) % bound.max(1)
    }
}
