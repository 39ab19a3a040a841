//! Business beside the books, without the help of evidence: who changes a business row and its evidence alike is still found
//! by what the entries say.

use super::attack::{begin, execute, take_the_guards_away};
use super::story;
use crate::support::app::is_postgres;
use ganhe::audit::holds;
use ganhe::db::Db;
use sea_orm::{ConnectionTrait, Statement};
use uuid::Uuid;

fn literal(id: Uuid) -> String {
    if is_postgres() { format!("'{id}'") } else { format!("x'{}'", id.simple()) }
}

async fn id(db: &impl ConnectionTrait, sql: &str) -> Uuid {
    let row = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    row.unwrap_or_else(|| panic!("the story leaves nothing for {sql}")).try_get_by_index(0).unwrap()
}

/// What is written where, by which key, and what the finding must name, in which table.
type Trial<'t> = (&'t str, &'t str, &'t str, Uuid, Uuid, &'t str);

async fn are_named(db: &Db, trials: &[Trial<'_>]) {
    for (table, set, key, row, named, said) in trials {
        let attack = begin(db).await;
        let sql = format!("UPDATE {table} SET {set} WHERE {key} = {}", literal(*row));
        assert_eq!(execute(&attack, &sql).await, 1, "{sql}");
        let found = holds::compare(&attack).await.unwrap();
        let is_named = found.iter().any(|found| found.table == *said && found.row.contains(&named.to_string()));
        assert!(is_named, "{sql}: {said} {named} is not among {found:#?}");
        attack.rollback().await.unwrap();
        assert_eq!(holds::compare(db.reader()).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_the_business_says_of_grams_and_fen_is_compared_with_the_entries() {
    let history = story::happen().await;
    let db = &history.world.app.shared.db;
    take_the_guards_away(db).await;
    let lien_of = |pledge| format!("SELECT id FROM liens WHERE pledge_id = {}", literal(pledge));
    let lien = id(db.reader(), &lien_of(history.registered)).await;
    let valued = format!("SELECT id FROM valuations WHERE lien_id = {} ORDER BY id DESC LIMIT 1", literal(lien));
    let newest = id(db.reader(), &valued).await;
    let sold = id(db.reader(), "SELECT id FROM disposals WHERE state = 'settled'").await;
    let released = id(db.reader(), &lien_of(history.released)).await;
    let capacity = "SELECT id FROM capacities WHERE area_path LIKE '%421222' AND pollutant = 'COD'";
    let capacity = id(db.reader(), capacity).await;
    let facility = id(db.reader(), "SELECT facility_id FROM facility_limits WHERE drawn > 0").await;
    let expired = id(db.reader(), "SELECT id FROM right_acts WHERE kind = 'expiry'").await;
    let renewed = id(db.reader(), "SELECT id FROM right_acts WHERE kind = 'renewal' AND converted > 0").await;
    let lapsed = id(db.reader(), "SELECT lien_id FROM lien_notices WHERE lapsed > 1").await;
    let shared = id(db.reader(), "SELECT disposal_id FROM disposal_shares").await;
    let junior = id(db.reader(), "SELECT lien_id FROM lien_waits WHERE cause = 'given_up'").await;
    let over = id(db.reader(), "SELECT lien_id FROM lien_waits WHERE cause = 'ended'").await;
    let listing = id(db.reader(), "SELECT id FROM listings WHERE state = 'partly_filled'").await;
    let charged = id(db.reader(), "SELECT id FROM trades WHERE fee > 0").await;
    let free_of_fee = id(db.reader(), "SELECT id FROM trades WHERE state = 'settled' AND fee IS NULL").await;
    let forfeited = id(db.reader(), "SELECT id FROM trades WHERE state = 'expired'").await;
    let (approved, across, closed) = (history.approved, history.across, history.closed);
    // Where a hold has no business any more, its account is named.
    let trials = [
        ("liens", "quantity = quantity - 1", "id", lien, lien, "liens"),
        ("liens", "quantity = quantity + 1", "id", released, released, "liens"),
        ("trades", "paid = paid - 1", "id", approved, approved, "trades"),
        ("trades", "quantity = quantity - 1", "id", approved, approved, "trades"),
        ("trades", "paid = paid - 1", "id", closed, closed, "trades"),
        ("trades", "quantity = quantity - 1", "id", closed, closed, "trades"),
        ("trades", "quantity = quantity - 1", "id", across, across, "trades"),
        ("trades", "state = 'cancelled'", "id", approved, approved, "accounts"),
        ("trades", "state = 'matched'", "id", across, across, "accounts"),
        ("trades", "version = version + 1", "id", across, across, "trades"),
        ("offers", "quantity = quantity + 1", "id", history.open_offer, history.offered_trade, "offers"),
        ("listings", "quantity = quantity + 1", "id", listing, listing, "listings"),
        ("listings", "sold = sold - 1", "id", listing, listing, "listings"),
        ("listings", "state = 'expired'", "id", listing, listing, "accounts"),
        ("listings", "version = version + 1", "id", listing, listing, "listings"),
        ("trades", "fee = fee - 1", "id", charged, charged, "trades"),
        ("trades", "fee = NULL", "id", charged, charged, "trades"),
        ("trades", "fee = 1", "id", free_of_fee, free_of_fee, "trades"),
        ("trades", "forfeited = COALESCE(forfeited, 0) + 1", "id", forfeited, forfeited, "trades"),
        ("allocations", "quantity = quantity - 1", "id", history.allocation, history.allocation, "allocations"),
        ("allocations", "state = 'rejected'", "id", history.allocation, history.allocation, "allocations"),
        ("capacities", "cap = cap - 1", "id", capacity, capacity, "capacities"),
        ("right_acts", "moved = moved - 1", "id", expired, expired, "right_acts"),
        ("right_acts", "converted = converted - 1", "id", renewed, renewed, "right_acts"),
        ("right_acts", "version = version + 1", "id", renewed, renewed, "right_acts"),
        ("liens", "secured = secured - 1", "id", lien, history.registered, "pledges"),
        ("valuations", "value = value + 1", "id", newest, history.registered, "pledges"),
        ("disposals", "total = total - 1", "id", sold, sold, "disposals"),
        ("lien_changes", "grams = grams - 1", "lien_id", lien, lien, "liens"),
        ("disposal_shares", "paid = paid - 1", "place = 0 AND disposal_id", shared, shared, "disposals"),
        ("lien_waits", "grams = grams + 1", "cause = 'registered' AND lien_id", junior, junior, "liens"),
        ("lien_waits", "grams = grams + 1", "cause = 'registered' AND lien_id", over, over, "liens"),
        ("lien_notices", "lapsed = lapsed - 1", "lien_id", lapsed, lapsed, "liens"),
        ("facility_limits", "drawn = drawn - 1", "drawn > 0 AND facility_id", facility, facility, "facility_limits"),
    ];
    are_named(db, &trials).await;
}

#[tokio::test]
async fn what_an_override_says_of_grams_is_compared_with_its_trades() {
    let history = story::happen().await;
    let db = &history.world.app.shared.db;
    take_the_guards_away(db).await;
    let crossed = id(db.reader(), "SELECT id FROM trades WHERE override_id IS NOT NULL AND state = 'settled'").await;
    let exception = id(db.reader(), "SELECT override_id FROM trades WHERE override_id IS NOT NULL").await;
    let trials = [
        ("trade_overrides", "quantity = 1", "id", exception, exception, "trade_overrides"),
        ("trade_overrides", "version = version + 1", "id", exception, exception, "trade_overrides"),
        ("trade_overrides", "boundary = 'city'", "id", exception, crossed, "trades"),
        ("trades", "delivered_class_id = right_class_id", "id", crossed, crossed, "trades"),
        (
            "trades",
            "override_id = NULL, lifted_boundary = NULL, delivered_class_id = NULL",
            "id",
            crossed,
            crossed,
            "trades",
        ),
    ];
    are_named(db, &trials).await;
}
