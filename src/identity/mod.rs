//! Who acts: people of organisations and their API clients, their roles, and how they sign in. A role must fit the kind of the
//! organisation, so that staff of bureau, exchange and reserve can never hold an enterprise role. A person signs in with a password
//! and a second factor and gets a session (`sessions`), a client with a secret (`clients`); both get access tokens of minutes under
//! keys that change (`keys`). `admission` says of each token whether its bearer may still come in. `docs/IDENTITY.md` shows how to
//! do each thing.

pub mod admission;
pub mod api;
pub mod api_auth;
pub mod api_clients;
pub mod api_cookie;
pub mod api_factor;
pub mod api_oauth;
pub mod api_roles;
pub mod api_support;
pub mod clients;
pub mod commands;
pub mod error;
pub mod founding;
pub mod keys;
pub mod passwords;
pub mod queries;
pub mod roster;
pub mod second_factor;
pub mod secret;
pub mod sessions;
pub mod sign_in;
mod store;
pub mod throttle;
pub mod user;

pub use error::IdentityRefusal;
pub use store::COVERED;
pub use user::{User, UserKind};
