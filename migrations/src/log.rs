//! The transparency log: leaves, nodes, checkpoints, keys, witnesses; and who does work in the background.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        let history = ["log_keys", "log_leaves", "log_nodes", "log_checkpoints", "log_cosignatures"];
        dialect::insert_only(manager, &history).await
    }
}

const TABLES: &str = "
-- Which node does a work in the background, and until when by the wall clock: the next may take it then.
CREATE TABLE leases (
    name text PRIMARY KEY,
    holder {uuid} NOT NULL,
    until {big} NOT NULL
) {strict};

-- Public keys of the log, the newest signs; old ones stay, because old checkpoints stay.
CREATE TABLE log_keys (
    book_id integer NOT NULL REFERENCES books (id),
    number {big} NOT NULL CHECK (number >= 1),
    vkey text NOT NULL,
    recorded_at {big} NOT NULL,
    PRIMARY KEY (book_id, number),
    CONSTRAINT log_keys_vkey UNIQUE (book_id, vkey)
) {strict};

-- The one private key that signs; the one before it is gone for good.
CREATE TABLE log_signing_keys (
    book_id integer PRIMARY KEY REFERENCES books (id),
    number {big} NOT NULL,
    signing_key text NOT NULL,
    CONSTRAINT log_signing_keys_number FOREIGN KEY (book_id, number) REFERENCES log_keys (book_id, number)
) {strict};

-- The leaves of the book's Merkle tree in their order, each the leaf hash of one row of the books.
CREATE TABLE log_leaves (
    book_id integer NOT NULL REFERENCES books (id),
    position {big} NOT NULL CHECK (position >= 0),
    source text NOT NULL CHECK (source IN ('journal', 'evidence')),
    source_id {uuid} NOT NULL,
    leaf_hash {bytes} NOT NULL CHECK (length(leaf_hash) = 32),
    sequenced_at {big} NOT NULL,
    PRIMARY KEY (book_id, position),
    -- A row enters the log once; serves the position of a journal.
    CONSTRAINT log_leaves_source UNIQUE (book_id, source_id)
) {strict};
-- Serves a stranger who has computed the hash of a journal and asks for its place.
CREATE INDEX log_leaves_by_hash ON log_leaves (book_id, leaf_hash);

-- Roots of complete subtrees of 256, 256 x 256 ... leaves: with them every tile and every root is a bounded read.
CREATE TABLE log_nodes (
    book_id integer NOT NULL REFERENCES books (id),
    level integer NOT NULL CHECK (level BETWEEN 1 AND 6),
    position {big} NOT NULL CHECK (position >= 0),
    hash {bytes} NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (book_id, level, position)
) {strict};

-- Signed sizes and roots of the log; everything recorded before stable_before is in the tree.
CREATE TABLE log_checkpoints (
    book_id integer NOT NULL REFERENCES books (id),
    number {big} NOT NULL CHECK (number >= 1),
    tree_size {big} NOT NULL CHECK (tree_size >= 0),
    root {bytes} NOT NULL CHECK (length(root) = 32),
    note text NOT NULL,
    key_number {big} NOT NULL,
    stable_before {big} NOT NULL,
    recorded_at {big} NOT NULL,
    PRIMARY KEY (book_id, number),
    CONSTRAINT log_checkpoints_key FOREIGN KEY (book_id, key_number) REFERENCES log_keys (book_id, number)
) {strict};
-- Serves the checkpoint of a size, for a witness that has signed it.
CREATE INDEX log_checkpoints_by_size ON log_checkpoints (book_id, tree_size, number);

-- Who cosigns checkpoints, so that the operator alone cannot rewrite history; counts what each has signed.
CREATE TABLE log_witnesses (
    book_id integer NOT NULL REFERENCES books (id),
    name text NOT NULL,
    vkey text NOT NULL,
    registered_by {uuid} NOT NULL,
    registered_at {big} NOT NULL,
    cosigned {big} NOT NULL CHECK (cosigned >= 0),
    PRIMARY KEY (book_id, name)
) {strict};

-- The signature lines of witnesses, numbered without a gap for each of them.
CREATE TABLE log_cosignatures (
    book_id integer NOT NULL REFERENCES books (id),
    witness text NOT NULL,
    number {big} NOT NULL CHECK (number >= 1),
    checkpoint_number {big} NOT NULL,
    line text NOT NULL,
    PRIMARY KEY (book_id, witness, number),
    -- A witness signs a checkpoint once; serves the signatures under a checkpoint.
    CONSTRAINT log_cosignatures_checkpoint UNIQUE (book_id, checkpoint_number, witness),
    CONSTRAINT log_cosignatures_witness FOREIGN KEY (book_id, witness) REFERENCES log_witnesses (book_id, name),
    CONSTRAINT log_cosignatures_of FOREIGN KEY (book_id, checkpoint_number) REFERENCES log_checkpoints (book_id, number)
) {strict};
";
