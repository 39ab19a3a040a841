//! What the API answers about a pledge.

use super::api::DeterminationPeriod;
use super::api_court::CourtReleaseView;
use super::api_pledgors::PledgorView;
use super::api_shares::PledgeeView;
use super::disposals::default::DefaultNotice;
use super::notices::LienNotice;
use super::payouts::Payout;
use super::pledge::{ExternalRegistration, Lien, Pledge, PledgeState};
use super::valuations::MarginCall;
use crate::eligibility::Part;
use crate::eligibility::pledge::ltv;
use crate::http::Versioned;
use crate::http::concern::{Concerns, Party, Whose};
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use accounting::{Money, Quantity, decimal};
use jiff::civil::Date;
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

impl Concerns for PledgeView {
    fn concerns(&self, whose: &mut Whose) {
        let pledgors = self.pledgors.iter().map(|pledgor| pledgor.pledgor);
        whose.of(pledgors.chain(self.pledgees.iter().map(|pledgee| pledgee.pledgee)).map(Party::Organisation));
    }
}

/// What a pledge holds of one site's stock of one right class.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Lien)]
pub struct LienView {
    /// Its identity; also the subject of the pledged account.
    pub id: Uuid,
    /// The site whose stock it lies on.
    pub site: Uuid,
    /// The enterprise whose site it is (出质人).
    pub pledgor: Uuid,
    /// Code of the right class (环境权益).
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// How much was pledged (质押数量): decimal string in the pollutant's unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// What it holds now (在押数量), while it is in force: decimal string in the same unit.
    #[schema(example = "12.500")]
    pub held: String,
    /// Whether it may wait for what liens before it hold (后顺位).
    #[schema(example = false)]
    pub junior: bool,
    /// What it claims now: what it holds and what it waits for.
    #[schema(example = "12.500")]
    pub claimed: String,
    /// What it waits for behind liens and freezes before it.
    #[schema(example = "0.000")]
    pub waiting: String,
    /// From registration on, its place (顺位) among the liens of the stock that were in force then: 1 of one that found everything free.
    #[schema(example = 1)]
    pub rank: Option<i64>,
    /// CNY; what liens before it secure on what it waits for.
    #[schema(example = "0.00")]
    pub secured_ahead: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// The consent it was applied for under.
    pub consent: Uuid,
    /// CNY; the part of the loan that rests on it (对应担保债权额). Null of one of several things that were pledged before parts were told.
    #[schema(example = "230000.00")]
    pub secured: Option<String>,
    /// CNY; what it was last assessed at (评估价值).
    #[schema(example = "260000.00")]
    pub assessed_value: Option<String>,
    /// The one over the other (抵质押率), with four places.
    #[schema(example = "0.8846")]
    pub ltv: Option<String>,
    /// What it holds less because rights have expired or were taken back.
    #[schema(example = "0.000")]
    pub lapsed: String,
    /// What the pledgee was told about it (通知), oldest first.
    pub notices: Vec<LienNoticeView>,
}

/// What a pledgee was told about rights of its lien.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = LienNotice)]
pub struct LienNoticeView {
    /// `expiry`, `take_back`, `court_freeze`, `junior_lien` when one was registered behind it, `suspension` of the pledgor and
    /// `suspension_lifted`, `permit_end` when the last permit of the site ends before the debt or has ended, or `buy_back` when the government
    /// wants to buy what is pledged.
    #[schema(example = "expiry", extensions(("x-words" = json!(crate::encumbrance::NoticeCause::WORDS))))]
    pub cause: String,
    /// The act by which they are taken back, or are to be bought back.
    pub right_act: Option<Uuid>,
    /// How many of them it concerns.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// The last day on which they stay with the lien, null where no rule sets a term; of `permit_end` the last day of the permit.
    #[schema(format = Date, example = "2026-01-16")]
    pub until: Option<String>,
    /// When it was told, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Moment,
    /// How many have left the lien.
    #[schema(example = "12.500")]
    pub lapsed: Option<String>,
}

/// A call for more security.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = MarginCall)]
pub struct MarginCallView {
    /// Its identity.
    pub id: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub called_at: Moment,
    /// CNY; what was secured on the thing, or on all of them.
    #[schema(example = "230000.00")]
    pub secured: String,
    /// CNY; what it was worth.
    #[schema(example = "240000.00")]
    pub assessed_value: String,
    /// The one over the other, with four places.
    #[schema(example = "0.9583")]
    pub ltv: Option<String>,
    /// The cap of the rulebook.
    #[schema(example = "0.90")]
    pub cap: String,
    /// The last working day for it; null where no rule sets one.
    #[schema(format = Date, example = "2022-12-15")]
    pub due_on: Option<String>,
    /// When the ratio was within the cap again, or the pledge had ended, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Moment>,
}

impl From<MarginCall> for MarginCallView {
    fn from(call: MarginCall) -> Self {
        Self {
            id: call.id.0,
            called_at: call.called_at,
            secured: call.over.secured.print(),
            assessed_value: call.over.value.print(),
            ltv: print_ltv(call.over),
            cap: call.cap,
            due_on: call.due_on.map(|day| day.to_string()),
            ended_at: call.ended_at,
        }
    }
}

/// What was paid out on a loan.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Payout)]
pub struct PayoutView {
    /// Its identity.
    pub id: Uuid,
    /// CNY.
    #[schema(example = "1000000.00")]
    pub amount: String,
    /// The day on which it was paid out.
    #[schema(format = Date, example = "2022-03-31")]
    pub paid_on: String,
    /// Percent a year.
    #[schema(example = "4.35")]
    pub annual_rate: Option<String>,
    /// The pledgee's own reference.
    #[schema(example = "放款2022-0331-01")]
    pub reference: String,
    /// When it was reported, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub reported_at: Moment,
}

impl From<Payout> for PayoutView {
    fn from(payout: Payout) -> Self {
        Self {
            id: payout.id.0,
            amount: payout.amount.print(),
            paid_on: payout.paid_on.to_string(),
            annual_rate: payout.annual_rate.map(|rate| rate.to_string()),
            reference: payout.reference,
            reported_at: payout.reported_at,
        }
    }
}

/// What the unified register says of a pledge.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ExternalRegistration)]
pub struct ExternalRegistrationView {
    /// Its number there.
    #[schema(example = "16830024002150738291")]
    pub number: String,
    /// `registered`, `extended`, `expired` or `cancelled`, as the pledgee told it last.
    #[schema(example = "registered", extensions(("x-words" = json!(crate::pledge::pledge::ExternalStatus::WORDS))))]
    pub status: String,
    /// The last day of its term there.
    #[schema(format = Date, example = "2023-03-30")]
    pub valid_until: Option<String>,
    /// When it was told, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
}

impl From<ExternalRegistration> for ExternalRegistrationView {
    fn from(external: ExternalRegistration) -> Self {
        Self {
            number: external.number,
            status: external.status.as_str().to_owned(),
            valid_until: external.until.map(|day| day.to_string()),
            recorded_at: external.told_at,
        }
    }
}

/// The notice of a default.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = DefaultNotice)]
pub struct DefaultNoticeView {
    /// When it was declared, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub declared_at: Moment,
    /// Why.
    #[schema(example = "逾期未还")]
    pub reason: String,
    /// CNY; what was due then, or was told anew since, with what disposals have paid meanwhile.
    #[schema(example = "1005000.00")]
    pub amount_due: String,
    /// CNY; what of that is not paid yet: no disposal claims more.
    #[schema(example = "1005000.00")]
    pub outstanding: String,
    /// The last day on which it may be cured; null where no rule sets a term.
    #[schema(format = Date, example = "2023-04-14")]
    pub cure_until: Option<String>,
}

impl DefaultNoticeView {
    fn of(default: &DefaultNotice, outstanding: Money) -> Self {
        Self {
            declared_at: default.at,
            reason: default.reason.clone(),
            amount_due: default.amount_due.print(),
            outstanding: outstanding.print(),
            cure_until: default.cure_until.map(|day| day.to_string()),
        }
    }
}

/// The loan-to-value ratio of a part, with four places.
pub(super) fn print_ltv(part: Part) -> Option<String> {
    ltv(part.secured, part.value).map(|ltv| format!("{ltv:.4}"))
}

/// A pledge.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Pledge)]
pub struct PledgeView {
    /// Its identity.
    pub id: Uuid,
    /// Its number in the register (质押登记编号), from registration on.
    #[schema(example = "PL-2022-000001")]
    pub number: Option<String>,
    /// `applied`, `verified`, `agreed`, `registered`, `defaulted`, `closed`, `released`, `refused` or `withdrawn`.
    #[schema(example = "registered", extensions(("x-words" = json!(PledgeState::WORDS))))]
    pub state: String,
    /// The enterprise whose rights they are (出质人); the borrower of several.
    pub pledgor: Uuid,
    /// Every pledgor with what rests on its rights (出质人), the borrower first.
    pub pledgors: Vec<PledgorView>,
    /// The bank or guarantor (质权人).
    pub pledgee: Uuid,
    /// Every pledgee with its share of what is secured (质权人); the first leads and acts for all.
    pub pledgees: Vec<PledgeeView>,
    /// The facility that the loan is drawn from (授信).
    pub facility: Option<Uuid>,
    /// Number of the loan contract (主合同).
    #[schema(example = "通汇借2022-0331")]
    pub loan_contract: String,
    /// Number of the pledge contract (质押合同).
    #[schema(example = "通汇质2022-0331")]
    pub pledge_contract: String,
    /// CNY; the whole loan (主债权).
    #[schema(example = "1000000.00")]
    pub principal: String,
    /// CNY; the part of the loan that is secured on these rights (对应担保债权额).
    #[schema(example = "230000.00")]
    pub secured: String,
    /// What beside the principal is secured (担保范围).
    #[schema(example = json!(["interest", "penalty", "enforcement_costs"]))]
    pub claim_scope: Vec<String>,
    /// The period in which the claims of a maximum-amount pledge arise (最高额质押); null of any other.
    pub maximum_amount: Option<DeterminationPeriod>,
    /// Whether the parties have agreed that the rights are not sold meanwhile (禁止或限制转让的约定).
    #[schema(example = true)]
    pub restricts_transfer: bool,
    /// CNY; what the rights were last assessed at together (评估价值).
    #[schema(example = "260000.00")]
    pub assessed_value: String,
    /// Secured over assessed value (抵质押率), with four places.
    #[schema(example = "0.8846")]
    pub ltv: String,
    /// How the rights were assessed (评估方法).
    #[schema(example = "market_price")]
    pub valuation_method: String,
    /// Day of the valuation (评估日).
    #[schema(format = Date, example = "2022-03-28")]
    pub valued_on: String,
    /// First day of the debt (债务履行期限).
    #[schema(format = Date, example = "2022-03-31")]
    pub debt_from: String,
    /// Last day of the debt (债务履行期限).
    #[schema(format = Date, example = "2023-03-30")]
    pub debt_to: String,
    /// What is pledged (质押财产).
    pub liens: Vec<LienView>,
    /// Calls for more security (补充质押), oldest first.
    pub margin_calls: Vec<MarginCallView>,
    /// CNY; what was paid out on the loan so far (放款).
    #[schema(example = "1000000.00")]
    pub paid_out: String,
    /// Payouts in the order of their reports (放款).
    pub payouts: Vec<PayoutView>,
    /// The number of the terms in force: 1 as they were applied for, one more with each change.
    #[schema(example = 1)]
    pub terms_number: i64,
    /// The notice of its default (违约), while it is in default.
    pub default_notice: Option<DefaultNoticeView>,
    /// CNY; what of the claim is still owed after the last disposal (尚欠债权额); null before one has settled.
    #[schema(example = "12000.00")]
    pub still_owed: Option<String>,
    /// Whether a change waits for the pledgor.
    #[schema(example = false)]
    pub open_amendment: bool,
    /// Releases that courts have ordered of it, in whole or in part, oldest first.
    pub court_releases: Vec<CourtReleaseView>,
    /// What the unified register of movables and rights says of it (动产和权利担保统一登记), once its pledgee has recorded that.
    pub external_registration: Option<ExternalRegistrationView>,
    /// The last working day for the registration; null where no rule set one.
    #[schema(format = Date, example = "2022-04-22")]
    pub due_on: Option<String>,
    /// Working days that the registration took.
    #[schema(example = 3)]
    pub processing_days: Option<i64>,
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
    /// When it was registered (质押登记), in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub registered_at: Option<Moment>,
    /// When it was released (质押解除), in business time.
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
    fn of(lien: &Lien, is_registered: bool, words: &Words) -> Result<Self, Failure> {
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
            pledgor: lien.pledgor.0,
            right_class,
            quantity: lien.quantity.print(measure),
            held: print(lien.left().map_or(0, Quantity::grams)),
            junior: lien.is_junior,
            claimed: print(lien.claimed().map_or(0, Quantity::grams)),
            waiting: print(lien.waiting()),
            rank: is_registered.then(|| lien.rank().map_or(1, |rank| rank.place)),
            secured_ahead: lien.ahead().print(),
            unit: measure.unit.clone(),
            consent: lien.consent.0,
            secured: lien.secured.map(Money::print),
            assessed_value: lien.valuation().map(|valuation| valuation.value.print()),
            ltv: lien.part().and_then(print_ltv),
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
        let is_registered = pledge.state.registration().is_some();
        let liens = pledge.liens.iter().map(|lien| LienView::of(lien, is_registered, words));
        let liens = liens.collect::<Result<_, _>>()?;
        let (pledgors, pledgees) = (PledgorView::of(&pledge), PledgeeView::of(&pledge));
        let (steps, registration) = (pledge.state.steps(), pledge.state.registration().cloned());
        let ltv = print_ltv(pledge.whole()).ok_or_else(|| Failure::bug("rights worth nothing"))?;
        let (terms_number, open_amendment) = (pledge.terms_number(), pledge.open_amendment().is_some());
        let still_owed = pledge.still_owed().map(Money::print);
        let default_notice = match &pledge.state {
            PledgeState::Defaulted { default, .. } => Some(DefaultNoticeView::of(default, pledge.outstanding())),
            _ => None,
        };
        let paid_out = pledge.paid_out().ok_or_else(|| Failure::bug("more was paid out than can be counted"))?;
        let (terms, worth) = (pledge.terms, pledge.worth);
        let period = |(from, to): (Date, Date)| DeterminationPeriod { from: from.to_string(), to: to.to_string() };
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
            pledgors,
            pledgee: pledge.pledgee.0,
            pledgees,
            facility: pledge.facility.map(|facility| facility.0),
            loan_contract: terms.loan_contract,
            pledge_contract: terms.pledge_contract,
            principal: terms.principal.print(),
            secured: terms.secured.print(),
            claim_scope: terms.scope.iter().map(|part| part.as_str().to_owned()).collect(),
            maximum_amount: terms.determined.map(period),
            restricts_transfer: terms.restricts_transfer,
            assessed_value: worth.assessed_value.print(),
            ltv,
            valuation_method: worth.method,
            valued_on: worth.valued_on.to_string(),
            debt_from: terms.debt_from.to_string(),
            debt_to: terms.debt_to.to_string(),
            liens,
            margin_calls: pledge.margin_calls.into_iter().map(MarginCallView::from).collect(),
            paid_out: paid_out.print(),
            payouts: pledge.payouts.into_iter().map(PayoutView::from).collect(),
            terms_number,
            default_notice,
            still_owed,
            open_amendment,
            court_releases: pledge.court_releases.into_iter().map(CourtReleaseView::from).collect(),
            external_registration: pledge.external.map(ExternalRegistrationView::from),
            due_on: pledge.due_on.map(|day| day.to_string()),
            processing_days: pledge.processing_days,
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
