//! Recording facts, and correcting them.

use super::error::FactRefusal;
use super::fact::{About, Content, Fact, FactKind, Settled, version};
use super::store;
use crate::db::Work;
use crate::db::failure::on_unique;
use crate::decisions::Grounds;
use crate::decisions::documents::{self, Audience};
use crate::http::extract::{expect_version, not_found};
use crate::kernel::event::Event;
use crate::kernel::ids::{self, FactId, OrganisationId, SiteId};
use crate::kernel::{Failure, Refusal, Violation};
use crate::ledger;
use crate::parties::{Organisation, OrganisationKind, PartyRefusal, queries};
use crate::rulebook::{self, Rulebook};
use accounting::{Journal, JournalKind, Origin, Subject, SubjectKind};
use serde_json::json;

/// Whom or what a fact shall be about, as it is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// An enterprise.
    Organisation(OrganisationId),
    /// A site.
    Site(SiteId),
    /// A park, by the code of its area.
    Area(String),
}

/// A fact to record.
#[derive(Debug, Clone)]
pub struct NewFact {
    /// Whom or what it is about.
    pub about: Named,
    /// What it tells.
    pub kind: FactKind,
    /// What it says.
    pub content: Content,
    /// Number of the document that proves it.
    pub source: String,
    /// The documents it rests on.
    pub grounds: Grounds,
}

/// A fact that was told wrongly.
#[derive(Debug, Clone)]
pub struct Correction {
    /// Which.
    pub fact: FactId,
    /// The version that the bureau saw.
    pub expected: Option<i64>,
    /// What is told instead, and of which kind; nothing when it never was so.
    pub content: Option<(FactKind, Content)>,
    /// Number of the document that proves it.
    pub source: String,
    /// Why it is corrected, and on which documents.
    pub grounds: Grounds,
}

/// Records facts about what lies in the caller's area.
///
/// # Errors
/// [`PartyRefusal::UnknownOrganisation`], [`PartyRefusal::UnknownSite`], [`PartyRefusal::UnknownArea`],
/// [`PartyRefusal::OutsideArea`], and every rule of [`FactRefusal`] at once.
pub async fn record(work: &mut Work, news: &[NewFact]) -> Result<Vec<Fact>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let proofs = documents::prove(work, &news.iter().map(|new| &new.grounds).collect::<Vec<_>>()).await?;
    let mut facts = Vec::with_capacity(news.len());
    for (new, proof) in news.iter().zip(proofs) {
        let mut broken = Vec::new();
        let (about, organisation, area_path) = place(work, &new.about, &mut broken).await?;
        let fact = Fact {
            id: FactId::fresh(),
            about,
            organisation,
            area_path,
            kind: new.kind,
            content: Some(new.content.clone()),
            source: new.source.clone(),
            document_hash: proof,
            corrects: None,
            reason: None,
            recorded_by: work.caller().user,
            recorded_for: work.caller().organisation,
            recorded_at: work.now(),
            rulebook: rulebook.id,
        };
        broken.extend(judge(work, &fact, &rulebook).await?);
        Failure::refused(broken)?;
        facts.push(fact);
    }
    finish(work, JournalKind::FactRecorded, &facts, news.iter().map(|new| &new.grounds)).await?;
    Ok(facts)
}

/// Corrects facts about what lies in the caller's area, each by a new one that stands in its place.
///
/// # Errors
/// [`FactRefusal::CorrectedAlready`], [`FactRefusal::KindDiffers`], [`FactRefusal::AnnulledAlready`] and every rule for what is told
/// instead; hidden outside the caller's area.
pub async fn correct(work: &mut Work, wanted: &[Correction]) -> Result<Vec<Fact>, Failure> {
    let rulebook = rulebook::in_force(work).await?;
    let ids: Vec<FactId> = wanted.iter().map(|correction| correction.fact).collect();
    let locked = store::lock(work, &ids).await?;
    let corrected = store::corrections_of(work.connection(), &ids).await?;
    let proofs = documents::prove(work, &wanted.iter().map(|one| &one.grounds).collect::<Vec<_>>()).await?;
    let mut facts = Vec::with_capacity(wanted.len());
    for (correction, proof) in wanted.iter().zip(proofs) {
        let before = locked.get(&correction.fact).filter(|fact| work.caller().covers(&fact.area_path));
        let before = before.ok_or_else(|| not_found("fact"))?;
        let is_corrected = corrected.contains_key(&before.id);
        expect_version(correction.expected, version(is_corrected))?;
        if is_corrected {
            return Err(FactRefusal::CorrectedAlready {}.into());
        }
        let fact = Fact {
            id: FactId::fresh(),
            content: told_instead(before, correction)?,
            source: correction.source.clone(),
            document_hash: proof,
            corrects: Some(before.id),
            reason: correction.grounds.reason.clone(),
            recorded_by: work.caller().user,
            recorded_for: work.caller().organisation,
            recorded_at: work.now(),
            rulebook: rulebook.id,
            ..before.clone()
        };
        Failure::refused(judge(work, &fact, &rulebook).await?)?;
        facts.push(fact);
    }
    finish(work, JournalKind::FactCorrected, &facts, wanted.iter().map(|correction| &correction.grounds)).await?;
    Ok(facts)
}

fn told_instead(before: &Fact, correction: &Correction) -> Result<Option<Content>, FactRefusal> {
    match &correction.content {
        None if before.content.is_none() => Err(FactRefusal::AnnulledAlready {}),
        None => Ok(None),
        Some((kind, _)) if *kind != before.kind => {
            Err(FactRefusal::KindDiffers { kind: before.kind.as_str().to_owned() })
        }
        Some((_, content)) => Ok(Some(content.clone())),
    }
}

/// What it is about, whose that is and where it lies.
async fn place(
    work: &Work,
    named: &Named,
    broken: &mut Vec<Violation>,
) -> Result<(About, Option<OrganisationId>, String), Failure> {
    let connection = work.connection();
    let (about, organisation, path, name) = match named {
        Named::Organisation(id) => {
            let found = queries::organisations_by_id(connection, &[*id]).await?.remove(id);
            let found = found.filter(Organisation::is_known).ok_or(PartyRefusal::UnknownOrganisation {})?;
            if found.kind != OrganisationKind::Enterprise {
                broken.push(FactRefusal::NotEnterprise { name: found.name.clone() }.violation());
            }
            (About::Organisation(*id), Some(*id), found.area_path, found.name)
        }
        Named::Site(id) => {
            let site = queries::known_sites(connection, &[*id]).await?.remove(id);
            let site = site.ok_or(PartyRefusal::UnknownSite {})?;
            (About::Site(*id), Some(site.organisation), site.area_path, site.name)
        }
        Named::Area(code) => {
            let area = queries::areas_by_code(connection, std::slice::from_ref(code)).await?.remove(code);
            let area = area.ok_or_else(|| PartyRefusal::UnknownArea { code: code.clone() })?;
            (About::Area(area.id), None, area.path, area.name)
        }
    };
    if !work.caller().covers(&path) {
        let field = match named {
            Named::Organisation(_) => "organisation",
            Named::Site(_) => "site",
            Named::Area(_) => "area",
        };
        return Err(Failure::from(PartyRefusal::OutsideArea { area: name }).at(field));
    }
    Ok((about, organisation, path))
}

/// Every rule that what a fact says breaks, by the fields of its content.
async fn judge(work: &Work, fact: &Fact, rulebook: &Rulebook) -> Result<Vec<Violation>, Failure> {
    let Some(content) = &fact.content else { return Ok(Vec::new()) };
    let mut broken = Vec::new();
    if content.begins() > work.today() {
        broken.push(FactRefusal::InFuture {}.violation().within(field_of_day(content)));
    }
    match content {
        Content::Rating { level, .. } => {
            let known = rulebook.credit_levels();
            if let Some(known) = known.filter(|known| !known.contains(&level.as_str())) {
                let (level, known) = (level.clone(), known.join(", "));
                broken.push(FactRefusal::UnknownLevel { level, known }.violation());
            }
        }
        Content::OverPermit { pollutant: Some(code), .. } => {
            if !queries::pollutants(work.connection()).await?.contains_key(code) {
                broken.push(PartyRefusal::UnknownPollutant { code: code.clone() }.violation());
            }
        }
        Content::Settlement { of: Settled::Rights { right_class: code, quantity }, .. } => {
            if quantity.is_none() && fact.corrects.is_none() {
                let kind = fact.kind.as_str().to_owned();
                broken.push(FactRefusal::Missing { kind }.violation().within("quantity"));
            }
            let found = queries::classes_by_code(work.connection(), std::slice::from_ref(code)).await?;
            match found.get(code).map(|record| record.class.origin) {
                None => broken.push(PartyRefusal::UnknownRightClass { code: code.clone() }.violation()),
                Some(Origin::Paid) => broken.push(FactRefusal::NotFree { right_class: code.clone() }.violation()),
                Some(Origin::Free) => {}
            }
        }
        Content::Settlement { of: Settled::Owed(id), .. } => {
            if !is_owed(work, *id, fact.about).await? {
                broken.push(FactRefusal::NotOwed {}.violation());
            }
        }
        Content::OverPermit { pollutant: None, .. } | Content::Incident { .. } => {}
    }
    Ok(broken.into_iter().map(|violation| violation.within("content")).collect())
}

fn field_of_day(content: &Content) -> &'static str {
    match content {
        Content::Incident { .. } | Content::Settlement { .. } => "happened_on",
        Content::Rating { .. } | Content::OverPermit { .. } => "period",
    }
}

/// Whether a fact tells of a fee that this site owes, and stands. Locked, so that nobody corrects it meanwhile.
async fn is_owed(work: &Work, id: FactId, about: About) -> Result<bool, Failure> {
    let fact = store::lock(work, &[id]).await?.remove(&id);
    let is_fee =
        fact.is_some_and(|fact| fact.kind == FactKind::FeeUnpaid && fact.about == about && fact.content.is_some());
    Ok(is_fee && store::corrections_of(work.connection(), &[id]).await?.is_empty())
}

/// Writes facts with their journals, and lets those whom they concern read the documents.
async fn finish(
    work: &mut Work,
    kind: JournalKind,
    facts: &[Fact],
    grounds: impl Iterator<Item = &Grounds>,
) -> Result<(), Failure> {
    // Each constraint is about another field of what was told.
    let told = |constraint: &str, columns: &str, field: &str, failure: Failure| {
        on_unique(failure, constraint, columns, || FactRefusal::ToldAlready {}).renamed("content", field)
    };
    store::insert(work, facts)
        .await
        .map_err(|failure| told("facts_of_period", "index 'facts_of_period'", "content.period", failure))
        .map_err(|failure| told("facts_of_quantity", "facts.right_class, facts.source", "content.right_class", failure))
        .map_err(|failure| {
            told("facts_of_right", "facts.subject_id, facts.right_class", "content.right_class", failure)
        })
        .map_err(|failure| told("facts_of_owed", "facts.settles_id", "content.settles", failure))
        .map_err(|failure| {
            on_unique(failure, "facts_corrected_once", "facts.corrects_id", || FactRefusal::CorrectedAlready {})
        })?;
    let subject_kind = SubjectKind::Fact;
    let journal = |fact: &Fact| {
        let subject = Subject { kind: subject_kind, id: fact.id.0, version: 1 };
        let journal = Journal::new(ids::fresh_journal(), kind, subject, work.today(), Vec::new());
        journal.because(fact.reason.clone()).proved_by(fact.document_hash.clone())
    };
    let journals: Vec<Journal> = facts.iter().map(journal).collect();
    ledger::post(work, &journals).await?;
    for (fact, grounds) in facts.iter().zip(grounds) {
        let mut audiences = vec![Audience::Area(fact.area_path.clone())];
        audiences.extend(fact.organisation.map(Audience::Organisation));
        documents::link(work, grounds, subject_kind.as_str(), fact.id.0, &audiences).await?;
        let event = if kind == JournalKind::FactCorrected { "fact.corrected" } else { "fact.recorded" };
        let payload =
            json!({ "kind": fact.kind.as_str(), "corrects": fact.corrects, "organisation": fact.organisation });
        work.tell(Event { kind: event, subject: fact.id.0, payload });
    }
    Ok(())
}
