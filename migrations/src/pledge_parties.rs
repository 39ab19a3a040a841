//! Several pledgees of one pledge, each with a share of the secured claim (按份), and what each got of a disposal.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["disposal_shares"]).await?;
        dialect::grow_only(manager, "pledge_shares", &[NAMED, JOINED]).await
    }
}

/// What stands from the application on, and for ever once a pledgee has said yes.
const NAMED: &[&str] = &["pledge_id", "pledgee_id", "place", "share"];
const JOINED: &[&str] = &["joined_at", "joined_by"];

const TABLES: &str = "
-- Pledgees of a pledge that has several (银团): the first leads (代理行) and acts for all. A pledge of one has no row.
CREATE TABLE pledge_shares (
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    pledgee_id {uuid} NOT NULL REFERENCES organisations (id),
    -- In the order of the application, which the fen that are left over follow; the leader is 0.
    place {big} NOT NULL CHECK (place >= 0),
    -- Fen of what was secured when it was applied for; of what is secured later it is the same share.
    share {big} NOT NULL CHECK (share > 0),
    joined_by {uuid},
    joined_at {big},
    version {big} NOT NULL CHECK (version >= 1),
    PRIMARY KEY (pledge_id, pledgee_id),
    CONSTRAINT pledge_shares_place UNIQUE (pledge_id, place),
    CONSTRAINT pledge_shares_joined CHECK ((joined_by IS NULL) = (joined_at IS NULL))
) {strict};
-- Serves the pledges of a pledgee.
CREATE INDEX pledge_shares_of ON pledge_shares (pledgee_id, pledge_id);

-- What was owed to each of several pledgees when something was disposed of, and what it got.
CREATE TABLE disposal_shares (
    disposal_id {uuid} NOT NULL REFERENCES disposals (id),
    pledgee_id {uuid} NOT NULL REFERENCES organisations (id),
    place {big} NOT NULL CHECK (place >= 0),
    owed {big} NOT NULL CHECK (owed >= 0),
    paid {big} NOT NULL CHECK (paid >= 0 AND paid <= owed),
    PRIMARY KEY (disposal_id, pledgee_id)
) {strict};
";
