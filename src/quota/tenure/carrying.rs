//! What moves when an act on rights takes effect.

use super::cases::treasury;
use super::judge::{Case, Stage, seize};
use super::right_act::{Kind, RightAct, What};
use crate::encumbrance::{Lapse, NoticeCause};
use crate::kernel::Failure;
use crate::kernel::ids;
use crate::ledger::{book_side, money_of};
use accounting::recipes::{self, BuyBack, Renewal};
use accounting::{AccountKey, Holding, Journal, JournalKind, Posting, Purpose, Quantity, Subject, SubjectKind};
use jiff::civil::Date;

/// What an act moves.
#[derive(Debug, Clone)]
pub struct Carried {
    /// The postings.
    pub postings: Vec<Posting>,
    /// Grams that move.
    pub moved: i64,
    /// How many of them turn into another class.
    pub converted: i64,
    /// What leaves liens.
    pub lapses: Vec<Lapse>,
}

/// The postings of an act that no rule stands against. A renewal whose day has come takes what is still free, first what is confirmed.
///
/// # Errors
/// A fault of ours in the postings.
pub fn carry(act: &RightAct, case: &Case, today: Date) -> Result<Carried, Failure> {
    let (stock, area, quantity) = (act.stock(), case.area, act.quantity);
    let whole = |postings| Carried { postings, moved: quantity.grams(), converted: 0, lapses: Vec::new() };
    match act.what {
        What::Surrender | What::Variation => Ok(whole(recipes::surrender(stock.available(), area, quantity)?)),
        What::Expiry => Ok(whole(recipes::expire(stock.available(), area, quantity)?)),
        What::SetAside => {
            let issued = book_side(act.right_class).account(Purpose::Issued);
            Ok(whole(recipes::allocate(issued, stock, None, quantity)?))
        }
        What::BuyBack { reserve, total, .. } => {
            let terms = BuyBack {
                seller: stock,
                reserve: Holding { owner: reserve.site.into(), asset: stock.asset },
                area,
                quantity,
                treasury: treasury(),
                seller_money: money_of(act.organisation),
                total,
            };
            Ok(whole(recipes::buy_back(&terms)?))
        }
        What::TakeBack { reserve } => {
            let reserve = Holding { owner: reserve.site.into(), asset: stock.asset };
            let (postings, lapses) = take_back(act, case, reserve, today)?;
            Ok(Carried { lapses, ..whole(postings) })
        }
        What::Renewal { into, confirmed, .. } => {
            let converted = confirmed.grams().min(case.available);
            let rest = (quantity.grams() - confirmed.grams()).min(case.available - converted);
            let side = |class| book_side(class).account(Purpose::Converted);
            let terms = Renewal {
                old: (stock, side(act.right_class)),
                new: (Holding { owner: act.site.into(), asset: into.into() }, side(into)),
                area,
                confirmed: Quantity::try_new(converted).ok(),
                rest: Quantity::try_new(rest).ok(),
            };
            let postings = recipes::renew(&terms)?;
            Ok(Carried { postings, moved: converted + rest, converted, lapses: Vec::new() })
        }
    }
}

fn take_back(
    act: &RightAct,
    case: &Case,
    reserve: Holding,
    today: Date,
) -> Result<(Vec<Posting>, Vec<Lapse>), Failure> {
    let seizure = seize(act, case, today, Stage::Decided)?;
    let from_liens = seizure.liens.iter().map(|(lien, grams)| (act.stock().pledged(*lien), *grams));
    let mut postings = Vec::new();
    for (from, grams) in [(act.stock().available(), seizure.available)].into_iter().chain(from_liens) {
        if let Ok(quantity) = Quantity::try_new(grams) {
            postings.extend(recipes::take_back(from, reserve, case.area, quantity)?);
        }
    }
    let lapse =
        |(lien, grams): &_| Lapse { lien: *lien, cause: NoticeCause::TakeBack, right_act: Some(act.id), grams: *grams };
    Ok((postings, seizure.liens.iter().map(lapse).collect()))
}

/// How the journal of an act that takes effect is called.
pub fn journal_kind(kind: Kind) -> JournalKind {
    match kind {
        Kind::Surrender => JournalKind::RightsSurrendered,
        Kind::Expiry => JournalKind::RightsExpired,
        Kind::TakeBack => JournalKind::RightsTakenBack,
        Kind::BuyBack => JournalKind::RightsBoughtBack,
        Kind::SetAside => JournalKind::RightsSetAside,
        Kind::Renewal => JournalKind::RightsConverted,
        Kind::Variation => JournalKind::RightsVaried,
    }
}

/// A journal about an act, at the version that the act has reached.
pub fn journal(today: Date, kind: JournalKind, act: &RightAct, postings: Vec<Posting>) -> Journal {
    let subject = Subject { kind: SubjectKind::Tenure, id: act.id.0, version: act.version };
    Journal::new(ids::fresh_journal(), kind, subject, today, postings)
}

/// Every account of these journals, and those that pending reductions are read from.
pub fn accounts_of(journals: &[Journal]) -> Vec<AccountKey> {
    let mut accounts: Vec<AccountKey> = journals.iter().flat_map(Journal::accounts).collect();
    accounts.extend(recipes::reduction_accounts(journals));
    accounts
}
