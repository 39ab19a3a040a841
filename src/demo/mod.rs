//! The demonstration: the market year of Xianning 2022, loaded through the same commands that the API uses. Its totals are
//! those that the bureau published; what no file carries (users, money, consents, registered reductions, approvals, permit
//! variations, publications, what waits for a bureau, and the auctions that are announced in the end) is made here by the same commands. Business time runs
//! through 2022 while it loads, and stands at 2022-12-01 09:00 in Asia/Shanghai when it is done.

mod auction;
mod data;
mod people;
mod pledges;
mod publications;
mod setting;
mod trades;
mod waiting;

use crate::access::{Action, Role};
use crate::db::{Db, sqlite_path};
use crate::identity::founding::{find_installation, set_business_time};
use crate::kernel::{Clock, Failure, Moment};
use crate::ledger::log;
use indicatif::{ProgressBar, ProgressStyle};
use people::People;
use std::path::{Path, PathBuf};

/// A login of the demonstration.
#[derive(Debug, Clone, Copy)]
pub struct Login {
    /// What to sign in with.
    pub login: &'static str,
    /// Code of the organisation.
    pub organisation: &'static str,
    /// The role.
    pub role: Role,
    /// Whose it is, in words.
    pub who: &'static str,
}

/// The password of every login; a demonstration has nothing to hide.
pub const PASSWORD: &str = "ganhe-demo-2022";

/// One login per role, and a second enterprise and bureau to act as the other party.
pub const LOGINS: &[Login] = people::LOGINS;

/// When business time stands once the year is loaded.
const LOADED_AT: &str = "2022-12-01T09:00:00+08:00";

/// Loads the year into a database that does not have it yet.
///
/// # Errors
/// A fault of the database or of a file, and a load that was cut off in a database that cannot be put aside.
pub async fn load_once(url: &str) -> Result<(), Failure> {
    match sqlite_path(url) {
        Some(path) if path.exists() => {
            let db = Db::migrated(url, Clock::system()).await?;
            let loaded = must_be_loaded(&db).await;
            db.close().await?;
            loaded
        }
        Some(path) => load_beside(&path).await,
        None => {
            let db = Db::migrated(url, clock()?).await?;
            if find_installation(&db).await?.is_some() { must_be_loaded(&db).await } else { load(&db).await }
        }
    }
}

async fn must_be_loaded(db: &Db) -> Result<(), Failure> {
    match find_installation(db).await? {
        Some(installation) if !installation.is_demonstration => {
            Err(Failure::bug("a real book is kept in this database: serve it with `ganhe serve`"))
        }
        Some(installation) if installation.business_offset != 0 => Ok(()),
        _ => Err(Failure::bug("an earlier load of the demonstration was cut off: begin with an empty database")),
    }
}

/// Loads into a file of its own and moves it to its place when it is whole.
async fn load_beside(path: &Path) -> Result<(), Failure> {
    let beside = PathBuf::from(format!("{}.loading", path.display()));
    for leftover in ["", "-wal", "-shm"] {
        let leftover = PathBuf::from(format!("{}{leftover}", beside.display()));
        if leftover.exists() {
            tokio::fs::remove_file(&leftover).await.map_err(Failure::bug)?;
        }
    }
    let db = Db::migrated(&format!("sqlite:{}", beside.display()), clock()?).await?;
    load(&db).await?;
    db.close().await?;
    tokio::fs::rename(&beside, path).await.map_err(Failure::bug)
}

fn clock() -> Result<Clock, Failure> {
    let start = data::day("2022-01-01")?;
    Ok(Clock::manual(Moment::at(start, 0).ok_or_else(|| Failure::bug("the first day of 2022"))?))
}

/// Loads the year into an empty database whose clock is manual.
///
/// # Errors
/// A fault of the database or of a file, or a rule that the year breaks.
pub async fn load(db: &Db) -> Result<(), Failure> {
    let year = data::Year::read()?;
    let progress = ProgressBar::new(11 + year.steps());
    if let Ok(style) = ProgressStyle::with_template("Loading Xianning 2022  [{bar:40}] {pos}/{len}  {msg}") {
        progress.set_style(style.progress_chars("=> "));
    }
    progress.set_message("founding the book");
    let people = setting::prepare(db, &year, &progress).await?;
    play(db, &year, &people, &progress).await?;
    progress.set_message("announcing an auction");
    auction::announce(db, &people).await?;
    waiting::apply(db, &people).await?;
    progress.inc(1);
    let loaded_at = Moment::parse(LOADED_AT).ok_or_else(|| Failure::bug("the instant of the demonstration"))?;
    let permit = people.permit(people::OPERATOR_CODE, Role::Operator, Action::RegisterReference)?;
    set_business_time(db, &permit, Clock::system().wall_now(), loaded_at).await?;
    progress.set_message("signing the log");
    db.clock().set(loaded_at);
    log::sequence_once(db).await?;
    progress.finish_with_message("done");
    Ok(())
}

/// Trades and pledges in the order of their days. What was sold in a week is published on the day of its last trade.
async fn play(db: &Db, year: &data::Year, people: &People, progress: &ProgressBar) -> Result<(), Failure> {
    let mut facilities = pledges::Facilities::default();
    let mut pledges = year.pledges.iter().peekable();
    let mut trades = year.trades.iter().peekable();
    while let Some(trade) = trades.next() {
        while let Some(pledge) = pledges.next_if(|pledge| pledge.date < trade.date) {
            progress.set_message(format!("{} pledge {}", pledge.date, pledge.no));
            facilities.register(db, year, people, pledge).await?;
            progress.inc(1);
        }
        progress.set_message(format!("{} trade {}", trade.date, trade.no));
        trades::play(db, people, trade).await?;
        if trades.peek().is_none_or(|next| next.date.iso_week_date().week() != trade.date.iso_week_date().week()) {
            publications::publish(db, people, trade.date).await?;
        }
        progress.inc(1);
    }
    for pledge in pledges {
        facilities.register(db, year, people, pledge).await?;
        progress.inc(1);
    }
    Ok(())
}
