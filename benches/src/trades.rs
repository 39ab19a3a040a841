//! Trades through HTTP, from the offer to the settlement: by many clients at once, in a book of a few thousand journals and in one of a
//! million.

use crate::Outcome;
use crate::http::{self, Client, SERVE, somebody, started};
use crate::large::grouped_entries;
use crate::report::{Bound, Line, grouped, median};
use crate::server::Server;
use crate::settings::Settings;
use crate::stage::{DAY, Dice, Stage, paid_in};
use crate::town::{self, BASIN, Mill, PATH, Town};
use accounting::{Holding, Measure, Quantity, Validity};
use ganhe::access::{Action, Role};
use ganhe::kernel::Failure;
use ganhe::ledger::{CNY, log};
use ganhe::parties::commands::{NewReduction, register_reductions};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Clients at once, each of a seller and a buyer of its own.
const CLIENTS: usize = 32;
/// Journals of the small book and of the large one.
const SMALL: usize = 10_000;
const LARGE: usize = 1_000_000;
/// Purses among which the other journals of the books move money.
const PURSES: usize = 1_000;
/// Journals posted in one work while a book is filled.
const AT_ONCE: usize = 5_000;
/// How long the clients trade in a round.
const SLICE: Duration = Duration::from_secs(5);
/// What each seller has: no slice sells it all.
const STOCK: &str = "100000.000";
/// What each buyer has, in fen.
const WEALTH: i64 = 1_000_000_000_000;

/// Measures on both databases.
pub async fn measure(server: &Server, home: &Path, settings: &Settings) -> Outcome<Vec<Line>> {
    let mut lines = Vec::new();
    for stage in
        [Stage::on_postgres(server, "traded", PURSES).await?, Stage::on_sqlite(home, "traded.sqlite", PURSES).await?]
    {
        lines.extend(on(&stage, settings).await?);
    }
    Ok(lines)
}

async fn on(stage: &Stage, settings: &Settings) -> Outcome<Vec<Line>> {
    let market = Market::opened(stage).await?;
    let mut dice = Dice::new(7);
    filled(stage, &mut dice, SMALL).await?;
    let small = market.settles(stage, settings).await?;
    filled(stage, &mut dice, LARGE).await?;
    let large = market.settles(stage, settings).await?;
    let work = |journals: usize| {
        let journals = grouped_entries(journals);
        format!("trades settled through HTTP, {CLIENTS} clients, a book of {journals} journals, {}", stage.database())
    };
    let unit = "trades/s";
    Ok(vec![
        Line::alone(work(SMALL), format!("{} {unit}", grouped(small))),
        Line::rates(work(LARGE), "the smaller book", unit, large, small, Bound::AtLeast(0.8)),
    ])
}

/// Fills a book with journals between its purses, up to a number, in sets. A book that has grown in years is in its log.
async fn filled(stage: &Stage, dice: &mut Dice, journals: usize) -> Outcome<()> {
    let mut left = journals;
    while left > 0 {
        let some = left.min(AT_ONCE);
        stage.post(&stage.transfers(dice, some, PURSES)?).await?;
        left -= some;
    }
    log::sequence_once(&stage.db).await?;
    Ok(())
}

/// A county whose mills trade.
struct Market {
    town: Town,
    right_class: String,
}

impl Market {
    /// Registers the mills, of which every other one sells and the next one buys.
    async fn opened(stage: &Stage) -> Outcome<Self> {
        let town = town::founded(stage, CLIENTS * 2).await?;
        let officer = somebody(town.bureau, PATH, Role::BureauOfficer);
        let validity = Validity::try_new(DAY, "2027-11-30".parse()?)?;
        let quantity = Quantity::parse(STOCK, &Measure::tonnes()).map_err(|fault| format!("{fault:?}"))?;
        let sellers: Vec<Mill> = town.mills.iter().step_by(2).copied().collect();
        town.granted(stage, &sellers, validity, quantity).await?;
        let reductions: Vec<NewReduction> = sellers
            .iter()
            .map(|mill| NewReduction {
                site: mill.site,
                pollutant: "COD".to_owned(),
                quantity,
                document: "减排核定2022-001".to_owned(),
                document_hash: None,
            })
            .collect();
        let permit = officer.may(Action::RegisterReduction).map_err(Failure::from)?;
        let registered = stage.db.run(&permit, &reductions, |work, reductions| {
            Box::pin(async move { register_reductions(work, reductions).await.map(|_| ()) })
        });
        registered.await?;
        let buyers = town.mills.iter().skip(1).step_by(2);
        let money = buyers.map(|mill| paid_in(Holding { owner: mill.organisation.into(), asset: CNY }, WEALTH));
        stage.post(&money.collect::<Outcome<Vec<_>>>()?).await?;
        Ok(Self { town, right_class: format!("COD-MULTI-PAID-{BASIN}-20221201-20271130") })
    }

    /// Trades settled a second, by all clients together, in the middle of the rounds.
    async fn settles(&self, stage: &Stage, settings: &Settings) -> Outcome<f64> {
        let keys = http::keys(stage).await?;
        let served = started(SERVE, &stage.url).await?;
        let officer = Client::of(&served, &keys, &somebody(self.town.bureau, PATH, Role::BureauOfficer))?;
        let mut pairs = Vec::with_capacity(CLIENTS);
        for mills in self.town.mills.chunks_exact(2) {
            let client =
                |mill: Mill| Client::of(&served, &keys, &somebody(mill.organisation, PATH, Role::EnterpriseTrader));
            pairs.push(Arc::new(Pair {
                seller: client(mills[0])?,
                buyer: client(mills[1])?,
                officer: officer.clone(),
                offer: json!({"seller_site": mills[0].site, "buyer_site": mills[1].site, "right_class": self.right_class,
                    "quantity": "0.001", "unit_price": "9000.00"}),
                project: json!({"project": mills[1].project}),
            }));
        }
        let mut rates = Vec::new();
        for round in 0..=settings.rounds {
            let rate = traded(&pairs).await?;
            if round > 0 {
                rates.push(rate);
            }
        }
        Ok(median(&rates))
    }
}

/// A seller and a buyer who trade with each other, and the bureau that approves.
struct Pair {
    seller: Client,
    buyer: Client,
    officer: Client,
    offer: Value,
    project: Value,
}

impl Pair {
    /// One trade from the offer to its settlement.
    async fn trades(&self) -> Outcome<()> {
        let offer = id(&self.seller.post("/offers", &self.offer).await?)?;
        let trade = id(&self.buyer.post(&format!("/offers/{offer}/accept"), &self.project).await?)?;
        self.officer.post(&format!("/trades/{trade}/approve"), &json!({})).await?;
        let paid = self.buyer.post(&format!("/trades/{trade}/pay"), &json!({})).await?;
        if paid["state"] == "settled" { Ok(()) } else { Err(format!("a trade was not settled: {paid}").into()) }
    }
}

fn id(thing: &Value) -> Outcome<String> {
    Ok(thing["id"].as_str().ok_or("an answer without an id")?.to_owned())
}

/// Trades of all pairs for a while, a second.
async fn traded(pairs: &[Arc<Pair>]) -> Outcome<f64> {
    let (began, mut clients) = (Instant::now(), JoinSet::new());
    let end = began + SLICE;
    for pair in pairs {
        let pair = Arc::clone(pair);
        clients.spawn(async move {
            let mut done = 0_u32;
            while Instant::now() < end {
                pair.trades().await?;
                done += 1;
            }
            Outcome::Ok(done)
        });
    }
    let mut done = 0;
    while let Some(outcome) = clients.join_next().await {
        done += outcome??;
    }
    Ok(f64::from(done) / began.elapsed().as_secs_f64())
}
