//! Registers of any size, made from a seed: every row of them is payable when its turn comes.

use super::files::Files;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Payers of the widest transaction that a real register had.
pub const PAYERS: usize = 289;
/// Rows of the longest.
pub const LONGEST: usize = 2_000;

/// Codes and scales of the assets.
const ASSETS: [(&str, &str, u32); 4] = [("SO2", "t", 3), ("COD", "kg", 0), ("NOX", "t", 6), ("QUOTA", "t", 4)];
const HOLDERS: usize = 600;

/// A small generator of random numbers: the same on every machine.
pub struct Dice(u64);

impl Dice {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }

    fn at(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap()
    }
}

/// A register being made.
struct Making {
    dice: Dice,
    held: BTreeMap<(usize, usize), u64>,
    seq: usize,
    transactions: usize,
    text: String,
}

fn decimal(units: u64, scale: u32) -> String {
    if scale == 0 {
        return units.to_string();
    }
    let whole = 10_u64.pow(scale);
    format!("{}.{:0width$}", units / whole, units % whole, width = scale as usize)
}

impl Making {
    fn row(&mut self, kind: &str, from: Option<usize>, to: usize, asset: usize, units: u64) {
        self.seq += 1;
        if let Some(from) = from {
            *self.held.get_mut(&(from, asset)).unwrap() -= units;
        }
        *self.held.entry((to, asset)).or_default() += units;
        let (code, _, scale) = ASSETS[asset];
        // Ten thousand transactions a year, from 2008 on.
        let (year, day) = (2008 + self.transactions / 10_000, self.transactions / 30 % 336);
        let payer = from.map(|from| format!("H-{from:05}")).unwrap_or_default();
        let (seq, id, amount) = (self.seq, self.transactions, decimal(units, scale));
        writeln!(
            self.text,
            "{seq},T-{id:07},{year}-{:02}-{:02}T10:{:02}:{:02},{kind},{payer},H-{to:05},{code},{amount}",
            1 + day / 28,
            1 + day % 28,
            id / 60 % 60,
            id % 60
        )
        .unwrap();
    }

    /// Some rows of one transaction, each paid by somebody who holds enough.
    fn transfer(&mut self, rows: usize) {
        self.transactions += 1;
        for _ in 0..rows {
            let at = self.dice.at(self.held.len());
            let (&(from, asset), &held) = self.held.iter().nth(at % 400).unwrap();
            let to = (from + 1 + self.dice.at(HOLDERS - 1)) % HOLDERS;
            if held < 2 {
                self.row("issue", None, to, asset, 1_000_000_000);
            } else {
                let units = 1 + self.dice.below(held / 2);
                self.row("transfer", Some(from), to, asset, units);
            }
        }
    }

    fn issue(&mut self, units: u64) {
        self.transactions += 1;
        let (to, asset) = (self.dice.at(HOLDERS), self.dice.at(ASSETS.len()));
        self.row("issue", None, to, asset, units);
    }

    /// The shapes that real registers have had.
    fn large_ones(&mut self) {
        self.transactions += 1;
        for holder in 0..PAYERS {
            self.row("issue", None, holder, 0, 5_000_000);
        }
        self.transactions += 1;
        for payer in 0..PAYERS {
            self.row("surrender", Some(payer), HOLDERS - 1, 0, 1_234);
        }
        self.transactions += 1;
        for at in 0..LONGEST {
            self.row("issue", None, at % HOLDERS, 3, 1 + at as u64);
        }
        // 1,234,567,890.123 units of three decimals, and more than that of four.
        self.transactions += 1;
        self.row("issue", None, 7, 0, 1_234_567_890_123);
        self.transactions += 1;
        self.row("transfer", Some(7), 8, 0, 1_234_567_890_123);
        self.transactions += 1;
        self.row("issue", None, 9, 3, 12_345_678_901_234);
    }
}

/// A register with at least as many rows. The seed is printed, so that a failure can be repeated.
#[expect(clippy::print_stdout, reason = "the seed repeats what failed")]
pub fn generate(rows: usize, seed: u64) -> Files {
    println!("a register of {rows} rows from the seed {seed}");
    let mut files = Files::new();
    for holder in 0..HOLDERS {
        let kind = if holder % 7 == 0 { "government" } else { "enterprise" };
        files.accounts(&format!("H-{holder:05},\"企业 {holder}, 湖北\",{kind}"));
    }
    for (code, unit, scale) in ASSETS {
        files.assets(&format!("{code},{unit},{scale}"));
    }
    let mut making =
        Making { dice: Dice::new(seed), held: BTreeMap::new(), seq: 0, transactions: 0, text: String::new() };
    for holder in 0..HOLDERS {
        let (asset, units) = (holder % ASSETS.len(), making.dice.below(90_000_000_000));
        let (code, _, scale) = ASSETS[asset];
        making.held.insert((holder, asset), units);
        files.openings(&format!("H-{holder:05},{code},{}", decimal(units, scale)));
    }
    making.large_ones();
    while making.seq < rows {
        match making.dice.below(10) {
            0 => {
                let units = 1 + making.dice.below(1_000_000_000);
                making.issue(units);
            }
            1 => {
                let rows = 2 + making.dice.at(20);
                making.transfer(rows);
            }
            _ => making.transfer(1),
        }
    }
    files.transactions(making.text.trim_end());
    files
}
