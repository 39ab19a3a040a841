//! A world in words: Hubei with the city of Xianning, its counties, their bureaux, a bank, a settlement bank, an exchange, the
//! reserve and an auditor; enterprises join as a story needs them. Everything is made through HTTP.

use super::app::TestApp;
use super::client::{Answer, Client};
use ganhe::access::{Caller, Role};
use ganhe::kernel::Moment;
use ganhe::kernel::ids::{OrganisationId, UserId};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::sync::OnceCell;
use uuid::Uuid;

/// Code of the county that stories play in unless they say otherwise: basin Lushui.
pub const TONGCHENG: &str = "421222";
/// A county of the same city and basin.
pub const CHIBI: &str = "421281";
/// A county of the same city in another basin.
pub const XIANAN: &str = "421202";
/// Another city.
pub const WUHAN: &str = "420100";

/// Validity of every right of the stories.
pub const VALIDITY: (&str, &str) = ("2021-01-01", "2025-12-31");

/// The code of a multi-year paid right of the stories.
pub fn class(pollutant: &str, zone: &str) -> String {
    format!("{pollutant}-MULTI-PAID-{zone}-20210101-20251231")
}

/// The stage and its standing cast.
#[derive(Clone)]
pub struct World {
    /// The server.
    pub app: Arc<TestApp>,
    /// The operator of the platform.
    pub operator: Client,
    /// Officer of the city's bureau.
    pub city_officer: Client,
    /// Head of the city's bureau.
    pub city_head: Client,
    /// Officer of Tongcheng's bureau.
    pub officer: Client,
    /// Head of Tongcheng's bureau.
    pub head: Client,
    /// Officer of Chibi's bureau.
    pub chibi_officer: Client,
    /// Officer of Xianan's bureau.
    pub xianan_officer: Client,
    /// The bank.
    pub bank: Bank,
    /// A second bank.
    pub other_bank: Bank,
    /// The settlement bank.
    pub settlement: Client,
    /// The organisation of the settlement bank.
    pub settlement_bank: Uuid,
    /// The auditor.
    pub auditor: Client,
    /// The exchange.
    pub exchange: Client,
    /// The reserve, with its site.
    pub reserve: Enterprise,
    numbers: Arc<AtomicU32>,
}

/// A bank, its organisation and its officer.
#[derive(Clone)]
pub struct Bank {
    /// Its organisation.
    pub id: Uuid,
    /// Who acts for it.
    pub client: Client,
}

/// A user of an organisation.
#[derive(Clone)]
pub struct Member {
    /// Their id.
    pub id: Uuid,
    /// Their organisation.
    pub organisation: Uuid,
    /// As they ask.
    pub client: Client,
}

/// An enterprise (or the reserve) with one site.
#[derive(Clone)]
pub struct Enterprise {
    /// Its organisation.
    pub id: Uuid,
    /// Its site.
    pub site: Uuid,
    /// Code of the site's area.
    pub area: String,
    /// Code of the site's basin.
    pub basin: String,
    /// Its permit.
    pub permit: Uuid,
    /// Its project.
    pub project: Uuid,
    /// Who acts for it.
    pub client: Client,
}

fn basin_of(area: &str) -> &'static str {
    if area == XIANAN || area == WUHAN { "FUTOU" } else { "LUSHUI" }
}

/// A valid unified social credit code with this running number.
pub fn credit_code(number: u32) -> String {
    const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91421222MA{number:07}");
    let mut weight = 1;
    let mut sum = 0;
    for byte in body.bytes() {
        sum += LETTERS.iter().position(|letter| *letter == byte).unwrap() * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", char::from(LETTERS[(31 - sum % 31) % 31]))
}

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

impl World {
    /// The stage, set: a copy of the one that is set once for all stories of this process.
    pub async fn new() -> Self {
        static SET: OnceCell<World> = OnceCell::const_new();
        let set = SET.get_or_init(async || {
            let set = Self::on(TestApp::start().await).await;
            // What is copied is used by nobody.
            set.app.shared.db.clone().close().await.unwrap();
            set
        });
        set.await.copy().await
    }

    /// The same stage with the same cast over a database of its own.
    async fn copy(&self) -> Self {
        let app = Arc::new(TestApp::copy_of(&self.app).await);
        let here = |client: &Client| client.moved_to(app.address, &app.shared);
        Self {
            operator: here(&self.operator),
            city_officer: here(&self.city_officer),
            city_head: here(&self.city_head),
            officer: here(&self.officer),
            head: here(&self.head),
            chibi_officer: here(&self.chibi_officer),
            xianan_officer: here(&self.xianan_officer),
            bank: Bank { client: here(&self.bank.client), ..self.bank },
            other_bank: Bank { client: here(&self.other_bank.client), ..self.other_bank },
            settlement: here(&self.settlement),
            settlement_bank: self.settlement_bank,
            auditor: here(&self.auditor),
            exchange: here(&self.exchange),
            reserve: Enterprise { client: here(&self.reserve.client), ..self.reserve.clone() },
            numbers: Arc::new(AtomicU32::new(self.numbers.load(Ordering::SeqCst))),
            app,
        }
    }

    /// The stage, set on this server.
    pub async fn on(app: TestApp) -> Self {
        let app = Arc::new(app);
        let operator = Client::of(app.address, &app.shared, &app.operator);
        let numbers = Arc::new(AtomicU32::new(1));
        let areas = json!([
            {"code": "421200", "name": "咸宁市", "parent": "420000"},
            {"code": WUHAN, "name": "武汉市", "parent": "420000"},
            {"code": TONGCHENG, "name": "通城县", "parent": "421200", "basin": "LUSHUI"},
            {"code": CHIBI, "name": "赤壁市", "parent": "421200", "basin": "LUSHUI"},
            {"code": XIANAN, "name": "咸安区", "parent": "421200", "basin": "FUTOU"},
        ]);
        let basins = json!([{"code": "LUSHUI", "name": "陆水"}, {"code": "FUTOU", "name": "斧头湖"}]);
        operator.post("/reference", json!({"basins": basins, "areas": areas})).await.granted();
        let cast = Cast { app: app.clone(), operator: operator.clone(), numbers: numbers.clone() };
        let (_, city_officer) = cast.join("咸宁市生态环境局", "bureau", "421200", Role::BureauOfficer).await;
        let (city, city_head) = cast.join("咸宁市生态环境局(市)", "bureau", "421200", Role::BureauHead).await;
        let auditor = cast.member(city, Role::Auditor).await;
        let (tongcheng, officer) = cast.join("通城县生态环境分局", "bureau", TONGCHENG, Role::BureauOfficer).await;
        let head = cast.member(tongcheng, Role::BureauHead).await;
        let (_, chibi_officer) = cast.join("赤壁市生态环境分局", "bureau", CHIBI, Role::BureauOfficer).await;
        let (_, xianan_officer) = cast.join("咸安区生态环境分局", "bureau", XIANAN, Role::BureauOfficer).await;
        let (bank, bank_client) = cast.join("惠发村镇银行", "bank", TONGCHENG, Role::PledgeeOfficer).await;
        let (other, other_client) = cast.join("赤壁农商行", "bank", CHIBI, Role::PledgeeOfficer).await;
        let (settlement_bank, settlement) =
            cast.join("结算银行", "settlement_bank", "421200", Role::SettlementOfficer).await;
        let (_, exchange) = cast.join("交易中心", "exchange", "420000", Role::ExchangeOfficer).await;
        let reserve = cast.reserve(&city_officer).await;
        let caps =
            [(TONGCHENG, "COD"), (TONGCHENG, "SO2"), (CHIBI, "COD"), (CHIBI, "SO2"), (XIANAN, "COD"), (XIANAN, "SO2")];
        let today = app.shared.db.clock().business_day().to_string();
        for (area, pollutant) in caps {
            let cap = json!({"area": area, "pollutant": pollutant, "cap": "1000.000", "valid_from": today, "document": "总量控制"});
            city_head.post("/capacities", cap).await.granted();
        }
        Self {
            operator,
            city_officer,
            city_head,
            officer,
            head,
            chibi_officer,
            xianan_officer,
            bank: Bank { id: bank, client: bank_client },
            other_bank: Bank { id: other, client: other_client },
            settlement,
            settlement_bank,
            auditor,
            exchange,
            reserve,
            numbers,
            app,
        }
    }

    /// Another person of somebody's organisation.
    pub async fn colleague_of(&self, somebody: &Client, role: Role) -> Client {
        let caller = somebody.signed_in(&self.app.shared);
        self.cast().member(caller.organisation.0, role).await
    }

    /// The same person, who has another role as well.
    pub fn also(&self, somebody: &Client, role: Role) -> Client {
        let mut caller = somebody.signed_in(&self.app.shared);
        caller.roles.push(role);
        Client::of(self.app.address, &self.app.shared, &caller)
    }

    /// The operator proposes a version of the rulebook that applies from today on, and where that takes a second person another
    /// operator approves it.
    pub async fn adopts(&self, rules: &[(&str, &str)]) -> Answer {
        self.second_approves(self.proposes_rules(rules).await).await
    }

    /// Rules that nobody knows any more from today on: what rests on them is off again.
    pub async fn forgets_rules(&self, names: &[&str]) -> Answer {
        let rules = names.iter().map(|name| json!({"name": name, "value": null, "legal_basis": null})).collect();
        self.second_approves(self.proposes_version(rules).await).await
    }

    async fn second_approves(&self, proposed: Answer) -> Answer {
        if proposed.status != 202 {
            return proposed;
        }
        let other = self.colleague_of(&self.operator, Role::Operator).await;
        let path = format!("/tasks/{}/decide", proposed.granted()["id"].as_str().unwrap());
        other.post(&path, json!({"outcome": "approved", "reason": "同意"})).await
    }

    /// The operator proposes a version of the rulebook that applies from today on.
    pub async fn proposes_rules(&self, rules: &[(&str, &str)]) -> Answer {
        let rules =
            rules.iter().map(|(name, value)| json!({"name": name, "value": value, "legal_basis": "试行"})).collect();
        self.proposes_version(rules).await
    }

    async fn proposes_version(&self, rules: Vec<Value>) -> Answer {
        let body = json!({"effective_from": self.now().day().to_string(), "rules": rules});
        self.operator.post("/rulebooks", body).await
    }

    fn cast(&self) -> Cast {
        Cast { app: self.app.clone(), operator: self.operator.clone(), numbers: self.numbers.clone() }
    }

    /// A further user of an organisation in an area, with its id, registered by the operator.
    pub async fn member(&self, organisation: Uuid, area: &str, roles: &[Role]) -> Member {
        let number = self.numbers.fetch_add(1, Ordering::SeqCst);
        let words: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        let body = json!({"organisation": organisation, "login": format!("member.{number}"), "name": format!("Member {number}"), "roles": words});
        let user = id(&self.operator.post("/users", body).await.granted());
        self.signed_in(user, organisation, area, roles)
    }

    /// A registered user of an organisation in an area, signed in.
    pub fn signed_in(&self, user: Uuid, organisation: Uuid, area: &str, roles: &[Role]) -> Member {
        let caller = Caller {
            user: UserId(user),
            organisation: OrganisationId(organisation),
            roles: roles.to_vec(),
            area_path: path_of(area),
            ..Caller::nobody()
        };
        Member { id: user, organisation, client: Client::of(self.app.address, &self.app.shared, &caller) }
    }

    /// A valid unified social credit code that nobody has yet.
    pub fn fresh_code(&self) -> String {
        credit_code(self.numbers.fetch_add(1, Ordering::SeqCst))
    }

    /// Nobody signed in.
    pub fn nobody(&self) -> Client {
        Client::nobody(self.app.address)
    }

    /// An enterprise in Tongcheng.
    pub async fn enterprise(&self, name: &str) -> Enterprise {
        self.enterprise_in(name, TONGCHENG, "paper").await
    }

    /// An enterprise in an area and a sector, with a site, a permit in force and a verified project.
    pub async fn enterprise_in(&self, name: &str, area: &str, sector: &str) -> Enterprise {
        let (organisation, client) = self.cast().join(name, "enterprise", area, Role::EnterpriseTrader).await;
        let bureau = if area == WUHAN {
            self.cast().join("武汉市生态环境局", "bureau", WUHAN, Role::BureauOfficer).await.1
        } else {
            self.city_officer.clone()
        };
        let (site, permit, project) = self.cast().site(&bureau, organisation, area, Some(sector)).await;
        let basin = basin_of(area).to_owned();
        Enterprise { id: organisation, site, area: area.to_owned(), basin, permit, project, client }
    }

    /// Lets a second person confirm what the officer proposes: paid rights for a site, such as `"120.000 t COD"`.
    pub async fn allocate(&self, enterprise: &Enterprise, holding: &str) -> Uuid {
        let allocation = self.propose_allocation(enterprise, holding).await.granted();
        let id = id(&allocation);
        self.city_head.post(&format!("/allocations/{id}/confirm"), json!({})).await.granted();
        id
    }

    /// The officer's proposal alone.
    pub async fn propose_allocation(&self, enterprise: &Enterprise, holding: &str) -> Answer {
        let (quantity, pollutant) = holding.split_once(" t ").unwrap();
        let zone = if pollutant == "SO2" || pollutant == "NOX" { "421200" } else { &enterprise.basin };
        let body = json!({
            "site": enterprise.site, "pollutant": pollutant, "origin": "paid", "zone": zone,
            "valid_from": VALIDITY.0, "valid_to": VALIDITY.1, "quantity": quantity, "document": "核定2022-001",
        });
        self.city_officer.post("/allocations", body).await
    }

    /// Registers a reduction, the gate before a surplus may be sold.
    pub async fn reduces(&self, enterprise: &Enterprise, holding: &str) {
        let (quantity, pollutant) = holding.split_once(" t ").unwrap();
        let body = json!({"site": enterprise.site, "pollutant": pollutant, "quantity": quantity, "document": "减排登记2022-001"});
        self.city_officer.post("/reductions", body).await.granted();
    }

    /// The settlement bank confirms money.
    pub async fn deposits(&self, enterprise: &Enterprise, amount: &str) {
        let reference = format!("XN{}", self.numbers.fetch_add(1, Ordering::SeqCst));
        let body = json!({"organisation": enterprise.id, "amount": amount, "bank_reference": reference});
        self.settlement.post("/money/deposits", body).await.granted();
    }

    /// The head of the settlement bank's desk.
    pub async fn settlement_head(&self) -> Client {
        self.cast().member(self.settlement_bank, Role::SettlementHead).await
    }

    /// The same of a bank that has nothing to do with the money of these stories.
    pub async fn head_of_another_settlement_bank(&self) -> Client {
        self.cast().join("另一结算银行", "settlement_bank", "421200", Role::SettlementHead).await.1
    }

    /// The head of the bureau that is in charge of the whole province.
    pub async fn head_of_the_province(&self) -> Client {
        self.cast().join("湖北省生态环境厅", "bureau", "420000", Role::BureauHead).await.1
    }

    /// Money that the head of the settlement bank's desk dates back; what was answered.
    pub async fn deposits_on(&self, head: &Client, enterprise: &Enterprise, amount: &str, date: &str) -> Answer {
        let reference = format!("XN{}", self.numbers.fetch_add(1, Ordering::SeqCst));
        let body =
            json!({"organisation": enterprise.id, "amount": amount, "bank_reference": reference, "effective_on": date});
        head.post("/money/deposits", body).await
    }

    /// The operator seals a month.
    pub async fn seals(&self, month: &str) -> Answer {
        self.operator.post(&format!("/audit/periods/{month}/seal"), json!({})).await
    }

    /// An enterprise that may sell: rights and as much of a registered reduction.
    pub async fn seller(&self, name: &str, holding: &str) -> Enterprise {
        let enterprise = self.enterprise(name).await;
        self.allocate(&enterprise, holding).await;
        self.reduces(&enterprise, holding).await;
        enterprise
    }

    /// An enterprise that may buy: money.
    pub async fn buyer(&self, name: &str, money: &str) -> Enterprise {
        let enterprise = self.enterprise(name).await;
        self.deposits(&enterprise, money).await;
        enterprise
    }

    /// A trade of the two, from the offer to the approval of both bureaux; waits for the balance.
    pub async fn approved_trade(&self, seller: &Enterprise, buyer: &Enterprise, holding: &str, price: &str) -> Uuid {
        let offer = seller.offers(holding, price, buyer).await.granted();
        let trade = id(&buyer.accepts(id(&offer)).await.granted());
        let areas = [&seller.area, &buyer.area];
        let officers = [
            (TONGCHENG, &self.officer),
            (CHIBI, &self.chibi_officer),
            (XIANAN, &self.xianan_officer),
            ("421200", &self.city_officer),
        ];
        for (area, officer) in officers {
            if areas.iter().any(|other| *other == area) {
                officer.post(&format!("/trades/{trade}/approve"), json!({})).await.granted();
            }
        }
        trade
    }

    /// Business time now.
    pub fn now(&self) -> Moment {
        self.app.clock.business_now()
    }

    /// Lets an hour pass by the wall, after which every sign-in is past its time.
    pub fn sign_ins_end(&self) {
        self.app.clock.advance(jiff::SignedDuration::from_hours(1));
    }

    /// Lets an hour of business time pass; sign-ins, which live by wall time, stay good.
    pub fn an_hour_passes(&self) {
        let clock = &self.app.clock;
        let offset = clock.business_now().micros() - clock.wall_now().micros();
        clock.set_offset(offset + 3_600_000_000);
    }

    /// Lets days of business time pass; sign-ins stay good.
    pub fn days_pass(&self, days: i64) {
        let clock = &self.app.clock;
        let offset = clock.business_now().micros() - clock.wall_now().micros();
        clock.set_offset(offset + days * 86_400_000_000);
    }

    /// The balance of an owner's account, summed over subjects; `0` when it never had one.
    pub async fn balance(&self, owner: Uuid, asset: &str, purpose: &str) -> String {
        self.balance_as_of(owner, asset, purpose, None).await
    }

    /// The same as of an instant.
    pub async fn balance_as_of(&self, owner: Uuid, asset: &str, purpose: &str, as_of: Option<Moment>) -> String {
        let mut path = format!("/balances?owner={owner}&asset={asset}&purpose={purpose}&limit=200");
        if let Some(instant) = as_of {
            path = format!("{path}&as_of={}", instant.to_string().replace('+', "%2B"));
        }
        let found = self.auditor.get(&path).await.granted();
        let balances: Vec<rust_decimal::Decimal> = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["balance"].as_str().unwrap().parse().unwrap())
            .collect();
        balances.into_iter().sum::<rust_decimal::Decimal>().to_string()
    }

    /// The verification finds nothing, and every asset sums to zero.
    pub async fn books_are_right(&self) {
        let verification = self.auditor.verified().await;
        assert_eq!(verification["is_clean"], true, "{verification:#}");
        let trial = self.auditor.get("/audit/trial-balance").await.granted();
        assert_eq!(trial["is_balanced"], true, "{trial:#}");
    }
}

impl Enterprise {
    /// Code of the class that its holding of a pollutant is in.
    pub fn class(&self, pollutant: &str) -> String {
        if pollutant == "SO2" || pollutant == "NOX" {
            class(pollutant, "421200")
        } else {
            class(pollutant, &self.basin)
        }
    }

    /// Offers rights such as `"50.000 t COD"` at a price to a named buyer.
    pub async fn offers(&self, holding: &str, price: &str, buyer: &Self) -> Answer {
        let (quantity, pollutant) = holding.split_once(" t ").unwrap();
        let body = json!({
            "seller_site": self.site, "buyer_site": buyer.site, "right_class": self.class(pollutant),
            "quantity": quantity, "unit_price": price,
        });
        self.client.post("/offers", body).await
    }

    /// Accepts an offer for its project.
    pub async fn accepts(&self, offer: Uuid) -> Answer {
        self.client.post(&format!("/offers/{offer}/accept"), json!({"project": self.project})).await
    }

    /// Pays what is left of a trade.
    pub async fn pays(&self, trade: Uuid) -> Answer {
        self.client.post(&format!("/trades/{trade}/pay"), json!({})).await
    }

    /// Lets a bank look at its holdings of a pollutant, and take them in pledge.
    pub async fn consents(&self, bank: &Bank, pollutants: &[&str]) -> Uuid {
        let classes: Vec<String> = pollutants.iter().map(|pollutant| self.class(pollutant)).collect();
        let body = json!({"pledgee": bank.id, "right_classes": classes, "valid_until": "2023-11-30"});
        id(&self.client.post("/consents", body).await.granted())
    }
}

impl Bank {
    /// Applies for a pledge of rights such as `"100.000 t SO2"`.
    pub async fn applies(&self, pledgor: &Enterprise, holding: &str) -> Answer {
        let (quantity, pollutant) = holding.split_once(" t ").unwrap();
        let body = json!({
            "pledgor": pledgor.id, "loan_contract": "借字2022-001", "pledge_contract": "质字2022-001",
            "principal": "100000.00", "secured": "100000.00", "assessed_value": "200000.00",
            "valuation_method": "market price", "valued_on": "2022-12-01", "debt_from": "2022-12-01", "debt_to": "2023-11-30",
            "rights": [{"site": pledgor.site, "right_class": pledgor.class(pollutant), "quantity": quantity}],
        });
        self.client.post("/pledges", body).await
    }

    /// A pledge agreed by everybody, one step before its registration.
    pub async fn agreed_pledge(&self, world: &World, pledgor: &Enterprise, holding: &str) -> Uuid {
        let pledge = id(&self.applies(pledgor, holding).await.granted());
        world.city_officer.post(&format!("/pledges/{pledge}/verify"), json!({})).await.granted();
        pledgor.client.post(&format!("/pledges/{pledge}/agree"), json!({})).await.granted();
        pledge
    }

    /// Registers it.
    pub async fn registers(&self, pledge: Uuid) -> Answer {
        self.client.post(&format!("/pledges/{pledge}/register"), json!({})).await
    }

    /// Releases it.
    pub async fn releases(&self, pledge: Uuid) -> Answer {
        self.client.post(&format!("/pledges/{pledge}/release"), json!({})).await
    }
}

/// Brings people onto the stage.
struct Cast {
    app: Arc<TestApp>,
    operator: Client,
    numbers: Arc<AtomicU32>,
}

impl Cast {
    fn number(&self) -> u32 {
        self.numbers.fetch_add(1, Ordering::SeqCst)
    }

    async fn organisation(&self, name: &str, kind: &str, area: &str) -> Uuid {
        let body = json!({"code": credit_code(self.number()), "name": name, "kind": kind, "area": area});
        id(&self.operator.post("/organisations", body).await.granted())
    }

    async fn member(&self, organisation: Uuid, role: Role) -> Client {
        let number = self.number();
        let body = json!({"organisation": organisation, "login": format!("user.{number}"), "name": format!("User {number}"), "roles": [role.as_str()]});
        let user = id(&self.operator.post("/users", body).await.granted());
        let own = self.operator.get(&format!("/organisations/{organisation}")).await.granted();
        let area = own["area"].as_str().unwrap().to_owned();
        let caller = Caller {
            user: UserId(user),
            organisation: OrganisationId(organisation),
            roles: vec![role],
            area_path: path_of(&area),
            ..Caller::nobody()
        };
        Client::of(self.app.address, &self.app.shared, &caller)
    }

    async fn join(&self, name: &str, kind: &str, area: &str, role: Role) -> (Uuid, Client) {
        let organisation = self.organisation(name, kind, area).await;
        (organisation, self.member(organisation, role).await)
    }

    async fn site(&self, bureau: &Client, organisation: Uuid, area: &str, sector: Option<&str>) -> (Uuid, Uuid, Uuid) {
        let number = self.number();
        let site = json!({"number": format!("SITE-{number}"), "organisation": organisation, "name": format!("厂区{number}"), "area": area, "basin": basin_of(area), "sector": sector});
        let site = id(&bureau.post("/sites", site).await.granted());
        let quantities =
            json!([{"pollutant": "COD", "quantity": "500.000"}, {"pollutant": "SO2", "quantity": "500.000"}]);
        let permit = json!({"number": format!("PERMIT-{number}"), "site": site, "valid_from": "2021-01-01", "valid_to": "2025-12-31", "quantities": quantities});
        let permit = id(&bureau.post("/permits", permit).await.granted());
        let project = json!({"number": format!("P-{number}"), "site": site, "basis": "verified", "document": "总量核定", "verified_on": "2022-01-01"});
        let project = id(&bureau.post("/projects", project).await.granted());
        (site, permit, project)
    }

    async fn reserve(&self, bureau: &Client) -> Enterprise {
        let (organisation, client) = self.join("储备机构", "reserve", "421200", Role::ReserveTrader).await;
        let number = self.number();
        let site =
            json!({"number": format!("SITE-{number}"), "organisation": organisation, "name": "储备", "area": "421200"});
        let site = id(&bureau.post("/sites", site).await.granted());
        let (area, basin) = ("421200".to_owned(), "LUSHUI".to_owned());
        Enterprise { id: organisation, site, area, basin, permit: Uuid::nil(), project: Uuid::nil(), client }
    }
}

fn path_of(area: &str) -> String {
    match area {
        "420000" => "420000".to_owned(),
        "421200" | WUHAN => format!("420000/{area}"),
        county => format!("420000/421200/{county}"),
    }
}
