//! Money at the settlement bank as stories: payments as the bank sees them, and its statements beside our books.

mod payments;
mod races;
mod statements;
mod undoing;

use crate::support::client::Answer;
use crate::support::{Client, World};
use serde_json::{Value, json};
use uuid::Uuid;

pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// A payment with this text, as the bank tells it.
pub fn payment(reference: &str, text: &str, amount: &str) -> Value {
    json!({"bank_reference": reference, "payer_name": "通城玻璃有限公司", "payer_account": "6222020000000000001",
        "text": text, "amount": amount})
}

/// The bank tells payments.
pub async fn tells(bank: &Client, payments: &[Value]) -> Answer {
    bank.post("/money/payments", json!({"payments": payments})).await
}

/// The bank tells one payment: what became of it.
pub async fn told(bank: &Client, reference: &str, text: &str, amount: &str) -> Value {
    tells(bank, &[payment(reference, text, amount)]).await.granted()["payments"][0].clone()
}

/// What is in suspense.
pub async fn suspense(world: &World) -> String {
    let trial = world.auditor.get("/audit/trial-balance").await.granted();
    let money = trial["assets"].as_array().unwrap().iter().find(|asset| asset["asset"] == "CNY").unwrap().clone();
    let lines = money["lines"].as_array().unwrap().clone();
    let line = lines.iter().find(|line| line["purpose"] == "suspense");
    line.map_or_else(|| "0.00".to_owned(), |line| line["balance"].as_str().unwrap().to_owned())
}

/// A fact of this house: payments, codes, a reconciled statement and its differences, each of them in every state, for whoever needs
/// rows in every table.
pub async fn happened(world: &World, mill: &crate::support::world::Enterprise) {
    let bank = &world.settlement;
    let code = json!({"organisation": mill.id, "code": "8800421222000017"});
    bank.post("/money/payment-codes", code).await.granted();
    told(bank, "PY-H-1", "8800421222000017 货款", "10.00").await;
    let unmatched = told(bank, "PY-H-2", "货款", "20.00").await;
    let matched = json!({"organisation": mill.id, "reason": "来函确认"});
    bank.post(&format!("/money/payments/{}/match", id(&unmatched)), matched).await.granted();
    let unmatched = told(bank, "PY-H-3", "货款", "30.00").await;
    let returned = json!({"bank_reference": "PY-H-4", "reason": "付款单位要求退回"});
    bank.post(&format!("/money/payments/{}/return", id(&unmatched)), returned).await.granted();
    told(bank, "PY-H-5", "货款", "40.00").await;
    let mistaken = told(bank, "PY-H-6", "货款", "50.00").await;
    let matched = json!({"organisation": mill.id, "reason": "来函确认"});
    bank.post(&format!("/money/payments/{}/match", id(&mistaken)), matched).await.granted();
    let reason = json!({"reason": "认领有误"});
    bank.post(&format!("/money/payments/{}/undo-match", id(&mistaken)), reason).await.granted();
    let day = world.now().day().to_string();
    for text in ["8800421222000017", "另一行"] {
        let file = format!(
            "date,bank_reference,direction,amount,text\n{day},PY-H-1,in,10.00,{text}\n{day},NOT-OURS,in,1.00,{text}\n"
        );
        statements::reconciled(bank, &day, &file).await;
    }
    let open = bank.get("/money/bank-differences?state=open").await.granted();
    let path = format!("/money/bank-differences/{}/close", id(&open["items"][0]));
    bank.post(&path, json!({"reason": "银行次日入账"})).await.granted();
}
