//! The whole life of liens: random histories through HTTP, with two mills, two banks, a buyer, the bureau, the exchange and the clock, with
//! junior liens, consents that run out, rights that end, and releases by a court, beside a model in plain numbers. After each act every stock
//! stands as the model says, every refusal is the one that it predicts, and at the end every lien says what the model does and the
//! verification finds nothing.

mod acts;
mod deals;
mod plain;

use crate::quota::tenure;
use crate::support::client::Answer;
use crate::support::world::{Bank, Enterprise};
use crate::support::{World, soak};
use acts::{Act, YEAR};
use ganhe::app::binders::BINDERS;
use ganhe::freeze::clock::pass_day;
use ganhe::kernel::ids::fresh;
use plain::{BANKS, COSTS, ENDING, LAST, LOAN, MILLS, PRICE, Plain, TONNES};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Acts of a history.
const ACTS: usize = 120;
/// A bounded run begins no further history after this time.
const BOUND: Duration = Duration::from_secs(14);
/// Histories of a bounded run.
const HISTORIES: usize = 4;

/// How often each act was done and refused.
type Told = BTreeMap<String, (usize, usize)>;

/// What stands on the real stage, by the numbers that the model gives it.
struct Stage {
    world: World,
    mills: Vec<Enterprise>,
    /// The class of each mill's rights, and the last day of those that end.
    classes: Vec<String>,
    last: String,
    buyer: Enterprise,
    banks: Vec<Bank>,
    /// Consents with their last days.
    consents: BTreeMap<(usize, usize), Vec<(Uuid, String)>>,
    offers: Vec<Uuid>,
    trades: BTreeMap<usize, Uuid>,
    pledges: Vec<Value>,
    disposals: Vec<Uuid>,
    sales: Vec<Uuid>,
    freezes: Vec<Uuid>,
}

fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// So many days after the business day of a world.
fn days_on(world: &World, days: i64) -> String {
    world.now().day().checked_add(jiff::Span::new().days(days)).unwrap().to_string()
}

fn money(yuan: i64) -> String {
    format!("{yuan}.00")
}

fn written(tonnes: i64) -> String {
    format!("{tonnes}.000")
}

impl Stage {
    async fn new() -> Self {
        let world = World::new().await;
        world.adopts(&[("junior_liens", "on")]).await.granted();
        let mut mills = Vec::new();
        let (mut classes, last) = (Vec::new(), days_on(&world, LAST));
        for (at, name) in ["临江纸业", "隽水纸业"].into_iter().enumerate() {
            let mill = world.enterprise(name).await;
            let to = if at == ENDING { last.as_str() } else { "2025-12-31" };
            classes.push(tenure::granted(&world, mill.site, &written(TONNES), "paid", to).await);
            world.reduces(&mill, &format!("{TONNES}.000 t COD")).await;
            mills.push(mill);
        }
        let buyer = world.buyer("通城砖瓦", "50000000.00").await;
        let banks = vec![world.bank.clone(), world.other_bank.clone()];
        Self {
            world,
            mills,
            classes,
            last,
            buyer,
            banks,
            consents: BTreeMap::new(),
            offers: Vec::new(),
            trades: BTreeMap::new(),
            pledges: Vec::new(),
            disposals: Vec::new(),
            sales: Vec::new(),
            freezes: Vec::new(),
        }
    }

    fn pledge(&self, pledge: usize, act: &str) -> String {
        format!("/pledges/{}/{act}", id(&self.pledges[pledge]))
    }

    fn bank(&self, model: &Plain, pledge: usize) -> &Bank {
        &self.banks[model.pledges[pledge].bank]
    }

    fn mill(&self, model: &Plain, pledge: usize) -> &Enterprise {
        &self.mills[model.pledges[pledge].mill]
    }

    /// Does an act as the model stands before it, and tells the last answer.
    async fn does(&mut self, act: Act, model: &Plain) -> Option<Answer> {
        match act {
            Act::Consent { mill, bank, days } => {
                let until = days_on(&self.world, days);
                let body = json!({"pledgee": self.banks[bank].id, "right_classes": [self.classes[mill]], "valid_until": until});
                let given = id(&self.mills[mill].client.post("/consents", body).await.granted());
                self.consents.entry((mill, bank)).or_default().push((given, until));
                None
            }
            Act::ConsentEnds { mill, bank } => {
                let (all, today) = (self.consents.remove(&(mill, bank)).unwrap_or_default(), days_on(&self.world, 0));
                for (given, _) in all.into_iter().filter(|(_, until)| *until >= today) {
                    let path = format!("/consents/{given}/withdraw");
                    self.mills[mill].client.post(&path, json!({})).await.granted();
                }
                None
            }
            Act::HoursPass { hours } => {
                for _ in 0..hours {
                    self.world.an_hour_passes();
                }
                pass_day(&self.world.app.shared.db, BINDERS, fresh()).await.unwrap();
                None
            }
            Act::Offer { .. } | Act::OfferEnds { .. } | Act::Accept { .. } | Act::Settle { .. } => {
                Some(self.trades(act, model).await)
            }
            Act::Freeze { .. }
            | Act::Lift { .. }
            | Act::LiftPart { .. }
            | Act::Execute { .. }
            | Act::ExecutePart { .. } => Some(self.court(act).await),
            Act::Dispose { .. }
            | Act::DisposalEnds { .. }
            | Act::DisposalSettles { .. }
            | Act::Ask { .. }
            | Act::AskEnds { .. }
            | Act::Agree { .. }
            | Act::SaleSettles { .. } => Some(self.deals(act, model).await),
            _ => Some(self.pledges(act, model).await),
        }
    }

    async fn trades(&mut self, act: Act, model: &Plain) -> Answer {
        match act {
            Act::Offer { mill, tonnes } => {
                let seller = &self.mills[mill];
                let body = json!({"seller_site": seller.site, "buyer_site": self.buyer.site, "right_class": self.classes[mill],
                    "quantity": written(tonnes), "unit_price": "8790.00"});
                let answer = seller.client.post("/offers", body).await;
                if answer.status.is_success() {
                    self.offers.push(id(&answer.body));
                }
                answer
            }
            Act::OfferEnds { offer } => {
                let path = format!("/offers/{}/withdraw", self.offers[offer]);
                self.mills[model.offers[offer].mill].client.post(&path, json!({"reason": "不卖了"})).await
            }
            Act::Accept { offer } => {
                let answer = self.buyer.accepts(self.offers[offer]).await;
                if answer.status.is_success() {
                    self.trades.insert(offer, id(&answer.body));
                }
                answer
            }
            Act::Settle { offer } => {
                let trade = self.trades[&offer];
                let answer = self.world.officer.post(&format!("/trades/{trade}/approve"), json!({})).await;
                if !answer.status.is_success() {
                    return answer;
                }
                self.buyer.pays(trade).await
            }
            _ => unreachable!("{act:?} is no act of the market"),
        }
    }

    async fn pledges(&mut self, act: Act, model: &Plain) -> Answer {
        let nothing = json!({});
        match act {
            Act::Apply { mill, bank, tonnes, is_junior } => {
                let mut application = self.application(mill, tonnes);
                application["rights"][0]["junior"] = json!(is_junior);
                let answer = self.banks[bank].client.post("/pledges", application).await;
                if answer.status.is_success() {
                    self.pledges.push(answer.body.clone());
                }
                answer
            }
            Act::Verify { pledge } => self.world.city_officer.post(&self.pledge(pledge, "verify"), nothing).await,
            Act::PledgorAgrees { pledge } => {
                self.mill(model, pledge).client.post(&self.pledge(pledge, "agree"), nothing).await
            }
            Act::Register { pledge } => self.says(model, pledge, "register", nothing).await,
            Act::Withdraw { pledge } => self.says(model, pledge, "withdraw", nothing).await,
            Act::Release { pledge } => self.says(model, pledge, "release", nothing).await,
            Act::CourtReleases { pledge } => {
                let order = json!({"court": "咸宁市中级人民法院", "document": "(2022)鄂12执789号", "dated_on": "2022-12-01",
                    "ground": "主债权已清偿"});
                self.world.exchange.post(&self.pledge(pledge, "release-by-court"), order).await
            }
            Act::ReleasePart { pledge, tonnes } => {
                let part = json!({"lien": self.pledges[pledge]["liens"][0]["id"], "quantity": written(tonnes)});
                self.says(model, pledge, "release-part", json!({"reason": "部分还款", "liens": [part]})).await
            }
            Act::Change { pledge, tonnes } => {
                let more = json!({"lien": self.pledges[pledge]["liens"][0]["id"], "add_quantity": written(tonnes)});
                self.says(model, pledge, "amendments", json!({"reason": "追加质押", "liens": [more]})).await
            }
            Act::ChangeAgreed { pledge } => {
                self.mill(model, pledge).client.post(&self.pledge(pledge, "agree-amendment"), nothing).await
            }
            Act::ChangeEnds { pledge } => self.says(model, pledge, "withdraw-amendment", nothing).await,
            Act::Default { pledge } => {
                let notice = json!({"reason": "逾期未还", "amount_due": money(LOAN)});
                self.says(model, pledge, "declare-default", notice).await
            }
            Act::Cure { pledge } => self.says(model, pledge, "cure-default", nothing).await,
            _ => unreachable!("{act:?} is no act on a pledge"),
        }
    }

    async fn says(&self, model: &Plain, pledge: usize, act: &str, body: Value) -> Answer {
        self.bank(model, pledge).client.post(&self.pledge(pledge, act), body).await
    }

    fn application(&self, mill: usize, tonnes: i64) -> Value {
        let (class, debt_to) = (&self.classes[mill], if mill == ENDING { self.last.as_str() } else { "2023-11-30" });
        let (mill, loan) = (&self.mills[mill], money(LOAN));
        json!({
            "pledgor": mill.id, "loan_contract": "借字2022-007", "pledge_contract": "质字2022-007",
            "principal": loan, "secured": loan, "assessed_value": "200000.00", "valuation_method": "market_price",
            "valued_on": "2022-12-01", "debt_from": "2022-12-01", "debt_to": debt_to,
            "rights": [{"site": mill.site, "right_class": class, "quantity": written(tonnes)}],
        })
    }

    async fn deals(&mut self, act: Act, model: &Plain) -> Answer {
        let (nothing, bank) = (json!({}), self.world.settlement_bank);
        let terms = |stage: &Self, pledge: usize, tonnes: i64| {
            json!({"lien": stage.pledges[pledge]["liens"][0]["id"], "buyer_site": stage.buyer.site,
                "project": stage.buyer.project, "quantity": written(tonnes), "unit_price": money(PRICE)})
        };
        match act {
            Act::Dispose { pledge, tonnes } => {
                let mut body = terms(self, pledge, tonnes);
                let owed = money(model.owed(pledge, tonnes));
                let more = json!({"mode": "auction", "document": "处置2022-001", "costs": money(COSTS), "owed": owed,
                    "settlement_bank": bank});
                body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
                let answer = self.says(model, pledge, "disposals", body).await;
                if answer.status.is_success() {
                    self.disposals.push(id(&answer.body));
                }
                answer
            }
            Act::DisposalEnds { disposal } => {
                let path = format!("/disposals/{}/withdraw", self.disposals[disposal]);
                self.bank(model, model.disposals[disposal].pledge).client.post(&path, nothing).await
            }
            Act::DisposalSettles { disposal } => {
                self.buyer.client.post(&format!("/disposals/{}/settle", self.disposals[disposal]), nothing).await
            }
            Act::Ask { pledge, tonnes } => {
                let body = terms(self, pledge, tonnes);
                let path = self.pledge(pledge, "consented-sales");
                let answer = self.mill(model, pledge).client.post(&path, body).await;
                if answer.status.is_success() {
                    self.sales.push(id(&answer.body));
                }
                answer
            }
            Act::AskEnds { sale } => {
                let path = format!("/consented-sales/{}/withdraw", self.sales[sale]);
                self.mill(model, model.sales[sale].pledge).client.post(&path, nothing).await
            }
            Act::Agree { sale } => {
                let to_claim = money(model.sales[sale].claim);
                let order = json!({"document": "同意转让2022-001", "to_claim": to_claim, "settlement_bank": bank});
                let path = format!("/consented-sales/{}/consent", self.sales[sale]);
                let answer = self.bank(model, model.sales[sale].pledge).client.post(&path, order).await;
                if !answer.status.is_success() {
                    return answer;
                }
                let approve = format!("/trades/{}/approve", answer.body["trade"].as_str().unwrap());
                self.world.officer.post(&approve, nothing).await
            }
            Act::SaleSettles { sale } => {
                self.buyer.client.post(&format!("/consented-sales/{}/settle", self.sales[sale]), nothing).await
            }
            _ => unreachable!("{act:?} is no deal"),
        }
    }

    fn document(freeze: usize) -> String {
        format!("(2022)鄂12执{freeze}号")
    }

    async fn court(&mut self, act: Act) -> Answer {
        let orders = |freeze: usize| json!({"freezing_document": Self::document(freeze), "document": "之一"});
        let (freeze, word, more) = match act {
            Act::Freeze { mill, tonnes, days } => return self.freezes(mill, tonnes, days).await,
            Act::Lift { freeze } => (freeze, "lift", json!({})),
            Act::LiftPart { freeze, tonnes } => (freeze, "lift", json!({"quantity": written(tonnes)})),
            Act::Execute { freeze } => (freeze, "execute", json!({})),
            Act::ExecutePart { freeze, tonnes } => (freeze, "execute", json!({"quantity": written(tonnes)})),
            _ => unreachable!("{act:?} is no act of a court"),
        };
        let mut body = orders(freeze);
        if word == "execute" {
            body["buyer_site"] = json!(self.buyer.site);
            body["unit_price"] = json!("5000.00");
        }
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.world.exchange.post(&format!("/freezes/{}/{word}", self.freezes[freeze]), body).await
    }

    async fn freezes(&mut self, mill: usize, tonnes: i64, days: Option<i64>) -> Answer {
        let (class, mill) = (&self.classes[mill], &self.mills[mill]);
        let until = days.map(|days| days_on(&self.world, days));
        let body = json!({"document": Self::document(self.freezes.len()), "court": "咸宁市中级人民法院", "site": mill.site,
            "right_class": class, "quantity": written(tonnes), "until": until});
        let answer = self.world.exchange.post("/freezes", body).await;
        if answer.status.is_success() {
            self.freezes.push(id(&answer.body));
        }
        answer
    }

    /// Every stock stands as the model says.
    async fn stands_as(&self, model: &Plain) -> Result<(), String> {
        for (at, (mill, class)) in self.mills.iter().zip(&self.classes).enumerate() {
            for (purpose, told) in ["available", "committed", "pledged", "frozen"].iter().zip(model.stands(at)) {
                self.stands(mill.site, class, purpose, told).await?;
            }
            self.stands(self.buyer.site, class, "available", model.bought[at]).await?;
        }
        Ok(())
    }

    async fn expect(&self, model: &Plain, done: &[Act]) {
        if let Err(fault) = self.stands_as(model).await {
            panic!("{fault} after {done:#?}\n{model:#?}");
        }
    }

    /// Every pledge in force says of itself what the model does: what it holds, and what it waits for behind others.
    async fn liens_stand_as(&self, model: &Plain) {
        for (at, one) in model.pledges.iter().enumerate().filter(|(_, one)| one.is_in_force()) {
            let found = self.bank(model, at).client.get(&format!("/pledges/{}", id(&self.pledges[at]))).await.granted();
            let lien = &found["liens"][0];
            let told = (written(one.tonnes), written(one.waiting));
            assert_eq!(
                (lien["held"].as_str(), lien["waiting"].as_str()),
                (Some(&*told.0), Some(&*told.1)),
                "{model:#?}"
            );
        }
    }

    async fn stands(&self, site: Uuid, class: &str, purpose: &str, told: i64) -> Result<(), String> {
        let found: Decimal = self.world.balance(site, class, purpose).await.parse().unwrap();
        if found == Decimal::from(told) { Ok(()) } else { Err(format!("{purpose} of {site} is {found}, not {told}")) }
    }
}

/// A history from a seed.
async fn history(seed: u64, told: &mut Told) {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut stage, mut model, mut done) = (Stage::new().await, Plain::new(), Vec::new());
    // Its first day has begun hours ago, in Shanghai.
    model.hours = (stage.world.now().micros() / 3_600_000_000 + 8) % 24;
    let opening = (0..MILLS).flat_map(|mill| (0..BANKS).map(move |bank| Act::Consent { mill, bank, days: YEAR }));
    let mut opening: Vec<Act> = opening.collect();
    for _ in 0..ACTS {
        let act = opening.pop().unwrap_or_else(|| acts::next(&mut random, &model));
        done.push(act);
        let answer = stage.does(act, &model).await;
        let predicted = model.does(act);
        judge(act, answer.as_ref(), predicted, &done);
        let (is_done, is_refused) = told.entry(act.name()).or_default();
        *if predicted.is_ok() { is_done } else { is_refused } += 1;
        stage.expect(&model, &done).await;
        // Whoever comes later stands later in the line.
        stage.world.an_hour_passes();
        model.hours += 1;
        if model.day_begins() {
            tenure::day_passes(&stage.world).await;
            stage.expect(&model, &done).await;
        }
    }
    stage.liens_stand_as(&model).await;
    stage.world.books_are_right().await;
}

fn judge(act: Act, answer: Option<&Answer>, predicted: Result<(), plain::Refused>, done: &[Act]) {
    let Some(answer) = answer else { return };
    let is_success = answer.status.is_success();
    match predicted {
        Ok(()) => assert!(is_success, "{act:?} is refused: {:#}\nafter {done:#?}", answer.body),
        Err(codes) => {
            assert!(!is_success, "{act:?} is done, and {codes:?} was predicted, after {done:#?}");
            let said = answer.codes();
            let is_told = codes.iter().any(|code| said.contains(code) || answer.body["code"] == **code);
            assert!(is_told, "{act:?} is refused with {said:?}, and {codes:?} was predicted, after {done:#?}");
        }
    }
}

#[tokio::test]
async fn every_life_of_a_lien_leaves_each_gram_where_the_plain_model_has_it() {
    let (began, seed) = (Instant::now(), soak::seed());
    let longest = soak::duration().unwrap_or(BOUND);
    let mut seeds = StdRng::seed_from_u64(seed);
    let (mut histories, mut told) = (0, Told::new());
    while began.elapsed() < longest && (soak::duration().is_some() || histories < HISTORIES) {
        let seed = if histories == 0 { seed } else { seeds.random() };
        let announced = soak::Announced::new("life of liens", seed);
        history(seed, &mut told).await;
        announced.ends_well();
        histories += 1;
    }
    let (done, refused) = told.values().fold((0, 0), |(done, refused), (more, less)| (done + more, refused + less));
    let text = format!("{histories} histories in {:.0?}: {done} acts done, {refused} refused", began.elapsed());
    soak::conclude("life of liens", &text);
    assert!(done > refused / 4 && refused > 0, "{text}: {told:?}");
}

#[test]
fn in_the_life_of_liens_every_act_is_sometimes_done_and_sometimes_refused() {
    let (mut told, mut waited, mut lapsed) = (Told::new(), 0, 0);
    for seed in 0..400 {
        let (mut random, mut model) = (StdRng::seed_from_u64(seed), Plain::new());
        for mill in 0..MILLS {
            for bank in 0..BANKS {
                model.does(Act::Consent { mill, bank, days: YEAR }).unwrap();
            }
        }
        for _ in 0..ACTS {
            let act = acts::next(&mut random, &model);
            let (is_done, is_refused) = told.entry(act.name()).or_default();
            *if model.does(act).is_ok() { is_done } else { is_refused } += 1;
            model.hours += 1;
            model.day_begins();
            for mill in 0..MILLS {
                assert!(model.stands(mill).iter().all(|tonnes| *tonnes >= 0), "{act:?}: {model:#?}");
                assert!(model.pledges.iter().all(|one| one.waiting >= 0), "{act:?}: {model:#?}");
            }
            waited += usize::from(model.pledges.iter().any(|one| one.waiting > 0));
        }
        lapsed += usize::from(model.lapsed > 0);
    }
    let free = ["Consent", "ConsentEnds", "HoursPass"];
    for (name, (done, refused)) in &told {
        let is_free = free.contains(&name.as_str());
        assert!(*done > 5 && (*refused > 5 || is_free), "{name}: {done} done, {refused} refused; {told:?}");
    }
    assert!(lapsed > 40, "in {lapsed} histories rights end of which a lien holds some");
    assert!(waited > 300, "in {waited} moments somebody waits behind a lien");
    assert_eq!(told.len(), 32, "{told:?}");
}
