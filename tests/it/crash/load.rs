//! Clients at work, what they sent and what they were answered, and what must be in the books for it.

use crate::support::world::{Enterprise, VALIDITY};
use crate::support::{Client, World};
use futures::future::join_all;
use ganhe::access::SignInRules;
use ganhe::app::opening;
use ganhe::db::Db;
use ganhe::http::Shared;
use ganhe::kernel::{Clock, ids};
use rand::RngExt;
use rand::rngs::StdRng;
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;

/// Clients that deposit, all at the same time.
const DEPOSITORS: usize = 8;
/// Answers of one life that are kept and asked for again much later.
const KEPT: usize = 3;
/// Retries in one life.
const RETRIED: usize = 8;

/// A book with people in it, and no server.
pub struct Stage {
    /// Its database.
    pub url: String,
    world: World,
    mill: Enterprise,
    glass: Enterprise,
    savers: Vec<Enterprise>,
}

impl Stage {
    /// People who save, and two who trade with each other.
    pub async fn set(world: World) -> Self {
        let mill = world.seller("临江纸业", "120.000 t COD").await;
        let glass = world.buyer("通城玻璃", "1000000.00").await;
        let mut savers = Vec::new();
        for name in ["通城陶瓷", "通城食品", "通城纺织"] {
            savers.push(world.enterprise(name).await);
        }
        let url = world.app.url.clone();
        // Nobody else may have the file open when the program finds it after a crash.
        world.app.shared.db.clone().close().await.unwrap();
        Self { url, world, mill, glass, savers }
    }
}

/// Who sends something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sender {
    Settlement,
    Officer,
    Head,
    Mill,
    Glass,
    Approver,
}

/// What a command brings into the books when it is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Deposit,
    Propose,
    Confirm,
    Offer,
    Accept,
    Approve,
    Pay,
}

impl What {
    fn journals(self) -> &'static [&'static str] {
        match self {
            Self::Deposit => &["money_deposited"],
            Self::Propose => &["allocation_proposed"],
            Self::Confirm => &["allocation_confirmed"],
            Self::Offer => &["offer_proposed"],
            Self::Accept => &["trade_matched"],
            Self::Approve => &["trade_approved"],
            Self::Pay => &["trade_paid", "trade_settled"],
        }
    }
}

/// A command to send: who, what, where, with which body.
type Next = (Sender, What, String, Value);

/// A command that was sent, under its key.
#[derive(Debug, Clone)]
pub struct Sent {
    sender: Sender,
    what: What,
    path: String,
    body: Value,
    key: String,
    /// Status and bytes; nothing when no answer came, or only that the server was too busy.
    answer: Option<(StatusCode, Vec<u8>)>,
}

impl Sent {
    /// What its journals are about: the thing that was answered or, where the path names it already, that one. An offer becomes
    /// another thing when it is accepted.
    fn subject(&self) -> Option<String> {
        let answered = self.answer.as_ref().and_then(|(_, body)| serde_json::from_slice::<Value>(body).ok());
        let named = self.path.split('/').nth(2).filter(|_| self.what != What::Accept);
        match self.what {
            What::Deposit => None,
            _ => answered.and_then(|body| body["id"].as_str().map(str::to_owned)).or(named.map(str::to_owned)),
        }
    }

    fn reference(&self) -> Option<&str> {
        self.body["bank_reference"].as_str()
    }
}

/// Everything that was sent in all lives of the server.
pub struct Everything {
    url: String,
    shared: Shared,
    clients: BTreeMap<Sender, Client>,
    sites: (Value, Value, String),
    project: Value,
    savers: Vec<Value>,
    life: u64,
    before: BTreeMap<String, i64>,
    granted: BTreeMap<What, i64>,
    unknown: usize,
    unknown_done: usize,
    retried: usize,
    kept: Vec<Sent>,
    chains: Vec<Next>,
    answers: Arc<AtomicU64>,
    stop: watch::Sender<bool>,
}

impl fmt::Display for Everything {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { granted, unknown, unknown_done, retried, .. } = self;
        write!(
            out,
            "granted {granted:?}; {unknown} without an answer, of which {unknown_done} were in the books already; \
             {retried} first answers given again"
        )
    }
}

impl Everything {
    /// Before the first life.
    pub async fn of(stage: &Stage) -> Self {
        let (world, mill, glass) = (&stage.world, &stage.mill, &stage.glass);
        let clients = [
            (Sender::Settlement, &world.settlement),
            (Sender::Officer, &world.city_officer),
            (Sender::Head, &world.city_head),
            (Sender::Mill, &mill.client),
            (Sender::Glass, &glass.client),
            (Sender::Approver, &world.officer),
        ];
        let shared = opening::founded(&stage.url, SignInRules::default()).await.unwrap();
        shared.db.clone().close().await.unwrap();
        let mut all = Self {
            url: stage.url.clone(),
            shared,
            clients: clients.into_iter().map(|(sender, client)| (sender, client.clone())).collect(),
            sites: (json!(mill.site), json!(glass.site), mill.class("COD")),
            project: json!(glass.project),
            savers: stage.savers.iter().map(|saver| json!(saver.id)).collect(),
            life: 0,
            before: BTreeMap::new(),
            granted: BTreeMap::new(),
            unknown: 0,
            unknown_done: 0,
            retried: 0,
            kept: Vec::new(),
            chains: Vec::new(),
            answers: Arc::default(),
            stop: watch::Sender::new(false),
        };
        // Two who trade and one who grants begin where a trade or a grant has just ended.
        all.chains = [What::Pay, What::Pay, What::Confirm].map(|what| all.after(what, &json!({"id": ""}))).to_vec();
        all.before = all.journals_by_kind().await;
        all
    }

    /// How many answers have come in this life.
    pub fn answers(&self) -> Arc<AtomicU64> {
        self.answers.clone()
    }

    /// Set when the clients shall stop though the server lives; until the next life.
    pub fn stop(&self) -> watch::Sender<bool> {
        self.stop.clone()
    }

    /// Everybody works until no answer comes any more.
    pub async fn work_at(&mut self, address: SocketAddr) -> Vec<Sent> {
        self.life += 1;
        // A soak outlives a sign-in.
        let moved = self.clients.iter().map(|(sender, client)| (*sender, client.moved_to(address, &self.shared)));
        self.clients = moved.collect();
        self.answers.store(0, Ordering::SeqCst);
        self.stop.send_replace(false);
        let depositors = join_all((0..DEPOSITORS).map(|at| self.deposits(at)));
        let chains = join_all((0..self.chains.len()).map(|at| self.chain(at)));
        let (deposits, chains) = tokio::join!(depositors, chains);
        deposits.into_iter().chain(chains).flatten().collect()
    }

    async fn deposits(&self, at: usize) -> Vec<Sent> {
        let mut sent = Vec::new();
        for number in 0.. {
            let reference = format!("L{}-{at}-{number}", self.life);
            let amount = format!("{}.{:02}", 1 + number % 90, at);
            let saver = &self.savers[(at + number) % self.savers.len()];
            let body = json!({"organisation": saver, "amount": amount, "bank_reference": reference});
            if self
                .send(&mut sent, Sender::Settlement, What::Deposit, "/money/deposits".to_owned(), body)
                .await
                .is_none()
            {
                break;
            }
        }
        sent
    }

    /// One command after the other, each with what the one before it was answered; a chain that a crash cut off goes on in
    /// the next life.
    async fn chain(&self, at: usize) -> Vec<Sent> {
        let mut sent = Vec::new();
        let mut next = self.chains[at].clone();
        loop {
            let (sender, what, path, body) = next;
            let Some(answer) = self.send(&mut sent, sender, what, path, body).await else { return sent };
            next = self.after(what, &answer);
        }
    }

    /// What follows a command that was granted.
    fn after(&self, what: What, answer: &Value) -> Next {
        let (seller, buyer, class) = &self.sites;
        let id = answer["id"].as_str().unwrap();
        match what {
            What::Propose => (Sender::Head, What::Confirm, format!("/allocations/{id}/confirm"), json!({})),
            What::Confirm | What::Deposit => {
                let body = json!({
                    "site": seller, "pollutant": "COD", "origin": "paid", "zone": "LUSHUI",
                    "valid_from": VALIDITY.0, "valid_to": VALIDITY.1, "quantity": "0.001", "document": "核定2022-002",
                });
                (Sender::Officer, What::Propose, "/allocations".to_owned(), body)
            }
            What::Offer => {
                (Sender::Glass, What::Accept, format!("/offers/{id}/accept"), json!({"project": self.project}))
            }
            What::Accept => (Sender::Approver, What::Approve, format!("/trades/{id}/approve"), json!({})),
            What::Approve => (Sender::Glass, What::Pay, format!("/trades/{id}/pay"), json!({})),
            What::Pay => {
                let body = json!({
                    "seller_site": seller, "buyer_site": buyer, "right_class": class,
                    "quantity": "0.001", "unit_price": "1000.00",
                });
                (Sender::Mill, What::Offer, "/offers".to_owned(), body)
            }
        }
    }

    /// Sends a command and keeps what came of it; nothing when the server no longer answers or the clients shall stop.
    async fn send(&self, sent: &mut Vec<Sent>, sender: Sender, what: What, path: String, body: Value) -> Option<Value> {
        let mut command = Sent { sender, what, path, body, key: ids::fresh().to_string(), answer: None };
        let mut stop = self.stop.subscribe();
        tokio::select! {
            answer = self.ask(&command) => command.answer = answer,
            stopped = stop.wait_for(|stop| *stop) => drop(stopped.unwrap()),
        }
        let body = command.answer.as_ref().map(|(status, body)| granted(*status, body, &command));
        self.answers.fetch_add(1, Ordering::SeqCst);
        sent.push(command);
        body
    }

    async fn ask(&self, command: &Sent) -> Option<(StatusCode, Vec<u8>)> {
        let request = self.clients[&command.sender].request(Method::POST, &command.path);
        let request = request.header("Idempotency-Key", &command.key).timeout(Duration::from_secs(30));
        let answer = request.json(&command.body).send().await.ok()?;
        let status = answer.status();
        let body = answer.bytes().await.ok()?.to_vec();
        (status != StatusCode::SERVICE_UNAVAILABLE).then_some((status, body))
    }

    /// What was acknowledged is in the books once, and what was not at most once, before anybody asks again.
    pub async fn nothing_is_lost_or_doubled(&mut self, sent: &[Sent]) {
        self.deposits_stand_once(sent).await;
        let standing = self.journals_by_subject().await;
        let count = |kind: &str, subject: &str| {
            let key = (kind.to_owned(), subject.to_owned());
            standing.get(&key).copied().unwrap_or_default()
        };
        let mut least = self.before.clone();
        for (what, count) in &self.granted {
            for kind in what.journals() {
                *least.entry((*kind).to_owned()).or_default() += count;
            }
        }
        let mut most = least.clone();
        for command in sent {
            for kind in command.what.journals() {
                *most.entry((*kind).to_owned()).or_default() += 1;
                if command.answer.is_some() {
                    *least.entry((*kind).to_owned()).or_default() += 1;
                }
                // A deposit is known by its reference; of a proposal without an answer nobody knows the number.
                let Some(subject) = command.subject() else { continue };
                let count = count(kind, &subject);
                let is_right = count == 1 || (count == 0 && command.answer.is_none());
                assert!(is_right, "{kind} of {subject} stands {count} times in the books: {command:?}");
                self.unknown_done += usize::from(count == 1 && command.answer.is_none());
            }
        }
        // And nothing else stands there: of each kind as many journals as were acknowledged, and at most those without an answer.
        let mut totals: BTreeMap<&str, i64> = BTreeMap::new();
        for ((kind, _), count) in &standing {
            *totals.entry(kind).or_default() += count;
        }
        for (kind, most) in &most {
            let (total, least) =
                (totals.remove(kind.as_str()).unwrap_or_default(), least.get(kind).copied().unwrap_or_default());
            assert!((least..=*most).contains(&total), "{total} journals of {kind}, {least} to {most} were sent");
        }
        assert!(totals.is_empty(), "nobody has sent {totals:?}");
    }

    async fn deposits_stand_once(&mut self, sent: &[Sent]) {
        let sql = format!(
            "SELECT m.bank_reference AS reference, COUNT(j.id) AS count FROM money_movements m \
             JOIN journals j ON j.subject_id = m.id WHERE m.bank_reference LIKE 'L{}-%' GROUP BY m.bank_reference",
            self.life
        );
        let count = |row: &QueryResult| (row.try_get("", "reference").unwrap(), row.try_get("", "count").unwrap());
        let found: BTreeMap<String, i64> = self.rows(&sql).await.iter().map(count).collect();
        for command in sent {
            let Some(reference) = command.reference() else { continue };
            let count = found.get(reference).copied().unwrap_or_default();
            let is_known = command.answer.is_some();
            assert!(
                count == 1 || (count == 0 && !is_known),
                "{reference} stands {count} times in the books: {command:?}"
            );
            self.unknown_done += usize::from(count == 1 && !is_known);
        }
    }

    /// Whoever got no answer asks again, once with the outcome of the first time; whoever got one gets it again, byte for byte.
    pub async fn retries_get_the_first_answer(&mut self, address: SocketAddr, sent: Vec<Sent>, random: &mut StdRng) {
        let moved = self.clients.iter().map(|(sender, client)| (*sender, client.moved_to(address, &self.shared)));
        self.clients = moved.collect();
        let (mut known, unknown): (Vec<Sent>, Vec<Sent>) = sent.into_iter().partition(|sent| sent.answer.is_some());
        self.unknown += unknown.len();
        let settled = join_all(unknown.into_iter().map(|command| self.insist(command))).await;
        for command in known.iter().chain(&settled) {
            *self.granted.entry(command.what).or_default() += 1;
        }
        // A chain ends in a life with the one command that got no answer then, and now has one.
        self.chains = settled
            .iter()
            .filter(|command| command.what != What::Deposit)
            .map(|command| {
                let (_, body) = command.answer.as_ref().unwrap();
                self.after(command.what, &serde_json::from_slice(body).unwrap())
            })
            .collect();
        known.extend(settled);
        while known.len() > RETRIED {
            known.swap_remove(random.random_range(0..known.len()));
        }
        let asked_again = known.iter().chain(&self.kept);
        let answers = join_all(asked_again.clone().map(|command| self.insist(command.clone()))).await;
        for (first, again) in asked_again.zip(&answers) {
            assert_eq!(first.answer, again.answer, "{first:?}");
        }
        self.retried += answers.len();
        known.truncate(KEPT);
        self.kept.extend(known);
        // The oldest answers stay good as well as the newest: what is forgotten is chosen at random.
        while self.kept.len() > RETRIED {
            self.kept.swap_remove(random.random_range(0..self.kept.len()));
        }
    }

    /// Asks until there is an answer.
    async fn insist(&self, mut command: Sent) -> Sent {
        for _ in 0..100 {
            command.answer = self.ask(&command).await;
            if let Some((status, body)) = &command.answer {
                granted(*status, body, &command);
                return command;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("no answer to {command:?}");
    }

    /// There are exactly as many journals of each kind as commands were granted, and the money of the savers is their sum.
    pub async fn adds_up(&self) {
        let mut expected = self.before.clone();
        for (what, count) in &self.granted {
            for kind in what.journals() {
                *expected.entry((*kind).to_owned()).or_default() += count;
            }
        }
        assert_eq!(self.journals_by_kind().await, expected);
    }

    async fn journals_by_subject(&self) -> BTreeMap<(String, String), i64> {
        let rows =
            self.rows("SELECT kind, subject_id, COUNT(*) AS count FROM journals GROUP BY kind, subject_id").await;
        let key = |row: &QueryResult| {
            let subject: uuid::Uuid = row.try_get("", "subject_id").unwrap();
            (row.try_get("", "kind").unwrap(), subject.to_string())
        };
        rows.iter().map(|row| (key(row), row.try_get("", "count").unwrap())).collect()
    }

    async fn journals_by_kind(&self) -> BTreeMap<String, i64> {
        let rows = self.rows("SELECT kind, COUNT(*) AS count FROM journals GROUP BY kind").await;
        rows.iter().map(|row| (row.try_get("", "kind").unwrap(), row.try_get("", "count").unwrap())).collect()
    }

    /// Reads past the program, and leaves no connection behind.
    async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let db = Db::open(&self.url, Clock::system()).await.unwrap();
        let rows = db.reader().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap();
        db.close().await.unwrap();
        rows
    }

    /// Whether every kind of command was granted, and the server was hit in the middle of some.
    pub fn is_a_trial(&self, times: u64) -> bool {
        let is_hit = u64::try_from(self.unknown).unwrap() >= times;
        is_hit && self.granted.len() == 7 && self.granted[&What::Deposit] > i64::try_from(times).unwrap()
    }
}

/// Every command here is one that must be granted.
fn granted(status: StatusCode, body: &[u8], command: &Sent) -> Value {
    assert!(status.is_success(), "{status}: {} for {command:?}", String::from_utf8_lossy(body));
    serde_json::from_slice(body).unwrap()
}
