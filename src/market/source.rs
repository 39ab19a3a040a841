//! What a trade comes of.

use crate::kernel::ids::{AuctionLotId, ConsentedSaleId, ListingId, OfferId};
use uuid::Uuid;

/// What a trade came of. An offer becomes one trade at most; a listing and a lot may become several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An offer to a named buyer (协议转让).
    Offer(OfferId),
    /// A listing at a fixed price (挂牌).
    Listing(ListingId),
    /// A lot of an auction (竞价).
    AuctionLot(AuctionLotId),
    /// A sale of pledged rights to which the pledgee has consented (经质权人同意转让).
    ConsentedSale(ConsentedSaleId),
}

impl Source {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["offer", "listing", "auction_lot", "consented_sale"];

    /// The word the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offer(_) => "offer",
            Self::Listing(_) => "listing",
            Self::AuctionLot(_) => "auction_lot",
            Self::ConsentedSale(_) => "consented_sale",
        }
    }

    /// Which one.
    pub fn id(self) -> Uuid {
        match self {
            Self::Offer(id) => id.0,
            Self::Listing(id) => id.0,
            Self::AuctionLot(id) => id.0,
            Self::ConsentedSale(id) => id.0,
        }
    }

    /// Whether its rights stay in the lien that holds them until it settles, so that it holds none of them itself.
    pub fn stays_pledged(self) -> bool {
        matches!(self, Self::ConsentedSale(_))
    }

    /// The offer, where it was one.
    pub fn offer(self) -> Option<OfferId> {
        match self {
            Self::Offer(id) => Some(id),
            Self::Listing(_) | Self::AuctionLot(_) | Self::ConsentedSale(_) => None,
        }
    }
}
