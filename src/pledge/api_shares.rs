//! Several pledgees of one pledge: their shares, and their yes.

use super::api::{PledgeCommand, act};
use super::api_view::PledgeView;
use super::commands::Act;
use super::pledge::Pledge;
use super::shares::Payment;
use super::shares::commands::{self, NamedPledgee};
use crate::access::Action;
use crate::http::{Command, Empty, Fields, Id, Reply, Shared};
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, PledgeId};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most pledgees of one pledge; more than any syndicate of a county has.
const MOST_PLEDGEES: usize = 20;

/// The operations on shares.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(join_pledge))
}

/// A pledgee of several.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PledgeeField {
    /// Id of the bank or guarantor.
    pub pledgee: Uuid,
    /// CNY; its part of what is secured. All of them make the whole.
    #[schema(example = "115000.00")]
    pub share: String,
}

/// The pledgees that an application names.
pub(super) fn read_pledgees(fields: &mut Fields, told: &[PledgeeField]) -> Vec<NamedPledgee> {
    if told.is_empty() {
        return Vec::new();
    }
    let told = fields.count("pledgees", told, MOST_PLEDGEES);
    let mut named = Vec::with_capacity(told.len());
    for (at, pledgee) in told.iter().take(MOST_PLEDGEES).enumerate() {
        let share = fields.money(&format!("pledgees[{at}].share"), &pledgee.share);
        named.extend(share.map(|share| NamedPledgee { pledgee: OrganisationId(pledgee.pledgee), share }));
    }
    named
}

/// A pledgee, with its share of what is secured.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Pledgee)]
pub struct PledgeeView {
    /// Id of the bank or guarantor (质权人).
    pub pledgee: Uuid,
    /// CNY; its part of what is secured now (份额).
    #[schema(example = "115000.00")]
    pub share: String,
    /// Whether it leads (代理行) and acts for all.
    #[schema(example = true)]
    pub leads: bool,
    /// When it said yes, in business time; the leader by its application.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub joined_at: Option<Moment>,
}

impl PledgeeView {
    /// The pledgees of a pledge, the leader first.
    pub(super) fn of(pledge: &Pledge) -> Vec<Self> {
        let of = |(at, part): (usize, super::shares::PartOf)| {
            let joined = pledge.shares.get(at).map(|share| share.joined.map(|(_, at)| at));
            Self {
                pledgee: part.pledgee.0,
                share: part.amount.print(),
                leads: part.pledgee == pledge.pledgee,
                joined_at: joined.unwrap_or(Some(pledge.applied_at)),
            }
        };
        pledge.parts_of(pledge.terms.secured).into_iter().enumerate().map(of).collect()
    }
}

/// What one of several pledgees got of a disposal.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = PledgeePayment)]
pub struct PaymentView {
    /// Id of the bank or guarantor.
    pub pledgee: Uuid,
    /// CNY; what was owed to it.
    #[schema(example = "30500.00")]
    pub owed: String,
    /// CNY; what it got.
    #[schema(example = "30500.00")]
    pub paid: String,
    /// CNY; what is still owed to it.
    #[schema(example = "0.00")]
    pub shortfall: String,
}

impl From<&Payment> for PaymentView {
    fn from(payment: &Payment) -> Self {
        Self {
            pledgee: payment.pledgee.0,
            owed: payment.owed.print(),
            paid: payment.paid.print(),
            shortfall: payment.shortfall().print(),
        }
    }
}

/// Say yes to your share of a pledge, as one of its pledgees: it is not registered before all of them have.
#[utoipa::path(post, path = "/pledges/{id}/join", tag = "pledges", operation_id = "join_pledge",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = Empty, security(("bearer" = [])),
    extensions(("x-permission" = json!("register_pledge"))),
    responses((status = 200, description = "Joined", body = PledgeView)))]
async fn join_pledge(State(shared): State<Shared>, Id(id): Id<PledgeId>, command: Command<Empty>) -> Reply<PledgeView> {
    let join: PledgeCommand<[Act; 1]> = |work, acts| Box::pin(commands::join(work, acts));
    act(&shared, id, &command, Action::RegisterPledge, join).await
}
