//! What can happen in the life of liens, and how it is thought up.

use super::plain::{BANKS, DealState, FreezeState, MILLS, Offer, Plain, PledgeState};
use rand::RngExt;
use rand::rngs::StdRng;

/// One act; things are named by their number in the order in which they came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Consent {
        mill: usize,
        bank: usize,
        days: i64,
    },
    ConsentEnds {
        mill: usize,
        bank: usize,
    },
    HoursPass {
        hours: i64,
    },
    Offer {
        mill: usize,
        tonnes: i64,
    },
    OfferEnds {
        offer: usize,
    },
    Accept {
        offer: usize,
    },
    /// The bureau approves the trade, and the buyer pays.
    Settle {
        offer: usize,
    },
    Apply {
        mill: usize,
        bank: usize,
        tonnes: i64,
        is_junior: bool,
    },
    Verify {
        pledge: usize,
    },
    PledgorAgrees {
        pledge: usize,
    },
    Register {
        pledge: usize,
    },
    Withdraw {
        pledge: usize,
    },
    Release {
        pledge: usize,
    },
    /// The exchange, by order of a court.
    CourtReleases {
        pledge: usize,
    },
    ReleasePart {
        pledge: usize,
        tonnes: i64,
    },
    Change {
        pledge: usize,
        tonnes: i64,
    },
    ChangeAgreed {
        pledge: usize,
    },
    ChangeEnds {
        pledge: usize,
    },
    Default {
        pledge: usize,
    },
    Cure {
        pledge: usize,
    },
    Dispose {
        pledge: usize,
        tonnes: i64,
    },
    DisposalEnds {
        disposal: usize,
    },
    DisposalSettles {
        disposal: usize,
    },
    /// The pledgor asks to sell.
    Ask {
        pledge: usize,
        tonnes: i64,
    },
    AskEnds {
        sale: usize,
    },
    /// The pledgee consents, and the bureau approves.
    Agree {
        sale: usize,
    },
    SaleSettles {
        sale: usize,
    },
    Freeze {
        mill: usize,
        tonnes: i64,
        days: Option<i64>,
    },
    Lift {
        freeze: usize,
    },
    LiftPart {
        freeze: usize,
        tonnes: i64,
    },
    Execute {
        freeze: usize,
    },
    ExecutePart {
        freeze: usize,
        tonnes: i64,
    },
}

/// Days of a consent that outlasts a history.
pub const YEAR: i64 = 364;

impl Act {
    /// Its name, for the count of what was done and refused.
    pub fn name(self) -> String {
        format!("{self:?}").split(' ').next().unwrap_or_default().to_owned()
    }
}

/// One of what is there, rather one that came lately.
fn one(random: &mut StdRng, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let back =
        if random.random_bool(0.75) { random.random_range(0..count.min(4)) } else { random.random_range(0..count) };
    Some(last - back)
}

/// One that an act fits, rather than any.
fn fitting<T>(random: &mut StdRng, all: &[T], fits: impl Fn(&T) -> bool) -> Option<usize> {
    let found: Vec<usize> = all.iter().enumerate().filter(|(_, one)| fits(one)).map(|(at, _)| at).collect();
    if found.is_empty() || random.random_bool(0.25) {
        return one(random, all.len());
    }
    Some(found[random.random_range(0..found.len())])
}

/// The next act of a history; steps that lead on are likelier than others.
pub fn next(random: &mut StdRng, model: &Plain) -> Act {
    loop {
        if let Some(act) = thought(random, model) {
            return act;
        }
    }
}

fn thought(random: &mut StdRng, model: &Plain) -> Option<Act> {
    let (mill, bank) = (random.random_range(0..MILLS), random.random_range(0..BANKS));
    let tonnes = if random.random_bool(0.1) { 61 } else { random.random_range(4..=14) };
    let part = random.random_range(1..=6);
    let number = random.random_range(0..106);
    let wanted = match number {
        20..=23 | 97..=99 => vec![PledgeState::Applied],
        24..=27 | 100..=102 => vec![PledgeState::Verified],
        28..=32 | 103..=105 => vec![PledgeState::Agreed],
        43..=44 => vec![PledgeState::Registered],
        45..=47 | 78..=83 | 96 => vec![PledgeState::Defaulted],
        _ => vec![PledgeState::Registered, PledgeState::Defaulted],
    };
    let offer = fitting(random, &model.offers, Offer::holds);
    let pledge = fitting(random, &model.pledges, |one| wanted.contains(&one.state));
    let disposal = fitting(random, &model.disposals, |one| one.state == DealState::Open);
    let consented = matches!(number, 56..=57 | 66..=71);
    let fit = if consented { DealState::Consented } else { DealState::Open };
    let sale = fitting(random, &model.sales, |one| one.state == fit);
    let freeze = fitting(random, &model.freezes, |one| one.state == FreezeState::Open);
    Some(match number {
        0 => Act::ConsentEnds { mill, bank },
        1..=2 => {
            Act::Consent { mill, bank, days: if random.random_bool(0.3) { random.random_range(0..=2) } else { YEAR } }
        }
        3..=4 => Act::HoursPass { hours: random.random_range(1..=30) },
        5..=8 => Act::Offer { mill, tonnes: if tonnes == 61 { tonnes } else { part.min(4) } },
        9 => Act::OfferEnds { offer: offer? },
        10..=12 => Act::Accept { offer: offer? },
        13..=14 => Act::Settle { offer: offer.filter(|offer| model.offers[*offer].has_trade)? },
        15..=16 => Act::Apply { mill, bank, tonnes, is_junior: false },
        // More of a stock than is likely to be free.
        17 | 92..=93 => Act::Apply { mill, bank, tonnes: 3 * tonnes, is_junior: true },
        94 => Act::CourtReleases { pledge: pledge? },
        20..=23 | 97..=99 => Act::Verify { pledge: pledge? },
        24..=27 | 100..=102 => Act::PledgorAgrees { pledge: pledge? },
        28..=32 | 103..=105 => Act::Register { pledge: pledge? },
        33 => Act::Withdraw { pledge: pledge? },
        34..=35 => Act::Release { pledge: pledge? },
        36..=37 => Act::ReleasePart { pledge: pledge?, tonnes: part },
        38..=39 => Act::Change { pledge: pledge?, tonnes: part },
        40..=41 => Act::ChangeAgreed { pledge: pledge? },
        42 => Act::ChangeEnds { pledge: pledge? },
        43..=44 => Act::Default { pledge: pledge? },
        45 | 96 => Act::Cure { pledge: pledge? },
        46..=47 | 78..=83 => Act::Dispose { pledge: pledge?, tonnes: part },
        48 | 88 | 95 => Act::DisposalEnds { disposal: disposal? },
        49..=50 | 84..=87 => Act::DisposalSettles { disposal: disposal? },
        51..=52 | 72..=77 => Act::Ask { pledge: pledge?, tonnes: part },
        53 | 89 => Act::AskEnds { sale: sale? },
        54..=55 | 90..=91 => Act::Agree { sale: sale? },
        56..=57 | 66..=71 => Act::SaleSettles { sale: sale? },
        58 => Act::Freeze { mill, tonnes, days: random.random_bool(0.3).then(|| random.random_range(0..=2)) },
        18..=19 | 59..=60 => Act::Lift { freeze: freeze? },
        61 => Act::LiftPart { freeze: freeze?, tonnes: part },
        62 => Act::Execute { freeze: freeze? },
        _ => Act::ExecutePart { freeze: freeze?, tonnes: part },
    })
}
