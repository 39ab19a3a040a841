//! What a trade comes of.

use crate::kernel::ids::{AuctionLotId, ListingId, OfferId};
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
}

impl Source {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["offer", "listing", "auction_lot"];

    /// The word the API uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offer(_) => "offer",
            Self::Listing(_) => "listing",
            Self::AuctionLot(_) => "auction_lot",
        }
    }

    /// Which one.
    pub fn id(self) -> Uuid {
        match self {
            Self::Offer(id) => id.0,
            Self::Listing(id) => id.0,
            Self::AuctionLot(id) => id.0,
        }
    }

    /// The offer, where it was one.
    pub fn offer(self) -> Option<OfferId> {
        match self {
            Self::Offer(id) => Some(id),
            Self::Listing(_) | Self::AuctionLot(_) => None,
        }
    }
}
