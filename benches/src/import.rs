//! The import of a legacy register, from its files to the last row in the books.

use crate::report::{Bound, Line, rate};
use crate::server::Server;
use crate::settings::Settings;
use crate::stage::Dice;
use crate::{Outcome, large};
use ganhe::import::{Ending, Options, import};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Holders of the register.
const HOLDERS: usize = 600;
/// What an import must reach, in rows a second.
const WANTED: f64 = 20_000.0;

/// Imports the same register into both databases.
pub async fn measure(server: &Server, home: &Path, settings: &Settings) -> Outcome<Vec<Line>> {
    let folder = register(home, settings.rows)?;
    let mut admin =
        <sea_orm::sqlx::PgConnection as sea_orm::sqlx::Connection>::connect(&server.url("postgres")).await?;
    sea_orm::sqlx::query("CREATE DATABASE imported").execute(&mut admin).await?;
    let targets = [
        ("PostgreSQL", server.url("imported")),
        ("SQLite", format!("sqlite:{}", home.join("imported.sqlite").display())),
    ];
    let mut lines = Vec::new();
    for (database, url) in targets {
        let options = Options { folder: folder.clone(), ..Options::default() };
        let began = Instant::now();
        let outcome = import(&url, &options, |fault| crate::say(&fault.to_string())).await?;
        let took = began.elapsed();
        if outcome.ending != Ending::Complete || outcome.rows != settings.rows as u64 {
            return Err(format!("the import ended otherwise: {outcome}").into());
        }
        let work = format!("import of a register of {} rows, {database}", large::grouped_entries(settings.rows));
        let ours = rate(settings.rows, took);
        lines.push(Line::rates(work, "what was asked for", "rows/s", ours, WANTED, Bound::AtLeast(1.0)));
    }
    Ok(lines)
}

/// A register of 600 holders and four assets over some ten years: nine of ten transactions are one row, the tenth has up to 21.
fn register(home: &Path, rows: usize) -> Outcome<PathBuf> {
    let folder = home.join("register");
    std::fs::create_dir_all(&folder)?;
    let mut text = "account,name,kind\n".to_owned();
    for holder in 0..HOLDERS {
        writeln!(text, "H-{holder:05},企业 {holder},enterprise")?;
    }
    std::fs::write(folder.join("accounts.csv"), &text)?;
    std::fs::write(folder.join("assets.csv"), "asset,unit,scale\nSO2,t,3\nCOD,kg,0\nNOX,t,6\nQUOTA,t,4\n")?;
    "account,asset,amount\n".clone_into(&mut text);
    for holder in 0..HOLDERS {
        for asset in ["SO2", "COD", "NOX", "QUOTA"] {
            writeln!(text, "H-{holder:05},{asset},1000000")?;
        }
    }
    std::fs::write(folder.join("opening_balances.csv"), &text)?;
    "seq,transaction_id,timestamp,type,from_account,to_account,asset,amount\n".clone_into(&mut text);
    let (mut dice, mut seq, mut id) = (Dice::new(9), 0, 0);
    while seq < rows {
        id += 1;
        let count = if dice.below(10) == 0 { 2 + dice.below(20) } else { 1 };
        for _ in 0..count.min(rows - seq) {
            seq += 1;
            let from = dice.below(HOLDERS);
            let to = (from + 1 + dice.below(HOLDERS - 1)) % HOLDERS;
            let asset = ["SO2", "COD", "NOX", "QUOTA"][dice.below(4)];
            let (year, month, day) = (2008 + id / 30_000, 1 + id / 2_500 % 12, 1 + id / 90 % 28);
            let (minute, second, amount) = (id / 60 % 60, id % 60, 1 + dice.below(9));
            writeln!(
                text,
                "{seq},T-{id:07},{year}-{month:02}-{day:02}T10:{minute:02}:{second:02},transfer,H-{from:05},H-{to:05},{asset},{amount}"
            )?;
        }
    }
    std::fs::write(folder.join("transactions.csv"), &text)?;
    Ok(folder)
}
