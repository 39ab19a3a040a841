//! What anybody may see of sessions, without a token.

use super::stage::{CLOSES, OPENS, Session, it_is, time_passes};
use crate::support::{Client, World};
use serde_json::{Value, json};

async fn items(client: &Client, path: &str) -> Vec<Value> {
    client.get(path).await.granted()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_was_never_announced_is_nobodys_business_and_what_was_called_off_has_no_content() {
    let world = World::new().await;
    let nobody = world.nobody();
    let mill = world.seller("临江纸业", "10.000 t COD").await;
    let why = json!({"reason": "标的信息有误"});
    let quiet = Session::planned(&world, "ascending", &[]).await;
    let lot = quiet.lot(&mill, "10.000 t COD", "8790.00").await;
    world.exchange.post(&quiet.path("/cancel"), why.clone()).await.granted();
    assert_eq!(mill.client.get(&format!("/auction-lots/{lot}")).await.text("reason"), "标的信息有误");
    for rest in ["", "/lots", "/bids", "/results"] {
        nobody.get(&format!("/public/auctions/{}{rest}", quiet.id)).await.with_status(404);
    }
    assert!(items(&nobody, "/public/auctions").await.is_empty());
    assert!(items(&nobody, "/public/auctions?state=cancelled").await.is_empty());
    assert!(items(&nobody, "/public/announcements?state=withdrawn").await.is_empty());

    let loud = Session::planned(&world, "ascending", &[]).await;
    let first = loud.lot(&mill, "4.000 t COD", "8790.00").await;
    mill.client.post(&format!("/auction-lots/{first}/withdraw"), json!({})).await.granted();
    loud.lot(&mill, "6.000 t COD", "8790.00").await;
    loud.exchange(&world, "/announce").await.granted();
    let lots = items(&nobody, &format!("/public/auctions/{}/lots", loud.id)).await;
    let told: Vec<&Value> = lots.iter().map(|lot| &lot["number"]).collect();
    assert_eq!(told, [2], "what was taken out before was never on offer");
    assert_eq!(loud.list(&mill.client, "/lots").await.len(), 2);
    world.exchange.post(&loud.path("/cancel"), why.clone()).await.granted();
    let public = format!("/public/auctions/{}", loud.id);
    let seen = nobody.get(&public).await.granted();
    assert_eq!((&seen["state"], &seen["title"], &seen["reason"]), (&json!("cancelled"), &json!(""), &Value::Null));
    assert_eq!((&seen["rules"], &seen["closes_at"]), (&json!([]), &json!("2022-12-02T11:00:00.000000+08:00")));
    assert_eq!(items(&nobody, "/public/auctions").await, [seen]);
    for rest in ["/lots", "/bids", "/results"] {
        assert!(items(&nobody, &format!("{public}{rest}")).await.is_empty(), "{rest}");
    }
    assert_eq!(items(&nobody, "/public/announcements?state=withdrawn").await.len(), 1);
    assert_eq!(world.auditor.get(&loud.path("")).await.text("reason"), "标的信息有误");
}

#[tokio::test]
async fn who_sold_and_who_won_is_told_by_name_where_the_rules_allow() {
    let world = World::new().await;
    let nobody = world.nobody();
    let mill = world.seller("临江纸业", "10.000 t COD").await;
    let (glass, brewery) = (world.buyer("通城玻璃", "200000.00").await, world.buyer("通城酒业", "200000.00").await);
    let session = Session::planned(&world, "ascending", &[]).await;
    let lot = session.lot(&mill, "10.000 t COD", "8790.00").await;
    session.exchange(&world, "/announce").await.granted();
    for bidder in [&glass, &brewery] {
        session.admits(&world, bidder, lot, "8.000").await;
    }
    it_is(&world, OPENS);
    session.bids(&glass, lot, "8790.00", "8.000").await.granted();
    session.bids(&brewery, lot, "8800.00", "8.000").await.granted();
    let public = format!("/public/auctions/{}", session.id);
    let names = async |client: &Client, path: &str, field: &str| -> Vec<Value> {
        items(client, path).await.iter().map(|one| one[field].clone()).collect()
    };
    world.adopts(&[("disclose_parties", "on")]).await.granted();
    assert_eq!(names(&nobody, &format!("{public}/lots"), "seller_name").await, ["临江纸业"]);
    let nameless = [Value::Null, Value::Null];
    assert_eq!(names(&nobody, &format!("{public}/bids"), "bidder_name").await, nameless, "bidding goes on");
    it_is(&world, CLOSES);
    time_passes(&world).await;
    for (client, below) in [(&nobody, public.clone()), (&glass.client, session.path(""))] {
        assert_eq!(names(client, &format!("{below}/bids"), "bidder_name").await, ["通城玻璃", "通城酒业"]);
        assert_eq!(names(client, &format!("{below}/results"), "bidder_name").await, ["通城酒业", "通城玻璃"]);
    }
    let table = nobody.get(&format!("{public}/results?format=csv")).await.granted();
    let rows: Vec<&str> = table.as_str().unwrap().lines().collect();
    assert!(rows[0].contains("竞买人") && rows[1].contains("通城酒业,8800.00,8.000,70400.00"), "{rows:?}");
    world.forgets_rules(&["disclose_parties"]).await.granted();
    assert_eq!(names(&nobody, &format!("{public}/results"), "bidder_name").await, nameless);
    assert_eq!(names(&nobody, &format!("{public}/lots"), "seller_name").await, [Value::Null]);
}
