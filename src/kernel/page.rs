//! Keyset pages: stable while rows are added, no offset, no total.

use uuid::Uuid;

/// Largest page; keeps one answer under a megabyte.
pub const LARGEST_PAGE: u64 = 200;
/// Page size when none is asked for.
pub const USUAL_PAGE: u64 = 50;

/// Which page of a list is wanted: at most `limit` items, those after `after` in id order.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// Largest number of items.
    pub limit: u64,
    /// The last id of the page before.
    pub after: Option<Uuid>,
}

impl PageRequest {
    /// The first page of the usual size.
    pub fn first() -> Self {
        Self { limit: USUAL_PAGE, after: None }
    }

    /// One more than wanted, to learn whether there is a next page.
    pub fn fetch(&self) -> u64 {
        self.limit + 1
    }
}

/// A page and the cursor of the next one.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items in id order.
    pub items: Vec<T>,
    /// Where the next page begins.
    pub next: Option<Uuid>,
}

impl<T> Page<T> {
    /// Cuts `limit + 1` fetched rows to a page.
    pub fn cut(mut items: Vec<T>, request: &PageRequest, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = if more { items.last().map(id) } else { None };
        Self { items, next }
    }

    /// The same page with other items.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(view).collect(), next: self.next }
    }
}
