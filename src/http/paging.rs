//! `?limit=&cursor=` → `{items, next_cursor}`, for every list alike.

use crate::http::concern::{Concerns, Whose};
use crate::http::extract::RequestRefusal;
use crate::http::{Problem, Shared};
use crate::kernel::page::{LARGEST_PAGE, Page, PageRequest, USUAL_PAGE};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
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

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listing<T> {
    /// The items in the order in which they were made.
    pub items: Vec<T>,
    /// Send it as `cursor` to get the next page; absent on the last.
    pub next_cursor: Option<String>,
}

impl<T: Concerns> Concerns for Listing<T> {
    fn concerns(&self, whose: &mut Whose) {
        self.items.concerns(whose);
    }
}

impl<T> From<Page<T>> for Listing<T> {
    fn from(page: Page<T>) -> Self {
        let next_cursor = page.next.map(|after| URL_SAFE_NO_PAD.encode(after.as_bytes()));
        Self { items: page.items, next_cursor }
    }
}

impl FromRequestParts<Shared> for Paging {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let limit = match value("limit") {
            None => USUAL_PAGE,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LARGEST_PAGE).contains(limit))
                .ok_or(RequestRefusal::BadLimit { largest: LARGEST_PAGE.to_string() })?,
        };
        let after = match value("cursor") {
            None => None,
            Some(text) => {
                let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| RequestRefusal::BadCursor {})?;
                Some(Uuid::from_slice(&bytes).map_err(|_| RequestRefusal::BadCursor {})?)
            }
        };
        Ok(Self(PageRequest { limit, after }))
    }
}
