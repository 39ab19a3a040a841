//! The plain model: maps and loops, written from the table of what moves and not from the code that moves it.

use super::acts::{Act, Deal, Hold, RESERVE, area_of, areas_of};
use accounting::Month;
use jiff::civil::Date;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::AddAssign;

/// Whose account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Who {
    Book,
    Area(usize),
    Site(usize),
    Purse(usize),
}

/// What it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    Class(usize),
    Money,
    Capacity(usize),
}

/// An account by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub who: Who,
    pub what: What,
    pub purpose: &'static str,
    /// Trades are numbered from 0, liens from 10, freezes from 20.
    pub hold: Option<usize>,
}

pub fn trade(number: usize) -> usize {
    number
}

pub fn lien(number: usize) -> usize {
    10 + number
}

pub fn freeze(number: usize) -> usize {
    20 + number
}

impl Name {
    pub fn stock(site: usize, class: usize, purpose: &'static str) -> Self {
        Self { who: Who::Site(site), what: What::Class(class), purpose, hold: None }
    }

    pub fn purse(site: usize) -> Self {
        Self { who: Who::Purse(site), what: What::Money, purpose: "available", hold: None }
    }

    pub fn area(area: usize, purpose: &'static str) -> Self {
        Self { who: Who::Area(area), what: What::Capacity(area), purpose, hold: None }
    }

    pub fn book(what: What, purpose: &'static str) -> Self {
        Self { who: Who::Book, what, purpose, hold: None }
    }

    pub fn of(self, purpose: &'static str, hold: impl Into<Option<usize>>) -> Self {
        Self { purpose, hold: hold.into(), ..self }
    }

    fn may_be_negative(&self) -> bool {
        ["issued", "converted", "outside", "authorised", "overuse"].contains(&self.purpose)
    }
}

/// From, to, how much.
type Move = (Name, Name, i64);

/// One side of a posting: line, account, amount, balance after, version.
pub type Side = (i32, Name, i64, i64, i64);

/// Why an act is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// An account holds this and that would leave it.
    Short { held: i64, wanted: i64 },
    /// The journal was undone before.
    ReversedAlready,
    /// The month of this day is sealed.
    Sealed(Date),
}

/// How much has happened.
#[derive(Debug, Clone, Copy, Default)]
pub struct Told {
    pub done: usize,
    pub refused: usize,
    pub batches: usize,
    pub probes: usize,
    pub seals: usize,
}

impl AddAssign for Told {
    fn add_assign(&mut self, other: Self) {
        self.done += other.done;
        self.refused += other.refused;
        self.batches += other.batches;
        self.probes += other.probes;
        self.seals += other.seals;
    }
}

impl fmt::Display for Told {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, refused, batches, probes, seals } = self;
        write!(
            out,
            "{done} journals, {refused} refusals, {batches} batches, {probes} balances of an earlier instant or of a legal date, \
             {seals} seals"
        )
    }
}

/// Somebody who waits for grams of a stock.
#[derive(Debug, Clone, Copy)]
pub struct Waiting {
    pub hold: usize,
    pub wanted: i64,
}

/// Everything that is known.
#[derive(Debug, Clone, Default)]
pub struct Plain {
    accounts: BTreeMap<Name, (i64, i64)>,
    /// The moves of each journal done.
    done: Vec<Vec<Move>>,
    reversed: BTreeSet<usize>,
    lines: BTreeMap<(usize, usize), Vec<Waiting>>,
    open: Vec<Deal>,
    bids: Vec<Deal>,
    /// What moved on an account by legal date.
    by_day: BTreeMap<Name, BTreeMap<Date, i64>>,
    /// Nothing is dated in this month any more, or before it.
    sealed: Option<Month>,
}

impl Plain {
    /// Seals the books through a month.
    pub fn seal(&mut self, month: Month) {
        self.sealed = Some(month);
    }

    /// The last sealed month.
    pub fn sealed(&self) -> Option<Month> {
        self.sealed
    }

    /// What is legally effective on a day or before it, where it is not nothing.
    pub fn effective_on(&self, day: Date) -> BTreeMap<Name, i64> {
        let sum =
            |(name, days): (&Name, &BTreeMap<Date, i64>)| (*name, days.range(..=day).map(|(_, units)| units).sum());
        self.by_day.iter().map(sum).filter(|(_, units)| *units != 0).collect()
    }

    /// Balance and version of every account that was ever touched.
    pub fn accounts(&self) -> &BTreeMap<Name, (i64, i64)> {
        &self.accounts
    }

    /// How many journals there are.
    pub fn journals(&self) -> usize {
        self.done.len()
    }

    pub fn open_deals(&self) -> &[Deal] {
        &self.open
    }

    pub fn open_bids(&self) -> &[Deal] {
        &self.bids
    }

    /// Accounts for a purpose in which something stands.
    pub fn standing(&self, purpose: &'static str) -> impl Iterator<Item = (&Name, i64)> {
        let is_meant = move |(name, (balance, _)): &(&Name, &(i64, i64))| name.purpose == purpose && *balance > 0;
        self.accounts.iter().filter(is_meant).map(|(name, (balance, _))| (name, *balance))
    }

    /// Who waits for grams of a stock, first come first.
    pub fn line(&self, site: usize, class: usize) -> &[Waiting] {
        self.lines.get(&(site, class)).map_or(&[], Vec::as_slice)
    }

    fn balance(&self, name: Name) -> i64 {
        self.accounts.get(&name).map_or(0, |(balance, _)| *balance)
    }

    /// All of these happen in this order, or none, on the days of the same place; without a day, on one that is open. Tells
    /// the sides of each, or why not.
    pub fn does_on(&mut self, acts: &[Act], days: &[Date]) -> Result<Vec<Vec<Side>>, Why> {
        let mut after = self.clone();
        let mut sides = Vec::new();
        // The database learns of sealed months and second reversals only when it writes, after every balance was judged;
        // what is dated in a sealed month is left out before anything can be undone twice.
        let (mut is_undone_twice, mut late) = (false, None);
        for (at, act) in acts.iter().enumerate() {
            let day = days.get(at).copied();
            let moves = after.moves_of(act);
            let sides_of_act = after.moves(&moves)?;
            for (_, name, change, _, _) in &sides_of_act {
                if let Some(day) = day {
                    *after.by_day.entry(*name).or_default().entry(day).or_default() += change;
                }
            }
            sides.push(sides_of_act);
            after.remembers(act);
            after.done.push(moves);
            if let Some(day) = day.filter(|day| self.sealed.is_some_and(|sealed| Month::of(*day) <= sealed)) {
                late = late.or(Some(day));
            } else if let Act::Reverse(which) = act {
                is_undone_twice |= !after.reversed.insert(*which);
            }
        }
        if is_undone_twice {
            return Err(Why::ReversedAlready);
        }
        if let Some(day) = late {
            return Err(Why::Sealed(day));
        }
        *self = after;
        Ok(sides)
    }

    /// The same on open days.
    pub fn does(&mut self, acts: &[Act]) -> Result<Vec<Vec<Side>>, Why> {
        self.does_on(acts, &[])
    }

    fn moves(&mut self, moves: &[Move]) -> Result<Vec<Side>, Why> {
        let mut sides = Vec::new();
        for (line, (from, to, amount)) in (0..).zip(moves) {
            for (name, change) in [(*from, -amount), (*to, *amount)] {
                let (balance, version) = self.accounts.entry(name).or_default();
                if *balance + change < 0 && !name.may_be_negative() {
                    return Err(Why::Short { held: *balance, wanted: *amount });
                }
                *balance += change;
                *version += 1;
                sides.push((line, name, change, *balance, *version));
            }
        }
        Ok(sides)
    }

    fn remembers(&mut self, act: &Act) {
        match act {
            Act::Hold(deal) => self.open.push(*deal),
            Act::Bid(deal) => self.bids.push(*deal),
            Act::Settle(deal) | Act::Void(deal) => self.open.retain(|open| open != deal),
            Act::Enforce { deal, .. } | Act::Execute { deal, .. } => self.bids.retain(|bid| bid.trade != deal.trade),
            Act::Junior(hold) | Act::WaitingFreeze(hold) => {
                let number = if matches!(act, Act::Junior(_)) { lien(hold.number) } else { freeze(hold.number) };
                let waiting = Waiting { hold: number, wanted: hold.grams };
                self.lines.entry((hold.site, hold.class)).or_default().push(waiting);
            }
            Act::Release(hold) => self.serve(hold, lien(hold.number)),
            Act::Lift(hold) => self.serve(hold, freeze(hold.number)),
            _ => {}
        }
    }

    /// Those who wait have got what the release gave them.
    fn serve(&mut self, released: &Hold, from: usize) {
        let Some(line) = self.lines.get_mut(&(released.site, released.class)) else { return };
        let mut left = released.grams;
        for waiting in line.iter_mut().filter(|waiting| waiting.hold != from) {
            let got = waiting.wanted.min(left);
            waiting.wanted -= got;
            left -= got;
        }
        line.retain(|waiting| waiting.wanted > 0);
    }

    /// What an act moves, with what falls to a pending reduction.
    fn moves_of(&self, act: &Act) -> Vec<Move> {
        let mut moves = match act {
            Act::Reverse(which) => {
                // What it gave to a pending reduction goes back with it.
                let undone = self.done.get(*which).into_iter().flatten().rev();
                return undone.map(|(from, to, amount)| (*to, *from, *amount)).collect();
            }
            Act::SetCap { area, cap } => return self.cap(*area, *cap),
            act => self.business(act),
        };
        moves.retain(|(_, _, amount)| *amount != 0);
        let mut pending: BTreeMap<Name, i64> = BTreeMap::new();
        for at in 0..moves.len() {
            let (_, to, amount) = moves[at];
            if to.purpose == "headroom" {
                let overuse = to.of("overuse", None);
                let left = pending.entry(overuse).or_insert_with(|| (-self.balance(overuse)).max(0));
                let taken = amount.min(*left);
                *left -= taken;
                if taken > 0 {
                    moves.push((to, overuse, taken));
                }
            }
        }
        moves
    }

    fn cap(&self, area: usize, cap: i64) -> Vec<Move> {
        let [authorised, headroom, overuse] =
            ["authorised", "headroom", "overuse"].map(|purpose| Name::area(area, purpose));
        let change = cap + self.balance(authorised);
        let moves = if change >= 0 {
            let owed = (-self.balance(overuse)).clamp(0, change);
            vec![(authorised, overuse, owed), (authorised, headroom, change - owed)]
        } else {
            let free = self.balance(headroom).min(-change);
            vec![(headroom, authorised, free), (overuse, authorised, -change - free)]
        };
        moves.into_iter().filter(|(_, _, amount)| *amount != 0).collect()
    }

    fn business(&self, act: &Act) -> Vec<Move> {
        let outside = Name::book(What::Money, "outside");
        let suspense = Name::book(What::Money, "suspense");
        match *act {
            Act::Allocate { site, class, grams } => {
                let rights = (Name::book(What::Class(class), "issued"), Name::stock(site, class, "available"), grams);
                let area = area_of(site).map(|area| (Name::area(area, "headroom"), Name::area(area, "used"), grams));
                [rights].into_iter().chain(area).collect()
            }
            Act::Surplus { site, class, grams } => {
                vec![(Name::book(What::Class(class), "issued"), Name::stock(site, class, "available"), grams)]
            }
            Act::Deposit { site, fen } => vec![(outside, Name::purse(site), fen)],
            Act::Withdraw { site, fen } => vec![(Name::purse(site), outside, fen)],
            Act::Unmatched { fen } => vec![(outside, suspense, fen)],
            Act::Matched { site, fen } => vec![(suspense, Name::purse(site), fen)],
            Act::BuyBack { site, class, grams, fen } => {
                let reserve = Name::stock(RESERVE, class, "available");
                let mut moves = gone(Name::stock(site, class, "available"), reserve, grams);
                moves.push((Name::book(What::Money, "treasury"), Name::purse(site), fen));
                moves
            }
            Act::Convert { site, grams } => vec![
                (Name::stock(site, 0, "available"), Name::book(What::Class(0), "converted"), grams),
                (Name::book(What::Class(1), "converted"), Name::stock(site, 1, "available"), grams),
            ],
            Act::Surrender { from, grams } => gone(from, from.of("retired", None), grams),
            Act::Expire { from, grams } => gone(from, from.of("expired", None), grams),
            Act::TakeBack { from, grams } => {
                gone(from, Name { who: Who::Site(RESERVE), ..from.of("available", None) }, grams)
            }
            _ => self.trades(act),
        }
    }

    fn trades(&self, act: &Act) -> Vec<Move> {
        match *act {
            Act::Hold(deal) => {
                let seller = Name::stock(deal.seller, deal.class, "available");
                let rights = (seller, seller.of("committed", trade(deal.trade)), deal.grams);
                [rights].into_iter().chain(bid(&deal)).collect()
            }
            Act::Bid(deal) => bid(&deal),
            Act::Settle(deal) => {
                let from = Name::stock(deal.seller, deal.class, "committed").of("committed", trade(deal.trade));
                let money = Name::purse(deal.buyer).of("committed", trade(deal.trade));
                let proceeds =
                    if deal.seller == RESERVE { Name::book(What::Money, "treasury") } else { Name::purse(deal.seller) };
                let mut moves = vec![(from, Name::stock(deal.buyer, deal.class, "available"), deal.grams)];
                moves.push((money, proceeds, deal.fen));
                moves.extend(areas_follow(&deal));
                moves
            }
            Act::Void(deal) => {
                let held = trade(deal.trade);
                let rights = Name::stock(deal.seller, deal.class, "available");
                let headroom = area_of(deal.buyer).map(|area| Name::area(area, "headroom"));
                let homes = [Some(rights), Some(Name::purse(deal.buyer)), headroom];
                homes
                    .into_iter()
                    .flatten()
                    .map(|home| (home.of("committed", held), home))
                    .map(|(from, home)| (from, home, self.balance(from)))
                    .collect()
            }
            _ => self.encumbrances(act),
        }
    }

    fn encumbrances(&self, act: &Act) -> Vec<Move> {
        match *act {
            Act::Pledge(hold) => {
                let from = Name::stock(hold.site, hold.class, "available");
                vec![(from, from.of("pledged", lien(hold.number)), hold.grams)]
            }
            Act::Freeze(hold) => {
                let from = Name::stock(hold.site, hold.class, "available");
                vec![(from, from.of("frozen", freeze(hold.number)), hold.grams)]
            }
            Act::Release(hold) => self.gives_back(&hold, "pledged", lien(hold.number)),
            Act::Lift(hold) => self.gives_back(&hold, "frozen", freeze(hold.number)),
            Act::Enforce { lien: number, deal, costs, secured } => {
                let from = Name::stock(deal.seller, deal.class, "pledged").of("pledged", lien(number));
                let mut moves = vec![(from, Name::stock(deal.buyer, deal.class, "available"), deal.grams)];
                moves.extend(areas_follow(&deal));
                let money = Name::purse(deal.buyer).of("committed", trade(deal.trade));
                let for_costs = costs.min(deal.fen);
                let for_bank = secured.min(deal.fen - for_costs);
                moves.push((money, Name::book(What::Money, "fees"), for_costs));
                moves.push((money, Name::book(What::Money, "outside"), for_bank));
                moves.push((money, Name::purse(deal.seller), deal.fen - for_costs - for_bank));
                moves
            }
            Act::Execute { freeze: number, deal } => {
                let from = Name::stock(deal.seller, deal.class, "frozen").of("frozen", freeze(number));
                let mut moves = vec![(from, Name::stock(deal.buyer, deal.class, "available"), deal.grams)];
                moves.extend(areas_follow(&deal));
                moves
            }
            _ => Vec::new(),
        }
    }

    fn gives_back(&self, hold: &Hold, purpose: &'static str, number: usize) -> Vec<Move> {
        let home = Name::stock(hold.site, hold.class, "available");
        let from = home.of(purpose, number);
        let mut left = hold.grams;
        let mut moves = Vec::new();
        for waiting in self.line(hold.site, hold.class).iter().filter(|waiting| waiting.hold != number) {
            let got = waiting.wanted.min(left);
            let purpose = if waiting.hold < 20 { "pledged" } else { "frozen" };
            moves.push((from, home.of(purpose, waiting.hold), got));
            left -= got;
        }
        moves.push((from, home, left));
        moves
    }
}

/// Money and headroom of a buyer.
fn bid(deal: &Deal) -> Vec<Move> {
    let held = trade(deal.trade);
    let mut moves = vec![(Name::purse(deal.buyer), Name::purse(deal.buyer).of("committed", held), deal.fen)];
    if let Some((buyer, _)) = areas_of(deal) {
        moves.push((Name::area(buyer, "headroom"), Name::area(buyer, "committed").of("committed", held), deal.grams));
    }
    moves
}

fn areas_follow(deal: &Deal) -> Vec<Move> {
    let Some((buyer, seller)) = areas_of(deal) else { return Vec::new() };
    let held = Name::area(buyer, "committed").of("committed", trade(deal.trade));
    let mut moves = vec![(held, Name::area(buyer, "used"), deal.grams)];
    moves.extend(seller.map(|area| (Name::area(area, "used"), Name::area(area, "headroom"), deal.grams)));
    moves
}

/// Rights that leave a site for good, and its area's use falls.
fn gone(from: Name, to: Name, grams: i64) -> Vec<Move> {
    let Who::Site(site) = from.who else { return Vec::new() };
    let area = area_of(site).map(|area| (Name::area(area, "used"), Name::area(area, "headroom"), grams));
    [(from, to, grams)].into_iter().chain(area).collect()
}
