//! One stock, and many who want it: to sell it and to pledge it.

use super::{CLIENTS, all_are_fair, granted, id, number, retries};
use crate::support::world::{Bank, Enterprise};
use crate::support::{Answer, World};
use futures::future::join_all;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

/// How many of the clients pledge; the others sell. Fewer than lots fit, so that sellers win some of them in every round.
const PLEDGES: usize = CLIENTS / 4;
/// How often the stock goes out and comes back.
const ROUNDS: usize = 3;

/// The mill, those who buy from it, and the bank that lends on its rights.
struct Stage {
    world: World,
    mill: Enterprise,
    buyers: Vec<Enterprise>,
    agreed: Vec<Uuid>,
}

/// What somebody got hold of.
#[derive(Debug, Clone, Copy)]
enum Hold {
    Offer { offer: Uuid, buyer: usize },
    Lien { pledge: Uuid },
}

impl Stage {
    async fn set() -> Self {
        let world = World::new().await;
        let mill = world.enterprise("临江纸业").await;
        world.allocate(&mill, "100.000 t COD").await;
        world.reduces(&mill, "500.000 t COD").await;
        mill.consents(&world.bank, &["COD"]).await;
        let mut buyers = Vec::new();
        for name in ["通城玻璃", "通城陶瓷", "通城食品"] {
            buyers.push(world.buyer(name, "10000000.00").await);
        }
        Self { world, mill, buyers, agreed: Vec::new() }
    }

    /// An agreed pledge for each client that pledges, while everything is free.
    async fn agree_pledges(&mut self) {
        let missing = PLEDGES.saturating_sub(self.agreed.len());
        let agreed = (0..missing).map(|_| self.world.bank.agreed_pledge(&self.world, &self.mill, "7.000 t COD"));
        let agreed = join_all(agreed).await;
        self.agreed.extend(agreed);
    }

    /// Every client reaches for seven tonnes at the same moment: by an offer, or by the registration of a pledge.
    async fn all_reach_out(&self) -> (Vec<Answer>, Vec<Hold>) {
        let offers = join_all((0..CLIENTS - PLEDGES).map(async |at| {
            let buyer = at % self.buyers.len();
            let answer = self.mill.offers("7.000 t COD", "1000.00", &self.buyers[buyer]).await;
            let hold = answer.status.is_success().then(|| Hold::Offer { offer: id(&answer.body), buyer });
            (answer, hold)
        }));
        let liens = join_all(self.agreed.iter().map(async |pledge| {
            let answer = self.world.bank.registers(*pledge).await;
            let hold = answer.status.is_success().then_some(Hold::Lien { pledge: *pledge });
            (answer, hold)
        }));
        let (offers, liens) = tokio::join!(offers, liens);
        let (answers, holds): (Vec<_>, Vec<_>) = offers.into_iter().chain(liens).unzip();
        (answers, holds.into_iter().flatten().collect())
    }

    /// One hold goes its way; tells whether the grams left for good.
    async fn goes_its_way(&self, at: usize, hold: Hold) -> bool {
        let (offer, buyer) = match hold {
            Hold::Lien { pledge } => {
                self.world.bank.releases(pledge).await.granted();
                return false;
            }
            Hold::Offer { offer, buyer } => (offer, &self.buyers[buyer]),
        };
        if at.is_multiple_of(4) {
            self.mill.client.post(&format!("/offers/{offer}/withdraw"), json!({})).await.granted();
            return false;
        }
        let trade = id(&buyer.accepts(offer).await.granted());
        match at % 4 {
            1 => {
                buyer.client.post(&format!("/trades/{trade}/cancel"), json!({})).await.granted();
                false
            }
            2 => {
                let reason = json!({"reason": "资料不全"});
                self.world.officer.post(&format!("/trades/{trade}/refuse"), reason).await.granted();
                false
            }
            _ => {
                self.world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
                assert_eq!(buyer.pays(trade).await.granted()["state"], "settled");
                true
            }
        }
    }

    async fn held(&self, purpose: &str) -> Decimal {
        number(&self.world.balance(self.mill.site, &self.mill.class("COD"), purpose).await)
    }

    async fn sold(&self) -> Decimal {
        let mut sold = Decimal::ZERO;
        for buyer in &self.buyers {
            sold += number(&self.world.balance(buyer.site, &self.mill.class("COD"), "available").await);
        }
        sold
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stock_is_never_sold_and_pledged_beyond_what_it_is() {
    retries::listen();
    let mut stage = Stage::set().await;
    let (stock, lot) = (Decimal::from(100), Decimal::from(7));
    let mut gone = Decimal::ZERO;
    for round in 0..ROUNDS {
        stage.agree_pledges().await;
        let (answers, holds) = stage.all_reach_out().await;
        let won = granted(&answers, &["TRD_NOT_ENOUGH_AVAILABLE", "PLG_NOT_ENOUGH_AVAILABLE"]);
        assert_eq!(
            Decimal::from(won),
            ((stock - gone) / lot).floor(),
            "round {round}: as many as fit, no more and no fewer"
        );
        assert_eq!(stage.held("committed").await + stage.held("pledged").await, lot * Decimal::from(won));
        let ways = join_all(holds.iter().enumerate().map(async |(at, hold)| stage.goes_its_way(at, *hold).await));
        // While grams come back, others reach for them, and the books are right at every moment.
        let (ways, (answers, more), ()) = tokio::join!(ways, stage.all_reach_out(), stage.world.books_are_right());
        all_are_fair(&answers);
        gone += lot * Decimal::from(ways.into_iter().filter(|is_gone| *is_gone).count());
        let taken = stage.held("committed").await + stage.held("pledged").await;
        assert_eq!(taken, lot * Decimal::from(more.len()), "round {round}");
        assert_eq!(stage.held("available").await + taken + gone, stock, "round {round}");
        join_all(more.iter().map(async |hold| stage.goes_its_way(0, *hold).await)).await;
        let used: Vec<Uuid> = holds
            .iter()
            .chain(&more)
            .filter_map(|hold| match hold {
                Hold::Lien { pledge } => Some(*pledge),
                Hold::Offer { .. } => None,
            })
            .collect();
        stage.agreed.retain(|pledge| !used.contains(pledge));
        assert_eq!((stage.sold().await, stage.held("available").await), (gone, stock - gone), "round {round}");
    }
    assert!(gone > Decimal::ZERO && gone <= stock, "{gone}");
    retries::no_deadlock_was_heard();
    stage.world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_banks_that_register_at_the_same_moment_one_wins() {
    retries::listen();
    let world = World::new().await;
    let mill = world.enterprise("临江纸业").await;
    world.allocate(&mill, "100.000 t SO2").await;
    for bank in [&world.bank, &world.other_bank] {
        mill.consents(bank, &["SO2"]).await;
    }
    let banks: [&Bank; 2] = [&world.bank, &world.other_bank];
    for _ in 0..8 {
        let pledges = join_all(banks.map(|bank| bank.agreed_pledge(&world, &mill, "60.000 t SO2"))).await;
        let answers = join_all(banks.iter().zip(&pledges).map(|(bank, pledge)| bank.registers(*pledge))).await;
        assert_eq!(granted(&answers, &["PLG_NOT_ENOUGH_AVAILABLE"]), 1);
        assert_eq!(world.balance(mill.site, &mill.class("SO2"), "pledged").await, "60.000");
        for ((bank, pledge), answer) in banks.iter().zip(&pledges).zip(&answers) {
            if answer.status.is_success() {
                bank.releases(*pledge).await.granted();
            } else {
                bank.client.post(&format!("/pledges/{pledge}/withdraw"), json!({})).await.granted();
            }
        }
        assert_eq!(world.balance(mill.site, &mill.class("SO2"), "available").await, "100.000");
    }
    retries::no_deadlock_was_heard();
    world.books_are_right().await;
}
