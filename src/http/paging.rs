//! `?limit=&cursor=` → `{items, next_cursor}`, for every list alike.

use crate::http::concern::{Concerns, Whose};
use crate::http::extract::{RequestRefusal, pairs_of};
use crate::http::field::one_of;
use crate::http::{Problem, Shared, SignedIn};
use crate::kernel::Failure;
use crate::kernel::page::{LARGEST_PAGE, Next, Order, Page, PageRequest, Seal, USUAL_PAGE};
use axum::extract::{FromRequestParts, OriginalUri};
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// The page that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Paging(pub PageRequest);

/// The two parameters of every list, for the contract.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameters; Paging reads them")]
pub struct PagingParams {
    /// Items in a page, 1 to 200; 50 when left out.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The page that is asked for of a list that is read from either end: a log, or what happens over the years.
#[derive(Debug, Clone, Copy)]
pub struct Ordered(pub PageRequest);

/// The parameter of every such list, for the contract.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes the parameter; Ordered reads it")]
pub struct OrderParams {
    /// `oldest` first or `newest` first; `oldest` when left out. A cursor goes on in the order in which it was given.
    #[param(example = "newest")]
    order: Option<String>,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The items in the order in which they were made, or the other way round where that was asked for.
    pub items: Vec<T>,
    /// Send it as `cursor` to get the next page; null on the last.
    pub next_cursor: Option<String>,
}

impl<T: Concerns> Concerns for Listing<T> {
    fn concerns(&self, whose: &mut Whose) {
        self.items.concerns(whose);
    }
}

impl<T> From<Page<T>> for Listing<T> {
    fn from(page: Page<T>) -> Self {
        Self { items: page.items, next_cursor: page.next.as_ref().and_then(cursor_of) }
    }
}

/// Bytes of the seal that stand in a cursor: nobody guesses one of 2^128.
const SEALED: usize = 16;

fn sealed(seal: &Seal, after: &[u8]) -> Option<Hmac<Sha256>> {
    Some(Hmac::<Sha256>::new_from_slice(seal).ok()?.chain_update(after))
}

/// The last id of the page, and the seal that says from which list, with which filters, for which reader.
fn cursor_of(next: &Next) -> Option<String> {
    let seal = sealed(&next.seal, next.after.as_bytes())?.finalize().into_bytes();
    Some(URL_SAFE_NO_PAD.encode([next.after.as_bytes(), seal.get(..SEALED)?].concat()))
}

/// The id in a cursor that was given out under this seal.
fn open(cursor: &str, seal: &Seal) -> Option<Uuid> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (after, claimed) = bytes.split_at_checked(16)?;
    let is_whole = claimed.len() == SEALED;
    sealed(seal, after)?.verify_truncated_left(claimed).ok().filter(|()| is_whole)?;
    Uuid::from_slice(after).ok()
}

/// What binds the cursors of a list: its path, its filters in any order, and who reads it.
fn seal_of(parts: &Parts, shared: &Shared) -> Result<Seal, Failure> {
    let path = parts.extensions.get::<OriginalUri>().map_or_else(|| parts.uri.path(), |OriginalUri(uri)| uri.path());
    let mut filters = pairs_of(&parts.uri)?;
    filters.retain(|(name, _)| name != "limit" && name != "cursor");
    filters.sort();
    // Whoever acts for another organisation reads another list.
    let reader =
        parts.extensions.get::<SignedIn>().map(|SignedIn(bearer)| (bearer.caller.user, bearer.caller.organisation));
    let what = serde_json::to_vec(&(filters, reader)).map_err(Failure::bug)?;
    let secret = shared.tokens.request_hash(&format!("cursor of {path}"), &what)?;
    Ok(Sha256::digest(secret).into())
}

impl FromRequestParts<Shared> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let limit = match value(parts, "limit") {
            None => USUAL_PAGE,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
                .ok_or(RequestRefusal::BadLimit { largest: LARGEST_PAGE.to_string() })?,
        };
        let seal = seal_of(parts, shared)?;
        let after =
            value(parts, "cursor").map(|text| open(text, &seal).ok_or(RequestRefusal::BadCursor {})).transpose()?;
        Ok(Self(PageRequest { limit, after, order: Order::default(), seal }))
    }
}

/// A parameter as it stands in the address.
fn value<'p>(parts: &'p Parts, name: &str) -> Option<&'p str> {
    let query = parts.uri.query().unwrap_or_default();
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

impl FromRequestParts<Shared> for Ordered {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let word = value(parts, "order").map(str::to_owned);
        one_of("order", word.as_deref(), Order::WORDS)?;
        let Paging(page) = Paging::from_request_parts(parts, shared).await?;
        let order = word.as_deref().and_then(Order::parse).unwrap_or_default();
        Ok(Self(PageRequest { order, ..page }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_only_under_its_own_seal_and_unchanged() {
        let (seal, after) = ([7; 32], Uuid::from_u128(0x0185_69d8_2c80_7c3a_9b5e_0a4f_3a1d_2e01));
        let cursor = cursor_of(&Next { after, seal }).unwrap();
        assert_eq!(open(&cursor, &seal), Some(after));
        assert_eq!(open(&cursor, &[8; 32]), None);
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        for at in 0..bytes.len() {
            let mut forged = bytes.clone();
            forged[at] ^= 1;
            assert_eq!(open(&URL_SAFE_NO_PAD.encode(&forged), &seal), None, "byte {at}");
            assert_eq!(open(&URL_SAFE_NO_PAD.encode(&bytes[..at]), &seal), None, "{at} bytes");
        }
        assert_eq!(open(&URL_SAFE_NO_PAD.encode(after.as_bytes()), &seal), None, "without a seal");
    }
}
