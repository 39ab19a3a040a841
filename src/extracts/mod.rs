//! Certified extracts of the lien register: of one pledge (质押登记证明), and of everything that lies on a site's stock of a right class at an
//! instant, even when that is nothing (权利负担查询证明). A bank searches before it lends, a court before it freezes, a buyer's counsel before
//! the price is agreed; each takes away a paper that proves itself.
//!
//! An extract never changes. Its issue is a journal without postings whose document hash is that of its text, and that journal is a leaf of
//! the transparency log: with the text, the journal, the inclusion proof, a checkpoint and the log's public key it is verified without asking
//! this server (`ganhe verify certificate`, or [`api_public`]). What lay on a stock at an instant is read from the accounts of its liens and
//! freezes as of that instant, so it is final, and no row that was changed since can alter it.
//!
//! Who may search: the holder, a bank or guarantor under the holder's consent (每次查询都记入访问日志), the bureau in charge, and the exchange, which
//! records what courts order. Registration makes a pledge good against others (民法典第四百四十一条、第四百四十五条), so what is registered can be looked
//! up; what is owed is told to the parties of the pledge alone.

pub mod api;
pub mod api_public;
pub mod commands;
mod document;
pub mod error;
pub mod extract;
pub mod printing;
pub mod queries;
mod store;

pub use error::ExtractRefusal;
pub use extract::Issued;
pub use store::COVERED;
