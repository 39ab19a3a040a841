//! The ledger's own rows that no journal carries, as the evidence of them tells them.

use crate::db::records::Covered;
use crate::entity;

entity!(books, "books", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: i32,
    code: String,
    name: String,
});

entity!(owners, "owners", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    kind: String,
    name: String,
    organisation_id: Option<Uuid>,
    area_path: Option<String>,
});

entity!(assets, "assets", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    kind: String,
    code: String,
    unit: String,
    units_per_whole: i64,
    decimals: i32,
});

// What an account is. Where it stands is derived again from its entries, and so leaves no evidence of its own.
entity!(accounts, "accounts", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    owner_id: Uuid,
    asset_id: Uuid,
    purpose: String,
    subject_id: Uuid,
    guarded: bool,
});

// Who a witness is. How many lines it has is counted again from its cosignatures.
entity!(log_witnesses, "log_witnesses", {
    #[sea_orm(primary_key, auto_increment = false)]
    book_id: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    name: String,
    vkey: String,
    registered_by: Uuid,
    registered_at: i64,
});

/// Tables of the ledger whose rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<books::Entity>(),
    Covered::of::<owners::Entity>(),
    Covered::of::<assets::Entity>(),
    Covered::of::<accounts::Entity>(),
    Covered::of::<log_witnesses::Entity>(),
];
