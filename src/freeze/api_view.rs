//! What the API answers about a freeze.

use super::freeze::{Freeze, FreezeState};
use crate::http::Versioned;
use crate::http::concern::{Concerns, Party, Whose};
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use accounting::decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A freeze of rights by order of a court (司法冻结).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = Freeze)]
pub struct FreezeView {
    /// Its identity; also the subject of the frozen account.
    pub id: Uuid,
    /// Number of the court's document (协助执行通知书).
    #[schema(example = "(2022)鄂12执123号")]
    pub document: String,
    /// Which court.
    #[schema(example = "咸宁市中级人民法院")]
    pub court: String,
    /// Its place among the freezes of these rights that were open when it was recorded; 1 is first.
    #[schema(example = 1)]
    pub rank: i64,
    /// The site whose rights they are.
    pub site: Uuid,
    /// The site's organisation.
    pub organisation: Uuid,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// How much is ordered, in the pollutant's unit.
    #[schema(example = "50.000")]
    pub quantity: String,
    /// How much of it the freeze has taken so far; of one that has ended, what it had.
    #[schema(example = "30.000")]
    pub taken: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Its last day; null where the court names none.
    #[schema(format = Date, example = "2025-11-30")]
    pub until: Option<String>,
    /// `waiting` for what others hold, `in_force`, `lifted` or `executed`.
    #[schema(example = "waiting", extensions(("x-words" = json!(FreezeState::WORDS))))]
    pub state: String,
    /// The organisation that recorded it.
    pub recorder: Uuid,
    /// Who recorded it.
    pub recorded_by: Uuid,
    /// When, in business time: its place in the line.
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Moment,
    /// Why it was lifted: `order`, `term_over` or `rights_expired`.
    #[schema(example = "order", extensions(("x-words" = json!(crate::freeze::freeze::LiftCause::WORDS))))]
    pub cause: Option<String>,
    /// Number of the document by which it was lifted or executed.
    #[schema(example = "(2022)鄂12执123号之一")]
    pub ended_document: Option<String>,
    /// When it ended, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Moment>,
    /// The site that has got the rights, and its organisation.
    pub buyer_site: Option<Uuid>,
    /// The organisation of the buyer's site.
    pub buyer: Option<Uuid>,
    /// CNY per unit over the whole validity, as the court has sold it.
    #[schema(example = "8790.00")]
    pub unit_price: Option<String>,
    /// Codes of the checks that stood against the sale, and that the court has overruled.
    #[schema(example = json!(["TRD_PERMIT_NOT_IN_FORCE"]))]
    pub warnings: Vec<String>,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for FreezeView {
    fn version(&self) -> i64 {
        self.version
    }
}

impl Concerns for FreezeView {
    fn concerns(&self, whose: &mut Whose) {
        whose.of([self.organisation].iter().chain(&self.buyer).map(|id| Party::Organisation(*id)));
    }
}

impl FreezeView {
    /// The view of a freeze in these words.
    ///
    /// # Errors
    /// A fault of ours: a class that was not loaded.
    pub fn of(freeze: Freeze, words: &Words) -> Result<Self, Failure> {
        let (right_class, measure) = words.class(freeze.right_class)?;
        let print = |grams| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        let (quantity, taken) = (print(freeze.quantity.grams()), print(freeze.taken));
        let (unit, state) = (measure.unit.clone(), freeze.state.as_str().to_owned());
        let (lifting, execution) = match freeze.state {
            FreezeState::Lifted(lifting) => (Some(lifting), None),
            FreezeState::Executed(execution) => (None, Some(execution)),
            FreezeState::Waiting | FreezeState::InForce => (None, None),
        };
        let document = lifting.as_ref().and_then(|lifting| lifting.document.clone());
        let ended_at = lifting.as_ref().map(|lifting| lifting.at).or(execution.as_ref().map(|execution| execution.at));
        Ok(Self {
            id: freeze.id.0,
            document: freeze.document,
            court: freeze.court,
            rank: freeze.rank,
            site: freeze.site.0,
            organisation: freeze.organisation.0,
            right_class,
            quantity,
            taken,
            unit,
            until: freeze.until.map(|day| day.to_string()),
            state,
            recorder: freeze.recorder.0,
            recorded_by: freeze.recorded_by.0,
            recorded_at: freeze.recorded_at,
            cause: lifting.map(|lifting| lifting.cause.as_str().to_owned()),
            ended_document: document.or_else(|| execution.as_ref().map(|execution| execution.document.clone())),
            ended_at,
            buyer_site: execution.as_ref().map(|execution| execution.buyer.0),
            buyer: execution.as_ref().map(|execution| execution.buyer_organisation.0),
            unit_price: execution.as_ref().map(|execution| execution.unit_price.print()),
            warnings: execution.map(|execution| execution.warnings).unwrap_or_default(),
            version: freeze.version,
        })
    }
}
