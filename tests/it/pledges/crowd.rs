//! Eight banks with eight clients each, and three mills whose rights all of them want: pledged, topped up, given back in part, sold and
//! released for some seconds. No gram is had twice, every refusal says why, and the books are right.

use super::{id, secured_on};
use crate::support::world::{Bank, Enterprise, TONGCHENG};
use crate::support::{Answer, World};
use futures::future::join_all;
use ganhe::access::Role;
use rust_decimal::Decimal;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

const BANKS: usize = 8;
const CLIENTS: usize = 64;
const TONNES: i64 = 20;
/// How long the crowd goes on.
const TIME: Duration = Duration::from_secs(6);
/// How long it goes on at most, on a machine where nothing has been released by then.
const LONGEST: Duration = Duration::from_mins(1);

/// What may be said to somebody in a crowd: there is not enough, or somebody was faster.
const FAIR: [&str; 6] = [
    "PLG_NOT_ENOUGH_AVAILABLE",
    "TRD_NOT_ENOUGH_AVAILABLE",
    "PLG_AMENDMENT_OPEN",
    "PLG_NO_OPEN_AMENDMENT",
    "PLG_ALREADY_RELEASED",
    "PLG_WHOLE_RELEASED",
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

/// One client: what it did and what it was told.
struct Client<'w> {
    world: &'w World,
    bank: &'w Bank,
    mill: &'w Enterprise,
    buyer: &'w Enterprise,
    chance: u64,
    told: BTreeMap<String, usize>,
    /// Its pledges that it has not released.
    standing: Vec<Uuid>,
    /// How many all of them have released.
    released: &'w AtomicUsize,
}

impl Client<'_> {
    /// A number below `most`, the next of its own row of them.
    fn below(&mut self, most: u64) -> u64 {
        self.chance = self.chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.chance >> 33) % most
    }

    /// Whether it was done; a refusal must be a fair one.
    fn is_done(&mut self, what: &str, answer: &Answer) -> bool {
        let is_done = answer.status.is_success();
        let said = if is_done {
            "done".to_owned()
        } else {
            answer.codes().first().map_or_else(|| answer.text("code"), |code| (*code).to_owned())
        };
        assert!(is_done || FAIR.contains(&said.as_str()), "{what}: {} {:#}", answer.status, answer.body);
        *self.told.entry(format!("{what} {said}")).or_default() += 1;
        is_done
    }

    async fn pledges(&mut self) {
        let body = secured_on(self.mill, "3.000", "1000.00", "9000.00");
        let applied = self.bank.client.post("/pledges", body).await;
        if !self.is_done("apply", &applied) {
            return;
        }
        let pledge = id(&applied.body);
        let verified = self.world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await;
        if !self.is_done("verify", &verified) {
            return;
        }
        let agreed = self.mill.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await;
        assert!(self.is_done("agree", &agreed));
        let registered = self.bank.registers(pledge).await;
        if self.is_done("register", &registered) {
            self.standing.push(pledge);
        }
    }

    async fn changes(&mut self, pledge: Uuid) {
        let path = |act: &str| format!("/pledges/{pledge}/{act}");
        let found = self.bank.client.get(&format!("/pledges/{pledge}")).await.granted();
        let lien = &found["liens"][0]["id"];
        if self.below(2) == 0 {
            let more = json!({"reason": "追加质押", "liens": [{"lien": lien, "add_quantity": "0.500"}]});
            let proposed = self.bank.client.post(&path("amendments"), more).await;
            if self.is_done("propose", &proposed) {
                let agreed = self.mill.client.post(&path("agree-amendment"), json!({})).await;
                if !self.is_done("amend", &agreed) {
                    let dropped = self.bank.client.post(&path("withdraw-amendment"), json!({})).await;
                    assert!(self.is_done("withdraw", &dropped));
                }
            }
        } else {
            let part = json!({"reason": "部分还款", "liens": [{"lien": lien, "quantity": "1.000"}]});
            let released = self.bank.client.post(&path("release-part"), part).await;
            let held: Decimal = found["liens"][0]["held"].as_str().unwrap().parse().unwrap();
            let is_done = released.status.is_success() || held <= Decimal::ONE;
            assert!(is_done || self.is_done("release part", &released), "{:#}", released.body);
        }
    }

    async fn sells(&mut self) {
        let offered = self.mill.offers("2.000 t COD", "8790.00", self.buyer).await;
        if self.is_done("offer", &offered) {
            let path = format!("/offers/{}/withdraw", id(&offered.body));
            let withdrawn = self.mill.client.post(&path, json!({"reason": "不卖了"})).await;
            assert!(self.is_done("withdraw offer", &withdrawn));
        }
    }

    async fn goes_on(&mut self, began: Instant) {
        while began.elapsed() < TIME || (self.released.load(Ordering::Relaxed) == 0 && began.elapsed() < LONGEST) {
            match (self.below(6), self.standing.last().copied()) {
                (0 | 1, Some(pledge)) => self.changes(pledge).await,
                (2 | 3, Some(pledge)) => {
                    let released = self.bank.releases(pledge).await;
                    assert!(self.is_done("release", &released));
                    self.standing.pop();
                    self.released.fetch_add(1, Ordering::Relaxed);
                }
                (4, _) => self.sells().await,
                _ => self.pledges().await,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixty_four_clients_of_eight_banks_never_have_a_gram_twice() {
    let world = World::new().await;
    let banks = banks(&world).await;
    let buyer = world.buyer("通城玻璃", "1000000.00").await;
    let mut mills = Vec::new();
    for name in ["临江纸业", "通城陶瓷", "通城食品"] {
        let mill = world.seller(name, &format!("{TONNES}.000 t COD")).await;
        for bank in &banks {
            mill.consents(bank, &["COD"]).await;
        }
        mills.push(mill);
    }
    let (began, released) = (Instant::now(), AtomicUsize::new(0));
    let crowd = (0..CLIENTS).map(|at| {
        let mut client = Client {
            world: &world,
            bank: &banks[at % BANKS],
            mill: &mills[at % mills.len()],
            buyer: &buyer,
            chance: at as u64 + 1,
            told: BTreeMap::new(),
            standing: Vec::new(),
            released: &released,
        };
        async move {
            client.goes_on(began).await;
            client
        }
    });
    let crowd = join_all(crowd).await;
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for (what, times) in crowd.iter().flat_map(|client| &client.told) {
        *told.entry(what.clone()).or_default() += times;
    }
    let times = |what: &str| told.get(what).copied().unwrap_or_default();
    assert!(times("register done") > 0 && times("release done") > 0, "{told:#?}");
    for mill in &mills {
        let mut held = Decimal::ZERO;
        for client in crowd.iter().filter(|client| client.mill.id == mill.id) {
            for pledge in &client.standing {
                let found = client.bank.client.get(&format!("/pledges/{pledge}")).await.granted();
                held += found["liens"][0]["held"].as_str().unwrap().parse::<Decimal>().unwrap();
            }
        }
        let class = mill.class("COD");
        let balance =
            async |purpose: &str| -> Decimal { world.balance(mill.site, &class, purpose).await.parse().unwrap() };
        let (pledged, free) = (balance("pledged").await, balance("available").await);
        assert_eq!(pledged, held, "{told:#?}");
        assert_eq!(pledged + free, Decimal::from(TONNES), "{told:#?}");
    }
    world.books_are_right().await;
}
