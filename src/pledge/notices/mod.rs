//! What a pledgee is told when something comes about the rights of its lien, and what leaves the lien when they are over or are taken
//! back. The loan stands as it did: the pledge stays registered, and its release gives back what is left (民法典第三百九十条,
//! 第三百九十三条).
//!
//! told → lapsed, in whole or in part; or nothing leaves, because the pledgee has released the lien in time.

pub mod clock;
mod permits;
pub(super) mod store;

use super::commands::{journal, stamp, tell};
use super::pledge::{Lien, Pledge};
use super::store as pledges;
use crate::db::Work;
use crate::db::work::Doing;
use crate::encumbrance::{Lapse, LienOn, Liens, NewNotice, Notice};
use crate::kernel::ids::{LienId, LienNoticeId, OrganisationId};
use crate::kernel::{Failure, Moment};
use accounting::{Holding, Journal, JournalKind, SubjectId};
use std::collections::{BTreeMap, HashMap};

/// What a pledgee was told about a lien.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LienNotice {
    /// Its identity.
    pub id: LienNoticeId,
    /// About which lien.
    pub lien: LienId,
    /// Why, of which act, and until when the grams stay.
    pub notice: Notice,
    /// How many of its grams it concerns.
    pub grams: i64,
    /// When it was told.
    pub given_at: Moment,
    /// What has left the lien since.
    pub lapse: Option<Lapsed>,
    /// Counts from 1.
    pub version: i64,
}

/// Grams that have left a lien for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lapsed {
    /// How many.
    pub grams: i64,
    /// When.
    pub at: Moment,
}

impl LienNotice {
    /// Grams that have left the lien since.
    pub fn lapsed(&self) -> i64 {
        self.lapse.map_or(0, |lapse| lapse.grams)
    }
}

/// The register of pledges, as those who end rights know it.
#[derive(Debug)]
pub struct Register;

impl Liens for Register {
    fn on<'w>(&'w self, work: &'w Work, stocks: &'w [Holding]) -> Doing<'w, Vec<LienOn>> {
        Box::pin(async move {
            let found = pledges::registered_on(work, stocks).await?;
            Ok(in_rank(&found, |lien| stocks.contains(&lien.stock())))
        })
    }

    fn lock<'w>(&'w self, work: &'w Work, liens: &'w [SubjectId]) -> Doing<'w, Vec<LienOn>> {
        Box::pin(async move {
            let locked = pledges::lock_registered(work, &ids_of(liens)).await?;
            Ok(in_rank(&locked, |lien| liens.contains(&lien.id.into())))
        })
    }

    fn lock_of<'w>(&'w self, work: &'w Work, pledgors: &'w [OrganisationId]) -> Doing<'w, Vec<LienOn>> {
        Box::pin(async move {
            let locked = pledges::lock_registered_of(work, pledgors).await?;
            Ok(in_rank(&locked, |lien| pledgors.contains(&lien.pledgor)))
        })
    }

    fn notify<'w>(&'w self, work: &'w mut Work, news: &'w [NewNotice]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let notices: Vec<LienNotice> = news
                .iter()
                .map(|new| LienNotice {
                    id: LienNoticeId::fresh(),
                    lien: LienId(new.lien.0),
                    notice: new.notice,
                    grams: new.grams,
                    given_at: work.now(),
                    lapse: None,
                    version: 1,
                })
                .collect();
            store::insert(work, &notices).await?;
            let liens: Vec<SubjectId> = news.iter().map(|new| new.lien).collect();
            touch(work, &liens, JournalKind::PledgeeNotified, "pledge.notified").await
        })
    }

    fn lapse<'w>(&'w self, work: &'w mut Work, lapses: &'w [Lapse]) -> Doing<'w, Vec<Journal>> {
        Box::pin(async move {
            let liens: Vec<SubjectId> = lapses.iter().map(|lapse| lapse.lien).collect();
            let mut told =
                store::of_liens(work.connection(), &liens.iter().map(|lien| lien.0).collect::<Vec<_>>()).await?;
            let mut changed = Vec::with_capacity(lapses.len());
            for lapse in lapses {
                let of_lien = told.entry(lapse.lien.0).or_default();
                let is_it = |one: &LienNotice| {
                    (one.notice.cause, one.notice.right_act) == (lapse.cause, lapse.right_act) && one.lapse.is_none()
                };
                let notice = of_lien.iter().position(is_it).map(|at| of_lien.swap_remove(at));
                let notice = notice.ok_or_else(|| Failure::bug("grams leave a lien whose pledgee was not told"))?;
                let lapse = Some(Lapsed { grams: lapse.grams, at: work.now() });
                changed.push(LienNotice { lapse, version: notice.version + 1, ..notice });
            }
            store::save(work, &changed).await?;
            touch(work, &liens, JournalKind::LienLapsed, "pledge.lapsed").await
        })
    }
}

fn ids_of(liens: &[SubjectId]) -> Vec<LienId> {
    liens.iter().map(|lien| LienId(lien.0)).collect()
}

/// Those liens of registered pledges that are wanted and hold something, first registered first.
fn in_rank(found: &[Pledge], is_wanted: impl Fn(&Lien) -> bool) -> Vec<LienOn> {
    let mut ranked: BTreeMap<(Moment, LienId), LienOn> = BTreeMap::new();
    for pledge in found {
        let Some(registration) = pledge.state.registration() else { continue };
        for lien in pledge.liens.iter().filter(|lien| is_wanted(lien)) {
            let Some(left) = lien.left() else { continue };
            let on = LienOn {
                lien: lien.id.into(),
                number: registration.number.clone(),
                stock: lien.stock(),
                grams: left.grams(),
                notices: lien.notices.iter().map(|notice| notice.notice).collect(),
            };
            ranked.insert((registration.at, lien.id), on);
        }
    }
    ranked.into_values().collect()
}

/// The next version of the pledges of these liens, each once, with its journal.
async fn touch(
    work: &mut Work,
    liens: &[SubjectId],
    kind: JournalKind,
    event: &'static str,
) -> Result<Vec<Journal>, Failure> {
    let locked = pledges::lock_registered(work, &ids_of(liens)).await?;
    let touched: Vec<Pledge> = locked.into_iter().map(|pledge| pledge.touched(stamp(work))).collect();
    let journals = touched.iter().map(|pledge| journal(work.today(), kind, pledge, Vec::new())).collect();
    pledges::save(work, &touched).await?;
    tell(work, event, &touched);
    Ok(journals)
}

/// Notices by lien, oldest first.
pub(super) type ByLien = HashMap<uuid::Uuid, Vec<LienNotice>>;
