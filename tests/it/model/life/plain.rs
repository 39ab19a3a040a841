//! The life of liens in plain numbers: what is free, committed, pledged and frozen of each mill's stock, in tonnes. Nothing here knows the ledger
//! or a row of the database.

use super::acts::Act;
use std::collections::BTreeMap;

/// Mills that sell and pledge, each with one stock.
pub const MILLS: usize = 2;
/// Banks that take in pledge.
pub const BANKS: usize = 2;
/// What each mill begins with, and has registered as reduced.
pub const TONNES: i64 = 60;
/// The mill whose rights end in the course of a history, and their last day, counted from the beginning; those of the others outlast it.
pub const ENDING: usize = 0;
pub const LAST: i64 = 4;
/// What each loan is, in CNY, and what a tonne that is sold with consent pays of it.
pub const LOAN: i64 = 100_000;
pub const CLAIM: i64 = 5_000;
/// What a tonne costs a buyer, and what each disposal costs.
pub const PRICE: i64 = 8_790;
pub const COSTS: i64 = 100;

/// An offer to the buyer, and the trade that it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfferState {
    Open,
    Matched,
    Settled,
    Over,
}

#[derive(Debug, Clone)]
pub struct Offer {
    pub mill: usize,
    pub tonnes: i64,
    pub state: OfferState,
    pub has_trade: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PledgeState {
    Applied,
    Verified,
    Agreed,
    Registered,
    Defaulted,
    Closed,
    Released,
    Withdrawn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DealState {
    Open,
    Consented,
    Settled,
    Over,
}

/// A disposal, or a sale with consent, of what a pledge holds.
#[derive(Debug, Clone, Copy)]
pub struct Deal {
    pub pledge: usize,
    pub tonnes: i64,
    /// What of the price is to pay the claim, in CNY.
    pub claim: i64,
    pub state: DealState,
}

#[derive(Debug, Clone)]
pub struct Pledge {
    pub mill: usize,
    pub bank: usize,
    pub state: PledgeState,
    /// What it was applied for, and what it holds once it is registered.
    pub tonnes: i64,
    /// Whether it may wait for what liens before it hold; what it waits for, and since which hour.
    pub is_junior: bool,
    pub waiting: i64,
    pub since: i64,
    pub secured: i64,
    /// What of the loan is still to be paid; after a default what is told of it, less what disposals pay.
    pub principal: i64,
    pub due: i64,
    /// Tonnes that a change which waits would add.
    pub change: Option<i64>,
}

impl Pledge {
    pub fn is_in_force(&self) -> bool {
        matches!(self.state, PledgeState::Registered | PledgeState::Defaulted)
    }

    /// What the bank may still take from what is pledged.
    pub fn outstanding(&self) -> i64 {
        if self.state == PledgeState::Defaulted { self.due } else { self.principal }
    }

    /// What it would hold if it waited for nothing.
    pub(super) fn claimed(&self) -> i64 {
        self.tonnes + self.waiting
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreezeState {
    Open,
    Lifted,
    Executed,
}

#[derive(Debug, Clone)]
pub struct Freeze {
    pub mill: usize,
    pub ordered: i64,
    pub taken: i64,
    /// The hour in which it was recorded: its place in the line.
    pub since: i64,
    /// Its last day, counted from the beginning.
    pub until: Option<i64>,
    pub state: FreezeState,
}

/// Why an act is refused: one of these codes is told.
pub type Refused = &'static [&'static str];

/// Everything that a history has made so far.
#[derive(Debug, Default, Clone)]
pub struct Plain {
    pub hours: i64,
    pub free: [i64; MILLS],
    /// What the buyer has got of each stock.
    pub bought: [i64; MILLS],
    /// The last day of what a mill lets a bank take in pledge.
    pub consents: BTreeMap<(usize, usize), i64>,
    /// Whether the rights of one mill have ended, and tonnes that left liens when they did.
    pub has_ended: bool,
    pub lapsed: i64,
    pub offers: Vec<Offer>,
    pub pledges: Vec<Pledge>,
    pub disposals: Vec<Deal>,
    pub sales: Vec<Deal>,
    pub freezes: Vec<Freeze>,
}

pub(super) fn refuse_unless(holds: bool, codes: Refused) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(codes) }
}

impl Plain {
    pub fn new() -> Self {
        Self { free: [TONNES; MILLS], ..Self::default() }
    }

    pub fn today(&self) -> i64 {
        self.hours / 24
    }

    /// What stands in the accounts of a mill: free, committed, pledged, frozen.
    pub fn stands(&self, mill: usize) -> [i64; 4] {
        let committed = self.offers.iter().filter(|one| one.mill == mill && one.holds());
        let pledged = self.pledges.iter().filter(|one| one.mill == mill && one.is_in_force());
        let frozen = self.freezes.iter().filter(|one| one.mill == mill && one.state == FreezeState::Open);
        [
            self.free[mill],
            committed.map(|one| one.tonnes).sum(),
            pledged.map(|one| one.tonnes).sum(),
            frozen.map(|one| one.taken).sum(),
        ]
    }

    /// What of a mill's registered reduction is not sold or offered yet. A trade out of a lien
    /// counts from the consent on, as long as the lien stands.
    fn unsold(&self, mill: usize) -> i64 {
        let offered = self.offers.iter().filter(|one| one.mill == mill && one.state != OfferState::Over);
        let consented = self.sales.iter().filter(|one| {
            let stands = one.state == DealState::Consented && self.pledges[one.pledge].is_in_force();
            self.pledges[one.pledge].mill == mill && (stands || one.state == DealState::Settled)
        });
        let sold: i64 = offered.map(|one| one.tonnes).chain(consented.map(|one| one.tonnes)).sum();
        TONNES - sold
    }

    pub(super) fn expect_sellable(&self, mill: usize, tonnes: i64) -> Result<(), Refused> {
        refuse_unless(tonnes <= self.unsold(mill), &["TRD_REDUCTION_NOT_REGISTERED"])
    }

    fn expect_consent(&self, bank: usize, mill: usize) -> Result<(), Refused> {
        let until = self.consents.get(&(mill, bank));
        refuse_unless(until.is_some_and(|until| *until >= self.today()), &["PLG_CONSENT_MISSING"])
    }

    fn expect_free(&self, mill: usize, tonnes: i64) -> Result<(), Refused> {
        refuse_unless(tonnes <= self.free[mill], &["PLG_NOT_ENOUGH_AVAILABLE"])
    }

    /// What a junior lien asks for is free, or held by liens before it.
    fn expect_room(&self, mill: usize, tonnes: i64, is_junior: bool) -> Result<(), Refused> {
        if !is_junior {
            return self.expect_free(mill, tonnes);
        }
        let [free, _, pledged, _] = self.stands(mill);
        refuse_unless(tonnes <= free + pledged, &["PLG_BEYOND_SENIORS"])
    }

    pub(super) fn expect_in_force(&self, pledge: usize) -> Result<(), Refused> {
        match self.pledges[pledge].state {
            PledgeState::Registered | PledgeState::Defaulted => Ok(()),
            PledgeState::Released => Err(&["PLG_ALREADY_RELEASED"]),
            PledgeState::Closed => Err(&["PLG_ENFORCED_ALREADY"]),
            _ => Err(&["PLG_WRONG_STATE"]),
        }
    }

    pub(super) fn expect_enforceable(&self, pledge: usize) -> Result<(), Refused> {
        self.expect_in_force(pledge)?;
        let is_defaulted = self.pledges[pledge].state == PledgeState::Defaulted;
        refuse_unless(is_defaulted, &["PLG_DISPOSAL_BEFORE_DEFAULT"])
    }

    pub(super) fn expect_undisposed(&self, pledge: usize) -> Result<(), Refused> {
        let is_open = |one: &Deal| one.pledge == pledge && one.state == DealState::Open;
        refuse_unless(!self.disposals.iter().any(is_open), &["PLG_DISPOSAL_OPEN"])
    }

    pub(super) fn expect_held(&self, pledge: usize, tonnes: i64) -> Result<(), Refused> {
        refuse_unless(tonnes <= self.pledges[pledge].tonnes, &["PLG_MORE_THAN_HELD"])
    }

    pub(super) fn expect_outstanding(&self, pledge: usize, claim: i64) -> Result<(), Refused> {
        refuse_unless(claim <= self.pledges[pledge].outstanding(), &["PLG_MORE_THAN_OUTSTANDING"])
    }

    /// What a bank says a disposal is to pay: sometimes the whole loan, whatever was paid of it.
    pub fn owed(&self, pledge: usize, tonnes: i64) -> i64 {
        if tonnes % 3 == 0 { LOAN } else { self.pledges[pledge].outstanding().max(1) }
    }

    fn expect_state(&self, pledge: usize, state: PledgeState) -> Result<(), Refused> {
        refuse_unless(self.pledges[pledge].state == state, &["PLG_WRONG_STATE"])
    }

    /// Tonnes have come free of a stock: whoever waits takes all before the next takes any, freezes and junior liens in one line by the hour.
    fn come_free(&mut self, mill: usize, mut tonnes: i64) {
        let open = |one: &Freeze| one.mill == mill && one.state == FreezeState::Open;
        let freezes = self.freezes.iter_mut().filter(|one| open(one));
        let freezes = freezes.map(|one| (one.since, &mut one.taken, one.ordered));
        let juniors = self.pledges.iter_mut().filter(|one| one.mill == mill && one.is_in_force());
        let juniors = juniors.map(|one| {
            let whole = one.tonnes + std::mem::take(&mut one.waiting);
            (one.since, one, whole)
        });
        let mut juniors: Vec<_> = juniors.collect();
        let mut line: Vec<(i64, &mut i64, i64)> = freezes.collect();
        line.extend(juniors.iter_mut().map(|(since, one, whole)| (*since, &mut one.tonnes, *whole)));
        line.sort_by_key(|(since, ..)| *since);
        for (_, has, whole) in line {
            let taken = tonnes.min(whole - *has);
            *has += taken;
            tonnes -= taken;
        }
        for (_, one, whole) in juniors {
            one.waiting = whole - one.tonnes;
        }
        self.free[mill] += tonnes;
    }

    /// Tonnes have left a stock for good: nobody waits for more than others still hold.
    pub(super) fn end_gone(&mut self, mill: usize) {
        let [_, _, pledged, frozen] = self.stands(mill);
        for one in self.pledges.iter_mut().filter(|one| one.mill == mill && one.is_in_force()) {
            one.waiting = one.waiting.min(pledged - one.tonnes + frozen);
        }
    }

    /// A pledge is over: what waits about it is taken back, and what it holds comes free.
    pub(super) fn release(&mut self, pledge: usize) {
        let (mill, held) = (self.pledges[pledge].mill, self.pledges[pledge].tonnes);
        self.pledges[pledge].state = PledgeState::Released;
        self.pledges[pledge].waiting = 0;
        self.ends(pledge);
        self.come_free(mill, held);
    }

    pub(super) fn ends(&mut self, pledge: usize) {
        self.pledges[pledge].change = None;
        let deals = self.disposals.iter_mut().chain(self.sales.iter_mut());
        for deal in deals.filter(|one| one.pledge == pledge && one.state == DealState::Open) {
            deal.state = DealState::Over;
        }
    }

    /// Does an act, or says why not.
    pub fn does(&mut self, act: Act) -> Result<(), Refused> {
        match act {
            Act::Consent { mill, bank, days } => {
                let today = self.today();
                let until = self.consents.entry((mill, bank)).or_insert(today);
                *until = (*until).max(today + days);
                Ok(())
            }
            Act::ConsentEnds { mill, bank } => {
                self.consents.remove(&(mill, bank));
                Ok(())
            }
            Act::HoursPass { hours } => {
                self.pass(hours);
                Ok(())
            }
            Act::Offer { .. } | Act::OfferEnds { .. } | Act::Accept { .. } | Act::Settle { .. } => self.trades(act),
            Act::Freeze { .. }
            | Act::Lift { .. }
            | Act::LiftPart { .. }
            | Act::Execute { .. }
            | Act::ExecutePart { .. } => self.freezes(act),
            Act::Dispose { .. }
            | Act::DisposalEnds { .. }
            | Act::DisposalSettles { .. }
            | Act::Ask { .. }
            | Act::AskEnds { .. }
            | Act::Agree { .. }
            | Act::SaleSettles { .. } => self.deals(act),
            _ => self.pledges(act),
        }
    }

    fn trades(&mut self, act: Act) -> Result<(), Refused> {
        let expect = |state: OfferState, wanted: OfferState, codes: Refused| refuse_unless(state == wanted, codes);
        match act {
            Act::Offer { mill, tonnes } => {
                refuse_unless(tonnes <= self.free[mill], &["TRD_NOT_ENOUGH_AVAILABLE"])?;
                self.expect_sellable(mill, tonnes)?;
                self.free[mill] -= tonnes;
                self.offers.push(Offer { mill, tonnes, state: OfferState::Open, has_trade: false });
            }
            Act::OfferEnds { offer } => {
                expect(self.offers[offer].state, OfferState::Open, &["TRD_OFFER_NOT_OPEN"])?;
                self.offers[offer].state = OfferState::Over;
                self.free[self.offers[offer].mill] += self.offers[offer].tonnes;
            }
            Act::Accept { offer } => {
                expect(self.offers[offer].state, OfferState::Open, &["TRD_OFFER_NOT_OPEN"])?;
                self.offers[offer].state = OfferState::Matched;
                self.offers[offer].has_trade = true;
            }
            Act::Settle { offer } => {
                expect(self.offers[offer].state, OfferState::Matched, &["TRD_WRONG_STATE"])?;
                self.offers[offer].state = OfferState::Settled;
                let Offer { mill, tonnes, .. } = self.offers[offer];
                self.bought[mill] += tonnes;
            }
            _ => unreachable!("{act:?} is no act of the market"),
        }
        Ok(())
    }

    fn pledges(&mut self, act: Act) -> Result<(), Refused> {
        match act {
            Act::Apply { mill, bank, tonnes, is_junior } => {
                self.expect_consent(bank, mill)?;
                self.expect_room(mill, tonnes, is_junior)?;
                let (state, secured, principal, due) = (PledgeState::Applied, LOAN, LOAN, 0);
                let (waiting, since, change) = (0, 0, None);
                let claims =
                    Pledge { mill, bank, state, tonnes, is_junior, waiting, since, secured, principal, due, change };
                self.pledges.push(claims);
            }
            Act::Verify { pledge } => {
                self.expect_state(pledge, PledgeState::Applied)?;
                let Pledge { mill, tonnes, is_junior, .. } = self.pledges[pledge];
                self.expect_room(mill, tonnes, is_junior)?;
                self.pledges[pledge].state = PledgeState::Verified;
            }
            Act::PledgorAgrees { pledge } => {
                self.expect_state(pledge, PledgeState::Verified)?;
                self.pledges[pledge].state = PledgeState::Agreed;
            }
            Act::Register { pledge } => {
                self.expect_state(pledge, PledgeState::Agreed)?;
                let Pledge { mill, bank, tonnes, is_junior, .. } = self.pledges[pledge];
                self.expect_consent(bank, mill)?;
                self.expect_room(mill, tonnes, is_junior)?;
                let held = tonnes.min(self.free[mill]);
                self.free[mill] -= held;
                let (one, since) = (&mut self.pledges[pledge], self.hours);
                (one.state, one.tonnes, one.waiting, one.since) = (PledgeState::Registered, held, tonnes - held, since);
            }
            Act::Withdraw { pledge } => {
                let state = self.pledges[pledge].state;
                let is_pending = matches!(state, PledgeState::Applied | PledgeState::Verified | PledgeState::Agreed);
                refuse_unless(is_pending, &["PLG_WRONG_STATE"])?;
                self.pledges[pledge].state = PledgeState::Withdrawn;
            }
            Act::Release { pledge } | Act::CourtReleases { pledge } => {
                self.expect_in_force(pledge)?;
                self.release(pledge);
            }
            Act::ReleasePart { pledge, tonnes } => {
                self.expect_in_force(pledge)?;
                let claimed = self.pledges[pledge].claimed();
                refuse_unless(tonnes <= claimed, &["PLG_MORE_THAN_HELD"])?;
                refuse_unless(tonnes < claimed, &["PLG_WHOLE_RELEASED"])?;
                // What it waits for is given up before what it holds.
                let one = &mut self.pledges[pledge];
                let given_up = tonnes.min(one.waiting);
                one.waiting -= given_up;
                one.tonnes -= tonnes - given_up;
                self.come_free(self.pledges[pledge].mill, tonnes - given_up);
            }
            Act::Change { .. } | Act::ChangeAgreed { .. } | Act::ChangeEnds { .. } => self.changes(act)?,
            Act::Default { pledge } => {
                self.expect_in_force(pledge)?;
                self.expect_state(pledge, PledgeState::Registered)?;
                self.pledges[pledge].state = PledgeState::Defaulted;
                self.pledges[pledge].due = LOAN;
            }
            Act::Cure { pledge } => {
                self.expect_undisposed(pledge)?;
                self.expect_in_force(pledge)?;
                self.expect_state(pledge, PledgeState::Defaulted)?;
                self.pledges[pledge].state = PledgeState::Registered;
            }
            _ => unreachable!("{act:?} is no act on a pledge"),
        }
        Ok(())
    }

    /// Top-ups: proposed, agreed to, taken back.
    fn changes(&mut self, act: Act) -> Result<(), Refused> {
        match act {
            Act::Change { pledge, tonnes } => {
                self.expect_in_force(pledge)?;
                refuse_unless(self.pledges[pledge].change.is_none(), &["PLG_AMENDMENT_OPEN"])?;
                self.expect_consent(self.pledges[pledge].bank, self.pledges[pledge].mill)?;
                self.expect_free(self.pledges[pledge].mill, tonnes)?;
                self.pledges[pledge].change = Some(tonnes);
            }
            Act::ChangeAgreed { pledge } => {
                self.expect_in_force(pledge)?;
                let Pledge { mill, bank, change, .. } = self.pledges[pledge];
                let tonnes = change.ok_or(&["PLG_NO_OPEN_AMENDMENT"] as Refused)?;
                self.expect_consent(bank, mill)?;
                self.expect_free(mill, tonnes)?;
                self.free[mill] -= tonnes;
                self.pledges[pledge].tonnes += tonnes;
                self.pledges[pledge].change = None;
            }
            Act::ChangeEnds { pledge } => {
                refuse_unless(self.pledges[pledge].change.is_some(), &["PLG_NO_OPEN_AMENDMENT"])?;
                self.pledges[pledge].change = None;
            }
            _ => unreachable!("{act:?} changes no terms"),
        }
        Ok(())
    }

    fn freezes(&mut self, act: Act) -> Result<(), Refused> {
        let open = |freeze: &Freeze| match freeze.state {
            FreezeState::Open => Ok(()),
            FreezeState::Lifted => Err(&["FRZ_ALREADY_LIFTED"] as Refused),
            FreezeState::Executed => Err(&["FRZ_ALREADY_EXECUTED"] as Refused),
        };
        match act {
            Act::Freeze { mill, tonnes, days } => {
                let all: i64 = self.stands(mill).iter().sum();
                refuse_unless(tonnes <= all, &["FRZ_OVER_HOLDING"])?;
                // Open business gives way, the newest first, and no more of it than is wanting.
                let mut short = tonnes - self.free[mill];
                for offer in self.offers.iter_mut().rev().filter(|one| one.mill == mill && one.holds()) {
                    if short > 0 {
                        short -= offer.tonnes;
                        offer.state = OfferState::Over;
                        self.free[mill] += offer.tonnes;
                    }
                }
                let taken = tonnes.min(self.free[mill]);
                self.free[mill] -= taken;
                let (until, since) = (days.map(|days| self.today() + days), self.hours);
                self.freezes.push(Freeze { mill, ordered: tonnes, taken, since, until, state: FreezeState::Open });
            }
            Act::Lift { freeze } => {
                open(&self.freezes[freeze])?;
                self.lift(freeze);
            }
            Act::LiftPart { freeze, tonnes } => {
                open(&self.freezes[freeze])?;
                refuse_unless(tonnes < self.freezes[freeze].ordered, &["FRZ_MORE_THAN_ORDERED"])?;
                let one = &mut self.freezes[freeze];
                one.ordered -= tonnes;
                let freed = (one.taken - one.ordered).max(0);
                one.taken -= freed;
                let mill = one.mill;
                self.come_free(mill, freed);
            }
            Act::Execute { freeze } => {
                open(&self.freezes[freeze])?;
                let one = &mut self.freezes[freeze];
                refuse_unless(one.taken == one.ordered, &["FRZ_NOT_IN_FORCE"])?;
                one.state = FreezeState::Executed;
                let (mill, taken) = (one.mill, one.taken);
                self.bought[mill] += taken;
                self.end_gone(mill);
            }
            Act::ExecutePart { freeze, tonnes } if tonnes == self.freezes[freeze].ordered => {
                self.freezes(Act::Execute { freeze })?;
            }
            Act::ExecutePart { freeze, tonnes } => {
                open(&self.freezes[freeze])?;
                let one = &mut self.freezes[freeze];
                refuse_unless(tonnes <= one.taken, &["FRZ_MORE_THAN_HELD"])?;
                one.taken -= tonnes;
                one.ordered -= tonnes;
                let mill = one.mill;
                self.bought[mill] += tonnes;
                self.end_gone(mill);
            }
            _ => unreachable!("{act:?} is no act of a court"),
        }
        Ok(())
    }

    fn lift(&mut self, freeze: usize) {
        let (mill, taken) = (self.freezes[freeze].mill, self.freezes[freeze].taken);
        self.freezes[freeze].state = FreezeState::Lifted;
        self.come_free(mill, taken);
    }

    /// A day may have begun: the first after the last of a mill's rights takes them out of all hands, with whatever holds or waits for them; the
    /// pledges stand. Tells whether it was that day.
    pub fn day_begins(&mut self) -> bool {
        if self.has_ended || self.today() <= LAST {
            return false;
        }
        for offer in self.offers.iter_mut().filter(|one| one.mill == ENDING && one.holds()) {
            offer.state = OfferState::Over;
        }
        let is_open = |one: &&mut Freeze| one.mill == ENDING && one.state == FreezeState::Open;
        for freeze in self.freezes.iter_mut().filter(is_open) {
            freeze.state = FreezeState::Lifted;
        }
        for one in self.pledges.iter_mut().filter(|one| one.mill == ENDING && one.is_in_force()) {
            self.lapsed += one.tonnes;
            (one.tonnes, one.waiting) = (0, 0);
        }
        (self.has_ended, self.free[ENDING], self.bought[ENDING]) = (true, 0, 0);
        true
    }

    /// The clock lifts what has run out, one after the other.
    fn pass(&mut self, hours: i64) {
        self.hours += hours;
        let today = self.today();
        for at in 0..self.freezes.len() {
            let Freeze { until, state, .. } = self.freezes[at];
            if state == FreezeState::Open && until.is_some_and(|until| until < today) {
                self.lift(at);
            }
        }
    }
}

impl Offer {
    pub fn holds(&self) -> bool {
        matches!(self.state, OfferState::Open | OfferState::Matched)
    }
}
