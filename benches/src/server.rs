//! A private PostgreSQL, as durable as in production, that ends with the benchmark.

use crate::Outcome;
use std::ffi::OsStr;
use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What differs from PostgreSQL's own defaults. Durability (`fsync`, `synchronous_commit`, `full_page_writes`) is named
/// though it is the default, because every figure stands on it. A batch of the peer takes two advisory locks for each
/// account, which need room in the table of locks.
pub const SETTINGS: [(&str, &str); 12] = [
    ("fsync", "on"),
    ("synchronous_commit", "on"),
    ("full_page_writes", "on"),
    ("shared_buffers", "2GB"),
    ("max_wal_size", "4GB"),
    ("checkpoint_timeout", "15min"),
    ("max_connections", "400"),
    ("max_locks_per_transaction", "256"),
    ("listen_addresses", "''"),
    ("unix_socket_permissions", "0700"),
    ("timezone", "'UTC'"),
    ("shared_preload_libraries", "'pg_stat_statements'"),
];

/// A running server; it stops, and its files go, when this is dropped.
pub struct Server {
    folder: PathBuf,
    programs: PathBuf,
    account: Option<(u32, u32)>,
}

impl Server {
    /// Makes a cluster in a new folder below `home` and starts it.
    pub fn start(home: &Path) -> Outcome<Self> {
        let folder = home.join("postgres");
        fs::create_dir_all(&folder)?;
        let account = account()?;
        let server = Self { programs: programs()?, account, folder };
        if let Some((user, group)) = account {
            // PostgreSQL's user must get to its folder.
            fs::set_permissions(home, Permissions::from_mode(0o755))?;
            chown(&server.folder, Some(user), Some(group))?;
        }
        fs::set_permissions(&server.folder, Permissions::from_mode(0o700))?;
        server.run("initdb", ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-D"])?;
        let mut file = OpenOptions::new().append(true).open(server.data().join("postgresql.conf"))?;
        writeln!(file, "unix_socket_directories = '{}'", server.folder.display())?;
        for (name, value) in SETTINGS {
            let is_there = name != "shared_preload_libraries" || server.has_statement_statistics();
            if is_there {
                writeln!(file, "{name} = {value}")?;
            }
        }
        let log = server.folder.join("server.log");
        let started =
            server.run("pg_ctl", [OsStr::new("start"), "-w".as_ref(), "-l".as_ref(), log.as_ref(), "-D".as_ref()]);
        started.map_err(|error| format!("{error}\n{}", fs::read_to_string(&log).unwrap_or_default()))?;
        Ok(server)
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@localhost/{database}?host={}", self.folder.display())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn has_statement_statistics(&self) -> bool {
        let library = self.programs.parent().map(|version| version.join("lib/pg_stat_statements.so"));
        library.is_some_and(|library| library.exists())
    }

    /// Runs one of PostgreSQL's programs on the cluster's files, to its end.
    fn run<A: AsRef<OsStr>>(&self, program: &str, arguments: impl IntoIterator<Item = A>) -> Outcome<()> {
        let mut command = Command::new(self.programs.join(program));
        command.args(arguments).arg(self.data()).current_dir("/").stdin(Stdio::null()).stdout(Stdio::null());
        if let Some((user, group)) = self.account {
            command.uid(user).gid(group);
        }
        // The server keeps its starter's standard error, so nobody may wait for the end of a pipe.
        let status = command.stderr(Stdio::null()).status()?;
        if status.success() { Ok(()) } else { Err(format!("{program}: {status}").into()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.run("pg_ctl", ["stop", "-w", "-m", "immediate", "-D"]) {
            eprintln!("the PostgreSQL in {} did not stop: {error}", self.folder.display());
        }
    }
}

/// Who the server runs as: PostgreSQL refuses root.
fn account() -> Outcome<Option<(u32, u32)>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find(|line| line.starts_with("postgres:")).ok_or("there is no user `postgres`")?;
    let number = |at| line.split(':').nth(at).and_then(|text| text.parse().ok()).ok_or("an unreadable /etc/passwd");
    Ok(Some((number(2)?, number(3)?)))
}

/// Where the newest installed server programs are: on the search path, or where Debian puts them.
fn programs() -> Outcome<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|version| version.path().join("bin"))
        .collect();
    found.sort();
    let linked = std::env::split_paths(&path).filter_map(|folder| folder.join("initdb").canonicalize().ok());
    let linked = linked.filter_map(|program| program.parent().map(Path::to_owned));
    found.extend(linked);
    let has_all = |folder: &PathBuf| ["initdb", "pg_ctl", "postgres"].iter().all(|name| folder.join(name).exists());
    found.into_iter().rfind(has_all).ok_or_else(|| "PostgreSQL's server programs are not installed".into())
}
