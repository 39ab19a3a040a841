//! What the exchange publishes of the year's trades, each within its working days.

use super::people::{EXCHANGE, People};
use crate::access::{Action, Role};
use crate::db::Db;
use crate::disclosure::commands::{Word, make_due, say};
use crate::kernel::{Failure, Moment};
use jiff::civil::Date;

/// Seven hours after the exchange opens.
const AFTERNOON: i64 = 7 * 60;
/// More than are ever settled in a week.
const MOST: u64 = 100;

/// Publishes what is settled and has not been published, in the afternoon of a day.
pub async fn publish(db: &Db, people: &People, day: Date) -> Result<(), Failure> {
    if let Some(afternoon) = Moment::at(day, AFTERNOON) {
        db.clock().set(afternoon);
    }
    let permit = people.permit(EXCHANGE, Role::ExchangeOfficer, Action::PublishResult)?;
    db.run(&permit, &(), |work, ()| {
        Box::pin(async move {
            let due = make_due(work, MOST).await?;
            let words: Vec<Word> =
                due.iter().map(|one| Word { publication: one.id, expected: None, withdrawn_because: None }).collect();
            say(work, &words).await.map(|_| ())
        })
    })
    .await
}
