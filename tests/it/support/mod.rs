//! What every test stands on: a server of its own over a database of its own, a client that remembers who asks, and a world
//! of named people.

pub mod app;
pub mod client;
pub mod contract;
pub mod demo;
pub mod figures;
pub mod made;
pub mod postgres;
pub mod soak;
pub mod world;

pub use client::{Answer, Client};
pub use world::World;
