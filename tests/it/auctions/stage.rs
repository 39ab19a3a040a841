//! A session in words.

use crate::support::world::Enterprise;
use crate::support::{Answer, Client, World};
use ganhe::app::binders::PLEDGED_LOTS;
use ganhe::kernel::Moment;
use ganhe::kernel::ids::fresh;
use ganhe::market::auctions::clock::pass_time;
use serde_json::{Value, json};
use uuid::Uuid;

/// Bidders register until then.
pub const REGISTRATION: &str = "2022-12-02T09:00:00+08:00";
/// Bidding begins.
pub const OPENS: &str = "2022-12-02T10:00:00+08:00";
/// Its planned close.
pub const CLOSES: &str = "2022-12-02T11:00:00+08:00";
/// Four minutes after that.
pub const TIMED: &str = "2022-12-02T11:04:00+08:00";
/// After everything, also what late bids may add.
pub const AFTER: &str = "2022-12-02T12:00:00+08:00";

/// The rules of most stories: steps of 50, Ningxia's wait, a minute of timed bidding, Harbin's soft close.
pub const RULES: &[(&str, &str)] = &[
    ("bid_step", "50.00"),
    ("final_wait_seconds", "240"),
    ("final_bidding_seconds", "60"),
    ("soft_close_seconds", "10"),
];

pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// A session of the exchange.
pub struct Session {
    /// Its id.
    pub id: Uuid,
}

/// A body of a session.
pub fn plan(format: &str, rules: &[(&str, &str)]) -> Value {
    let rules: Vec<Value> = rules.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    json!({"title": "咸宁专场", "format": format, "registration_until": REGISTRATION, "opens_at": OPENS, "closes_at": CLOSES,
        "own_rules": rules})
}

impl Session {
    /// Planned by the exchange.
    pub async fn planned(world: &World, format: &str, rules: &[(&str, &str)]) -> Self {
        Self { id: id(&world.exchange.post("/auctions", plan(format, rules)).await.granted()) }
    }

    /// A path below it.
    pub fn path(&self, rest: &str) -> String {
        format!("/auctions/{}{rest}", self.id)
    }

    /// A seller puts rights such as `"10.000 t COD"` into it.
    pub async fn proposes(&self, seller: &Enterprise, holding: &str, base: &str) -> Answer {
        let (quantity, pollutant) = holding.split_once(" t ").unwrap();
        let body = json!({"site": seller.site, "right_class": seller.class(pollutant), "quantity": quantity, "base_price": base});
        seller.client.post(&self.path("/lots"), body).await
    }

    /// The same, by its id.
    pub async fn lot(&self, seller: &Enterprise, holding: &str, base: &str) -> Uuid {
        id(&self.proposes(seller, holding, base).await.granted())
    }

    /// The exchange does something about it.
    pub async fn exchange(&self, world: &World, act: &str) -> Answer {
        world.exchange.post(&self.path(act), json!({})).await
    }

    /// Somebody wants to bid.
    pub async fn registers(&self, bidder: &Enterprise, lot: Uuid, quantity: &str, minimum: Option<&str>) -> Answer {
        let body = json!({"lot": lot, "site": bidder.site, "project": bidder.project, "quantity": quantity, "minimum": minimum});
        bidder.client.post(&self.path("/registrations"), body).await
    }

    /// Somebody is let in.
    pub async fn admits(&self, world: &World, bidder: &Enterprise, lot: Uuid, quantity: &str) -> Uuid {
        let registration = id(&self.registers(bidder, lot, quantity, None).await.granted());
        world.exchange.post(&format!("/auction-registrations/{registration}/qualify"), json!({})).await.granted();
        registration
    }

    /// Somebody bids in the open.
    pub async fn bids(&self, bidder: &Enterprise, lot: Uuid, price: &str, quantity: &str) -> Answer {
        let body = json!({"lot": lot, "price": price, "quantity": quantity});
        bidder.client.post(&self.path("/bids"), body).await
    }

    /// Its state.
    pub async fn state(&self, world: &World) -> String {
        world.exchange.get(&self.path("")).await.text("state")
    }

    /// A list below it.
    pub async fn list(&self, client: &Client, rest: &str) -> Vec<Value> {
        client.get(&self.path(rest)).await.granted()["items"].as_array().unwrap().clone()
    }
}

/// Business time moves on to an instant.
pub fn it_is(world: &World, instant: &str) {
    it_is_at(world, Moment::parse(instant).unwrap());
}

/// The same.
pub fn it_is_at(world: &World, instant: Moment) {
    let clock = &world.app.clock;
    clock.set_offset(instant.micros() - clock.wall_now().micros());
}

/// Some seconds after an instant.
pub fn after(instant: &str, seconds: i64) -> Moment {
    Moment::from_micros(Moment::parse(instant).unwrap().micros() + seconds * 1_000_000)
}

/// The clock carries out what is due.
pub async fn time_passes(world: &World) -> u64 {
    pass_time(&world.app.shared.db, PLEDGED_LOTS, fresh()).await.unwrap()
}

/// A key of X25519: the private half and the public one.
pub fn key_pair() -> (String, String) {
    let secret = crypto_box::SecretKey::generate(&mut crypto_box::aead::OsRng);
    (accounting::hexadecimal(&secret.to_bytes()), accounting::hexadecimal(secret.public_key().as_bytes()))
}

/// A salt.
pub fn salt(letter: char) -> String {
    std::iter::repeat_n(letter, 64).collect()
}

/// An open session with one lot of the reserve and its bidders, let in for all of it.
pub async fn opened(world: &World, holding: &str, bidders: &[&Enterprise], rules: &[(&str, &str)]) -> (Session, Uuid) {
    world.allocate(&world.reserve, holding).await;
    let session = Session::planned(world, "ascending", rules).await;
    let lot = session.lot(&world.reserve, holding, "8790.00").await;
    session.exchange(world, "/announce").await.granted();
    let (quantity, _) = holding.split_once(" t ").unwrap();
    for bidder in bidders {
        session.admits(world, bidder, lot, quantity).await;
    }
    it_is(world, OPENS);
    time_passes(world).await;
    (session, lot)
}

/// What a sealed session leaves behind.
pub struct Traces {
    /// A session that waits, with a lot and a registration of the mill.
    pub session: Uuid,
    /// The lot.
    pub lot: Uuid,
    /// The registration.
    pub registration: Uuid,
}

/// Sessions of every state, so that each table has rows: one that is settled, one that is called off, and one that is announced.
pub async fn happened(world: &World, mill: &Enterprise) -> Traces {
    world.allocate(&world.reserve, "30.000 t SO2").await;
    let rival = world.buyer("通城竞价", "100000.00").await;
    world.deposits(mill, "100000.00").await;
    let day = |hours: i64| Moment::from_micros(world.now().micros() + hours * 3_600_000_000).to_string();
    let planned = |format: &str, rules: Value| json!({"title": "专场", "format": format, "registration_until": day(1), "opens_at": day(2), "closes_at": day(3), "own_rules": rules});
    let sealed = Session { id: id(&world.exchange.post("/auctions", planned("sealed", json!([]))).await.granted()) };
    let second = world.colleague_of(&world.exchange, ganhe::access::Role::ExchangeOfficer).await;
    let [(one, one_public), (other, other_public)] = [key_pair(), key_pair()];
    world.exchange.post(&sealed.path("/keys"), json!({"public_key": one_public})).await.granted();
    second.post(&sealed.path("/keys"), json!({"public_key": other_public})).await.granted();
    let body = json!({"site": world.reserve.site, "right_class": world.reserve.class("SO2"), "quantity": "10.000", "min_quantity": "1.000",
        "max_quantity": "8.000", "base_price": "3990.00"});
    let lot = id(&world.reserve.client.post(&sealed.path("/lots"), body).await.granted());
    sealed.exchange(world, "/announce").await.granted();
    let refused = id(&sealed.registers(&rival, lot, "1.000", None).await.granted());
    let reason = json!({"reason": "材料不全"});
    world.exchange.post(&format!("/auction-registrations/{refused}/refuse"), reason).await.granted();
    for bidder in [mill, &rival] {
        sealed.admits(world, bidder, lot, "5.000").await;
    }
    world.an_hour_passes();
    world.an_hour_passes();
    time_passes(world).await;
    for (bidder, letter) in [(mill, 'a'), (&rival, 'b')] {
        let bid = json!({"lot": lot, "price": "4000.00", "quantity": "5.000", "salt": salt(letter)});
        bidder.client.post(&sealed.path("/bids"), bid).await.granted();
    }
    world.an_hour_passes();
    time_passes(world).await;
    world.exchange.post(&sealed.path("/opening"), json!({"key": one})).await.granted();
    second.post(&sealed.path("/opening"), json!({"key": other})).await.granted();
    sealed.exchange(world, "/confirm").await.granted();
    let called = Session { id: id(&world.exchange.post("/auctions", planned("ascending", json!([]))).await.granted()) };
    called.lot(&world.reserve, "1.000 t SO2", "3990.00").await;
    let reason = json!({"reason": "标的信息有误"});
    world.exchange.post(&called.path("/cancel"), reason.clone()).await.granted();
    let again = planned("ascending", json!([{"name": "bid_step", "value": "50.00"}]));
    let waiting = Session { id: id(&world.exchange.post("/auctions", again.clone()).await.granted()) };
    let lot = waiting.lot(&world.reserve, "2.000 t SO2", "3990.00").await;
    waiting.exchange(world, "/announce").await.granted();
    let registration = waiting.admits(world, mill, lot, "1.000").await;
    let open = Session { id: id(&world.exchange.post("/auctions", again).await.granted()) };
    let ends = open.lot(&world.reserve, "1.000 t SO2", "3990.00").await;
    open.exchange(world, "/announce").await.granted();
    open.admits(world, mill, ends, "1.000").await;
    world.exchange.post(&open.path("/cancel"), reason).await.granted();
    Traces { session: waiting.id, lot, registration }
}
