//! A county with its bureau and its mills, each with a site, a permit and a project: what the measurements through HTTP act on.

use crate::Outcome;
use crate::http::somebody;
use crate::stage::Stage;
use accounting::{Measure, Origin, Quantity, Validity};
use ganhe::access::{Action, Caller, Role};
use ganhe::decisions::Grounds;
use ganhe::kernel::Failure;
use ganhe::kernel::ids::{OrganisationId, ProjectId, SiteId};
use ganhe::parties::ProjectBasis;
use ganhe::parties::commands::{
    NewOrganisation, NewPermit, NewProject, NewSite, register_organisations, register_permits, register_projects,
    register_sites,
};
use ganhe::parties::organisation::OrganisationKind;
use ganhe::parties::reference::{NewArea, Reference, register_reference};
use ganhe::quota::capacity_commands::{NewCap, set_caps};
use ganhe::quota::commands::{AllocationDecision, NewAllocation, confirm, propose};
use std::collections::BTreeMap;

/// Path of the county.
pub const PATH: &str = "420000/421200/421222";
/// Codes of the county and of its city.
const COUNTY: &str = "421222";
const CITY: &str = "421200";
/// The basin that it lies in.
pub const BASIN: &str = "LUSHUI";
/// What a permit allows of each pollutant, in tonnes: no trade of a measurement uses it up.
const PERMITTED: &str = "1000000.000";

/// An enterprise with its site.
#[derive(Debug, Clone, Copy)]
pub struct Mill {
    /// The enterprise.
    pub organisation: OrganisationId,
    /// Its site.
    pub site: SiteId,
    /// Its project.
    pub project: ProjectId,
}

/// A county.
pub struct Town {
    /// Its bureau.
    pub bureau: OrganisationId,
    /// Its mills.
    pub mills: Vec<Mill>,
}

impl Town {
    /// Allocates so much of a right in COD, paid for, to each of these mills, under a cap that leaves room for it.
    pub async fn granted(&self, stage: &Stage, mills: &[Mill], validity: Validity, quantity: Quantity) -> Outcome<()> {
        let officer = somebody(self.bureau, PATH, Role::BureauOfficer);
        let head = somebody(self.bureau, PATH, Role::BureauHead);
        let cap = NewCap {
            area: COUNTY.to_owned(),
            pollutant: "COD".to_owned(),
            cap: 1_000_000_000_000_000,
            valid_from: stage.db.clock().business_day(),
            document: "总量控制".to_owned(),
            expected: None,
        };
        let above = PATH.rsplit_once('/').map_or(PATH, |(above, _)| above);
        let city = somebody(self.bureau, above, Role::BureauHead);
        let permit = city.may(Action::SetCapacity).map_err(Failure::from)?;
        let caps = [cap];
        stage
            .db
            .run(&permit, &caps, |work, caps| Box::pin(async move { set_caps(work, caps).await.map(|_| ()) }))
            .await?;
        let news: Vec<NewAllocation> = mills
            .iter()
            .map(|mill| NewAllocation {
                site: mill.site,
                pollutant: "COD".to_owned(),
                origin: Origin::Paid,
                validity,
                zone: Some(BASIN.to_owned()),
                quantity,
                project: None,
                document: "核定2022-001".to_owned(),
            })
            .collect();
        let permit = officer.may(Action::ProposeAllocation).map_err(Failure::from)?;
        let proposed = stage.db.run(&permit, &news, |work, news| {
            Box::pin(async move {
                Ok(propose(work, news, Vec::new()).await?.into_iter().map(|grant| grant.id).collect::<Vec<_>>())
            })
        });
        let decisions: Vec<AllocationDecision> = proposed
            .await?
            .into_iter()
            .map(|allocation| AllocationDecision { allocation, expected: None, grounds: Grounds::default() })
            .collect();
        let permit = head.may(Action::DecideAllocation).map_err(Failure::from)?;
        let confirmed = stage.db.run(&permit, &decisions, |work, decisions| {
            Box::pin(async move { confirm(work, decisions).await.map(|_| ()) })
        });
        Ok(confirmed.await?)
    }
}

/// Registers a county with so many mills.
pub async fn founded(stage: &Stage, mills: usize) -> Outcome<Town> {
    let operator = stage.permit.caller().clone();
    let area = |code: &str, parent: &str, basin: Option<&str>| NewArea {
        code: code.to_owned(),
        name: code.to_owned(),
        parent: Some(parent.to_owned()),
        basin: basin.map(str::to_owned),
    };
    let areas = vec![area(CITY, "420000", None), area(COUNTY, CITY, Some(BASIN))];
    let reference = Reference { basins: vec![(BASIN.to_owned(), "陆水".to_owned())], areas, ..Reference::default() };
    stage.db.run(&stage.permit, &reference, |work, reference| Box::pin(register_reference(work, reference))).await?;
    let bureau = organisations(stage, &operator, OrganisationKind::Bureau, 9_000_000, 1).await?[0];
    let owners = organisations(stage, &operator, OrganisationKind::Enterprise, 0, mills).await?;
    let officer = somebody(bureau, PATH, Role::BureauOfficer);
    let sites = sites(stage, &officer, &owners).await?;
    let projects = projects(stage, &officer, &sites).await?;
    let mills = owners.iter().zip(&sites).zip(&projects);
    let mills = mills.map(|((organisation, site), project)| Mill {
        organisation: *organisation,
        site: *site,
        project: *project,
    });
    Ok(Town { bureau, mills: mills.collect() })
}

/// Registers organisations of a kind, whose numbers follow each other.
pub async fn organisations(
    stage: &Stage,
    operator: &Caller,
    kind: OrganisationKind,
    first: usize,
    count: usize,
) -> Outcome<Vec<OrganisationId>> {
    let new = |at: usize| NewOrganisation {
        code: credit_code(first + at),
        name: format!("单位 {}", first + at),
        kind,
        area: COUNTY.to_owned(),
        sector: None,
    };
    let news: Vec<NewOrganisation> = (0..count).map(new).collect();
    let permit = operator.may(Action::RegisterOrganisation).map_err(Failure::from)?;
    let registered = stage.db.run(&permit, &news, |work, news| {
        Box::pin(async move {
            Ok(register_organisations(work, news).await?.into_iter().map(|known| known.id).collect::<Vec<_>>())
        })
    });
    Ok(registered.await?)
}

async fn sites(stage: &Stage, officer: &Caller, owners: &[OrganisationId]) -> Outcome<Vec<SiteId>> {
    let permit = officer.may(Action::RegisterSite).map_err(Failure::from)?;
    let new = |(at, organisation): (usize, &OrganisationId)| NewSite {
        number: format!("S-{at:06}"),
        organisation: *organisation,
        name: format!("厂区 {at}"),
        area: COUNTY.to_owned(),
        basin: Some(BASIN.to_owned()),
        sector: None,
    };
    let news: Vec<NewSite> = owners.iter().enumerate().map(new).collect();
    let registered = stage.db.run(&permit, &news, |work, news| {
        Box::pin(
            async move { Ok(register_sites(work, news).await?.into_iter().map(|site| site.id).collect::<Vec<_>>()) },
        )
    });
    let sites: Vec<SiteId> = registered.await?;
    let validity = Validity::try_new("2015-01-01".parse()?, "2040-12-31".parse()?)?;
    let permitted = Quantity::parse(PERMITTED, &Measure::tonnes()).map_err(|fault| format!("{fault:?}"))?;
    let papers: Vec<NewPermit> = sites
        .iter()
        .map(|site| NewPermit {
            number: format!("P-{site}"),
            site: *site,
            validity,
            quantities: BTreeMap::from(["COD", "NH3N"].map(|code| (code.to_owned(), permitted))),
        })
        .collect();
    let permit = officer.may(Action::RegisterPermit).map_err(Failure::from)?;
    let register = stage.db.run(&permit, &papers, |work, papers| {
        Box::pin(async move { register_permits(work, papers).await.map(|_| ()) })
    });
    register.await?;
    Ok(sites)
}

async fn projects(stage: &Stage, officer: &Caller, sites: &[SiteId]) -> Outcome<Vec<ProjectId>> {
    let permit = officer.may(Action::RegisterProject).map_err(Failure::from)?;
    let verified_on = "2022-01-01".parse()?;
    let new = |site: &SiteId| NewProject {
        number: format!("J-{site}"),
        site: *site,
        basis: ProjectBasis::Verified,
        document: "总量核定".to_owned(),
        verified_on,
        replacement_ratio: None,
    };
    let news: Vec<NewProject> = sites.iter().map(new).collect();
    let registered = stage.db.run(&permit, &news, |work, news| {
        Box::pin(async move {
            Ok(register_projects(work, news).await?.into_iter().map(|project| project.id).collect::<Vec<_>>())
        })
    });
    Ok(registered.await?)
}

/// A unified social credit code with its check digit (GB 32100).
pub fn credit_code(number: usize) -> String {
    const LETTERS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let body = format!("91420000MB{number:07}");
    let (sum, _) = body.bytes().fold((0, 1), |(sum, weight), byte| {
        let value = LETTERS.iter().position(|letter| *letter == byte).unwrap_or(0);
        (sum + value * weight, weight * 3 % 31)
    });
    format!("{body}{}", char::from(LETTERS[(31 - sum % 31) % 31]))
}
