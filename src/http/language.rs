//! The language of messages, as `Accept-Language` asks for it (RFC 9110, 12.5.4).

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use std::convert::Infallible;

/// Language of the messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese, the language of the law and of most users.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The one of the two that is wanted more; Chinese when both are wanted alike or neither is.
    pub fn asked(header: Option<&HeaderValue>) -> Self {
        let asked = header.and_then(|value| value.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
        let weight = |language: &str| {
            let ranges = asked.split(',').filter_map(|range| weighed(range, language));
            // The most exact range counts: `*` only where the language is not named.
            ranges.max_by_key(|(exactness, weight)| (*exactness, *weight)).map_or(0, |(_, weight)| weight)
        };
        if weight("en") > weight("zh") { Self::En } else { Self::Zh }
    }

    /// The one of two that is in this language.
    pub fn pick<'a, T: ?Sized>(self, zh: &'a T, en: &'a T) -> &'a T {
        match self {
            Self::Zh => zh,
            Self::En => en,
        }
    }

    /// Its tag.
    pub fn tag(self) -> HeaderValue {
        HeaderValue::from_static(self.pick("zh-CN", "en"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Language {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::asked(parts.headers.get(header::ACCEPT_LANGUAGE)))
    }
}

/// How exactly a range such as `en-GB;q=0.8` names the language, and how much it is wanted, in thousandths.
fn weighed(range: &str, language: &str) -> Option<(u8, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let exactness = match parts.next()? {
        "*" => 0,
        tag => (tag.split('-').next() == Some(language)).then_some(1)?,
    };
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1_000), thousandths)?;
    Some((exactness, weight))
}

/// `0.85` → 850. Nothing when it is no weight.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let whole: u16 = whole.parse().ok()?;
    let decimals: u16 = format!("{decimals:0<3}").parse().ok()?;
    let weight = whole.checked_mul(1_000)?.checked_add(decimals)?;
    (weight <= 1_000).then_some(weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_wanted_most_is_spoken() {
        let asked = |text: &str| Language::asked(HeaderValue::from_str(text).ok().as_ref());
        for english in [
            "en",
            "EN-gb",
            "en-US,en;q=0.9,zh;q=0.8",
            "zh;q=0.2, en;q=0.201",
            "fr, en;q=0.1",
            "*, zh;q=0",
            "zh;q=0.5,*",
        ] {
            assert_eq!(asked(english), Language::En, "{english}");
        }
        for chinese in
            ["", "zh", "fr", "*", "en;q=0", "zh-CN,en", "en;q=0.5,zh;q=0.7", "en;q=2", "en;q=0.5,*", "english"]
        {
            assert_eq!(asked(chinese), Language::Zh, "{chinese}");
        }
    }
}
