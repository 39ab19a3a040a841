//! The real program: started, killed, and asked to verify.

use crate::support::Client;
use ganhe::db::Db;
use ganhe::kernel::Clock;
use sea_orm::ConnectionTrait;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

/// How long a start may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running `ganhe serve`.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

/// The program, told about its database and about nothing that is meant for the tests.
fn program(url: &str, argument: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ganhe"));
    command.arg(argument).env("GANHE_DATABASE_URL", url).kill_on_drop(true);
    for name in ["GANHE_TEST_DATABASE", "GANHE_SEED", "GANHE_TEST_KILLS", "GANHE_TEST_SOAK_SECONDS"] {
        command.env_remove(name);
    }
    command
}

impl Server {
    /// Starts it on a free port and waits until it is ready.
    pub async fn start(url: &str) -> Self {
        // The clients of these tests have tokens without a second factor; the books are those of a demonstration.
        Self::start_with(url, &[("GANHE_SECOND_FACTOR", "off")]).await
    }

    /// The same with more settings.
    pub async fn start_with(url: &str, settings: &[(&str, &str)]) -> Self {
        Self::start_logging(url, settings, &log_path()).await
    }

    /// The same with a log of its own.
    pub async fn start_logging(url: &str, settings: &[(&str, &str)], log: &Path) -> Self {
        // Another process may take the port in between; then the start is repeated with another one.
        for _ in 0..5 {
            if let Some(server) = Self::try_start(url, settings, log).await {
                return server;
            }
        }
        panic!("the server does not start; its log is {}", log.display());
    }

    async fn try_start(url: &str, settings: &[(&str, &str)], log: &Path) -> Option<Self> {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let log = File::options().create(true).append(true).open(log).unwrap();
        let mut command = program(url, "serve");
        command.env("GANHE_LISTEN", address.to_string()).env("GANHE_LOG", "warn").stdout(Stdio::null()).stderr(log);
        // The clients of these tests ask as fast as they can.
        command.env("GANHE_RATE_PER_USER", "off").env("GANHE_RATE_PER_ADDRESS", "off");
        command.envs(settings.iter().copied());
        let mut child = command.spawn().unwrap();
        let (began, nobody) = (Instant::now(), Client::nobody(address));
        while began.elapsed() < PATIENCE {
            let ready = nobody.request(reqwest::Method::GET, "/readyz").send().await;
            if ready.is_ok_and(|answer| answer.status().is_success()) {
                return Some(Self { address, child });
            }
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        None
    }

    /// SIGTERM, and everything that a stop in order does.
    pub async fn stop(&mut self) {
        let id = self.child.id().unwrap().to_string();
        let told = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status().await.unwrap();
        assert!(told.success());
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.unwrap().unwrap();
        assert!(ended.success(), "{ended}");
    }

    /// SIGKILL: nothing is finished, nothing is closed.
    pub async fn kill(&mut self) {
        self.child.start_kill().unwrap();
        self.child.wait().await.unwrap();
    }
}

fn log_path() -> std::path::PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ganhe-crash-{}.log", std::process::id()))
}

/// `ganhe verify` finds nothing.
pub async fn verify(url: &str) {
    let output = program(url, "verify").output().await.unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}

/// Ends every other connection to this database of PostgreSQL.
pub async fn cut_connections(url: &str) {
    let db = Db::open(url, Clock::system()).await.unwrap();
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE datname = current_database() AND pid <> pg_backend_pid()";
    db.writer().execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}
