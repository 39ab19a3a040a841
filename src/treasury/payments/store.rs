//! Rows of payments, of the codes by which they are recognised, and of the references that are booked.

use super::payment::{Cause, Incoming, Payment, PaymentState, Ruling, TowardsTrade};
use super::trades::TradeOutcome;
use crate::db::Work;
use crate::db::records::Covered;
use crate::db::rows::{insert_all, lock_all, save_all};
use crate::entity;
use crate::kernel::ids::{OrganisationId, PaymentCodeId, PaymentId, TradeId, UserId};
use crate::kernel::{Failure, Moment};
use accounting::Money;
use sea_orm::{ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter};
use std::collections::{BTreeSet, HashMap, HashSet};

entity!(bank_references, "bank_references", {
    #[sea_orm(primary_key, auto_increment = false)]
    subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    subject_kind: String,
    reference: String,
});

entity!(payment_codes, "payment_codes", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    code: String,
    organisation_id: Uuid,
    bank_id: Uuid,
    registered_by: Uuid,
    registered_at: i64,
});

entity!(payments, "payments", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    bank_id: Uuid,
    bank_reference: String,
    payer_name: String,
    payer_account: String,
    remittance_text: String,
    amount: i64,
    value_date: String,
    state: String,
    cause: Option<String>,
    organisation_id: Option<Uuid>,
    matched_by: Option<String>,
    trade_id: Option<Uuid>,
    trade_outcome: Option<String>,
    trade_paid: Option<i64>,
    trade_refusals: Option<String>,
    reason: Option<String>,
    return_reference: Option<String>,
    decided_by: Option<Uuid>,
    decided_at: Option<i64>,
    received_by: Uuid,
    received_at: i64,
    version: i64,
});

/// Tables of this store: their rows leave evidence.
pub const COVERED: [Covered; 2] = [Covered::of::<payment_codes::Entity>(), Covered::of::<payments::Entity>()];

/// A code by which payments to an organisation are recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentCode {
    /// Its identity.
    pub id: PaymentCodeId,
    /// The code.
    pub code: String,
    /// Whose payments it marks.
    pub organisation: OrganisationId,
    /// At which settlement bank.
    pub bank: OrganisationId,
    /// Who registered it.
    pub registered_by: UserId,
    /// When.
    pub registered_at: Moment,
}

/// What a reference of the bank was booked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    Movement,
    Payment,
    Return,
}

impl Booked {
    fn as_str(self) -> &'static str {
        match self {
            Self::Movement => "money_movement",
            Self::Payment => "payment",
            Self::Return => "return",
        }
    }
}

/// Lets nobody else book these references until the work ends: whoever tells one of them at the same time waits, and then finds it.
pub async fn lock_references(work: &Work, references: &BTreeSet<String>) -> Result<(), Failure> {
    if work.backend() == DbBackend::Postgres {
        for reference in references {
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 1))";
            work.connection().query_one_raw(work.statement(sql, vec![reference.as_str().into()])).await?;
        }
    }
    Ok(())
}

/// Those of these references that are booked, whatever for.
pub async fn booked(work: &Work, references: &BTreeSet<String>) -> Result<HashSet<String>, Failure> {
    let wanted = bank_references::Column::Reference.is_in(references.iter().cloned());
    let rows = bank_references::Entity::find().filter(wanted).all(work.connection()).await?;
    Ok(rows.into_iter().map(|row| row.reference).collect())
}

/// Books references. They repeat what stands in the rows that they are of, so they leave no evidence of their own: the verification
/// compares them.
pub async fn insert_references(
    work: &Work,
    booked: Booked,
    references: impl Iterator<Item = (String, uuid::Uuid)>,
) -> Result<(), Failure> {
    let row = |(reference, subject_id)| bank_references::Model {
        reference,
        subject_kind: booked.as_str().to_owned(),
        subject_id,
    };
    let rows: Vec<bank_references::ActiveModel> = references.map(row).map(IntoActiveModel::into_active_model).collect();
    for chunk in rows.chunks(REFERENCES) {
        bank_references::Entity::insert_many(chunk.to_vec()).exec_without_returning(work.connection()).await?;
    }
    Ok(())
}

/// References in one statement, so that their values can be bound.
const REFERENCES: usize = 5_000;

pub async fn insert_code(work: &Work, code: &PaymentCode) -> Result<(), Failure> {
    let row = payment_codes::Model {
        id: code.id.0,
        code: code.code.clone(),
        organisation_id: code.organisation.0,
        bank_id: code.bank.0,
        registered_by: code.registered_by.0,
        registered_at: code.registered_at.micros(),
    };
    insert_all::<payment_codes::Entity, payment_codes::ActiveModel>(work, vec![row]).await
}

impl From<payment_codes::Model> for PaymentCode {
    fn from(row: payment_codes::Model) -> Self {
        Self {
            id: PaymentCodeId(row.id),
            code: row.code,
            organisation: OrganisationId(row.organisation_id),
            bank: OrganisationId(row.bank_id),
            registered_by: UserId(row.registered_by),
            registered_at: Moment::from_micros(row.registered_at),
        }
    }
}

/// The organisations whose payment codes these words are.
pub async fn owners_of_codes(
    work: &Work,
    words: &BTreeSet<String>,
) -> Result<HashMap<String, OrganisationId>, Failure> {
    let wanted = payment_codes::Column::Code.is_in(words.iter().cloned());
    let rows = payment_codes::Entity::find().filter(wanted).all(work.connection()).await?;
    Ok(rows.into_iter().map(|row| (row.code, OrganisationId(row.organisation_id))).collect())
}

/// The payments with these references.
pub async fn payments_by_reference(
    work: &Work,
    references: &BTreeSet<String>,
) -> Result<HashMap<String, Payment>, Failure> {
    let wanted = payments::Column::BankReference.is_in(references.iter().cloned());
    let rows = payments::Entity::find().filter(wanted).all(work.connection()).await?;
    rows.into_iter().map(|row| Ok((row.bank_reference.clone(), Payment::try_from(row)?))).collect()
}

pub async fn lock_payment(work: &Work, id: PaymentId) -> Result<Option<Payment>, Failure> {
    let rows = lock_all::<payments::Entity>(work, payments::Column::Id, &[id.0]).await?;
    rows.into_iter().next().map(Payment::try_from).transpose()
}

pub async fn insert_payments(work: &Work, payments: &[Payment]) -> Result<(), Failure> {
    let rows = payments.iter().cloned().map(payments::Model::from).collect();
    insert_all::<payments::Entity, payments::ActiveModel>(work, rows).await
}

pub async fn save_payment(work: &Work, payment: &Payment) -> Result<(), Failure> {
    let rows = vec![payments::Model::from(payment.clone())];
    save_all::<payments::Entity, payments::ActiveModel>(work, rows).await
}

/// The word of whoever decided.
const BY_EVIDENCE: &str = "evidence";
const BY_HAND: &str = "hand";

fn ruling(row: &payments::Model) -> Result<Ruling, Failure> {
    let whole = row.reason.clone().zip(row.decided_by).zip(row.decided_at);
    let ((reason, by), at) = whole.ok_or_else(|| Failure::bug("a decided payment lacks its ruling"))?;
    Ok(Ruling { reason, by: UserId(by), at: Moment::from_micros(at) })
}

fn towards(row: &payments::Model) -> Result<Option<TowardsTrade>, Failure> {
    let Some((outcome, paid)) = row.trade_outcome.as_deref().zip(row.trade_paid) else { return Ok(None) };
    let outcome = TradeOutcome::parse(outcome).ok_or_else(|| Failure::bug("an unknown outcome of a trade"))?;
    let refusals = row.trade_refusals.as_deref().unwrap_or_default();
    Ok(Some(TowardsTrade {
        trade: row.trade_id.map(TradeId),
        outcome,
        paid: Money::try_new(paid).map_err(Failure::bug)?,
        refusals: refusals.split_whitespace().map(str::to_owned).collect(),
    }))
}

fn state(row: &payments::Model) -> Result<PaymentState, Failure> {
    let lacks = || Failure::bug("a payment lacks what its state says");
    Ok(match row.state.as_str() {
        "unmatched" if row.cause.as_deref() == Some(PaymentState::MATCH_UNDONE) => {
            PaymentState::Undone { ruling: ruling(row)? }
        }
        "unmatched" => {
            PaymentState::Unmatched { cause: row.cause.as_deref().and_then(Cause::parse).ok_or_else(lacks)? }
        }
        "matched" => PaymentState::Matched {
            organisation: OrganisationId(row.organisation_id.ok_or_else(lacks)?),
            towards: towards(row)?,
            by_hand: (row.matched_by.as_deref() == Some(BY_HAND)).then(|| ruling(row)).transpose()?,
        },
        "returned" => PaymentState::Returned {
            bank_reference: row.return_reference.clone().ok_or_else(lacks)?,
            ruling: ruling(row)?,
        },
        state => return Err(Failure::bug(format!("a payment in the unknown state {state}"))),
    })
}

impl TryFrom<payments::Model> for Payment {
    type Error = Failure;

    fn try_from(row: payments::Model) -> Result<Self, Failure> {
        Ok(Self {
            id: PaymentId(row.id),
            bank: OrganisationId(row.bank_id),
            state: state(&row)?,
            told: Incoming {
                bank_reference: row.bank_reference,
                payer_name: row.payer_name,
                payer_account: row.payer_account,
                text: row.remittance_text,
                amount: Money::try_new(row.amount).map_err(Failure::bug)?,
                value_date: row.value_date.parse().map_err(Failure::bug)?,
            },
            received_by: UserId(row.received_by),
            received_at: Moment::from_micros(row.received_at),
            version: row.version,
        })
    }
}

impl From<Payment> for payments::Model {
    fn from(payment: Payment) -> Self {
        let Payment { id, bank, told, state, received_by, received_at, version } = payment;
        let word = state.as_str().to_owned();
        let (mut cause, mut organisation, mut towards, mut return_reference) = (None, None, None, None);
        let (mut matched_by, mut ruled) = (None, None);
        match state {
            PaymentState::Unmatched { cause: why } => cause = Some(why.as_str().to_owned()),
            PaymentState::Undone { ruling } => {
                cause = Some(PaymentState::MATCH_UNDONE.to_owned());
                ruled = Some(ruling);
            }
            PaymentState::Matched { organisation: whose, towards: trade, by_hand } => {
                organisation = Some(whose.0);
                towards = trade;
                matched_by = Some(if by_hand.is_some() { BY_HAND } else { BY_EVIDENCE }.to_owned());
                ruled = by_hand;
            }
            PaymentState::Returned { bank_reference, ruling } => {
                return_reference = Some(bank_reference);
                ruled = Some(ruling);
            }
        }
        Self {
            id: id.0,
            bank_id: bank.0,
            bank_reference: told.bank_reference,
            payer_name: told.payer_name,
            payer_account: told.payer_account,
            remittance_text: told.text,
            amount: told.amount.fen(),
            value_date: told.value_date.to_string(),
            state: word,
            cause,
            organisation_id: organisation,
            matched_by,
            trade_id: towards.as_ref().and_then(|towards| towards.trade).map(|trade| trade.0),
            trade_outcome: towards.as_ref().map(|towards| towards.outcome.as_str().to_owned()),
            trade_paid: towards.as_ref().map(|towards| towards.paid.fen()),
            trade_refusals: towards.map(|towards| towards.refusals.join(" ")).filter(|codes| !codes.is_empty()),
            reason: ruled.as_ref().map(|ruling| ruling.reason.clone()),
            return_reference,
            decided_by: ruled.as_ref().map(|ruling| ruling.by.0),
            decided_at: ruled.map(|ruling| ruling.at.micros()),
            received_by: received_by.0,
            received_at: received_at.micros(),
            version,
        }
    }
}
