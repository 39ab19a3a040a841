//! An act on rights: pure types and transitions.

use super::error::TenureRefusal;
use crate::kernel::Moment;
use crate::kernel::ids::{OrganisationId, RightActId, RightClassId, RulebookId, SiteId, UserId};
use crate::quota::batches::Ruling;
use accounting::{Holding, Money, Quantity};
use jiff::civil::Date;

accounting::words! {
    /// What is done with rights.
    Kind {
        /// Given up for good by who holds them (注销).
        Surrender = "surrender",
        /// Past their validity (到期).
        Expiry = "expiry",
        /// Free rights that the government takes back (无偿收回).
        TakeBack = "take_back",
        /// Paid rights that the government buys back (回购).
        BuyBack = "buy_back",
        /// Rights that are set aside for the reserve (预留).
        SetAside = "set_aside",
        /// Renewed for another validity, as far as they are confirmed (延续).
        Renewal = "renewal",
        /// Varied downward by a bureau (变更).
        Variation = "variation",
    }
}

accounting::words! {
    /// Why. The list is closed; what is particular is said in the document.
    Cause {
        /// Of its holder's own will.
        Voluntary = "voluntary",
        /// The holder is bankrupt.
        Bankruptcy = "bankruptcy",
        /// The site has closed.
        Closure = "closure",
        /// The site was banned (取缔).
        Ban = "ban",
        /// The site was ordered to close for breaking the law (责令关闭).
        OrderedClosure = "ordered_closure",
        /// The site has moved away.
        Relocation = "relocation",
        /// The site discharges no more.
        EndOfDischarge = "end_of_discharge",
        /// A surplus that the reserve buys.
        Surplus = "surplus",
        /// Part of the initial rights is kept for the reserve.
        InitialReserve = "initial_reserve",
        /// A reduction that public money has paid for.
        FundedReduction = "funded_reduction",
        /// Another requirement of total-quantity control (排污许可管理条例第十六条).
        TotalControl = "total_control",
        /// What was granted by mistake.
        Correction = "correction",
        /// The re-verification at the end of the validity.
        ReVerification = "re_verification",
        /// The validity is over.
        ValidityEnded = "validity_ended",
    }
}

impl Kind {
    /// The causes it may have.
    pub fn causes(self) -> &'static [Cause] {
        use Cause as C;
        match self {
            Self::Surrender => &[C::Voluntary, C::Closure, C::Relocation, C::EndOfDischarge],
            Self::Expiry => &[C::ValidityEnded],
            Self::TakeBack => &[C::Bankruptcy, C::Closure, C::Ban, C::OrderedClosure, C::Relocation, C::EndOfDischarge],
            Self::BuyBack => &[C::Surplus, C::Bankruptcy, C::Closure, C::Relocation, C::EndOfDischarge],
            Self::SetAside => &[C::InitialReserve, C::FundedReduction],
            Self::Renewal => &[C::ReVerification],
            Self::Variation => &[C::TotalControl, C::Correction],
        }
    }

    /// Whether it is one of the reserve's operations.
    pub fn is_of_reserve(self) -> bool {
        matches!(self, Self::TakeBack | Self::BuyBack | Self::SetAside)
    }
}

/// The reserve's site that rights go to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receiver {
    /// Which site.
    pub site: SiteId,
    /// Of which reserve institution.
    pub organisation: OrganisationId,
}

/// The yes of who sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// Who said it.
    pub by: UserId,
    /// When.
    pub at: Moment,
}

/// What is done, with what only that needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// See [`Kind::Surrender`].
    Surrender,
    /// See [`Kind::Expiry`].
    Expiry,
    /// See [`Kind::TakeBack`].
    TakeBack {
        /// Where they go.
        reserve: Receiver,
    },
    /// See [`Kind::BuyBack`].
    BuyBack {
        /// Where they go.
        reserve: Receiver,
        /// The price of the whole.
        total: Money,
        /// The seller's yes, once it is there.
        agreed: Option<Agreed>,
    },
    /// See [`Kind::SetAside`]; the site is the reserve's.
    SetAside,
    /// See [`Kind::Renewal`].
    Renewal {
        /// Into which class.
        into: RightClassId,
        /// The first day of that class.
        from: Date,
        /// How much of the quantity is confirmed for it.
        confirmed: Quantity,
    },
    /// See [`Kind::Variation`].
    Variation,
}

impl What {
    /// Its word.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Surrender => Kind::Surrender,
            Self::Expiry => Kind::Expiry,
            Self::TakeBack { .. } => Kind::TakeBack,
            Self::BuyBack { .. } => Kind::BuyBack,
            Self::SetAside => Kind::SetAside,
            Self::Renewal { .. } => Kind::Renewal,
            Self::Variation => Kind::Variation,
        }
    }

    /// Where the rights go, when the reserve gets them from somebody.
    pub fn receiver(&self) -> Option<Receiver> {
        match self {
            Self::TakeBack { reserve } | Self::BuyBack { reserve, .. } => Some(*reserve),
            _ => None,
        }
    }
}

/// An act on a quantity of one class at one site, and how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RightAct {
    /// Its identity.
    pub id: RightActId,
    /// What is done.
    pub what: What,
    /// Why.
    pub cause: Cause,
    /// At which site.
    pub site: SiteId,
    /// Of which organisation.
    pub organisation: OrganisationId,
    /// Path of the site's area.
    pub area_path: String,
    /// Of which class.
    pub right_class: RightClassId,
    /// How much.
    pub quantity: Quantity,
    /// Number of the document it rests on; none when the clock acts.
    pub document: Option<String>,
    /// Who proposed it, or the clock.
    pub proposed_by: UserId,
    /// For which organisation.
    pub proposer: OrganisationId,
    /// When.
    pub proposed_at: Moment,
    /// How far it has come.
    pub state: State,
    /// The rules it was last judged by.
    pub rulebook: RulebookId,
    /// Counts from 1.
    pub version: i64,
}

/// How far an act has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// Waits for the seller, and then for the bureau.
    Proposed,
    /// A renewal that a bureau has approved and that waits for its day.
    Approved(Ruling),
    /// It took effect.
    CarriedOut(Effect),
    /// The bureau or the seller said no.
    Refused(Ruling),
    /// Its proposer took it back.
    Withdrawn,
}

/// What an act has done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Who decided; nobody when the clock acts.
    pub ruling: Option<Ruling>,
    /// When it took effect.
    pub at: Moment,
    /// Grams that have moved.
    pub moved: i64,
    /// How many of them turned into the new class.
    pub converted: i64,
}

impl RightAct {
    /// Every word of a state.
    pub const STATES: &'static [&'static str] =
        &["proposed", "agreed", "approved", "carried_out", "refused", "withdrawn"];

    /// The word of its state, as the database and the API use it.
    pub fn state_word(&self) -> &'static str {
        match (&self.state, &self.what) {
            (State::Proposed, What::BuyBack { agreed: Some(_), .. }) => "agreed",
            (State::Proposed, _) => "proposed",
            (State::Approved(_), _) => "approved",
            (State::CarriedOut(_), _) => "carried_out",
            (State::Refused(_), _) => "refused",
            (State::Withdrawn, _) => "withdrawn",
        }
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        self.what.kind()
    }

    /// The stock it is on.
    pub fn stock(&self) -> Holding {
        Holding { owner: self.site.into(), asset: self.right_class.into() }
    }

    /// Who decided, once somebody has.
    pub fn ruling(&self) -> Option<&Ruling> {
        match &self.state {
            State::Approved(ruling) | State::Refused(ruling) => Some(ruling),
            State::CarriedOut(effect) => effect.ruling.as_ref(),
            State::Proposed | State::Withdrawn => None,
        }
    }

    /// Whether the bureau may decide on it now: who sells back has agreed first.
    pub fn waits_for_bureau(&self) -> bool {
        let needs_seller = matches!(self.what, What::BuyBack { agreed: None, .. });
        self.state == State::Proposed && !needs_seller
    }

    /// Refuses what a bureau has nothing to decide about now.
    ///
    /// # Errors
    /// [`TenureRefusal::WrongState`].
    pub fn expect_waiting(&self) -> Result<(), TenureRefusal> {
        if self.waits_for_bureau() { Ok(()) } else { Err(self.not_waiting()) }
    }

    /// What it would have to be for a bureau to decide: who sells back has agreed first.
    fn not_waiting(&self) -> TenureRefusal {
        self.wrong(if matches!(self.what, What::BuyBack { .. }) { "agreed" } else { "proposed" })
    }

    /// The seller says yes.
    ///
    /// # Errors
    /// [`TenureRefusal::WrongState`].
    pub fn agree(self, agreed: Agreed) -> Result<Self, TenureRefusal> {
        match (&self.state, self.what) {
            (State::Proposed, What::BuyBack { reserve, total, agreed: None }) => {
                let what = What::BuyBack { reserve, total, agreed: Some(agreed) };
                Ok(Self { what, version: self.version + 1, ..self })
            }
            _ => Err(self.wrong("proposed")),
        }
    }

    /// The seller says no.
    ///
    /// # Errors
    /// [`TenureRefusal::WrongState`].
    pub fn decline(self, ruling: Ruling) -> Result<Self, TenureRefusal> {
        match (&self.state, self.what) {
            (State::Proposed, What::BuyBack { agreed: None, .. }) => Ok(self.turned(State::Refused(ruling))),
            _ => Err(self.wrong("proposed")),
        }
    }

    /// A bureau approves a renewal before the first day of its new validity.
    ///
    /// # Errors
    /// [`TenureRefusal::WrongState`].
    pub fn approve(self, ruling: Ruling) -> Result<Self, TenureRefusal> {
        match (&self.state, self.what) {
            (State::Proposed, What::Renewal { .. }) => Ok(self.turned(State::Approved(ruling))),
            _ => Err(self.wrong("proposed")),
        }
    }

    /// It takes effect: by the decision of a bureau, or on the day that an approved renewal has waited for.
    ///
    /// # Errors
    /// [`TenureRefusal::WrongState`].
    pub fn carry_out(
        self,
        ruling: Option<Ruling>,
        at: Moment,
        moved: i64,
        converted: i64,
    ) -> Result<Self, TenureRefusal> {
        let ruling = match (&self.state, ruling) {
            (State::Proposed, Some(ruling)) if self.waits_for_bureau() => ruling,
            (State::Approved(ruling), None) => ruling.clone(),
            _ => return Err(self.not_waiting()),
        };
        Ok(self.turned(State::CarriedOut(Effect { ruling: Some(ruling), at, moved, converted })))
    }

    /// A bureau says no.
    ///
    /// # Errors
    /// [`TenureRefusal::WrongState`].
    pub fn refuse(self, ruling: Ruling) -> Result<Self, TenureRefusal> {
        self.expect_waiting().map(|()| self.turned(State::Refused(ruling)))
    }

    /// Its proposer takes it back before anybody has decided.
    ///
    /// # Errors
    /// [`TenureRefusal::WrongState`].
    pub fn withdraw(self) -> Result<Self, TenureRefusal> {
        if self.state == State::Proposed { Ok(self.turned(State::Withdrawn)) } else { Err(self.wrong("proposed")) }
    }

    fn turned(self, state: State) -> Self {
        Self { state, version: self.version + 1, ..self }
    }

    fn wrong(&self, needed: &str) -> TenureRefusal {
        TenureRefusal::WrongState { state: self.state_word().to_owned(), needed: needed.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const AT: Moment = Moment::from_micros(7);

    fn receiver() -> Receiver {
        Receiver { site: SiteId::fresh(), organisation: OrganisationId::fresh() }
    }

    fn proposed(what: What) -> RightAct {
        RightAct {
            id: RightActId::fresh(),
            cause: what.kind().causes()[0],
            what,
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200/421222".to_owned(),
            right_class: RightClassId::fresh(),
            quantity: Quantity::try_new(1_000).unwrap(),
            document: Some("咸环退〔2022〕1号".to_owned()),
            proposed_by: UserId::fresh(),
            proposer: OrganisationId::fresh(),
            proposed_at: Moment::from_micros(0),
            state: State::Proposed,
            rulebook: RulebookId::fresh(),
            version: 1,
        }
    }

    fn ruling() -> Ruling {
        Ruling { by: UserId::fresh(), at: AT, reason: None }
    }

    fn renewal() -> What {
        let confirmed = Quantity::try_new(900).unwrap();
        What::Renewal { into: RightClassId::fresh(), from: date(2026, 1, 1), confirmed }
    }

    fn buy_back() -> What {
        What::BuyBack { reserve: receiver(), total: Money::try_new(100).unwrap(), agreed: None }
    }

    #[test]
    fn every_act_goes_its_way_once_and_no_other() {
        for what in [What::Surrender, What::TakeBack { reserve: receiver() }, What::SetAside, What::Variation] {
            let act = proposed(what);
            assert!(
                act.clone().approve(ruling()).is_err()
                    && act.clone().agree(Agreed { by: UserId::fresh(), at: AT }).is_err()
            );
            let done = act.clone().carry_out(Some(ruling()), AT, 1_000, 0).unwrap();
            assert_eq!((done.state_word(), done.version), ("carried_out", 2));
            for ended in [done, act.clone().refuse(ruling()).unwrap(), act.clone().withdraw().unwrap()] {
                assert!(ended.clone().carry_out(Some(ruling()), AT, 1_000, 0).is_err(), "{}", ended.state_word());
                assert!(ended.clone().carry_out(None, AT, 1_000, 0).is_err());
                assert!(ended.clone().refuse(ruling()).is_err() && ended.withdraw().is_err());
            }
            assert!(act.carry_out(None, AT, 1_000, 0).is_err(), "somebody decides");
        }
    }

    #[test]
    fn nothing_is_bought_back_before_the_seller_agrees() {
        let act = proposed(buy_back());
        let wrong = TenureRefusal::WrongState { state: "proposed".to_owned(), needed: "agreed".to_owned() };
        assert_eq!(act.clone().carry_out(Some(ruling()), AT, 1_000, 0), Err(wrong));
        assert!(act.clone().refuse(ruling()).is_err());
        assert_eq!(act.clone().decline(ruling()).unwrap().state_word(), "refused");
        let agreed = act.agree(Agreed { by: UserId::fresh(), at: AT }).unwrap();
        assert_eq!(agreed.state_word(), "agreed");
        assert!(
            agreed.clone().decline(ruling()).is_err()
                && agreed.clone().agree(Agreed { by: UserId::fresh(), at: AT }).is_err()
        );
        assert_eq!(agreed.clone().withdraw().unwrap().state_word(), "withdrawn");
        assert_eq!(agreed.carry_out(Some(ruling()), AT, 1_000, 0).unwrap().state_word(), "carried_out");
    }

    #[test]
    fn an_approved_renewal_waits_for_its_day_and_keeps_who_approved_it() {
        let who = ruling();
        let approved = proposed(renewal()).approve(who.clone()).unwrap();
        assert!(approved.clone().refuse(ruling()).is_err() && approved.clone().withdraw().is_err());
        assert!(approved.clone().carry_out(Some(ruling()), AT, 1, 1).is_err(), "nobody decides twice");
        let done = approved.carry_out(None, AT, 950, 900).unwrap();
        assert_eq!(done.ruling(), Some(&who));
        assert!(proposed(renewal()).carry_out(Some(ruling()), AT, 1_000, 900).is_ok(), "its day may have come already");
    }

    #[test]
    fn a_cause_fits_what_is_done() {
        for kind in Kind::ALL {
            assert!(!kind.causes().is_empty(), "{}", kind.as_str());
        }
        assert!(!Kind::TakeBack.causes().contains(&Cause::Voluntary));
        assert!(Cause::ALL.iter().all(|cause| Kind::ALL.iter().any(|kind| kind.causes().contains(cause))));
    }
}
