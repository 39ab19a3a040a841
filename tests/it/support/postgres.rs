//! A database of its own for each test on PostgreSQL.
//!
//! The tables are made once per server and state of the migrations, in a template; a test gets a copy of the
//! template, which costs some hundredths of a second. The server is the one that `TEST_POSTGRES_URL` names
//! (its user must be allowed to create databases), otherwise the private one of [`server`]. Test threads and
//! test processes may ask for databases at the same moment.

mod server;

use super::made;
use std::error::Error;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::Path;
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::sync::OnceCell;

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Names of test databases begin like this; the id of the process that made them follows.
const TEST_DATABASE: &str = "ganhe_test_";

/// Beyond this many databases (some 20 MB each) those of ended processes go. Up to here a run pays nothing for
/// tidying up after others, and the server is wiped at its next start anyway.
const KEPT_DATABASES: usize = 200;

/// How many databases of tests that are over a new one drops: more than a test adds, and few enough that none waits long.
const DROPPED_AT_ONCE: usize = 2;

/// The number of the lock under which one test process makes the template while the others wait for it.
const TEMPLATE_LOCK: i64 = 0x6761_6e68_6500;

/// Makes a new, migrated, empty database and returns its URL.
///
/// `migrate` brings the database at the URL it is given to the present schema. It is called only when the
/// server has no template for the present content of `migrations/`, so it must do nothing that is not written
/// there.
///
/// # Panics
///
/// With the reason, when there is no server and none can be started, or when it refuses.
pub async fn fresh_database(migrate: impl AsyncFn(&str)) -> String {
    match copy_of_template(migrate).await {
        Ok(url) => url,
        Err(reason) => panic!("this test has no PostgreSQL database: {reason}"),
    }
}

/// Makes a new database that says what another of the same server says, which nobody uses, and returns its URL.
///
/// # Panics
///
/// With the reason, when the server refuses.
pub async fn copy_of_database(url: &str) -> String {
    let copied = async {
        let (server, admin) = reach().await?;
        copy_of(server, admin, name_in(url)).await
    };
    copied.await.unwrap_or_else(|reason| panic!("{url} is not copied: {reason}"))
}

async fn copy_of_template(migrate: impl AsyncFn(&str)) -> Outcome<String> {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();

    let (server, admin) = reach().await?;
    let template = TEMPLATE.get_or_try_init(|| ready_template(&server.url, &admin, migrate)).await?;
    copy_of(server, admin, template).await
}

/// The server, and a connection to it that may create databases.
async fn reach() -> Outcome<(&'static Server, DatabaseConnection)> {
    static SERVER: OnceCell<Server> = OnceCell::const_new();

    let server = SERVER.get_or_try_init(Server::find).await?;
    let admin = connect(&server.url).await.map_err(|error| {
        let which = if server.private { "private" } else { "given" };
        format!("the {which} server cannot be reached: {error}")
    })?;
    Ok((server, admin))
}

async fn copy_of(server: &Server, admin: DatabaseConnection, template: &str) -> Outcome<String> {
    let name = format!("{TEST_DATABASE}{}_{:016x}", std::process::id(), RandomState::new().hash_one(()));
    // Copying files is the quicker way where nothing is synced to disk.
    let strategy = if server.private { "STRATEGY FILE_COPY" } else { "" };
    patiently(&admin, &format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}")).await?;
    for over in made::take_over(DROPPED_AT_ONCE) {
        drop_database(&admin, name_in(&over)).await;
    }
    if server.private {
        drop_some_abandoned(&admin).await?;
    }
    admin.close().await?;
    Ok(with_database(&server.url, &name))
}

struct Server {
    url: String,
    /// Started here, so that every owner of a test database is a process of this machine.
    private: bool,
}

impl Server {
    async fn find() -> Outcome<Self> {
        if let Some(url) = server::setting("TEST_POSTGRES_URL") {
            let url = url.into_string().map_err(|_| "TEST_POSTGRES_URL is not valid UTF-8")?;
            return Ok(Self { url, private: false });
        }
        // Waiting for another process to start the server must not hold up the other tests of this one.
        let url = tokio::task::spawn_blocking(server::running_url).await??;
        Ok(Self { url, private: true })
    }
}

/// One connection, never replaced behind our back, because a session lock hangs on it.
async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .acquire_timeout(Duration::from_secs(15))
        .idle_timeout(None::<Duration>)
        .max_lifetime(None::<Duration>)
        .sqlx_logging(false);
    Database::connect(options).await
}

async fn ready_template(server: &str, admin: &DatabaseConnection, migrate: impl AsyncFn(&str)) -> Outcome<String> {
    let template = format!("ganhe_template_{:016x}", hash_of_migrations()?);
    admin.execute_unprepared(&format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await?;
    if !exists(admin, &template).await? {
        let draft = format!("{template}_draft");
        admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)")).await?;
        admin.execute_unprepared(&format!("CREATE DATABASE {draft} TEMPLATE template0")).await?;
        migrate(&with_database(server, &draft)).await;
        // A database in use cannot be copied, so this one lets nobody in any more.
        admin.execute_unprepared(&format!("ALTER DATABASE {draft} ALLOW_CONNECTIONS false")).await?;
        let disconnect = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{draft}'");
        admin.execute_unprepared(&disconnect).await?;
        // The name comes last: whoever finds it finds a finished template.
        patiently(admin, &format!("ALTER DATABASE {draft} RENAME TO {template}")).await?;
    }
    admin.execute_unprepared(&format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await?;
    Ok(template)
}

async fn exists(admin: &DatabaseConnection, database: &str) -> Result<bool, DbErr> {
    let query = format!("SELECT 1 FROM pg_database WHERE datname = '{database}'");
    Ok(admin.query_one_raw(Statement::from_string(DbBackend::Postgres, query)).await?.is_some())
}

/// Runs a command that fails while anybody is connected to the database it concerns: a connection that was
/// ended a moment ago may still be on its way out.
async fn patiently(admin: &DatabaseConnection, command: &str) -> Result<(), DbErr> {
    for _ in 0..100 {
        match admin.execute_unprepared(command).await {
            Err(refusal) if refusal.to_string().contains("is being accessed by other users") => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            outcome => return outcome.map(|_| ()),
        }
    }
    admin.execute_unprepared(command).await.map(|_| ())
}

/// Drops a database, whoever is connected to it. That it is gone already is no fault.
async fn drop_database(admin: &DatabaseConnection, name: &str) {
    let _ = admin.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
}

/// Drops some databases whose test process has ended, when there are many.
async fn drop_some_abandoned(admin: &DatabaseConnection) -> Result<(), DbErr> {
    let query = format!("SELECT datname FROM pg_database WHERE starts_with(datname, '{TEST_DATABASE}') ORDER BY oid");
    let rows = admin.query_all_raw(Statement::from_string(DbBackend::Postgres, query)).await?;
    if rows.len() <= KEPT_DATABASES {
        return Ok(());
    }
    let names = rows.iter().map(|row| row.try_get::<String>("", "datname")).collect::<Result<Vec<_>, _>>()?;
    let abandoned: Vec<_> = names.iter().filter(|name| owner_is_gone(name)).collect();
    // Each process begins elsewhere in the list, so two seldom pick the same one; if they do, one of them
    // fails.
    let first = std::process::id() as usize % abandoned.len().max(1);
    for name in abandoned.iter().cycle().skip(first).take(DROPPED_AT_ONCE.min(abandoned.len())) {
        drop_database(admin, name).await;
    }
    Ok(())
}

fn owner_is_gone(database: &str) -> bool {
    let owner = database.strip_prefix(TEST_DATABASE).and_then(|rest| rest.split('_').next());
    owner.is_some_and(|process| !Path::new("/proc").join(process).exists())
}

/// The name of the database that a URL ends with.
fn name_in(url: &str) -> &str {
    let address = url.split('?').next().unwrap_or(url);
    address.rsplit('/').next().unwrap_or_default()
}

/// The same server, user and parameters, another database.
fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let authority = address.find("://").map_or(0, |scheme| scheme + 3);
    let end = address[authority..].find('/').map_or(address.len(), |slash| authority + slash);
    let parameters = if parameters.is_empty() { String::new() } else { format!("?{parameters}") };
    format!("{}/{database}{parameters}", &address[..end])
}

/// A number for the present state of the migrations.
pub fn hash_of_migrations() -> Outcome<u64> {
    content_hash(&Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations"))
}

/// A number for the paths and contents of all files under `folder`.
fn content_hash(folder: &Path) -> Outcome<u64> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let entries = std::fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    let mut hasher = server::stable_hasher();
    for file in files {
        hasher.write(file.strip_prefix(folder)?.as_os_str().as_encoded_bytes());
        hasher.write_u8(0);
        hasher.write(&std::fs::read(&file)?);
        hasher.write_u8(0);
    }
    Ok(hasher.finish())
}

#[test]
fn another_database_keeps_server_user_and_parameters() {
    assert_eq!(with_database("postgres://me:secret@host:5433", "x"), "postgres://me:secret@host:5433/x");
    assert_eq!(with_database("postgres://me@host/old", "x"), "postgres://me@host/x");
    assert_eq!(with_database("postgres://me@host/old?host=/run/pg", "x"), "postgres://me@host/x?host=/run/pg");
}
