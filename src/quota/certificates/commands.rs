//! Issuing a certificate.

use super::certificate::{Issued, grams_of};
use super::store;
use crate::access::Scope;
use crate::db::Work;
use crate::kernel::Failure;
use crate::kernel::event::Event;
use crate::kernel::ids::{self, CertificateId, SiteId};
use crate::ledger;
use crate::ledger::holdings::{brought, held_under_lock};
use crate::parties::words::Words;
use crate::parties::{PartyRefusal, Site, queries};
use crate::quota::error::QuotaRefusal;
use accounting::certificate::{Certificate, CertifiedMeasure, CertifiedOrigin, CertifiedPermit};
use accounting::{Holding, Journal, JournalKind, Subject, SubjectKind};
use serde_json::json;

use crate::quota::issue_number;

/// Its series of running numbers.
const SERIES: &str = "CE";
/// Most journals that a certificate names as the origin of the rights: a page has room for them.
const MOST_ORIGINS: usize = 5;

/// Issues a certificate of what a site holds of a right class now: of one's own site, or of one in the bureau's area.
///
/// # Errors
/// [`PartyRefusal::UnknownSite`], [`PartyRefusal::UnknownRightClass`], [`QuotaRefusal::NotYourSite`], [`PartyRefusal::OutsideArea`],
/// [`QuotaRefusal::NothingHeld`].
pub async fn issue(work: &mut Work, site: SiteId, right_class: &str) -> Result<Issued, Failure> {
    let site = known_site(work, site).await?;
    let words = Words::of_codes(work.connection(), &[right_class.to_owned()]).await?;
    let (class, measure) = words.class_by_code(right_class)?;
    let holding = Holding { owner: site.id.into(), asset: class.into() };
    let grams = grams_of(&held_under_lock(work, holding).await?);
    if grams.total() == 0 {
        return Err(QuotaRefusal::NothingHeld { site: site.name, right_class: right_class.to_owned() }.into());
    }
    let origins = brought(work, holding, MOST_ORIGINS).await?.into_iter().map(|origin| CertifiedOrigin {
        kind: origin.kind,
        effective_on: origin.effective_on,
        grams: origin.units,
        leaf_hash: origin.leaf_hash,
    });
    let organisations = queries::organisations_by_id(work.connection(), &[site.organisation]).await?;
    let holder = organisations.get(&site.organisation).ok_or(PartyRefusal::UnknownOrganisation {})?;
    let journal = ids::fresh_journal();
    let certificate = Certificate {
        number: issue_number(work, SERIES).await?,
        journal: journal.0,
        issued_on: work.today().to_string(),
        registry: registry(work, &site.area_path).await?,
        site: site.id.0,
        site_number: site.number.clone(),
        site_name: site.name.clone(),
        area: site.area_path.rsplit('/').next().unwrap_or_default().to_owned(),
        holder: holder.name.clone(),
        holder_code: holder.code.clone(),
        permit: permit(work, site.id).await?,
        right_class: right_class.to_owned(),
        measure: CertifiedMeasure {
            unit: measure.unit,
            grams_per_unit: measure.grams_per_unit,
            decimals: measure.decimals,
        },
        grams,
        origins: origins.collect(),
    };
    let issued = Issued {
        id: CertificateId::fresh(),
        site: site.id,
        organisation: site.organisation,
        area_path: site.area_path,
        right_class: class,
        certificate,
        journal: journal.0,
        issued_by: work.caller().user,
        issued_at: work.now(),
    };
    record(work, &issued).await?;
    Ok(issued)
}

/// Writes the row and the journal, which carries the hash of the text.
async fn record(work: &mut Work, issued: &Issued) -> Result<(), Failure> {
    store::insert(work, issued).await?;
    let subject = Subject { kind: SubjectKind::Certificate, id: issued.id.0, version: 1 };
    let id = accounting::JournalId(issued.journal);
    let journal = Journal::new(id, JournalKind::CertificateIssued, subject, work.today(), Vec::new());
    ledger::post(work, &[journal.proved_by(Some(issued.certificate.hash()))]).await?;
    let payload =
        json!({ "number": issued.certificate.number, "site": issued.site, "right_class": issued.right_class });
    work.tell(Event { kind: "certificate.issued", subject: issued.id.0, payload });
    Ok(())
}

async fn known_site(work: &Work, id: SiteId) -> Result<Site, Failure> {
    let site = queries::known_sites(work.connection(), &[id]).await?.remove(&id).ok_or(PartyRefusal::UnknownSite {})?;
    match work.caller().scope() {
        Scope::Area { .. } if work.caller().covers(&site.area_path) => Ok(site),
        Scope::Area { .. } => Err(Failure::from(PartyRefusal::OutsideArea { area: site.name }).at("site")),
        _ if site.organisation == work.caller().organisation => Ok(site),
        _ => Err(QuotaRefusal::NotYourSite {}.into()),
    }
}

/// The permit that is in force today; of several the one that ends last.
async fn permit(work: &Work, site: SiteId) -> Result<Option<CertifiedPermit>, Failure> {
    let permits = queries::permits_of(work.connection(), &[site]).await?.remove(&site).unwrap_or_default();
    let today = work.today();
    let in_force = permits.into_iter().filter(|permit| permit.validity.contains(today));
    Ok(in_force.max_by_key(|permit| permit.validity.to()).map(|permit| CertifiedPermit {
        number: permit.number,
        valid_from: permit.validity.from().to_string(),
        valid_to: permit.validity.to().to_string(),
    }))
}

/// Who vouches for what is certified of an area: its bureau, or that of the nearest area above that has one.
///
/// # Errors
/// A fault of the database.
pub async fn registry(work: &Work, area_path: &str) -> Result<String, Failure> {
    let mut path = area_path;
    loop {
        if let Some(bureau) = queries::bureau_of(work.connection(), path).await? {
            return Ok(bureau.name);
        }
        match path.rsplit_once('/') {
            Some((above, _)) => path = above,
            None => return Ok("Ganhe".to_owned()),
        }
    }
}
