//! Whether the process lives, and whether it can serve.

use crate::concerns_nobody;
use crate::http::{Answer, Reply, Shared};
use crate::kernel::{Failure, Kind};
use axum::extract::State;
use sea_orm::{ConnectionTrait, Statement};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(Health);

/// The operations of health.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(check_life)).routes(routes!(check_readiness))
}

/// How it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `alive` or `ready`.
    #[schema(example = "ready", extensions(("x-words" = json!(["alive", "ready"]))))]
    pub status: String,
}

/// Whether the process lives.
#[utoipa::path(get, path = "/healthz", tag = "operations", operation_id = "check_life",
    responses((status = 200, description = "Alive", body = Health)))]
async fn check_life() -> Reply<Health> {
    Ok(Answer::plain(Health { status: "alive".to_owned() }))
}

/// Whether the database answers.
#[utoipa::path(get, path = "/readyz", tag = "operations", operation_id = "check_readiness",
    responses((status = 200, description = "Ready", body = Health)))]
async fn check_readiness(State(shared): State<Shared>) -> Reply<Health> {
    let statement = Statement::from_string(shared.db.backend(), "SELECT 1");
    let answered = shared.db.reader().query_one_raw(statement).await;
    answered.map_err(|error| Failure { kind: Kind::Busy, violations: Vec::new(), source: Some(Box::new(error)) })?;
    Ok(Answer::plain(Health { status: "ready".to_owned() }))
}
