//! Reading pledges and facilities, always from who may see them.

use super::amendments::{self, Amendment};
use super::disposals::{self, Disposal};
use super::facility::store::{facilities, facility_limits};
use super::facility::{self, Facility};
use super::lien_parties::store::of_party;
use super::lots;
use super::pledge::{Lien, Pledge};
use super::sales::store::SaleFilter;
use super::sales::{self, Sale};
use super::screenings::{self, Screening};
use super::store::{self, liens, pledges};
use super::transfers::{self, ClaimTransfer};
use super::valuations::{self, Valuation};
use super::{pledgors, shares};
use crate::access::{Caller, Scope};
use crate::db::{Db, Work, rows};
use crate::http::concern::Party;
use crate::http::extract::not_found;
use crate::kernel::ids::{ClaimTransferId, ConsentedSaleId, DisposalId, FacilityId, LienId, OrganisationId, PledgeId};
use crate::kernel::page::{Page, PageRequest};
use crate::kernel::{Failure, Moment};
use crate::market::auctions::Lot;
use crate::parties::queries::{in_area, measure_of, organisations_by_id, parties_in};
use accounting::{Holding, Measure};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait};
use std::collections::HashMap;
use uuid::Uuid;

/// As [`Pledge::is_visible_to`] says.
fn visible_pledges(caller: &Caller) -> Condition {
    match caller.scope() {
        Scope::Everything => Condition::all(),
        Scope::Area { path } => {
            let sites = liens::Entity::find().filter(in_area(liens::Column::AreaPath, &path));
            let ids = QuerySelect::select_only(sites).column(liens::Column::PledgeId);
            in_area(pledges::Column::PledgorAreaPath, &path).add(pledges::Column::Id.in_subquery(ids.into_query()))
        }
        Scope::Organisation { id } => of_party(id),
    }
}

/// As [`Facility::is_visible_to`] says.
fn visible_facilities(caller: &Caller) -> Condition {
    let own = match caller.scope() {
        Scope::Everything => return Condition::all(),
        Scope::Area { path } => in_area(facility_limits::Column::AreaPath, &path),
        Scope::Organisation { id } => Condition::all().add(facility_limits::Column::OrganisationId.eq(id.0)),
    };
    let parts = facility_limits::Entity::find().filter(own);
    let ids = QuerySelect::select_only(parts).column(facility_limits::Column::FacilityId);
    Condition::any()
        .add(facilities::Column::PledgeeId.eq(caller.organisation.0))
        .add(facilities::Column::Id.in_subquery(ids.into_query()))
}

/// Pledgors and pledgees of pledges, by the ids of these.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_pledges(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    let rows = pledges::Entity::find().filter(pledges::Column::Id.is_in(ids.iter().copied())).all(books).await?;
    let shares = shares::store::of_pledges(books, ids).await?;
    let further = pledgors::store::of_pledges(books, ids).await?;
    let parties = |row: pledges::Model| {
        let others = shares.get(&row.id).into_iter().flatten().map(|share| share.pledgee.0);
        let others = others.filter(|pledgee| *pledgee != row.pledgee_id);
        let pledgors = further.get(&row.id).into_iter().flatten().map(|further| further.pledgor.0);
        let others = others.chain(pledgors);
        (row.id, [row.pledgor_id, row.pledgee_id].into_iter().chain(others).map(Party::Organisation).collect())
    };
    Ok(rows.into_iter().map(parties).collect())
}

/// Pledges that the caller may see, in these states or of one number when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_pledges(
    db: &Db,
    caller: &Caller,
    states: Option<&[&str]>,
    number: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Pledge>, Failure> {
    let mut select = pledges::Entity::find().filter(visible_pledges(caller));
    if let Some(states) = states {
        select = select.filter(pledges::Column::State.is_in(states.iter().copied()));
    }
    if let Some(number) = number {
        select = select.filter(pledges::Column::Number.eq(number));
    }
    let heads = rows::page(select, pledges::Column::Id, page).all(db.reader()).await?;
    Ok(Page::cut(store::with_liens(db.reader(), heads).await?, page, |pledge| pledge.id.0))
}

/// What liens still hold, one by one in the order in which they were named, of pledges in these states that the caller may see. One whose
/// rights are all over holds nothing and waits for nothing, and is left out.
///
/// # Errors
/// A fault of the database.
pub async fn list_liens(
    db: &Db,
    caller: &Caller,
    states: &[&str],
    page: &PageRequest,
) -> Result<Page<(Pledge, Lien)>, Failure> {
    let states = pledges::Column::State.is_in(states.iter().copied());
    let standing = pledges::Entity::find().filter(visible_pledges(caller)).filter(states);
    let (mut items, mut rest) = (Vec::new(), *page);
    loop {
        let ids = QuerySelect::select_only(standing.clone()).column(pledges::Column::Id).into_query();
        let of_these = liens::Entity::find().filter(liens::Column::PledgeId.in_subquery(ids));
        let rows = rows::page(of_these, liens::Column::Id, &rest).all(db.reader()).await?;
        let named: Vec<Uuid> = rows.iter().map(|row| row.pledge_id).collect();
        let heads = pledges::Entity::find().filter(pledges::Column::Id.is_in(named)).all(db.reader()).await?;
        let whole = store::with_liens(db.reader(), heads).await?;
        for row in &rows {
            let of_row = |pledge: &Pledge| pledge.lien(LienId(row.id)).cloned();
            let found = whole.iter().find_map(|pledge| Some((pledge, of_row(pledge)?)));
            items.extend(
                found.filter(|(_, lien)| lien.claimed().is_some()).map(|(pledge, lien)| (pledge.clone(), lien)),
            );
        }
        // What is left out may have to be followed by more.
        let is_last = u64::try_from(rows.len()).map_err(Failure::bug)? < rest.fetch();
        if is_last || u64::try_from(items.len()).map_err(Failure::bug)? > page.limit {
            return Ok(Page::cut(items, page, |(_, lien)| lien.id.0));
        }
        rest.after = rows.last().map(|row| row.id);
    }
}

/// A pledge that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_pledge(db: &Db, caller: &Caller, id: PledgeId) -> Result<Option<Pledge>, Failure> {
    let head = pledges::Entity::find_by_id(id.0).filter(visible_pledges(caller)).one(db.reader()).await?;
    Ok(store::with_liens(db.reader(), head.into_iter().collect()).await?.pop())
}

/// In what the quantity of a lien is measured, of a pledge that the caller may see; nothing when the pledge has no such lien, which the
/// command refuses.
///
/// # Errors
/// Nothing is found when the caller may not know of the pledge; a fault of the database.
pub async fn measure_of_lien(db: &Db, caller: &Caller, id: PledgeId, lien: LienId) -> Result<Option<Measure>, Failure> {
    let pledge = find_pledge(db, caller, id).await?.ok_or_else(|| not_found("pledge"))?;
    let Some(lien) = pledge.lien(lien) else { return Ok(None) };
    Ok(Some(measure_of(db.reader(), lien.right_class).await?))
}

/// The valuations of a pledge that the caller may see, oldest first; nothing when the caller may not.
///
/// # Errors
/// A fault of the database.
pub async fn list_valuations(
    db: &Db,
    caller: &Caller,
    id: PledgeId,
    page: &PageRequest,
) -> Result<Option<(Pledge, Page<Valuation>)>, Failure> {
    let Some(pledge) = find_pledge(db, caller, id).await? else { return Ok(None) };
    Ok(Some((pledge, valuations::store::list(db.reader(), id, page).await?)))
}

/// Versions of the terms of a pledge that the caller may see, and proposals of one, oldest first; nothing when the caller may not.
///
/// # Errors
/// A fault of the database.
pub async fn list_amendments(
    db: &Db,
    caller: &Caller,
    id: PledgeId,
    page: &PageRequest,
) -> Result<Option<(Pledge, Page<Amendment>)>, Failure> {
    let Some(pledge) = find_pledge(db, caller, id).await? else { return Ok(None) };
    Ok(Some((pledge, amendments::store::list(db.reader(), id, page).await?)))
}

/// Disposals that the caller may see, of one pledge when asked, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn list_disposals(
    db: &Db,
    caller: &Caller,
    pledge: Option<PledgeId>,
    page: &PageRequest,
) -> Result<Page<Disposal>, Failure> {
    disposals::store::list(db.reader(), caller, pledge, page).await
}

/// A page of what of a pledge was put into auctions, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn list_lots(db: &Db, pledge: PledgeId, page: &PageRequest) -> Result<Page<Lot>, Failure> {
    lots::store::list(db.reader(), pledge, page).await
}

/// A disposal that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_disposal(db: &Db, caller: &Caller, id: DisposalId) -> Result<Option<Disposal>, Failure> {
    let found = disposals::store::find(db.reader(), &[id]).await?.remove(&id);
    Ok(found.filter(|disposal| disposal.is_visible_to(caller)))
}

/// Sales with consent that the caller may see, those that are asked for, in the order that is asked for.
///
/// # Errors
/// A fault of the database.
pub async fn list_sales(
    db: &Db,
    caller: &Caller,
    filter: SaleFilter<'_>,
    page: &PageRequest,
) -> Result<Page<Sale>, Failure> {
    sales::store::list(db.reader(), caller, filter, page).await
}

/// A sale with consent that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_sale(db: &Db, caller: &Caller, id: ConsentedSaleId) -> Result<Option<Sale>, Failure> {
    let found = sales::store::find(db.reader(), &[id]).await?.remove(&id);
    Ok(found.filter(|sale| sale.is_visible_to(caller)))
}

/// Transfers of claims that the caller may see, of one pledge when asked, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn list_transfers(
    db: &Db,
    caller: &Caller,
    pledge: Option<PledgeId>,
    page: &PageRequest,
) -> Result<Page<ClaimTransfer>, Failure> {
    transfers::store::list(db.reader(), caller, pledge, page).await
}

/// A transfer that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_transfer(db: &Db, caller: &Caller, id: ClaimTransferId) -> Result<Option<ClaimTransfer>, Failure> {
    let found = transfers::store::find(db.reader(), &[id]).await?.remove(&id);
    Ok(found.filter(|transfer| transfer.is_visible_to(caller)))
}

/// The screenings of a pledge that the caller may see, in the order of its steps; nothing when the caller may not.
///
/// # Errors
/// A fault of the database.
pub async fn list_screenings(
    db: &Db,
    caller: &Caller,
    id: PledgeId,
) -> Result<Option<(Pledge, Vec<Screening>)>, Failure> {
    let Some(pledge) = find_pledge(db, caller, id).await? else { return Ok(None) };
    Ok(Some((pledge, screenings::store::of(db.reader(), id).await?)))
}

/// Facilities that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn list_facilities(db: &Db, caller: &Caller, page: &PageRequest) -> Result<Page<Facility>, Failure> {
    let select = facilities::Entity::find().filter(visible_facilities(caller));
    let heads = rows::page(select, facilities::Column::Id, page).all(db.reader()).await?;
    Ok(Page::cut(facility::store::with_parts(db.reader(), heads).await?, page, |facility| facility.id.0))
}

/// A facility that the caller may see.
///
/// # Errors
/// A fault of the database.
pub async fn find_facility(db: &Db, caller: &Caller, id: FacilityId) -> Result<Option<Facility>, Failure> {
    let visible = visible_facilities(caller);
    let head = facilities::Entity::find_by_id(id.0).filter(visible).one(db.reader()).await?;
    Ok(facility::store::with_parts(db.reader(), head.into_iter().collect()).await?.pop())
}

/// The pledgee of facilities and their enterprises, by the ids of these.
///
/// # Errors
/// A fault of the database.
pub async fn parties_of_facilities(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Party>>, Failure> {
    use facility_limits::Column::{FacilityId, OrganisationId};
    let mut parties =
        parties_in::<facilities::Entity>(books, facilities::Column::Id, &[facilities::Column::PledgeeId], ids).await?;
    for (facility, more) in parties_in::<facility_limits::Entity>(books, FacilityId, &[OrganisationId], ids).await? {
        parties.entry(facility).or_default().extend(more);
    }
    Ok(parties)
}

/// A pledge that the caller of a work may see, locked until the work ends: what is told of it is all of one moment.
///
/// # Errors
/// Hidden when the caller may not know of it.
pub async fn known_pledge(work: &Work, id: PledgeId) -> Result<Pledge, Failure> {
    let found = store::lock(work, &[id]).await?.remove(&id).filter(|pledge| pledge.is_visible_to(work.caller()));
    found.ok_or_else(|| not_found("pledge").into())
}

/// What junior liens on a stock waited for at an instant, in grams, by lien.
///
/// # Errors
/// A fault of the database.
pub async fn waiting_at(
    books: &impl ConnectionTrait,
    stock: Holding,
    at: Moment,
) -> Result<HashMap<Uuid, i64>, Failure> {
    super::ranks::store::waiting_at(books, stock, at).await
}

/// A lien that is or was in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredLien {
    /// Its identity.
    pub id: LienId,
    /// Number of its pledge.
    pub number: String,
    /// Name of the pledgee.
    pub pledgee: String,
    /// When it was registered.
    pub registered_at: Moment,
}

/// These liens, as far as their pledges were ever registered, with who was the pledgee at an instant.
///
/// # Errors
/// A fault of the database.
pub async fn registered_liens(
    books: &impl ConnectionTrait,
    ids: &[Uuid],
    at: Moment,
) -> Result<Vec<RegisteredLien>, Failure> {
    let liens = liens::Entity::find().filter(liens::Column::Id.is_in(ids.iter().copied())).all(books).await?;
    let pledge_ids: Vec<Uuid> = liens.iter().map(|lien| lien.pledge_id).collect();
    let former = transfers::store::former(books, &pledge_ids).await?;
    let heads = pledges::Entity::find().filter(pledges::Column::Id.is_in(pledge_ids)).all(books).await?;
    let pledgee_of = |head: &pledges::Model| {
        let then = former.get(&head.id).and_then(|former| former.iter().find(|(_, until)| *until > at));
        then.map_or(OrganisationId(head.pledgee_id), |(pledgee, _)| *pledgee)
    };
    let pledgees: Vec<OrganisationId> = heads.iter().map(pledgee_of).collect();
    let pledgees = organisations_by_id(books, &pledgees).await?;
    let read = |lien: liens::Model| {
        let head = heads.iter().find(|head| head.id == lien.pledge_id)?;
        Some(RegisteredLien {
            id: LienId(lien.id),
            number: head.number.clone()?,
            pledgee: pledgees.get(&pledgee_of(head))?.name.clone(),
            registered_at: Moment::from_micros(head.registered_at?),
        })
    };
    Ok(liens.into_iter().filter_map(read).collect())
}
