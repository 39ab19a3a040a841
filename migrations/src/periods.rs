//! Daily totals, sealed periods, and the corrections of money movements.

use crate::dialect;
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        if manager.get_database_backend() == DbBackend::Postgres {
            manager.get_connection().execute_unprepared(ROOM).await?;
        }
        dialect::insert_only(manager, &["periods", "money_reversals"]).await
    }
}

/// Every posting changes totals of today: with room on their page the new versions stay there, and the key's index is left
/// alone. It takes a third off the cost of keeping them.
const ROOM: &str = "ALTER TABLE daily_totals SET (fillfactor = 60)";

const TABLES: &str = "
-- What moved on an account by legal date and by the day the book learnt it: what a balance by effective date is summed
-- from. A projection of the entries, kept with them and derived again by the verification; it has no foreign key, because
-- it is written under the lock of its account.
CREATE TABLE daily_totals (
    book_id integer NOT NULL,
    account_id {uuid} NOT NULL,
    effective_on text NOT NULL,
    recorded_on text NOT NULL,
    amount {big} NOT NULL,
    entries {big} NOT NULL CHECK (entries >= 1),
    PRIMARY KEY (book_id, account_id, effective_on, recorded_on)
) {strict};

-- Serves the journals that are effective in a month, when it is sealed, and the first legal date of a book.
CREATE INDEX journals_by_date ON journals (book_id, effective_on);

-- Sealed months (会计期间), one after the other from the first legal date of the book on. A month without a row is open;
-- nothing is posted into a sealed one, nor before it.
CREATE TABLE periods (
    book_id integer NOT NULL REFERENCES books (id),
    month text NOT NULL CHECK (length(month) = 7),
    id {uuid} NOT NULL,
    sealed_at {big} NOT NULL,
    sealed_by {uuid} NOT NULL,
    -- How many journals are effective in it, and SHA-256 over their leaf hashes.
    journals {big} NOT NULL CHECK (journals >= 0),
    leaves_hash {bytes} NOT NULL CHECK (length(leaves_hash) = 32),
    -- The seal of the month before: absent for the first month only.
    previous_hash {bytes} CHECK (previous_hash IS NULL OR length(previous_hash) = 32),
    seal_hash {bytes} NOT NULL CHECK (length(seal_hash) = 32),
    -- The journal by which the seal is part of the books.
    journal_id {uuid} NOT NULL,
    PRIMARY KEY (book_id, month),
    CONSTRAINT periods_id UNIQUE (book_id, id),
    CONSTRAINT periods_journal FOREIGN KEY (book_id, journal_id) REFERENCES journals (book_id, id)
) {strict};

-- Movements of money that were booked by mistake, each undone once by a counter-journal.
CREATE TABLE money_reversals (
    movement_id {uuid} PRIMARY KEY REFERENCES money_movements (id),
    journal_id {uuid} NOT NULL CONSTRAINT money_reversals_journal UNIQUE,
    reason text NOT NULL,
    document_hash text NOT NULL,
    reversed_by {uuid} NOT NULL,
    reversed_at {big} NOT NULL
) {strict};
";
