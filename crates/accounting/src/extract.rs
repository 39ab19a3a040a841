//! A certified extract of the lien register, version 1: of one pledge (质押登记证明), or of everything that lies on a site's stock of a
//! right class at an instant, even when that is nothing (权利负担查询证明). Like a certificate of rights it is a text whose SHA-256 stands in the
//! journal of its issue, and is verified without asking anybody. `docs/EXTRACT-FORMAT.md` describes it for a stranger.

use crate::certificate::{CertificateFault, CertificateProof, CertifiedGrams, CertifiedMeasure};
use crate::leaf::{LeafJournal, Lines, Told};
use crate::note::TreeHead;
use crate::{JournalKind, hexadecimal};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use uuid::Uuid;

/// First line of the text; a changed form gets another number.
pub const VERSION: &str = "ganhe-extract/1";

/// What an extract says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extract {
    /// Its number.
    pub number: String,
    /// The journal of its issue.
    pub journal: Uuid,
    /// The day of its issue, ISO.
    pub issued_on: String,
    /// The instant that it speaks of, in microseconds of business time since 1970.
    pub as_of: i64,
    /// The registry that vouches for it.
    pub registry: String,
    /// Who has asked for it.
    pub applicant: String,
    /// Of what.
    pub content: ExtractContent,
}

/// Of what an extract is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtractContent {
    /// Of one pledge.
    Pledge(Box<ExtractedPledge>),
    /// Of one stock.
    Search(Box<ExtractedStock>),
}

/// A pledge as it stood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedPledge {
    /// Its number in the register.
    pub pledge: String,
    /// How far it had come: `registered`, `defaulted`, `released`, `closed`.
    pub state: String,
    /// When it was registered, in microseconds of business time since 1970.
    pub registered_at: i64,
    /// Whose rights.
    pub pledgor: ExtractedParty,
    /// To whom.
    pub pledgee: ExtractedParty,
    /// Everybody else whose rights are pledged by it (第三人出质).
    pub further_pledgors: Vec<ExtractedParty>,
    /// Everybody else whose claim it secures (银团质押).
    pub further_pledgees: Vec<ExtractedParty>,
    /// Number of the loan contract.
    pub loan_contract: String,
    /// Number of the pledge contract.
    pub pledge_contract: String,
    /// The loan, in fen.
    pub principal: i64,
    /// The part of it that is secured on these rights, in fen.
    pub secured: i64,
    /// What beside the principal is secured, word by word (担保范围).
    pub scope: Vec<String>,
    /// First and last day, ISO, of the period in which the claims of a maximum-amount pledge (最高额质押) arise; `secured` is its ceiling.
    pub maximum: Option<(String, String)>,
    /// Whether the parties have agreed that the rights are not sold meanwhile: it binds others only where the register says it
    /// (担保制度解释第四十三条).
    pub restricts_transfer: bool,
    /// First and last day of the debt, ISO.
    pub debt: (String, String),
    /// Its number at the unified register of movables and rights, where it was told.
    pub external: Option<String>,
    /// What it held, thing by thing.
    pub things: Vec<ExtractedThing>,
    /// The journals about it, oldest first; of a long life the newest.
    pub history: Vec<ExtractedEvent>,
}

/// A party of a pledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedParty {
    /// Its name.
    pub name: String,
    /// Its unified social credit code.
    pub code: String,
}

/// What a pledge held of one stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedThing {
    /// The site.
    pub site: Uuid,
    /// Its number.
    pub site_number: String,
    /// Its name.
    pub site_name: String,
    /// Code of the right class.
    pub right_class: String,
    /// How its amounts are written.
    pub measure: CertifiedMeasure,
    /// Grams that it held.
    pub grams: i64,
    /// Grams that it waited for, as a junior lien (后顺位质押).
    pub waiting: i64,
    /// Its place when it was registered; 1 where it waited for nobody.
    pub rank: i64,
    /// The part of the secured amount that rested on it, in fen, where it was told.
    pub secured: Option<i64>,
    /// What it was last assessed at, in fen, where it was told.
    pub value: Option<i64>,
}

/// A journal about a pledge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedEvent {
    /// What happened.
    pub kind: String,
    /// Its legal date, ISO.
    pub effective_on: String,
    /// Its leaf hash in hexadecimal.
    pub leaf_hash: String,
}

/// A site's stock of a right class, and everything that lay on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtractedStock {
    /// The site.
    pub site: Uuid,
    /// Its number.
    pub site_number: String,
    /// Its name.
    pub site_name: String,
    /// Code of its area.
    pub area: String,
    /// Whose site.
    pub holder: ExtractedParty,
    /// Code of the right class.
    pub right_class: String,
    /// How its amounts are written.
    pub measure: CertifiedMeasure,
    /// Grams that were free, held for trades, pledged, and frozen by a court.
    pub grams: CertifiedGrams,
    /// What lay on it, in the order of the instants since which it did; none when nothing did.
    pub encumbrances: Vec<Encumbrance>,
}

crate::words! {
    /// What may lie on a stock.
    EncumbranceKind {
        /// A pledge (质押) that holds grams.
        Pledge = "pledge",
        /// A junior lien that waits for grams which others hold (后顺位质押).
        WaitingPledge = "waiting_pledge",
        /// A court freeze (司法冻结) that holds grams.
        Freeze = "freeze",
        /// A court freeze that waits for grams which others hold (轮候冻结).
        WaitingFreeze = "waiting_freeze",
    }
}

/// Something that lay on a stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encumbrance {
    /// What it is.
    pub kind: EncumbranceKind,
    /// Since when, in microseconds of business time since 1970.
    pub since: i64,
    /// Grams that it held, or waited for.
    pub grams: i64,
    /// Number of the pledge, or of the court's document.
    pub number: String,
    /// The pledgee, or the court.
    pub party: String,
}

fn long(text: &str) -> String {
    format!("{} {text}", text.len())
}

impl Extract {
    /// The word for what it is of: `pledge` or `search`.
    pub fn kind(&self) -> &'static str {
        match self.content {
            ExtractContent::Pledge(_) => "pledge",
            ExtractContent::Search(_) => "search",
        }
    }

    /// The leaf hashes of the journals that it names, in hexadecimal: those of the pledge's life.
    pub fn leaves(&self) -> Vec<&str> {
        match &self.content {
            ExtractContent::Pledge(pledge) => pledge.history.iter().map(|event| event.leaf_hash.as_str()).collect(),
            ExtractContent::Search(_) => Vec::new(),
        }
    }

    /// The text. Free text carries its length in bytes, so that no text can pass for another line.
    pub fn canonical(&self) -> String {
        let mut form = format!(
            "{VERSION}\nnumber {}\njournal {}\nkind {}\nissued_on {}\nas_of {}\nregistry {}\napplicant {}\n",
            self.number,
            self.journal,
            self.kind(),
            self.issued_on,
            self.as_of,
            long(&self.registry),
            long(&self.applicant),
        );
        match &self.content {
            ExtractContent::Pledge(pledge) => pledge.write(&mut form),
            ExtractContent::Search(stock) => stock.write(&mut form),
        }
        form
    }

    /// Reads a text back; nothing when it is not exactly that of some extract.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = Lines::of(text, VERSION)?;
        let lines = &mut lines;
        let number = lines.plain("number")?.to_owned();
        let journal = lines.plain("journal")?.parse().ok()?;
        let kind = lines.plain("kind")?;
        let extract = Self {
            number,
            journal,
            issued_on: lines.plain("issued_on")?.to_owned(),
            as_of: lines.plain("as_of")?.parse().ok()?,
            registry: free(lines, "registry")?,
            applicant: free(lines, "applicant")?,
            content: match kind {
                "pledge" => ExtractContent::Pledge(Box::new(ExtractedPledge::read(lines)?)),
                "search" => ExtractContent::Search(Box::new(ExtractedStock::read(lines)?)),
                _ => return None,
            },
        };
        // One text for each extract: what would be written otherwise is none.
        (extract.canonical() == text).then_some(extract)
    }

    /// SHA-256 of the text, in lower-case hexadecimal: the document hash of the journal of its issue.
    pub fn hash(&self) -> String {
        hexadecimal(&Sha256::digest(self.canonical().as_bytes()))
    }
}

// Writing to a string cannot fail: what `writeln!` answers is dropped.
impl ExtractedPledge {
    fn write(&self, form: &mut String) {
        let external = self.external.as_ref().map_or_else(|| "-".to_owned(), |number| long(number));
        let maximum = self.maximum.as_ref().map_or_else(|| "-".to_owned(), |(from, to)| format!("{from} {to}"));
        let _ = write!(
            form,
            "pledge {}\nstate {}\nregistered_at {}\npledgor {}\npledgor_code {}\npledgee {}\npledgee_code {}\n",
            self.pledge,
            self.state,
            self.registered_at,
            long(&self.pledgor.name),
            self.pledgor.code,
            long(&self.pledgee.name),
            self.pledgee.code,
        );
        write_parties(form, "pledgor", &self.further_pledgors);
        write_parties(form, "pledgee", &self.further_pledgees);
        let _ = write!(
            form,
            "loan_contract {}\npledge_contract {}\nprincipal {}\nsecured {}\nscope {}\nmaximum {maximum}\nrestricts_transfer {}\n\
             debt {} {}\nexternal {external}\nthings {}\n",
            long(&self.loan_contract),
            long(&self.pledge_contract),
            self.principal,
            self.secured,
            if self.scope.is_empty() { "-".to_owned() } else { self.scope.join(" ") },
            self.restricts_transfer,
            self.debt.0,
            self.debt.1,
            self.things.len(),
        );
        for thing in &self.things {
            let _ = writeln!(form, "site {}", thing.site);
            let _ = writeln!(form, "site_number {}", long(&thing.site_number));
            let _ = writeln!(form, "site_name {}", long(&thing.site_name));
            let _ = writeln!(form, "right_class {}", thing.right_class);
            write_measure(form, &thing.measure);
            let _ = writeln!(form, "grams {}\nwaiting {}\nrank {}", thing.grams, thing.waiting, thing.rank);
            let _ = writeln!(form, "part {}\nvalue {}", told(thing.secured), told(thing.value));
        }
        let _ = writeln!(form, "history {}", self.history.len());
        for event in &self.history {
            let _ = writeln!(form, "event {} {} {}", event.kind, event.effective_on, event.leaf_hash);
        }
    }

    fn read(lines: &mut Lines<'_>) -> Option<Self> {
        Some(Self {
            pledge: lines.plain("pledge")?.to_owned(),
            state: lines.plain("state")?.to_owned(),
            registered_at: lines.plain("registered_at")?.parse().ok()?,
            pledgor: ExtractedParty { name: free(lines, "pledgor")?, code: lines.plain("pledgor_code")?.to_owned() },
            pledgee: ExtractedParty { name: free(lines, "pledgee")?, code: lines.plain("pledgee_code")?.to_owned() },
            further_pledgors: read_parties(lines, "pledgor")?,
            further_pledgees: read_parties(lines, "pledgee")?,
            loan_contract: free(lines, "loan_contract")?,
            pledge_contract: free(lines, "pledge_contract")?,
            principal: lines.plain("principal")?.parse().ok()?,
            secured: lines.plain("secured")?.parse().ok()?,
            scope: match lines.plain("scope")? {
                "-" => Vec::new(),
                words => words.split(' ').map(str::to_owned).collect(),
            },
            maximum: match lines.plain("maximum")? {
                "-" => None,
                period => Some(period.split_once(' ').map(|(from, to)| (from.to_owned(), to.to_owned()))?),
            },
            restricts_transfer: lines.plain("restricts_transfer")?.parse().ok()?,
            debt: lines.plain("debt")?.split_once(' ').map(|(from, to)| (from.to_owned(), to.to_owned()))?,
            external: match lines.text("external")? {
                Told::Nothing => None,
                Told::This(number) => Some(number),
            },
            things: counted(lines, "things", |lines| {
                Some(ExtractedThing {
                    site: lines.plain("site")?.parse().ok()?,
                    site_number: free(lines, "site_number")?,
                    site_name: free(lines, "site_name")?,
                    right_class: lines.plain("right_class")?.to_owned(),
                    measure: read_measure(lines)?,
                    grams: lines.plain("grams")?.parse().ok()?,
                    waiting: lines.plain("waiting")?.parse().ok()?,
                    rank: lines.plain("rank")?.parse().ok()?,
                    secured: read_told(lines, "part")?.value(),
                    value: read_told(lines, "value")?.value(),
                })
            })?,
            history: counted(lines, "history", |lines| {
                let parts: Vec<&str> = lines.plain("event")?.split(' ').collect();
                let [kind, effective_on, leaf_hash] = parts.as_slice() else { return None };
                Some(ExtractedEvent {
                    kind: (*kind).to_owned(),
                    effective_on: (*effective_on).to_owned(),
                    leaf_hash: (*leaf_hash).to_owned(),
                })
            })?,
        })
    }
}

impl ExtractedStock {
    fn write(&self, form: &mut String) {
        let _ = write!(
            form,
            "site {}\nsite_number {}\nsite_name {}\narea {}\nholder {}\nholder_code {}\nright_class {}\n",
            self.site,
            long(&self.site_number),
            long(&self.site_name),
            self.area,
            long(&self.holder.name),
            self.holder.code,
            self.right_class,
        );
        write_measure(form, &self.measure);
        let CertifiedGrams { available, committed, pledged, frozen } = self.grams;
        let _ = write!(
            form,
            "available {available}\ncommitted {committed}\npledged {pledged}\nfrozen {frozen}\nencumbrances {}\n",
            self.encumbrances.len()
        );
        for encumbrance in &self.encumbrances {
            let Encumbrance { kind, since, grams, number, party } = encumbrance;
            let _ = writeln!(form, "encumbrance {} {since} {grams}", kind.as_str());
            let _ = writeln!(form, "encumbrance_number {}", long(number));
            let _ = writeln!(form, "encumbrance_party {}", long(party));
        }
    }

    fn read(lines: &mut Lines<'_>) -> Option<Self> {
        Some(Self {
            site: lines.plain("site")?.parse().ok()?,
            site_number: free(lines, "site_number")?,
            site_name: free(lines, "site_name")?,
            area: lines.plain("area")?.to_owned(),
            holder: ExtractedParty { name: free(lines, "holder")?, code: lines.plain("holder_code")?.to_owned() },
            right_class: lines.plain("right_class")?.to_owned(),
            measure: read_measure(lines)?,
            grams: CertifiedGrams {
                available: lines.plain("available")?.parse().ok()?,
                committed: lines.plain("committed")?.parse().ok()?,
                pledged: lines.plain("pledged")?.parse().ok()?,
                frozen: lines.plain("frozen")?.parse().ok()?,
            },
            encumbrances: counted(lines, "encumbrances", |lines| {
                let parts: Vec<&str> = lines.plain("encumbrance")?.split(' ').collect();
                let [kind, since, grams] = parts.as_slice() else { return None };
                Some(Encumbrance {
                    kind: EncumbranceKind::parse(kind)?,
                    since: since.parse().ok()?,
                    grams: grams.parse().ok()?,
                    number: free(lines, "encumbrance_number")?,
                    party: free(lines, "encumbrance_party")?,
                })
            })?,
        })
    }
}

fn told(fen: Option<i64>) -> String {
    fen.map_or_else(|| "-".to_owned(), |fen| fen.to_string())
}

fn read_told(lines: &mut Lines<'_>, name: &str) -> Option<Told<i64>> {
    match lines.plain(name)? {
        "-" => Some(Told::Nothing),
        fen => Some(Told::This(fen.parse().ok()?)),
    }
}

/// The other pledgors, or the other pledgees.
fn write_parties(form: &mut String, role: &str, parties: &[ExtractedParty]) {
    let _ = writeln!(form, "further_{role}s {}", parties.len());
    for ExtractedParty { name, code } in parties {
        let _ = write!(form, "further_{role} {}\nfurther_{role}_code {code}\n", long(name));
    }
}

fn read_parties(lines: &mut Lines<'_>, role: &str) -> Option<Vec<ExtractedParty>> {
    counted(lines, &format!("further_{role}s"), |lines| {
        let name = free(lines, &format!("further_{role}"))?;
        Some(ExtractedParty { name, code: lines.plain(&format!("further_{role}_code"))?.to_owned() })
    })
}

fn write_measure(form: &mut String, measure: &CertifiedMeasure) {
    let CertifiedMeasure { unit, grams_per_unit, decimals } = measure;
    let _ = write!(form, "unit {}\ngrams_per_unit {grams_per_unit}\ndecimals {decimals}\n", long(unit));
}

fn read_measure(lines: &mut Lines<'_>) -> Option<CertifiedMeasure> {
    Some(CertifiedMeasure {
        unit: free(lines, "unit")?,
        grams_per_unit: lines.plain("grams_per_unit")?.parse().ok()?,
        decimals: lines.plain("decimals")?.parse().ok()?,
    })
}

fn free(lines: &mut Lines<'_>, name: &str) -> Option<String> {
    lines.text(name)?.value()
}

/// So many things as the line of this name says.
fn counted<T>(lines: &mut Lines<'_>, name: &str, read: impl Fn(&mut Lines<'_>) -> Option<T>) -> Option<Vec<T>> {
    let count: usize = lines.plain(name)?.parse().ok()?;
    let mut things = Vec::new();
    for _ in 0..count {
        things.push(read(lines)?);
    }
    Some(things)
}

/// Verifies the text of an extract with what comes with it, under the public keys of the log. Tells what it says, and the tree head that
/// vouches for it.
///
/// # Errors
/// Every [`CertificateFault`].
pub fn verify(
    text: &str,
    proof: CertificateProof<'_>,
    vkeys: &[&str],
) -> Result<(Extract, LeafJournal, TreeHead), CertificateFault> {
    let extract = Extract::parse(text).ok_or(CertificateFault::NotACertificate)?;
    let (journal, head) = proof.check(JournalKind::ExtractIssued, extract.journal, &extract.hash(), vkeys)?;
    Ok((extract, journal, head))
}
