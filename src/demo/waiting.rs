//! What the demonstration leaves to be decided: an enterprise has applied for the registration of what it has reduced, and the bureaux in
//! charge find that in their inboxes.

use super::people::People;
use super::setting::tonnes;
use crate::access::{Action, Role};
use crate::db::Db;
use crate::db::columns::hexadecimal;
use crate::decisions::Grounds;
use crate::decisions::documents::media::MediaType;
use crate::decisions::documents::{self, NewDocument};
use crate::kernel::Failure;
use crate::kernel::ids::DocumentId;
use crate::quota::reductions::commands::{self, NewApplication};
use sha2::{Digest, Sha256};

/// 亚细亚陶瓷, in Tongcheng.
const APPLICANT: &str = "91421222MA0000001F";
/// What it says it has reduced, in tonnes a year.
const REDUCED: &str = "5.000";
/// How.
const STATEMENT: &str = "窑炉烟气湿法脱硫改造投运，年减排二氧化硫 5 吨";
/// What it shows for that.
const EVIDENCE: &str = "窑炉烟气脱硫改造验收监测报告（示范）\n改造后年排放二氧化硫较改造前减少 5.000 吨。\n";

/// Uploads the evidence and applies.
pub async fn apply(db: &Db, people: &People) -> Result<(), Failure> {
    let news = [NewDocument {
        name: "脱硫改造验收监测报告.txt".to_owned(),
        media_type: MediaType::Text,
        sha256: hexadecimal(&Sha256::digest(EVIDENCE)),
        size: i64::try_from(EVIDENCE.len()).map_err(Failure::bug)?,
        content: Some(EVIDENCE.as_bytes().to_vec()),
    }];
    let permit = people.permit(APPLICANT, Role::EnterpriseTrader, Action::RegisterDocument)?;
    let documents: Vec<DocumentId> = db
        .run(&permit, &news, |work, news| {
            Box::pin(async move {
                let kept = documents::register(work, news).await?;
                Ok(kept.into_iter().map(|document| document.id).collect::<Vec<_>>())
            })
        })
        .await?;
    let wanted = [NewApplication {
        site: people.site(APPLICANT)?.id,
        pollutant: "SO2".to_owned(),
        quantity: tonnes(REDUCED)?,
        statement: STATEMENT.to_owned(),
        grounds: Grounds { documents, ..Grounds::default() },
    }];
    let permit = people.permit(APPLICANT, Role::EnterpriseTrader, Action::ApplyForReduction)?;
    db.run(&permit, &wanted, |work, wanted| Box::pin(async move { commands::apply(work, wanted).await.map(|_| ()) }))
        .await
}
