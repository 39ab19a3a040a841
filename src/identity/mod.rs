//! People: users of organisations, their roles, and how they sign in. A role must fit the kind of the organisation, so
//! that staff of bureau, exchange and reserve can never hold an enterprise role. Passwords are kept as argon2id hashes;
//! hashing runs off the threads that serve requests.

pub mod api;
pub mod commands;
pub mod error;
pub mod founding;
pub mod password;
pub mod queries;
pub mod roster;
mod store;
pub mod user;

pub use error::IdentityRefusal;
pub use store::COVERED;
pub use user::User;
