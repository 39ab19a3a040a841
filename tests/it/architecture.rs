//! The house: which room may use which, where the web and the database may be named, and how large a file may grow.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The table of docs/ARCHITECTURE.md, from the ground up: a module uses only modules on a line before its own, never one
/// beside it. Modules that are not built yet stand in it, so that they find their place.
const LINES: [&[&str]; 18] = [
    &["accounting"],
    &["kernel"],
    &["access", "paper"],
    &["db"],
    &["http"],
    &["ledger", "operations"],
    &["decisions"],
    &["rulebook"],
    &["parties"],
    &["encumbrance", "prices", "identity"],
    &["eligibility", "treasury", "compliance", "membership", "access_log", "objections"],
    &["quota", "market"],
    &["pledge", "import", "freeze"],
    &["extracts"],
    &["disclosure", "events"],
    &["audit", "notify", "demo", "portal"],
    &["app", "config"],
    &["main"],
];

/// Uses against the table, each with its reason. The list only shrinks.
const USED_ANYWAY: [(&str, &str, &str); 0] = [];

/// Files that name the database though they are neither store nor queries. The list only shrinks.
const NAME_THE_DATABASE: [(&str, &str); 6] = [
    ("config.rs", "names its log in the usual filter of the log"),
    ("parties/words.rs", "takes a connection and hands it to queries"),
    ("market/api_trades.rs", "takes a connection and hands it to queries"),
    ("market/overrides/api_view.rs", "takes a connection and hands it to queries"),
    ("market/auctions/api_views.rs", "takes a connection and hands it to queries"),
    ("pledge/api_view.rs", "takes a connection and hands it to queries"),
];

/// Longest file, in lines: beyond it a file is two ideas.
const LONGEST_FILE: usize = 620;

/// A source file: its path below src/ and its text without comments.
struct Source {
    path: String,
    text: String,
    lines: usize,
}

impl Source {
    /// The module it belongs to: the folder, or the file at the top.
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// Whether a word stands in the text by itself.
    fn mentions(&self, word: &str) -> bool {
        let is_part = |char: char| char.is_alphanumeric() || char == '_';
        self.text.match_indices(word).any(|(at, _)| {
            let before = self.text[..at].chars().next_back();
            let after = self.text[at + word.len()..].chars().next();
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
    }

    /// The modules of the crate that it names after `crate::`, in `use` lines and in paths.
    fn uses(&self) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for start in ["crate::", "ganhe::"] {
            for (at, _) in self.text.match_indices(start) {
                let rest = &self.text[at + start.len()..];
                let heads = if rest.starts_with('{') { heads_of(rest) } else { vec![word_at(rest)] };
                used.extend(heads.into_iter().filter(|head| !head.is_empty()));
            }
        }
        used.remove(self.module());
        used
    }
}

fn word_at(text: &str) -> String {
    text.trim_start().chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect()
}

/// The first words of a group such as `{app, db::{Db, Work}, http}`.
fn heads_of(group: &str) -> Vec<String> {
    let (mut depth, mut heads) = (0, Vec::new());
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
        if depth == 1 && (char == '{' || char == ',') {
            heads.push(word_at(&group[at + 1..]));
        }
    }
    heads
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn rust_files(folder: &str) -> Vec<(String, String)> {
    let folder = root().join(folder);
    let mut found = Vec::new();
    files_below(&folder, &mut found);
    found.sort();
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        (name, std::fs::read_to_string(&path).unwrap())
    };
    found.into_iter().map(read).collect()
}

fn sources() -> Vec<Source> {
    let read = |(path, text): (String, String)| {
        let lines = text.lines().count();
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        Source { path, lines, text: code.collect::<Vec<_>>().join("\n") }
    };
    rust_files("src").into_iter().map(read).collect()
}

fn line_of(module: &str) -> Option<usize> {
    LINES.iter().position(|line| line.contains(&module))
}

#[test]
fn a_group_of_uses_is_read_to_its_heads() {
    assert_eq!(heads_of("{app, db::{Db, Work}, http}; use x::{y}"), ["app", "db", "http"]);
    let text = "use crate::{kernel::Id, ledger};\nfn f() { crate::market::store::x() }".to_owned();
    let source = Source { path: "quota/commands.rs".to_owned(), text, lines: 2 };
    assert_eq!(source.uses().into_iter().collect::<Vec<_>>(), ["kernel", "ledger", "market"]);
    assert!(!source.mentions("stor") && source.mentions("store"));
}

#[test]
fn a_module_uses_only_what_lies_below_it() {
    let macros = rooted_macros();
    let mut against = BTreeSet::new();
    for source in sources().iter().filter(|source| source.path != "lib.rs") {
        let module = source.module();
        let own = line_of(module).unwrap_or_else(|| panic!("{module} has no line in the table of the house"));
        for used in source.uses().difference(&macros) {
            if line_of(used).is_none_or(|line| line >= own) {
                against.insert((module.to_owned(), used.clone(), source.path.clone()));
            }
        }
    }
    let is_excepted = |module: &str, used: &str| USED_ANYWAY.iter().any(|(a, b, _)| (*a, *b) == (module, used));
    let faults: Vec<_> = against.iter().filter(|(module, used, _)| !is_excepted(module, used)).collect();
    assert!(faults.is_empty(), "module, what it uses though that does not lie below it, and where: {faults:#?}");
    for (module, used, reason) in USED_ANYWAY {
        let is_needed = against.iter().any(|(a, b, _)| (a.as_str(), b.as_str()) == (module, used));
        assert!(is_needed, "{module} no longer uses {used} ({reason}): take it from the list");
    }
}

/// Names of the macros that the crate exports; they stand at its root wherever they are written.
fn rooted_macros() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources() {
        for (at, _) in source.text.match_indices("#[macro_export]") {
            if let Some((_, rest)) = source.text[at..].split_once("macro_rules!") {
                names.insert(word_at(rest));
            }
        }
    }
    names
}

#[test]
fn the_web_is_named_only_at_the_door() {
    let mut faults = Vec::new();
    for source in sources() {
        let at_the_door = ["http", "app"].contains(&source.module());
        let is_api = source.path.contains('/') && source.name().starts_with("api");
        let named: Vec<&str> = ["axum", "utoipa", "utoipa_axum", "tower", "tower_http"]
            .into_iter()
            .filter(|word| source.mentions(word))
            .collect();
        if !named.is_empty() && !at_the_door && !is_api {
            faults.push(format!("{} names {named:?}", source.path));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_database_is_named_only_where_rows_are_kept() {
    let mut found = BTreeSet::new();
    for source in sources().iter().filter(|source| source.mentions("sea_orm")) {
        let in_a_room = ["db", "ledger", "audit", "app"].contains(&source.module());
        let is_kept = ["store.rs", "queries.rs", "founding.rs"].contains(&source.name());
        let is_low = ["kernel", "access", "http"].contains(&source.module());
        if is_low || !(in_a_room || is_kept) {
            found.insert(source.path.clone());
        }
    }
    let excepted: BTreeSet<String> = NAME_THE_DATABASE.iter().map(|(path, _)| (*path).to_owned()).collect();
    let faults: Vec<_> = found.difference(&excepted).collect();
    assert!(faults.is_empty(), "these name sea_orm and are no store: {faults:#?}");
    let gone: Vec<_> = excepted.difference(&found).collect();
    assert!(gone.is_empty(), "these no longer name sea_orm, take them from the list: {gone:#?}");
}

#[test]
fn the_pure_crate_does_no_input_or_output() {
    for (path, text) in rust_files("crates/accounting/src") {
        let source = Source { lines: 0, text, path };
        for word in ["axum", "sea_orm", "tokio", "utoipa", "ganhe"] {
            assert!(!source.mentions(&format!("{word}::")), "accounting/{} uses {word}", source.path);
        }
    }
}

#[test]
fn no_file_is_two_ideas() {
    let long = |source: &Source| (source.lines > LONGEST_FILE).then(|| format!("{}: {}", source.path, source.lines));
    let long: Vec<String> = sources().iter().filter_map(long).collect();
    assert!(long.is_empty(), "longer than {LONGEST_FILE} lines: {long:#?}");
}

#[test]
fn every_test_file_is_listed() {
    let main = std::fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for (path, _) in rust_files("tests/it") {
        let module = path.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        let is_listed = main.lines().any(|line| line == format!("mod {module};"));
        assert!(module == "main" || is_listed, "tests/it/{path} is not listed in main.rs: nothing in it runs");
    }
}

#[test]
fn every_table_and_index_says_why() {
    let mut seen = 0;
    for (path, text) in rust_files("migrations/src") {
        let mut before = "";
        // A row of indexes shares the comment above the first of them.
        let mut is_told = false;
        for line in text.lines() {
            let is_index = line.starts_with("CREATE INDEX") || line.starts_with("CREATE UNIQUE INDEX");
            if line.starts_with("CREATE TABLE") || is_index {
                is_told = before.starts_with("-- ") || (is_index && is_told && before.starts_with("CREATE "));
                assert!(is_told, "migrations/src/{path}: no comment above {line}");
                seen += 1;
            }
            before = line;
        }
    }
    assert!(seen > 30, "only {seen} tables and indexes were found: does this test still read them?");
}
