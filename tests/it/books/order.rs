//! The order of ids is not the order of posting, and the verification does not take it for that.

use super::desk::{Desk, execute, paid_in};
use crate::support::app::is_postgres;

#[tokio::test]
async fn ids_may_run_against_the_order_of_posting() {
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    // Some hundreds wait for each other in memory; of the long history so many wait that it is read on its own.
    for (purse, count) in [(purses[0], 300), (purses[1], 5_200)] {
        let mut journals: Vec<_> = (0..count).map(|_| paid_in(purse, 1)).collect();
        let ids: Vec<_> = journals.iter().map(|journal| journal.id).collect();
        journals.iter_mut().zip(ids.into_iter().rev()).for_each(|(journal, id)| journal.id = id);
        desk.post(&journals).await.unwrap();
        desk.is_right().await;
    }
    let guard =
        if is_postgres() { "ALTER TABLE entries DISABLE TRIGGER USER" } else { "DROP TRIGGER entries_never_updated" };
    execute(desk.db(), guard).await.unwrap();
    for purse in purses {
        let owner = purse.owner.0;
        let owner = if is_postgres() { format!("'{owner}'") } else { format!("x'{}'", owner.simple()) };
        let of_purse = format!("SELECT id FROM accounts WHERE owner_id = {owner}");
        let forged = format!("UPDATE entries SET balance_after = 7 WHERE version = 200 AND account_id = ({of_purse})");
        assert_eq!(execute(desk.db(), &forged).await.unwrap(), 1);
        let account: uuid::Uuid = desk.rows(&of_purse).await[0].try_get_by_index(0).unwrap();
        let found = ganhe::audit::verify::verify(desk.db()).await.unwrap().differences;
        let row = format!("account {account} version 200 ");
        assert!(found.iter().any(|difference| difference.row.starts_with(&row)), "{row} is not among {found:#?}");
    }
}
