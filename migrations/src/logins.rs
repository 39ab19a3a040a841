//! Logins that differ in nothing but the case of their letters are one.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, LOGINS).await
    }
}

const LOGINS: &str = "
-- Nobody is somebody else by a capital letter; serves the sign-in, which looks a login up in lower case. New logins are kept in lower
-- case by the program, so this holds them against those that are older.
CREATE UNIQUE INDEX users_login_folded ON users (lower(login));
";
