//! The private PostgreSQL of the tests: one server for all test processes of a checkout.
//!
//! Whoever needs it first starts it, under a file lock; the others find it by its state file. It gives up
//! durability for speed, listens on a Unix socket that only its user can reach, and lives in a session of its
//! own with no pipe of the test runner in its hands. A watchdog stops it when no test process has shown a
//! sign of life for a while.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::Outcome;

/// Speed for durability, room for many test processes, and the same order of text as SQLite has.
const CONFIGURATION: &str = "
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 400
shared_buffers = 256MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 4GB
autovacuum = off
timezone = 'UTC'
log_timezone = 'UTC'
";

/// How long the watchdog waits for a sign of life: long enough to build between two runs.
const IDLE_SECONDS: &str = "120";

/// Several signs fit into that time, so a machine that stutters loses no server.
const SIGN_OF_LIFE_EVERY: Duration = Duration::from_secs(20);

/// A Unix socket's whole path must fit into 108 bytes; PostgreSQL appends its own name to the folder's.
const LONGEST_FOLDER: usize = 90;

/// Reads one environment variable.
#[expect(clippy::disallowed_methods, reason = "these settings are the test runner's, not the program's")]
pub fn setting(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// A hasher that gives every test process the same numbers.
pub fn stable_hasher() -> DefaultHasher {
    DefaultHasher::new()
}

/// Finds the running server or starts it, and keeps it alive as long as this process lives.
pub fn running_url() -> Outcome<String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    fs::create_dir_all(home)?;
    let state = home.join("ganhe-postgres.state");
    let lock_path = home.join("ganhe-postgres.lock");
    let lock = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&lock_path)
        .map_err(|error| format!("{}: {error}", lock_path.display()))?;

    // Shared first: when the server runs, no test waits for another. The watchdog stops it only under this
    // lock.
    lock.lock_shared()?;
    if let Some(cluster) = Cluster::alive(&state) {
        return cluster.attend();
    }
    lock.unlock()?;
    lock.lock()?;
    if let Some(cluster) = Cluster::alive(&state) {
        return cluster.attend();
    }
    let cluster = start(home, &lock_path)?;
    fs::write(&state, cluster.folder.as_os_str().as_encoded_bytes())?;
    cluster.attend()
}

/// The folder of a server: its socket, its log, the sign of life, and under `data` PostgreSQL's own files.
struct Cluster {
    folder: PathBuf,
}

impl Cluster {
    /// The cluster that the state file names, if its server takes connections. A killed server leaves its
    /// files behind, so files alone prove nothing.
    fn alive(state: &Path) -> Option<Self> {
        let cluster = Self { folder: PathBuf::from(fs::read_to_string(state).ok()?) };
        cluster.process()?;
        UnixStream::connect(cluster.socket()).ok()?;
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    fn sign_of_life(&self) -> PathBuf {
        self.folder.join("sign-of-life")
    }

    /// The server's process, told from a stranger with the same number by the folder in its command line.
    fn process(&self) -> Option<String> {
        let pid = fs::read_to_string(self.data().join("postmaster.pid")).ok()?.lines().next()?.trim().to_owned();
        let command = fs::read(Path::new("/proc").join(&pid).join("cmdline")).ok()?;
        let data = self.data();
        command.split(|&byte| byte == 0).any(|argument| argument == data.as_os_str().as_encoded_bytes()).then_some(pid)
    }

    /// Shows a sign of life now, under the lock, and from now on until this process ends.
    fn attend(&self) -> Outcome<String> {
        let sign = self.sign_of_life();
        let show = move || fs::write(&sign, std::process::id().to_string());
        show()?;
        std::thread::Builder::new().name("postgres-sign-of-life".into()).spawn(move || {
            loop {
                std::thread::sleep(SIGN_OF_LIFE_EVERY);
                let _ = show();
            }
        })?;
        Ok(format!("postgres://postgres@localhost/postgres?host={}", self.folder.display()))
    }
}

fn start(home: &Path, lock: &Path) -> Outcome<Cluster> {
    let account = Account::for_server()?;
    let programs = Programs::find(account)?;
    let cluster = Cluster { folder: folder_for(account, home)? };
    let data = cluster.data();
    if cluster.process().is_some() {
        // Without its state file nobody uses it any more.
        finish(programs.command("pg_ctl").args(["stop", "-m", "immediate", "-D"]).arg(&data))?;
    }
    // Hundreds of thousands of files take a while to go, so the watchdog removes them later.
    unless_absent(fs::rename(&data, data.with_extension(format!("old-{}", std::process::id()))))?;
    // A killed server leaves these; a stranger that got its process number would make them look taken.
    unless_absent(fs::remove_file(cluster.socket()))?;
    unless_absent(fs::remove_file(cluster.socket().with_added_extension("lock")))?;
    finish(
        programs
            .command("initdb")
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--no-sync", "--no-instructions", "-D"])
            .arg(&data),
    )?;
    let mut configuration = OpenOptions::new().append(true).open(data.join("postgresql.conf"))?;
    writeln!(configuration, "{CONFIGURATION}unix_socket_directories = '{}'", cluster.folder.display())?;
    let log = cluster.folder.join("server.log");
    // `pg_ctl` gives the server a session of its own, and the log instead of our standard streams.
    finish(programs.command("pg_ctl").args(["start", "-w", "-t", "60", "-D"]).arg(&data).arg("-l").arg(&log))
        .map_err(|error| format!("{error}\n{}", fs::read_to_string(&log).unwrap_or_default()))?;
    watch(&cluster, lock)?;
    Ok(cluster)
}

fn unless_absent(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Starts the watchdog in a session of its own.
fn watch(cluster: &Cluster, lock: &Path) -> Outcome<()> {
    fs::write(cluster.sign_of_life(), "")?;
    let status = Command::new("setsid")
        .args(["--fork", "sh", "-c", include_str!("watchdog.sh"), "ganhe-postgres-watchdog"])
        .arg(lock)
        .arg(cluster.data())
        .arg(cluster.sign_of_life())
        .arg(IDLE_SECONDS)
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.success() { Ok(()) } else { Err(format!("the watchdog of the test server: {status}").into()) }
}

/// Who the server runs as, where that is not who runs the tests: PostgreSQL refuses to run as root.
#[derive(Clone, Copy)]
struct Account {
    user: u32,
    group: u32,
}

impl Account {
    fn for_server() -> Outcome<Option<Self>> {
        if own_user()? != 0 {
            return Ok(None);
        }
        let accounts = fs::read_to_string("/etc/passwd")?;
        let account = ["postgres", "nobody"].iter().find_map(|name| {
            let fields: Vec<_> =
                accounts.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|line| line[0] == *name)?;
            Some(Self { user: fields.get(2)?.parse().ok()?, group: fields.get(3)?.parse().ok()? })
        });
        account
            .map(Some)
            .ok_or_else(|| "PostgreSQL cannot run as root, and there is no user `postgres` or `nobody`".into())
    }
}

fn own_user() -> io::Result<u32> {
    Ok(fs::metadata("/proc/self")?.uid())
}

/// PostgreSQL's programs, and the account that runs them.
struct Programs {
    folder: PathBuf,
    account: Option<Account>,
}

impl Programs {
    /// Looks on the search path, then where Debian puts the programs, the newest version first, and takes the
    /// first folder whose programs the account may run.
    fn find(account: Option<Account>) -> Outcome<Self> {
        let on_path = setting("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
        let linked =
            on_path.iter().filter_map(|folder| Some(folder.join("initdb").canonicalize().ok()?.parent()?.into()));
        let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .collect();
        versions.sort();
        linked
            .chain(versions.into_iter().rev())
            .map(|folder| Self { folder, account })
            .find(|programs| {
                ["initdb", "pg_ctl", "postgres"]
                    .iter()
                    .all(|program| finish(programs.command(program).arg("--version")).is_ok())
            })
            .ok_or_else(|| {
                "PostgreSQL's server programs are not installed: install the Debian package `postgresql`, \
                 or name a server in TEST_POSTGRES_URL"
                    .into()
            })
    }

    fn command(&self, program: &str) -> Command {
        ordinary_user(self.folder.join(program), self.account)
    }
}

/// A program run by an account, in a folder that any account may enter.
fn ordinary_user(program: impl AsRef<OsStr>, account: Option<Account>) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/").stdin(Stdio::null());
    if let Some(account) = account {
        command.uid(account.user).gid(account.group);
    }
    command
}

/// Runs a program to its end; what it complained about becomes the error.
fn finish(command: &mut Command) -> Outcome<()> {
    let program = command.get_program().to_owned();
    let output = command.output().map_err(|error| format!("{}: {error}", program.display()))?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    Err(format!("{}: {}: {}", program.display(), output.status, complaint.trim()).into())
}

/// A folder for the server: beside the other test files, or under `/tmp` where the server's user cannot get
/// to that place (a checkout in root's home) or its path does not suit a socket.
fn folder_for(account: Option<Account>, home: &Path) -> Outcome<PathBuf> {
    let mut hasher = stable_hasher();
    hasher.write(home.as_os_str().as_encoded_bytes());
    hasher.write_u32(own_user()?);
    let elsewhere = PathBuf::from(format!("/tmp/ganhe-test-pg-{:016x}", hasher.finish()));
    let beside = home.join("ganhe-postgres");
    if suits(&beside) && claim(&beside, account).is_ok() {
        return Ok(beside);
    }
    claim(&elsewhere, account).map_err(|error| format!("{}: {error}", elsewhere.display()))?;
    Ok(elsewhere)
}

/// The path goes into a URL and a configuration file, where other characters would need quoting.
fn suits(folder: &Path) -> bool {
    let path = folder.as_os_str().as_encoded_bytes();
    path.len() <= LONGEST_FOLDER && path.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(byte))
}

/// Makes the folder and gives it to the account alone.
fn claim(folder: &Path, account: Option<Account>) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    let found = fs::symlink_metadata(folder)?;
    let own = own_user()?;
    if !found.is_dir() || (found.uid() != own && Some(found.uid()) != account.map(|account| account.user)) {
        return Err("belongs to somebody else".into());
    }
    if let Some(account) = account {
        chown(folder, Some(account.user), Some(account.group))?;
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    File::create(folder.join("server.log"))?;
    if let Some(account) = account {
        chown(folder.join("server.log"), Some(account.user), Some(account.group))?;
    }
    // Owning the folder is not enough: one of those above it may be closed to the account.
    finish(ordinary_user("test", account).arg("-w").arg(folder))
}
