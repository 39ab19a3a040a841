//! Rows of pledges and liens.

use super::amendments::{self, Amendment};
use super::court::{self, CourtRelease};
use super::disposals::default::DefaultNotice;
use super::disposals::{self, Disposal};
use super::lots::PledgedLot;
use super::payouts::{self, Payout};
use super::pledge::{
    ClaimPart, ExternalRegistration, ExternalStatus, Lien, Pledge, PledgeState, Registration, Steps, Terms,
};
use super::pledgors::{FurtherPledgor, store as further_pledgors};
use super::ranks::Wait;
use super::shares::PledgeeShare;
use super::valuations::{self, MarginCall, Worth};
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{
    ConsentId, FacilityId, LienId, OrganisationId, PledgeId, RightClassId, RulebookId, SiteId, UserId,
};
use crate::kernel::{Failure, Moment};
use crate::parties::queries::sites_by_id;
use accounting::{Holding, JournalId, Money, Quantity};
use jiff::civil::Date;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

entity!(pledges, "pledges", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    number: Option<String>,
    pledgor_id: Uuid,
    pledgee_id: Uuid,
    pledgor_area_path: String,
    facility_id: Option<Uuid>,
    loan_contract: String,
    pledge_contract: String,
    principal: i64,
    secured: i64,
    assessed_value: i64,
    valuation_method: String,
    valued_on: String,
    debt_from: String,
    debt_to: String,
    state: String,
    reason: Option<String>,
    applied_by: Uuid,
    applied_at: i64,
    verified_by: Option<Uuid>,
    agreed_by: Option<Uuid>,
    registered_at: Option<i64>,
    released_at: Option<i64>,
    rulebook_id: Uuid,
    journal_id: Uuid,
    version: i64,
    claim_scope: Option<String>,
    determined_from: Option<String>,
    determined_to: Option<String>,
    restricts_transfer: Option<bool>,
    due_on: Option<String>,
    processing_days: Option<i64>,
    external_number: Option<String>,
    external_status: Option<String>,
    external_until: Option<String>,
    external_at: Option<i64>,
    defaulted_at: Option<i64>,
    default_reason: Option<String>,
    amount_due: Option<i64>,
    cure_until: Option<String>,
    closed_at: Option<i64>,
});

entity!(liens, "liens", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    pledge_id: Uuid,
    site_id: Uuid,
    area_path: String,
    right_class_id: Uuid,
    consent_id: Uuid,
    quantity: i64,
    secured: Option<i64>,
    junior: Option<bool>,
});

entity!(pledge_numbers, "pledge_numbers", {
    #[sea_orm(primary_key, auto_increment = false)]
    year: i32,
    last: i64,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: &[Covered] = &[
    Covered::of::<super::facility::store::facilities::Entity>(),
    Covered::of::<super::facility::store::facility_limits::Entity>(),
    Covered::of::<pledges::Entity>(),
    Covered::of::<liens::Entity>(),
    Covered::of::<pledge_numbers::Entity>(),
    Covered::of::<super::notices::store::lien_notices::Entity>(),
    Covered::of::<super::ranks::store::lien_waits::Entity>(),
    Covered::of::<super::shares::store::pledge_shares::Entity>(),
    Covered::of::<super::shares::store::disposal_shares::Entity>(),
    Covered::of::<super::pledgors::store::further_pledgors::Entity>(),
    Covered::of::<super::pledgors::store::amendment_agreements::Entity>(),
    Covered::of::<super::valuations::store::valuations::Entity>(),
    Covered::of::<super::valuations::store::margin_calls::Entity>(),
    Covered::of::<amendments::store::pledge_amendments::Entity>(),
    Covered::of::<amendments::store::lien_changes::Entity>(),
    Covered::of::<payouts::store::payouts::Entity>(),
    Covered::of::<court::store::court_releases::Entity>(),
    Covered::of::<disposals::store::disposals::Entity>(),
    Covered::of::<super::lots::store::pledged_lots::Entity>(),
    Covered::of::<super::screenings::store::pledge_screenings::Entity>(),
    Covered::of::<super::transfers::store::claim_transfers::Entity>(),
    Covered::of::<super::sales::store::consented_sales::Entity>(),
];

fn state(row: &pledges::Model) -> Result<PledgeState, Failure> {
    let unknown = || Failure::bug(format!("pledge {} is {} without what that takes", row.id, row.state));
    let steps = Steps { verified_by: row.verified_by.map(UserId), agreed_by: row.agreed_by.map(UserId) };
    let verified_by = || steps.verified_by.ok_or_else(unknown);
    let registration = || {
        Ok::<_, Failure>(Registration {
            number: row.number.clone().ok_or_else(unknown)?,
            at: Moment::from_micros(row.registered_at.ok_or_else(unknown)?),
            verified_by: verified_by()?,
            agreed_by: steps.agreed_by.ok_or_else(unknown)?,
        })
    };
    match row.state.as_str() {
        "applied" => Ok(PledgeState::Applied),
        "verified" => Ok(PledgeState::Verified { by: verified_by()? }),
        "agreed" => {
            let by = steps.agreed_by.ok_or_else(unknown)?;
            Ok(PledgeState::Agreed { verified_by: verified_by()?, by })
        }
        "registered" => registration().map(PledgeState::Registered),
        "released" => {
            let at = Moment::from_micros(row.released_at.ok_or_else(unknown)?);
            Ok(PledgeState::Released { registration: registration()?, at })
        }
        "defaulted" => {
            let told = row.defaulted_at.zip(row.default_reason.clone()).zip(row.amount_due);
            let ((at, reason), amount_due) = told.ok_or_else(unknown)?;
            let default = DefaultNotice {
                at: Moment::from_micros(at),
                reason,
                amount_due: money(amount_due)?,
                cure_until: day(row.cure_until.as_ref())?,
            };
            Ok(PledgeState::Defaulted { registration: registration()?, default })
        }
        "closed" => {
            let at = Moment::from_micros(row.closed_at.ok_or_else(unknown)?);
            Ok(PledgeState::Closed { registration: registration()?, at })
        }
        "refused" => {
            let reason = row.reason.clone().ok_or_else(unknown)?;
            Ok(PledgeState::Refused { steps, reason })
        }
        "withdrawn" => Ok(PledgeState::Withdrawn { steps }),
        _ => Err(unknown()),
    }
}

/// An amount of a row.
pub(super) fn money(fen: i64) -> Result<Money, Failure> {
    Money::try_new(fen).map_err(Failure::bug)
}

fn day(text: Option<&String>) -> Result<Option<Date>, Failure> {
    text.map(|text| text.parse().map_err(Failure::bug)).transpose()
}

/// The words of a claim's scope; where a pledge was told without it, the law secures all of it (民法典第三百八十九条).
fn scope(text: Option<&str>) -> Result<Vec<ClaimPart>, Failure> {
    let word = |word| ClaimPart::parse(word).ok_or_else(|| Failure::bug(format!("a claim secures {word}")));
    match text {
        None => Ok(ClaimPart::ALL.to_vec()),
        Some(text) => text.split(',').filter(|text| !text.is_empty()).map(word).collect(),
    }
}

fn scope_text(scope: &[ClaimPart]) -> String {
    scope.iter().map(|part| part.as_str()).collect::<Vec<_>>().join(",")
}

fn terms(row: &pledges::Model) -> Result<Terms, Failure> {
    Ok(Terms {
        loan_contract: row.loan_contract.clone(),
        pledge_contract: row.pledge_contract.clone(),
        principal: money(row.principal)?,
        secured: money(row.secured)?,
        scope: scope(row.claim_scope.as_deref())?,
        determined: day(row.determined_from.as_ref())?.zip(day(row.determined_to.as_ref())?),
        restricts_transfer: row.restricts_transfer.unwrap_or(true),
        debt_from: row.debt_from.parse().map_err(Failure::bug)?,
        debt_to: row.debt_to.parse().map_err(Failure::bug)?,
    })
}

/// What the rights are worth together; until when that is good stands in the newest valuations.
fn worth(row: &pledges::Model, liens: &[Lien]) -> Result<Worth, Failure> {
    Ok(Worth {
        assessed_value: money(row.assessed_value)?,
        method: row.valuation_method.clone(),
        valued_on: row.valued_on.parse().map_err(Failure::bug)?,
        expires_on: liens.iter().filter_map(Lien::valuation).filter_map(|valuation| valuation.expires_on).min(),
    })
}

fn external(row: &pledges::Model) -> Result<Option<ExternalRegistration>, Failure> {
    let told = row.external_number.clone().zip(row.external_status.as_deref()).zip(row.external_at);
    let Some(((number, status), at)) = told else { return Ok(None) };
    Ok(Some(ExternalRegistration {
        number,
        status: ExternalStatus::parse(status).ok_or_else(|| Failure::bug("an unknown external status"))?,
        until: day(row.external_until.as_ref())?,
        told_at: Moment::from_micros(at),
    }))
}

/// What stands beside the row of a pledge, oldest first.
#[derive(Default)]
struct Beside {
    shares: Vec<PledgeeShare>,
    further: Vec<FurtherPledgor>,
    liens: Vec<Lien>,
    margin_calls: Vec<MarginCall>,
    payouts: Vec<Payout>,
    amendments: Vec<Amendment>,
    disposals: Vec<Disposal>,
    on_offer: Vec<PledgedLot>,
    court_releases: Vec<CourtRelease>,
}

fn pledge(row: &pledges::Model, beside: Beside) -> Result<Pledge, Failure> {
    let Beside { shares, further, liens, margin_calls, payouts, amendments, disposals, on_offer, court_releases } =
        beside;
    Ok(Pledge {
        id: PledgeId(row.id),
        pledgor: OrganisationId(row.pledgor_id),
        pledgor_area_path: row.pledgor_area_path.clone(),
        pledgee: OrganisationId(row.pledgee_id),
        facility: row.facility_id.map(FacilityId),
        terms: terms(row)?,
        worth: worth(row, &liens)?,
        shares,
        further,
        liens,
        margin_calls,
        payouts,
        amendments,
        disposals,
        on_offer,
        court_releases,
        due_on: day(row.due_on.as_ref())?,
        processing_days: row.processing_days,
        external: external(row)?,
        applied_by: UserId(row.applied_by),
        applied_at: Moment::from_micros(row.applied_at),
        rulebook: RulebookId(row.rulebook_id),
        state: state(row)?,
        journal: JournalId(row.journal_id),
        version: row.version,
    })
}

fn pledge_row(pledge: &Pledge) -> pledges::Model {
    let (steps, registration) = (pledge.state.steps(), pledge.state.registration());
    let (reason, released_at) = match &pledge.state {
        PledgeState::Refused { reason, .. } => (Some(reason.clone()), None),
        PledgeState::Released { at, .. } => (None, Some(at.micros())),
        _ => (None, None),
    };
    let (terms, worth, external) = (&pledge.terms, &pledge.worth, pledge.external.as_ref());
    let default = match &pledge.state {
        PledgeState::Defaulted { default, .. } => Some(default),
        _ => None,
    };
    let text = |day: Date| day.to_string();
    pledges::Model {
        id: pledge.id.0,
        number: registration.map(|registration| registration.number.clone()),
        pledgor_id: pledge.pledgor.0,
        pledgee_id: pledge.pledgee.0,
        pledgor_area_path: pledge.pledgor_area_path.clone(),
        facility_id: pledge.facility.map(|facility| facility.0),
        loan_contract: terms.loan_contract.clone(),
        pledge_contract: terms.pledge_contract.clone(),
        principal: terms.principal.fen(),
        secured: terms.secured.fen(),
        assessed_value: worth.assessed_value.fen(),
        valuation_method: worth.method.clone(),
        valued_on: worth.valued_on.to_string(),
        debt_from: terms.debt_from.to_string(),
        debt_to: terms.debt_to.to_string(),
        state: pledge.state.as_str().to_owned(),
        reason,
        applied_by: pledge.applied_by.0,
        applied_at: pledge.applied_at.micros(),
        verified_by: steps.verified_by.map(|user| user.0),
        agreed_by: steps.agreed_by.map(|user| user.0),
        registered_at: registration.map(|registration| registration.at.micros()),
        released_at,
        rulebook_id: pledge.rulebook.0,
        journal_id: pledge.journal.0,
        version: pledge.version,
        claim_scope: Some(scope_text(&terms.scope)),
        determined_from: terms.determined.map(|(from, _)| text(from)),
        determined_to: terms.determined.map(|(_, to)| text(to)),
        restricts_transfer: Some(terms.restricts_transfer),
        due_on: pledge.due_on.map(text),
        processing_days: pledge.processing_days,
        external_number: external.map(|external| external.number.clone()),
        external_status: external.map(|external| external.status.as_str().to_owned()),
        external_until: external.and_then(|external| external.until).map(text),
        external_at: external.map(|external| external.told_at.micros()),
        defaulted_at: default.map(|default| default.at.micros()),
        default_reason: default.map(|default| default.reason.clone()),
        amount_due: default.map(|default| default.amount_due.fen()),
        cure_until: default.and_then(|default| default.cure_until).map(text),
        closed_at: match &pledge.state {
            PledgeState::Closed { at, .. } => Some(at.micros()),
            _ => None,
        },
    }
}

/// What rests on a lien: what was told when it was applied for, and what versions of the terms have made more or less of it.
fn rests_on(told: Option<i64>, more: i64) -> Result<Option<Money>, Failure> {
    match (told, more) {
        (None, 0) => Ok(None),
        (told, more) => money(told.unwrap_or(0).saturating_add(more)).map(Some),
    }
}

/// What comes to pledges and their liens once they are registered, oldest first.
#[derive(Default)]
struct Life {
    calls: HashMap<Uuid, Vec<MarginCall>>,
    payouts: HashMap<Uuid, Vec<Payout>>,
    amendments: HashMap<Uuid, Vec<Amendment>>,
    disposals: HashMap<Uuid, Vec<Disposal>>,
    on_offer: HashMap<Uuid, Vec<PledgedLot>>,
    court: HashMap<Uuid, Vec<CourtRelease>>,
    notices: super::notices::ByLien,
    changes: HashMap<Uuid, (i64, i64)>,
    waits: HashMap<Uuid, Vec<Wait>>,
}

/// The lives of these pledges. Of those that are not registered yet nothing is asked: there is nothing, and a registration reads each pledge twice.
async fn life_of(
    connection: &impl ConnectionTrait,
    heads: &[pledges::Model],
    rows: &[liens::Model],
) -> Result<Life, Failure> {
    let lived: Vec<Uuid> = heads.iter().filter(|head| head.registered_at.is_some()).map(|head| head.id).collect();
    if lived.is_empty() {
        return Ok(Life::default());
    }
    // Nothing is put into an auction before the default.
    let in_default: Vec<Uuid> = heads.iter().filter(|head| head.state == "defaulted").map(|head| head.id).collect();
    let ids: Vec<Uuid> = rows.iter().filter(|row| lived.contains(&row.pledge_id)).map(|row| row.id).collect();
    Ok(Life {
        calls: valuations::store::calls_of(connection, &lived).await?,
        payouts: payouts::store::of_pledges(connection, &lived).await?,
        amendments: amendments::store::of_pledges(connection, &lived).await?,
        disposals: disposals::store::of_pledges(connection, &lived).await?,
        on_offer: super::lots::store::on_offer_of(connection, &in_default).await?,
        court: court::store::of_pledges(connection, &lived).await?,
        notices: super::notices::store::of_liens(connection, &ids).await?,
        changes: amendments::store::changes_of(connection, &ids).await?,
        waits: super::ranks::store::of_liens(connection, &ids).await?,
    })
}

/// Pledges of these rows, with their liens in the order they were named.
pub async fn with_liens(connection: &impl ConnectionTrait, heads: Vec<pledges::Model>) -> Result<Vec<Pledge>, Failure> {
    let wanted = liens::Column::PledgeId.is_in(heads.iter().map(|head| head.id));
    let rows = liens::Entity::find().filter(wanted).order_by_asc(liens::Column::Id).all(connection).await?;
    let pledge_ids: Vec<Uuid> = heads.iter().map(|head| head.id).collect();
    let mut valuations = valuations::store::of_pledges(connection, &pledge_ids).await?;
    let mut shares = super::shares::store::of_pledges(connection, &pledge_ids).await?;
    let mut further = super::pledgors::store::of_pledges(connection, &pledge_ids).await?;
    let owners = owners_of(connection, &heads, &rows, &further).await?;
    let Life {
        mut calls,
        mut payouts,
        mut amendments,
        mut disposals,
        mut on_offer,
        mut court,
        mut notices,
        mut changes,
        mut waits,
    } = life_of(connection, &heads, &rows).await?;
    let sold = |lien: Uuid, of: Option<&Vec<Disposal>>| {
        let settled = of.into_iter().flatten().filter(|one| one.lien.0 == lien && one.is_settled());
        settled.map(|one| one.quantity.grams()).sum::<i64>()
    };
    let mut found: HashMap<Uuid, Vec<Lien>> = HashMap::new();
    for row in rows {
        let (grams, fen) = changes.remove(&row.id).unwrap_or_default();
        found.entry(row.pledge_id).or_default().push(Lien {
            id: LienId(row.id),
            site: SiteId(row.site_id),
            pledgor: owners.get(&row.id).copied().ok_or_else(|| Failure::bug("a lien on nobody's stock"))?,
            area_path: row.area_path,
            right_class: RightClassId(row.right_class_id),
            consent: ConsentId(row.consent_id),
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            is_junior: row.junior.unwrap_or(false),
            waits: waits.remove(&row.id).unwrap_or_default(),
            changed: grams,
            sold: sold(row.id, disposals.get(&row.pledge_id)),
            secured: rests_on(row.secured, fen)?,
            valuations: valuations.remove(&row.id).unwrap_or_default(),
            notices: notices.remove(&row.id).unwrap_or_default(),
        });
    }
    let mut whole = |head: &pledges::Model| {
        let beside = Beside {
            shares: shares.remove(&head.id).unwrap_or_default(),
            further: further.remove(&head.id).unwrap_or_default(),
            liens: found.remove(&head.id).unwrap_or_default(),
            margin_calls: calls.remove(&head.id).unwrap_or_default(),
            payouts: payouts.remove(&head.id).unwrap_or_default(),
            amendments: amendments.remove(&head.id).unwrap_or_default(),
            disposals: disposals.remove(&head.id).unwrap_or_default(),
            on_offer: on_offer.remove(&head.id).unwrap_or_default(),
            court_releases: court.remove(&head.id).unwrap_or_default(),
        };
        pledge(head, beside)
    };
    heads.iter().map(&mut whole).collect()
}

/// Whose sites liens lie on: the borrower's, unless others have pledged with it.
pub(super) async fn owners_of(
    connection: &impl ConnectionTrait,
    heads: &[pledges::Model],
    rows: &[liens::Model],
    further: &HashMap<Uuid, Vec<FurtherPledgor>>,
) -> Result<HashMap<Uuid, OrganisationId>, Failure> {
    let shared = rows.iter().filter(|row| further.contains_key(&row.pledge_id)).map(|row| SiteId(row.site_id));
    let shared: Vec<SiteId> = shared.collect();
    let sites = if shared.is_empty() { HashMap::new() } else { sites_by_id(connection, &shared).await? };
    let borrowers: HashMap<Uuid, Uuid> = heads.iter().map(|head| (head.id, head.pledgor_id)).collect();
    let owner = |row: &liens::Model| {
        let borrower = borrowers.get(&row.pledge_id).copied().map(OrganisationId);
        Some((row.id, sites.get(&SiteId(row.site_id)).map(|site| site.organisation).or(borrower)?))
    };
    Ok(rows.iter().filter_map(owner).collect())
}

/// Pledges as they stand, without a lock: for what never changes in them.
pub async fn find(work: &Work, ids: &[PledgeId]) -> Result<HashMap<PledgeId, Pledge>, Failure> {
    let wanted = pledges::Column::Id.is_in(ids.iter().map(|id| id.0));
    let heads = pledges::Entity::find().filter(wanted).all(work.connection()).await?;
    Ok(by_id(with_liens(work.connection(), heads).await?))
}

/// The sites on whose stock these liens lie.
pub async fn sites_of(work: &Work, ids: &[LienId]) -> Result<HashMap<LienId, SiteId>, Failure> {
    let wanted = liens::Column::Id.is_in(ids.iter().map(|id| id.0));
    let rows = liens::Entity::find().filter(wanted).all(work.connection()).await?;
    Ok(rows.into_iter().map(|row| (LienId(row.id), SiteId(row.site_id))).collect())
}

/// Locks pledges in id order.
pub async fn lock(work: &Work, ids: &[PledgeId]) -> Result<HashMap<PledgeId, Pledge>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let heads = lock_all::<pledges::Entity>(work, pledges::Column::Id, &ids).await?;
    Ok(by_id(with_liens(work.connection(), heads).await?))
}

/// Registered pledges with a lien on one of these stocks, as they stand.
pub async fn registered_on(work: &Work, stocks: &[Holding]) -> Result<Vec<Pledge>, Failure> {
    let on = liens::Entity::find()
        .filter(liens::Column::SiteId.is_in(stocks.iter().map(|stock| stock.owner.0)))
        .filter(liens::Column::RightClassId.is_in(stocks.iter().map(|stock| stock.asset.0)));
    let ids = QuerySelect::select_only(on).column(liens::Column::PledgeId).into_query();
    let registered =
        pledges::Entity::find().filter(pledges::Column::State.is_in(PledgeState::IN_FORCE.iter().copied()));
    let heads = registered.filter(pledges::Column::Id.in_subquery(ids)).all(work.connection()).await?;
    with_liens(work.connection(), heads).await
}

/// Locks the pledges of these liens in id order, as far as they are registered.
pub async fn lock_registered(work: &Work, wanted: &[LienId]) -> Result<Vec<Pledge>, Failure> {
    let named = liens::Entity::find().filter(liens::Column::Id.is_in(wanted.iter().map(|lien| lien.0)));
    let rows = named.all(work.connection()).await?;
    let ids: BTreeSet<Uuid> = rows.into_iter().map(|row| row.pledge_id).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let heads = lock_all::<pledges::Entity>(work, pledges::Column::Id, &ids).await?;
    let registered = heads.into_iter().filter(|head| PledgeState::IN_FORCE.contains(&head.state.as_str())).collect();
    with_liens(work.connection(), registered).await
}

/// Locks the pledges with rights of these organisations in id order, as far as they are registered.
pub async fn lock_registered_of(work: &Work, pledgors: &[OrganisationId]) -> Result<Vec<Pledge>, Failure> {
    let parties = pledgors.iter().fold(Condition::any(), |any, id| {
        let further = further_pledgors::pledges_of(*id);
        any.add(pledges::Column::PledgorId.eq(id.0)).add(pledges::Column::Id.in_subquery(further))
    });
    let is_in_force = pledges::Column::State.is_in(PledgeState::IN_FORCE.iter().copied());
    let found = pledges::Entity::find().filter(parties).filter(is_in_force).all(work.connection()).await?;
    let ids: Vec<Uuid> = found.into_iter().map(|head| head.id).collect();
    let heads = lock_all::<pledges::Entity>(work, pledges::Column::Id, &ids).await?;
    let registered = heads.into_iter().filter(|head| PledgeState::IN_FORCE.contains(&head.state.as_str())).collect();
    with_liens(work.connection(), registered).await
}

/// The next pledges in force after one, in id order, at most so many.
pub async fn in_force_after(work: &Work, after: PledgeId, most: u64) -> Result<Vec<Pledge>, Failure> {
    let is_in_force = pledges::Column::State.is_in(PledgeState::IN_FORCE.iter().copied());
    let next = pledges::Entity::find().filter(is_in_force).filter(pledges::Column::Id.gt(after.0));
    let heads = next.order_by_asc(pledges::Column::Id).limit(most).all(work.connection()).await?;
    with_liens(work.connection(), heads).await
}

fn by_id(found: Vec<Pledge>) -> HashMap<PledgeId, Pledge> {
    found.into_iter().map(|pledge| (pledge.id, pledge)).collect()
}

/// Writes new pledges with their liens and the valuations of these.
pub async fn insert(work: &Work, pledges: &[Pledge]) -> Result<(), Failure> {
    let heads = pledges.iter().map(pledge_row).collect();
    let rows = pledges.iter().flat_map(|pledge| pledge.liens.iter().map(|lien| lien_row(pledge.id, lien))).collect();
    insert_all::<pledges::Entity, pledges::ActiveModel>(work, heads).await?;
    insert_all::<liens::Entity, liens::ActiveModel>(work, rows).await?;
    let shares: Vec<PledgeeShare> = pledges.iter().flat_map(|pledge| pledge.shares.iter().cloned()).collect();
    super::shares::store::put(work, &shares).await?;
    let further: Vec<FurtherPledgor> = pledges.iter().flat_map(|pledge| pledge.further.iter().cloned()).collect();
    super::pledgors::store::put(work, &further).await?;
    let valued = pledges.iter().flat_map(|pledge| &pledge.liens).flat_map(|lien| &lien.valuations).cloned();
    valuations::store::insert(work, &valued.collect::<Vec<_>>()).await
}

/// Writes liens that come to pledges that are there.
pub async fn insert_liens(work: &Work, new: &[(PledgeId, Lien)]) -> Result<(), Failure> {
    let rows = new.iter().map(|(pledge, lien)| lien_row(*pledge, lien)).collect();
    insert_all::<liens::Entity, liens::ActiveModel>(work, rows).await
}

fn lien_row(pledge: PledgeId, lien: &Lien) -> liens::Model {
    liens::Model {
        id: lien.id.0,
        pledge_id: pledge.0,
        site_id: lien.site.0,
        area_path: lien.area_path.clone(),
        right_class_id: lien.right_class.0,
        consent_id: lien.consent.0,
        quantity: lien.quantity.grams(),
        secured: lien.secured.map(Money::fen),
        junior: lien.is_junior.then_some(true),
    }
}

/// Writes pledges that are locked; rows of their liens never change.
pub async fn save(work: &Work, pledges: &[Pledge]) -> Result<(), Failure> {
    let heads = pledges.iter().map(pledge_row).collect();
    save_all::<pledges::Entity, pledges::ActiveModel>(work, heads).await
}

/// Issues `count` running numbers of a year and tells the last. Who issues holds the year's row until the end of the work,
/// so the register has no gap and no number twice.
pub async fn issue_numbers(work: &Work, year: i16, count: i64) -> Result<i64, Failure> {
    let sql = "INSERT INTO pledge_numbers (year, last, version) VALUES ($1, $2, 1) ON CONFLICT (year) \
               DO UPDATE SET last = pledge_numbers.last + EXCLUDED.last, version = pledge_numbers.version + 1 \
               RETURNING year, last, version";
    let statement = work.statement(sql, vec![i32::from(year).into(), count.into()]);
    let row = work.connection().query_one_raw(statement).await?;
    let row = row.ok_or_else(|| Failure::bug("no pledge number was issued"))?;
    let row = pledge_numbers::Model::from_query_result(&row, "")?;
    work.record(&row)?;
    Ok(row.last)
}
