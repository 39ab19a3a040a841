//! A certificate of rights (排污权证), version 1: what a site held of one right class at an instant, as a text whose SHA-256 stands in the
//! journal of its issue. That journal is a leaf of the transparency log, so whoever has the text, the journal, the inclusion proof, the
//! checkpoint and the public key of the log can verify it without asking anybody. `docs/CERTIFICATE-FORMAT.md` describes it for a stranger.

use crate::leaf::{LeafJournal, Lines, Told};
use crate::note::{self, NoteFault, TreeHead};
use crate::tree::{Hash, TreeFault, check_inclusion};
use crate::{JournalKind, hexadecimal};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use thiserror::Error;
use uuid::Uuid;

/// First line of the text; a changed form gets another number.
pub const VERSION: &str = "ganhe-certificate/1";

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its number.
    pub number: String,
    /// The journal of its issue, whose recorded instant is the one that it speaks of.
    pub journal: Uuid,
    /// The day of its issue, ISO.
    pub issued_on: String,
    /// The registry that vouches for it.
    pub registry: String,
    /// The site.
    pub site: Uuid,
    /// Its number.
    pub site_number: String,
    /// Its name.
    pub site_name: String,
    /// Code of its area.
    pub area: String,
    /// Name of the organisation that holds the rights.
    pub holder: String,
    /// Its unified social credit code.
    pub holder_code: String,
    /// The discharge permit in force.
    pub permit: Option<CertifiedPermit>,
    /// Code of the right class.
    pub right_class: String,
    /// How its amounts are written.
    pub measure: CertifiedMeasure,
    /// Grams that are free, held for trades, pledged, and frozen by a court.
    pub grams: CertifiedGrams,
    /// How the rights came, newest first; a holding that came in very many parts names the newest.
    pub origins: Vec<CertifiedOrigin>,
}

/// The discharge permit (排污许可证) of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedPermit {
    /// Its number.
    pub number: String,
    /// First day, ISO.
    pub valid_from: String,
    /// Last day, ISO.
    pub valid_to: String,
}

/// How amounts are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedMeasure {
    /// The display unit.
    pub unit: String,
    /// Grams in one of it.
    pub grams_per_unit: i64,
    /// Decimals.
    pub decimals: u32,
}

/// What a site holds, by what binds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CertifiedGrams {
    /// Free to use, sell and pledge.
    pub available: i64,
    /// Held for offers and trades.
    pub committed: i64,
    /// Held by liens.
    pub pledged: i64,
    /// Held by court freezes.
    pub frozen: i64,
}

impl CertifiedGrams {
    /// All of it.
    pub fn total(self) -> i64 {
        [self.available, self.committed, self.pledged, self.frozen].into_iter().fold(0, i64::saturating_add)
    }
}

/// A journal that brought rights to the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedOrigin {
    /// What happened.
    pub kind: String,
    /// Its legal date, ISO.
    pub effective_on: String,
    /// How much came.
    pub grams: i64,
    /// Its leaf hash in hexadecimal.
    pub leaf_hash: String,
}

/// Why a certificate does not verify.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CertificateFault {
    /// The text is not that of a certificate.
    #[error("the text is no certificate of this form")]
    NotACertificate,
    /// The journal is no journal, or not the one of an issue.
    #[error("the journal is not that of the issue of a certificate")]
    NotItsJournal,
    /// The journal is about a certificate with another text.
    #[error("the journal was recorded for another text")]
    OtherText,
    /// The checkpoint is not what it claims to be.
    #[error("the checkpoint: {0}")]
    Checkpoint(#[from] NoteFault),
    /// The journal is not in the tree of the checkpoint.
    #[error("the inclusion: {0}")]
    Inclusion(#[from] TreeFault),
}

/// What comes with a certificate to prove it.
#[derive(Debug, Clone, Copy)]
pub struct CertificateProof<'p> {
    /// The canonical form of the journal of its issue.
    pub journal: &'p str,
    /// Where that journal stands in the log.
    pub position: u64,
    /// The inclusion proof.
    pub inclusion: &'p [Hash],
    /// The signed checkpoint.
    pub checkpoint: &'p str,
}

impl CertificateProof<'_> {
    /// Checks that the journal of this kind and id was recorded for the text of this hash, and is in the tree of a checkpoint that one of
    /// the keys has signed.
    pub(crate) fn check(
        self,
        kind: JournalKind,
        id: Uuid,
        hash: &str,
        vkeys: &[&str],
    ) -> Result<(LeafJournal, TreeHead), CertificateFault> {
        let journal = LeafJournal::parse(self.journal).ok_or(CertificateFault::NotItsJournal)?;
        if journal.kind != kind.as_str() || journal.id != id {
            return Err(CertificateFault::NotItsJournal);
        }
        if journal.document_hash.as_deref() != Some(hash) {
            return Err(CertificateFault::OtherText);
        }
        let head = note::open(self.checkpoint, vkeys)?.head;
        check_inclusion(self.inclusion, head.size, head.root, self.position, journal.hash())?;
        Ok((journal, head))
    }
}

impl Certificate {
    /// The text. Free text carries its length in bytes, so that no text can pass for another line.
    pub fn canonical(&self) -> String {
        let free = |text: &str| format!("{} {text}", text.len());
        let permit = self.permit.as_ref();
        let (permit, valid) = match permit {
            Some(permit) => (free(&permit.number), format!("{} {}", permit.valid_from, permit.valid_to)),
            None => ("-".to_owned(), "-".to_owned()),
        };
        let (measure, grams) = (&self.measure, &self.grams);
        let mut form = format!(
            "{VERSION}\nnumber {}\njournal {}\nissued_on {}\nregistry {}\nsite {}\nsite_number {}\nsite_name {}\narea {}\nholder {}\n\
             holder_code {}\npermit {permit}\npermit_valid {valid}\nright_class {}\nunit {}\ngrams_per_unit {}\ndecimals {}\n\
             available {}\ncommitted {}\npledged {}\nfrozen {}\norigins {}\n",
            self.number,
            self.journal,
            self.issued_on,
            free(&self.registry),
            self.site,
            free(&self.site_number),
            free(&self.site_name),
            self.area,
            free(&self.holder),
            self.holder_code,
            self.right_class,
            free(&measure.unit),
            measure.grams_per_unit,
            measure.decimals,
            grams.available,
            grams.committed,
            grams.pledged,
            grams.frozen,
            self.origins.len(),
        );
        for origin in &self.origins {
            let CertifiedOrigin { kind, effective_on, grams, leaf_hash } = origin;
            // Writing to a string cannot fail.
            let _ = writeln!(form, "origin {kind} {effective_on} {grams} {leaf_hash}");
        }
        form
    }

    /// Reads a text back; nothing when it is not exactly that of some certificate.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = Lines::of(text, VERSION)?;
        let lines = &mut lines;
        let certificate = Self {
            number: lines.plain("number")?.to_owned(),
            journal: lines.plain("journal")?.parse().ok()?,
            issued_on: lines.plain("issued_on")?.to_owned(),
            registry: free(lines, "registry")?,
            site: lines.plain("site")?.parse().ok()?,
            site_number: free(lines, "site_number")?,
            site_name: free(lines, "site_name")?,
            area: lines.plain("area")?.to_owned(),
            holder: free(lines, "holder")?,
            holder_code: lines.plain("holder_code")?.to_owned(),
            permit: permit(lines)?.value(),
            right_class: lines.plain("right_class")?.to_owned(),
            measure: CertifiedMeasure {
                unit: free(lines, "unit")?,
                grams_per_unit: lines.plain("grams_per_unit")?.parse().ok()?,
                decimals: lines.plain("decimals")?.parse().ok()?,
            },
            grams: CertifiedGrams {
                available: lines.plain("available")?.parse().ok()?,
                committed: lines.plain("committed")?.parse().ok()?,
                pledged: lines.plain("pledged")?.parse().ok()?,
                frozen: lines.plain("frozen")?.parse().ok()?,
            },
            origins: origins(lines)?,
        };
        // One text for each certificate: what would be written otherwise is none.
        (certificate.canonical() == text).then_some(certificate)
    }

    /// SHA-256 of the text, in lower-case hexadecimal: the document hash of the journal of its issue.
    pub fn hash(&self) -> String {
        hexadecimal(&Sha256::digest(self.canonical().as_bytes()))
    }
}

fn free(lines: &mut Lines<'_>, name: &str) -> Option<String> {
    lines.text(name)?.value()
}

fn permit(lines: &mut Lines<'_>) -> Option<Told<CertifiedPermit>> {
    let (number, valid) = (lines.text("permit")?, lines.plain("permit_valid")?);
    match (number, valid.split_once(' ')) {
        (Told::Nothing, None) => Some(Told::Nothing),
        (Told::This(number), Some((from, to))) => {
            Some(Told::This(CertifiedPermit { number, valid_from: from.to_owned(), valid_to: to.to_owned() }))
        }
        _ => None,
    }
}

fn origins(lines: &mut Lines<'_>) -> Option<Vec<CertifiedOrigin>> {
    let count: usize = lines.plain("origins")?.parse().ok()?;
    let mut origins = Vec::new();
    for _ in 0..count {
        let parts: Vec<&str> = lines.plain("origin")?.split(' ').collect();
        let [kind, effective_on, grams, leaf_hash] = parts.as_slice() else { return None };
        origins.push(CertifiedOrigin {
            kind: (*kind).to_owned(),
            effective_on: (*effective_on).to_owned(),
            grams: grams.parse().ok()?,
            leaf_hash: (*leaf_hash).to_owned(),
        });
    }
    Some(origins)
}

/// Verifies the text of a certificate with what comes with it, under the public keys of the log. Tells what it says, and the tree head
/// that vouches for it.
///
/// # Errors
/// Every [`CertificateFault`].
pub fn verify(
    text: &str,
    proof: CertificateProof<'_>,
    vkeys: &[&str],
) -> Result<(Certificate, LeafJournal, TreeHead), CertificateFault> {
    let certificate = Certificate::parse(text).ok_or(CertificateFault::NotACertificate)?;
    let (journal, head) =
        proof.check(JournalKind::CertificateIssued, certificate.journal, &certificate.hash(), vkeys)?;
    Ok((certificate, journal, head))
}
