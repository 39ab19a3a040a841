//! Organisations, their people, what they hand to each other, and who looks at whose data.

mod delegations;
pub mod facts;
mod hidden;
mod members;
pub mod permits;
mod publicity;
mod reads;
mod reference;
mod registration;
mod rulebook;
mod suspension;

use crate::support::World;
use crate::support::world::{Member, TONGCHENG};
use ganhe::access::Role;
use serde_json::{Value, json};
use uuid::Uuid;

/// Password of everybody who applies.
pub const PASSWORD: &str = "correct-horse-battery";

pub fn id(value: &Value) -> Uuid {
    value["id"].as_str().unwrap().parse().unwrap()
}

/// What an enterprise sends to apply.
pub fn application(code: &str, login: &str) -> Value {
    json!({
        "organisation": {"code": code, "name": "通城造纸有限公司", "kind": "enterprise", "area": TONGCHENG, "sector": "paper"},
        "administrator": {"login": login, "name": "王敏", "password": PASSWORD},
    })
}

/// An enterprise of Tongcheng that has applied, with its administrator signed in.
pub async fn applicant(world: &World, login: &str) -> Member {
    let body = application(&world.fresh_code(), login);
    let applied = world.nobody().post("/organisations/applications", body).await.granted();
    let (organisation, user) = (id(&applied["organisation"]), id(&applied["administrator"]));
    world.signed_in(user, organisation, TONGCHENG, &[Role::OrganisationAdmin])
}
