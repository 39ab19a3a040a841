//! Reading payments and the codes by which they are recognised.

use super::payment::Payment;
use super::store::{PaymentCode, payment_codes, payments};
use crate::access::{Action, Caller, Scope};
use crate::db::{Db, rows};
use crate::kernel::Failure;
use crate::kernel::page::{Page, PageRequest};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};

/// Everything for the auditor, its own for a settlement bank, what is theirs for an organisation.
fn visible(caller: &Caller) -> Condition {
    if caller.scope() == Scope::Everything {
        return Condition::all();
    }
    let own = caller.organisation.0;
    let theirs = Condition::any().add(payments::Column::OrganisationId.eq(own));
    if caller.carries(Action::ConfirmMoney) { theirs.add(payments::Column::BankId.eq(own)) } else { theirs }
}

/// Payments that the caller may see, in one state when asked.
///
/// # Errors
/// A fault of the database.
pub async fn list_payments(
    db: &Db,
    caller: &Caller,
    state: Option<&str>,
    page: &PageRequest,
) -> Result<Page<Payment>, Failure> {
    let mut select = payments::Entity::find().filter(visible(caller));
    if let Some(state) = state {
        select = select.filter(payments::Column::State.eq(state));
    }
    let rows = rows::page(select, payments::Column::Id, page).all(db.reader()).await?;
    let items = rows.into_iter().map(Payment::try_from).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, page, |payment| payment.id.0))
}

/// Payment codes: the caller's own; all of them for the settlement bank and the auditor.
///
/// # Errors
/// A fault of the database.
pub async fn list_codes(db: &Db, caller: &Caller, page: &PageRequest) -> Result<Page<PaymentCode>, Failure> {
    let mut select = payment_codes::Entity::find();
    if caller.scope() != Scope::Everything && !caller.carries(Action::ConfirmMoney) {
        select = select.filter(payment_codes::Column::OrganisationId.eq(caller.organisation.0));
    }
    let rows = rows::page(select, payment_codes::Column::Id, page).all(db.reader()).await?;
    Ok(Page::cut(rows.into_iter().map(PaymentCode::from).collect(), page, |code| code.id.0))
}
