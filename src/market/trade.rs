//! A trade, from the match to the varied permits.

use super::error::MarketRefusal;
use super::offer::{Mode, Party};
use super::source::Source;
use crate::eligibility::Lifted;
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, ProjectId, RightClassId, RulebookId, TradeId, UserId};
use accounting::{Money, Price, PriceBasis, Quantity, Ratio};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// Seller or buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// Gives rights.
    Seller,
    /// Gets rights.
    Buyer,
}

impl Side {
    /// Every word of one.
    pub const WORDS: &'static [&'static str] = &["seller", "buyer"];

    /// The word the database and the API use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seller => "seller",
            Self::Buyer => "buyer",
        }
    }

    /// Reads the word back.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Seller, Self::Buyer].into_iter().find(|side| side.as_str() == text)
    }
}

/// A trade between two sites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trade {
    /// Its identity; the subject of everything it holds.
    pub id: TradeId,
    /// What it came of.
    pub source: Source,
    /// By which way.
    pub mode: Mode,
    /// Who sells.
    pub seller: Party,
    /// Who buys.
    pub buyer: Party,
    /// Whether the reserve sells: its proceeds go to the treasury, and it has no permit.
    pub seller_is_reserve: bool,
    /// The buyer's project.
    pub project: ProjectId,
    /// What.
    pub right_class: RightClassId,
    /// Code of the pollutant.
    pub pollutant: String,
    /// How much.
    pub quantity: Quantity,
    /// CNY per display unit.
    pub unit_price: Price,
    /// What the price is for.
    pub price_basis: PriceBasis,
    /// How much must be bought for what the project builds, as it stood when it was matched; none where no ratio applied.
    pub replacement: Option<Ratio>,
    /// The boundary that the province lets its rights pass; none where they stay in their zone.
    pub lifted: Option<Lifted>,
    /// The agreed total.
    pub total: Money,
    /// What was held when it was matched.
    pub deposit: Money,
    /// What is held of the total by now, the deposit in it.
    pub paid: Money,
    /// The last day on which it is laid open once it is approved; none where no rule asks for it.
    pub publicised_until: Option<Date>,
    /// The last day on which the buyer may pay; none where no rule sets one.
    pub pay_by: Option<Date>,
    /// What the exchange took of it when it settled; none where no rule asks for a fee.
    pub fee: Option<Money>,
    /// Paths of the areas whose bureaux have approved.
    pub approvals: BTreeSet<String>,
    /// The sides whose permits are varied.
    pub variations: BTreeSet<Side>,
    /// How far it has come.
    pub state: TradeState,
    /// Who bought: accepted the offer, took the listing, or won the lot.
    pub matched_by: UserId,
    /// When.
    pub matched_at: Moment,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How far a trade has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TradeState {
    /// The seller's quantity and the buyer's deposit are held.
    Matched,
    /// Every bureau approved; headroom is held where it is needed.
    Approved {
        /// When the last one did.
        at: Moment,
    },
    /// Every bureau approved, and it is laid open to objections until a day; after that it is paid.
    Publicised {
        /// When the last bureau approved.
        approved_at: Moment,
    },
    /// It is paid in full, and waits for the exchange to confirm it.
    Paid {
        /// When it was approved.
        approved_at: Moment,
        /// When it was paid.
        at: Moment,
    },
    /// Rights and money have changed hands.
    Settled {
        /// When it was approved.
        approved_at: Moment,
        /// When it was settled.
        at: Moment,
    },
    /// The permits are varied.
    Closed {
        /// When it was approved.
        approved_at: Moment,
        /// When it was settled.
        settled_at: Moment,
        /// When the last permit was varied.
        at: Moment,
    },
    /// A bureau said no.
    Refused {
        /// When it had been approved, where it was: it is refused while it is laid open, too.
        approved_at: Option<Moment>,
        /// Why.
        reason: Option<String>,
    },
    /// A party called it off.
    Cancelled {
        /// When it had been approved, where it was.
        approved_at: Option<Moment>,
        /// Why.
        reason: Option<String>,
    },
    /// The buyer did not pay in time.
    Expired {
        /// When it was approved.
        approved_at: Moment,
        /// When it ended.
        at: Moment,
        /// What of the deposit the buyer lost.
        forfeited: Money,
    },
}

impl TradeState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] =
        &["matched", "approved", "publicised", "paid", "settled", "closed", "refused", "cancelled", "expired"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Approved { .. } => "approved",
            Self::Publicised { .. } => "publicised",
            Self::Paid { .. } => "paid",
            Self::Settled { .. } => "settled",
            Self::Closed { .. } => "closed",
            Self::Refused { .. } => "refused",
            Self::Cancelled { .. } => "cancelled",
            Self::Expired { .. } => "expired",
        }
    }

    /// When the last bureau approved, as far as it came.
    pub fn approved_at(&self) -> Option<Moment> {
        match self {
            Self::Approved { at } => Some(*at),
            Self::Publicised { approved_at }
            | Self::Paid { approved_at, .. }
            | Self::Settled { approved_at, .. }
            | Self::Closed { approved_at, .. }
            | Self::Expired { approved_at, .. } => Some(*approved_at),
            Self::Refused { approved_at, .. } | Self::Cancelled { approved_at, .. } => *approved_at,
            Self::Matched => None,
        }
    }

    /// When rights and money changed hands, and when the last permit was varied.
    pub fn settled_and_closed_at(&self) -> (Option<Moment>, Option<Moment>) {
        match self {
            Self::Settled { at, .. } => (Some(*at), None),
            Self::Closed { settled_at, at, .. } => (Some(*settled_at), Some(*at)),
            _ => (None, None),
        }
    }

    /// Why it was refused or called off.
    pub fn reason(&self) -> Option<&String> {
        match self {
            Self::Refused { reason, .. } | Self::Cancelled { reason, .. } => reason.as_ref(),
            _ => None,
        }
    }
}

/// What the rules ask for between the last approval and the settlement of a trade.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    /// The last day on which it is laid open.
    pub publicised_until: Option<Date>,
    /// The last day on which it may be paid.
    pub pay_by: Option<Date>,
    /// Whether the exchange confirms it once it is paid.
    pub is_confirmed: bool,
}

impl Trade {
    /// Paths of the areas whose bureaux decide: both when the areas differ.
    pub fn deciding_areas(&self) -> BTreeSet<String> {
        BTreeSet::from([self.seller.area_path.clone(), self.buyer.area_path.clone()])
    }

    /// Grams that its replacement ratio retires when it settles, rounded up.
    pub fn excess(&self) -> i64 {
        self.replacement.map_or(0, |ratio| ratio.excess_of(self.quantity))
    }

    /// Grams that the buyer may discharge of it.
    pub fn usable(&self) -> i64 {
        self.quantity.grams() - self.excess()
    }

    /// The class of the rights that the buyer gets: another one than is sold where they pass into another zone.
    pub fn delivered_class(&self) -> RightClassId {
        self.lifted.map_or(self.right_class, |lifted| lifted.delivered)
    }

    /// What is left to pay.
    pub fn left_to_pay(&self) -> Money {
        self.total.checked_sub(self.paid).unwrap_or_default()
    }

    /// The approval of the bureau at `area`. With the last one the trade is approved, or laid open where the terms say so; where all of it
    /// is held already and nothing is to wait for, it is paid.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::NotInCharge`], [`MarketRefusal::AlreadyApproved`].
    pub fn approve(mut self, area: &str, at: Moment, terms: &Terms) -> Result<Self, MarketRefusal> {
        self.must_be("matched")?;
        self.must_be_in_charge(area)?;
        if !self.approvals.insert(area.to_owned()) {
            return Err(MarketRefusal::AlreadyApproved { area: area.to_owned() });
        }
        if self.approvals == self.deciding_areas() {
            self.state = match terms.publicised_until {
                Some(_) => TradeState::Publicised { approved_at: at },
                None => TradeState::Approved { at },
            };
            (self.publicised_until, self.pay_by) = (terms.publicised_until, terms.pay_by);
            self = self.paid_up(at, terms.is_confirmed);
        }
        Ok(self.next())
    }

    /// Where all of an approved trade is held and the exchange confirms it, it waits for that.
    fn paid_up(mut self, at: Moment, is_confirmed: bool) -> Self {
        if let TradeState::Approved { at: approved_at } | TradeState::Publicised { approved_at } = self.state
            && self.paid == self.total
            && is_confirmed
        {
            self.state = TradeState::Paid { approved_at, at };
        }
        self
    }

    /// The refusal of the bureau at `area`: before it is approved, or while it is laid open and somebody objects with reason.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::NotInCharge`].
    pub fn refuse(mut self, area: &str, reason: Option<String>) -> Result<Self, MarketRefusal> {
        if !matches!(self.state, TradeState::Matched | TradeState::Publicised { .. }) {
            return Err(self.wrong("matched, publicised"));
        }
        self.must_be_in_charge(area)?;
        self.state = TradeState::Refused { approved_at: self.state.approved_at(), reason };
        Ok(self.next())
    }

    /// A party calls it off: the buyer until it is approved, the seller until it is settled.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadySettled`], [`MarketRefusal::NotTheSeller`].
    pub fn cancel(mut self, by: OrganisationId, reason: Option<String>) -> Result<Self, MarketRefusal> {
        match self.state {
            TradeState::Matched => {}
            TradeState::Approved { .. } | TradeState::Publicised { .. } | TradeState::Paid { .. }
                if by == self.seller.organisation => {}
            TradeState::Approved { .. } | TradeState::Publicised { .. } | TradeState::Paid { .. } => {
                return Err(MarketRefusal::NotTheSeller {});
            }
            TradeState::Settled { .. } | TradeState::Closed { .. } => {
                return Err(MarketRefusal::AlreadySettled {});
            }
            _ => return Err(self.wrong("matched")),
        }
        self.state = TradeState::Cancelled { approved_at: self.state.approved_at(), reason };
        Ok(self.next())
    }

    /// Whether it still holds something.
    pub fn is_open(&self) -> bool {
        matches!(self.state, TradeState::Matched) || self.is_approved()
    }

    /// Whether every bureau has approved it and it is not over: then it holds headroom where it needs some.
    pub fn is_approved(&self) -> bool {
        matches!(self.state, TradeState::Approved { .. } | TradeState::Publicised { .. } | TradeState::Paid { .. })
    }

    /// Whether nothing but the settlement is left: it is approved, laid open long enough, and paid.
    pub fn is_due(&self, today: Date) -> bool {
        let is_open = matches!(self.state, TradeState::Approved { .. } | TradeState::Publicised { .. });
        is_open && self.paid == self.total && self.publicised_until.is_none_or(|until| until < today)
    }

    /// It is called off because its rights are over, whoever its parties are.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`] when it holds nothing any more.
    pub fn end(mut self, reason: Option<String>) -> Result<Self, MarketRefusal> {
        if !self.is_open() {
            return Err(self.wrong("matched, approved, publicised, paid"));
        }
        self.state = TradeState::Cancelled { approved_at: self.state.approved_at(), reason };
        Ok(self.next())
    }

    /// The buyer pays towards the total, until the end of the last day, whether or not the clock has run since.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadySettled`], [`MarketRefusal::NotTheBuyer`],
    /// [`MarketRefusal::PublicityRunning`], [`MarketRefusal::DeadlinePassed`], [`MarketRefusal::Overpaid`].
    pub fn pay(
        mut self,
        by: OrganisationId,
        amount: Money,
        at: Moment,
        is_confirmed: bool,
    ) -> Result<Self, MarketRefusal> {
        if by != self.buyer.organisation {
            return Err(MarketRefusal::NotTheBuyer {});
        }
        if matches!(self.state, TradeState::Settled { .. } | TradeState::Closed { .. }) {
            return Err(MarketRefusal::AlreadySettled {});
        }
        if !matches!(self.state, TradeState::Approved { .. } | TradeState::Publicised { .. }) {
            return Err(self.wrong("approved, publicised"));
        }
        if let Some(until) = self.publicised_until.filter(|until| at.day() <= *until) {
            return Err(MarketRefusal::PublicityRunning { until: until.to_string() });
        }
        if let Some(pay_by) = self.pay_by.filter(|last| *last < at.day()) {
            return Err(MarketRefusal::DeadlinePassed { pay_by: pay_by.to_string() });
        }
        let paid = self.paid.checked_add(amount).filter(|paid| *paid <= self.total);
        self.paid = paid.ok_or_else(|| MarketRefusal::Overpaid { left: self.left_to_pay().print() })?;
        Ok(self.paid_up(at, is_confirmed).next())
    }

    /// Rights against money, and what the exchange takes of it.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`] unless it is approved and paid.
    pub fn settle(mut self, at: Moment, fee: Option<Money>) -> Result<Self, MarketRefusal> {
        match self.state {
            TradeState::Approved { at: approved_at }
            | TradeState::Publicised { approved_at }
            | TradeState::Paid { approved_at, .. }
                if self.paid == self.total =>
            {
                self.state = TradeState::Settled { approved_at, at };
                self.fee = fee;
                Ok(self.next())
            }
            _ => Err(self.wrong("paid")),
        }
    }

    /// Whether it waits for the exchange: it is paid, and laid open no more.
    ///
    /// # Errors
    /// [`MarketRefusal::PublicityRunning`], [`MarketRefusal::AlreadySettled`], [`MarketRefusal::WrongState`].
    pub fn expect_confirmable(&self, today: Date) -> Result<(), MarketRefusal> {
        match self.state {
            TradeState::Paid { .. } => match self.publicised_until.filter(|until| today <= *until) {
                Some(until) => Err(MarketRefusal::PublicityRunning { until: until.to_string() }),
                None => Ok(()),
            },
            TradeState::Settled { .. } | TradeState::Closed { .. } => Err(MarketRefusal::AlreadySettled {}),
            _ => Err(self.wrong("paid")),
        }
    }

    /// Whether it waits for a payment whose last day has passed.
    pub fn is_late(&self, today: Date) -> bool {
        let is_open = matches!(self.state, TradeState::Approved { .. } | TradeState::Publicised { .. });
        is_open && self.pay_by.is_some_and(|last| last < today) && self.paid < self.total
    }

    /// The buyer has not paid in time. With `forfeits` the deposit is lost; what was paid beyond it goes back in any case.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`] when it is not waiting for a payment that is late.
    pub fn expire(mut self, at: Moment, forfeits: bool) -> Result<Self, MarketRefusal> {
        match self.state {
            TradeState::Approved { at: approved_at } | TradeState::Publicised { approved_at }
                if self.is_late(at.day()) =>
            {
                let forfeited = if forfeits { self.deposit } else { Money::ZERO };
                self.state = TradeState::Expired { approved_at, at, forfeited };
                Ok(self.next())
            }
            _ => Err(self.wrong("approved, publicised")),
        }
    }

    /// What of the deposit the buyer has lost.
    pub fn forfeited(&self) -> Money {
        match self.state {
            TradeState::Expired { forfeited, .. } => forfeited,
            _ => Money::ZERO,
        }
    }

    /// One side's permit is varied. With the last one the trade is closed.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadyVaried`], [`MarketRefusal::NoPermitToVary`].
    pub fn vary(mut self, side: Side, at: Moment) -> Result<Self, MarketRefusal> {
        let TradeState::Settled { approved_at, at: settled_at } = self.state else {
            return Err(self.wrong("settled"));
        };
        if side == Side::Seller && self.seller_is_reserve {
            return Err(MarketRefusal::NoPermitToVary {});
        }
        if !self.variations.insert(side) {
            return Err(MarketRefusal::AlreadyVaried { side: side.as_str().to_owned() });
        }
        if self.variations.contains(&Side::Buyer) && (self.seller_is_reserve || self.variations.contains(&Side::Seller))
        {
            self.state = TradeState::Closed { approved_at, settled_at, at };
        }
        Ok(self.next())
    }

    /// A side of it.
    pub fn party(&self, side: Side) -> &Party {
        match side {
            Side::Seller => &self.seller,
            Side::Buyer => &self.buyer,
        }
    }

    /// The sides that have a permit which is to be varied: the reserve has none.
    pub fn sides_to_vary(&self) -> impl Iterator<Item = Side> + use<> {
        let seller = (!self.seller_is_reserve).then_some(Side::Seller);
        seller.into_iter().chain([Side::Buyer])
    }

    fn must_be(&self, needed: &str) -> Result<(), MarketRefusal> {
        if self.state.as_str() == needed { Ok(()) } else { Err(self.wrong(needed)) }
    }

    fn must_be_in_charge(&self, area: &str) -> Result<(), MarketRefusal> {
        let areas = self.deciding_areas();
        if areas.contains(area) {
            return Ok(());
        }
        let areas: Vec<String> = areas.into_iter().collect();
        Err(MarketRefusal::NotInCharge { areas: areas.join(", ") })
    }

    pub(super) fn wrong(&self, needed: &str) -> MarketRefusal {
        MarketRefusal::WrongState { state: self.state.as_str().to_owned(), needed: needed.to_owned() }
    }

    pub(super) fn next(mut self) -> Self {
        self.version += 1;
        self
    }
}

#[cfg(test)]
pub(super) mod tests;
