//! Signing in: keys of tokens, sessions with their refresh tokens, failures, second factors, codes for a new password; and API
//! clients.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await
    }
}

const TABLES: &str = "
-- Keys that sign access tokens, in wall time: several at once while one gives way to the next. The private key of one that is no
-- longer good is wiped.
CREATE TABLE token_keys (
    id {uuid} PRIMARY KEY,
    private_key text NOT NULL,
    created_at {big} NOT NULL,
    signs_from {big} NOT NULL,
    signs_until {big},
    checked_until {big},
    version {big} NOT NULL CHECK (version >= 1)
) {strict};

-- Sign-ins of people, in wall time; each is a family of refresh tokens.
CREATE TABLE sessions (
    id {uuid} PRIMARY KEY,
    user_id {uuid} NOT NULL REFERENCES users (id),
    address text NOT NULL,
    agent text NOT NULL,
    began_at {big} NOT NULL,
    last_seen_at {big} NOT NULL,
    expires_at {big} NOT NULL,
    second_factor_at {big},
    is_finished {bool} NOT NULL,
    ended_at {big},
    ended_by {uuid},
    end_reason text,
    CONSTRAINT sessions_end CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) {strict};
-- Serves the sessions of a user, and whether they have signed in from an address before.
CREATE INDEX sessions_of_user ON sessions (user_id, id);

-- Refresh tokens by their SHA-256, in the order of each family. A used one stays, so that its replay is known for what it is.
CREATE TABLE refresh_tokens (
    token_hash {bytes} PRIMARY KEY CHECK (length(token_hash) = 32),
    session_id {uuid} NOT NULL REFERENCES sessions (id),
    number {big} NOT NULL CHECK (number >= 1),
    -- The token that was given for this one.
    parent_hash {bytes},
    issued_at {big} NOT NULL,
    used_at {big},
    CONSTRAINT refresh_tokens_number UNIQUE (session_id, number)
) {strict};

-- Failures to sign in and the instant before which the next attempt is not judged, in wall time; the subject is a keyed hash of a
-- login, an address, both, or a user who gives codes.
CREATE TABLE sign_in_failures (
    subject text PRIMARY KEY,
    failures {big} NOT NULL CHECK (failures >= 1),
    last_failed_at {big} NOT NULL,
    refused_until {big} NOT NULL
) {strict};
-- Serves the removal of what is long past.
CREATE INDEX sign_in_failures_by_age ON sign_in_failures (last_failed_at);

-- Second factors (TOTP) of people; recovery codes are SHA-256 hashes of those not used yet, separated by blanks.
CREATE TABLE second_factors (
    user_id {uuid} PRIMARY KEY REFERENCES users (id),
    state text NOT NULL CHECK (state IN ('pending', 'active', 'removed')),
    secret text NOT NULL,
    recovery_codes text NOT NULL,
    changed_by {uuid} NOT NULL,
    changed_at {big} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1)
) {strict};

-- The newest time step of which a code was used: neither it nor an older one is good again.
CREATE TABLE second_factor_steps (
    user_id {uuid} PRIMARY KEY REFERENCES users (id),
    step {big} NOT NULL
) {strict};

-- Codes by which a person sets a new password once, each made by an administrator; in wall time.
CREATE TABLE password_resets (
    user_id {uuid} PRIMARY KEY REFERENCES users (id),
    code_hash {bytes},
    made_by {uuid} NOT NULL,
    made_at {big} NOT NULL,
    expires_at {big} NOT NULL,
    used_at {big},
    version {big} NOT NULL CHECK (version >= 1)
) {strict};

-- API clients beside their rows in users: SHA-256 of the secret and, while it is rotated, of the one before; permissions they may
-- ask for and networks they may come from, separated by blanks (no network: from anywhere).
CREATE TABLE api_clients (
    id {uuid} PRIMARY KEY REFERENCES users (id),
    state text NOT NULL CHECK (state IN ('active', 'suspended', 'removed')),
    scopes text NOT NULL CHECK (scopes <> ''),
    networks text NOT NULL,
    secret_hash {bytes} NOT NULL CHECK (length(secret_hash) = 32),
    former_secret_hash {bytes},
    -- Wall time.
    former_until {big},
    registered_by {uuid} NOT NULL,
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT api_clients_former CHECK ((former_secret_hash IS NULL) = (former_until IS NULL))
) {strict};
";
