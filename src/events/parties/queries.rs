//! Finding out whom a journal concerns.

use super::Telling;
use crate::compliance;
use crate::extracts;
use crate::freeze;
use crate::http::concern::Party;
use crate::kernel::Failure;
use crate::ledger::log::sequenced::{self, Sequenced};
use crate::market::{self, auctions, listings, overrides};
use crate::parties::facts;
use crate::{objections, pledge, quota};
use accounting::SubjectKind;
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// The parties of things by their ids.
type ByThing = HashMap<Uuid, Vec<Party>>;

/// Whom these journals concern.
///
/// # Errors
/// A fault of the database.
pub async fn of_journals(books: &impl ConnectionTrait, journals: &[Sequenced]) -> Result<Telling, Failure> {
    let places: HashMap<Uuid, i64> = journals.iter().map(|journal| (journal.id, journal.position)).collect();
    let ids: Vec<Uuid> = journals.iter().map(|journal| journal.id).collect();
    let touched = sequenced::owners_touched(books, &ids).await?;
    let mut telling: Telling =
        touched.into_iter().filter_map(|(journal, owner)| Some((*places.get(&journal)?, owner))).collect();
    let mut things: BTreeMap<&str, BTreeSet<Uuid>> = BTreeMap::new();
    for journal in journals {
        things.entry(&journal.subject_kind).or_default().insert(journal.subject);
    }
    let mut parties = ByThing::new();
    for (kind, subjects) in things {
        // A word that nobody knows has no parties: the leaf of its journal says what is wrong with it.
        let Some(kind) = SubjectKind::parse(kind) else { continue };
        parties.extend(of_things(books, kind, &subjects.into_iter().collect::<Vec<_>>()).await?);
    }
    for journal in journals {
        for party in parties.get(&journal.subject).into_iter().flatten() {
            let Party::Organisation(organisation) = party else {
                return Err(Failure::bug(format!("a {} names a party that is no organisation", journal.kind)));
            };
            telling.insert((journal.position, *organisation));
        }
    }
    Ok(telling)
}

/// The parties of things of one kind. A new kind of thing is a decision here.
async fn of_things(books: &impl ConnectionTrait, kind: SubjectKind, ids: &[Uuid]) -> Result<ByThing, Failure> {
    match kind {
        SubjectKind::Allocation => quota::queries::parties_of_allocations(books, ids).await,
        SubjectKind::AllocationApplication => quota::applications::queries::parties_of_applications(books, ids).await,
        SubjectKind::ReductionApplication => quota::reductions::queries::parties_of_applications(books, ids).await,
        SubjectKind::Certificate => quota::certificates::queries::parties_of_certificates(books, ids).await,
        SubjectKind::Tenure => quota::tenure::queries::parties_of_acts(books, ids).await,
        SubjectKind::Objection => objections::queries::parties_of_objections(books, ids).await,
        SubjectKind::Fact => facts::queries::parties_of_facts(books, ids).await,
        SubjectKind::Offer => market::queries::parties_of_offers(books, ids).await,
        SubjectKind::Listing => listings::queries::parties_of_listings(books, ids).await,
        SubjectKind::Trade => market::queries::parties_of_trades(books, ids).await,
        SubjectKind::TradeOverride => overrides::queries::parties_of_overrides(books, ids).await,
        SubjectKind::AuctionLot => auctions::queries::parties_of_lots(books, ids).await,
        SubjectKind::AuctionRegistration => auctions::queries::parties_of_registrations(books, ids).await,
        SubjectKind::AuctionBid => auctions::queries::parties_of_bids(books, ids).await,
        SubjectKind::Facility => pledge::queries::parties_of_facilities(books, ids).await,
        SubjectKind::Pledge => pledge::queries::parties_of_pledges(books, ids).await,
        SubjectKind::Extract => extracts::queries::parties_of_extracts(books, ids).await,
        SubjectKind::Freeze => freeze::queries::parties_of_freezes(books, ids).await,
        SubjectKind::ComplianceYear => compliance::queries::parties_of_years(books, ids).await,
        // What is published for everybody, and what concerns exactly those whose accounts it touches.
        SubjectKind::Capacity
        | SubjectKind::CapacityChange
        | SubjectKind::AreaSuspension
        | SubjectKind::AllocationBatch
        | SubjectKind::AllocationPart
        | SubjectKind::Auction
        | SubjectKind::MoneyMovement
        | SubjectKind::Payment
        | SubjectKind::Holder
        | SubjectKind::LegacyTransaction
        | SubjectKind::Period
        | SubjectKind::Journal => Ok(ByThing::new()),
    }
}
