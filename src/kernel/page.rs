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

/// From which end a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// What was made first comes first.
    #[default]
    Oldest,
    /// What was made last comes first: a log is read for what has just happened.
    Newest,
}

impl Order {
    /// The words of the API.
    pub const WORDS: &'static [&'static str] = &["oldest", "newest"];

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "oldest" => Some(Self::Oldest),
            "newest" => Some(Self::Newest),
            _ => None,
        }
    }

    /// How SQL compares a key with that of the page before, and in which direction it sorts.
    pub fn sql(self) -> (&'static str, &'static str) {
        match self {
            Self::Oldest => (">", "ASC"),
            Self::Newest => ("<", "DESC"),
        }
    }

    /// The key before which a list begins that is read in this order.
    pub fn start(self) -> Uuid {
        match self {
            Self::Oldest => Uuid::nil(),
            Self::Newest => Uuid::max(),
        }
    }
}

/// Which page of a list is wanted: at most `limit` items, those after `after` in the order of their ids.
#[derive(Debug, Clone, Copy)]
pub struct PageRequest {
    /// Largest number of items.
    pub limit: u64,
    /// The last id of the page before.
    pub after: Option<Uuid>,
    /// From which end.
    pub order: Order,
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
        Self { limit, after: None, order: Order::default(), seal: Seal::default() }
    }

    /// The key after which the page begins, also on the first page.
    pub fn start(&self) -> Uuid {
        self.after.unwrap_or_else(|| self.order.start())
    }

    /// One more than wanted, to learn whether there is a next page.
    pub fn fetch(&self) -> u64 {
        self.limit + 1
    }
}

/// A page and the cursor of the next one.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The items in the order of their ids.
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
