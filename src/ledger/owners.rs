//! Who can own an account and what can be counted in one. Both are registered by the capability that knows them, before
//! anything is posted.

use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::ids::OrganisationId;
use crate::ledger::store;
use accounting::{AssetId, AssetKind, OwnerId};
use std::collections::HashMap;
use uuid::Uuid;

/// What kind of owner it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnerKind {
    /// Owns rights.
    Site,
    /// Owns money.
    Organisation,
    /// Owns capacity.
    Area,
    /// Owns what a legacy register said it had.
    Holder,
    /// Owns contra accounts, fees, the treasury.
    Book,
}

impl OwnerKind {
    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Organisation => "organisation",
            Self::Area => "area",
            Self::Holder => "holder",
            Self::Book => "book",
        }
    }
}

/// An owner, and who may look at its accounts.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Identity: that of the site, organisation or area.
    pub id: OwnerId,
    /// What kind.
    pub kind: OwnerKind,
    /// Name for statements.
    pub name: String,
    /// The organisation behind it, whose users may look.
    pub organisation: Option<OrganisationId>,
    /// The area it lies in, whose bureaux may look.
    pub area_path: Option<String>,
}

/// Something counted.
#[derive(Debug, Clone)]
pub struct Asset {
    /// Identity: that of the right class or of the capacity, or [`crate::ledger::CNY`].
    pub id: AssetId,
    /// Which kind.
    pub kind: AssetKind,
    /// Readable code, unique in the book.
    pub code: String,
    /// Display unit.
    pub unit: String,
    /// Smallest units in one display unit.
    pub units_per_whole: i64,
    /// Decimals it is usually written with.
    pub decimals: u32,
}

/// Makes owners known to the ledger.
///
/// # Errors
/// A fault of the database.
pub async fn register_owners(work: &Work, owners: &[Owner]) -> Result<(), Failure> {
    store::insert_owners(work, owners).await
}

/// Makes assets known to the ledger.
///
/// # Errors
/// A fault of the database.
pub async fn register_assets(work: &Work, assets: &[Asset]) -> Result<(), Failure> {
    store::insert_assets(work, assets).await
}

/// The assets with these codes, as far as they are known.
///
/// # Errors
/// A fault of the database.
pub async fn assets_by_code(work: &Work, codes: &[String]) -> Result<HashMap<String, AssetId>, Failure> {
    store::assets_by_code(work, codes).await
}

/// Founds the book of a province: its own owner, money, and its transparency log.
///
/// # Errors
/// A fault of the database; a book is founded once.
pub async fn found_book(work: &Work, code: &str, name: &str) -> Result<(), Failure> {
    store::insert_book(work, code, name).await?;
    let book = Owner {
        id: super::BOOK_OWNER,
        kind: OwnerKind::Book,
        name: name.to_owned(),
        organisation: None,
        area_path: None,
    };
    let money = Asset {
        id: super::CNY,
        kind: AssetKind::Money,
        code: "CNY".to_owned(),
        unit: "CNY".to_owned(),
        units_per_whole: 100,
        decimals: 2,
    };
    register_owners(work, &[book]).await?;
    register_assets(work, &[money]).await?;
    super::log::commands::open(work, code).await
}

/// The organisations behind owners, where there is one. One statement.
///
/// # Errors
/// A fault of the database.
pub async fn organisations_of(work: &Work, owners: &[Uuid]) -> Result<HashMap<Uuid, Uuid>, Failure> {
    store::organisations_of(work, owners).await
}
