//! Enums whose variants are the words of the database, the API and the token, declared once.

/// Declares an enum of words with `ALL`, `WORDS`, `as_str` and `parse`.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $name:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$variant_doc])* $name,)* }

        impl $type {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The words of them all.
            pub const WORDS: &'static [&'static str] = &[$($word,)*];

            /// The word the database and the API use.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// Reads the word back.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$name),)* _ => None }
            }
        }
    };
}
