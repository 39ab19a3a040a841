//! How much a settled usage fee (有偿使用费) is for.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, FEES).await
    }
}

const FEES: &str = "
-- Of how many grams the usage fee of a site's free rights was settled; what was told before this column was there is of all of them.
ALTER TABLE facts ADD COLUMN grams {big} CHECK (grams IS NULL OR (grams > 0 AND right_class IS NOT NULL));
DROP INDEX facts_of_right;
-- A usage fee of all that there is of a class is settled once.
CREATE UNIQUE INDEX facts_of_right ON facts (subject_id, right_class)
    WHERE right_class IS NOT NULL AND grams IS NULL AND corrects_id IS NULL;
-- One of a quantity is settled once by each document.
CREATE UNIQUE INDEX facts_of_quantity ON facts (subject_id, right_class, source)
    WHERE grams IS NOT NULL AND corrects_id IS NULL;
";
