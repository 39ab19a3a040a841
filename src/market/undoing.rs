//! Open offers, listings and trades whose rights are over: their holds go back before the rights expire.

use super::listings::{self, Listing};
use super::offer::Offer;
use super::offer_commands::{self, stock};
use super::store;
use super::trade::Trade;
use super::trade_commands;
use super::trade_endings;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions;
use crate::encumbrance::Commitments;
use crate::kernel::Failure;
use crate::kernel::ids::TradeId;
use accounting::recipes::{self, Held};
use accounting::{Journal, JournalKind, SubjectId};
use uuid::Uuid;

/// The offers, listings and trades of the market.
#[derive(Debug)]
pub struct OpenBusiness;

impl Commitments for OpenBusiness {
    fn undo<'w>(&'w self, work: &'w mut Work, subjects: &'w [SubjectId], why: &'w str) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let ids: Vec<TradeId> = subjects.iter().map(|subject| TradeId(subject.0)).collect();
            let (offers, mut journals) = end_offers(work, &ids, why).await?;
            let (listings, more) = end_listings(work, subjects, why).await?;
            journals.extend(more);
            let (trades, more) = end_trades(work, &ids, why).await?;
            journals.extend(more);
            let ended = offers.iter().map(|offer| offer.id.0).chain(trades.iter().map(|trade| trade.id.0));
            let ended = ended.chain(listings.iter().map(|listing| listing.id.0));
            decisions::drop_open(work, &ended.collect::<Vec<Uuid>>()).await?;
            offer_commands::tell(work, "offer.withdrawn", &offers);
            listings::commands::tell(work, "listing.withdrawn", &listings);
            trade_commands::tell(work, &trades);
            Ok(journals)
        })
    }
}

/// Offers that would become these trades, as far as they are open.
async fn end_offers(work: &Work, trades: &[TradeId], why: &str) -> Result<(Vec<Offer>, Vec<Journal>), Failure> {
    let (mut ended, mut journals) = (Vec::new(), Vec::new());
    for offer in store::lock_offers_of(work, trades).await? {
        // Whoever answered it meanwhile has ended it, or made it a trade, which is locked next.
        let Ok(offer) = offer.end(Some(why.to_owned())) else { continue };
        let rights = Some((stock(&offer.seller, offer.right_class), offer.quantity.grams()));
        let postings = recipes::void(offer.trade.into(), &Held { rights, ..Held::default() })?;
        let reason = Some(why.to_owned());
        journals.push(offer_commands::journal(work.today(), JournalKind::OfferWithdrawn, &offer, postings, reason));
        ended.push(offer);
    }
    store::save_offers(work, &ended).await?;
    Ok((ended, journals))
}

/// Listings that hold something under these subjects.
async fn end_listings(work: &Work, subjects: &[SubjectId], why: &str) -> Result<(Vec<Listing>, Vec<Journal>), Failure> {
    let (mut ended, mut journals) = (Vec::new(), Vec::new());
    for listing in listings::store::lock_open(work, subjects).await? {
        let held = listing.held();
        let listing = listing.end(Some(why.to_owned()))?;
        let kind = JournalKind::ListingWithdrawn;
        journals.push(listings::commands::undone(work.today(), kind, &listing, held, Some(why.to_owned()))?);
        ended.push(listing);
    }
    listings::store::save(work, &ended).await?;
    Ok((ended, journals))
}

async fn end_trades(work: &mut Work, trades: &[TradeId], why: &str) -> Result<(Vec<Trade>, Vec<Journal>), Failure> {
    let open: Vec<Trade> = store::lock_trades(work, trades).await?.into_iter().filter(Trade::is_open).collect();
    if open.is_empty() {
        return Ok((open, Vec::new()));
    }
    let (ended, journals) = trade_endings::end(work, open, why).await?;
    store::save_trades(work, &ended).await?;
    Ok((ended, journals))
}
