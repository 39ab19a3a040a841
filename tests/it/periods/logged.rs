//! What is sealed is in the transparency log first, also when the sequencer has not come to it, or another node keeps it.

use super::autumn;
use crate::support::World;
use ganhe::ledger::log::sequencer::Sequencer;
use jiff::SignedDuration;
use sea_orm::{ConnectionTrait, Statement};

async fn count(world: &World, sql: &str) -> i64 {
    let db = &world.app.shared.db;
    let statement = Statement::from_string(db.backend(), sql);
    db.reader().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

const OUTSIDE: &str = "SELECT COUNT(*) FROM journals j WHERE NOT EXISTS \
     (SELECT 1 FROM log_leaves l WHERE l.book_id = j.book_id AND l.source_id = j.id)";

#[tokio::test]
async fn a_month_is_sealed_when_all_of_it_is_in_the_log() {
    let (world, mill, head) = autumn().await;
    let db = &world.app.shared.db;
    // Another node has kept the log until now, and still holds it for some seconds.
    let mut keeper = Sequencer::new(db.clone());
    world.app.clock.advance(SignedDuration::from_secs(1));
    assert!(keeper.catch_up().await.unwrap() > 0);
    world.deposits_on(&head, &mill, "11.00", "2022-10-31").await.granted();
    world.app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(count(&world, OUTSIDE).await, 1);
    let october = world.seals("2022-10").await.granted();
    assert_eq!(october["seal"]["journals"], 3);
    let in_october = format!("{OUTSIDE} AND j.effective_on LIKE '2022-10-%'");
    assert_eq!(count(&world, &in_october).await, 0, "everything that is sealed is signed");
    let is_the_seal = format!("{OUTSIDE} AND j.kind = 'period_sealed'");
    assert_eq!((count(&world, OUTSIDE).await, count(&world, &is_the_seal).await), (1, 1), "the seal itself comes next");
    world.app.clock.advance(SignedDuration::from_secs(1));
    assert!(keeper.catch_up().await.unwrap() > 0, "the other node goes on");
    assert_eq!(count(&world, OUTSIDE).await, 0);
    // A refused seal takes nothing in.
    world.deposits_on(&head, &mill, "12.00", "2022-11-30").await.granted();
    world.app.clock.advance(SignedDuration::from_secs(1));
    world.seals("2022-10").await.is_refused_with("LED_PERIOD_ALREADY_SEALED");
    assert_eq!(count(&world, OUTSIDE).await, 1);
    world.seals("2022-11").await.granted();
    world.books_are_right().await;
}
