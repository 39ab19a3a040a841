//! A session as it goes on: server-sent events.

use super::api::find;
use super::api_views::{phase_of, price};
use super::auction::Auction;
use super::{queries, store};
use crate::access::Action;
use crate::concerns_nobody;
use crate::http::concern;
use crate::http::{Id, Problem, Shared, Signed};
use crate::kernel::ids::AuctionId;
use crate::kernel::{Failure, Moment};
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::Serialize;
use std::collections::HashMap;
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::Instant;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

// Numbers, no names.
concerns_nobody!(LiveView);

/// How often a listener's session is looked at.
const LOOKED_AT_EVERY: Duration = Duration::from_millis(300);
/// So many looks pass before a listener is told again though nothing has changed: the remaining time, every three seconds.
const TOLD_AGAIN_AFTER: u32 = 10;

/// The operations on a session as it goes on.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(follow_auction))
}

/// Where a lot stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LiveLot {
    /// Id of the lot.
    #[schema(example = "018569d8-2c80-7c3a-9b5e-0a4f3a1d2e01")]
    pub lot: Uuid,
    /// Its number in the session.
    #[schema(example = 1)]
    pub number: i64,
    /// `before`, `bidding`, `waiting`, `timed` or `over`.
    #[schema(example = "timed")]
    pub phase: String,
    /// When bidding for it ends, as far as its bids have moved that.
    #[schema(value_type = String, format = DateTime, example = "2022-12-22T10:05:10.000000+08:00")]
    pub ends_at: Moment,
    /// How many bids have arrived.
    #[schema(example = 12)]
    pub bids: i64,
    /// How many have bid by the planned close.
    #[schema(example = 5)]
    pub bidders: i64,
    /// The highest price so far, where bids are in the open.
    #[schema(example = "9240.00")]
    pub best_price: Option<String>,
}

/// A session at an instant.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AuctionLive)]
pub struct LiveView {
    /// State of the session.
    #[schema(example = "final")]
    pub state: String,
    /// The server's business time: clients count from this, not from their own clocks.
    #[schema(value_type = String, format = DateTime, example = "2022-12-22T10:04:30.000000+08:00")]
    pub now: Moment,
    /// Milliseconds that the phase of each lot still lasts, in the order of `lots`.
    #[schema(example = json!([40000]))]
    pub remaining_milliseconds: Vec<i64>,
    /// Its lots by number.
    pub lots: Vec<LiveLot>,
}

/// One event of a followed session.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuctionEvent {
    /// `state` when something has changed, `time` when only time has passed, and `ended` for the last one.
    #[schema(example = "state")]
    pub event: String,
    /// The session at an instant, as JSON.
    #[schema(
        example = r#"{"state":"final","now":"2022-12-22T10:04:30.000000+08:00","remaining_milliseconds":[40000],"lots":[]}"#
    )]
    pub data: String,
}

async fn look(shared: &Shared, auction: &Auction) -> Result<LiveView, Failure> {
    let lots = store::lots_of(shared.db.reader(), &[auction.id]).await?;
    let ids: Vec<_> = lots.iter().map(|lot| lot.id).collect();
    let best: HashMap<_, i64> = queries::best_prices(&shared.db, &ids).await?.into_iter().collect();
    let now = shared.db.clock().business_now();
    let mut live = LiveView {
        state: auction.state.as_str().to_owned(),
        now,
        remaining_milliseconds: Vec::new(),
        lots: Vec::new(),
    };
    for lot in &lots {
        let (phase, remaining) = phase_of(auction, lot, now);
        live.remaining_milliseconds.push(remaining);
        live.lots.push(LiveLot {
            lot: lot.id.0,
            number: lot.number,
            phase: phase.to_owned(),
            ends_at: lot.ends_at,
            bids: lot.bids,
            bidders: lot.bidders,
            best_price: best.get(&lot.id).map(|fen| price(*fen)).transpose()?,
        });
    }
    Ok(live)
}

/// Follow a session as it goes on: an event `state` with every change, `time` every three seconds, and `ended` with its end. Each says how
/// long the phase of every lot still lasts by the server's clock. The stream ends then, or after ten minutes if the operator has set nothing else.
#[utoipa::path(get, path = "/auctions/{id}/events", tag = "market", operation_id = "follow_auction",
    params(("id" = Uuid, Path, description = "Id of the session")), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_published"))),
    responses((status = 200, description = "Server-sent events; the data of each is the session at an instant, as JSON", body = AuctionEvent,
        content_type = "text/event-stream")))]
async fn follow_auction(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<AuctionId>,
) -> Result<Response, Problem> {
    caller.may(Action::ReadPublished)?;
    find(&shared, id).await?;
    let until = Instant::now() + shared.conduct.longest_stream;
    let listener = Listener { shared, id, told: None, silent: 0, is_first: true, until, is_over: false };
    let events = stream::unfold(listener, async |mut listener| {
        let event = listener.hear().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let mut response = Sse::new(events).keep_alive(KeepAlive::default()).into_response();
    let nobody: &[LiveView] = &[];
    concern::tell(&mut response, nobody);
    Ok(response)
}

/// Somebody who follows a session.
struct Listener {
    shared: Shared,
    id: AuctionId,
    told: Option<(String, Vec<LiveLot>)>,
    silent: u32,
    is_first: bool,
    until: Instant,
    is_over: bool,
}

impl Listener {
    /// The next event; nothing when the session is over or was followed long enough.
    async fn hear(&mut self) -> Option<Event> {
        while !self.is_over && Instant::now() < self.until {
            if !std::mem::take(&mut self.is_first) {
                tokio::time::sleep(LOOKED_AT_EVERY).await;
            }
            // A database that does not answer for a moment is asked again.
            let Ok(auction) = find(&self.shared, self.id).await else { continue };
            let Ok(live) = look(&self.shared, &auction).await else { continue };
            self.is_over = auction.state.is_over();
            let seen = Some((live.state.clone(), live.lots.clone()));
            let has_changed = self.told != seen;
            self.silent += 1;
            let name = match (self.is_over, has_changed) {
                (true, _) => "ended",
                (false, true) => "state",
                (false, false) if self.silent > TOLD_AGAIN_AFTER => "time",
                _ => continue,
            };
            (self.told, self.silent) = (seen, 0);
            let data = serde_json::to_string(&live).ok()?;
            let AuctionEvent { event, data } = AuctionEvent { event: name.to_owned(), data };
            return Some(Event::default().event(event).data(data));
        }
        None
    }
}
