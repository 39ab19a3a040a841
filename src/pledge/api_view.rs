//! What the API answers about a pledge.

use super::notices::LienNotice;
use super::pledge::{Lien, Pledge, PledgeState};
use crate::concerns;
use crate::eligibility::pledge::ltv;
use crate::http::Versioned;
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use accounting::decimal;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

concerns!(PledgeView: Organisation [pledgor, pledgee]);

/// What a pledge holds of one site's stock of one right class.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Lien)]
pub struct LienView {
    /// Its identity; also the subject of the pledged account.
    pub id: Uuid,
    /// The site whose stock it lies on.
    pub site: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// The consent it was applied for under.
    pub consent: Uuid,
    /// What it holds less because rights have expired or were taken back.
    #[schema(example = "0.000")]
    pub lapsed: String,
    /// What the pledgee was told about it, oldest first.
    pub notices: Vec<LienNoticeView>,
}

/// What a pledgee was told about rights of its lien.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = LienNotice)]
pub struct LienNoticeView {
    /// `expiry`, `take_back` or `court_freeze`.
    #[schema(example = "expiry")]
    pub cause: String,
    /// The act by which they are taken back.
    pub right_act: Option<Uuid>,
    /// How many of them it concerns.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// The last day on which they stay with the lien; null where no rule sets a term.
    #[schema(format = Date, example = "2026-01-16")]
    pub until: Option<String>,
    /// When it was told, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Moment,
    /// How many have left the lien.
    #[schema(example = "12.500")]
    pub lapsed: Option<String>,
}

/// A pledge.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Pledge)]
pub struct PledgeView {
    /// Its identity.
    pub id: Uuid,
    /// Its number in the register, from registration on.
    #[schema(example = "PL-2022-000001")]
    pub number: Option<String>,
    /// `applied`, `verified`, `agreed`, `registered`, `released`, `refused` or `withdrawn`.
    #[schema(example = "registered")]
    pub state: String,
    /// The enterprise whose rights they are.
    pub pledgor: Uuid,
    /// The bank or guarantor.
    pub pledgee: Uuid,
    /// The facility that the loan is drawn from.
    pub facility: Option<Uuid>,
    /// Number of the loan contract.
    #[schema(example = "通汇借2022-0331")]
    pub loan_contract: String,
    /// Number of the pledge contract.
    #[schema(example = "通汇质2022-0331")]
    pub pledge_contract: String,
    /// CNY; the whole loan.
    #[schema(example = "1000000.00")]
    pub principal: String,
    /// CNY; the part of the loan that is secured on these rights (对应担保债权额).
    #[schema(example = "230000.00")]
    pub secured: String,
    /// CNY; what the rights were assessed at.
    #[schema(example = "260000.00")]
    pub assessed_value: String,
    /// Secured over assessed value (抵质押率), with four places.
    #[schema(example = "0.8846")]
    pub ltv: String,
    /// How the rights were assessed.
    #[schema(example = "market_price")]
    pub valuation_method: String,
    /// Day of the valuation.
    #[schema(format = Date, example = "2022-03-28")]
    pub valued_on: String,
    /// First day of the debt.
    #[schema(format = Date, example = "2022-03-31")]
    pub debt_from: String,
    /// Last day of the debt.
    #[schema(format = Date, example = "2023-03-30")]
    pub debt_to: String,
    /// What is pledged.
    pub liens: Vec<LienView>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The user who applied for it.
    pub applied_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub applied_at: Moment,
    /// The officer who verified the quantity.
    pub verified_by: Option<Uuid>,
    /// The user who agreed for the pledgor.
    pub agreed_by: Option<Uuid>,
    /// When it was registered, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub registered_at: Option<Moment>,
    /// When it was released, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub released_at: Option<Moment>,
    /// The version of the rulebook it was last judged by.
    pub rulebook: Uuid,
    /// The journal of its last act.
    pub journal: Uuid,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for PledgeView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// The words that these pledges are written with.
///
/// # Errors
/// A fault of the database.
pub(super) async fn words_of(connection: &impl ConnectionTrait, pledges: &[Pledge]) -> Result<Words, Failure> {
    let ids = pledges.iter().flat_map(|pledge| &pledge.liens).map(|lien| lien.right_class);
    Words::of_ids(connection, &ids.collect::<Vec<_>>()).await
}

impl LienView {
    fn of(lien: &Lien, words: &Words) -> Result<Self, Failure> {
        let (right_class, measure) = words.class(lien.right_class)?;
        let print = |grams: i64| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        let told = |notice: &LienNotice| LienNoticeView {
            cause: notice.notice.cause.as_str().to_owned(),
            right_act: notice.notice.right_act.map(|act| act.0),
            quantity: print(notice.grams),
            until: notice.notice.until.map(|day| day.to_string()),
            given_at: notice.given_at,
            lapsed: notice.lapse.map(|lapse| print(lapse.grams)),
        };
        Ok(Self {
            id: lien.id.0,
            site: lien.site.0,
            right_class,
            quantity: lien.quantity.print(measure),
            unit: measure.unit.clone(),
            consent: lien.consent.0,
            lapsed: print(lien.notices.iter().map(LienNotice::lapsed).sum()),
            notices: lien.notices.iter().map(told).collect(),
        })
    }
}

impl PledgeView {
    /// A pledge, in these words.
    ///
    /// # Errors
    /// A fault of ours when the words are not those of the pledge.
    pub(super) fn of(pledge: Pledge, words: &Words) -> Result<Self, Failure> {
        let liens = pledge.liens.iter().map(|lien| LienView::of(lien, words)).collect::<Result<_, _>>()?;
        let (steps, registration) = (pledge.state.steps(), pledge.state.registration().cloned());
        let terms = pledge.terms;
        let ltv = ltv(terms.secured, terms.assessed_value);
        let state = pledge.state.as_str().to_owned();
        let (reason, released_at) = match pledge.state {
            PledgeState::Refused { reason, .. } => (Some(reason), None),
            PledgeState::Released { at, .. } => (None, Some(at)),
            _ => (None, None),
        };
        Ok(Self {
            id: pledge.id.0,
            registered_at: registration.as_ref().map(|registration| registration.at),
            number: registration.map(|registration| registration.number),
            state,
            pledgor: pledge.pledgor.0,
            pledgee: pledge.pledgee.0,
            facility: pledge.facility.map(|facility| facility.0),
            loan_contract: terms.loan_contract,
            pledge_contract: terms.pledge_contract,
            principal: terms.principal.print(),
            secured: terms.secured.print(),
            assessed_value: terms.assessed_value.print(),
            ltv: ltv.map(|ltv| format!("{ltv:.4}")).ok_or_else(|| Failure::bug("rights worth nothing"))?,
            valuation_method: terms.valuation_method,
            valued_on: terms.valued_on.to_string(),
            debt_from: terms.debt_from.to_string(),
            debt_to: terms.debt_to.to_string(),
            liens,
            reason,
            applied_by: pledge.applied_by.0,
            applied_at: pledge.applied_at,
            verified_by: steps.verified_by.map(|user| user.0),
            agreed_by: steps.agreed_by.map(|user| user.0),
            released_at,
            rulebook: pledge.rulebook.0,
            journal: pledge.journal.0,
            version: pledge.version,
        })
    }
}
