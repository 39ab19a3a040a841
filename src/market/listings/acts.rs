//! Opening a listing and buying from one, where an enterprise lets a second of its people approve.

use super::api::{ListingView, OpenListing};
use super::commands::{self, ListingWord, Purchase};
use crate::access::Action;
use crate::db::Work;
use crate::db::work::Doing;
use crate::decisions::proposals::Command as Proposed;
use crate::decisions::{Made, OwnAct, Place};
use crate::http::answer::one;
use crate::kernel::Failure;
use crate::kernel::ids::{ListingId, OrganisationId, ProjectId, SiteId};
use crate::market::api_trades;
use crate::parties::words::Words;
use crate::rulebook::OwnProposal;
use accounting::{Quantity, SubjectKind};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// An opening as it is kept while it waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptOpening {
    listing: ListingId,
}

/// A purchase as it is kept while it waits: its quantity in grams, as it was read from the listing's unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptPurchase {
    listing: ListingId,
    buyer: Uuid,
    project: Uuid,
    grams: Option<i64>,
}

fn proposed(
    body: &impl Serialize,
    expected: Option<i64>,
    own: OrganisationId,
    listing: ListingId,
) -> Result<Proposed, Failure> {
    Ok(Proposed {
        body: serde_json::to_value(body).map_err(Failure::bug)?,
        expected,
        place: Place::Organisation(own),
        about: Some((SubjectKind::Listing.as_str(), listing.0)),
    })
}

/// An opening with what is needed to let it wait.
pub(super) fn opening(
    listing: ListingId,
    _: &OpenListing,
    expected: Option<i64>,
    own: OrganisationId,
) -> Result<Proposed, Failure> {
    proposed(&KeptOpening { listing }, expected, own, listing)
}

/// A purchase with what is needed to let it wait.
pub(super) fn purchase(wanted: &Purchase, own: OrganisationId) -> Result<Proposed, Failure> {
    let kept = KeptPurchase {
        listing: wanted.listing,
        buyer: wanted.buyer.0,
        project: wanted.project.0,
        grams: wanted.quantity.map(Quantity::grams),
    };
    proposed(&kept, wanted.expected, own, wanted.listing)
}

/// Opening a listing: it holds rights.
pub struct ListingProposal;

impl OwnProposal for ListingProposal {
    fn act(&self) -> OwnAct {
        OwnAct::Listing
    }

    fn permission(&self) -> Action {
        Action::ListRights
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let KeptOpening { listing } = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let opened = ListingWord { listing, expected, reason: None };
            let listing = one(commands::open(work, &[opened]).await?, |listing| listing)?;
            let words = Words::of_ids(work.connection(), &[listing.right_class]).await?;
            let (subject_kind, subject) = (SubjectKind::Listing.as_str(), listing.id.0);
            let answer = serde_json::to_value(ListingView::of(listing, &words)?).map_err(Failure::bug)?;
            Ok(Made { subject_kind, subject, answer })
        })
    }
}

/// Buying from a listing: it holds the deposit, and owes the rest.
pub struct PurchaseProposal;

impl OwnProposal for PurchaseProposal {
    fn act(&self) -> OwnAct {
        OwnAct::Purchase
    }

    fn permission(&self) -> Action {
        Action::BuyListed
    }

    fn carry_out<'w>(&'w self, work: &'w mut Work, command: &'w Value, expected: Option<i64>) -> Doing<'w, Made> {
        Box::pin(async move {
            let kept: KeptPurchase = serde_json::from_value(command.clone()).map_err(Failure::bug)?;
            let purchase = Purchase {
                listing: kept.listing,
                expected,
                buyer: SiteId(kept.buyer),
                project: ProjectId(kept.project),
                quantity: kept.grams.map(Quantity::try_new).transpose().map_err(Failure::bug)?,
            };
            let bought = commands::buy(work, &[purchase]).await?;
            let trade = api_trades::only(work.connection(), bought).await?;
            let (subject_kind, subject) = (SubjectKind::Trade.as_str(), trade.id);
            let answer = serde_json::to_value(trade).map_err(Failure::bug)?;
            Ok(Made { subject_kind, subject, answer })
        })
    }
}
