//! What else a pledgee is told of: the standing of the pledgor, the permit of the site, and a buy-back of what is pledged.

use crate::dialect::{self, Rewording};
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::reword(manager, "lien_notices", &NOTICES).await
    }
}

const NOTICES: [Rewording; 2] = [
    Rewording {
        sqlite: (
            "CHECK (cause IN ('expiry', 'take_back', 'court_freeze', 'junior_lien'))",
            "CHECK (cause IN ('expiry', 'take_back', 'court_freeze', 'junior_lien', 'suspension', 'suspension_lifted', \
             'permit_end', 'buy_back'))",
        ),
        postgres: "ALTER TABLE lien_notices DROP CONSTRAINT lien_notices_cause_check, ADD CONSTRAINT \
                   lien_notices_cause_check CHECK (cause IN ('expiry', 'take_back', 'court_freeze', 'junior_lien', \
                   'suspension', 'suspension_lifted', 'permit_end', 'buy_back'))",
    },
    Rewording {
        sqlite: (
            "CHECK ((cause <> 'take_back') = (right_act_id IS NULL))",
            "CHECK ((cause IN ('take_back', 'buy_back')) = (right_act_id IS NOT NULL))",
        ),
        postgres: "ALTER TABLE lien_notices DROP CONSTRAINT lien_notices_act, ADD CONSTRAINT \
                   lien_notices_act CHECK ((cause IN ('take_back', 'buy_back')) = (right_act_id IS NOT NULL))",
    },
];
