//! Of a site whose last permit ends before the debt, or has ended, the pledgee is told, each end once: a permit is for some years and has to be
//! renewed (排污许可管理条例第十四条), and who discharges no more loses free rights and sells paid ones. The lien stays as it is.

use super::Register;
use crate::db::Work;
use crate::encumbrance::{Liens, NewNotice, Notice, NoticeCause};
use crate::kernel::Failure;
use crate::kernel::ids::{LienId, PledgeId, SiteId};
use crate::ledger;
use crate::parties::Permit;
use crate::parties::queries::permits_of;
use crate::pledge::pledge::{Lien, Pledge};
use crate::pledge::store as pledges;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// Pledges in one work: it commits within a blink.
const BATCH: u64 = 200;

/// How far a look has come.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(super) struct Looked {
    /// Liens whose pledgees were told.
    pub told: u64,
    /// The last pledge; none when there are no more.
    pub last: Option<Uuid>,
}

/// Looks at the permits of the next pledges after one.
///
/// # Errors
/// A fault of the database.
pub(super) async fn tell_some(work: &mut Work, after: PledgeId) -> Result<Looked, Failure> {
    let next = pledges::in_force_after(work, after, BATCH).await?;
    let Some(last) = next.last().map(|pledge| pledge.id.0) else { return Ok(Looked::default()) };
    let sites: Vec<SiteId> = next.iter().flat_map(|pledge| &pledge.liens).map(|lien| lien.site).collect();
    let permits = permits_of(work.connection(), &sites).await?;
    let today = work.today();
    let due = ending(&next, &permits, today);
    if due.is_empty() {
        return Ok(Looked { told: 0, last: Some(last) });
    }
    // Judged again under the locks: who has been released meanwhile is told nothing.
    let liens: Vec<LienId> = due.iter().map(|new| LienId(new.lien.0)).collect();
    let in_force = pledges::lock_registered(work, &liens).await?;
    let news = ending(&in_force, &permits, today);
    let journals = Register.notify(work, &news).await?;
    if !journals.is_empty() {
        ledger::post(work, &journals).await?;
    }
    Ok(Looked { told: u64::try_from(news.len()).map_err(Failure::bug)?, last: Some(last) })
}

/// What is to be told of these pledges on a day.
fn ending(pledges: &[Pledge], permits: &HashMap<SiteId, Vec<Permit>>, today: Date) -> Vec<NewNotice> {
    let mut news = Vec::new();
    for pledge in pledges {
        let needed = pledge.terms.debt_to.max(today);
        for lien in &pledge.liens {
            let own = permits.get(&lien.site).into_iter().flatten();
            let Some(end) = own.map(|permit| permit.validity.to()).max().filter(|end| *end < needed) else { continue };
            let Some(left) = lien.left().filter(|_| !is_told(lien, end)) else { continue };
            let notice = Notice { cause: NoticeCause::PermitEnd, right_act: None, until: Some(end) };
            news.push(NewNotice { lien: lien.id.into(), notice, grams: left.grams() });
        }
    }
    news
}

fn is_told(lien: &Lien, end: Date) -> bool {
    let told = |notice: Notice| notice.cause == NoticeCause::PermitEnd && notice.until == Some(end);
    lien.notices.iter().any(|one| told(one.notice))
}
