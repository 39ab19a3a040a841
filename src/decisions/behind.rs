//! Whose affairs a task or a decision record is about, so that the party learns who has read it. The thing itself knows; its capability
//! stands above this house and is asked through its [`Act`](super::Act).

use super::act::Acts;
use crate::db::Db;
use crate::http::concern::Party;
use crate::kernel::Failure;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;

/// What a task or a record is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'t> {
    /// The act.
    pub act: &'t str,
    /// What kind of thing.
    pub subject_kind: &'t str,
    /// Which thing.
    pub subject: Uuid,
    /// The organisation whose people decide, where it is one.
    pub organisation: Option<Uuid>,
    /// The command that waits, where it does.
    pub command: Option<&'t Value>,
}

/// The parties of each, in the same order: one question for each kind of act, whatever their number.
///
/// # Errors
/// A fault of the database.
pub async fn parties(db: &Db, acts: Acts, things: &[About<'_>]) -> Result<Vec<Vec<Party>>, Failure> {
    let mut asked: HashMap<&str, Vec<Uuid>> = HashMap::new();
    for thing in things {
        asked.entry(thing.act).or_default().push(thing.subject);
    }
    let mut known: HashMap<Uuid, Vec<Party>> = HashMap::new();
    for (act, subjects) in asked {
        if let Some(act) = acts.find(act) {
            known.extend(act.parties(db, &subjects).await?);
        }
    }
    Ok(things.iter().map(|thing| thing.parties(known.get(&thing.subject))).collect())
}

impl About<'_> {
    fn parties(&self, known: Option<&Vec<Party>>) -> Vec<Party> {
        // An organisation is its own affair, and a command about one names it.
        let itself = (self.subject_kind == "organisation").then_some(self.subject);
        let named = self.command.and_then(|command| command["organisation"].as_str()?.parse().ok());
        let organisations = [itself, named, self.organisation].into_iter().flatten().map(Party::Organisation);
        organisations.chain(known.into_iter().flatten().copied()).collect()
    }
}
