//! Areas and basins for whoever reads what is published by their codes.

use super::api_reference::{AreaView, BasinView};
use super::queries;
use crate::http::field::one_of;
use crate::http::published::{Row, page};
use crate::http::{Filters, Language, Listing, Problem, Shared};
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list_public_areas)).routes(routes!(list_public_basins))
}

impl Row<6> for AreaView {
    const COLUMNS: [&'static str; 6] = ["id", "code", "name", "parent", "path", "basin"];

    fn cells(&self) -> [String; 6] {
        let told = |text: &Option<String>| text.clone().unwrap_or_default();
        let (parent, basin) = (told(&self.parent), told(&self.basin));
        [self.id.to_string(), self.code.clone(), self.name.clone(), parent, self.path.clone(), basin]
    }
}

impl Row<2> for BasinView {
    const COLUMNS: [&'static str; 2] = ["code", "name"];

    fn cells(&self) -> [String; 2] {
        [self.code.clone(), self.name.clone()]
    }
}

/// In which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PublicReferenceQuery {
    /// `json` or `csv`; `json` when left out.
    format: Option<String>,
}

/// All areas, for whoever reads what is published by their codes.
#[utoipa::path(get, path = "/public/areas", tag = "reference", operation_id = "list_public_areas", params(PublicReferenceQuery),
    responses((status = 200, description = "All areas in the order of their paths", content(
            (Listing<AreaView> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_areas(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicReferenceQuery>,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let items: Vec<AreaView> = queries::list_areas(shared.db.reader()).await?.into_iter().map(AreaView::from).collect();
    Ok(page(&Listing { items, next_cursor: None }, query.format.as_deref(), "areas", language)?)
}

/// All basins, for whoever reads what is published by their codes.
#[utoipa::path(get, path = "/public/basins", tag = "reference", operation_id = "list_public_basins", params(PublicReferenceQuery),
    responses((status = 200, description = "All basins in the order of their codes", content(
            (Listing<BasinView> = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn list_public_basins(
    State(shared): State<Shared>,
    Filters(query): Filters<PublicReferenceQuery>,
    language: Language,
) -> Result<Response, Problem> {
    one_of("format", query.format.as_deref(), &["json", "csv"])?;
    let items: Vec<BasinView> =
        queries::list_basins(shared.db.reader()).await?.into_iter().map(BasinView::from).collect();
    Ok(page(&Listing { items, next_cursor: None }, query.format.as_deref(), "basins", language)?)
}
