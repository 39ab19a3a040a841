//! The later life of rights: what ends them, gives them back or renews them, and what pledgees are told of it.

use crate::dialect;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        dialect::run(manager, TABLES).await?;
        dialect::grow_only(manager, "lien_notices", &[TOLD, LAPSED]).await
    }
}

/// What a notice says from the beginning, and what is added for ever when the grams leave.
const TOLD: &[&str] = &["id", "lien_id", "cause", "right_act_id", "grams", "until", "given_at"];
const LAPSED: &[&str] = &["lapsed", "lapsed_at"];

const TABLES: &str = "
-- Acts on the rights of a site of one class: given up (注销), expired (到期), taken back (无偿收回), bought back (回购), set aside
-- (预留), renewed (延续) or varied (变更). Rights of a class are interchangeable, so an act names a quantity and no grant.
CREATE TABLE right_acts (
    id {uuid} PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN
        ('surrender', 'expiry', 'take_back', 'buy_back', 'set_aside', 'renewal', 'variation')),
    cause text NOT NULL,
    site_id {uuid} NOT NULL REFERENCES sites (id),
    organisation_id {uuid} NOT NULL REFERENCES organisations (id),
    area_path text NOT NULL,
    right_class_id {uuid} NOT NULL REFERENCES right_classes (id),
    quantity {big} NOT NULL CHECK (quantity > 0),
    -- Number of the document it rests on; nobody writes one when the clock acts.
    document text CHECK ((kind = 'expiry') = (document IS NULL)),
    -- The reserve's site that receives the rights, and its organisation.
    reserve_site_id {uuid} REFERENCES sites (id),
    reserve_id {uuid} REFERENCES organisations (id),
    -- What the treasury pays for the whole, in fen.
    total {big} CHECK ((kind = 'buy_back') = (total IS NOT NULL) AND total > 0),
    -- The class that rights are renewed into, how much of them is confirmed, and its first day.
    new_class_id {uuid} REFERENCES right_classes (id),
    confirmed {big} CHECK (confirmed > 0 AND confirmed <= quantity),
    due_on text,
    state text NOT NULL CHECK (state IN ('proposed', 'agreed', 'approved', 'carried_out', 'refused', 'withdrawn')),
    proposed_by {uuid} NOT NULL,
    proposer_id {uuid} NOT NULL,
    proposed_at {big} NOT NULL,
    agreed_by {uuid},
    agreed_at {big},
    decided_by {uuid},
    decided_at {big},
    reason text,
    -- When it took effect, how much has moved, and how much of that turned into the new class.
    carried_out_at {big},
    moved {big} CHECK (moved >= 0 AND moved <= quantity),
    converted {big} CHECK (converted >= 0 AND converted <= moved),
    rulebook_id {uuid} NOT NULL REFERENCES rulebooks (id),
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT right_acts_reserve CHECK ((kind IN ('take_back', 'buy_back')) = (reserve_site_id IS NOT NULL)
        AND (reserve_site_id IS NULL) = (reserve_id IS NULL)),
    CONSTRAINT right_acts_renewed CHECK ((kind = 'renewal') = (new_class_id IS NOT NULL)
        AND (new_class_id IS NULL) = (confirmed IS NULL) AND (new_class_id IS NULL) = (due_on IS NULL)),
    CONSTRAINT right_acts_agreed CHECK ((agreed_by IS NULL) = (agreed_at IS NULL) AND (agreed_by IS NULL OR kind = 'buy_back')
        AND (state <> 'agreed' OR agreed_by IS NOT NULL)),
    CONSTRAINT right_acts_decided CHECK ((decided_by IS NULL) = (decided_at IS NULL)
        AND (state NOT IN ('approved', 'refused') OR decided_by IS NOT NULL)),
    CONSTRAINT right_acts_carried_out CHECK ((state = 'carried_out') = (carried_out_at IS NOT NULL)
        AND (state = 'carried_out') = (moved IS NOT NULL) AND (state = 'carried_out') = (converted IS NOT NULL))
) {strict};
-- Serves an organisation's own list.
CREATE INDEX right_acts_of_organisation ON right_acts (organisation_id, id);
-- Serves the expiry, which leaves what a renewal waits for.
CREATE INDEX right_acts_waiting ON right_acts (site_id, right_class_id) WHERE state IN ('proposed', 'approved');
-- Serves the clock, which carries approved renewals out on their day.
CREATE INDEX right_acts_due ON right_acts (due_on, id) WHERE state = 'approved';

-- What a pledgee was told about rights of its lien, and how many of its grams have left since.
CREATE TABLE lien_notices (
    id {uuid} PRIMARY KEY,
    lien_id {uuid} NOT NULL REFERENCES liens (id),
    cause text NOT NULL CHECK (cause IN ('expiry', 'take_back')),
    right_act_id {uuid} REFERENCES right_acts (id),
    grams {big} NOT NULL CHECK (grams > 0),
    -- The last day on which the grams stay where they are; absent where no rule sets a term.
    until text,
    given_at {big} NOT NULL,
    lapsed {big} CHECK (lapsed > 0),
    lapsed_at {big},
    version {big} NOT NULL CHECK (version >= 1),
    CONSTRAINT lien_notices_act CHECK ((cause = 'expiry') = (right_act_id IS NULL)),
    CONSTRAINT lien_notices_lapsed CHECK ((lapsed IS NULL) = (lapsed_at IS NULL))
) {strict};
-- Serves the notices of a lien.
CREATE INDEX lien_notices_of ON lien_notices (lien_id, id);

-- Serves the clock, which looks for the holders of classes whose validity is over. It names no balance, so that moving one leaves it
-- alone.
CREATE INDEX accounts_of_asset ON accounts (book_id, asset_id, owner_id);
CREATE INDEX right_classes_over ON right_classes (valid_to);
";
