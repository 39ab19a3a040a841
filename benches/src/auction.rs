//! How long a bid takes when two hundred bidders bid for one lot in its last seconds, through HTTP.

use crate::Outcome;
use crate::report::{Bound, Line, percentile};
use crate::server::Server;
use crate::settings::Settings;
use crate::stage::DAY;
use ganhe::access::{Caller, Role, SecondFactor, SignInRules};
use ganhe::app;
use ganhe::app::binders::PLEDGED_LOTS;
use ganhe::app::opening;
use ganhe::db::Db;
use ganhe::http::{Conduct, Shared, serve};
use ganhe::identity::founding::{Founding, find_installation, found};
use ganhe::identity::keys;
use ganhe::kernel::ids::{OrganisationId, UserId, fresh};
use ganhe::kernel::{Clock, Moment};
use ganhe::market::auctions::clock::pass_time;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Who bids in the last seconds.
const BIDDERS: usize = 200;
/// Bids of each.
const BIDS: usize = 5;
/// The seconds in which they come.
const WITHIN: Duration = Duration::from_secs(5);
/// What 99 of 100 bids may take at most.
const MOST: f64 = 0.250;

/// Measures on both databases.
pub async fn measure(server: &Server, home: &Path, settings: &Settings) -> Outcome<Vec<Line>> {
    let mut admin =
        <sea_orm::sqlx::PgConnection as sea_orm::sqlx::Connection>::connect(&server.url("postgres")).await?;
    sea_orm::sqlx::query("CREATE DATABASE auctioned").execute(&mut admin).await?;
    let targets = [
        ("PostgreSQL", server.url("auctioned")),
        ("SQLite", format!("sqlite:{}", home.join("auctioned.sqlite").display())),
    ];
    let mut lines = Vec::new();
    for (database, url) in targets {
        let hall = Hall::opened(&url).await?;
        let mut took = Vec::new();
        for _ in 0..settings.rounds {
            took.extend(hall.round().await?);
        }
        let p99 = percentile(&took, 99);
        lines.push(Line {
            work: format!("{} bids of {BIDDERS} bidders for one lot in its last seconds, {database}", took.len()),
            against: "a quarter of a second".to_owned(),
            ours: format!("p99 {:.1} ms", p99 * 1_000.0),
            theirs: format!("{:.0} ms", MOST * 1_000.0),
            ratio: Some(p99 / MOST),
            bound: Bound::AtMost(1.0),
        });
    }
    Ok(lines)
}

/// Somebody who asks.
#[derive(Clone)]
struct Person {
    token: String,
    organisation: Uuid,
}

/// A bidder with what it bids for.
#[derive(Clone)]
struct Bidder {
    person: Person,
    site: Uuid,
    project: Uuid,
}

/// A server with everybody in it.
struct Hall {
    shared: Shared,
    client: reqwest::Client,
    base: String,
    exchange: Person,
    reserve: Person,
    reserve_site: Uuid,
    bidders: Vec<Bidder>,
}

fn id(value: &Value) -> Outcome<Uuid> {
    Ok(value["id"].as_str().ok_or("an answer without an id")?.parse()?)
}

/// A valid unified social credit code with this running number (GB 32100-2015).
fn credit_code(number: usize) -> Outcome<String> {
    const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91421222MA{number:07}");
    let (mut weight, mut sum) = (1, 0);
    for byte in body.bytes() {
        sum += LETTERS.iter().position(|letter| *letter == byte).ok_or("a letter")? * weight;
        weight = weight * 3 % 31;
    }
    Ok(format!("{body}{}", char::from(LETTERS[(31 - sum % 31) % 31])))
}

fn path_of(area: &str) -> String {
    if area == "420000" {
        return area.to_owned();
    }
    if area == "421200" { "420000/421200".to_owned() } else { format!("420000/421200/{area}") }
}

impl Hall {
    /// Founds a book, serves it, and registers everybody.
    async fn opened(url: &str) -> Outcome<Self> {
        let db = Db::migrated(url, Clock::system()).await?;
        let founding = Founding {
            province: "420000".to_owned(),
            name: "湖北省".to_owned(),
            operator_code: "91420000MA00009906".to_owned(),
            operator_name: "淦河".to_owned(),
            login: "operator".to_owned(),
            password: None,
            is_demonstration: false,
            rules_from: DAY,
        };
        let operator = found(&db, &founding).await?;
        let installation = find_installation(&db).await?.ok_or("no installation")?;
        let tokens = keys::load(&db, &installation.request_secret).await?;
        let rules = SignInRules { second_factor: SecondFactor::Off, ..SignInRules::default() };
        let conduct = Conduct { per_user: None, per_address: None, ..Conduct::default() };
        let shared = app::shared(db, tokens, rules).conducted(conduct);
        let listener = opening::listen("127.0.0.1:0".parse()?).await?;
        let base = format!("http://{}/api/v1", listener.local_addr()?);
        let (router, conduct) = (app::router(shared.clone()), Arc::clone(&shared.conduct));
        tokio::spawn(async move { serve::serve(listener, router, &conduct, std::future::pending()).await });
        let nobody = Person { token: String::new(), organisation: Uuid::nil() };
        let mut hall = Self {
            client: reqwest::Client::new(),
            base,
            exchange: nobody.clone(),
            reserve: nobody,
            reserve_site: Uuid::nil(),
            bidders: Vec::new(),
            shared,
        };
        hall.register(&operator).await?;
        Ok(hall)
    }

    fn signed(&self, caller: &Caller) -> Outcome<String> {
        Ok(self.shared.tokens.sign(caller, self.shared.db.clock().wall_now())?.0)
    }

    async fn post(&self, by: &Person, path: &str, body: &Value) -> Outcome<Value> {
        let asked = self.client.post(format!("{}{path}", self.base)).bearer_auth(&by.token);
        let answer = asked.header("Idempotency-Key", fresh().to_string()).json(body).send().await?;
        let (status, body) = (answer.status(), answer.text().await?);
        if status.is_success() { Ok(serde_json::from_str(&body)?) } else { Err(format!("{path}: {body}").into()) }
    }

    async fn join(&self, operator: &Person, number: usize, kind: &str, area: &str, role: Role) -> Outcome<Person> {
        let body =
            json!({"code": credit_code(number)?, "name": format!("{kind} {number}"), "kind": kind, "area": area});
        let organisation = id(&self.post(operator, "/organisations", &body).await?)?;
        let body = json!({"organisation": organisation, "login": format!("user.{number}"), "name": format!("User {number}"),
            "roles": [role.as_str()]});
        let user = id(&self.post(operator, "/users", &body).await?)?;
        let caller = Caller {
            user: UserId(user),
            organisation: OrganisationId(organisation),
            roles: vec![role],
            area_path: path_of(area),
            ..Caller::nobody()
        };
        Ok(Person { token: self.signed(&caller)?, organisation })
    }

    async fn register(&mut self, operator: &Caller) -> Outcome<()> {
        let operator = Person { token: self.signed(operator)?, organisation: operator.organisation.0 };
        let areas = json!([{"code": "421200", "name": "咸宁市", "parent": "420000"},
            {"code": "421222", "name": "通城县", "parent": "421200", "basin": "LUSHUI"}]);
        let basins = json!([{"code": "LUSHUI", "name": "陆水"}]);
        self.post(&operator, "/reference", &json!({"basins": basins, "areas": areas})).await?;
        let officer = self.join(&operator, 1, "bureau", "421200", Role::BureauOfficer).await?;
        let head = self.join(&operator, 2, "bureau", "421200", Role::BureauHead).await?;
        let bank = self.join(&operator, 3, "settlement_bank", "421200", Role::SettlementOfficer).await?;
        self.exchange = self.join(&operator, 4, "exchange", "420000", Role::ExchangeOfficer).await?;
        self.reserve = self.join(&operator, 5, "reserve", "421200", Role::ReserveTrader).await?;
        let today = self.shared.db.clock().business_day();
        let in_four_years = today.checked_add(jiff::Span::new().years(4))?.to_string();
        let cap = json!({"area": "421222", "pollutant": "COD", "cap": "1000000.000", "valid_from": today.to_string(), "document": "总量控制"});
        self.post(&head, "/capacities", &cap).await?;
        let site =
            json!({"number": "SITE-0", "organisation": self.reserve.organisation, "name": "储备", "area": "421200"});
        self.reserve_site = id(&self.post(&officer, "/sites", &site).await?)?;
        let grant = json!({"site": self.reserve_site, "pollutant": "COD", "origin": "paid", "zone": "LUSHUI",
            "valid_from": "2022-01-01", "valid_to": "2026-12-31", "quantity": "100000.000", "document": "核定"});
        let grant = id(&self.post(&officer, "/allocations", &grant).await?)?;
        self.post(&head, &format!("/allocations/{grant}/confirm"), &json!({})).await?;
        for at in 0..BIDDERS {
            let person = self.join(&operator, 10 + at, "enterprise", "421222", Role::EnterpriseTrader).await?;
            let site = json!({"number": format!("SITE-{}", at + 1), "organisation": person.organisation, "name": "厂区",
                "area": "421222", "basin": "LUSHUI", "sector": "paper"});
            let site = id(&self.post(&officer, "/sites", &site).await?)?;
            let permit = json!({"number": format!("PERMIT-{at}"), "site": site, "valid_from": today.to_string(), "valid_to": in_four_years,
                "quantities": [{"pollutant": "COD", "quantity": "500.000"}]});
            self.post(&officer, "/permits", &permit).await?;
            let project = json!({"number": format!("P-{at}"), "site": site, "basis": "verified", "document": "总量核定",
                "verified_on": "2022-01-01"});
            let project = id(&self.post(&officer, "/projects", &project).await?)?;
            let money = json!({"organisation": person.organisation, "amount": "1000000.00", "bank_reference": format!("XN-{at}")});
            self.post(&bank, "/money/deposits", &money).await?;
            self.bidders.push(Bidder { person, site, project });
        }
        Ok(())
    }

    /// Business time moves on to an instant; the wall goes on beside it.
    fn it_is(&self, instant: Moment) {
        let clock = self.shared.db.clock();
        clock.set_offset(instant.micros() - clock.wall_now().micros());
    }

    /// One session: how long each bid took, in seconds.
    async fn round(&self) -> Outcome<Vec<f64>> {
        let now = self.shared.db.clock().business_now();
        let (opens, closes) = (now.plus_minutes(60), now.plus_minutes(120));
        let body = json!({"title": "专场", "format": "ascending", "registration_until": opens, "opens_at": opens, "closes_at": closes,
            "own_rules": [{"name": "bid_step", "value": "50.00"}, {"name": "soft_close_seconds", "value": "10"}]});
        let auction = id(&self.post(&self.exchange, "/auctions", &body).await?)?;
        let lot = json!({"site": self.reserve_site, "right_class": "COD-MULTI-PAID-LUSHUI-20220101-20261231", "quantity": "200.000",
            "base_price": "8790.00"});
        let lot = id(&self.post(&self.reserve, &format!("/auctions/{auction}/lots"), &lot).await?)?;
        self.post(&self.exchange, &format!("/auctions/{auction}/announce"), &json!({})).await?;
        for bidder in &self.bidders {
            let body = json!({"lot": lot, "site": bidder.site, "project": bidder.project, "quantity": "1.000"});
            let registration = self.post(&bidder.person, &format!("/auctions/{auction}/registrations"), &body).await?;
            let path = format!("/auction-registrations/{}/qualify", id(&registration)?);
            self.post(&self.exchange, &path, &json!({})).await?;
        }
        let seconds = i64::try_from(WITHIN.as_micros())?;
        self.it_is(Moment::from_micros(closes.micros() - seconds));
        pass_time(&self.shared.db, PLEDGED_LOTS, fresh()).await?;
        let took = self.crowd(auction, lot).await?;
        self.post(&self.exchange, &format!("/auctions/{auction}/cancel"), &json!({})).await?;
        Ok(took)
    }

    async fn crowd(&self, auction: Uuid, lot: Uuid) -> Outcome<Vec<f64>> {
        let mut crowd = JoinSet::new();
        let pause = WITHIN / u32::try_from(BIDS)?;
        for (at, bidder) in self.bidders.iter().enumerate() {
            let (client, token) = (self.client.clone(), bidder.person.token.clone());
            let url = format!("{}/auctions/{auction}/bids", self.base);
            let late = pause * u32::try_from(at)? / u32::try_from(BIDDERS)?;
            crowd.spawn(async move {
                tokio::time::sleep(late).await;
                let mut took = Vec::with_capacity(BIDS);
                for bid in 0..BIDS {
                    let body = json!({"lot": lot, "price": format!("{}.00", 8_790 + 50 * bid), "quantity": "1.000"});
                    let began = Instant::now();
                    let asked = client.post(&url).bearer_auth(&token).header("Idempotency-Key", fresh().to_string());
                    asked.json(&body).send().await?.error_for_status()?.bytes().await?;
                    let elapsed = began.elapsed();
                    took.push(elapsed.as_secs_f64());
                    tokio::time::sleep(pause.saturating_sub(elapsed)).await;
                }
                Outcome::Ok(took)
            });
        }
        let mut all = Vec::new();
        while let Some(took) = crowd.join_next().await {
            all.extend(took??);
        }
        Ok(all)
    }
}
