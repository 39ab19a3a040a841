//! How SQLite finds what is open among all that was: by an index of the open ones alone.

use crate::support::World;
use crate::support::app::is_postgres;
use crate::tamper::catalogue;

#[tokio::test]
async fn what_is_open_and_what_is_over_is_found_by_an_index() {
    if is_postgres() {
        return;
    }
    let world = World::new().await;
    let plans = [
        ("SELECT quantity FROM offers WHERE seller_site_id IN (x'01') AND state = 'proposed'", "offers_held"),
        (
            "SELECT id FROM offers WHERE state = 'proposed' AND valid_until < '2023' ORDER BY valid_until, id LIMIT 9",
            "offers_due",
        ),
        (
            "SELECT id FROM trades WHERE state IN ('approved', 'publicised') AND pay_by < '2023' AND paid < total ORDER BY pay_by, id LIMIT 9",
            "trades_due",
        ),
        (
            "SELECT id FROM listings WHERE state IN ('open', 'partly_filled') AND last_day < '2023' ORDER BY last_day, id LIMIT 9",
            "listings_due",
        ),
    ];
    for (sql, index) in plans {
        let plan = catalogue::rows(world.app.shared.db.reader(), &format!("EXPLAIN QUERY PLAN {sql}")).await;
        let steps: Vec<String> = plan.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        assert!(steps.iter().any(|step| step.starts_with("SEARCH") && step.contains(index)), "{sql}: {steps:?}");
    }
}
