//! What binds a gram: open offers and trades commit it, liens hold it in pledge. Rights end below the houses that bind them, so each of
//! those registers here how it lets go, and `app::binders` lists them; whoever ends a right undoes, tells and ends what binds it in the
//! same work, through these traits.
//!
//! An open offer or trade over rights that are over is undone (its holds go back first, 国办发〔2014〕38号: only valid rights are
//! traded). A pledgee is told before its grams go (民法典第三百九十条: the security reaches what takes their place), and the lien
//! stays on the rest.

use crate::db::Work;
use crate::db::work::Doing;
use crate::kernel::Failure;
use crate::kernel::ids::RightActId;
use accounting::{Holding, Journal, SubjectId};
use jiff::civil::Date;

accounting::words! {
    /// Why a pledgee is told.
    NoticeCause {
        /// The validity of the rights is over.
        Expiry = "expiry",
        /// The government takes the rights back.
        TakeBack = "take_back",
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
    /// Of which act; none of an expiry.
    pub right_act: Option<RightActId>,
    /// The last day on which its grams stay where they are; none where no rule sets a term.
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

    /// Tells pledgees: the rows are saved, and the journals given, which the caller posts.
    fn notify<'w>(&'w self, work: &'w mut Work, news: &'w [NewNotice]) -> Doing<'w, Vec<Journal>>;

    /// Notes grams that have left liens: the rows are saved, and the journals given, which the caller posts beside the one that moves
    /// the grams.
    fn lapse<'w>(&'w self, work: &'w mut Work, lapses: &'w [Lapse]) -> Doing<'w, Vec<Journal>>;
}

/// Everybody who binds rights.
#[derive(Clone, Copy)]
pub struct Binders {
    /// Who commits them.
    pub commitments: &'static [&'static dyn Commitments],
    /// Who keeps liens on them.
    pub liens: &'static [&'static dyn Liens],
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
}
