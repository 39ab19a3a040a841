//! The three programs: ours, which writes, and the two that read.

use ganhe::kernel::ids;
use std::path::{Path, PathBuf};
use std::process::Output;
use tokio::process::Command;

/// A program that adds an export up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// `hledger check --strict`.
    Hledger,
    /// `bean-check`.
    Beancount,
}

/// Both.
pub const READERS: [Reader; 2] = [Reader::Hledger, Reader::Beancount];

impl Reader {
    /// The format it reads.
    pub fn format(self) -> &'static str {
        match self {
            Self::Hledger => "hledger",
            Self::Beancount => "beancount",
        }
    }

    /// What it says about an export.
    pub async fn reads(self, text: &str) -> Output {
        let file = scratch(self.format());
        std::fs::write(&file, text).unwrap();
        let output = match self {
            Self::Hledger => hledger(&file, &["check", "--strict"]).await,
            Self::Beancount => run(Command::new(bean_check()).arg("--no-cache").arg(&file)).await,
        };
        std::fs::remove_file(&file).unwrap();
        output
    }

    /// It finds nothing.
    pub async fn passes(self, text: &str) {
        let output = self.reads(text).await;
        let complaints = [output.stdout, output.stderr].concat();
        let complaints = String::from_utf8_lossy(&complaints);
        assert!(output.status.success() && complaints.trim().is_empty(), "{self:?}: {complaints}");
    }

    /// It finds that something does not add up, and says what.
    pub async fn complains(self, text: &str, of: &str) {
        let output = self.reads(text).await;
        let complaints = [output.stdout, output.stderr].concat();
        let complaints = String::from_utf8_lossy(&complaints);
        assert!(!output.status.success(), "{self:?} did not see it");
        assert!(complaints.to_lowercase().contains(of), "{self:?} does not speak of {of}: {complaints}");
    }
}

/// A file of one's own.
pub fn scratch(extension: &str) -> PathBuf {
    let name = format!("ganhe-export-{}.{extension}", ids::fresh().simple());
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Asks hledger about a file.
pub async fn hledger(file: &Path, question: &[&str]) -> Output {
    let mut named = std::ffi::OsString::from("journal:");
    named.push(file);
    run(Command::new("hledger").arg("--file").arg(named).args(question).env("LC_ALL", "C.UTF-8")).await
}

/// `scripts/prepare.sh test` puts it there.
fn bean_check() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("bookkeepers/bin/bean-check")
}

async fn run(command: &mut Command) -> Output {
    let program = command.as_std().get_program().to_owned();
    command.output().await.unwrap_or_else(|fault| panic!("{}: {fault}: run scripts/prepare.sh test", program.display()))
}

/// Our own program with these arguments, on a database.
pub fn ganhe(url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ganhe"));
    command.args(arguments).env_remove("GANHE_TEST_DATABASE").env("GANHE_DATABASE_URL", url);
    command
}

/// What it writes to standard output.
pub async fn exported(url: &str, format: &str) -> String {
    let output = run(&mut ganhe(url, &["export", "--format", format])).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
