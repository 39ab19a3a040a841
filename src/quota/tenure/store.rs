//! Rows of acts on rights.

use super::right_act::{Agreed, Cause, Effect, Receiver, RightAct, State, What};
use crate::access::{Caller, Scope};
use crate::db::Work;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{OrganisationId, RightActId, RightClassId, RulebookId, SiteId, UserId};
use crate::kernel::{Failure, Moment};
use crate::quota::batches::Ruling;
use accounting::{AssetId, Holding, Money, OwnerId, Quantity};
use jiff::civil::Date;
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Value};
use std::collections::HashMap;
use uuid::Uuid;

entity!(right_acts, "right_acts", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    kind: String,
    cause: String,
    site_id: Uuid,
    organisation_id: Uuid,
    area_path: String,
    right_class_id: Uuid,
    quantity: i64,
    document: Option<String>,
    reserve_site_id: Option<Uuid>,
    reserve_id: Option<Uuid>,
    total: Option<i64>,
    new_class_id: Option<Uuid>,
    confirmed: Option<i64>,
    due_on: Option<String>,
    state: String,
    proposed_by: Uuid,
    proposer_id: Uuid,
    proposed_at: i64,
    agreed_by: Option<Uuid>,
    agreed_at: Option<i64>,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    reason: Option<String>,
    carried_out_at: Option<i64>,
    moved: Option<i64>,
    converted: Option<i64>,
    rulebook_id: Uuid,
    version: i64,
});

fn what_of(row: &right_acts::Model) -> Result<What, Failure> {
    let lacks = || Failure::bug(format!("act {} is a {} without what that takes", row.id, row.kind));
    let reserve = || {
        let (site, organisation) = row.reserve_site_id.zip(row.reserve_id).ok_or_else(lacks)?;
        Ok::<_, Failure>(Receiver { site: SiteId(site), organisation: OrganisationId(organisation) })
    };
    Ok(match row.kind.as_str() {
        "surrender" => What::Surrender,
        "expiry" => What::Expiry,
        "set_aside" => What::SetAside,
        "variation" => What::Variation,
        "take_back" => What::TakeBack { reserve: reserve()? },
        "buy_back" => What::BuyBack {
            reserve: reserve()?,
            total: Money::try_new(row.total.ok_or_else(lacks)?).map_err(Failure::bug)?,
            agreed: row
                .agreed_by
                .zip(row.agreed_at)
                .map(|(by, at)| Agreed { by: UserId(by), at: Moment::from_micros(at) }),
        },
        "renewal" => What::Renewal {
            into: RightClassId(row.new_class_id.ok_or_else(lacks)?),
            from: row.due_on.as_deref().ok_or_else(lacks)?.parse().map_err(Failure::bug)?,
            confirmed: Quantity::try_new(row.confirmed.ok_or_else(lacks)?).map_err(Failure::bug)?,
        },
        _ => return Err(lacks()),
    })
}

fn state_of(row: &right_acts::Model) -> Result<State, Failure> {
    let wrong = || Failure::bug(format!("an act in the impossible state {}", row.state));
    let decided = row.decided_by.map(UserId).zip(row.decided_at.map(Moment::from_micros));
    let ruling = decided.map(|(by, at)| Ruling { by, at, reason: row.reason.clone() });
    Ok(match (row.state.as_str(), ruling) {
        ("proposed" | "agreed", None) => State::Proposed,
        ("approved", Some(ruling)) => State::Approved(ruling),
        ("refused", Some(ruling)) => State::Refused(ruling),
        ("withdrawn", None) => State::Withdrawn,
        ("carried_out", ruling) => State::CarriedOut(Effect {
            ruling,
            at: Moment::from_micros(row.carried_out_at.ok_or_else(wrong)?),
            moved: row.moved.ok_or_else(wrong)?,
            converted: row.converted.ok_or_else(wrong)?,
        }),
        _ => return Err(wrong()),
    })
}

impl TryFrom<right_acts::Model> for RightAct {
    type Error = Failure;

    fn try_from(row: right_acts::Model) -> Result<Self, Failure> {
        Ok(Self {
            what: what_of(&row)?,
            state: state_of(&row)?,
            id: RightActId(row.id),
            cause: Cause::parse(&row.cause).ok_or_else(|| Failure::bug("an act for an unknown cause"))?,
            site: SiteId(row.site_id),
            organisation: OrganisationId(row.organisation_id),
            area_path: row.area_path,
            right_class: RightClassId(row.right_class_id),
            quantity: Quantity::try_new(row.quantity).map_err(Failure::bug)?,
            document: row.document,
            proposed_by: UserId(row.proposed_by),
            proposer: OrganisationId(row.proposer_id),
            proposed_at: Moment::from_micros(row.proposed_at),
            rulebook: RulebookId(row.rulebook_id),
            version: row.version,
        })
    }
}

impl From<&RightAct> for right_acts::Model {
    fn from(act: &RightAct) -> Self {
        let (total, agreed) = match act.what {
            What::BuyBack { total, agreed, .. } => (Some(total.fen()), agreed),
            _ => (None, None),
        };
        let renewed = match act.what {
            What::Renewal { into, from, confirmed } => Some((into, from, confirmed)),
            _ => None,
        };
        let (receiver, ruling) = (act.what.receiver(), act.ruling());
        let effect = match &act.state {
            State::CarriedOut(effect) => Some(effect),
            _ => None,
        };
        Self {
            id: act.id.0,
            kind: act.kind().as_str().to_owned(),
            cause: act.cause.as_str().to_owned(),
            site_id: act.site.0,
            organisation_id: act.organisation.0,
            area_path: act.area_path.clone(),
            right_class_id: act.right_class.0,
            quantity: act.quantity.grams(),
            document: act.document.clone(),
            reserve_site_id: receiver.map(|reserve| reserve.site.0),
            reserve_id: receiver.map(|reserve| reserve.organisation.0),
            total,
            new_class_id: renewed.map(|(into, _, _)| into.0),
            confirmed: renewed.map(|(_, _, confirmed)| confirmed.grams()),
            due_on: renewed.map(|(_, from, _)| from.to_string()),
            state: act.state_word().to_owned(),
            proposed_by: act.proposed_by.0,
            proposer_id: act.proposer.0,
            proposed_at: act.proposed_at.micros(),
            agreed_by: agreed.map(|agreed| agreed.by.0),
            agreed_at: agreed.map(|agreed| agreed.at.micros()),
            decided_by: ruling.map(|ruling| ruling.by.0),
            decided_at: ruling.map(|ruling| ruling.at.micros()),
            reason: ruling.and_then(|ruling| ruling.reason.clone()),
            carried_out_at: effect.map(|effect| effect.at.micros()),
            moved: effect.map(|effect| effect.moved),
            converted: effect.map(|effect| effect.converted),
            rulebook_id: act.rulebook.0,
            version: act.version,
        }
    }
}

/// Whether somebody may know of an act: who holds the rights, who proposed it, the reserve that gets them, the bureaux in charge, and who
/// sees everything.
pub fn is_visible(act: &RightAct, caller: &Caller) -> bool {
    match caller.scope() {
        Scope::Everything => true,
        Scope::Area { .. } => caller.covers(&act.area_path),
        Scope::Organisation { id } => {
            id == act.organisation || id == act.proposer || act.what.receiver().is_some_and(|to| to.organisation == id)
        }
    }
}

pub async fn insert(work: &Work, acts: &[RightAct]) -> Result<(), Failure> {
    let rows = acts.iter().map(right_acts::Model::from).collect();
    insert_all::<right_acts::Entity, right_acts::ActiveModel>(work, rows).await
}

pub async fn save(work: &Work, acts: &[RightAct]) -> Result<(), Failure> {
    let rows = acts.iter().map(right_acts::Model::from).collect();
    save_all::<right_acts::Entity, right_acts::ActiveModel>(work, rows).await
}

pub async fn lock(work: &Work, ids: &[RightActId]) -> Result<Vec<RightAct>, Failure> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = lock_all::<right_acts::Entity>(work, right_acts::Column::Id, &ids).await?;
    rows.into_iter().map(RightAct::try_from).collect()
}

/// Locks approved renewals whose day has come, in id order.
pub async fn lock_due(work: &Work, today: Date, most: u64) -> Result<Vec<RightAct>, Failure> {
    let rows = right_acts::Entity::find()
        .filter(right_acts::Column::State.eq("approved"))
        .filter(right_acts::Column::DueOn.lte(today.to_string()))
        .order_by_asc(right_acts::Column::Id)
        .limit(most)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    rows.into_iter().map(RightAct::try_from).collect()
}

/// Grams of each of these stocks that renewals wait for, locked: those that a bureau has not decided, and those whose day is still to
/// come.
pub async fn lock_renewals(work: &Work, stocks: &[Holding]) -> Result<HashMap<Holding, i64>, Failure> {
    let rows = right_acts::Entity::find()
        .filter(right_acts::Column::Kind.eq("renewal"))
        .filter(right_acts::Column::State.is_in(["proposed", "approved"]))
        .filter(right_acts::Column::SiteId.is_in(stocks.iter().map(|stock| stock.owner.0)))
        .order_by_asc(right_acts::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(work.connection())
        .await?;
    let mut waiting = HashMap::new();
    for row in rows {
        let stock = Holding { owner: OwnerId(row.site_id), asset: AssetId(row.right_class_id) };
        let sum: &mut i64 = waiting.entry(stock).or_insert(0);
        *sum = sum.saturating_add(row.quantity);
    }
    Ok(waiting)
}

/// Stocks after `after` whose validity was over before a day and of which something is left that can expire, in the order of class and
/// site.
pub async fn stocks_over(work: &Work, today: Date, after: Holding, most: u64) -> Result<Vec<Holding>, Failure> {
    let sql = format!(
        "SELECT DISTINCT a.asset_id, a.owner_id FROM right_classes c JOIN accounts a ON a.book_id = $1 AND a.asset_id = c.id \
         WHERE c.valid_to < $2 AND a.balance > 0 AND a.purpose IN ('available', 'committed', 'pledged', 'frozen') \
         AND (a.asset_id > $3 OR (a.asset_id = $3 AND a.owner_id > $4)) ORDER BY a.asset_id, a.owner_id LIMIT {most}"
    );
    let values: Vec<Value> =
        vec![work.book().0.into(), today.to_string().into(), after.asset.0.into(), after.owner.0.into()];
    let rows = work.connection().query_all_raw(work.statement(&sql, values)).await?;
    let stock = |row: &sea_orm::QueryResult| -> Result<Holding, Failure> {
        Ok(Holding { owner: OwnerId(row.try_get("", "owner_id")?), asset: AssetId(row.try_get("", "asset_id")?) })
    };
    rows.iter().map(stock).collect()
}
