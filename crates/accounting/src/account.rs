//! Accounts: (owner, asset, purpose, subject). A held or pledged gram sits in another account of the same owner.

use uuid::Uuid;

macro_rules! key_part {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Uuid);
    };
}

key_part!(
    /// Who owns an account: a site (rights), an organisation (money), an area (capacity), or the book itself (contra).
    OwnerId
);
key_part!(
    /// What is counted in it: a right class, money, or an area's capacity for a pollutant.
    AssetId
);
key_part!(
    /// Which trade, lien or freeze holds what is in a committed, pledged or frozen account.
    SubjectId
);

/// The kinds of asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AssetKind {
    /// A right class, in grams.
    Right,
    /// Money, in fen.
    Money,
    /// An area's standing capacity for a pollutant, in grams a year.
    Capacity,
    /// What a legacy register counted, in its own smallest unit.
    Imported,
}

impl AssetKind {
    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Money => "money",
            Self::Capacity => "capacity",
            Self::Imported => "imported",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Right, Self::Money, Self::Capacity, Self::Imported].into_iter().find(|kind| kind.as_str() == text)
    }
}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $guarded:literal;)*) => {
        /// What an account is for. Guarded ones may never go below zero; contra ones stand against the outside world.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Purpose { $($(#[$doc])* $name,)* }

        impl Purpose {
            /// Every purpose there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word the database and the API use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads the word back.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$name),)* _ => None }
            }

            /// Whether the balance may never be negative.
            pub fn guarded(self) -> bool {
                match self { $(Self::$name => $guarded,)* }
            }
        }
    };
}

purposes! {
    /// Contra of a right class: everything ever granted.
    Issued = "issued", false;
    /// Contra between two right classes when one turns into the other.
    Converted = "converted", false;
    /// Free to sell, pledge, spend.
    Available = "available", true;
    /// Held for one offer or trade.
    Committed = "committed", true;
    /// Held by one lien.
    Pledged = "pledged", true;
    /// Held by one court freeze.
    Frozen = "frozen", true;
    /// Given up for good.
    Retired = "retired", true;
    /// Past its validity.
    Expired = "expired", true;
    /// Contra of money: what the settlement bank holds for the market.
    Outside = "outside", false;
    /// Money received that nobody could be matched to yet.
    Suspense = "suspense", true;
    /// Exchange fees.
    Fees = "fees", true;
    /// The public treasury: proceeds of the reserve.
    Treasury = "treasury", true;
    /// Contra of capacity: the cap an authority set.
    Authorised = "authorised", false;
    /// Capacity of an area that nobody uses yet.
    Headroom = "headroom", true;
    /// Capacity of an area that rights in it use.
    Used = "used", true;
    /// What an area uses beyond its cap, below zero: taken from the headroom as use falls.
    Overuse = "overuse", false;
}

/// The identity of an account within its book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountKey {
    /// Whose it is.
    pub owner: OwnerId,
    /// What it counts.
    pub asset: AssetId,
    /// What it is for.
    pub purpose: Purpose,
    /// What holds the balance; one account per subject, so that a release can never take more than its own hold.
    pub subject: Option<SubjectId>,
}

/// One owner's stock of one asset; its accounts differ only in purpose and subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Holding {
    /// Whose.
    pub owner: OwnerId,
    /// Of what.
    pub asset: AssetId,
}

impl Holding {
    /// The account of this stock for a purpose that no subject holds.
    pub fn account(self, purpose: Purpose) -> AccountKey {
        AccountKey { owner: self.owner, asset: self.asset, purpose, subject: None }
    }

    /// The account of this stock that `subject` holds.
    pub fn held(self, purpose: Purpose, subject: SubjectId) -> AccountKey {
        AccountKey { owner: self.owner, asset: self.asset, purpose, subject: Some(subject) }
    }

    /// Free to sell, pledge or spend.
    pub fn available(self) -> AccountKey {
        self.account(Purpose::Available)
    }

    /// Held for a trade.
    pub fn committed(self, trade: SubjectId) -> AccountKey {
        self.held(Purpose::Committed, trade)
    }

    /// Held by a lien.
    pub fn pledged(self, lien: SubjectId) -> AccountKey {
        self.held(Purpose::Pledged, lien)
    }
}
