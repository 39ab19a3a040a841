//! Certificates of rights (排污权证): what a site holds of one right class at an instant, free and encumbered, with the proof that it was
//! recorded so. A certificate is of a holding and not of a grant, because a trade leaves the grant as it was (国办发〔2014〕38号: rights are
//! confirmed in the form of a document; a bank verifies quantity and encumbrance against it).
//!
//! A certificate never changes. What it is worth today is read from the books: current, until the holding moves (changed), a newer
//! certificate of the same rights is issued (superseded), or their validity ends (expired). Its issue is a journal without postings whose
//! document hash is that of its text; the journal is a leaf of the transparency log, and what proves it is printed into the file.
//! Anybody can ask by number or by the hash of the file, and is told the state and the hashes, not who holds what.

pub mod api;
pub mod api_public;
pub mod certificate;
pub mod commands;
pub mod document;
pub mod printing;
pub mod queries;
pub(super) mod store;

pub use certificate::{CertificateState, Issued};
