//! Issuing extracts.

use super::error::ExtractRefusal;
use super::extract::Issued;
use super::store;
use crate::access::Scope;
use crate::db::Work;
use crate::freeze::queries::open_at;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, ExtractId, OrganisationId, PledgeId, SiteId};
use crate::kernel::{Failure, Moment};
use crate::ledger;
use crate::ledger::holdings::{Stood, stood_at};
use crate::parties::commands::look;
use crate::parties::consent::ENCUMBRANCES;
use crate::parties::words::Words;
use crate::parties::{PartyRefusal, Site, queries};
use crate::pledge::Pledge;
use crate::pledge::queries::{known_pledge, registered_liens, waiting_at};
use crate::quota::certificates::commands::registry;
use crate::quota::issue_number;
use accounting::certificate::{CertifiedGrams, CertifiedMeasure};
use accounting::extract::{
    Encumbrance, EncumbranceKind, Extract, ExtractContent, ExtractedEvent, ExtractedParty, ExtractedPledge,
    ExtractedStock, ExtractedThing,
};
use accounting::{Holding, Journal, JournalId, JournalKind, Measure, Money, Purpose, Quantity, Subject, SubjectKind};
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Its series of running numbers.
const SERIES: &str = "EX";
/// Most journals of a pledge that an extract names: the newest of a long life.
const MOST_EVENTS: usize = 50;

/// What an extract is about, beside what it says.
struct About {
    holder: OrganisationId,
    pledgee: Option<OrganisationId>,
    area_path: String,
    subject: Uuid,
}

/// Extracts a pledge from the register, as it stands now, for whoever may know of it.
///
/// # Errors
/// [`ExtractRefusal::NotRegistered`]; hidden when the caller may not know of the pledge.
pub async fn extract_pledge(work: &mut Work, pledge: PledgeId) -> Result<Issued, Failure> {
    let pledge = known_pledge(work, pledge).await?;
    let state = pledge.state.as_str().to_owned();
    let registration = pledge.state.registration().cloned().ok_or(ExtractRefusal::NotRegistered { state })?;
    let named: Vec<OrganisationId> =
        pledge.further_parties().into_iter().chain([pledge.pledgor, pledge.pledgee]).collect();
    let parties = queries::organisations_by_id(work.connection(), &named).await?;
    let party = |id: OrganisationId| -> Result<ExtractedParty, Failure> {
        let known = parties.get(&id).ok_or_else(|| Failure::bug("a pledge of an unknown party"))?;
        Ok(ExtractedParty { name: known.name.clone(), code: known.code.clone() })
    };
    let history = ledger::journals_about(work, pledge.id.0, MOST_EVENTS).await?;
    let content = ExtractedPledge {
        pledge: registration.number,
        state: pledge.state.as_str().to_owned(),
        registered_at: registration.at.micros(),
        pledgor: party(pledge.pledgor)?,
        pledgee: party(pledge.pledgee)?,
        further_pledgors: pledge.pledgors().skip(1).map(party).collect::<Result<_, _>>()?,
        further_pledgees: pledge.further_pledgees().map(party).collect::<Result<_, _>>()?,
        loan_contract: pledge.terms.loan_contract.clone(),
        pledge_contract: pledge.terms.pledge_contract.clone(),
        principal: pledge.terms.principal.fen(),
        secured: pledge.terms.secured.fen(),
        scope: pledge.terms.scope.iter().map(|part| part.as_str().to_owned()).collect(),
        maximum: pledge.terms.determined.map(|(from, to)| (from.to_string(), to.to_string())),
        restricts_transfer: pledge.terms.restricts_transfer,
        debt: (pledge.terms.debt_from.to_string(), pledge.terms.debt_to.to_string()),
        external: pledge.external.as_ref().map(|external| external.number.clone()),
        things: things(work, &pledge).await?,
        history: history
            .into_iter()
            .map(|event| ExtractedEvent {
                kind: event.kind,
                effective_on: event.effective_on,
                leaf_hash: event.leaf_hash,
            })
            .collect(),
    };
    let about = About {
        holder: pledge.pledgor,
        pledgee: Some(pledge.pledgee),
        area_path: pledge.pledgor_area_path,
        subject: pledge.id.0,
    };
    let as_of = work.now();
    issue(work, about, as_of, ExtractContent::Pledge(Box::new(content))).await
}

/// What a pledge holds, thing by thing; of one that is over, nothing.
async fn things(work: &Work, pledge: &Pledge) -> Result<Vec<ExtractedThing>, Failure> {
    let holds = pledge.expect_in_force().is_ok();
    let sites: Vec<SiteId> = pledge.liens.iter().map(|lien| lien.site).collect();
    let sites = queries::sites_by_id(work.connection(), &sites).await?;
    let classes: Vec<_> = pledge.liens.iter().map(|lien| lien.right_class).collect();
    let words = Words::of_ids(work.connection(), &classes).await?;
    let thing = |lien: &crate::pledge::Lien| -> Result<ExtractedThing, Failure> {
        let site = sites.get(&lien.site).ok_or_else(|| Failure::bug("a lien on an unknown site"))?;
        let (right_class, measure) = words.class(lien.right_class)?;
        let grams = lien.left().filter(|_| holds).map_or(0, Quantity::grams);
        Ok(ExtractedThing {
            site: lien.site.0,
            site_number: site.number.clone(),
            site_name: site.name.clone(),
            right_class,
            measure: certified(measure),
            grams,
            waiting: if holds { lien.waiting() } else { 0 },
            rank: lien.rank().map_or(1, |rank| rank.place),
            secured: lien.secured.map(Money::fen),
            value: lien.valuation().map(|valuation| valuation.value.fen()),
        })
    };
    pledge.liens.iter().map(thing).collect()
}

fn certified(measure: &Measure) -> CertifiedMeasure {
    CertifiedMeasure { unit: measure.unit.clone(), grams_per_unit: measure.grams_per_unit, decimals: measure.decimals }
}

/// Searches what lay on a site's stock of a right class at an instant that is final, for whoever may. A bank's search is noted for the
/// holder to see.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::UnknownRightClass`], [`PartyRefusal::OutsideArea`], [`ExtractRefusal::SearchNotAllowed`].
pub async fn search(work: &mut Work, site: SiteId, right_class: &str, as_of: Moment) -> Result<Issued, Failure> {
    let found = queries::known_sites(work.connection(), &[site]).await?.remove(&site);
    let site = found.ok_or(PartyRefusal::UnknownSite {})?;
    let words = Words::of_codes(work.connection(), &[right_class.to_owned()]).await?;
    let (class, measure) = words.class_by_code(right_class)?;
    expect_allowed(work, &site, right_class).await?;
    let holders = queries::organisations_by_id(work.connection(), &[site.organisation]).await?;
    let holder = holders.get(&site.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
    let holding = Holding { owner: site.id.into(), asset: class.into() };
    let stood = stood_at(work, holding, as_of).await?;
    let sum = |purpose| stood.iter().filter(|stood| stood.purpose == purpose).map(|stood| stood.units).sum();
    let content = ExtractedStock {
        site: site.id.0,
        site_number: site.number.clone(),
        site_name: site.name.clone(),
        area: site.area_path.rsplit('/').next().unwrap_or_default().to_owned(),
        holder: ExtractedParty { name: holder.name.clone(), code: holder.code.clone() },
        right_class: right_class.to_owned(),
        measure: certified(&measure),
        grams: CertifiedGrams {
            available: sum(Purpose::Available),
            committed: sum(Purpose::Committed),
            pledged: sum(Purpose::Pledged),
            frozen: sum(Purpose::Frozen),
        },
        encumbrances: encumbrances(work, holding, &stood, as_of).await?,
    };
    let about =
        About { holder: site.organisation, pledgee: None, area_path: site.area_path.clone(), subject: site.id.0 };
    issue(work, about, as_of, ExtractContent::Search(Box::new(content))).await
}

/// The holder, a bank or guarantor under a consent in force that covers the class, a bureau in charge, or who sees all.
async fn expect_allowed(work: &mut Work, site: &Site, right_class: &str) -> Result<(), Failure> {
    let caller = work.caller().clone();
    match caller.scope() {
        Scope::Everything => return Ok(()),
        Scope::Area { .. } if caller.covers(&site.area_path) => return Ok(()),
        Scope::Area { .. } => {
            return Err(Failure::from(PartyRefusal::OutsideArea { area: site.name.clone() }).at("site"));
        }
        Scope::Organisation { id } if id == site.organisation => return Ok(()),
        Scope::Organisation { .. } => {}
    }
    let consents = queries::consents_between(work.connection(), site.organisation, caller.organisation).await?;
    let consent = consents.into_iter().find(|consent| consent.covers(right_class, work.today()));
    let consent = consent.ok_or(ExtractRefusal::SearchNotAllowed {})?;
    look(work, consent.id, ENCUMBRANCES).await?;
    Ok(())
}

/// What lay on a stock, in the order of the instants since which it did.
async fn encumbrances(
    work: &Work,
    holding: Holding,
    stood: &[Stood],
    as_of: Moment,
) -> Result<Vec<Encumbrance>, Failure> {
    let waiting = waiting_at(work.connection(), holding, as_of).await?;
    let held: HashMap<Uuid, i64> =
        stood.iter().filter_map(|stood| stood.subject.map(|subject| (subject.0, stood.units))).collect();
    let of = |purpose| stood.iter().filter(move |stood| stood.purpose == purpose).filter_map(|stood| stood.subject);
    let holding_liens = of(Purpose::Pledged).map(|subject| subject.0);
    let liens: BTreeSet<Uuid> = holding_liens.chain(waiting.keys().copied()).collect();
    let liens: Vec<Uuid> = liens.into_iter().collect();
    let registered = registered_liens(work.connection(), &liens, as_of).await?;
    if registered.len() != liens.len() {
        return Err(Failure::bug("something is pledged to a lien that is not in the register"));
    }
    let mut found = Vec::new();
    for lien in registered {
        let grams = |of: &HashMap<Uuid, i64>| of.get(&lien.id.0).copied().unwrap_or_default();
        let parts = [(EncumbranceKind::Pledge, grams(&held)), (EncumbranceKind::WaitingPledge, grams(&waiting))];
        found.extend(parts.into_iter().filter(|(_, grams)| *grams > 0).map(|(kind, grams)| Encumbrance {
            kind,
            since: lien.registered_at.micros(),
            grams,
            number: lien.number.clone(),
            party: lien.pledgee.clone(),
        }));
    }
    for (freeze, ordered) in open_at(work.connection(), holding, as_of).await? {
        let has = held.get(&freeze.id.0).copied().unwrap_or_default();
        let parts = [(EncumbranceKind::Freeze, has), (EncumbranceKind::WaitingFreeze, ordered.saturating_sub(has))];
        found.extend(parts.into_iter().filter(|(_, grams)| *grams > 0).map(|(kind, grams)| Encumbrance {
            kind,
            since: freeze.recorded_at.micros(),
            grams,
            number: freeze.document.clone(),
            party: freeze.court.clone(),
        }));
    }
    found.sort_by(|one, other| (one.since, &one.number, one.kind).cmp(&(other.since, &other.number, other.kind)));
    Ok(found)
}

/// Writes the row and the journal, which carries the hash of the text.
async fn issue(work: &mut Work, about: About, as_of: Moment, content: ExtractContent) -> Result<Issued, Failure> {
    let (journal, caller) = (ids::fresh_journal(), work.caller().organisation);
    let applicants = queries::organisations_by_id(work.connection(), &[caller]).await?;
    let applicant = applicants.get(&caller).ok_or(PartyRefusal::UnknownOrganisation {})?;
    let extract = Extract {
        number: issue_number(work, SERIES).await?,
        journal: journal.0,
        issued_on: work.today().to_string(),
        as_of: as_of.micros(),
        registry: registry(work, &about.area_path).await?,
        applicant: applicant.name.clone(),
        content,
    };
    let issued = Issued {
        id: ExtractId::fresh(),
        applicant: caller,
        holder: about.holder,
        pledgee: about.pledgee,
        area_path: about.area_path,
        subject: about.subject,
        extract,
        journal: journal.0,
        issued_by: work.caller().user,
        issued_at: work.now(),
    };
    store::insert(work, &issued).await?;
    let subject = Subject { kind: SubjectKind::Extract, id: issued.id.0, version: 1 };
    let journal =
        Journal::new(JournalId(issued.journal), JournalKind::ExtractIssued, subject, work.today(), Vec::new());
    ledger::post(work, &[journal.proved_by(Some(issued.extract.hash()))]).await?;
    let payload = json!({ "number": issued.extract.number, "kind": issued.extract.kind(), "subject": issued.subject });
    work.tell(Event { kind: "extract.issued", subject: issued.id.0, payload });
    Ok(issued)
}
