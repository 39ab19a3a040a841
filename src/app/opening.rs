//! Opening a database: bringing its tables up to date, and serving what is in it.

use crate::access::{Action, Caller, SecondFactor, SignInRules};
use crate::app;
use crate::db::{Db, sqlite_path};
use crate::http::{Conduct, Shared, serve};
use crate::identity::founding::find_installation;
use crate::identity::keys;
use crate::kernel::{Clock, Failure};
use crate::ledger::log;
use crate::rulebook::commands::{Completed, complete};
use axum::Router;
use migrations::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, Statement};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Opens a founded database on its own business time.
///
/// # Errors
/// A fault when no book was founded in it, and when its people shall sign in without a second factor though it is no demonstration.
pub async fn founded(url: &str, rules: SignInRules) -> Result<Shared, Failure> {
    // Who mistypes a path reads so, and does not make a file.
    if let Some(path) = sqlite_path(url).filter(|path| !path.exists()) {
        let path = path.display();
        return Err(Failure::bug(format!(
            "there is no database at {path}: run `ganhe demo` for a demonstration or `ganhe admin found`"
        )));
    }
    let db = Db::open(url, Clock::system()).await?;
    refuse_outdated(&db).await?;
    let found = find_installation(&db).await?;
    let installation = found.ok_or_else(|| {
        Failure::bug("no book is founded in this database: run `ganhe demo` for a demonstration or `ganhe admin found`")
    })?;
    db.clock().set_offset(installation.business_offset);
    if rules.second_factor == SecondFactor::Off && !installation.is_demonstration {
        return Err(Failure::bug("GANHE_SECOND_FACTOR is off, which only a demonstration database may have"));
    }
    let tokens = keys::load(&db, &installation.request_secret).await?;
    Ok(app::shared(db, tokens, rules))
}

/// Brings the tables of a database up to date, and the rulebook of its book, where one is founded: tells which rules that one has got.
///
/// # Errors
/// A fault of the database.
pub async fn migrated(url: &str, clock: Clock) -> Result<Vec<Completed>, Failure> {
    let db = Db::migrated(url, clock).await?;
    let completed = completed(&db).await;
    db.close().await?;
    completed
}

async fn completed(db: &Db) -> Result<Vec<Completed>, Failure> {
    let Some(installation) = find_installation(db).await? else { return Ok(Vec::new()) };
    db.clock().set_offset(installation.business_offset);
    let permit = Caller::clock().may(Action::RegisterReference)?;
    db.run(&permit, &(), |work, ()| Box::pin(complete(work))).await
}

/// Refuses a database whose tables are not those of this program. Serving changes no table itself, so that a production
/// server can run under a role that may not.
async fn refuse_outdated(db: &Db) -> Result<(), Failure> {
    let sql = "SELECT version FROM seaql_migrations";
    let rows = db.reader().query_all_raw(Statement::from_string(db.backend(), sql)).await.unwrap_or_default();
    let applied = rows.iter().map(|row| row.try_get("", "version")).collect::<Result<Vec<String>, _>>()?;
    let wanted = Migrator::migrations();
    if wanted.iter().all(|migration| applied.iter().any(|name| name == migration.name())) {
        Ok(())
    } else {
        Err(Failure::bug("the tables of this database are missing or out of date: run `ganhe migrate` first"))
    }
}

/// Serves until the process is told to stop, and keeps the log meanwhile; requests under way are answered first, and what
/// they recorded still enters the log.
///
/// # Errors
/// A fault of ours: the keeper of the log has failed.
pub async fn serve(listener: TcpListener, db: Db, router: Router, conduct: &Conduct) -> Result<(), Failure> {
    let (stopping, stop) = watch::channel(false);
    let log = tokio::spawn(log::keep(db, stop));
    serve::serve(listener, router, conduct, told_to_stop()).await;
    // The keeper of the log is gone only when it has failed, and has said so.
    let _ = stopping.send(true);
    log.await.map_err(Failure::bug)
}

async fn told_to_stop() {
    let mut terminate = match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::error!(%error, "Cannot listen for the signal to stop");
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// Takes the address.
///
/// # Errors
/// A fault when it is taken.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| Failure::bug(format!("cannot listen on {address}: {error}")))
}
