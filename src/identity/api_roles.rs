//! The roles that there are and what each may do, for whoever hands them out.

use crate::access::{Action, Role};
use crate::concerns_nobody;
use crate::http::{Answer, Filters, Listing, NoFilters, Reply, Shared};
use crate::parties::organisation::OrganisationKind;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

concerns_nobody!(RoleView);

/// The operation that tells the roles.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_roles))
}

/// Something that can be permitted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Permission)]
pub struct PermissionView {
    /// Its word, as `x-permission` of the contract names it.
    #[schema(example = "register_pledge")]
    pub permission: String,
    /// Its Chinese name.
    #[schema(example = "申请与登记质押")]
    pub name_zh: String,
    /// Its English name.
    #[schema(example = "Apply for and register pledges")]
    pub name_en: String,
    /// Whether a person needs a second factor given lately for it.
    #[schema(example = true)]
    pub needs_second_factor: bool,
}

impl From<Action> for PermissionView {
    fn from(action: Action) -> Self {
        let (zh, en) = action.names();
        Self {
            permission: action.as_str().to_owned(),
            name_zh: zh.to_owned(),
            name_en: en.to_owned(),
            needs_second_factor: action.needs_second_factor(),
        }
    }
}

/// What a user may be in an organisation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Role)]
pub struct RoleView {
    /// Its word.
    #[schema(example = "pledgee_officer")]
    pub role: String,
    /// Its Chinese name.
    #[schema(example = "银行质权经办")]
    pub name_zh: String,
    /// Its English name.
    #[schema(example = "Pledgee officer")]
    pub name_en: String,
    /// Kinds of organisations whose users may have it.
    #[schema(example = json!(["bank", "guarantor"]))]
    pub organisation_kinds: Vec<String>,
    /// What it may do, those permissions among it that every role has.
    pub permissions: Vec<PermissionView>,
}

impl From<Role> for RoleView {
    fn from(role: Role) -> Self {
        let (zh, en) = role.names();
        let kinds = OrganisationKind::WORDS.iter().filter_map(|word| OrganisationKind::parse(word));
        let fitting = kinds.filter(|kind| kind.roles().contains(&role)).map(|kind| kind.as_str().to_owned());
        let permitted = Action::ALL.iter().copied().filter(|action| role.may(*action));
        Self {
            role: role.as_str().to_owned(),
            name_zh: zh.to_owned(),
            name_en: en.to_owned(),
            organisation_kinds: fitting.collect(),
            permissions: permitted.map(PermissionView::from).collect(),
        }
    }
}

/// Every role with its names, the kinds of organisations that it fits, and what it may do. Nobody needs to sign in for it: who may do what
/// is no secret.
#[utoipa::path(get, path = "/roles", tag = "identity", operation_id = "list_roles",
    responses((status = 200, description = "Every role", body = Listing<RoleView>)))]
async fn list_roles(_filters: Filters<NoFilters>) -> Reply<Listing<RoleView>> {
    let items = Role::ALL.iter().copied().map(RoleView::from).collect();
    Ok(Answer::plain(Listing { items, next_cursor: None }))
}
