//! The settlement bank's side: payments as the bank sees them, the codes by which they are recognised, and its daily statements
//! beside our own books.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, PAYMENTS).await?;
        dialect::run(manager, STATEMENTS).await?;
        dialect::grow_only(manager, "payments", &[RECEIVED]).await?;
        dialect::grow_only(manager, "bank_differences", &[FOUND, CLOSED]).await?;
        let history =
            ["bank_references", "payment_codes", "bank_statements", "bank_statement_lines", "bank_statement_matches"];
        dialect::insert_only(manager, &history).await
    }
}

/// What the bank has told of a payment never changes.
const RECEIVED: &[&str] = &[
    "id",
    "bank_id",
    "bank_reference",
    "payer_name",
    "payer_account",
    "remittance_text",
    "amount",
    "value_date",
    "received_by",
    "received_at",
];

/// What a difference is of never changes.
const FOUND: &[&str] = &[
    "id",
    "statement_id",
    "bank_id",
    "day",
    "side",
    "line",
    "journal_id",
    "bank_reference",
    "direction",
    "amount",
    "remittance_text",
    "found_at",
];

/// It is closed once.
const CLOSED: &[&str] = &["closed_at", "closed_by", "reason"];

const PAYMENTS: &str = "
-- Every reference of a settlement bank that the books rest on, booked once: of a deposit, a withdrawal, a payment, a return.
CREATE TABLE bank_references (
    subject_id {uuid} NOT NULL,
    subject_kind text NOT NULL CHECK (subject_kind IN ('money_movement', 'payment', 'return')),
    reference text NOT NULL CONSTRAINT bank_references_reference UNIQUE,
    PRIMARY KEY (subject_id, subject_kind)
) {strict};

INSERT INTO bank_references (reference, subject_kind, subject_id)
    SELECT bank_reference, 'money_movement', id FROM money_movements;

-- Codes by which payments to an organisation are recognised: the account number that the bank keeps for it within its own.
CREATE TABLE payment_codes (
    id {uuid} PRIMARY KEY,
    code text NOT NULL CONSTRAINT payment_codes_code UNIQUE,
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    bank_id {uuid} NOT NULL REFERENCES organisations (id),
    registered_by {uuid} NOT NULL,
    registered_at {big} NOT NULL
) {strict};
-- Serves the codes of an organisation.
CREATE INDEX payment_codes_of ON payment_codes (organisation_id, id);

-- Payments that came in at the settlement bank, and what became of them.
CREATE TABLE payments (
    id {uuid} PRIMARY KEY,
    bank_id {uuid} NOT NULL REFERENCES organisations (id),
    bank_reference text NOT NULL CONSTRAINT payments_reference UNIQUE,
    payer_name text NOT NULL,
    payer_account text NOT NULL,
    remittance_text text NOT NULL,
    amount {big} NOT NULL CHECK (amount > 0),
    value_date text NOT NULL,
    state text NOT NULL CHECK (state IN ('unmatched', 'matched', 'returned')),
    -- Why nobody could be matched to it.
    cause text,
    organisation_id {uuid} REFERENCES organisations (id),
    matched_by text CHECK (matched_by IN ('evidence', 'hand')),
    -- The trade that its text names, what became of that, and how much went there.
    trade_id {uuid},
    trade_outcome text,
    trade_paid {big} CHECK (trade_paid BETWEEN 0 AND amount),
    trade_refusals text,
    reason text,
    return_reference text CONSTRAINT payments_return_reference UNIQUE,
    decided_by {uuid},
    decided_at {big},
    received_by {uuid} NOT NULL,
    received_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CHECK ((state = 'matched') = (organisation_id IS NOT NULL)),
    CHECK ((state = 'returned') = (return_reference IS NOT NULL)),
    CHECK ((trade_outcome IS NULL) = (trade_paid IS NULL))
) {strict};
-- Serve the work list of a bank and the list of an organisation.
CREATE INDEX payments_at ON payments (bank_id, state, id);
CREATE INDEX payments_of ON payments (organisation_id, id);

-- By which a payment names the trade that it is for. Trades that were matched before have it once they change.
ALTER TABLE trades ADD COLUMN payment_reference text;
-- Serves the search for what a payment names.
CREATE UNIQUE INDEX trades_payment_reference ON trades (payment_reference);
-- Serves the search among the trades of before that are still open.
CREATE INDEX trades_without_payment_reference ON trades (state) WHERE payment_reference IS NULL;
";

const STATEMENTS: &str = "
-- The bank's file of a day (银行日对账单), each version once; the highest number counts.
CREATE TABLE bank_statements (
    id {uuid} PRIMARY KEY,
    bank_id {uuid} NOT NULL REFERENCES organisations (id),
    day text NOT NULL,
    number {big} NOT NULL CHECK (number >= 1),
    document_id {uuid} NOT NULL REFERENCES documents (id),
    sha256 text NOT NULL CHECK (length(sha256) = 64),
    -- How many lines it has, and how many movements the books had that day.
    lines {big} NOT NULL CHECK (lines >= 0),
    movements {big} NOT NULL CHECK (movements >= 0),
    recorded_by {uuid} NOT NULL,
    recorded_at {big} NOT NULL,
    CONSTRAINT bank_statements_day UNIQUE (bank_id, day, number),
    -- The same file changes nothing.
    CONSTRAINT bank_statements_file UNIQUE (bank_id, day, sha256)
) {strict};

-- Its lines as they stood in the file.
CREATE TABLE bank_statement_lines (
    statement_id {uuid} NOT NULL REFERENCES bank_statements (id),
    line {big} NOT NULL CHECK (line >= 1),
    bank_reference text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    amount {big} NOT NULL CHECK (amount > 0),
    remittance_text text NOT NULL,
    PRIMARY KEY (statement_id, line)
) {strict};

-- Which lines and which journals of ours are one and the same: all of a group add up.
CREATE TABLE bank_statement_matches (
    id {uuid} PRIMARY KEY,
    statement_id {uuid} NOT NULL REFERENCES bank_statements (id),
    group_number {big} NOT NULL CHECK (group_number >= 1),
    way text NOT NULL CHECK (way IN ('one_to_one', 'one_to_many', 'many_to_one')),
    side text NOT NULL CHECK (side IN ('bank', 'book')),
    line {big},
    journal_id {uuid},
    CHECK ((side = 'bank') = (line IS NOT NULL) AND (side = 'book') = (journal_id IS NOT NULL))
) {strict};
-- Serves the groups of a statement.
CREATE INDEX bank_statement_matches_of ON bank_statement_matches (statement_id, group_number);

-- What stands on one side only, until somebody has closed it or another version of the statement took its place.
CREATE TABLE bank_differences (
    id {uuid} PRIMARY KEY,
    statement_id {uuid} NOT NULL REFERENCES bank_statements (id),
    bank_id {uuid} NOT NULL REFERENCES organisations (id),
    day text NOT NULL,
    side text NOT NULL CHECK (side IN ('bank', 'book')),
    line {big},
    journal_id {uuid},
    bank_reference text,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    amount {big} NOT NULL CHECK (amount > 0),
    remittance_text text,
    state text NOT NULL CHECK (state IN ('open', 'closed', 'superseded')),
    found_at {big} NOT NULL,
    closed_at {big},
    closed_by {uuid},
    reason text,
    version {big} NOT NULL CHECK (version >= 1),
    CHECK ((side = 'bank') = (line IS NOT NULL) AND (side = 'book') = (journal_id IS NOT NULL)),
    CHECK ((state = 'open') = (closed_at IS NULL) AND (state = 'closed') = (reason IS NOT NULL))
) {strict};
-- Serve the work list of a bank and the differences of a statement.
CREATE INDEX bank_differences_at ON bank_differences (bank_id, state, id);
CREATE INDEX bank_differences_in ON bank_differences (statement_id, id);
";
