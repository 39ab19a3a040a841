//! The web portal inside the binary: what `npm run build` has put into `portal/dist` is served at `/`, and its first page for every
//! address that the portal draws by itself. The portal is a client of the contract like any other; what stands here besides files is
//! the one thing that it must know before anybody has signed in: what kind of installation this is.
//!
//! It never stands in front of the API: addresses whose first segment is in [`OTHERS`] are not the portal's, and an address that is no
//! file gets the first page only when it is a browser that asks for a page.

pub mod api;
mod assets;

/// First segments of what else is served at the root. A page of the portal has none of these names.
pub const OTHERS: [&str; 9] =
    [".well-known", "api", "docs", "healthz", "log", "metrics", "oauth", "openapi.json", "readyz"];

/// Somebody whom a visitor of a demonstration may sign in as.
#[derive(Debug, Clone)]
pub struct Guest {
    /// The login.
    pub login: &'static str,
    /// Its password, which everybody may know.
    pub password: &'static str,
    /// The role, as the permission table names it.
    pub role: &'static str,
}

/// Whether an address is the portal's to answer.
fn is_ours(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    !OTHERS.contains(&first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portal_draws_its_own_addresses_and_no_others() {
        for path in ["/", "/market", "/market/listings/0185", "/apiary", "/login", "/index.html"] {
            assert!(is_ours(path), "{path}");
        }
        for path in
            ["/api", "/api/v1/nowhere", "/oauth/token", "/healthz", "/log/keys", "/.well-known/jwks.json", "//api/v1"]
        {
            assert!(!is_ours(path), "{path}");
        }
    }
}
