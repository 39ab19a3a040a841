//! Evidence (存证) beside the rows: every covered table is read in the order of its keys together with its records, and each row
//! that is not what its newest record says is named. This is the register of all tables: which leave evidence, which are
//! proved in another way, and which are not proved at all, each with its reason. A table that stands nowhere fails a test.

mod compare;
pub mod queries;
mod rows;

pub use compare::check;

use crate::db::records::Covered;
use crate::kernel::Failure;
use crate::{
    compliance, db, decisions, disclosure, events, extracts, freeze, identity, import, ledger, market, objections,
    parties, pledge, quota, rulebook, treasury,
};

/// Tables whose rows leave evidence, by the capability that writes them.
pub const COVERED: &[&[Covered]] = &[
    db::once::COVERED,
    db::stand_in::COVERED,
    db::approved::COVERED,
    ledger::COVERED,
    decisions::COVERED,
    decisions::delegations::COVERED,
    decisions::approvals::COVERED,
    rulebook::COVERED,
    parties::COVERED,
    identity::COVERED,
    identity::keys::COVERED,
    identity::second_factor::COVERED,
    identity::clients::COVERED,
    objections::COVERED,
    quota::COVERED,
    compliance::COVERED,
    treasury::COVERED,
    market::COVERED,
    market::auctions::COVERED,
    market::auctions::record::COVERED,
    pledge::COVERED,
    import::COVERED,
    disclosure::COVERED,
    freeze::COVERED,
    extracts::COVERED,
    events::COVERED,
];

/// Names of the tables whose rows leave evidence.
///
/// # Errors
/// A fault of ours: a column of a type that evidence does not know.
pub fn covered_tables() -> Result<Vec<&'static str>, Failure> {
    COVERED.iter().copied().flatten().map(|covered| Ok(covered.shape()?.table)).collect()
}

/// Tables that the verification proves in a way of their own, and how.
pub const PROVED_OTHERWISE: &[(&str, &str)] = &[
    ("journals", "the leaf hash of each journal is computed again from its values"),
    ("entries", "they are lines of their journals, and every balance is derived from them again"),
    (
        "legacy_transactions",
        "each is compared with the reason and the document hash of its journal, which its leaf hash covers",
    ),
    ("evidence", "the leaf hash of each record is computed again, and the versions of each row have no gap"),
    ("document_contents", "the hash of each content is computed again, and the content of each document is found"),
    ("bank_references", "each is compared with the movement, the payment or the return whose reference it is"),
    ("settled_trades", "each is compared with the trade and with what its settlement journal moved"),
    ("event_parties", "whom each journal concerns is derived again from its accounts and its subject"),
    ("daily_totals", "each is summed again from the entries of its account"),
    ("periods", "each seal is computed again from journals and entries, and compared with the journal that records it"),
    ("log_leaves", "the tree is built again from the rows that the leaves are of"),
    ("log_nodes", "they are computed again from the leaves"),
    ("log_checkpoints", "each root is computed again, and each note is checked under the keys of the log"),
    ("log_keys", "each must have signed the checkpoint at which it begins"),
    ("log_signing_keys", "the private key must belong to the newest public one"),
    ("log_cosignatures", "each line must be a signature of its witness over its checkpoint, numbered without a gap"),
];

/// Tables that nothing of the books, rights or duties rests on, and why.
pub const NOT_PROVED: &[(&str, &str)] = &[
    (
        "seaql_migrations",
        "which changes of the tables were made; the program compares them with its own when it starts",
    ),
    ("operations", "how far long works have come and what past readings found; whoever doubts one has it done again"),
    ("command_keys", "answers kept for a repeated request; what was done stands in the rows that it wrote"),
    (
        "reads",
        "who read what by their office, written behind the answers: a read moves no right and binds nobody, and evidence of each would \
         outgrow the books; a look under a consent is in access_log, whose rows leave evidence",
    ),
    ("leases", "which node does a background work at the moment, and until when"),
    ("sessions", "who is signed in; what they did names them in the rows and journals that it wrote"),
    ("refresh_tokens", "what keeps a session going for hours; nothing of the books refers to it"),
    ("sign_in_failures", "counts that slow guessing down, forgotten after a day"),
    ("second_factor_steps", "which codes were used lately; the second factors themselves leave evidence"),
    ("event_feeds", "how far the feed has come; what it has told is derived again"),
    ("webhook_deliveries", "messages on their way; what they tell stands in the journals, and can be sent again"),
    ("webhook_attempts", "what receivers have answered; nothing of the books refers to it"),
    ("outbox", "a copy of what happened, for those who listen; it is told again from the rows"),
];
