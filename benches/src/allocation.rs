//! A province's grants in one batch: from the final confirmation to the last right active, in a process of its own, whose memory is
//! seen from outside.

use crate::Outcome;
use crate::large::grouped_entries;
use crate::memory::watched;
use crate::report::Line;
use crate::server::Server;
use crate::stage::{DAY, Stage};
use crate::town::credit_code;
use accounting::{Measure, Quantity, Validity};
use ganhe::access::{Action, Caller, Role};
use ganhe::db::{CommandKey, Db, Terms};
use ganhe::decisions::documents::media::MediaType;
use ganhe::decisions::documents::{NewDocument, register};
use ganhe::kernel::ids::{OrganisationId, SiteId, UserId};
use ganhe::kernel::{Clock, Failure};
use ganhe::operations::{self, LongWork, Operation, State};
use ganhe::parties::commands::{NewOrganisation, NewPermit, NewSite, register_organisations, register_permits};
use ganhe::parties::commands::register_sites;
use ganhe::parties::organisation::OrganisationKind;
use ganhe::parties::reference::{NewArea, Reference, register_reference};
use ganhe::quota::batches::works::{BatchConfirmation, BatchProposal, ConfirmationInput, ProposalInput};
use ganhe::quota::capacity_commands::{NewCap, set_caps};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

/// The first argument that makes this program grant the batch of the book at the address that follows.
pub const GRANT: &str = "grant";
/// Sites, each with a grant of every pollutant: a province.
const SITES: usize = 25_000;
const POLLUTANTS: [&str; 4] = ["COD", "NH3N", "SO2", "NOX"];
const CITIES: usize = 17;
/// Sites registered in one work.
const AT_ONCE: usize = 5_000;

/// Grants the same batch on both databases.
pub async fn measure(server: &Server, home: &Path) -> Outcome<Vec<Line>> {
    let mut lines = Vec::new();
    for stage in [
        Stage::on_postgres(server, "granted", 1).await?,
        Stage::on_sqlite(home, "granted.sqlite", 1).await?,
    ] {
        let arguments = prepare(&stage).await?;
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (said, peak) = watched(&arguments).await?;
        let count = grouped_entries(SITES * POLLUTANTS.len());
        let work = format!("a batch of {count} allocations, {}", stage.database());
        lines.push(Line::alone(work, format!("{}, peak {peak:.0} MB", said.trim())));
    }
    Ok(lines)
}

/// Somebody of the province's bureau; what they do is judged like any other's.
fn somebody(organisation: OrganisationId, role: Role) -> Caller {
    let area_path = "420000".to_owned();
    Caller { user: UserId::fresh(), organisation, roles: vec![role], area_path, ..Caller::nobody() }
}

/// Registers the province and uploads its file: the arguments of the process that grants it.
async fn prepare(stage: &Stage) -> Outcome<Vec<String>> {
    let operator = stage.permit.caller().clone();
    let city = |at: usize| format!("42{:02}00", at + 1);
    let area = |at| NewArea { code: city(at), name: city(at), parent: Some("420000".to_owned()), basin: Some("RIVER".to_owned()) };
    let areas = (0..CITIES).map(area).collect();
    let reference = Reference { basins: vec![("RIVER".to_owned(), "江".to_owned())], areas, ..Reference::default() };
    stage.db.run(&stage.permit, &reference, |work, reference| Box::pin(register_reference(work, reference))).await?;
    let bureau = organisations(stage, &operator, 1, OrganisationKind::Bureau, 0).await?[0];
    let mills = organisations(stage, &operator, SITES / 5, OrganisationKind::Enterprise, 1).await?;
    let (officer, head) = (somebody(bureau, Role::BureauOfficer), somebody(bureau, Role::BureauHead));
    sites(stage, &officer, &mills, city).await?;
    let caps = (0..CITIES).flat_map(|at| {
        POLLUTANTS.map(|pollutant| NewCap {
            area: city(at),
            pollutant: pollutant.to_owned(),
            cap: 100_000_000_000_000,
            valid_from: DAY,
            document: "总量控制".to_owned(),
            expected: None,
        })
    });
    let caps: Vec<NewCap> = caps.collect();
    let permit = head.may(Action::SetCapacity).map_err(Failure::from)?;
    stage.db.run(&permit, &caps, |work, caps| Box::pin(async move { set_caps(work, caps).await.map(|_| ()) })).await?;
    let mut text = "site,pollutant,origin,valid_from,valid_to,quantity\n".to_owned();
    for site in 0..SITES {
        for pollutant in POLLUTANTS {
            writeln!(text, "S-{site:06},{pollutant},paid,2022-12-01,2027-11-30,{}.{:03}", 1 + site % 97, site % 1_000)?;
        }
    }
    let content = text.into_bytes();
    let new = NewDocument {
        name: "province.csv".to_owned(),
        media_type: MediaType::Csv,
        sha256: ganhe::http::upload::hash(&content),
        size: i64::try_from(content.len())?,
        content: Some(content),
    };
    let permit = officer.may(Action::RegisterDocument).map_err(Failure::from)?;
    let document = stage.db.run(&permit, &new, |work, new| {
        Box::pin(async move { Ok(register(work, std::slice::from_ref(new)).await?.into_iter().map(|known| known.id).collect::<Vec<_>>()) })
    });
    let document = document.await?.pop().ok_or("no document")?;
    let told = |value: &Caller| serde_json::to_string(value);
    Ok(vec![GRANT.to_owned(), stage.url.clone(), told(&officer)?, told(&head)?, document.to_string()])
}

async fn organisations(
    stage: &Stage,
    operator: &Caller,
    count: usize,
    kind: OrganisationKind,
    series: usize,
) -> Outcome<Vec<OrganisationId>> {
    let new = |at: usize| NewOrganisation {
        code: credit_code(series * 1_000_000 + at),
        name: format!("单位 {series}-{at}"),
        kind,
        area: "420000".to_owned(),
        sector: None,
    };
    let news: Vec<NewOrganisation> = (0..count).map(new).collect();
    let permit = operator.may(Action::RegisterOrganisation).map_err(Failure::from)?;
    let registered = stage.db.run(&permit, &news, |work, news| {
        Box::pin(async move { Ok(register_organisations(work, news).await?.into_iter().map(|known| known.id).collect::<Vec<_>>()) })
    });
    Ok(registered.await?)
}

async fn sites(stage: &Stage, officer: &Caller, mills: &[OrganisationId], city: impl Fn(usize) -> String) -> Outcome<()> {
    let permit = officer.may(Action::RegisterSite).map_err(Failure::from)?;
    let validity = Validity::try_new("2022-01-01".parse()?, "2027-12-31".parse()?)?;
    let permitted = Quantity::parse("1000.000", &Measure::tonnes()).map_err(|fault| fault.to_string())?;
    let news: Vec<NewSite> = (0..SITES)
        .map(|at| NewSite {
            number: format!("S-{at:06}"),
            organisation: mills[at / 5],
            name: format!("厂区 {at}"),
            area: city(at % CITIES),
            basin: Some("RIVER".to_owned()),
            sector: None,
        })
        .collect();
    for news in news.chunks(AT_ONCE) {
        let ids: Vec<SiteId> = stage
            .db
            .run(&permit, news, |work, news| {
                Box::pin(async move { Ok(register_sites(work, news).await?.into_iter().map(|site| site.id).collect::<Vec<_>>()) })
            })
            .await?;
        let papers: Vec<NewPermit> = ids
            .into_iter()
            .map(|site| NewPermit {
                number: format!("P-{site}"),
                site,
                validity,
                quantities: BTreeMap::from(POLLUTANTS.map(|code| (code.to_owned(), permitted))),
            })
            .collect();
        let register = stage.db.run(&permit, &papers, |work, papers| {
            Box::pin(async move { register_permits(work, papers).await.map(|_| ()) })
        });
        register.await?;
    }
    Ok(())
}

/// Proposes and confirms the batch of a book, as a server does, and says how long each took and how often its progress had moved.
pub async fn grant(arguments: &[&str]) -> Outcome<()> {
    let [url, officer, head, document] = arguments[..] else { return Err("four arguments".into()) };
    let db = Db::open(url, Clock::system()).await?;
    let (caller, head): (Caller, Caller) = (serde_json::from_str(officer)?, serde_json::from_str(head)?);
    let input = ProposalInput {
        caller: caller.clone(),
        number: "鄂环核〔2022〕1号".to_owned(),
        document: Some(document.parse()?),
        items: Vec::new(),
    };
    let (proposed, took_proposal, _) = done(&db, &caller, Action::ProposeAllocation, &BatchProposal, &input).await?;
    let batch = proposed.result().and_then(|result| result["batch"].as_str()).ok_or("no batch")?.parse()?;
    let (reason, documents, expected) = (None, Vec::new(), None);
    let input = ConfirmationInput { caller: head.clone(), batch, expected, reason, documents };
    let (_, took, seen) = done(&db, &head, Action::DecideAllocation, &BatchConfirmation, &input).await?;
    println!("confirmed in {:.1} s ({seen} steps of progress seen), judged and proposed in {:.1} s", took.as_secs_f64(), took_proposal.as_secs_f64());
    Ok(())
}

/// Begins a long work, follows it until it has ended, and tells how long that took and how many steps of it were seen.
async fn done(
    db: &Db,
    caller: &Caller,
    action: Action,
    work: &'static dyn LongWork,
    input: &(impl Serialize + Sync),
) -> Outcome<(Operation, Duration, usize)> {
    let began = Instant::now();
    let permit = caller.may(action).map_err(Failure::from)?;
    let key = CommandKey {
        client: caller.user.0,
        operation: work.kind().to_owned(),
        key: None,
        request_hash: String::new(),
        terms: Terms::default(),
    };
    let id = operations::begin(db, &permit, &key, work, input).await?.id;
    let mut steps = BTreeSet::new();
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let operation = operations::queries::find(db, caller, id).await?.ok_or("no operation")?;
        steps.insert(operation.done);
        match &operation.state {
            State::Ended { outcome: Ok(_), .. } => return Ok((operation, began.elapsed(), steps.len())),
            State::Ended { outcome: Err(faults), .. } => return Err(format!("{faults:?}").into()),
            _ => {}
        }
    }
}
