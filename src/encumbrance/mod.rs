//! What binds a gram: open offers and trades commit it, liens hold it in pledge, courts freeze it, and who finds it bound waits in line. Rights end below the houses that bind them, so each of
//! those registers here how it lets go, and `app::binders` lists them; whoever ends a right undoes, tells and ends what binds it in the
//! same work, through these traits.
//!
//! An open offer or trade over rights that are over is undone (its holds go back first, 国办发〔2014〕38号: only valid rights are
//! traded). A pledgee is told before its grams go (民法典第三百九十条: the security reaches what takes their place), and the lien
//! stays on the rest.

use crate::db::Work;
use crate::db::work::Doing;
use crate::kernel::ids::{OrganisationId, RightActId};
use crate::kernel::{Failure, Moment};
use crate::ledger;
use accounting::{Holding, Journal, Quantity, SubjectId};
use jiff::civil::Date;
use std::collections::HashMap;

accounting::words! {
    /// Why a pledgee is told.
    NoticeCause {
        /// The validity of the rights is over.
        Expiry = "expiry",
        /// The government takes the rights back.
        TakeBack = "take_back",
        /// A court has frozen rights of the stock: its freeze waits behind the lien.
        CourtFreeze = "court_freeze",
        /// A junior lien was registered: it waits behind this one.
        JuniorLien = "junior_lien",
        /// The pledgor is suspended: what is pledged stays, and a disposal asks nothing of it but its agreement.
        Suspension = "suspension",
        /// The pledgor may act again.
        SuspensionLifted = "suspension_lifted",
        /// The last permit of the site ends before the debt, or has ended.
        PermitEnd = "permit_end",
        /// The government wants to buy the rights back.
        BuyBack = "buy_back",
    }
}

/// A lien in force on a stock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LienOn {
    /// Which; the subject of its account.
    pub lien: SubjectId,
    /// Its number in the register.
    pub number: String,
    /// The stock it lies on.
    pub stock: Holding,
    /// What it still holds, in grams.
    pub grams: i64,
    /// What its pledgee was told.
    pub notices: Vec<Notice>,
}

/// What a pledgee was told about a lien.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Notice {
    /// Why.
    pub cause: NoticeCause,
    /// Of which act; only a take-back and a buy-back are one.
    pub right_act: Option<RightActId>,
    /// The last day on which its grams stay where they are, or that of the permit; none where no rule sets a term.
    pub until: Option<Date>,
}

impl LienOn {
    /// What its pledgee was told for this cause, of this act.
    pub fn notice(&self, cause: NoticeCause, right_act: Option<RightActId>) -> Option<Notice> {
        self.notices.iter().copied().find(|notice| notice.cause == cause && notice.right_act == right_act)
    }
}

/// Something to tell a pledgee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewNotice {
    /// About which lien.
    pub lien: SubjectId,
    /// Why, of which act, and until when the grams stay.
    pub notice: Notice,
    /// How many of its grams it concerns.
    pub grams: i64,
}

/// Grams that leave a lien for good, after its pledgee was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lapse {
    /// From which lien.
    pub lien: SubjectId,
    /// Why; it was told with the same words.
    pub cause: NoticeCause,
    /// By which act, as it was told.
    pub right_act: Option<RightActId>,
    /// How many.
    pub grams: i64,
}

/// Whoever commits rights to something open.
pub trait Commitments: Send + Sync {
    /// Ends what holds these subjects because its rights are over: locks and saves its rows, and gives the journals that let every
    /// hold go, which the caller posts. What is not open any more, and what is somebody else's, is passed over.
    fn undo<'w>(&'w self, work: &'w mut Work, subjects: &'w [SubjectId], why: &'w str) -> Doing<'w, Vec<Journal>>;
}

/// Whoever keeps liens.
pub trait Liens: Send + Sync {
    /// Liens in force on these stocks, first registered first.
    fn on<'w>(&'w self, work: &'w Work, stocks: &'w [Holding]) -> Doing<'w, Vec<LienOn>>;

    /// Those of these liens that are in force, locked, first registered first.
    fn lock<'w>(&'w self, work: &'w Work, liens: &'w [SubjectId]) -> Doing<'w, Vec<LienOn>>;

    /// Liens in force on rights of these organisations that hold something, locked, first registered first.
    fn lock_of<'w>(&'w self, work: &'w Work, pledgors: &'w [OrganisationId]) -> Doing<'w, Vec<LienOn>>;

    /// Tells pledgees: the rows are saved, and the journals given, which the caller posts.
    fn notify<'w>(&'w self, work: &'w mut Work, news: &'w [NewNotice]) -> Doing<'w, Vec<Journal>>;

    /// Notes grams that have left liens: the rows are saved, and the journals given, which the caller posts beside the one that moves
    /// the grams.
    fn lapse<'w>(&'w self, work: &'w mut Work, lapses: &'w [Lapse]) -> Doing<'w, Vec<Journal>>;
}

/// Somebody who waits for grams that others hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// Who; the subject of the account that takes them.
    pub claimant: SubjectId,
    /// Of which stock.
    pub stock: Holding,
    /// How many grams.
    pub wanted: i64,
    /// Since when: the place in the line.
    pub since: Moment,
}

/// What somebody in the line takes of what has come free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Who.
    pub claimant: SubjectId,
    /// How much.
    pub quantity: Quantity,
}

/// Whoever keeps claims that wait in line (轮候): there is one line for each stock, whoever keeps those who stand in it.
pub trait Line: Send + Sync {
    /// Those who wait for grams of these stocks, locked, in any order.
    fn waiting<'w>(&'w self, work: &'w Work, stocks: &'w [Holding]) -> Doing<'w, Vec<Waiting>>;

    /// Gives claimants what they take of what is free: the rows are saved, and the journals given that move it, which the caller posts
    /// behind the one that made it free.
    fn take<'w>(&'w self, work: &'w mut Work, taken: &'w [Taken]) -> Doing<'w, Vec<Journal>>;

    /// Ends claims whose rights are over: the rows are saved, and the journals given, which the caller posts beside the one that moves
    /// what they hold.
    fn end_expired<'w>(&'w self, work: &'w mut Work, claimants: &'w [SubjectId]) -> Doing<'w, Vec<Journal>>;

    /// Ends claims that wait for rights that are over and of which nobody holds anything any more, once everything is posted: the rows are
    /// saved, and the journals given, which the caller posts.
    fn end_over<'w>(&'w self, _work: &'w mut Work, _stocks: &'w [Holding]) -> Doing<'w, Vec<Journal>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }

    /// Ends what claimants wait for of these stocks beyond what others still hold, once everything is posted: the rows are saved, and the
    /// journals given, which the caller posts. Whoever waits by order of a court waits on.
    fn end_gone<'w>(&'w self, _work: &'w mut Work, _stocks: &'w [Holding]) -> Doing<'w, Vec<Journal>> {
        Box::pin(std::future::ready(Ok(Vec::new())))
    }
}

/// Shares out what has come free of stocks: each who waits gets all before the next gets any, by the instant since when they wait.
fn share_out(freed: &[(Holding, i64)], mut line: Vec<Waiting>) -> Vec<Taken> {
    let mut left: HashMap<Holding, i64> = HashMap::new();
    for (stock, grams) in freed {
        let sum = left.entry(*stock).or_default();
        *sum = sum.saturating_add(*grams);
    }
    line.sort_by_key(|waiting| (waiting.since, waiting.claimant.0));
    let mut taken = Vec::new();
    for waiting in line {
        let Some(left) = left.get_mut(&waiting.stock) else { continue };
        let grams = waiting.wanted.min(*left);
        if let Ok(quantity) = Quantity::try_new(grams) {
            *left -= grams;
            taken.push(Taken { claimant: waiting.claimant, quantity });
        }
    }
    taken
}

/// Everybody who binds rights.
#[derive(Clone, Copy)]
pub struct Binders {
    /// Who commits them.
    pub commitments: &'static [&'static dyn Commitments],
    /// Who keeps liens on them.
    pub liens: &'static [&'static dyn Liens],
    /// Who keeps claims that wait for them.
    pub lines: &'static [&'static dyn Line],
}

impl Binders {
    /// As [`Commitments::undo`], by everybody.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn undo(&self, work: &mut Work, subjects: &[SubjectId], why: &str) -> Result<Vec<Journal>, Failure> {
        let mut journals = Vec::new();
        for one in self.commitments.iter().filter(|_| !subjects.is_empty()) {
            journals.extend(one.undo(work, subjects, why).await?);
        }
        Ok(journals)
    }

    /// As [`Liens::on`], by everybody.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn liens_on(&self, work: &Work, stocks: &[Holding]) -> Result<Vec<LienOn>, Failure> {
        let mut found = Vec::new();
        for one in self.liens.iter().filter(|_| !stocks.is_empty()) {
            found.extend(one.on(work, stocks).await?);
        }
        Ok(found)
    }

    /// As [`Liens::lock`], by everybody.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn lock_liens(&self, work: &Work, liens: &[SubjectId]) -> Result<Vec<LienOn>, Failure> {
        let mut found = Vec::new();
        for one in self.liens.iter().filter(|_| !liens.is_empty()) {
            found.extend(one.lock(work, liens).await?);
        }
        Ok(found)
    }

    /// Tells everybody who holds a lien on rights of these organisations something that concerns all that it holds, posted.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn notify_of(
        &self,
        work: &mut Work,
        pledgors: &[OrganisationId],
        cause: NoticeCause,
    ) -> Result<(), Failure> {
        let notice = Notice { cause, right_act: None, until: None };
        let mut news = Vec::new();
        for one in self.liens.iter().filter(|_| !pledgors.is_empty()) {
            let liens = one.lock_of(work, pledgors).await?;
            news.extend(liens.into_iter().map(|lien| NewNotice { lien: lien.lien, notice, grams: lien.grams }));
        }
        let journals = self.notify(work, &news).await?;
        post_any(work, &journals).await
    }

    /// As [`Liens::notify`], by everybody.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn notify(&self, work: &mut Work, news: &[NewNotice]) -> Result<Vec<Journal>, Failure> {
        let mut journals = Vec::new();
        for one in self.liens.iter().filter(|_| !news.is_empty()) {
            journals.extend(one.notify(work, news).await?);
        }
        Ok(journals)
    }

    /// As [`Liens::lapse`], by everybody.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn lapse(&self, work: &mut Work, lapses: &[Lapse]) -> Result<Vec<Journal>, Failure> {
        let mut journals = Vec::new();
        for one in self.liens.iter().filter(|_| !lapses.is_empty()) {
            journals.extend(one.lapse(work, lapses).await?);
        }
        Ok(journals)
    }

    /// Serves those who wait for stocks of which grams have come free. The journals are posted behind those that made them free, in the
    /// same work: nobody else gets them in between.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn serve(&self, work: &mut Work, freed: &[(Holding, i64)]) -> Result<Vec<Journal>, Failure> {
        let stocks: Vec<Holding> = freed.iter().filter(|(_, grams)| *grams > 0).map(|(stock, _)| *stock).collect();
        if stocks.is_empty() {
            return Ok(Vec::new());
        }
        let (mut line, mut kept_by) = (Vec::new(), HashMap::new());
        for (at, one) in self.lines.iter().enumerate() {
            let waiting = one.waiting(work, &stocks).await?;
            kept_by.extend(waiting.iter().map(|waiting| (waiting.claimant, at)));
            line.extend(waiting);
        }
        let taken = share_out(freed, line);
        let mut journals = Vec::new();
        for (at, one) in self.lines.iter().enumerate() {
            let is_own = |taken: &&Taken| kept_by.get(&taken.claimant) == Some(&at);
            let own: Vec<Taken> = taken.iter().filter(is_own).copied().collect();
            if !own.is_empty() {
                journals.extend(one.take(work, &own).await?);
            }
        }
        Ok(journals)
    }

    /// As [`Line::end_expired`], by everybody.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn end_expired(&self, work: &mut Work, claimants: &[SubjectId]) -> Result<Vec<Journal>, Failure> {
        let mut journals = Vec::new();
        for one in self.lines.iter().filter(|_| !claimants.is_empty()) {
            journals.extend(one.end_expired(work, claimants).await?);
        }
        Ok(journals)
    }

    /// As [`Line::end_gone`], by everybody, and posted.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn end_gone(&self, work: &mut Work, stocks: &[Holding]) -> Result<(), Failure> {
        let mut journals = Vec::new();
        for one in self.lines.iter().filter(|_| !stocks.is_empty()) {
            journals.extend(one.end_gone(work, stocks).await?);
        }
        post_any(work, &journals).await
    }

    /// As [`Line::end_over`], by everybody, and posted.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn end_over(&self, work: &mut Work, stocks: &[Holding]) -> Result<(), Failure> {
        let mut journals = Vec::new();
        for one in self.lines.iter().filter(|_| !stocks.is_empty()) {
            journals.extend(one.end_over(work, stocks).await?);
        }
        post_any(work, &journals).await
    }
}

async fn post_any(work: &Work, journals: &[Journal]) -> Result<(), Failure> {
    if !journals.is_empty() {
        ledger::post(work, journals).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use accounting::{AssetId, OwnerId};
    use proptest::prelude::*;
    use uuid::Uuid;

    fn stock(number: u8) -> Holding {
        Holding { owner: OwnerId(Uuid::from_u128(u128::from(number))), asset: AssetId(Uuid::from_u128(7)) }
    }

    proptest! {
        /// Whatever comes free and whoever waits: no gram is shared out twice or beyond what is wanted, and nobody gets any of a stock
        /// while somebody who waits longer for it lacks any.
        #[test]
        fn the_line_is_served_in_order_and_to_the_gram(
            freed in prop::collection::vec((0_u8..3, 0_i64..1_000), 0..5),
            line in prop::collection::vec((0_u8..3, 1_i64..500, 0_i64..20), 0..10),
        ) {
            let freed: Vec<(Holding, i64)> = freed.into_iter().map(|(number, grams)| (stock(number), grams)).collect();
            let waiting = |(at, (number, wanted, since)): (usize, (u8, i64, i64))| Waiting {
                claimant: SubjectId(Uuid::from_u128(at as u128 + 1)),
                stock: stock(number),
                wanted,
                since: Moment::from_micros(since),
            };
            let line: Vec<Waiting> = line.into_iter().enumerate().map(waiting).collect();
            let taken: HashMap<SubjectId, i64> =
                share_out(&freed, line.clone()).iter().map(|taken| (taken.claimant, taken.quantity.grams())).collect();
            let got = |waiting: &Waiting| taken.get(&waiting.claimant).copied().unwrap_or_default();
            for number in 0..3 {
                let of_stock = |one: &&Waiting| one.stock == stock(number);
                let came: i64 = freed.iter().filter(|(of, _)| *of == stock(number)).map(|(_, grams)| grams).sum();
                let wanted: i64 = line.iter().filter(of_stock).map(|one| one.wanted).sum();
                prop_assert_eq!(line.iter().filter(of_stock).map(got).sum::<i64>(), came.min(wanted));
            }
            for one in &line {
                prop_assert!(got(one) <= one.wanted);
                let lacks_before = line.iter().any(|other| {
                    other.stock == one.stock && other.since < one.since && got(other) < other.wanted
                });
                prop_assert!(got(one) == 0 || !lacks_before);
            }
        }
    }
}
