//! How often somebody may ask: by address before anybody looks at the token, by user after it; and how often an address may apply for an
//! organisation, which nobody signs in for and which leaves something behind. What is left is told in the fields
//! `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers). Each node counts for itself and keeps no history:
//! a limit is a rate of return (GCRA), so that nobody gets twice the limit around the turn of a window.

use crate::http::conduct::{Conduct, Rate};
use crate::http::extract::RequestRefusal;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Requests between two looks at the memory of a limit.
const SWEPT_EVERY: u32 = 4_096;
/// Callers remembered by one limit: some tens of megabytes. Beyond it those who asked longest ago, and so have their whole allowance
/// back, are forgotten; if nobody has, newcomers share one allowance.
const MOST_CALLERS: usize = 200_000;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// What is left of one allowance after a request.
#[derive(Debug, Clone, Copy)]
struct Left {
    name: &'static str,
    rate: Rate,
    remaining: u32,
    /// Until the whole allowance is there again; for a refused request, until the next one is heard.
    wait: Duration,
    is_refused: bool,
}

/// The allowances that a request has drawn on, on their way into the fields of its answer.
#[derive(Debug, Clone, Default)]
pub struct Allowances(Arc<Mutex<Vec<Left>>>);

impl Allowances {
    fn note(&self, left: Left) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(left);
    }

    /// Tells them in an answer.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let drawn = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let list =
            |item: fn(&Left) -> String| HeaderValue::from_str(&drawn.iter().map(item).collect::<Vec<_>>().join(", "));
        let limits = list(|left| format!("\"{}\";r={};t={}", left.name, left.remaining, whole_seconds(left.wait)));
        let policies =
            list(|left| format!("\"{}\";q={};w={}", left.name, left.rate.count, whole_seconds(left.rate.window)));
        if let (false, Ok(limits), Ok(policies)) = (drawn.is_empty(), limits, policies) {
            headers.insert(LIMIT, limits);
            headers.insert(POLICY, policies);
        }
        if let Some(refused) = drawn.iter().find(|left| left.is_refused) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(whole_seconds(refused.wait)));
        }
    }
}

/// At least one: a client that waits no time comes too early.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(u64::from(wait.subsec_nanos() > 0)).max(1)
}

/// One limit.
struct Limit<K: Hash + Eq + Clone> {
    name: &'static str,
    rate: Rate,
    callers: RateLimiter<K, DashMapStateStore<K>, DefaultClock, StateInformationMiddleware>,
    newcomers: K,
    heard: AtomicU32,
    is_full: std::sync::atomic::AtomicBool,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(name: &'static str, rate: Rate, newcomers: K) -> Option<Self> {
        let each = rate.window.checked_div(rate.count.get())?;
        let quota = Quota::with_period(each)?.allow_burst(rate.count);
        let callers = RateLimiter::dashmap(quota).with_middleware::<StateInformationMiddleware>();
        Some(Self { name, rate, callers, newcomers, heard: AtomicU32::new(0), is_full: false.into() })
    }

    fn draw(&self, caller: &K) -> Left {
        if self.heard.fetch_add(1, Ordering::Relaxed).is_multiple_of(SWEPT_EVERY) {
            self.sweep();
        }
        let caller = if self.is_full.load(Ordering::Relaxed) { &self.newcomers } else { caller };
        let left = |remaining, wait, is_refused| Left { name: self.name, rate: self.rate, remaining, wait, is_refused };
        match self.callers.check_key(caller) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let drawn = self.rate.count.get().saturating_sub(remaining);
                let each = self.rate.window.checked_div(self.rate.count.get()).unwrap_or_default();
                left(remaining, each.saturating_mul(drawn), false)
            }
            Err(refused) => left(0, refused.wait_time_from(DefaultClock::default().now()), true),
        }
    }

    fn sweep(&self) {
        if self.callers.len() > MOST_CALLERS / 2 {
            self.callers.retain_recent();
            self.callers.shrink_to_fit();
        }
        self.is_full.store(self.callers.len() > MOST_CALLERS, Ordering::Relaxed);
    }
}

/// The limits of a node.
pub struct Limits {
    addresses: Option<Limit<IpAddr>>,
    users: Option<Limit<Uuid>>,
    applicants: Option<Limit<IpAddr>>,
}

impl Limits {
    /// Those that the conduct asks for, nobody having asked yet.
    pub fn new(conduct: &Conduct) -> Self {
        let by_address = |name, rate: Option<Rate>| Limit::new(name, rate?, IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        Self {
            addresses: by_address("address", conduct.per_address),
            applicants: by_address("application", conduct.applications_per_address),
            users: conduct.per_user.and_then(|rate| Limit::new("user", rate, Uuid::nil())),
        }
    }

    /// Draws on the allowance of an address.
    ///
    /// # Errors
    /// [`RequestRefusal::TooOften`].
    pub fn draw_by_address(&self, address: IpAddr, allowances: &Allowances) -> Result<(), RequestRefusal> {
        draw(self.addresses.as_ref(), &network_of(address), Some(allowances))
    }

    /// Draws on what an address may apply for, which is much less than it may ask.
    ///
    /// # Errors
    /// [`RequestRefusal::TooOften`].
    pub fn draw_by_applicant(&self, address: IpAddr, allowances: &Allowances) -> Result<(), RequestRefusal> {
        draw(self.applicants.as_ref(), &network_of(address), Some(allowances))
    }

    /// Draws on the allowance of a user or API client.
    ///
    /// # Errors
    /// [`RequestRefusal::TooOften`].
    pub fn draw_by_user(&self, user: Uuid, allowances: Option<&Allowances>) -> Result<(), RequestRefusal> {
        draw(self.users.as_ref(), &user, allowances)
    }
}

fn draw<K: Hash + Eq + Clone>(
    limit: Option<&Limit<K>>,
    caller: &K,
    allowances: Option<&Allowances>,
) -> Result<(), RequestRefusal> {
    let Some(left) = limit.map(|limit| limit.draw(caller)) else { return Ok(()) };
    if let Some(allowances) = allowances {
        allowances.note(left);
    }
    if left.is_refused {
        return Err(RequestRefusal::TooOften { seconds: whole_seconds(left.wait).to_string() });
    }
    Ok(())
}

/// Whoever has one address of the sixth version has 2^64 of them.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(text: &str) -> Limits {
        let rate = Rate::parse(text);
        Limits::new(&Conduct { per_address: rate, per_user: rate, ..Conduct::default() })
    }

    #[test]
    fn what_is_left_is_told_and_then_nothing_is() {
        let (limits, user) = (limits("2/1h"), Uuid::from_u128(7));
        let told = |allowances: &Allowances| {
            let mut headers = HeaderMap::new();
            allowances.tell(&mut headers);
            headers
        };
        for (remaining, seconds) in [(1, 1_800), (0, 3_600)] {
            let allowances = Allowances::default();
            limits.draw_by_user(user, Some(&allowances)).unwrap();
            let headers = told(&allowances);
            assert_eq!(headers["ratelimit"], format!("\"user\";r={remaining};t={seconds}"));
            assert_eq!(headers["ratelimit-policy"], "\"user\";q=2;w=3600");
            assert!(headers.get("retry-after").is_none());
        }
        let allowances = Allowances::default();
        assert!(limits.draw_by_user(user, Some(&allowances)).is_err());
        let wait: u64 = told(&allowances)["retry-after"].to_str().unwrap().parse().unwrap();
        assert!((1_790..=1_800).contains(&wait), "{wait}");
        limits.draw_by_user(Uuid::from_u128(8), None).unwrap();
    }

    #[test]
    fn a_network_of_the_sixth_version_is_one_address() {
        let limits = limits("1/1h");
        let ask = |address: &str| limits.draw_by_address(address.parse().unwrap(), &Allowances::default());
        assert!(ask("2001:db8::1").is_ok());
        assert!(ask("2001:db8::ffff").is_err());
        assert!(ask("2001:db8:0:1::1").is_ok());
        assert!(ask("192.0.2.1").is_ok());
        assert!(ask("::ffff:192.0.2.1").is_err(), "the same address in another dress");
    }

    #[test]
    fn the_memory_of_a_limit_is_bounded() {
        let limits = limits("1/1h");
        let limit = limits.users.as_ref().unwrap();
        let most = u128::try_from(MOST_CALLERS).unwrap();
        for user in 0..most * 2 {
            let _ = limit.draw(&Uuid::from_u128(user));
        }
        let swept = usize::try_from(SWEPT_EVERY).unwrap();
        assert!(limit.callers.len() <= MOST_CALLERS + swept + 1, "{} are remembered", limit.callers.len());
    }
}
