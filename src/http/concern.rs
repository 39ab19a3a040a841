//! Whose data an answer shows. Every body that can be answered says so, or it does not compile; a watch around the operations takes
//! note of whoever reads what is another party's, so that no read can forget it.
//!
//! A person's own affairs are nobody else's concern: a thing of several parties, a trade for example, is told for nobody when the
//! reader is one of them.

use crate::access::{Caller, Scope};
use crate::http::Shared;
use crate::http::problem::Problem;
use crate::kernel::Failure;
use crate::kernel::ids::UserId;
use axum::extract::{MatchedPath, Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeSet;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// Longest path and query that is kept; what is longer is cut, and says so.
const LONGEST_ASKED: usize = 1_000;

/// Somebody whose data is shown, as far as the answer itself knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// An organisation.
    Organisation(Uuid),
    /// Whoever stands behind an owner of accounts: a site, an organisation.
    Owner(Uuid),
    /// The organisation of a user.
    User(Uuid),
}

/// Whose data an answer shows: one set of parties for each thing in it.
#[derive(Debug, Clone, Default)]
pub struct Whose {
    things: BTreeSet<Vec<Party>>,
}

impl Whose {
    /// One thing of these parties.
    pub fn of(&mut self, parties: impl IntoIterator<Item = Party>) {
        self.things.insert(parties.into_iter().collect());
    }

    /// The parties of what is not the caller's own thing. What an organisation finds within its own scope is its own, whoever
    /// owns the account; the rest knows its organisation itself.
    fn others_than(&self, caller: &Caller) -> BTreeSet<Party> {
        let own = Party::Organisation(caller.organisation.0);
        let is_narrow = matches!(caller.scope(), Scope::Organisation { .. });
        let others = self.things.iter().filter(|parties| !parties.contains(&own)).flatten().copied();
        others.filter(|party| !is_narrow || matches!(party, Party::Organisation(_))).collect()
    }
}

/// A body that can be answered: it says whose data it shows.
pub trait Concerns {
    /// Names the parties of every thing in it.
    fn concerns(&self, whose: &mut Whose);
}

impl<T: Concerns> Concerns for [T] {
    fn concerns(&self, whose: &mut Whose) {
        for one in self {
            one.concerns(whose);
        }
    }
}

/// Declares bodies that are no single party's: the public registers and the reference data, sums over everybody, what the reader has
/// just done, and what an operation logs by itself.
#[macro_export]
macro_rules! concerns_nobody {
    ($($body:ty),* $(,)?) => {$(
        impl $crate::http::concern::Concerns for $body {
            fn concerns(&self, _: &mut $crate::http::concern::Whose) {}
        }
    )*};
}

/// Declares bodies by the fields that name their parties: `concerns!(TradeView: Organisation [seller, buyer]);`
#[macro_export]
macro_rules! concerns {
    ($($body:ty : $kind:ident [$($field:ident),+]);* $(;)?) => {$(
        impl $crate::http::concern::Concerns for $body {
            fn concerns(&self, whose: &mut $crate::http::concern::Whose) {
                whose.of([$($crate::http::concern::Party::$kind(self.$field)),+]);
            }
        }
    )*};
}

/// Puts beside an answer whose data it shows.
pub fn tell(response: &mut Response, body: &(impl Concerns + ?Sized)) {
    let mut whose = Whose::default();
    body.concerns(&mut whose);
    response.extensions_mut().insert(Arc::new(whose));
}

/// Who asks, as the door has let them in.
#[derive(Debug, Clone, Default)]
pub struct Asker(Arc<OnceLock<Caller>>);

impl Asker {
    /// Whoever it is; the first word counts, since one request has one caller.
    pub(super) fn is(&self, caller: &Caller) {
        let _ = self.0.set(caller.clone());
    }
}

/// A read of another party's data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Read {
    /// Who read.
    pub reader: UserId,
    /// For whom they stood in.
    pub principal: Option<UserId>,
    /// The reader's organisation.
    pub reader_organisation: Uuid,
    /// Which operation, by its template.
    pub operation: String,
    /// Path and query as they were asked: which ids, which filter.
    pub asked: String,
    /// Whose data.
    pub parties: Vec<Party>,
}

/// A note on its way.
pub type Noted<'r> = Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'r>>;

/// Takes note of reads. The capability that keeps the log stands above this room and hands it in.
pub trait Watch: Send + Sync {
    /// Takes note before the answer leaves.
    ///
    /// # Errors
    /// Busy when nothing can be written and no more can be kept: what cannot be logged is not shown.
    fn note<'w>(&'w self, shared: &'w Shared, read: Read) -> Noted<'w>;

    /// Writes what was noted.
    ///
    /// # Errors
    /// A fault of the database.
    fn write<'w>(&'w self, shared: &'w Shared) -> Noted<'w>;
}

/// Around every operation: takes note of the reads of another party's data. An answer to somebody signed in that does not say whose
/// data it shows is not given.
pub async fn watch(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return next.run(request).await;
    }
    let asker = Asker::default();
    request.extensions_mut().insert(asker.clone());
    let template = request.extensions().get::<MatchedPath>().map_or("elsewhere", MatchedPath::as_str);
    let operation = format!("GET {template}");
    let target = request.uri().path_and_query().map_or_else(String::new, |target| cut(target.as_str()));
    let mut answer = next.run(request).await;
    let Some(caller) = asker.0.get() else { return answer };
    if !answer.status().is_success() {
        return answer;
    }
    let Some(whose) = answer.extensions_mut().remove::<Arc<Whose>>() else {
        let failure = Failure::bug(format!("{operation} does not say whose data it shows"));
        return Problem(failure).into_response();
    };
    let parties: Vec<Party> = whose.others_than(caller).into_iter().collect();
    if parties.is_empty() {
        return answer;
    }
    let read = Read {
        reader: caller.user,
        principal: caller.stands_in.map(|stand_in| stand_in.principal),
        reader_organisation: caller.organisation.0,
        operation,
        asked: target,
        parties,
    };
    match shared.watch.note(&shared, read).await {
        Ok(()) => answer,
        Err(failure) => Problem(failure).into_response(),
    }
}

fn cut(asked: &str) -> String {
    if asked.chars().count() <= LONGEST_ASKED {
        return asked.to_owned();
    }
    asked.chars().take(LONGEST_ASKED).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Role;
    use crate::kernel::ids::OrganisationId;

    fn caller(role: Role) -> Caller {
        Caller { organisation: OrganisationId::fresh(), roles: vec![role], ..Caller::nobody() }
    }

    #[test]
    fn a_trade_of_ones_own_concerns_nobody_else() {
        let (mill, auditor) = (caller(Role::EnterpriseTrader), caller(Role::Auditor));
        let (own, other) = (Party::Organisation(mill.organisation.0), Party::Organisation(Uuid::from_u128(7)));
        let mut whose = Whose::default();
        whose.of([own, other]);
        assert!(whose.others_than(&mill).is_empty());
        assert_eq!(whose.others_than(&auditor), BTreeSet::from([own, other]));
    }

    #[test]
    fn what_lies_in_the_own_scope_is_ones_own_unless_it_names_another_organisation() {
        let (bank, mut whose) = (caller(Role::SettlementOfficer), Whose::default());
        let other = Party::Organisation(Uuid::from_u128(7));
        whose.of([Party::Owner(Uuid::from_u128(8))]);
        whose.of([other]);
        assert_eq!(whose.others_than(&bank), BTreeSet::from([other]));
    }

    #[test]
    fn an_endless_filter_is_cut() {
        assert_eq!(cut(&"量".repeat(2_000)).chars().count(), LONGEST_ASKED + 1);
        assert_eq!(cut("/api/v1/trades"), "/api/v1/trades");
    }
}
