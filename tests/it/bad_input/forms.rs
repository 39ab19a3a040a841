//! What the stories of bad input stand on: the books before and after, the refusal that is expected, and commands that would be
//! granted if nothing were wrong with them.

use crate::support::world::{Enterprise, TONGCHENG, credit_code};
use crate::support::{Answer, Client, World};
use ganhe::kernel::ids::fresh;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// The books as the auditor sees them: the whole trial balance, and how many journals there are.
#[derive(Debug, PartialEq)]
pub struct Books {
    pub assets: Value,
    pub journals: usize,
}

impl Books {
    pub async fn of(world: &World) -> Self {
        let trial = world.auditor.get("/audit/trial-balance").await.granted();
        let (mut journals, mut path) = (0, "/audit/journals?limit=200".to_owned());
        loop {
            let page = world.auditor.get(&path).await.granted();
            journals += page["items"].as_array().unwrap().len();
            match page["next_cursor"].as_str() {
                Some(cursor) => path = format!("/audit/journals?limit=200&cursor={cursor}"),
                None => {
                    return Self { assets: trial["assets"].clone(), journals };
                }
            }
        }
    }

    /// Nothing was booked since.
    pub async fn are_unchanged(&self, world: &World) {
        assert_eq!(*self, Self::of(world).await);
        world.books_are_right().await;
    }
}

/// What a request must be refused with.
pub struct Refused<'a> {
    pub status: u16,
    pub code: &'a str,
    pub field: &'a str,
}

/// Any field: several are missing, and which is told first is nobody's concern.
pub const ANY: &str = "*";

pub fn refused<'a>(status: u16, code: &'a str, field: &'a str) -> Refused<'a> {
    Refused { status, code, field }
}

impl Refused<'_> {
    /// The answer is a whole problem of this kind; gives the message of the violation.
    #[track_caller]
    pub fn is_told_by(&self, answer: &Answer, what: &str) -> String {
        let body = &answer.body;
        assert_eq!(answer.status.as_u16(), self.status, "{what}: {body:#}");
        assert_eq!(answer.headers["content-type"], "application/problem+json", "{what}");
        assert_eq!(body["status"], self.status, "{what}: {body:#}");
        let trace = body["trace_id"].as_str().unwrap();
        assert!(trace.len() == 32 && answer.headers["x-trace-id"] == trace, "{what}: {body:#}");
        for field in ["title", "detail", "instance"] {
            assert!(body[field].as_str().is_some_and(|text| !text.is_empty()), "{what} has no {field}: {body:#}");
        }
        let violations = body["violations"].as_array().unwrap();
        assert_eq!(body["code"], violations[0]["code"], "{what}: {body:#}");
        let is_named = |one: &&Value| one["code"] == self.code && (self.field == ANY || one["field"] == self.field);
        let named = violations.iter().find(is_named);
        let named = named.unwrap_or_else(|| panic!("{what}: no {} at {:?} in {body:#}", self.code, self.field));
        named["message"].as_str().unwrap().to_owned()
    }

    /// Asks twice, in both languages, and gets the same refusal in other words. Gives the English ones.
    pub async fn whenever(&self, what: &str, ask: impl Fn() -> reqwest::RequestBuilder) -> String {
        let zh = Answer::of(ask().header("Accept-Language", "zh-CN")).await;
        let en = Answer::of(ask().header("Accept-Language", "en")).await;
        let (zh, en) = (self.is_told_by(&zh, what), self.is_told_by(&en, what));
        assert_ne!(zh, en, "{what}: one text for both languages");
        en
    }

    /// The same for a command with this body.
    pub async fn when_posted(&self, what: &str, client: &Client, path: &str, body: &str) -> String {
        self.whenever(what, || command(client, path, body)).await
    }

    /// The same for a list or a thing that is read.
    pub async fn when_read(&self, client: &Client, path: &str) {
        self.whenever(path, || client.request(Method::GET, path)).await;
    }
}

/// A command under a key of its own.
pub fn command(client: &Client, path: &str, body: &str) -> reqwest::RequestBuilder {
    let request = client.request(Method::POST, path).header("Idempotency-Key", fresh().to_string());
    request.header("content-type", "application/json").body(body.to_owned())
}

/// A command that would be granted, and its fields with decimals: where they stand, and how many decimals they have.
pub struct Form {
    pub name: &'static str,
    pub client: Client,
    pub path: String,
    pub body: Value,
    pub decimals: &'static [(&'static str, usize)],
    /// Whether every field may be left out.
    pub is_optional: bool,
}

impl Form {
    pub fn new(
        name: &'static str,
        client: &Client,
        path: String,
        body: Value,
        decimals: &'static [(&'static str, usize)],
    ) -> Self {
        Self { name, client: client.clone(), path, body, decimals, is_optional: name == "pay" }
    }

    /// The body with another value at a place.
    pub fn with(&self, place: &str, value: Value) -> String {
        let mut body = self.body.clone();
        *body.pointer_mut(&pointer(place)).unwrap() = value;
        body.to_string()
    }
}

/// `rights[0].quantity` as a JSON pointer.
pub fn pointer(field: &str) -> String {
    format!("/{}", field.replace(['[', '.'], "/").replace(']', ""))
}

/// A mill that sells, a glassworks that buys, a bank with the mill's consent; an offer to accept and a trade to pay.
pub struct Stage {
    pub world: World,
    pub mill: Enterprise,
    pub glass: Enterprise,
    pub offer: Uuid,
    pub trade: Uuid,
}

impl Stage {
    pub async fn new() -> Self {
        let world = World::new().await;
        let mill = world.seller("临江纸业", "120.000 t COD").await;
        let glass = world.buyer("通城玻璃", "500000.00").await;
        let trade = world.approved_trade(&mill, &glass, "20.000 t COD", "8790.00").await;
        let offer = id(&mill.offers("10.000 t COD", "8790.00", &glass).await.granted());
        mill.consents(&world.bank, &["COD"]).await;
        Self { world, mill, glass, offer, trade }
    }

    pub fn allocation(&self) -> Form {
        let body = json!({
            "site": self.glass.site, "pollutant": "COD", "origin": "paid", "zone": "LUSHUI", "valid_from": "2021-01-01",
            "valid_to": "2025-12-31", "quantity": "10.000", "document": "核定2022-002",
        });
        Form::new("propose_allocation", &self.world.city_officer, "/allocations".to_owned(), body, &[("quantity", 3)])
    }

    pub fn offer(&self) -> Form {
        let body = json!({
            "seller_site": self.mill.site, "buyer_site": self.glass.site, "right_class": self.mill.class("COD"),
            "quantity": "5.000", "unit_price": "8790.00",
        });
        Form::new("offer", &self.mill.client, "/offers".to_owned(), body, &[("quantity", 3), ("unit_price", 2)])
    }

    pub fn acceptance(&self) -> Form {
        let path = format!("/offers/{}/accept", self.offer);
        Form::new("accept", &self.glass.client, path, json!({"project": self.glass.project}), &[])
    }

    pub fn payment(&self) -> Form {
        let path = format!("/trades/{}/pay", self.trade);
        Form::new("pay", &self.glass.client, path, json!({"amount": "100.00"}), &[("amount", 2)])
    }

    pub fn deposit(&self) -> Form {
        let body = json!({"organisation": self.glass.id, "amount": "100.00", "bank_reference": "XN-BAD-1"});
        Form::new("deposit", &self.world.settlement, "/money/deposits".to_owned(), body, &[("amount", 2)])
    }

    pub fn capacity(&self) -> Form {
        let body = json!({
            "area": TONGCHENG, "pollutant": "COD", "cap": "1200.000", "valid_from": "2022-12-01", "document": "总量控制2",
        });
        Form::new("capacity", &self.world.city_head, "/capacities".to_owned(), body, &[("cap", 3)])
    }

    pub fn pledge(&self) -> Form {
        let body = json!({
            "pledgor": self.mill.id, "loan_contract": "借字2022-001", "pledge_contract": "质字2022-001",
            "principal": "100000.00", "secured": "100000.00", "assessed_value": "200000.00",
            "valuation_method": "market price", "valued_on": "2022-12-01", "debt_from": "2022-12-01", "debt_to": "2023-11-30",
            "rights": [{"site": self.mill.site, "right_class": self.mill.class("COD"), "quantity": "10.000"}],
        });
        let decimals = &[("principal", 2), ("secured", 2), ("assessed_value", 2), ("rights[0].quantity", 3)];
        Form::new("pledge", &self.world.bank.client, "/pledges".to_owned(), body, decimals)
    }

    pub fn organisation(&self) -> Form {
        let body = json!({"code": credit_code(900_000), "name": "崇阳化工", "kind": "enterprise", "area": TONGCHENG});
        Form::new("organisation", &self.world.operator, "/organisations".to_owned(), body, &[])
    }

    /// All of them.
    pub fn forms(&self) -> Vec<Form> {
        vec![
            self.allocation(),
            self.offer(),
            self.acceptance(),
            self.payment(),
            self.deposit(),
            self.capacity(),
            self.pledge(),
            self.organisation(),
        ]
    }
}
