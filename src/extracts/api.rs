//! Extracts of the lien register.

use super::commands;
use super::extract::Issued;
use super::printing::file_of;
use super::queries::{self, Standing, prove};
use crate::access::Action;
use crate::http::concern::{Concerns, Party, Whose};
use crate::http::extract::not_found;
use crate::http::paging::{OrderParams, Ordered, PagingParams};
use crate::http::upload::download;
use crate::http::{Answer, Command, Fields, Filters, Id, Listing, Problem, Reply, Shared, Signed, concern};
use crate::kernel::Moment;
use crate::kernel::ids::{ExtractId, PledgeId, SiteId};
use crate::kernel::page::Page;
use crate::ledger::balances::settle_instant;
use crate::ledger::log::api::WaitQuery;
use crate::ledger::log::api_proved::ProofView;
use accounting::certificate::CertifiedMeasure;
use accounting::decimal;
use accounting::extract::{Encumbrance, ExtractContent, ExtractedStock};
use axum::extract::State;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

impl Concerns for ExtractView {
    fn concerns(&self, whose: &mut Whose) {
        let parties = [Some(self.applicant), Some(self.holder), self.pledgee];
        whose.of(parties.into_iter().flatten().map(Party::Organisation));
    }
}

/// The operations on extracts.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(issue_pledge_extract, list_extracts))
        .routes(routes!(issue_encumbrance_search))
        .routes(routes!(find_extract))
        .routes(routes!(find_extract_file))
}

/// Something that lay on a stock.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Encumbrance)]
pub struct EncumbranceView {
    /// `pledge` (质押), `waiting_pledge` (后顺位质押) for what a junior lien waits for, `freeze` (司法冻结), or `waiting_freeze` (轮候冻结) for what a court has ordered and others hold.
    #[schema(example = "pledge")]
    pub kind: String,
    /// Since when: the instant of the registration, or of the record of the freeze.
    #[schema(value_type = String, format = DateTime)]
    pub since: Moment,
    /// What it held, or waited for, as a decimal string in the pollutant's unit.
    #[schema(example = "40.000")]
    pub quantity: String,
    /// Number of the pledge, or of the court's document.
    #[schema(example = "PL-2022-000001")]
    pub number: String,
    /// The pledgee, or the court.
    #[schema(example = "通城县惠发村镇银行")]
    pub party: String,
}

/// What a search has found.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = SearchResult)]
pub struct SearchView {
    /// Id of the site.
    pub site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Everything that the site held, as a decimal string.
    #[schema(example = "120.000")]
    pub quantity: String,
    /// What of it was free.
    #[schema(example = "70.000")]
    pub available: String,
    /// What of it was held for offers and trades.
    #[schema(example = "10.000")]
    pub committed: String,
    /// What of it was pledged.
    #[schema(example = "40.000")]
    pub pledged: String,
    /// What of it a court had frozen.
    #[schema(example = "0.000")]
    pub frozen: String,
    /// What lay on it, in the order of the instants since which it did; empty when nothing did.
    pub encumbrances: Vec<EncumbranceView>,
}

impl From<ExtractedStock> for SearchView {
    fn from(stock: ExtractedStock) -> Self {
        let CertifiedMeasure { unit, grams_per_unit, decimals } = stock.measure;
        let print = |grams| decimal::print(grams, grams_per_unit, decimals);
        let view = |encumbrance: Encumbrance| EncumbranceView {
            kind: encumbrance.kind.as_str().to_owned(),
            since: Moment::from_micros(encumbrance.since),
            quantity: print(encumbrance.grams),
            number: encumbrance.number,
            party: encumbrance.party,
        };
        Self {
            site: stock.site,
            right_class: stock.right_class,
            quantity: print(stock.grams.total()),
            available: print(stock.grams.available),
            committed: print(stock.grams.committed),
            pledged: print(stock.grams.pledged),
            frozen: print(stock.grams.frozen),
            encumbrances: stock.encumbrances.into_iter().map(view).collect(),
            unit,
        }
    }
}

/// A certified extract of the lien register.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Extract)]
pub struct ExtractView {
    /// Its identity.
    pub id: Uuid,
    /// Its number.
    #[schema(example = "EX-2022-000001")]
    pub number: String,
    /// `pledge` (质押登记证明) or `search` (负担查询证明).
    #[schema(example = "search")]
    pub kind: String,
    /// The organisation that has asked for it.
    pub applicant: Uuid,
    /// The organisation whose rights it is about.
    pub holder: Uuid,
    /// The pledgee of the pledge that it is of; null of a search.
    pub pledgee: Option<Uuid>,
    /// The pledge that it is of; null of a search.
    pub pledge: Option<Uuid>,
    /// The instant that it speaks of, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub as_of: Moment,
    /// What the search has found; null of a pledge.
    pub search: Option<SearchView>,
    /// The bureau that vouches for it.
    #[schema(example = "咸宁市生态环境局")]
    pub registry: String,
    /// Who issued it.
    pub issued_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Moment,
    /// The journal of its issue.
    pub journal: Uuid,
    /// Its text in the form of docs/EXTRACT-FORMAT.md.
    #[schema(example = "ganhe-extract/1\nnumber EX-2022-000001\n")]
    pub content: String,
    /// SHA-256 of that text in hexadecimal: the document hash of the journal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub content_hash: String,
    /// SHA-256 of the file that it was printed as, once it was.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub file_hash: Option<String>,
    /// What proves it, when one extract is asked for and its journal is in the log.
    pub proof: Option<ProofView>,
}

impl ExtractView {
    fn of(standing: Standing, proof: Option<ProofView>) -> Self {
        let Issued { id, applicant, holder, pledgee, subject, journal, issued_by, issued_at, extract, .. } =
            standing.issued;
        let (content, content_hash, kind) = (extract.canonical(), extract.hash(), extract.kind().to_owned());
        let (pledge, search) = match extract.content {
            ExtractContent::Pledge(_) => (Some(subject), None),
            ExtractContent::Search(stock) => (None, Some(SearchView::from(*stock))),
        };
        Self {
            id: id.0,
            number: extract.number,
            kind,
            applicant: applicant.0,
            holder: holder.0,
            pledgee: pledgee.map(|pledgee| pledgee.0),
            pledge,
            as_of: Moment::from_micros(extract.as_of),
            search,
            registry: extract.registry,
            issued_by: issued_by.0,
            issued_at,
            journal,
            content,
            content_hash,
            file_hash: standing.file_sha256,
            proof,
        }
    }

    fn fresh(issued: Issued) -> Self {
        Self::of(Standing { issued, file_sha256: None }, None)
    }
}

/// Which pledge to extract.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtractPledge {
    /// Id of a pledge that is or was registered, and that you may know of.
    pub pledge: Uuid,
}

/// Issue a certified extract of a pledge (质押登记证明), as it stands in the register now.
#[utoipa::path(post, path = "/extracts", tag = "pledges", operation_id = "issue_pledge_extract",
    request_body = ExtractPledge, security(("bearer" = [])),
    extensions(("x-permission" = json!("issue_extract"))),
    responses((status = 201, description = "Issued", body = ExtractView)))]
async fn issue_pledge_extract(State(shared): State<Shared>, command: Command<ExtractPledge>) -> Reply<ExtractView> {
    let permit = command.caller.may(Action::IssueExtract)?;
    let pledge = PledgeId(command.body.pledge);
    let issued = shared.db.run_once(&permit, &command.key, &pledge, |work, pledge| {
        Box::pin(async move { Ok(ExtractView::fresh(commands::extract_pledge(work, *pledge).await?)) })
    });
    Ok(Answer::plainly_created(issued.await?))
}

/// What to search.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchEncumbrances {
    /// Id of the site whose rights they are.
    pub site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// The instant to speak of, in business time; now when left out.
    #[schema(format = DateTime, example = "2022-12-01T09:00:00+08:00")]
    pub as_of: Option<String>,
}

/// Search what lies on a site's rights, now or at an instant that is past, and issue a certified extract of it (负担查询证明) - also when that is
/// nothing. You may search your own, those of an enterprise whose consent covers the class, and, as bureau or exchange, those in your charge.
#[utoipa::path(post, path = "/encumbrance-searches", tag = "pledges", operation_id = "issue_encumbrance_search",
    request_body = SearchEncumbrances, security(("bearer" = [])),
    extensions(("x-permission" = json!("issue_extract"))),
    responses((status = 201, description = "Issued", body = ExtractView)))]
async fn issue_encumbrance_search(
    State(shared): State<Shared>,
    command: Command<SearchEncumbrances>,
) -> Reply<ExtractView> {
    let permit = command.caller.may(Action::IssueExtract)?;
    let mut fields = Fields::default();
    let class = fields.text("right_class", &command.body.right_class);
    let as_of = command.body.as_of.as_deref().and_then(|text| fields.instant("as_of", text));
    let site = SiteId(command.body.site);
    let wanted = fields.finish(class.map(|class| (site, class)))?;
    // What is certified is final: nothing that is still under way can come before it.
    let instant = as_of.unwrap_or_else(|| shared.db.clock().business_now());
    settle_instant(&shared.db, Some(instant)).await?;
    let issued = shared.db.run_once(&permit, &command.key, &wanted, move |work, (site, class)| {
        Box::pin(async move { Ok(ExtractView::fresh(commands::search(work, *site, class, instant).await?)) })
    });
    Ok(Answer::plainly_created(issued.await?))
}

/// Filters of the extracts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExtractQuery {
    /// Id of the pledge, or of the site, that they are about.
    subject: Option<Uuid>,
}

/// Extracts that you have asked for, or that are about your rights, your pledges or your area; what proves each is told when one is asked for.
#[utoipa::path(get, path = "/extracts", tag = "pledges", operation_id = "list_extracts",
    params(ExtractQuery, OrderParams, PagingParams), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "Extracts in the order of their issue", body = Listing<ExtractView>)))]
async fn list_extracts(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Filters(query): Filters<ExtractQuery>,
    Ordered(page): Ordered,
) -> Reply<Listing<ExtractView>> {
    caller.may(Action::ReadPledges)?;
    let found = queries::list_extracts(&shared.db, &caller, query.subject, &page).await?;
    let items = found.items.into_iter().map(|standing| ExtractView::of(standing, None)).collect();
    Ok(Answer::plain(Page { items, next: found.next }.into()))
}

/// One extract, with what proves it once its journal is in the log, usually a second after its issue.
#[utoipa::path(get, path = "/extracts/{id}", tag = "pledges", operation_id = "find_extract",
    params(("id" = Uuid, Path, description = "Id of the extract"), WaitQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "The extract", body = ExtractView)))]
async fn find_extract(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ExtractId>,
    Filters(query): Filters<WaitQuery>,
) -> Reply<ExtractView> {
    caller.may(Action::ReadPledges)?;
    let patience = query.patience()?;
    let found = queries::find_extract(&shared.db, &caller, id).await?;
    let standing = found.ok_or_else(|| not_found("extract"))?;
    let proof = ProofView::once_logged(prove(&shared.db, &standing.issued, patience).await)?;
    Ok(Answer::plain(ExtractView::of(standing, proof)))
}

/// The extract on paper: a PDF for archives, with a square code and the whole proof attached. It is printed once; the same bytes come ever
/// after.
#[utoipa::path(get, path = "/extracts/{id}/file", tag = "pledges", operation_id = "find_extract_file",
    params(("id" = Uuid, Path, description = "Id of the extract"), WaitQuery), security(("bearer" = [])),
    extensions(("x-permission" = json!("read_pledges"))),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/pdf")))]
async fn find_extract_file(
    State(shared): State<Shared>,
    Signed(caller): Signed,
    Id(id): Id<ExtractId>,
    Filters(query): Filters<WaitQuery>,
) -> Result<Response, Problem> {
    let permit = caller.may(Action::ReadPledges)?;
    let patience: Duration = query.patience()?;
    let found = queries::find_extract(&shared.db, &caller, id).await?;
    let standing = found.ok_or_else(|| not_found("extract"))?;
    let file = file_of(&shared.db, &permit, &standing, &shared.conduct.public_url, patience).await?;
    let title = match standing.issued.extract.content {
        ExtractContent::Pledge(_) => "质押登记证明",
        ExtractContent::Search(_) => "负担查询证明",
    };
    let name = format!("{title}-{}.pdf", standing.issued.extract.number);
    let mut response = download(file, "application/pdf", &name)?;
    concern::tell(&mut response, &ExtractView::of(standing, None));
    Ok(response)
}
