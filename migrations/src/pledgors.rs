//! Several pledgors of one pledge (第三人出质), and who of them has agreed to a change of its terms.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::insert_only(manager, &["amendment_agreements"]).await?;
        dialect::grow_only(manager, "further_pledgors", &[NAMED, AGREED]).await
    }
}

/// What stands from the application on, and for ever once a pledgor has agreed.
const NAMED: &[&str] = &["pledge_id", "pledgor_id", "place"];
const AGREED: &[&str] = &["agreed_at", "agreed_by"];

const TABLES: &str = "
-- Whose rights secure a claim beside the borrower's (第三人). Which they are is told by the sites of the liens.
CREATE TABLE further_pledgors (
    pledge_id {uuid} NOT NULL REFERENCES pledges (id),
    pledgor_id {uuid} NOT NULL REFERENCES organisations (id),
    -- In the order of the application; the borrower, who stands in the pledge itself, is 0.
    place {big} NOT NULL CHECK (place >= 1),
    agreed_by {uuid},
    agreed_at {big},
    version {big} NOT NULL CHECK (version >= 1),
    PRIMARY KEY (pledge_id, pledgor_id),
    CONSTRAINT further_pledgors_place UNIQUE (pledge_id, place),
    CONSTRAINT further_pledgors_agreed CHECK ((agreed_by IS NULL) = (agreed_at IS NULL))
) {strict};
-- Serves the pledges of a further pledgor.
CREATE INDEX further_pledgors_of ON further_pledgors (pledgor_id, pledge_id);

-- Who of several pledgors has agreed to a change that waits for the others, in whatever order.
CREATE TABLE amendment_agreements (
    amendment_id {uuid} NOT NULL REFERENCES pledge_amendments (id),
    pledgor_id {uuid} NOT NULL REFERENCES organisations (id),
    agreed_by {uuid} NOT NULL,
    agreed_at {big} NOT NULL,
    PRIMARY KEY (amendment_id, pledgor_id)
) {strict};
";
