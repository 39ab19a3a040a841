//! Lots whose rights are over: they are called off, and what their bidders have put down goes back, before the rights expire.

use super::ending::{Ending, end_lots};
use super::store;
use crate::db::Work;
use crate::db::work::Doing;
use crate::encumbrance::Commitments;
use crate::kernel::ids::AuctionLotId;
use accounting::{Journal, SubjectId};

/// The lots of auctions.
#[derive(Debug)]
pub struct OpenLots;

impl Commitments for OpenLots {
    fn undo<'w>(&'w self, work: &'w mut Work, subjects: &'w [SubjectId], why: &'w str) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let ids: Vec<AuctionLotId> = subjects.iter().map(|subject| AuctionLotId(subject.0)).collect();
            let lots = store::lock_lots(work, &ids).await?;
            end_lots(work, lots, &Ending::Cancelled { reason: Some(why.to_owned()) }).await
        })
    }
}
