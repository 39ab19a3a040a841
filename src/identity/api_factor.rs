//! Enrolling and removing one's own second factor.

use super::api_auth::{Code, EntryView, answer, door};
use super::sign_in;
use crate::concerns_nobody;
use crate::http::{Address, Answer, Body, Reply, Shared, SignedIn};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(Enrolment, Enrolled, FactorView);

/// The operations on one's second factor.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(enrol_second_factor))
        .routes(routes!(confirm_second_factor))
        .routes(routes!(remove_own_second_factor))
}

/// Who enrols.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Enrol {
    /// The password once more: a token alone enrols nothing.
    #[schema(example = "ganhe-demo-2022", format = Password)]
    pub password: String,
}

/// A second factor to take into an authenticator app.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enrolment {
    /// The secret, base32. It is shown once.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    pub secret: String,
    /// The same for the app, usually as a QR code.
    #[schema(example = "otpauth://totp/Ganhe:tongcheng.officer?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Ganhe")]
    pub otpauth_uri: String,
}

/// Begin to enrol a second factor (TOTP: SHA-1, 6 digits, 30 seconds). It counts from its first code on.
#[utoipa::path(post, path = "/auth/second-factor/enrolment", tag = "identity", operation_id = "enrol_second_factor",
    request_body = Enrol, security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 201, description = "To be confirmed by a code", body = Enrolment)))]
async fn enrol_second_factor(
    State(shared): State<Shared>,
    Address(address): Address,
    SignedIn(bearer): SignedIn,
    Body(Enrol { password }): Body<Enrol>,
) -> Reply<Enrolment> {
    let (factor, member) = sign_in::enrol(door(&shared), &bearer, &password, address).await?;
    let otpauth_uri = factor.address(&member.user.login)?;
    Ok(Answer::plainly_created(Enrolment { secret: factor.secret, otpauth_uri }))
}

/// A second factor that counts from now on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Enrolled {
    /// Codes for the day on which the app is lost, each good once. They are shown once: print them.
    #[schema(example = json!(["7KQ2M-X4HTB-9WEND-CF3RV"]))]
    pub recovery_codes: Vec<String>,
    /// Tokens that have the second factor.
    pub session: EntryView,
}

/// Confirm an enrolment by a code of the app.
#[utoipa::path(post, path = "/auth/second-factor/confirmation", tag = "identity", operation_id = "confirm_second_factor",
    request_body = Code, security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 200, description = "Active", body = Enrolled)))]
async fn confirm_second_factor(
    State(shared): State<Shared>,
    SignedIn(bearer): SignedIn,
    Body(Code { code }): Body<Code>,
) -> Reply<Enrolled> {
    let (entry, recovery_codes) = sign_in::confirm_enrolment(door(&shared), &bearer, &code).await?;
    Ok(Answer::plain(Enrolled { recovery_codes, session: answer(&shared, entry).await? }))
}

/// Whether a second factor is active.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FactorView {
    /// `removed`.
    #[schema(example = "removed")]
    pub state: String,
}

impl FactorView {
    /// One that is no more.
    pub(super) fn removed() -> Self {
        Self { state: "removed".to_owned() }
    }
}

/// Remove your second factor, against one of its codes: before you enrol another app.
#[utoipa::path(post, path = "/auth/second-factor/removal", tag = "identity", operation_id = "remove_own_second_factor",
    request_body = Code, security(("bearer" = [])), extensions(("x-permission" = json!("keep_own_sign_in"))),
    responses((status = 200, description = "Removed", body = FactorView)))]
async fn remove_own_second_factor(
    State(shared): State<Shared>,
    SignedIn(bearer): SignedIn,
    Body(Code { code }): Body<Code>,
) -> Reply<FactorView> {
    sign_in::remove_own_factor(door(&shared), &bearer, &code).await?;
    Ok(Answer::plain(FactorView::removed()))
}
