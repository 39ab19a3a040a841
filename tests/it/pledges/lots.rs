//! Disposal at an auction of the exchange: what a lien holds is bid for, the grams stay pledged until a winner settles, and each win pays what is
//! left of costs and claim.

use super::{Stage, id, registered, secured_on};
use crate::auctions::stage::{AFTER, OPENS, Session, it_is, time_passes};
use crate::support::world::{CHIBI, Enterprise};
use crate::support::{Answer, World};
use futures::future::join3;
use serde_json::{Value, json};
use uuid::Uuid;

/// The mill's pledge in default, with two who want what it holds.
struct Foreclosed {
    stage: Stage,
    works: Enterprise,
    session: Session,
}

impl Foreclosed {
    async fn set() -> Self {
        let stage = Stage::of("100.000 t COD").await;
        let works = stage.world.buyer("通城瓦厂", "200000.00").await;
        let notice = json!({"reason": "逾期未还", "amount_due": "61000.00"});
        let path = format!("/pledges/{}/declare-default", id(&stage.pledge));
        stage.world.bank.client.post(&path, notice).await.granted();
        let session = Session::planned(&stage.world, "ascending", &[]).await;
        Self { stage, works, session }
    }

    fn world(&self) -> &World {
        &self.stage.world
    }

    fn path(&self, act: &str) -> String {
        format!("/pledges/{}/{act}", id(&self.stage.pledge))
    }

    fn lot_of(&self, quantity: Option<&str>) -> Value {
        json!({"lien": self.stage.pledge["liens"][0]["id"], "auction": self.session.id, "quantity": quantity, "base_price": "8790.00",
            "costs": "1000.00", "owed": "61000.00", "settlement_bank": self.world().settlement_bank})
    }

    async fn puts_in(&self, body: Value) -> Answer {
        self.world().bank.client.post(&self.path("lots"), body).await
    }

    /// All that the lien holds is announced, and both are let in: the brewery for six tonnes, the works for five, of which two are of use.
    async fn announced(&self) -> Uuid {
        let lot = id(&self.puts_in(self.lot_of(None)).await.granted());
        self.session.exchange(self.world(), "/announce").await.granted();
        self.session.admits(self.world(), &self.stage.glass, lot, "6.000").await;
        let registration = id(&self.session.registers(&self.works, lot, "5.000", Some("2.000")).await.granted());
        let qualify = format!("/auction-registrations/{registration}/qualify");
        self.world().exchange.post(&qualify, json!({})).await.granted();
        lot
    }

    /// The brewery bids 9,000 for six tonnes and the works 8,790 for five, and they are ranked.
    async fn ranked(&self, lot: Uuid) {
        it_is(self.world(), OPENS);
        time_passes(self.world()).await;
        self.session.bids(&self.stage.glass, lot, "9000.00", "6.000").await.granted();
        self.session.bids(&self.works, lot, "8790.00", "5.000").await.granted();
        it_is(self.world(), AFTER);
        time_passes(self.world()).await;
    }

    /// The disposals that the wins have become, the brewery's first.
    async fn won(&self) -> [Uuid; 2] {
        let lot = self.announced().await;
        self.ranked(lot).await;
        self.session.exchange(self.world(), "/confirm").await.granted();
        let results = self.session.list(&self.world().exchange, "/results").await;
        [0, 1].map(|at: usize| results[at]["disposal"].as_str().unwrap().parse().unwrap())
    }

    async fn pledged(&self) -> String {
        self.world().balance(self.stage.mill.site, &self.stage.mill.class("COD"), "pledged").await
    }

    async fn held_of(&self, bidder: &Enterprise) -> String {
        self.world().balance(bidder.id, "CNY", "committed").await
    }
}

async fn acts(by: &Enterprise, disposal: Uuid, act: &str) -> Answer {
    by.client.post(&format!("/disposals/{disposal}/{act}"), json!({})).await
}

#[tokio::test]
async fn each_win_pays_what_is_left_of_costs_and_claim_and_the_last_one_leaves_the_surplus() {
    let scene = Foreclosed::set().await;
    let (world, mill, glass) = (scene.world(), &scene.stage.mill, &scene.stage.glass);
    let [first, second] = scene.won().await;
    let results = scene.session.list(&world.exchange, "/results").await;
    let told: Vec<_> = results.iter().map(|one| (&one["quantity"], &one["total"], &one["trade"])).collect();
    assert_eq!(told[0], (&json!("6.000"), &json!("54000.00"), &Value::Null));
    assert_eq!(told[1], (&json!("4.000"), &json!("35160.00"), &Value::Null));
    assert_eq!((scene.pledged().await.as_str(), scene.held_of(glass).await.as_str()), ("10.000", "15822.00"));
    let disposal = glass.client.get(&format!("/disposals/{first}")).await.granted();
    let fields = ["state", "mode", "deposit", "document", "settle_by"].map(|field| disposal[field].clone());
    assert_eq!(fields, [json!("proposed"), json!("auction"), json!("15822.00"), json!("咸宁专场 标的 1"), Value::Null]);
    acts(&scene.works, first, "settle").await.with_status(404);
    acts(mill, first, "settle").await.is_refused_with("PLG_NOT_THE_BUYER").with_status(403);

    let settled = acts(glass, first, "settle").await.granted();
    let told = |of: &Value| ["paid_costs", "paid_claim", "surplus", "shortfall"].map(|field| of[field].clone());
    assert_eq!(told(&settled), [json!("1000.00"), json!("53000.00"), json!("0.00"), json!("8000.00")]);
    assert_eq!(scene.stage.state().await["still_owed"], "8000.00");
    let settled = acts(&scene.works, second, "settle").await.granted();
    assert_eq!(told(&settled), [json!("0.00"), json!("8000.00"), json!("27160.00"), json!("0.00")]);
    let over = scene.stage.state().await;
    assert_eq!((&over["state"], &over["still_owed"]), (&json!("closed"), &json!("0.00")));
    assert_eq!(scene.stage.money(glass.id).await, "946000.00");
    assert_eq!(scene.stage.money(mill.id).await, "27160.00");
    assert_eq!(scene.held_of(glass).await, "0.00");
    let class = mill.class("COD");
    assert_eq!(world.balance(glass.site, &class, "available").await, "6.000");
    assert_eq!(world.balance(scene.works.site, &class, "available").await, "4.000");
    time_passes(world).await;
    assert_eq!(scene.session.state(world).await, "settled");
    world.books_are_right().await;
}

#[tokio::test]
async fn only_the_pledgee_of_a_pledge_in_default_puts_it_in_and_takes_it_out() {
    let scene = Foreclosed::set().await;
    let (world, bank, mill) = (scene.world(), &scene.stage.world.bank.client, &scene.stage.mill);
    mill.client.post(&scene.path("lots"), scene.lot_of(None)).await.is_refused_with("AUT_NOT_ALLOWED");
    world.other_bank.client.post(&scene.path("lots"), scene.lot_of(None)).await.with_status(404);
    scene.puts_in(scene.lot_of(Some("10.001"))).await.is_refused_with("PLG_MORE_THAN_HELD");
    let mut body = scene.lot_of(None);
    body["settlement_bank"] = json!(world.bank.id);
    scene.puts_in(body).await.is_refused_with("PLG_NOT_A_SETTLEMENT_BANK");
    let mut body = scene.lot_of(None);
    body["base_price"] = json!("1.00");
    let cheap = scene.puts_in(body).await;
    assert_eq!(cheap.is_refused_with("TRD_BELOW_BASE_PRICE").body["violations"][0]["field"], "base_price");
    let lot = id(&scene.puts_in(scene.lot_of(None)).await.granted());
    scene.puts_in(scene.lot_of(None)).await.is_refused_with("PLG_DISPOSAL_OPEN").with_status(409);
    bank.post(&scene.path("cure-default"), json!({})).await.is_refused_with("PLG_DISPOSAL_OPEN");
    mill.client.post(&format!("/auction-lots/{lot}/withdraw"), json!({})).await.is_refused_with("AUC_NOT_YOURS");
    let taken = bank.post(&format!("/auction-lots/{lot}/withdraw"), json!({})).await.granted();
    assert_eq!(taken["state"], "withdrawn");
    bank.post(&scene.path("cure-default"), json!({})).await.granted();
    scene.puts_in(scene.lot_of(None)).await.is_refused_with("PLG_DISPOSAL_BEFORE_DEFAULT").with_status(409);
    let seen = bank.get(&scene.path("lots")).await.granted();
    assert_eq!(seen["items"][0]["id"], json!(lot));
    mill.client.get(&scene.path("lots")).await.granted();
    scene.works.client.get(&scene.path("lots")).await.with_status(404);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_pledgor_who_may_not_sell_keeps_nobody_from_bidding() {
    let scene = Foreclosed::set().await;
    let (world, mill) = (scene.world(), &scene.stage.mill);
    let lot = id(&scene.puts_in(scene.lot_of(None)).await.granted());
    let suspend = json!({"reason": "欠费"});
    world.head.post(&format!("/organisations/{}/suspend", mill.id), suspend).await.granted();
    scene.session.exchange(world, "/announce").await.granted();
    assert_eq!(scene.pledged().await, "10.000");
    scene.session.admits(world, &scene.stage.glass, lot, "6.000").await;
    world.books_are_right().await;
}

#[tokio::test]
async fn a_winner_who_does_not_settle_loses_the_deposit_to_costs_and_claim() {
    let scene = Foreclosed::set().await;
    let (world, glass) = (scene.world(), &scene.stage.glass);
    world.adopts(&[("payment_days", "5"), ("deposit_forfeit", "on")]).await.granted();
    let [first, second] = scene.won().await;
    let disposal = glass.client.get(&format!("/disposals/{first}")).await.granted();
    assert_eq!(disposal["settle_by"], "2022-12-09");
    let declined = acts(glass, first, "decline").await.granted();
    let told =
        |of: &Value| ["state", "paid_costs", "paid_claim", "surplus", "shortfall"].map(|field| of[field].clone());
    let wanted = [json!("forfeited"), json!("1000.00"), json!("14822.00"), json!("0.00"), json!("46178.00")];
    assert_eq!(told(&declined), wanted);
    assert_eq!(scene.stage.money(glass.id).await, "984178.00");
    let withdraw = format!("/disposals/{second}/withdraw");
    world.days_pass(8);
    let late = world.bank.client.post(&withdraw, json!({})).await.granted();
    // 30 % of the base price of the five tonnes it wanted.
    let wanted = [json!("forfeited"), json!("0.00"), json!("13185.00"), json!("0.00"), json!("32993.00")];
    assert_eq!(told(&late), wanted);
    world.bank.client.post(&withdraw, json!({})).await.is_refused_with("PLG_DISPOSAL_STATE");
    assert_eq!(scene.pledged().await, "10.000");
    assert_eq!(scene.stage.state().await["still_owed"], "32993.00");
    time_passes(world).await;
    assert_eq!(scene.session.state(world).await, "settled");
    world.books_are_right().await;
}

#[tokio::test]
async fn in_time_the_pledgee_gives_the_deposit_back_and_the_lien_may_be_put_in_again() {
    let scene = Foreclosed::set().await;
    let (world, glass) = (scene.world(), &scene.stage.glass);
    let [first, second] = scene.won().await;
    acts(glass, first, "decline").await.granted();
    world.bank.client.post(&format!("/disposals/{second}/withdraw"), json!({})).await.granted();
    assert_eq!((scene.held_of(glass).await, scene.held_of(&scene.works).await), ("0.00".into(), "0.00".into()));
    assert_eq!(scene.stage.money(glass.id).await, "1000000.00");
    let plan = json!({"title": "再次拍卖", "format": "ascending", "registration_until": "2022-12-05T09:00:00+08:00",
        "opens_at": "2022-12-05T10:00:00+08:00", "closes_at": "2022-12-05T11:00:00+08:00", "own_rules": []});
    let again = id(&world.exchange.post("/auctions", plan).await.granted());
    let mut body = scene.lot_of(Some("4.000"));
    body["auction"] = json!(again);
    scene.puts_in(body).await.granted();
    world.books_are_right().await;
}

#[tokio::test]
async fn when_the_pledge_is_released_what_waits_for_bids_is_called_off_and_every_deposit_goes_back() {
    let scene = Foreclosed::set().await;
    let lot = scene.announced().await;
    let world = scene.world();
    let own = scene.session.registers(&scene.stage.mill, lot, "1.000", None).await;
    own.is_refused_with("AUC_OWN_LOT");
    world.bank.releases(id(&scene.stage.pledge)).await.granted();
    let called = world.exchange.get(&format!("/auction-lots/{lot}")).await.granted();
    assert_eq!(called["state"], "cancelled");
    assert_eq!(scene.held_of(&scene.stage.glass).await, "0.00");
    assert_eq!(scene.pledged().await, "0.000");
    world.books_are_right().await;

    let scene = Foreclosed::set().await;
    let [first, _] = scene.won().await;
    let world = scene.world();
    world.bank.releases(id(&scene.stage.pledge)).await.granted();
    let ended = scene.stage.glass.client.get(&format!("/disposals/{first}")).await.granted();
    assert_eq!(ended["state"], "withdrawn");
    assert_eq!(scene.stage.money(scene.stage.glass.id).await, "1000000.00");
    time_passes(world).await;
    assert_eq!(scene.session.state(world).await, "settled");
    world.books_are_right().await;
}

#[tokio::test]
async fn a_lot_that_its_lien_holds_no_more_is_neither_announced_nor_won() {
    let scene = Foreclosed::set().await;
    let world = scene.world();
    let part = |secured: &str, tonnes: &str| {
        let lien = &scene.stage.pledge["liens"][0]["id"];
        json!({"reason": "部分清偿", "liens": [{"lien": lien, "quantity": tonnes, "secured": secured}]})
    };
    let lot = id(&scene.puts_in(scene.lot_of(None)).await.granted());
    let released = world.bank.client.post(&scene.path("release-part"), part("6000.00", "1.000")).await;
    released.granted();
    let refused = scene.session.exchange(world, "/announce").await;
    assert_eq!(refused.is_refused_with("AUC_LIEN_GONE").body["violations"][0]["field"], "lots[1].quantity");
    world.bank.client.post(&format!("/auction-lots/{lot}/withdraw"), json!({})).await.granted();
    let lot = scene.announced().await;
    scene.ranked(lot).await;
    world.bank.client.post(&scene.path("release-part"), part("6000.00", "1.000")).await.granted();
    scene.session.exchange(world, "/confirm").await.granted();
    let called = world.exchange.get(&format!("/auction-lots/{lot}")).await.granted();
    assert_eq!(called["state"], "cancelled");
    assert_eq!(scene.held_of(&scene.stage.glass).await, "0.00");
    assert_eq!(world.bank.client.get("/disposals").await.granted()["items"], json!([]));
    world.books_are_right().await;
}

#[tokio::test]
async fn confirmation_release_and_part_release_at_once_leave_the_books_right() {
    for _ in 0..3 {
        let scene = Foreclosed::set().await;
        let lot = scene.announced().await;
        scene.ranked(lot).await;
        let world = scene.world();
        let part = json!({"reason": "部分清偿",
            "liens": [{"lien": scene.stage.pledge["liens"][0]["id"], "quantity": "1.000", "secured": "6000.00"}]});
        let path = scene.path("release-part");
        let (confirmed, _released, _parted) = join3(
            scene.session.exchange(world, "/confirm"),
            world.bank.releases(id(&scene.stage.pledge)),
            world.bank.client.post(&path, part),
        )
        .await;
        confirmed.granted();
        assert_eq!(scene.held_of(&scene.works).await, scene.expected_of_works().await);
        world.books_are_right().await;
    }
}

impl Foreclosed {
    /// The works' deposit is held exactly while its disposal is open.
    async fn expected_of_works(&self) -> String {
        let disposals = self.works.client.get("/disposals").await.granted();
        let open = disposals["items"].as_array().unwrap().iter().any(|one| one["state"] == "proposed");
        if open { "13185.00".to_owned() } else { "0.00".to_owned() }
    }
}

/// A lot of a lien that is won, settled in part and forfeited in part, for the trials of the verification.
pub async fn happened(world: &World, pledgor: &Enterprise) {
    pledgor.consents(&world.bank, &["COD"]).await;
    let pledge = registered(world, pledgor, secured_on(pledgor, "1.000", "5000.00", "9000.00")).await;
    let path = |act: &str| format!("/pledges/{}/{act}", id(&pledge));
    let notice = json!({"reason": "逾期未还", "amount_due": "5100.00"});
    world.bank.client.post(&path("declare-default"), notice).await.granted();
    let rival = world.enterprise_in("赤壁竞价", CHIBI, "food").await;
    let works = world.buyer("通城竞价瓦厂", "100000.00").await;
    world.deposits(&rival, "100000.00").await;
    let hour =
        |hours: i64| ganhe::kernel::Moment::from_micros(world.now().micros() + hours * 3_600_000_000).to_string();
    let plan = json!({"title": "质押处置专场", "format": "ascending", "registration_until": hour(1), "opens_at": hour(2),
        "closes_at": hour(3), "own_rules": []});
    let session = Session { id: id(&world.exchange.post("/auctions", plan).await.granted()) };
    let body = json!({"lien": pledge["liens"][0]["id"], "auction": session.id, "base_price": "8790.00", "costs": "10.00", "owed": "5100.00",
        "settlement_bank": world.settlement_bank});
    let lot = id(&world.bank.client.post(&path("lots"), body).await.granted());
    session.exchange(world, "/announce").await.granted();
    for bidder in [&rival, &works] {
        session.admits(world, bidder, lot, "0.500").await;
    }
    world.an_hour_passes();
    world.an_hour_passes();
    time_passes(world).await;
    for bidder in [&rival, &works] {
        session.bids(bidder, lot, "8790.00", "0.500").await.granted();
    }
    world.an_hour_passes();
    time_passes(world).await;
    session.exchange(world, "/confirm").await.granted();
    let results = session.list(&world.exchange, "/results").await;
    let of = |at: usize| -> Uuid { results[at]["disposal"].as_str().unwrap().parse().unwrap() };
    acts(&rival, of(0), "settle").await.granted();
    acts(&works, of(1), "decline").await.granted();
}
