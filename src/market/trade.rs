//! A trade, from the match to the varied permits.

use super::error::MarketRefusal;
use super::offer::{Mode, Party};
use super::source::Source;
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, ProjectId, RightClassId, RulebookId, TradeId, UserId};
use accounting::{Money, Price, Quantity, Ratio};
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
    /// How much must be bought for what the project builds, as it stood when it was matched; none where no ratio applied.
    pub replacement: Option<Ratio>,
    /// The agreed total.
    pub total: Money,
    /// What was held when it was matched.
    pub deposit: Money,
    /// What is held of the total by now, the deposit in it.
    pub paid: Money,
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
        /// Why.
        reason: Option<String>,
    },
    /// A party called it off.
    Cancelled {
        /// Why.
        reason: Option<String>,
    },
}

impl TradeState {
    /// Every word there is.
    pub const WORDS: &'static [&'static str] = &["matched", "approved", "settled", "closed", "refused", "cancelled"];

    /// The word the database and the API use.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Matched => "matched",
            Self::Approved { .. } => "approved",
            Self::Settled { .. } => "settled",
            Self::Closed { .. } => "closed",
            Self::Refused { .. } => "refused",
            Self::Cancelled { .. } => "cancelled",
        }
    }
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

    /// What is left to pay.
    pub fn left_to_pay(&self) -> Money {
        self.total.checked_sub(self.paid).unwrap_or_default()
    }

    /// The approval of the bureau at `area`. With the last one the trade is approved.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::NotInCharge`], [`MarketRefusal::AlreadyApproved`].
    pub fn approve(mut self, area: &str, at: Moment) -> Result<Self, MarketRefusal> {
        self.must_be("matched")?;
        self.must_be_in_charge(area)?;
        if !self.approvals.insert(area.to_owned()) {
            return Err(MarketRefusal::AlreadyApproved { area: area.to_owned() });
        }
        if self.approvals == self.deciding_areas() {
            self.state = TradeState::Approved { at };
        }
        Ok(self.next())
    }

    /// The refusal of the bureau at `area`.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::NotInCharge`].
    pub fn refuse(mut self, area: &str, reason: Option<String>) -> Result<Self, MarketRefusal> {
        self.must_be("matched")?;
        self.must_be_in_charge(area)?;
        self.state = TradeState::Refused { reason };
        Ok(self.next())
    }

    /// A party calls it off: the buyer until it is approved, the seller until it is settled.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadySettled`], [`MarketRefusal::NotTheSeller`].
    pub fn cancel(mut self, by: OrganisationId, reason: Option<String>) -> Result<Self, MarketRefusal> {
        match self.state {
            TradeState::Matched => {}
            TradeState::Approved { .. } if by == self.seller.organisation => {}
            TradeState::Approved { .. } => return Err(MarketRefusal::NotTheSeller {}),
            TradeState::Settled { .. } | TradeState::Closed { .. } => {
                return Err(MarketRefusal::AlreadySettled {});
            }
            _ => return Err(self.wrong("matched")),
        }
        self.state = TradeState::Cancelled { reason };
        Ok(self.next())
    }

    /// Whether it still holds something.
    pub fn is_open(&self) -> bool {
        matches!(self.state, TradeState::Matched | TradeState::Approved { .. })
    }

    /// It is called off because its rights are over, whoever its parties are.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`] when it holds nothing any more.
    pub fn end(mut self, reason: Option<String>) -> Result<Self, MarketRefusal> {
        if !self.is_open() {
            return Err(self.wrong("matched, approved"));
        }
        self.state = TradeState::Cancelled { reason };
        Ok(self.next())
    }

    /// The buyer pays towards the total.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`], [`MarketRefusal::AlreadySettled`], [`MarketRefusal::NotTheBuyer`],
    /// [`MarketRefusal::Overpaid`].
    pub fn pay(mut self, by: OrganisationId, amount: Money) -> Result<Self, MarketRefusal> {
        if by != self.buyer.organisation {
            return Err(MarketRefusal::NotTheBuyer {});
        }
        if matches!(self.state, TradeState::Settled { .. } | TradeState::Closed { .. }) {
            return Err(MarketRefusal::AlreadySettled {});
        }
        self.must_be("approved")?;
        let paid = self.paid.checked_add(amount).filter(|paid| *paid <= self.total);
        self.paid = paid.ok_or_else(|| MarketRefusal::Overpaid { left: self.left_to_pay().print() })?;
        Ok(self.next())
    }

    /// Rights against money.
    ///
    /// # Errors
    /// [`MarketRefusal::WrongState`] unless it is approved and paid.
    pub fn settle(mut self, at: Moment) -> Result<Self, MarketRefusal> {
        match self.state {
            TradeState::Approved { at: approved_at } if self.paid == self.total => {
                self.state = TradeState::Settled { approved_at, at };
                Ok(self.next())
            }
            _ => Err(self.wrong("approved")),
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

    fn wrong(&self, needed: &str) -> MarketRefusal {
        MarketRefusal::WrongState { state: self.state.as_str().to_owned(), needed: needed.to_owned() }
    }

    fn next(mut self) -> Self {
        self.version += 1;
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::ids::{OfferId, SiteId};

    const TONGCHENG: &str = "420000/421200/421222";
    const CHIBI: &str = "420000/421200/421281";

    fn party(area: &str) -> Party {
        Party { site: SiteId::fresh(), organisation: OrganisationId::fresh(), area_path: area.to_owned() }
    }

    fn matched(seller_area: &str, buyer_area: &str) -> Trade {
        Trade {
            id: TradeId::fresh(),
            source: Source::Offer(OfferId::fresh()),
            mode: Mode::Negotiated,
            seller: party(seller_area),
            buyer: party(buyer_area),
            seller_is_reserve: false,
            project: ProjectId::fresh(),
            right_class: RightClassId::fresh(),
            pollutant: "COD".to_owned(),
            quantity: Quantity::try_new(2_000_000).unwrap(),
            unit_price: Price::try_new(879_000).unwrap(),
            replacement: None,
            total: Money::try_new(1_758_000).unwrap(),
            deposit: Money::try_new(527_400).unwrap(),
            paid: Money::try_new(527_400).unwrap(),
            approvals: BTreeSet::new(),
            variations: BTreeSet::new(),
            state: TradeState::Matched,
            matched_by: UserId::fresh(),
            matched_at: Moment::from_micros(0),
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    const AT: Moment = Moment::from_micros(1);

    fn approved() -> Trade {
        matched(TONGCHENG, TONGCHENG).approve(TONGCHENG, AT).unwrap()
    }

    fn settled() -> Trade {
        let trade = approved();
        let (buyer, left) = (trade.buyer.organisation, trade.left_to_pay());
        trade.pay(buyer, left).unwrap().settle(AT).unwrap()
    }

    #[test]
    fn a_ratio_takes_of_what_is_bought_and_leaves_the_rest() {
        let of = |text: &str| {
            let trade = Trade { replacement: Ratio::parse(text).ok(), ..matched(TONGCHENG, CHIBI) };
            (trade.excess(), trade.usable())
        };
        assert_eq!((of("1:1"), of("2:1")), ((0, 2_000_000), (1_000_000, 1_000_000)));
        assert_eq!(of("1.2:1"), (333_334, 1_666_666), "what is retired is rounded up to the gram");
        let none = matched(TONGCHENG, CHIBI);
        assert_eq!((none.excess(), none.usable()), (0, 2_000_000));
    }

    #[test]
    fn both_bureaux_approve_when_the_areas_differ() {
        let trade = matched(TONGCHENG, CHIBI).approve(TONGCHENG, AT).unwrap();
        assert_eq!(trade.state, TradeState::Matched);
        let again = trade.clone().approve(TONGCHENG, AT);
        assert_eq!(again, Err(MarketRefusal::AlreadyApproved { area: TONGCHENG.to_owned() }));
        assert_eq!(trade.approve(CHIBI, AT).unwrap().state, TradeState::Approved { at: AT });
    }

    #[test]
    fn a_bureau_of_another_area_decides_nothing() {
        let outside = "420000/421200/421224";
        let refusal = MarketRefusal::NotInCharge { areas: TONGCHENG.to_owned() };
        assert_eq!(matched(TONGCHENG, TONGCHENG).approve(outside, AT), Err(refusal.clone()));
        assert_eq!(matched(TONGCHENG, TONGCHENG).refuse(outside, None), Err(refusal));
    }

    #[test]
    fn only_the_buyer_pays_and_never_more_than_is_left() {
        let trade = approved();
        let (seller, buyer) = (trade.seller.organisation, trade.buyer.organisation);
        let too_much = Money::try_new(trade.left_to_pay().fen() + 1).unwrap();
        assert_eq!(trade.clone().pay(seller, Money::try_new(1).unwrap()), Err(MarketRefusal::NotTheBuyer {}));
        assert_eq!(trade.clone().pay(buyer, too_much), Err(MarketRefusal::Overpaid { left: "12306.00".to_owned() }));
        let partly = trade.pay(buyer, Money::try_new(1).unwrap()).unwrap();
        assert!(partly.settle(AT).is_err());
    }

    #[test]
    fn nothing_is_paid_before_approval_and_nothing_after_settlement() {
        let trade = matched(TONGCHENG, TONGCHENG);
        let buyer = trade.buyer.organisation;
        assert!(matches!(trade.pay(buyer, Money::try_new(1).unwrap()), Err(MarketRefusal::WrongState { .. })));
        let trade = settled();
        let buyer = trade.buyer.organisation;
        assert_eq!(trade.pay(buyer, Money::try_new(1).unwrap()), Err(MarketRefusal::AlreadySettled {}));
    }

    #[test]
    fn the_buyer_cancels_until_approval_and_the_seller_until_settlement() {
        let trade = matched(TONGCHENG, CHIBI);
        let buyer = trade.buyer.organisation;
        assert_eq!(trade.cancel(buyer, None).unwrap().state.as_str(), "cancelled");
        let trade = approved();
        let (seller, buyer) = (trade.seller.organisation, trade.buyer.organisation);
        assert_eq!(trade.clone().cancel(buyer, None), Err(MarketRefusal::NotTheSeller {}));
        assert_eq!(trade.cancel(seller, None).unwrap().state.as_str(), "cancelled");
        let trade = settled();
        let seller = trade.seller.organisation;
        assert_eq!(trade.cancel(seller, None), Err(MarketRefusal::AlreadySettled {}));
    }

    #[test]
    fn a_trade_whose_rights_are_over_ends_until_it_is_settled() {
        for open in [matched(TONGCHENG, CHIBI), approved()] {
            assert_eq!(open.end(Some("到期".to_owned())).unwrap().state.as_str(), "cancelled");
        }
        for over in [settled(), matched(TONGCHENG, TONGCHENG).refuse(TONGCHENG, None).unwrap()] {
            assert!(matches!(over.end(None), Err(MarketRefusal::WrongState { .. })));
        }
    }

    #[test]
    fn a_trade_closes_when_both_permits_are_varied_and_the_reserve_has_none() {
        let trade = settled().vary(Side::Buyer, AT).unwrap();
        assert_eq!(trade.state.as_str(), "settled");
        assert!(matches!(trade.clone().vary(Side::Buyer, AT), Err(MarketRefusal::AlreadyVaried { .. })));
        assert_eq!(trade.vary(Side::Seller, AT).unwrap().state.as_str(), "closed");
        let reserve = Trade { seller_is_reserve: true, ..settled() };
        assert_eq!(reserve.clone().vary(Side::Seller, AT), Err(MarketRefusal::NoPermitToVary {}));
        assert_eq!(reserve.vary(Side::Buyer, AT).unwrap().state.as_str(), "closed");
    }
}
