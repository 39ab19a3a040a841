//! Rights past their validity: they leave every account, once, whichever node is alive.

use super::{act, approves, capacity, day_passes, granted, holding, id, pledged, stands, surrenders};
use crate::support::world::{CHIBI, Enterprise, TONGCHENG};
use crate::support::{Client, World};
use futures::future::join_all;
use ganhe::app::binders::BINDERS;
use ganhe::db::Db;
use ganhe::kernel::ids::fresh;
use ganhe::quota::tenure::clock::{Passed, pass_day};
use serde_json::{Value, json};
use std::time::Duration;
use uuid::Uuid;

const NOTHING: Passed = Passed { renewed: 0, expired: 0 };
const ONE: Passed = Passed { renewed: 0, expired: 1 };

async fn offered(seller: &Enterprise, buyer: &Enterprise, class: &str, quantity: &str) -> Uuid {
    let body = json!({"seller_site": seller.site, "buyer_site": buyer.site, "right_class": class, "quantity": quantity,
        "unit_price": "1000.00"});
    id(&seller.client.post("/offers", body).await.granted())
}

async fn expiries(client: &Client) -> Vec<Value> {
    let found = client.get("/right-acts?kind=expiry&limit=200").await.granted();
    found["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn they_leave_every_account_on_the_day_after_the_last_and_the_headroom_comes_back() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "100.000", "paid", "2022-12-05").await;
    world.reduces(&mill, "100.000 t COD").await;
    let (glass, tannery) =
        (world.buyer("通城玻璃", "100000.00").await, world.enterprise_in("赤壁制革", CHIBI, "paper").await);
    world.deposits(&tannery, "100000.00").await;
    let open = offered(&mill, &glass, &class, "5.000").await;
    let matched = id(&glass.accepts(offered(&mill, &glass, &class, "10.000").await).await.granted());
    let approved = id(&tannery.accepts(offered(&mill, &tannery, &class, "4.000").await).await.granted());
    for officer in [&world.officer, &world.chibi_officer] {
        officer.post(&format!("/trades/{approved}/approve"), json!({})).await.granted();
    }
    let pledge = pledged(&world, &world.bank, &mill, &class, "20.000").await;
    let before = [("available", "61.000"), ("committed", "19.000"), ("pledged", "20.000")];
    world.days_pass(4);
    assert_eq!(day_passes(&world).await, NOTHING, "the last day is a day of it");
    assert_eq!(holding(&world, mill.site, &class).await, stands(&before));
    world.days_pass(1);
    assert_eq!(day_passes(&world).await, ONE);
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("expired", "100.000")]));
    assert_eq!(capacity(&world).await, ["1000.000", "0.000", "0.000"]);
    let chibi = world.auditor.get(&format!("/capacities?area={CHIBI}&pollutant=COD")).await.granted();
    assert_eq!(chibi["items"][0]["headroom"], "1000.000", "what the trade held of the buyer's area is back");
    for buyer in [&glass, &tannery] {
        assert_eq!(world.balance(buyer.id, "CNY", "available").await, "100000.00", "and so are the deposits");
    }
    let offer = mill.client.get(&format!("/offers/{open}")).await.granted();
    assert_eq!((&offer["state"], &offer["reason"]), (&json!("withdrawn"), &json!("排污权有效期届满")));
    for trade in [matched, approved] {
        assert_eq!(mill.client.get(&format!("/trades/{trade}")).await.text("state"), "cancelled");
    }
    assert_eq!(world.officer.get(&format!("/tasks?subject={matched}")).await.granted()["items"], json!([]));
    let told = world.bank.client.get(&format!("/pledges/{pledge}")).await.granted();
    let lien = &told["liens"][0];
    assert_eq!(
        (&told["state"], &lien["lapsed"]),
        (&json!("registered"), &json!("20.000")),
        "the loan stands: {told:#}"
    );
    let notice = &lien["notices"][0];
    assert_eq!(
        (&notice["cause"], &notice["quantity"], &notice["until"]),
        (&json!("expiry"), &json!("20.000"), &json!(null))
    );
    let seen = expiries(&mill.client).await;
    assert_eq!((seen.len(), &seen[0]["moved"], &seen[0]["cause"]), (1, &json!("100.000"), &json!("validity_ended")));
    assert_eq!((&seen[0]["document"], &seen[0]["decided_by"]), (&json!(null), &json!(null)), "nobody decides it");
    assert_eq!(day_passes(&world).await, NOTHING, "nothing is left to expire");
    world.books_are_right().await;
    world.bank.releases(pledge).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn what_the_pledgee_was_told_is_a_journal_of_its_pledge() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", "2022-12-05").await;
    let pledge = pledged(&world, &world.bank, &mill, &class, "10.000").await;
    world.days_pass(5);
    day_passes(&world).await;
    let journals = world.auditor.get(&format!("/audit/journals?subject={pledge}&limit=200")).await.granted();
    let kinds: Vec<&str> =
        journals["items"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"pledgee_notified") && kinds.contains(&"lien_lapsed"), "{kinds:?}");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_pledged_right_stays_for_the_term_that_the_rulebook_sets() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.adopts(&[("expiry_notice_days", "3")]).await.granted();
    let class = granted(&world, mill.site, "10.000", "paid", "2022-12-05").await;
    let kept = pledged(&world, &world.bank, &mill, &class, "4.000").await;
    let released = pledged(&world, &world.bank, &mill, &class, "3.000").await;
    world.days_pass(5);
    assert_eq!(day_passes(&world).await, ONE, "what is free expires at once");
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("pledged", "7.000"), ("expired", "3.000")]));
    let told = world.bank.client.get(&format!("/pledges/{kept}")).await.granted();
    assert_eq!(told["liens"][0]["notices"][0]["until"], "2022-12-09", "three working days after the sixth");
    assert_eq!(day_passes(&world).await, NOTHING, "nobody is told twice");
    world.bank.releases(released).await.granted();
    assert_eq!(day_passes(&world).await, ONE, "what comes back is over");
    world.days_pass(3);
    assert_eq!(day_passes(&world).await, NOTHING, "the last day counts");
    world.days_pass(1);
    assert_eq!(day_passes(&world).await, ONE);
    assert_eq!(holding(&world, mill.site, &class).await, stands(&[("expired", "10.000")]));
    let told = world.bank.client.get(&format!("/pledges/{kept}")).await.granted();
    assert_eq!(
        (&told["liens"][0]["lapsed"], told["liens"][0]["notices"].as_array().unwrap().len()),
        (&json!("4.000"), 1)
    );
    world.books_are_right().await;
}

#[tokio::test]
async fn a_pending_reduction_of_the_area_takes_what_expires() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    granted(&world, mill.site, "100.000", "paid", "2022-12-05").await;
    let cap =
        json!({"area": TONGCHENG, "pollutant": "COD", "cap": "40.000", "valid_from": "2022-12-01", "document": "调减"});
    world.city_head.post("/capacities", cap).await.granted();
    world.days_pass(5);
    day_passes(&world).await;
    let line = world.auditor.get(&format!("/capacities?area={TONGCHENG}&pollutant=COD")).await.granted();
    let line = &line["items"][0];
    assert_eq!(
        (&line["headroom"], &line["used"], &line["pending_reduction"]),
        (&json!("40.000"), &json!("0.000"), &json!("0.000"))
    );
    world.books_are_right().await;
}

/// Ten enterprises with rights that end on the same day, each with some of it pledged.
async fn ten(world: &World) -> Vec<(Enterprise, String)> {
    let mut all = Vec::new();
    for number in 0..10 {
        let one = world.enterprise(&format!("通城{number}厂")).await;
        let class = granted(world, one.site, "7.000", "free", "2022-12-05").await;
        all.push((one, class));
    }
    all
}

async fn all_are_over(world: &World, all: &[(Enterprise, String)]) {
    for (one, class) in all {
        assert_eq!(holding(world, one.site, class).await, stands(&[("expired", "7.000")]));
    }
    assert_eq!(expiries(&world.auditor).await.len(), all.len(), "each once");
    assert_eq!(capacity(world).await, ["1000.000", "0.000", "0.000"]);
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_several_nodes_one_lets_them_expire() {
    let world = World::new().await;
    let all = ten(&world).await;
    world.days_pass(5);
    let nodes = join_all((0..4).map(async |_| Db::open(&world.app.url, world.app.clock.clone()).await.unwrap())).await;
    let mut expired = 0;
    for _ in 0..3 {
        let looks = nodes.iter().map(|db| pass_day(db, BINDERS, fresh()));
        // A node that another keeps out, or whose file is taken, looks again at its next turn.
        let looks = join_all(looks).await.into_iter().filter_map(|look| look.ok().flatten());
        expired += looks.map(|passed| passed.expired).sum::<u64>();
    }
    assert_eq!(expired, 10, "what the nodes say together");
    all_are_over(&world, &all).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_dies_in_the_middle_leaves_nothing_half_done() {
    let world = World::new().await;
    let all = ten(&world).await;
    world.days_pass(5);
    for pause in 0..12_u64 {
        let db = world.app.shared.db.clone();
        let look = tokio::spawn(async move { pass_day(&db, BINDERS, fresh()).await });
        tokio::time::sleep(Duration::from_millis(pause * 3)).await;
        look.abort();
        let _ = look.await;
    }
    // Whoever died with the lease keeps it for a minute.
    world.app.clock.advance(jiff::SignedDuration::from_mins(2));
    pass_day(&world.app.shared.db, BINDERS, fresh()).await.unwrap().expect("the lease is over");
    all_are_over(&world, &all).await;
}

#[tokio::test]
async fn what_was_proposed_about_rights_that_are_over_is_refused() {
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    let class = granted(&world, mill.site, "10.000", "paid", "2022-12-05").await;
    let surrender = id(&surrenders(&mill, &class, "4.000").await.granted());
    world.days_pass(5);
    day_passes(&world).await;
    let late = approves(&world.head, surrender).await;
    late.is_refused_with("QTA_CLASS_OVER").is_refused_with("QTA_NOT_ENOUGH_AVAILABLE");
    assert_eq!(act(&world, surrender).await["state"], "proposed");
    world.books_are_right().await;
}
