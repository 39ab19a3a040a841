//! Valuations (价值评估): what somebody says, or the market's own statistics say, that the things of a pledge are worth; and calls for more
//! security when that is too little. A valuation is never changed; a revaluation is a further one, and the newest counts.
//!
//! valued with the application → revalued; a ratio over the cap → a margin call, open until the ratio is within the cap again: by a higher
//! value, by more rights, or by less that is secured (民法典第四百三十三条). The cap is on the part of the loan that rests on the right.

pub mod commands;
pub(super) mod store;

use super::pledge::{Lien, Pledge};
use crate::eligibility::Part;
use crate::eligibility::pledge::judge_ltv;
use crate::kernel::Moment;
use crate::kernel::cycle::Period;
use crate::kernel::ids::{LienId, MarginCallId, PledgeId, UserId, ValuationId};
use crate::rulebook::Rulebook;
use accounting::{JournalId, Money, Price, Quantity};
use jiff::civil::Date;

/// The method by which the market's own statistics say the value.
pub const MARKET_STATISTICS: &str = "market_statistics";

/// How things are valued, whichever of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appraisal {
    /// In the words of the valuer, or [`MARKET_STATISTICS`].
    pub method: String,
    /// The period of the statistics, of that method alone.
    pub price_period: Option<Period>,
    /// The day of the valuation.
    pub valued_on: Date,
    /// The last day for which it is good, where it says one.
    pub expires_on: Option<Date>,
    /// Who valued: the pledgee itself where nobody else is named.
    pub valuer: Option<String>,
}

impl Appraisal {
    /// Whether the market's own statistics say the value.
    pub fn is_by_statistics(&self) -> bool {
        self.method == MARKET_STATISTICS
    }
}

/// A price at which the market traded a pollutant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarketPrice {
    /// In which period.
    pub period: Period,
    /// Mean by volume, in CNY per display unit.
    pub unit_price: Price,
}

/// What one thing is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Valuation {
    /// Its identity.
    pub id: ValuationId,
    /// Of which pledge.
    pub pledge: PledgeId,
    /// On which thing.
    pub lien: LienId,
    /// How much of it there was.
    pub quantity: Quantity,
    /// In the words of the valuer, or [`MARKET_STATISTICS`].
    pub method: String,
    /// The market price that it was made of.
    pub market_price: Option<MarketPrice>,
    /// In CNY.
    pub value: Money,
    /// What was secured on the thing then, where somebody has said which part.
    pub secured: Option<Money>,
    /// The day of the valuation.
    pub valued_on: Date,
    /// The last day for which it is good, where it says one.
    pub expires_on: Option<Date>,
    /// Who valued.
    pub valuer: String,
    /// Who told it.
    pub recorded_by: UserId,
    /// When.
    pub recorded_at: Moment,
    /// The journal of the application or of the revaluation.
    pub journal: JournalId,
}

/// What the rights of a pledge were last assessed at, together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worth {
    /// The sum of the newest valuations, in CNY.
    pub assessed_value: Money,
    /// How they were last assessed.
    pub method: String,
    /// When.
    pub valued_on: Date,
    /// The last day for which the valuation says it is good.
    pub expires_on: Option<Date>,
}

/// A call for more security.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarginCall {
    /// Its identity.
    pub id: MarginCallId,
    /// Of which pledge.
    pub pledge: PledgeId,
    /// When.
    pub called_at: Moment,
    /// What is over the cap: the whole, or the one thing whose part is.
    pub over: Part,
    /// The cap, as the rulebook writes it.
    pub cap: String,
    /// The last working day for it; none where no rule sets one.
    pub due_on: Option<Date>,
    /// When it was over.
    pub ended_at: Option<Moment>,
    /// Counts from 1.
    pub version: i64,
}

impl Valuation {
    /// What was secured on the thing then, and what it was worth.
    pub fn part(&self) -> Option<Part> {
        Some(Part { secured: self.secured?, value: self.value })
    }
}

impl Lien {
    /// The newest valuation of it.
    pub fn valuation(&self) -> Option<&Valuation> {
        self.valuations.last()
    }

    /// What rests on it, and what it was last assessed at.
    pub fn part(&self) -> Option<Part> {
        Some(Part { secured: self.secured?, value: self.valuation()?.value })
    }
}

impl Pledge {
    /// What is secured on all of its rights, and what they were last assessed at.
    pub fn whole(&self) -> Part {
        Part { secured: self.terms.secured, value: self.worth.assessed_value }
    }

    /// What its things were last assessed at together; none while one of them was never valued. A thing that was given back whole counts no
    /// more.
    pub fn assessed(&self) -> Option<Money> {
        let kept = self.liens.iter().filter(|lien| lien.quantity.grams().saturating_add(lien.changed) > 0);
        let values: Option<Vec<Money>> = kept.map(|lien| lien.valuation().map(|valuation| valuation.value)).collect();
        values.and_then(|values| commands::sum(values.into_iter()))
    }

    /// The same pledge with these as the newest valuations of their things.
    #[must_use]
    pub fn with_valuations(mut self, new: &[Valuation]) -> Self {
        for lien in &mut self.liens {
            lien.valuations.extend(new.iter().filter(|valuation| valuation.lien == lien.id).cloned());
        }
        let assessed_value = self.assessed().unwrap_or(self.worth.assessed_value);
        self.worth = match new.last() {
            Some(Valuation { method, valued_on, expires_on, .. }) => {
                Worth { assessed_value, method: method.clone(), valued_on: *valued_on, expires_on: *expires_on }
            }
            None => Worth { assessed_value, ..self.worth },
        };
        self
    }

    /// The first part that is over the cap: a single thing of several, or the whole; worth what liens before it leave.
    pub fn over_cap(&self, rulebook: &Rulebook) -> Option<Part> {
        let behind = |lien: &Lien| Some(lien.part()?.behind(lien.ahead()));
        let things = self.liens.iter().filter_map(behind).filter(|_| self.liens.len() > 1);
        things.chain([self.whole().behind(self.ahead())]).find(|part| judge_ltv(*part, rulebook).is_err())
    }

    /// The margin call that is open.
    pub fn open_margin_call(&self) -> Option<&MarginCall> {
        self.margin_calls.iter().find(|call| call.ended_at.is_none())
    }

    /// What the ratio leads to now: a new call when it is over the cap and none is open, the end of an open one when it is within the cap;
    /// nothing when neither is so.
    pub fn margin(&self, rulebook: &Rulebook, now: Moment, due_on: Option<Date>) -> Option<MarginCall> {
        let open = self.open_margin_call();
        match (self.over_cap(rulebook), open) {
            (Some(over), None) => Some(MarginCall {
                id: MarginCallId::fresh(),
                pledge: self.id,
                called_at: now,
                over,
                cap: rulebook.value("ltv_cap").unwrap_or_default().to_owned(),
                due_on,
                ended_at: None,
                version: 1,
            }),
            (None, Some(call)) => Some(call.ended(now)),
            _ => None,
        }
    }
}

impl MarginCall {
    /// It is over: the ratio is within the cap again, or the pledge has ended.
    #[must_use]
    pub fn ended(&self, now: Moment) -> Self {
        Self { ended_at: Some(now), version: self.version + 1, ..self.clone() }
    }
}

#[cfg(test)]
mod tests;
