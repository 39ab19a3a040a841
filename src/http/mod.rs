//! What every API file uses and no capability owns: how a request is read, how a refusal is said, how the contract is
//! put together.

pub mod address;
pub mod answer;
pub mod body;
pub mod concern;
pub mod conduct;
pub mod contract;
pub mod door;
mod examples;
pub mod extract;
pub mod field;
mod headers;
pub mod language;
pub mod layers;
pub mod outbound;
pub mod paging;
pub mod parameters;
pub mod path;
mod precise;
pub mod problem;
pub mod published;
pub mod rate;
pub mod serve;
pub mod shape;
pub mod sheet;
pub mod table;
mod things;
mod told;
mod unread;
pub mod upload;

pub use address::{Address, Proxies};
pub use answer::{Answer, Reply, Versioned};
pub use body::Body;
pub use conduct::Conduct;
pub use extract::{Command, Empty, Filters, NoFilters, Signature, Signed, SignedIn, Unsigned};
pub use field::Fields;
pub use language::Language;
pub use paging::{Listing, Paging};
pub use path::{Id, PathText};
pub use problem::Problem;

use crate::access::SignInRules;
use crate::access::token::{Bearer, Tokens};
use crate::db::Db;
use crate::http::rate::Limits;
use crate::kernel::ids::UserId;
use crate::kernel::{Check, Failure};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

/// A bearer on the way in, once it is known whether the token still stands for them.
pub type Admitted<'a> = Pin<Box<dyn Future<Output = Result<Bearer, Failure>> + Send + 'a>>;

/// Says whose a token is and whether they may still come in: the token alone does not know that its session was ended or its
/// user suspended. `identity` fills it in, which lies further out than this.
pub trait Authenticator: Send + Sync {
    /// The bearer of a token that comes from an address; their caller's proof is final.
    fn admit<'a>(&'a self, token: &'a str, from: IpAddr) -> Admitted<'a>;

    /// Forgets on this node what is remembered of a user, so that a change holds here at once.
    fn forget(&self, user: UserId);
}

/// What all requests share. A node keeps no other state; what it counts for its limits may be forgotten at any time.
#[derive(Clone)]
pub struct Shared {
    /// The database and its clock.
    pub db: Db,
    /// Makes and checks access tokens.
    pub tokens: Tokens,
    /// The check catalogue: every refusal there is, gathered from the capabilities.
    pub checks: &'static [&'static [Check]],
    /// How the node conducts itself towards clients.
    pub conduct: Arc<Conduct>,
    /// How often they have asked.
    pub limits: Arc<Limits>,
    /// How people sign in here.
    pub rules: SignInRules,
    /// Knows who may come in.
    pub authenticator: Arc<dyn Authenticator>,
    /// Lets callers in.
    pub door: Arc<dyn door::Door>,
    /// Takes note of whoever reads another party's data.
    pub watch: Arc<dyn concern::Watch>,
}

impl Shared {
    /// The same with another conduct, nobody having asked yet.
    #[must_use]
    pub fn conducted(self, conduct: Conduct) -> Self {
        let limits = Arc::new(Limits::new(&conduct));
        Self { conduct: Arc::new(conduct), limits, ..self }
    }
}
