//! How a node conducts itself towards its clients: how long and how much it listens, how often they may ask, which other origins
//! a browser may ask from. Read from the configuration once; the usual values stand here.

use crate::http::Proxies;
use crate::http::outbound::Receivers;
pub use axum::http::HeaderValue;
use std::num::NonZeroU32;
use std::time::Duration;

/// Largest body of a command. A batch of 10,000 rows by JSON stays below it.
pub const LARGEST_BODY: usize = 2 * 1024 * 1024;
/// Largest head of a request, its address and headers together: a token, a trace and twenty expected accounts need a quarter of it.
pub const LARGEST_HEAD: usize = 16 * 1024;

/// How often somebody may ask: `count` requests at once, which come back evenly over `window`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Requests.
    pub count: NonZeroU32,
    /// Over how long.
    pub window: Duration,
}

impl Rate {
    /// Reads `600/1m`, `20000/10s` or `5000/1h`.
    pub fn parse(text: &str) -> Option<Self> {
        let (count, window) = text.split_once('/')?;
        let (count, window) = (count.parse().ok()?, parse_duration(window)?);
        // An instant in which nothing comes back would be a limit for ever.
        (!window.checked_div(NonZeroU32::get(count))?.is_zero()).then_some(Self { count, window })
    }
}

/// Reads `500ms`, `30s`, `5m` or `1h`: more than nothing, at most a day.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = text.split_at_checked(digits)?;
    let count: u64 = count.parse().ok()?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    let millis = count.checked_mul(millis).filter(|millis| (1..=86_400_000).contains(millis))?;
    Some(Duration::from_millis(millis))
}

/// The conduct of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conduct {
    /// Where clients reach it, without a slash at the end: what is printed on paper leads there.
    pub public_url: String,
    /// Whether clients reach it by https, so that browsers are told to come by nothing else.
    pub is_https: bool,
    /// The proxies that are believed when they say for whom they ask.
    pub proxies: Proxies,
    /// Origins of other portals whose pages may ask; none, unless the configuration names them.
    pub origins: Vec<HeaderValue>,
    /// How long a client may take to send the head of a request, or to begin the next one.
    pub longest_head: Duration,
    /// How long a client may take to send a body.
    pub longest_body: Duration,
    /// How long a request may take in all; longer work goes on as an operation.
    pub longest_request: Duration,
    /// How long a stream of events goes on: the client comes again, with a token that is still good.
    pub longest_stream: Duration,
    /// How often one address may ask, before anybody looks at its token; nothing when the operator has switched it off.
    pub per_address: Option<Rate>,
    /// How often one user or API client may ask; nothing when the operator has switched it off.
    pub per_user: Option<Rate>,
    /// How often one address may apply for an organisation; nothing when the operator has switched it off.
    pub applications_per_address: Option<Rate>,
    /// Where its webhooks may lead.
    pub receivers: Receivers,
}

impl Default for Conduct {
    fn default() -> Self {
        let rate =
            |count, seconds| NonZeroU32::new(count).map(|count| Rate { count, window: Duration::from_secs(seconds) });
        Self {
            public_url: "http://127.0.0.1:8080".to_owned(),
            is_https: false,
            proxies: Proxies::default(),
            origins: Vec::new(),
            longest_head: Duration::from_secs(15),
            longest_body: Duration::from_secs(30),
            longest_request: Duration::from_mins(1),
            longest_stream: Duration::from_mins(10),
            // A person with a portal that asks for ten things a page, or a program that books a hundred things a second, never meet
            // the one of the user; a loop that has gone wrong does within seconds, and leaves the node to the others. A bank behind
            // one address has many users.
            per_address: rate(10_000, 10),
            per_user: rate(1_000, 10),
            // An agency that registers its customers, or an office behind one address, has ten in hand and one more every six minutes;
            // whoever takes credit codes by a program has not.
            applications_per_address: rate(10, 3_600),
            receivers: Receivers::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_count_over_a_time() {
        let rate = Rate::parse("600/1m").unwrap();
        assert_eq!((rate.count.get(), rate.window), (600, Duration::from_mins(1)));
        for text in
            ["", "600", "0/1m", "-1/1m", "600/0s", "600/1d", "600/m", "4000000000/1ms", "1/25h", "x/1s", "600/1分"]
        {
            assert_eq!(Rate::parse(text), None, "{text:?}");
        }
    }
}
