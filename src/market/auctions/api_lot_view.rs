//! Lots as they are shown.

use super::lot::{Lot, LotState};
use crate::access::{Caller, Scope};
use crate::concerns_nobody;
use crate::db::Db;
use crate::http::Versioned;
use crate::kernel::ids::OrganisationId;
use crate::kernel::{Failure, Moment};
use crate::parties::names::Names;
use crate::parties::words::Words;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

// Lots are published.
concerns_nobody!(LotView);

/// What is on offer in a session.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[schema(as = AuctionLot)]
pub struct LotView {
    /// Its identity.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub id: Uuid,
    /// Of which session.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e02")]
    pub auction: Uuid,
    /// Counts from 1 within the session.
    #[schema(example = 1)]
    pub number: i64,
    /// The seller.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e03")]
    pub seller: Uuid,
    /// Its name, where the rulebook lets parties be shown; not told in the answer to a command.
    #[schema(example = "临江纸业有限公司")]
    pub seller_name: Option<String>,
    /// The seller's site.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e04")]
    pub seller_site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the class's unit.
    #[schema(example = "133.252")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// The least that a bid may be for.
    #[schema(example = "0.500")]
    pub min_quantity: Option<String>,
    /// The most that a bid may be for.
    #[schema(example = "133.252")]
    pub max_quantity: String,
    /// CNY per display unit, for the whole validity.
    #[schema(example = "8790.00")]
    pub base_price: String,
    /// The lien that holds it, where its pledgee has put it in after a default: a win becomes a disposal. Null of a seller's own.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e05")]
    pub lien: Option<Uuid>,
    /// The bank or guarantor that has put it in.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e06")]
    pub pledgee: Option<Uuid>,
    /// `planned`, `withdrawn`, `offered`, `failed`, `awarded` or `cancelled`.
    #[schema(example = "offered", extensions(("x-words" = json!(LotState::WORDS))))]
    pub state: String,
    /// Why it was called off, or taken out by the exchange; the latter for its seller, its pledgee, the exchange and auditors.
    #[schema(example = "标的信息有误")]
    pub reason: Option<String>,
    /// How many bids have arrived.
    #[schema(example = 12)]
    pub bids: i64,
    /// How many have bid by the planned close.
    #[schema(example = 5)]
    pub bidders: i64,
    /// When bidding for it ends, as far as its bids have moved that.
    #[schema(value_type = String, format = DateTime, example = "2022-12-22T10:05:10.000000+08:00")]
    pub ends_at: Moment,
    /// Counts from 1.
    #[schema(example = 2)]
    pub version: i64,
}

impl Versioned for LotView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl LotView {
    /// Hides from other bidders and sellers why it was taken out.
    pub(super) fn hide_from(&mut self, caller: &Caller) {
        let parties = [Some(self.seller), self.pledgee];
        let is_party = parties.contains(&Some(caller.organisation.0)) || matches!(caller.scope(), Scope::Everything);
        if self.state == "withdrawn" && !is_party {
            self.reason = None;
        }
    }
}

/// Tells who sells these lots, where the rulebook lets parties be shown.
///
/// # Errors
/// A fault of the database.
pub async fn name_sellers(db: &Db, lots: &mut [LotView]) -> Result<(), Failure> {
    let sellers: Vec<OrganisationId> = lots.iter().map(|lot| OrganisationId(lot.seller)).collect();
    let names = Names::shown(db, &sellers).await?;
    for lot in lots.iter_mut() {
        lot.seller_name = names.of(OrganisationId(lot.seller));
    }
    Ok(())
}

/// A lot as it is shown; the names of parties are told by [`name_sellers`].
///
/// # Errors
/// A fault of ours when its class is not among the words.
pub(super) fn lot_view(lot: &Lot, words: &Words) -> Result<LotView, Failure> {
    let (right_class, measure) = words.class(lot.right_class)?;
    let most = lot.most();
    Ok(LotView {
        id: lot.id.0,
        auction: lot.auction.0,
        number: lot.number,
        seller: lot.seller.organisation.0,
        seller_name: None,
        seller_site: lot.seller.site.0,
        right_class,
        quantity: lot.quantity.print(measure),
        unit: measure.unit.clone(),
        min_quantity: lot.least.map(|least| least.print(measure)),
        max_quantity: most.print(measure),
        base_price: lot.base_price.print(),
        lien: lot.of_lien.map(|of| of.lien.0),
        pledgee: lot.of_lien.map(|of| of.pledgee.0),
        state: lot.state.as_str().to_owned(),
        reason: lot.state.reason().cloned(),
        bids: lot.bids,
        bidders: lot.bidders,
        ends_at: lot.ends_at,
        version: lot.version,
    })
}
