//! Keyset pages: stable while rows are added, no offset, no total.

use uuid::Uuid;

/// Largest page; keeps one answer under a megabyte.
pub const LARGEST_PAGE: u64 = 200;
/// Page size when none is asked for.
pub const USUAL_PAGE: u64 = 50;

/// Binds the cursors of a list to the list, its filters and its reader: a key that only the server knows.
pub type Seal = [u8; 32];

/// Where the next page begins.
#[derive(Debug, Clone, Copy)]
pub struct Next {
    /// The last id of this page.
    pub after: Uuid,
    /// What its cursor is sealed with.
    pub seal: Seal,
}

/// Which page of a list is wanted: at most `limit` items, those after `after` in id order.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// Largest number of items.
    pub limit: u64,
    /// The last id of the page before.
    pub after: Option<Uuid>,
    /// What the cursor of the next page is sealed with.
    pub seal: Seal,
}

impl PageRequest {
    /// The first page of the usual size.
    pub fn first() -> Self {
        Self::of(USUAL_PAGE)
    }

    /// The page on which one thing stands alone: whoever may see it in the list finds it by [`Page::only`], and nobody else does.
    pub fn only(id: impl Into<Uuid>) -> Self {
        let before = id.into().as_u128().saturating_sub(1);
        Self { after: Some(Uuid::from_u128(before)), ..Self::of(1) }
    }

    /// The first page of a list that is read here and not sent out, so that its cursors need no secret.
    pub fn of(limit: u64) -> Self {
        Self { limit, after: None, seal: Seal::default() }
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
    pub next: Option<Next>,
}

impl<T> Page<T> {
    /// Cuts `limit + 1` fetched rows to a page.
    pub fn cut(mut items: Vec<T>, request: &PageRequest, id: impl Fn(&T) -> Uuid) -> Self {
        let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().map(id).filter(|_| more).map(|after| Next { after, seal: request.seal });
        Self { items, next }
    }

    /// The thing that [`PageRequest::only`] asked for, if it is there.
    pub fn only(self, id: impl Into<Uuid>, of: impl Fn(&T) -> Uuid) -> Option<T> {
        let id = id.into();
        self.items.into_iter().next().filter(|item| of(item) == id)
    }

    /// The same page with other items.
    pub fn map<U>(self, view: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(view).collect(), next: self.next }
    }
}
