//! How a refusal is named. Each capability's error enum is declared with [`refusals!`](crate::refusals): a stable code,
//! the field, the text in Chinese and English, and the legal basis stand in one place, and the check catalogue is made
//! from the same lines.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

/// What kind of refusal it is; HTTP turns it into a status, and nothing else does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The request cannot be read: 400.
    Malformed,
    /// Nobody is signed in, or the token is no good: 401.
    Unauthenticated,
    /// The caller may not do this: 403.
    Denied,
    /// There is no such thing, or the caller may not know of it: 404.
    Hidden,
    /// The thing is in another state, or the key was used for another request: 409.
    Conflict,
    /// The thing has changed since the caller saw it: 412.
    Stale,
    /// A rule of the business is broken: 422.
    Refused,
    /// The body came too slowly: 408.
    TooSlow,
    /// The body is too large: 413.
    TooLarge,
    /// The body is of a kind that is not read: 415.
    WrongMedia,
    /// The caller asks too often: 429.
    TooOften,
    /// The head of the request is too large: 431.
    HeadTooLarge,
    /// Try again later: 503.
    Busy,
    /// Ours to mend: 500.
    Bug,
}

/// One line of the check catalogue: what is checked, in both languages, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// Family, underscore, words: `TRD_BASIN_MISMATCH`.
    pub code: &'static str,
    /// What kind of refusal it leads to.
    pub kind: Kind,
    /// The text in Chinese, with its placeholders.
    pub zh: &'static str,
    /// The text in English, with its placeholders.
    pub en: &'static str,
    /// The rule it rests on.
    pub legal_basis: Option<&'static str>,
}

/// One broken rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Violation {
    /// Stable code.
    pub code: Cow<'static, str>,
    /// The field of the request it concerns, empty when it concerns the whole.
    pub field: String,
    /// The text in Chinese.
    pub zh: String,
    /// The text in English.
    pub en: String,
    /// The rule it rests on.
    pub legal_basis: Option<Cow<'static, str>>,
}

impl Violation {
    /// The same violation, about a field further down: `items[3].quantity`.
    #[must_use]
    pub fn within(mut self, prefix: &str) -> Self {
        self.field = match (prefix.is_empty(), self.field.is_empty()) {
            (true, _) => self.field,
            (false, true) => prefix.to_owned(),
            (false, false) => format!("{prefix}.{}", self.field),
        };
        self
    }

    /// The same violation, about the field that this request knows by another name.
    #[must_use]
    pub fn about(mut self, field: &str) -> Self {
        field.clone_into(&mut self.field);
        self
    }
}

/// A capability's error enum.
pub trait Refusal: fmt::Debug {
    /// What kind it is.
    fn kind(&self) -> Kind;
    /// The broken rule, named.
    fn violation(&self) -> Violation;
}

/// Why a command or query did not give what was asked.
#[derive(Debug)]
pub struct Failure {
    /// The gravest kind among the violations.
    pub kind: Kind,
    /// Every broken rule at once.
    pub violations: Vec<Violation>,
    /// What lies behind it; goes to the log, never out.
    pub source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Failure {
    /// Every broken rule at once; the kind is that of the first.
    pub fn all<R: Refusal>(refusals: &[R]) -> Result<(), Self> {
        refusals.first().map_or(Ok(()), |first| {
            let violations = refusals.iter().map(Refusal::violation).collect();
            Err(Self { kind: first.kind(), violations, source: None })
        })
    }

    /// A fault of ours, with what lies behind it.
    pub fn bug(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind: Kind::Bug, violations: Vec::new(), source: Some(source.into()) }
    }

    /// The same refusal, to be tried again after some seconds.
    #[must_use]
    pub fn retried_after(mut self, seconds: u64) -> Self {
        self.source = Some(Box::new(RetryAfter(seconds)));
        self
    }

    /// After how many seconds it may be tried again, where that is known.
    pub fn retry_after(&self) -> Option<u64> {
        self.source.as_ref()?.downcast_ref::<RetryAfter>().map(|RetryAfter(seconds)| *seconds)
    }

    /// Every broken rule at once; nothing when none is.
    ///
    /// # Errors
    /// The violations, as [`Kind::Refused`].
    pub fn refused(violations: Vec<Violation>) -> Result<(), Self> {
        if violations.is_empty() { Ok(()) } else { Err(Self { kind: Kind::Refused, violations, source: None }) }
    }

    /// The same refusal, about the field that this request knows by another name.
    #[must_use]
    pub fn at(mut self, field: &str) -> Self {
        self.violations = self.violations.into_iter().map(|violation| violation.about(field)).collect();
        self
    }

    /// The same refusal, where this request knows one of the fields by another name.
    #[must_use]
    pub fn renamed(mut self, field: &str, known_as: &str) -> Self {
        for violation in self.violations.iter_mut().filter(|violation| violation.field == field) {
            known_as.clone_into(&mut violation.field);
        }
        self
    }

    /// The same refusal, about fields further down: `organisation.code`.
    #[must_use]
    pub fn within(mut self, prefix: &str) -> Self {
        self.violations = self.violations.into_iter().map(|violation| violation.within(prefix)).collect();
        self
    }

    /// Whether the refusal is evidence worth keeping: a rule was broken, not a typing mistake.
    pub fn is_by_rule(&self) -> bool {
        matches!(self.kind, Kind::Refused | Kind::Conflict | Kind::Denied)
    }
}

/// What lies behind a refusal that time cures.
#[derive(Debug, Clone, Copy)]
struct RetryAfter(u64);

impl fmt::Display for RetryAfter {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "again after {} s", self.0)
    }
}

impl StdError for RetryAfter {}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}", self.kind)?;
        for violation in &self.violations {
            write!(out, " {} {}: {};", violation.code, violation.field, violation.en)?;
        }
        self.source.as_ref().map_or(Ok(()), |source| write!(out, " {source}"))
    }
}

impl StdError for Failure {}

impl<R: Refusal> From<R> for Failure {
    fn from(refusal: R) -> Self {
        Self { kind: refusal.kind(), violations: vec![refusal.violation()], source: None }
    }
}

/// Declares an error enum and its lines of the check catalogue.
///
/// ```text
/// refusals! {
///     /// What the market refuses.
///     MarketRefusal {
///         /// The buyer is the seller.
///         SameParty {} => Refused "TRD_SAME_PARTY" at "buyer_site": "买卖双方不能相同", "the buyer is the seller";
///     }
/// }
/// ```
#[macro_export]
macro_rules! refusals {
    ($(#[$doc:meta])* $type:ident { $(
        $(#[$variant_doc:meta])* $name:ident { $($field:ident),* } =>
        $kind:ident $code:literal at $at:literal : $zh:literal, $en:literal $(, basis $basis:literal)? ;
    )* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum $type { $(
            $(#[$variant_doc])*
            $name { $(
                #[doc = "Fills the placeholder of this name in the text."]
                $field: String
            ),* },
        )* }

        impl $type {
            /// The lines of the check catalogue that this capability answers for.
            pub const CHECKS: &'static [$crate::kernel::Check] = &[$($crate::kernel::Check {
                code: $code,
                kind: $crate::kernel::Kind::$kind,
                zh: $zh,
                en: $en,
                legal_basis: $crate::refusals!(@basis $($basis)?),
            },)*];
        }

        impl $crate::kernel::Refusal for $type {
            fn kind(&self) -> $crate::kernel::Kind {
                match self { $(Self::$name { .. } => $crate::kernel::Kind::$kind,)* }
            }

            fn violation(&self) -> $crate::kernel::Violation {
                match self { $(Self::$name { $($field),* } => $crate::kernel::Violation {
                    code: std::borrow::Cow::Borrowed($code),
                    field: $at.to_owned(),
                    zh: {
                        $(
                            let $field = $crate::kernel::chinese::told(stringify!($field), $field);
                            let _ = &$field;
                        )*
                        format!($zh)
                    },
                    en: format!($en),
                    legal_basis: $crate::refusals!(@basis $($basis)?).map(std::borrow::Cow::Borrowed),
                },)* }
            }
        }
    };
    (@basis) => { None };
    (@basis $basis:literal) => { Some($basis) };
}
