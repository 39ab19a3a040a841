//! The house put together: every capability's operations under one router and one contract, and the server that listens.

pub mod acts;
pub mod background;
pub mod binders;
pub mod grants;
pub mod guests;
pub mod health;
pub mod logging;
pub mod metrics;
pub mod opening;

use crate::access::SignInRules;
use crate::db::Db;
use crate::http::concern::watch;
use crate::http::parameters::{self, Parameters};
use crate::http::rate::Limits;
use crate::http::{Conduct, Problem, Shared, contract, layers};
use crate::kernel::{Check, Failure};
use crate::{
    access, access_log, audit, compliance, db, decisions, disclosure, eligibility, events, extracts, freeze, http,
    identity, import, ledger, market, membership, objections, operations, parties, pledge, portal, prices, quota,
    rulebook, treasury,
};
use axum::body::Bytes;
use axum::http::header;
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Extension, Router};
use serde_json::Value;
use std::sync::{Arc, OnceLock};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// Under which path the operations stand.
pub const BASE: &str = "/api/v1";

/// The check catalogue: what each capability answers for.
pub const CHECKS: &[&[Check]] = &[
    access::caller::AccessRefusal::CHECKS,
    access::password::PasswordRefusal::CHECKS,
    access::token::TokenRefusal::CHECKS,
    db::once::OnceRefusal::CHECKS,
    http::extract::RequestRefusal::CHECKS,
    http::problem::StatusRefusal::CHECKS,
    http::field::FieldRefusal::CHECKS,
    http::outbound::ReceiverRefusal::CHECKS,
    ledger::LedgerRefusal::CHECKS,
    ledger::LogRefusal::CHECKS,
    decisions::DecisionRefusal::CHECKS,
    decisions::api_calendar::CalendarRefusal::CHECKS,
    rulebook::RulebookRefusal::CHECKS,
    parties::PartyRefusal::CHECKS,
    parties::suspensions::SuspensionRefusal::CHECKS,
    parties::FactRefusal::CHECKS,
    identity::IdentityRefusal::CHECKS,
    membership::MembershipRefusal::CHECKS,
    eligibility::TradeRefusal::CHECKS,
    eligibility::pledge::PledgeCheck::CHECKS,
    prices::PriceRefusal::CHECKS,
    disclosure::DisclosureRefusal::CHECKS,
    treasury::TreasuryRefusal::CHECKS,
    objections::ObjectionRefusal::CHECKS,
    quota::QuotaRefusal::CHECKS,
    compliance::ComplianceRefusal::CHECKS,
    quota::tenure::TenureRefusal::CHECKS,
    market::MarketRefusal::CHECKS,
    market::overrides::OverrideRefusal::CHECKS,
    market::auctions::AuctionRefusal::CHECKS,
    pledge::PledgeRefusal::CHECKS,
    import::ImportRefusal::CHECKS,
    freeze::FreezeRefusal::CHECKS,
    extracts::ExtractRefusal::CHECKS,
    events::EventRefusal::CHECKS,
];

/// The operations of the market and of the money in it.
fn trading_operations() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(treasury::api::routes())
        .merge(treasury::payments::api::routes())
        .merge(treasury::payments::api_codes::routes())
        .merge(treasury::payments::api_undoing::routes())
        .merge(treasury::statements::api::routes())
        .merge(treasury::statements::api_differences::routes())
        .merge(market::api_offers::routes())
        .merge(market::listings::api::routes())
        .merge(market::api_preview::routes())
        .merge(market::api_trades::routes())
        .merge(market::overrides::api::routes())
        .merge(market::auctions::api::routes())
        .merge(market::auctions::api_lots::routes())
        .merge(market::auctions::api_registrations::routes())
        .merge(market::auctions::api_bids::routes())
        .merge(market::auctions::api_live::routes())
}

/// The operations of the lien register: pledges, court freezes, extracts.
fn encumbering_operations() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(pledge::api_facilities::routes())
        .merge(pledge::api::routes())
        .merge(pledge::api_disposals::routes())
        .merge(pledge::api_buyers::routes())
        .merge(pledge::api_life::routes())
        .merge(pledge::api_court::routes())
        .merge(pledge::api_lots::routes())
        .merge(pledge::api_registration::routes())
        .merge(pledge::api_valuations::routes())
        .merge(pledge::api_shares::routes())
        .merge(pledge::api_transfers::routes())
        .merge(pledge::api_sales::routes())
        .merge(freeze::api::routes())
        .merge(freeze::api_executions::routes())
        .merge(extracts::api::routes())
        .merge(extracts::api_public::routes())
}

/// What everybody may read: statistics, the index, disclosure.
fn published_figures() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .merge(prices::api::routes())
        .merge(prices::api_index::routes())
        .merge(disclosure::api::routes())
        .merge(disclosure::api_announcements::routes())
        .merge(disclosure::api_results::routes())
        .merge(disclosure::api_auctions::routes())
        .merge(disclosure::api_consented::routes())
        .merge(disclosure::api_registers::routes())
        .merge(disclosure::api_figures::routes())
}

fn all_operations() -> OpenApiRouter<Shared> {
    let capabilities = OpenApiRouter::new()
        .merge(identity::api::routes())
        .merge(identity::api_auth::routes())
        .merge(identity::api_factor::routes())
        .merge(identity::api_support::routes())
        .merge(identity::api_roles::routes())
        .merge(identity::api_clients::routes())
        .merge(parties::api::routes())
        .merge(parties::api_reference::routes())
        .merge(parties::api_public::routes())
        .merge(parties::api_papers::routes())
        .merge(parties::api_reductions::routes())
        .merge(parties::facts::api::routes())
        .merge(parties::mismatches::api::routes())
        .merge(parties::api_consents::routes())
        .merge(parties::suspensions::api::routes())
        .merge(membership::api_registration::routes())
        .merge(membership::api_members::routes())
        .merge(membership::api_approvals::routes())
        .merge(membership::api_delegations::routes())
        .merge(access_log::api::routes())
        .merge(rulebook::api::routes())
        .merge(decisions::api_calendar::routes())
        .merge(decisions::api_tasks::routes())
        .merge(decisions::api_decisions::routes())
        .merge(decisions::api_documents::routes())
        .merge(quota::api_capacities::routes())
        .merge(quota::changes::api::routes())
        .merge(quota::dashboard::api::routes())
        .merge(quota::api::routes())
        .merge(quota::applications::api::routes())
        .merge(quota::batches::api::routes())
        .merge(quota::certificates::api::routes())
        .merge(quota::certificates::api_public::routes())
        .merge(objections::api::routes())
        .merge(compliance::outlets::api::routes())
        .merge(compliance::messages::api::routes())
        .merge(compliance::messages::api_holds::routes())
        .merge(compliance::reports::api::routes())
        .merge(compliance::api::routes())
        .merge(compliance::api_decisions::routes())
        .merge(compliance::api_settlement::routes())
        .merge(quota::tenure::api::routes())
        .merge(published_figures())
        .merge(quota::idle::api::routes())
        .merge(quota::reductions::api::routes())
        .merge(trading_operations())
        .merge(encumbering_operations())
        .merge(ledger::api::routes())
        .merge(ledger::api_statements::routes())
        .merge(ledger::log::api::routes())
        .merge(audit::api::routes())
        .merge(audit::api_periods::routes())
        .merge(audit::reconciliation::api::routes())
        .merge(import::api::routes())
        .merge(events::api::routes())
        .merge(events::api_kinds::routes())
        .merge(events::webhooks::api::routes())
        .merge(operations::api::routes())
        .merge(portal::api::routes());
    let log = ledger::log::api_public::routes().merge(ledger::log::api::root_routes());
    OpenApiRouter::new()
        .nest(BASE, capabilities)
        .merge(log)
        .merge(identity::api_oauth::root_routes())
        .merge(health::routes())
}

/// The contract.
///
/// # Errors
/// A fault of the serialiser.
pub fn openapi() -> Result<Value, serde_json::Error> {
    contract::complete(all_operations().split_for_parts().1)
}

/// The contract as it is committed: pretty JSON with a line feed at the end.
///
/// # Errors
/// A fault of the serialiser.
pub fn openapi_text() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&openapi()?).map(|text| text + "\n")
}

/// The router with everything around it, and the metrics beside the API.
pub fn router(shared: Shared) -> Router {
    let metrics = metrics::routes(shared.db.clone());
    let (conduct, limits) = (Arc::clone(&shared.conduct), Arc::clone(&shared.limits));
    layers::wrap(api(shared).merge(metrics), &conduct, &limits)
}

/// The router for a node whose metrics are served at an address of their own.
pub fn router_without_metrics(shared: Shared) -> Router {
    let (conduct, limits) = (Arc::clone(&shared.conduct), Arc::clone(&shared.limits));
    layers::wrap(api(shared), &conduct, &limits)
}

fn api(shared: Shared) -> Router {
    let (operations, contract) = all_operations().split_for_parts();
    let operations = operations.layer(middleware::from_fn_with_state(shared.clone(), watch));
    let parameters = Arc::new(Parameters::of(&contract));
    let operations = operations.layer(middleware::from_fn_with_state(parameters, parameters::judge));
    let docs = SwaggerUi::new("/docs").config(Config::new([CONTRACT]));
    operations
        .layer(Extension(acts::ACTS))
        .layer(Extension(binders::BINDERS))
        .layer(Extension(binders::PUBLICITY))
        .layer(Extension(binders::TRADES))
        .layer(Extension(binders::PLEDGED_LOTS))
        .layer(Extension(binders::REGISTERED))
        .layer(Extension(guests::guests()))
        .with_state(shared)
        .route(CONTRACT, get(serve_contract))
        .merge(docs)
        .fallback(portal::api::serve)
}

/// Where the contract is served.
const CONTRACT: &str = "/openapi.json";

/// The contract, completed when somebody asks for the first time: it takes longer than all else in which a server starts.
async fn serve_contract() -> Result<impl IntoResponse, Problem> {
    static COMPLETE: OnceLock<Bytes> = OnceLock::new();
    let text = if let Some(text) = COMPLETE.get() {
        text.clone()
    } else {
        let whole = openapi().map_err(Failure::bug)?;
        COMPLETE.get_or_init(|| whole.to_string().into()).clone()
    };
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}

/// What requests share: a database, the keys of its tokens, and how people sign in; with the usual conduct.
pub fn shared(db: Db, tokens: access::token::Tokens, rules: SignInRules) -> Shared {
    let db = db.turning(binders::DAY_TURN);
    let conduct = Conduct::default();
    let limits = Arc::new(Limits::new(&conduct));
    let authenticator = Arc::new(identity::admission::Admission::new(db.clone(), tokens.clone(), &rules));
    Shared {
        db,
        tokens,
        checks: CHECKS,
        conduct: Arc::new(conduct),
        limits,
        rules,
        authenticator,
        door: Arc::new(membership::door::MembersDoor::default()),
        watch: Arc::new(access_log::Keeper::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Latin words that a Chinese text may hold: names of standards, formats and headers, and what the contract takes as it stands.
    const LATIN: &[&str] = &[
        "A",
        "ASCII",
        "B",
        "CNY",
        "COD",
        "CR",
        "CRC",
        "CRLF",
        "CSV",
        "Content-Disposition",
        "DB62",
        "Flag",
        "GB",
        "HJ",
        "ISO",
        "Idempotency-Key",
        "If-Match",
        "JSON",
        "LF",
        "Ledger-Expect",
        "MN",
        "NOx",
        "PDF",
        "POST",
        "Q",
        "RFC",
        "SHA-256",
        "SO2",
        "T",
        "UTF-8",
        "VOCs",
        "X25519",
        "XLSX",
        "accounts.csv",
        "application",
        "assets.csv",
        "auth",
        "b",
        "c",
        "capacity-changes",
        "cosignature",
        "d",
        "date",
        "document",
        "factor",
        "final_bidding_seconds",
        "final_wait_seconds",
        "fonts-noto-cjk",
        "https",
        "items",
        "json",
        "kind",
        "medium",
        "organisation",
        "owner",
        "pollutant",
        "second-factor",
        "seq",
        "v",
        "v1",
    ];

    fn is_chinese(letter: char) -> bool {
        ('\u{4e00}'..='\u{9fff}').contains(&letter)
    }

    /// The text without its placeholders.
    fn bare(text: &str) -> String {
        let pieces = text.split('{').enumerate();
        pieces
            .map(|(at, piece)| if at == 0 { piece } else { piece.split_once('}').map_or("", |(_, rest)| rest) })
            .collect()
    }

    fn chinese_texts() -> impl Iterator<Item = (&'static str, &'static str)> {
        let texts = |check: &'static Check| [Some(check.zh), check.legal_basis].into_iter().flatten();
        CHECKS.iter().copied().flatten().flat_map(move |check| texts(check).map(|text| (check.code, text)))
    }

    #[test]
    fn a_chinese_text_has_the_punctuation_of_its_own_script() {
        let mut faults = Vec::new();
        for (code, text) in chinese_texts() {
            let letters: Vec<char> = text.chars().filter(|letter| *letter != ' ').collect();
            let meets = |at: usize| {
                let beside = [at.checked_sub(1), Some(at + 1)];
                beside.into_iter().flatten().filter_map(|at| letters.get(at)).any(|letter| is_chinese(*letter))
            };
            let is_half = |(at, letter): (usize, &char)| ",;:?!()".contains(*letter) && meets(at);
            if letters.iter().enumerate().any(is_half) {
                faults.push(format!("{code}: {text}"));
            }
        }
        assert!(faults.is_empty(), "half-width punctuation in {faults:#?}");
    }

    #[test]
    fn a_chinese_text_has_no_words_of_another_language() {
        let mut faults = Vec::new();
        for (code, text) in chinese_texts() {
            let bare = bare(text);
            let words = bare.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_.".contains(letter));
            let is_word = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_alphabetic());
            let strange: Vec<&str> = words.map(|word| word.trim_matches(['-', '.'])).filter(is_word).collect();
            faults.extend(strange.iter().filter(|word| !LATIN.contains(word)).map(|word| format!("{code}: {word}")));
        }
        assert!(faults.is_empty(), "{faults:#?}");
    }
}
