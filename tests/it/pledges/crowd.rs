//! Eight banks with eight clients each, three mills whose rights all of them want, and a court: pledged, topped up, given back in part, sold and
//! paid for, frozen, lifted, and released by banks and by the court, for a minute. No gram is had twice, every refusal says why and is one that
//! a crowd may meet, and the books are right.

use super::{id, secured_on};
use crate::support::world::{Bank, Enterprise, TONGCHENG};
use crate::support::{Answer, Client, World, soak};
use futures::future::join_all;
use ganhe::access::Role;
use reqwest::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use uuid::Uuid;

const BANKS: usize = 8;
const CLIENTS: usize = 64;
/// What each mill was granted.
const TONNES: i64 = 20;
/// How long the crowd goes on, where nobody says how long.
const TIME: Duration = Duration::from_mins(1);
/// How much longer it goes on at most, on a machine where something has not happened by then.
const LONGER: Duration = Duration::from_mins(2);
/// Most freezes of a mill at a time, so that something is left to be pledged and sold.
const FREEZES: usize = 3;
/// Most rounds of a command to which the server says that it is busy.
const ROUNDS: usize = 20;

/// What must have happened when the crowd goes home.
const HAPPENS: [&str; 11] = [
    "register done",
    "amend done",
    "release part done",
    "release done",
    "release by court done",
    "withdraw offer done",
    "pay done",
    "freeze done",
    "freeze waits",
    "lift done",
    "apply PLG_NOT_ENOUGH_AVAILABLE",
];

/// What may be said to somebody in a crowd, and why; anything else is a fault.
const FAIR: [(&str, &str, &str); 22] = [
    ("apply", "PLG_NOT_ENOUGH_AVAILABLE", "others hold what is asked for"),
    ("verify", "PLG_NOT_ENOUGH_AVAILABLE", "somebody was faster since the application"),
    ("register", "PLG_NOT_ENOUGH_AVAILABLE", "somebody was faster since the verification"),
    ("propose", "PLG_NOT_ENOUGH_AVAILABLE", "others hold what is to come in"),
    ("propose", "PLG_AMENDMENT_OPEN", "a colleague has proposed a change of the same pledge"),
    ("propose", "PLG_ALREADY_RELEASED", "a colleague or the court has released it"),
    ("amend", "PLG_NOT_ENOUGH_AVAILABLE", "somebody was faster since the proposal"),
    ("amend", "PLG_NO_OPEN_AMENDMENT", "the proposal ended with the pledge, or a colleague has taken it back"),
    ("amend", "PLG_ALREADY_RELEASED", "a colleague or the court has released it"),
    ("withdraw", "PLG_NO_OPEN_AMENDMENT", "the mill has agreed to it for a colleague, or it ended with the pledge"),
    ("release part", "PLG_WHOLE_RELEASED", "no more is left than is given up"),
    ("release part", "PLG_MORE_THAN_HELD", "less is left than is given up"),
    ("release part", "PLG_ALREADY_RELEASED", "a colleague or the court has released it"),
    ("release", "PLG_ALREADY_RELEASED", "a colleague or the court was faster"),
    ("release by court", "PLG_ALREADY_RELEASED", "the bank was faster"),
    ("offer", "TRD_NOT_ENOUGH_AVAILABLE", "others hold what is offered"),
    ("offer", "TRD_REDUCTION_NOT_REGISTERED", "others have offered all of what the mill has reduced"),
    ("withdraw offer", "TRD_OFFER_NOT_OPEN", "the court has frozen what it held"),
    ("accept", "TRD_OFFER_NOT_OPEN", "the court has frozen what it held"),
    ("approve", "TRD_WRONG_STATE", "the court has frozen what it held"),
    ("pay", "TRD_WRONG_STATE", "the court has frozen what it held"),
    ("lift", "FRZ_ALREADY_LIFTED", "another desk of the exchange was faster"),
];

async fn banks(world: &World) -> Vec<Bank> {
    let mut banks = vec![world.bank.clone(), world.other_bank.clone()];
    for number in banks.len()..BANKS {
        let body =
            json!({"code": world.fresh_code(), "name": format!("村镇银行{number}"), "kind": "bank", "area": TONGCHENG});
        let bank = id(&world.operator.post("/organisations", body).await.granted());
        let officer = world.member(bank, TONGCHENG, &[Role::PledgeeOfficer]).await;
        banks.push(Bank { id: bank, client: officer.client });
    }
    banks
}

/// What all of the crowd know of one mill.
struct Mill {
    enterprise: Enterprise,
    /// Pledges that stand, with the place of their bank.
    standing: Mutex<Vec<(usize, Uuid)>>,
    /// Freezes that are open, with the numbers of their documents.
    frozen: Mutex<Vec<(Uuid, String)>>,
    /// What was sold and paid for.
    sold: Mutex<Decimal>,
}

/// Where everybody meets.
struct Crowd {
    world: World,
    banks: Vec<Bank>,
    buyer: Enterprise,
    mills: Vec<Mill>,
    /// What was done and said, and how often.
    told: Mutex<BTreeMap<String, usize>>,
    /// Refusals that nobody in a crowd should meet, one of each kind.
    unfair: Mutex<BTreeMap<(String, String), Value>>,
}

impl Crowd {
    async fn gathers() -> Self {
        let world = World::new().await;
        let banks = banks(&world).await;
        let buyer = world.buyer("通城玻璃", "10000000.00").await;
        let mut mills = Vec::new();
        for name in ["临江纸业", "通城陶瓷", "通城食品"] {
            let enterprise = world.seller(name, &format!("{TONNES}.000 t COD")).await;
            for bank in &banks {
                enterprise.consents(bank, &["COD"]).await;
            }
            let (standing, frozen, sold) = (Mutex::default(), Mutex::default(), Mutex::default());
            mills.push(Mill { enterprise, standing, frozen, sold });
        }
        Self { world, banks, buyer, mills, told: Mutex::default(), unfair: Mutex::default() }
    }

    fn notes(&self, what: String) {
        *self.told.lock().unwrap().entry(what).or_default() += 1;
    }

    /// What must happen and has not yet.
    fn missing(&self) -> Vec<&'static str> {
        let told = self.told.lock().unwrap();
        HAPPENS.iter().copied().filter(|what| !told.contains_key(*what)).collect()
    }
}

/// One client: its bank and its mill.
struct Someone<'c> {
    crowd: &'c Crowd,
    bank: usize,
    mill: &'c Mill,
    chance: u64,
}

impl Someone<'_> {
    /// A number below `most`, the next of its own row of them.
    fn below(&mut self, most: usize) -> usize {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.chance >> 33).unwrap() % most
    }

    /// One of several; none of none.
    fn picks<T>(&mut self, mut all: Vec<T>) -> Option<T> {
        (!all.is_empty()).then(|| all.swap_remove(self.below(all.len())))
    }

    /// Asks for something under one key until the server is not too busy for it: what it answers when it was done. A refusal is noted.
    async fn asks(&self, what: &str, client: &Client, path: &str, body: Value) -> Option<Value> {
        let key = ganhe::kernel::ids::fresh().to_string();
        for _ in 0..ROUNDS {
            let answer = client.post_with_key(path, body.clone(), &key).await;
            if answer.status != StatusCode::SERVICE_UNAVAILABLE {
                return self.hears(what, answer);
            }
            self.crowd.notes(format!("{what} busy"));
        }
        panic!("{what}: busy {ROUNDS} times")
    }

    fn hears(&self, what: &str, answer: Answer) -> Option<Value> {
        if answer.status.is_success() {
            self.crowd.notes(format!("{what} done"));
            return Some(answer.body);
        }
        let codes = answer.codes();
        assert!(!codes.is_empty(), "{what}: nobody says why: {} {:#}", answer.status, answer.body);
        for code in codes {
            if !FAIR.iter().any(|(act, fair, _)| (*act, *fair) == (what, code)) {
                let kind = (what.to_owned(), code.to_owned());
                self.crowd.unfair.lock().unwrap().insert(kind, answer.body.clone());
            }
            self.crowd.notes(format!("{what} {code}"));
        }
        None
    }

    fn bank(&self) -> &Client {
        &self.crowd.banks[self.bank].client
    }

    async fn pledges(&self) -> Option<()> {
        let (world, mill) = (&self.crowd.world, &self.mill.enterprise);
        let applied =
            self.asks("apply", self.bank(), "/pledges", secured_on(mill, "3.000", "1000.00", "9000.00")).await?;
        let pledge = id(&applied);
        let path = |act: &str| format!("/pledges/{pledge}/{act}");
        self.asks("verify", &world.city_officer, &path("verify"), json!({})).await?;
        self.asks("agree", &mill.client, &path("agree"), json!({})).await?;
        self.asks("register", self.bank(), &path("register"), json!({})).await?;
        self.mill.standing.lock().unwrap().push((self.bank, pledge));
        Some(())
    }

    /// A pledge of its own bank, which its colleagues may want as well.
    fn picks_own(&mut self) -> Option<Uuid> {
        let standing = self.mill.standing.lock().unwrap().clone();
        let own = standing.into_iter().filter(|(bank, _)| *bank == self.bank).map(|(_, pledge)| pledge);
        let own = own.collect();
        self.picks(own)
    }

    async fn changes(&mut self) -> Option<()> {
        let pledge = self.picks_own()?;
        let path = |act: &str| format!("/pledges/{pledge}/{act}");
        let found = self.bank().get(&format!("/pledges/{pledge}")).await.granted();
        let lien = &found["liens"][0]["id"];
        if self.below(2) == 0 {
            let more = json!({"reason": "追加质押", "liens": [{"lien": lien, "add_quantity": "0.500"}]});
            self.asks("propose", self.bank(), &path("amendments"), more).await?;
            let agreed = self.asks("amend", &self.mill.enterprise.client, &path("agree-amendment"), json!({})).await;
            if agreed.is_none() {
                self.asks("withdraw", self.bank(), &path("withdraw-amendment"), json!({})).await?;
            }
        } else {
            let part = json!({"reason": "部分还款", "liens": [{"lien": lien, "quantity": "1.000"}]});
            self.asks("release part", self.bank(), &path("release-part"), part).await?;
        }
        Some(())
    }

    async fn releases(&mut self) -> Option<()> {
        let pledge = self.picks_own()?;
        self.asks("release", self.bank(), &format!("/pledges/{pledge}/release"), json!({})).await?;
        self.mill.standing.lock().unwrap().retain(|(_, known)| *known != pledge);
        Some(())
    }

    /// The court releases a pledge of any bank.
    async fn orders_release(&mut self) -> Option<()> {
        let standing = self.mill.standing.lock().unwrap().clone();
        let (_, pledge) = self.picks(standing)?;
        let order = json!({"court": "咸宁市中级人民法院", "document": format!("(2022)鄂12执{}号", ganhe::kernel::ids::fresh()),
            "dated_on": "2022-12-01", "ground": "主债权已清偿"});
        let path = format!("/pledges/{pledge}/release-by-court");
        self.asks("release by court", &self.crowd.world.exchange, &path, order).await?;
        self.mill.standing.lock().unwrap().retain(|(_, known)| *known != pledge);
        Some(())
    }

    /// Much is offered and taken back, or a little sold, approved and paid for.
    async fn sells(&mut self) -> Option<()> {
        let (crowd, seller) = (self.crowd, &self.mill.enterprise);
        let is_sale = self.below(2) == 0;
        let quantity = if is_sale { "0.001" } else { "2.000" };
        let body = json!({"seller_site": seller.site, "buyer_site": crowd.buyer.site, "right_class": seller.class("COD"),
            "quantity": quantity, "unit_price": "8790.00"});
        let offer = id(&self.asks("offer", &seller.client, "/offers", body).await?);
        if !is_sale {
            let path = format!("/offers/{offer}/withdraw");
            self.asks("withdraw offer", &seller.client, &path, json!({"reason": "不卖了"})).await?;
            return Some(());
        }
        let project = json!({"project": crowd.buyer.project});
        let accepted = self.asks("accept", &crowd.buyer.client, &format!("/offers/{offer}/accept"), project).await?;
        let path = |act: &str| format!("/trades/{}/{act}", id(&accepted));
        self.asks("approve", &crowd.world.officer, &path("approve"), json!({})).await?;
        let paid = self.asks("pay", &crowd.buyer.client, &path("pay"), json!({})).await?;
        assert_eq!(paid["state"], "settled", "{paid:#}");
        *self.mill.sold.lock().unwrap() += quantity.parse::<Decimal>().unwrap();
        Some(())
    }

    /// The court freezes, or lifts one of its freezes.
    async fn orders(&mut self) -> Option<()> {
        let (exchange, mill) = (&self.crowd.world.exchange, &self.mill.enterprise);
        let frozen = self.mill.frozen.lock().unwrap().clone();
        if frozen.len() >= FREEZES || self.below(2) == 0 {
            let (freeze, document) = self.picks(frozen)?;
            let order = json!({"freezing_document": document, "document": format!("{document}之一")});
            self.asks("lift", exchange, &format!("/freezes/{freeze}/lift"), order).await?;
            self.mill.frozen.lock().unwrap().retain(|(known, _)| *known != freeze);
            return Some(());
        }
        let document = format!("(2022)鄂12执{}号", ganhe::kernel::ids::fresh());
        let order = json!({"document": document, "court": "咸宁市中级人民法院", "site": mill.site,
            "right_class": mill.class("COD"), "quantity": "4.000"});
        let frozen = self.asks("freeze", exchange, "/freezes", order).await?;
        if frozen["state"] == "waiting" {
            self.crowd.notes("freeze waits".to_owned());
        }
        self.mill.frozen.lock().unwrap().push((id(&frozen), document));
        Some(())
    }

    async fn goes_on(&mut self, began: Instant, time: Duration) {
        while began.elapsed() < time || (began.elapsed() < time + LONGER && !self.crowd.missing().is_empty()) {
            // What comes to nothing, because there is nothing of it or somebody was faster, leaves nothing to be done.
            let _ = match self.below(24) {
                0..5 => self.changes().await,
                5..9 => self.releases().await,
                9 => self.orders_release().await,
                10..16 => self.sells().await,
                16..18 => self.orders().await,
                _ => self.pledges().await,
            };
        }
    }
}

/// What a mill has by purpose, and of what is held for somebody by subject.
async fn stands(world: &World, mill: &Enterprise) -> (BTreeMap<String, Decimal>, BTreeMap<Uuid, Decimal>) {
    let (mut by_purpose, mut by_subject) = (BTreeMap::<String, Decimal>::new(), BTreeMap::new());
    let first = format!("/balances?owner={}&asset={}&limit=200", mill.site, mill.class("COD"));
    let mut path = first.clone();
    loop {
        let page = world.auditor.get(&path).await.granted();
        for item in page["items"].as_array().unwrap() {
            let balance: Decimal = item["balance"].as_str().unwrap().parse().unwrap();
            *by_purpose.entry(item["purpose"].as_str().unwrap().to_owned()).or_default() += balance;
            if let Some(subject) = item["subject"].as_str().filter(|_| balance > Decimal::ZERO) {
                by_subject.insert(subject.parse().unwrap(), balance);
            }
        }
        let Some(cursor) = page["next_cursor"].as_str() else { return (by_purpose, by_subject) };
        path = format!("{first}&cursor={cursor}");
    }
}

/// The sums of a mill are what it was granted, every lien and every freeze has in the books what it says, and nobody else has anything.
async fn expect_every_gram_once(crowd: &Crowd, mill: &Mill) {
    let world = &crowd.world;
    let told = crowd.told.lock().unwrap().clone();
    let (by_purpose, mut by_subject) = stands(world, &mill.enterprise).await;
    let of = |purpose: &str| by_purpose.get(purpose).copied().unwrap_or_default();
    let sold = *mill.sold.lock().unwrap();
    let sum = of("available") + of("pledged") + of("frozen") + sold;
    assert_eq!((sum, of("committed")), (Decimal::from(TONNES), Decimal::ZERO), "{by_purpose:?} {told:#?}");
    let standing = mill.standing.lock().unwrap().clone();
    for (bank, pledge) in standing {
        let found = crowd.banks[bank].client.get(&format!("/pledges/{pledge}")).await.granted();
        let lien = &found["liens"][0];
        let held: Decimal = lien["held"].as_str().unwrap().parse().unwrap();
        let in_books = by_subject.remove(&id(lien)).unwrap_or_default();
        assert_eq!((found["state"].as_str(), held), (Some("registered"), in_books), "{found:#}");
    }
    let mut waits = Decimal::ZERO;
    let frozen = mill.frozen.lock().unwrap().clone();
    for (freeze, _) in frozen {
        let found = world.exchange.get(&format!("/freezes/{freeze}")).await.granted();
        let amount = |field: &str| -> Decimal { found[field].as_str().unwrap().parse().unwrap() };
        assert_eq!(amount("taken"), by_subject.remove(&freeze).unwrap_or_default(), "{found:#}");
        waits += amount("quantity") - amount("taken");
    }
    assert!(by_subject.is_empty(), "somebody holds what nobody knows of: {by_subject:?} {told:#?}");
    assert!(waits.is_zero() || of("available").is_zero(), "a freeze waits for {waits} t beside {by_purpose:?}");
}

#[test]
fn every_refusal_that_a_crowd_may_meet_is_one_of_the_catalogue() {
    let known: BTreeSet<&str> = ganhe::app::CHECKS.iter().copied().flatten().map(|check| check.code).collect();
    let unknown: Vec<_> = FAIR.iter().filter(|(_, code, _)| !known.contains(code)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_clients_of_eight_banks_and_a_court_never_have_a_gram_twice() {
    let crowd = Crowd::gathers().await;
    let (began, time) = (Instant::now(), soak::duration().unwrap_or(TIME));
    let everybody = (0..CLIENTS).map(|at| {
        let mill = &crowd.mills[at % crowd.mills.len()];
        let mut someone = Someone { crowd: &crowd, bank: at % BANKS, mill, chance: at as u64 + 1 };
        async move { someone.goes_on(began, time).await }
    });
    join_all(everybody).await;
    let (told, unfair) = (crowd.told.lock().unwrap().clone(), crowd.unfair.lock().unwrap().clone());
    assert!(unfair.is_empty(), "{unfair:#?} {told:#?}");
    assert!(crowd.missing().is_empty(), "{:?} never happened: {told:#?}", crowd.missing());
    let mut sold = Decimal::ZERO;
    for mill in &crowd.mills {
        expect_every_gram_once(&crowd, mill).await;
        sold += *mill.sold.lock().unwrap();
    }
    let class = crowd.buyer.class("COD");
    let bought: Decimal = crowd.world.balance(crowd.buyer.site, &class, "available").await.parse().unwrap();
    assert_eq!(bought, sold, "{told:#?}");
    crowd.world.books_are_right().await;
    soak::conclude("crowd", &format!("{:.0?}: {told:?}", began.elapsed()));
}
