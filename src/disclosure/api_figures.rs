//! Statistics and the price index, for anybody.

use crate::http::published::{document, whole};
use crate::http::{Filters, Language, Problem, Shared};
use crate::prices::api::{StatisticsQuery, StatisticsView, statistics_of};
use crate::prices::api_index::{PriceIndexQuery, PriceIndexView, index_of};
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The operations that need no token.
pub fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(find_public_statistics)).routes(routes!(find_public_price_index))
}

/// Volume, turnover, prices and participants of the market by period, area, pollutant and mode, from settled trades alone.
#[utoipa::path(get, path = "/public/statistics", tag = "disclosure", operation_id = "find_public_statistics",
    params(StatisticsQuery),
    responses((status = 200, description = "The figures", content(
            (StatisticsView = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn find_public_statistics(
    State(shared): State<Shared>,
    Filters(query): Filters<StatisticsQuery>,
    language: Language,
) -> Result<Response, Problem> {
    let found = statistics_of(&shared.db, &query).await?;
    if query.format.as_deref() == Some("csv") {
        return Ok(document(found.as_csv(language)?, "statistics")?);
    }
    Ok(whole(&found)?)
}

/// The base-weighted price index of every pollutant and over all of them, from settled trades alone.
#[utoipa::path(get, path = "/public/price-index", tag = "disclosure", operation_id = "find_public_price_index",
    params(PriceIndexQuery),
    responses((status = 200, description = "The index", content(
            (PriceIndexView = "application/json"), (String = "text/csv"))),
        (status = 304, description = "Unchanged since the ETag of If-None-Match")))]
async fn find_public_price_index(
    State(shared): State<Shared>,
    Filters(query): Filters<PriceIndexQuery>,
    language: Language,
) -> Result<Response, Problem> {
    let found = index_of(&shared.db, &query).await?;
    if query.format.as_deref() == Some("csv") {
        return Ok(document(found.as_csv(language)?, "price-index")?);
    }
    Ok(whole(&found)?)
}
