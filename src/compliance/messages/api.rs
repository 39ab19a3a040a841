//! Messages of monitors.

use super::commands::{self, Receipt};
use super::{KeptMessage, Outcome, queries};
use crate::access::{Action, Permit};
use crate::compliance::ComplianceRefusal;
use crate::compliance::hj212::frames;
use crate::db::CommandKey;
use crate::http::extract::not_found;
use crate::http::field::FieldRefusal;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Reply, Shared, Signed, conduct, upload};
use crate::kernel::ids::MonitorMessageId;
use crate::kernel::{Failure, Kind, Moment, Refusal, Violation};
use crate::{concerns, concerns_nobody};
use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

concerns!(MonitorMessageView: Organisation [organisation]);
concerns_nobody!(MonitorReceiptView);

/// Most messages of a request: some seconds of a province.
const MOST_MESSAGES: usize = 5_000;

/// The operations on messages.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(receive_monitor_messages, list_monitor_messages))
        .routes(routes!(receive_monitor_stream))
        .routes(routes!(find_monitor_message))
}

/// Messages to hand in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MonitorMessages {
    /// Frames of HJ 212, as the monitors sent them.
    #[schema(example = json!(["##0123QN=20221201001500000;ST=32;CN=2031;PW=123456;MN=88888;Flag=5;CP=&&DataTime=20221130000000;w01018-Cou=46.630,w01018-Flag=N&&4680\r\n"]))]
    pub messages: Vec<String>,
}

/// A message that needs a look.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MonitorMessageFault)]
pub struct MonitorFaultView {
    /// Which, counted from 0.
    #[schema(example = 3)]
    pub index: usize,
    /// `held` or `refused`.
    #[schema(example = "refused", extensions(("x-words" = json!(["held", "refused"]))))]
    pub outcome: String,
    /// Code of the broken rule, when it is refused.
    #[schema(example = "CMP_WRONG_CRC")]
    pub code: Option<String>,
    /// In Chinese.
    #[schema(example = "CRC 校验失败：报文为 1C81，应为 1C80")]
    pub zh: Option<String>,
    /// In English.
    #[schema(example = "the check sum is 1C81, over the data it is 1C80")]
    pub en: Option<String>,
}

/// What became of messages.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[schema(as = MonitorReceipt)]
pub struct MonitorReceiptView {
    /// Kept, and their totals are counted.
    #[schema(example = 997)]
    pub counted: usize,
    /// Kept; they carry nothing that is counted: minutes, hours, other commands.
    #[schema(example = 0)]
    pub noted: usize,
    /// Kept, and at least one total of each is held for the bureau.
    #[schema(example = 1)]
    pub held: usize,
    /// Kept before: nothing has changed.
    #[schema(example = 1)]
    pub known: usize,
    /// Not kept.
    #[schema(example = 1)]
    pub refused: usize,
    /// Those that are held or refused.
    pub items: Vec<MonitorFaultView>,
}

/// The receipt; when nothing at all was taken, the problem that lists every message.
fn answer(receipts: &[Receipt]) -> Result<MonitorReceiptView, Failure> {
    let mut view = MonitorReceiptView::default();
    let mut violations: Vec<Violation> = Vec::new();
    for (index, receipt) in receipts.iter().enumerate() {
        let count = match receipt.outcome {
            Outcome::Counted => &mut view.counted,
            Outcome::Noted => &mut view.noted,
            Outcome::Held => &mut view.held,
            Outcome::Known => &mut view.known,
            Outcome::Refused => &mut view.refused,
        };
        *count += 1;
        let violation = receipt.refusal.as_ref().map(Refusal::violation);
        if matches!(receipt.outcome, Outcome::Held | Outcome::Refused) {
            let (zh, en) = violation.clone().map(|violation| (violation.zh, violation.en)).unzip();
            let code = violation.as_ref().map(|violation| violation.code.to_string());
            view.items.push(MonitorFaultView { index, outcome: receipt.outcome.as_str().to_owned(), code, zh, en });
        }
        violations.extend(violation.map(|violation| violation.within(&format!("messages[{index}]"))));
    }
    if view.refused == receipts.len() {
        return Err(Failure { kind: Kind::Refused, violations, source: None });
    }
    Ok(view)
}

async fn receive(
    shared: &Shared,
    permit: &Permit,
    key: &CommandKey,
    frames: Vec<Vec<u8>>,
) -> Result<MonitorReceiptView, Failure> {
    let mut fields = Fields::default();
    if frames.len() > MOST_MESSAGES {
        fields.take::<(), _>("messages", Err(FieldRefusal::BadCount { max: MOST_MESSAGES.to_string() }));
    }
    if frames.is_empty() {
        fields.take::<(), _>("messages", Err(ComplianceRefusal::BrokenFrame {}));
    }
    let frames = fields.finish(Some(frames))?;
    let received = shared.db.run_once(permit, key, &frames, |work, frames| {
        Box::pin(async move { answer(&commands::receive(work, frames).await?) })
    });
    received.await
}

/// Hand in messages of monitors in your area. Each is judged alone: those that are refused are named in the answer and keep nobody else's
/// out; when all of them are, the answer is the problem that lists them. A message that was handed in before changes nothing.
#[utoipa::path(post, path = "/monitor-messages", tag = "compliance", operation_id = "receive_monitor_messages",
    request_body = MonitorMessages, security(("bearer" = [])), extensions(("x-permission" = json!("send_monitor_data"))),
    responses((status = 200, description = "What became of them", body = MonitorReceiptView)))]
async fn receive_monitor_messages(
    State(shared): State<Shared>,
    command: Command<MonitorMessages>,
) -> Reply<MonitorReceiptView> {
    let permit = command.caller.may(Action::SendMonitorData)?;
    let frames = command.body.messages.into_iter().map(String::into_bytes).collect();
    Ok(Answer::plain(receive(&shared, &permit, &command.key, frames).await?))
}

/// Hand in messages as the bytes in which the monitors sent them, one frame after the other.
#[utoipa::path(post, path = "/monitor-messages/stream", tag = "compliance", operation_id = "receive_monitor_stream",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "Frames of HJ 212"),
    security(("bearer" = [])), extensions(("x-permission" = json!("send_monitor_data"))),
    responses((status = 200, description = "What became of them", body = MonitorReceiptView)))]
async fn receive_monitor_stream(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    request: Request,
) -> Reply<MonitorReceiptView> {
    let permit = caller.may(Action::SendMonitorData)?;
    let sent = upload::read(request, &shared, &caller, conduct::LARGEST_BODY).await?;
    let frames = frames(&sent.content).into_iter().map(<[u8]>::to_vec).collect();
    Ok(Answer::plain(receive(&shared, &permit, &sent.key, frames).await?))
}

/// A message as it is kept.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MonitorMessage)]
pub struct MonitorMessageView {
    /// Its identity.
    pub id: Uuid,
    /// Of which outlet.
    pub outlet: Uuid,
    /// Of which site.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// The number of the monitor.
    #[schema(example = "010000A8900016F000169DC0")]
    pub mn: String,
    /// When it was asked for, by the clock of the monitor: year to millisecond.
    #[schema(example = "20221201001500000")]
    pub qn: String,
    /// `2031` are the totals of a day.
    #[schema(example = 2031)]
    pub command: u16,
    /// The day whose totals it carries.
    #[schema(format = Date, example = "2022-11-30")]
    pub day: Option<String>,
    /// SHA-256 over its data segment.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub hash: String,
    /// Its data segment; the password of the monitor is blotted out.
    #[schema(
        example = "QN=20221201001500000;ST=32;CN=2031;PW=******;MN=88888;Flag=5;CP=&&DataTime=20221130000000;w01018-Cou=46.630&&"
    )]
    pub segment: String,
    /// Who handed it in.
    pub received_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Moment,
}

impl From<KeptMessage> for MonitorMessageView {
    fn from(message: KeptMessage) -> Self {
        Self {
            id: message.id.0,
            outlet: message.outlet.0,
            site: message.site.0,
            organisation: message.organisation.0,
            segment: message.shown(),
            mn: message.mn,
            qn: message.qn,
            command: message.command,
            day: message.day.map(|day| day.to_string()),
            hash: message.hash,
            received_by: message.received_by.0,
            received_at: message.received_at,
        }
    }
}

/// Filters of the messages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MonitorMessageQuery {
    /// Id of an outlet.
    outlet: Option<Uuid>,
    /// Id of a site.
    site: Option<Uuid>,
}

/// Messages that you may see.
#[utoipa::path(get, path = "/monitor-messages", tag = "compliance", operation_id = "list_monitor_messages",
    params(MonitorMessageQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "Messages in the order of arrival", body = Listing<MonitorMessageView>)))]
async fn list_monitor_messages(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<MonitorMessageQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<MonitorMessageView>> {
    caller.may(Action::ReadDischarge)?;
    let found = queries::list_messages(&shared.db, &caller.scope(), query.outlet, query.site, &page).await?;
    Ok(Answer::plain(found.map(MonitorMessageView::from).into()))
}

/// One message.
#[utoipa::path(get, path = "/monitor-messages/{id}", tag = "compliance", operation_id = "find_monitor_message",
    params(("id" = Uuid, Path, description = "Id of the message")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_discharge"))),
    responses((status = 200, description = "The message", body = MonitorMessageView)))]
async fn find_monitor_message(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<MonitorMessageId>,
) -> Reply<MonitorMessageView> {
    caller.may(Action::ReadDischarge)?;
    let found = queries::find_message(&shared.db, &caller.scope(), id).await?;
    Ok(Answer::plain(found.ok_or_else(|| not_found("monitor message"))?.into()))
}
