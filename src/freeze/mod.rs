//! Court freezes (司法冻结): the exchange records what a court has ordered of rights of a site, by the number of its document. What is free
//! moves to the account of the freeze at once; for what is still wanting, open offers, listings, lots and trades are undone, the newest
//! first, and no more of them than it takes. What is pledged stays with its lien: the pledgee is told, and the freeze waits in one line
//! with whoever else waits for these rights, by the instant recorded (轮候).
//!
//! waiting → in_force → executed, whole or part by part; either → lifted, by the court, when its term is over, or when the rights expire.
//!
//! The law: 民事诉讼法第二百五十三条、第二百五十四条 (查封、扣押、冻结; 执行); 最高人民法院关于人民法院民事执行中查封、扣押、冻结财产的规定 (法释〔2004〕15号,
//! 2020年修正) 第二十六条 (轮候), 第二十七条 (期限届满). A lien that was registered before goes before the freeze.

pub mod api;
pub mod api_executions;
mod api_view;
pub mod clock;
pub mod commands;
mod error;
mod executing;
#[expect(clippy::module_inception, reason = "the noun of this capability bears its name")]
pub mod freeze;
pub mod line;
pub mod queries;
mod store;

pub use error::FreezeRefusal;
pub use freeze::{Freeze, FreezeState};
pub use store::COVERED;
