//! What the API answers about an act on rights.

use super::right_act::{RightAct, State, What};
use crate::concerns;
use crate::http::Versioned;
use crate::kernel::ids::RightClassId;
use crate::kernel::{Failure, Moment};
use crate::parties::words::Words;
use accounting::decimal;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

concerns!(RightActView: Organisation [organisation]);

/// An act on the rights of a site of one class: given up, expired, taken or bought back, set aside, renewed or varied.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = RightAct)]
pub struct RightActView {
    /// Its identity.
    pub id: Uuid,
    /// `surrender`, `expiry`, `take_back`, `buy_back`, `set_aside`, `renewal` or `variation`.
    #[schema(example = "surrender", extensions(("x-words" = json!(crate::quota::tenure::right_act::Kind::WORDS))))]
    pub kind: String,
    /// Why, a word of a closed list.
    #[schema(example = "end_of_discharge")]
    pub cause: String,
    /// `proposed`, `agreed`, `approved`, `carried_out`, `refused` or `withdrawn`.
    #[schema(example = "proposed", extensions(("x-words" = json!(RightAct::STATES))))]
    pub state: String,
    /// At which site; the reserve's own when rights are set aside.
    pub site: Uuid,
    /// Of which organisation.
    pub organisation: Uuid,
    /// Code of the site's area.
    #[schema(example = "421222")]
    pub area: String,
    /// Code of the right class.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20210101-20251231")]
    pub right_class: String,
    /// Decimal string in the pollutant's unit.
    #[schema(example = "12.500")]
    pub quantity: String,
    /// Display unit.
    #[schema(example = "t")]
    pub unit: String,
    /// Number of the document it rests on; null when the clock acts.
    #[schema(example = "咸环退〔2022〕12号")]
    pub document: Option<String>,
    /// The reserve's site that receives the rights.
    pub reserve_site: Option<Uuid>,
    /// CNY; what the treasury pays for the whole.
    #[schema(example = "109875.00")]
    pub total: Option<String>,
    /// Code of the class that rights are renewed into.
    #[schema(example = "COD-MULTI-PAID-LUSHUI-20260101-20301231")]
    pub new_right_class: Option<String>,
    /// How much of the quantity is confirmed for it.
    #[schema(example = "12.500")]
    pub confirmed: Option<String>,
    /// The day on which a renewal takes effect, or the day of its decision when that is later.
    #[schema(format = Date, example = "2026-01-01")]
    pub due_on: Option<String>,
    /// Who proposed it, or the clock.
    pub proposed_by: Uuid,
    /// When, in business time.
    #[schema(value_type = String, format = DateTime)]
    pub proposed_at: Moment,
    /// Who agreed to sell.
    pub agreed_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub agreed_at: Option<Moment>,
    /// Who decided.
    pub decided_by: Option<Uuid>,
    /// When, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Moment>,
    /// Why, in the decider's words.
    pub reason: Option<String>,
    /// When it took effect, in business time.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub carried_out_at: Option<Moment>,
    /// How much has moved.
    #[schema(example = "12.500")]
    pub moved: Option<String>,
    /// How much of that turned into the new class; the rest of a renewal is a right no more.
    #[schema(example = "0.000")]
    pub converted: Option<String>,
    /// The version of the rulebook it was judged by.
    pub rulebook: Uuid,
    /// Counts from 1.
    pub version: i64,
}

impl Versioned for RightActView {
    fn version(&self) -> i64 {
        self.version
    }
}

/// The classes that these acts name.
pub fn classes_of(acts: &[RightAct]) -> Vec<RightClassId> {
    let into = |act: &RightAct| match act.what {
        What::Renewal { into, .. } => Some(into),
        _ => None,
    };
    acts.iter().flat_map(|act| [Some(act.right_class), into(act)]).flatten().collect()
}

impl RightActView {
    /// An act, in these words.
    ///
    /// # Errors
    /// A fault of ours when the words are not those of the act.
    pub fn of(act: &RightAct, words: &Words) -> Result<Self, Failure> {
        let (right_class, measure) = words.class(act.right_class)?;
        let print = |grams: i64| decimal::print(grams, measure.grams_per_unit, measure.decimals);
        let effect = match &act.state {
            State::CarriedOut(effect) => Some(effect),
            _ => None,
        };
        let (total, agreed) = match act.what {
            What::BuyBack { total, agreed, .. } => (Some(total.print()), agreed),
            _ => (None, None),
        };
        let renewed = match act.what {
            What::Renewal { into, from, confirmed } => Some((words.class(into)?.0, from, confirmed)),
            _ => None,
        };
        let ruling = act.ruling();
        Ok(Self {
            id: act.id.0,
            kind: act.kind().as_str().to_owned(),
            cause: act.cause.as_str().to_owned(),
            state: act.state_word().to_owned(),
            site: act.site.0,
            organisation: act.organisation.0,
            area: act.area_path.rsplit('/').next().unwrap_or_default().to_owned(),
            quantity: act.quantity.print(measure),
            unit: measure.unit.clone(),
            document: act.document.clone(),
            reserve_site: act.what.receiver().map(|reserve| reserve.site.0),
            total,
            confirmed: renewed.as_ref().map(|(_, _, confirmed)| confirmed.print(measure)),
            due_on: renewed.as_ref().map(|(_, from, _)| from.to_string()),
            new_right_class: renewed.map(|(class, _, _)| class),
            proposed_by: act.proposed_by.0,
            proposed_at: act.proposed_at,
            agreed_by: agreed.map(|agreed| agreed.by.0),
            agreed_at: agreed.map(|agreed| agreed.at),
            decided_by: ruling.map(|ruling| ruling.by.0),
            decided_at: ruling.map(|ruling| ruling.at),
            reason: ruling.and_then(|ruling| ruling.reason.clone()),
            carried_out_at: effect.map(|effect| effect.at),
            moved: effect.map(|effect| print(effect.moved)),
            converted: effect.map(|effect| print(effect.converted)),
            rulebook: act.rulebook.0,
            version: act.version,
            right_class,
        })
    }
}
