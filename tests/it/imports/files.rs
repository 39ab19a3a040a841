//! The four files, the program that imports them, and what they add up to by a fold that knows nothing of the program.

use crate::exports::programs::ganhe;
use ganhe::access::SignInRules;
use ganhe::app::opening;
use ganhe::http::Shared;
use ganhe::kernel::ids;
use rust_decimal::Decimal;
use sea_orm::{ConnectionTrait, Statement};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

/// Balances by account and asset, as text.
pub type Balances = BTreeMap<(String, String), String>;

/// A register in a folder of its own.
pub struct Files {
    /// Name and text of each file.
    pub texts: BTreeMap<&'static str, String>,
}

/// The register that most stories begin with.
pub fn small() -> Files {
    let mut files = Files::new();
    for row in
        ["mill,临江纸业,enterprise", "glass,\"玻璃, 甲\",enterprise", "fund,储备机构,government", "idle,,enterprise"]
    {
        files.accounts(row);
    }
    files.assets("SO2,t,3").assets("CNY,yuan,2").assets("unit,1,0");
    files.openings("mill,SO2,100.000").openings("mill,CNY,0").openings("glass,CNY,5000.5");
    files.transactions("1,T1,2016-12-30T09:00:00+08:00,issue,,fund,SO2,50");
    files.transactions("2,T2,2017-01-02T10:00:00,trade,mill,glass,SO2,12.5");
    files.transactions("3,T2,2017-01-02T10:00:00,trade,glass,mill,CNY,5000.50");
    files.transactions("5,T3,2017-01-02T10:00:00,pass on,fund,glass,SO2,50.000");
    files.transactions("6,T3,2017-01-02T10:00:01,surrender,glass,idle,SO2,62.500");
    files.transactions("7,T4,2017-03-01,issue,,mill,unit,3");
    files
}

impl Files {
    /// Without any row.
    pub fn new() -> Self {
        let heads = [
            ("accounts.csv", "account,name,kind\n"),
            ("assets.csv", "asset,unit,scale\n"),
            ("opening_balances.csv", "account,asset,amount\n"),
            ("transactions.csv", "seq,transaction_id,timestamp,type,from_account,to_account,asset,amount\n"),
        ];
        Self { texts: heads.into_iter().map(|(name, head)| (name, head.to_owned())).collect() }
    }

    /// Adds a row to a file.
    pub fn add(&mut self, file: &'static str, row: &str) -> &mut Self {
        let text = self.texts.get_mut(file).unwrap();
        text.push_str(row);
        text.push('\n');
        self
    }

    /// Adds a holder.
    pub fn accounts(&mut self, row: &str) -> &mut Self {
        self.add("accounts.csv", row)
    }

    /// Adds an asset.
    pub fn assets(&mut self, row: &str) -> &mut Self {
        self.add("assets.csv", row)
    }

    /// Adds an opening balance.
    pub fn openings(&mut self, row: &str) -> &mut Self {
        self.add("opening_balances.csv", row)
    }

    /// Adds a row of a transaction.
    pub fn transactions(&mut self, row: &str) -> &mut Self {
        self.add("transactions.csv", row)
    }

    /// With another text for a file, or without the file.
    pub fn with(&mut self, file: &'static str, text: Option<&str>) -> &mut Self {
        self.texts.remove(file);
        self.texts.extend(text.map(|text| (file, text.to_owned())));
        self
    }

    /// Puts one text in the place of another.
    pub fn replace(&mut self, file: &'static str, from: &str, to: &str) -> &mut Self {
        let text = self.texts.get_mut(file).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        *text = text.replacen(from, to, 1);
        self
    }

    /// Writes them into a folder.
    pub fn write(&self) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("ganhe-import-{}", ids::fresh().simple()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in &self.texts {
            std::fs::write(folder.join(name), text).unwrap();
        }
        folder
    }

    fn rows(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_reader(self.texts[file].as_bytes()).deserialize().map(Result::unwrap).collect()
    }

    /// What the rows add up to, transaction by transaction in the order of their first rows; one that somebody cannot pay
    /// is left out. Written from the description of the files alone.
    pub fn fold(&self) -> Balances {
        let mut held: BTreeMap<(String, String), Decimal> = BTreeMap::new();
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        for account in self.rows("accounts.csv") {
            for asset in self.rows("assets.csv") {
                held.insert((account["account"].clone(), asset["asset"].clone()), Decimal::ZERO);
            }
        }
        for row in self.rows("opening_balances.csv") {
            held.insert((row["account"].clone(), row["asset"].clone()), number(&row["amount"]));
        }
        let mut order: Vec<String> = Vec::new();
        let mut transactions: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
        for row in self.rows("transactions.csv") {
            let rows = transactions.entry(row["transaction_id"].clone()).or_default();
            if rows.is_empty() {
                order.push(row["transaction_id"].clone());
            }
            rows.push(row);
        }
        for id in order {
            let mut after: BTreeMap<(String, String), Decimal> = BTreeMap::new();
            let is_paid = transactions[&id].iter().all(|row| {
                let amount = number(&row["amount"]);
                let mut add = |account: &str, amount: Decimal| {
                    let key = (account.to_owned(), row["asset"].clone());
                    let before = held.get(&key).copied().unwrap_or_default();
                    let balance = after.entry(key).or_insert(before);
                    *balance += amount;
                    *balance >= Decimal::ZERO
                };
                (row["from_account"].is_empty() || add(&row["from_account"], -amount))
                    && add(&row["to_account"], amount)
            });
            if is_paid {
                held.extend(after);
            }
        }
        let scales: BTreeMap<String, u32> =
            self.rows("assets.csv").iter().map(|row| (row["asset"].clone(), row["scale"].parse().unwrap())).collect();
        let print = |((account, asset), amount): ((String, String), Decimal)| {
            let text = format!("{amount:.scale$}", scale = scales[&asset] as usize);
            ((account, asset), text)
        };
        held.into_iter().map(print).collect()
    }
}

/// What the program said.
#[derive(Debug)]
pub struct Said {
    /// Whether it was satisfied.
    pub is_success: bool,
    /// What it said at the end.
    pub out: String,
    /// The faults, line by line.
    pub faults: Vec<String>,
}

impl Said {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            is_success: output.status.success(),
            out: text(output.stdout),
            faults: text(output.stderr).lines().map(str::to_owned).collect(),
        }
    }

    /// The faults up to the text: file, line, code, field.
    pub fn codes(&self) -> Vec<String> {
        let code = |fault: &String| {
            fault.splitn(4, ' ').take(3).collect::<Vec<_>>().join(" ").trim_end_matches(':').to_owned()
        };
        self.faults.iter().map(code).collect()
    }

    /// It went well and named no fault.
    #[track_caller]
    pub fn granted(&self) -> &Self {
        assert!(self.is_success && self.faults.is_empty(), "{self:?}");
        self
    }
}

/// Runs the program on a folder.
pub async fn import(url: &str, folder: &Path, options: &[&str]) -> Said {
    let arguments = [&["import", "register", folder.to_str().unwrap()], options].concat();
    Said::of(ganhe(url, &arguments).output().await.unwrap())
}

/// Imports, and tells the final balances that the program reports.
pub async fn reported(url: &str, folder: &Path, options: &[&str]) -> (Said, Balances) {
    let report = folder.join("report.csv");
    let said = import(url, folder, &[options, &["--report", report.to_str().unwrap()]].concat()).await;
    (said, read_report(&report))
}

/// Reads a report.
pub fn read_report(path: &Path) -> Balances {
    let mut reader = csv::Reader::from_path(path).unwrap();
    assert_eq!(reader.headers().unwrap(), ["account", "asset", "amount"].as_slice());
    let read = |row: csv::StringRecord| ((row[0].to_owned(), row[1].to_owned()), row[2].to_owned());
    reader.records().map(|row| read(row.unwrap())).collect()
}

/// A number, read past the program.
pub async fn count(shared: &Shared, sql: &str) -> i64 {
    let statement = Statement::from_string(shared.db.backend(), sql);
    shared.db.reader().query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// The imported book; the verification finds nothing wrong with it.
pub async fn right_book(url: &str) -> Shared {
    let shared = opening::founded(url, SignInRules::default()).await.unwrap();
    let findings = ganhe::audit::verify::verify(&shared.db).await.unwrap();
    assert_eq!(findings.differences, []);
    shared
}
