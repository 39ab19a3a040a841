//! Four eyes and the three systems, through HTTP: the inbox, commands that wait for a second person, decision records, and
//! documents as evidence.

mod approvals;
mod documents;
mod programs;
mod proposals;
mod reasons;
mod records;
mod tasks;

use crate::support::{Answer, Client};
use serde_json::{Value, json};
use uuid::Uuid;

/// The id of what was answered.
pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap_or_else(|| panic!("no id in {value:#}")).parse().unwrap()
}

/// What waits for somebody.
pub async fn inbox(client: &Client) -> Vec<Value> {
    client.get("/tasks?limit=200").await.granted()["items"].as_array().unwrap().clone()
}

/// The one task about a thing that somebody may decide.
pub async fn task_about(client: &Client, subject: Uuid) -> Value {
    let found = client.get(&format!("/tasks?subject={subject}")).await.granted();
    let items = found["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{found:#}");
    items[0].clone()
}

/// Says yes.
pub async fn approves(client: &Client, task: &Value) -> Answer {
    let body = json!({"outcome": "approved", "reason": "同意"});
    client.post(&format!("/tasks/{}/decide", id(task)), body).await
}

/// Says no.
pub async fn refuses(client: &Client, task: &Value, reason: &str) -> Answer {
    client.post(&format!("/tasks/{}/decide", id(task)), json!({"outcome": "refused", "reason": reason})).await
}

/// The decision record of a task.
pub async fn record_of(client: &Client, task: &Value) -> Value {
    client.get(&format!("/decisions/{}", id(task))).await.granted()
}
