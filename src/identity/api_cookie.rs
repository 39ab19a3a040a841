//! The refresh token of a browser, in a cookie that no script reads.
//!
//! A page that runs in a browser has no safe place for a secret that lasts for hours. With the header `Ganhe-Refresh: cookie` the refresh
//! token comes as a cookie instead of in the body, and is taken from there. A page of another origin can neither read it nor have
//! it used: the cookie is `SameSite=Strict`, and such a page cannot send the header without asking first, which is refused.

use super::error::IdentityRefusal;
use super::sessions::session::LONGEST_MINUTES;
use crate::http::extract::RequestRefusal;
use crate::http::{Problem, Shared};
use crate::kernel::Failure;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use cookie::{Cookie, SameSite};
use utoipa::IntoParams;

/// The header by which a browser asks for the cookie; a page of another origin may not send it.
const HEADER: &str = "ganhe-refresh";
/// Its one value.
const IN_COOKIE: &str = "cookie";
/// The name of the cookie.
const NAME: &str = "ganhe_refresh";
/// The cookie goes to the operations of signing in and nowhere else.
const PATH: &str = "/api/v1/auth";

/// Where the refresh token of a session is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// By the client, which gets it in the body.
    Client,
    /// By the browser, in a cookie.
    Cookie {
        /// Whether it may travel by https alone.
        is_secure: bool,
    },
}

/// The header, as the contract tells it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "tells the contract of a header that is read as `Keeping`")]
pub struct KeepingHeader {
    /// `cookie`: the refresh token is kept in the cookie `ganhe_refresh` (HttpOnly, SameSite=Strict) and not in a body.
    #[param(rename = "Ganhe-Refresh", example = "cookie")]
    ganhe_refresh: Option<String>,
}

impl FromRequestParts<Shared> for Keeping {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        Ok(Self::asked(&parts.headers, shared.conduct.is_https)?)
    }
}

impl Keeping {
    fn asked(headers: &HeaderMap, is_secure: bool) -> Result<Self, RequestRefusal> {
        match headers.get(HEADER).map(HeaderValue::as_bytes) {
            None => Ok(Self::Client),
            Some(value) if value == IN_COOKIE.as_bytes() => Ok(Self::Cookie { is_secure }),
            Some(_) => Err(RequestRefusal::Malformed {
                field: "Ganhe-Refresh".to_owned(),
                zh: "须为 cookie".to_owned(),
                en: "must be cookie".to_owned(),
            }),
        }
    }

    /// The refresh token of a request: from the body, or from the cookie when it was asked to be kept there.
    ///
    /// # Errors
    /// [`RequestRefusal::Malformed`] when the body lacks it, or has it beside the cookie; [`IdentityRefusal::RefreshRefused`]
    /// when there is no cookie.
    pub fn token(self, headers: &HeaderMap, body: Option<String>) -> Result<String, Failure> {
        let wrong = |zh: &str, en: &str| RequestRefusal::Malformed {
            field: "refresh_token".to_owned(),
            zh: zh.to_owned(),
            en: en.to_owned(),
        };
        match (self, body) {
            (Self::Client, Some(token)) => Ok(token),
            (Self::Client, None) => Err(wrong("缺少此项", "is missing").into()),
            (Self::Cookie { .. }, Some(_)) => Err(wrong("与 Cookie 重复", "is in the cookie already").into()),
            (Self::Cookie { .. }, None) => kept(headers).ok_or_else(|| IdentityRefusal::RefreshRefused {}.into()),
        }
    }

    /// Takes a refresh token out of the body into the cookie, when it is kept there.
    pub fn keep(self, refresh_token: &mut Option<String>) -> Option<HeaderValue> {
        let Self::Cookie { is_secure } = self else { return None };
        let token = refresh_token.take()?;
        set(token, cookie::time::Duration::minutes(LONGEST_MINUTES), is_secure)
    }

    /// Has the browser forget the cookie.
    pub fn forget(self) -> Option<HeaderValue> {
        let Self::Cookie { is_secure } = self else { return None };
        set(String::new(), cookie::time::Duration::ZERO, is_secure)
    }
}

fn kept(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = all.flat_map(Cookie::split_parse).flatten();
    cookies.find(|cookie| cookie.name() == NAME).map(|cookie| cookie.value().to_owned())
}

fn set(token: String, lasts: cookie::time::Duration, is_secure: bool) -> Option<HeaderValue> {
    let cookie = Cookie::build((NAME, token))
        .path(PATH)
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(is_secure)
        .max_age(lasts);
    HeaderValue::from_str(&cookie.build().to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_cookie_counts_only_beside_the_header() {
        let both = headers(&[("cookie", "theme=dark; ganhe_refresh=ganhe_rt_x"), ("ganhe-refresh", "cookie")]);
        let keeping = Keeping::asked(&both, false).unwrap();
        assert_eq!(keeping.token(&both, None).unwrap(), "ganhe_rt_x");
        assert!(keeping.token(&both, Some("ganhe_rt_y".to_owned())).is_err());
        let alone = headers(&[("cookie", "ganhe_refresh=ganhe_rt_x")]);
        let keeping = Keeping::asked(&alone, false).unwrap();
        assert!(keeping.token(&alone, None).is_err());
        assert_eq!(keeping.token(&alone, Some("ganhe_rt_y".to_owned())).unwrap(), "ganhe_rt_y");
        assert!(Keeping::asked(&headers(&[("ganhe-refresh", "yes")]), false).is_err());
    }

    #[test]
    fn the_cookie_is_for_no_script_and_no_other_site_and_leaves_the_body() {
        let mut token = Some("ganhe_rt_x".to_owned());
        let cookie = Keeping::Cookie { is_secure: true }.keep(&mut token).unwrap();
        let cookie = cookie.to_str().unwrap();
        for part in
            ["ganhe_refresh=ganhe_rt_x", "HttpOnly", "SameSite=Strict", "Secure", "Path=/api/v1/auth", "Max-Age="]
        {
            assert!(cookie.contains(part), "{cookie} lacks {part}");
        }
        assert_eq!(token, None);
        let forgotten = Keeping::Cookie { is_secure: false }.forget().unwrap();
        let forgotten = forgotten.to_str().unwrap();
        assert!(forgotten.contains("Max-Age=0") && !forgotten.contains("Secure"), "{forgotten}");
        assert_eq!(Keeping::Client.keep(&mut Some("ganhe_rt_x".to_owned())), None);
    }
}
