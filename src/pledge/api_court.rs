//! Releases that courts order.

use super::api::{PledgeCommand, run};
use super::api_life::{MOST_THINGS, at_most, pledge_in_words, quantity_of};
use super::api_view::PledgeView;
use super::commands::Act;
use super::court::CourtRelease;
use super::court::commands::{self, CourtOrder, OrderedPart};
use super::pledge::Pledge;
use crate::access::Action;
use crate::encumbrance::Binders;
use crate::http::{Answer, Command, Fields, Id, Reply, Shared};
use crate::kernel::ids::{LienId, PledgeId};
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use axum::Extension;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The operations on releases by order of courts.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(release_pledge_by_court))
}

/// A lien of which a court has ordered something released.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CourtReleasedLien {
    /// Id of a lien of the pledge.
    pub lien: Uuid,
    /// How much goes back; decimal string in the pollutant's unit. All that the lien claims when left out.
    #[schema(example = "2.500")]
    pub quantity: Option<String>,
}

/// A release that a court has ordered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReleaseByCourt {
    /// Which court.
    #[schema(example = "咸宁市中级人民法院")]
    pub court: String,
    /// Number of its document (协助执行通知书), once for each pledge.
    #[schema(example = "(2022)鄂12执789号")]
    pub document: String,
    /// The date of the document.
    #[schema(format = Date, example = "2022-11-30")]
    pub dated_on: String,
    /// Why, as the document has it.
    #[schema(example = "主债权已清偿，判令注销质押登记")]
    pub ground: String,
    /// The liens of which something is released, each once; leave it out to release the whole pledge.
    #[serde(default)]
    #[schema(max_items = 50, example = json!([]))]
    pub liens: Vec<CourtReleasedLien>,
}

impl ReleaseByCourt {
    fn read(&self, act: Act, of: (&Pledge, &Words)) -> Result<CourtOrder, Failure> {
        let mut fields = Fields::default();
        let (court, document) = (fields.text("court", &self.court), fields.text("document", &self.document));
        let dated_on = fields.date("dated_on", &self.dated_on);
        let ground = fields.reason("ground", &self.ground);
        let mut parts = Vec::new();
        for (at, thing) in at_most(&mut fields, "liens", &self.liens).iter().take(MOST_THINGS).enumerate() {
            let place = format!("liens[{at}]");
            let quantity = quantity_of(&mut fields, of, (&place, thing.lien), thing.quantity.as_deref());
            parts.push(OrderedPart { lien: LienId(thing.lien), quantity });
        }
        let read = court.zip(document).zip(dated_on.zip(ground));
        fields.finish(read.map(|((court, document), (dated_on, ground))| CourtOrder {
            act,
            court,
            document,
            dated_on,
            ground,
            parts,
        }))
    }
}

/// Release a pledge by order of a court, as the exchange, or so much of its liens: what it lets go goes to whoever waits for it, as by the
/// pledgee's own release, and pledgee and pledgor are told. A part leaves what is owed and secured as it is.
#[utoipa::path(post, path = "/pledges/{id}/release-by-court", tag = "pledges", operation_id = "release_pledge_by_court",
    params(("id" = Uuid, Path, description = "Id of the pledge")), request_body = ReleaseByCourt, security(("bearer" = [])),
    extensions(("x-permission" = json!("record_freeze"))),
    responses((status = 200, description = "Released, in whole or in part", body = PledgeView)))]
async fn release_pledge_by_court(
    State(shared): State<Shared>,
    Extension(binders): Extension<Binders>,
    Id(pledge): Id<PledgeId>,
    command: Command<ReleaseByCourt>,
) -> Reply<PledgeView> {
    let permit = command.caller.may(Action::RecordFreeze)?;
    let (known, words) = pledge_in_words(&shared, &command.caller, pledge).await?;
    let order = command.body.read(Act { pledge, expected: command.expected }, (&known, &words))?;
    let release: PledgeCommand<(Binders, CourtOrder)> =
        |work, (binders, order)| Box::pin(commands::release(work, *binders, order));
    Ok(Answer::ok(run(&shared, &permit, &command.key, (binders, order), release).await?))
}

/// A release that a court has ordered, as it was recorded.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = CourtRelease)]
pub struct CourtReleaseView {
    /// Its identity.
    pub id: Uuid,
    /// Which court.
    #[schema(example = "咸宁市中级人民法院")]
    pub court: String,
    /// Number of its document.
    #[schema(example = "(2022)鄂12执789号")]
    pub document: String,
    /// The date of the document.
    #[schema(format = Date, example = "2022-11-30")]
    pub dated_on: String,
    /// Why, as the document has it.
    #[schema(example = "主债权已清偿，判令注销质押登记")]
    pub ground: String,
    /// The version of the terms that it made, where it has released a part; null of the whole.
    pub amendment: Option<Uuid>,
    /// When it was recorded, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// The journal of the release.
    pub journal: Uuid,
}

impl From<CourtRelease> for CourtReleaseView {
    fn from(release: CourtRelease) -> Self {
        Self {
            id: release.id.0,
            court: release.court,
            document: release.document,
            dated_on: release.dated_on.to_string(),
            ground: release.ground,
            amendment: release.amendment.map(|amendment| amendment.0),
            recorded_at: release.recorded_at,
            journal: release.journal.0,
        }
    }
}
