//! Every check of the catalogue, by name: what it refuses, and beside it what it lets pass.

mod organisations;
mod quota;

use ganhe::app::CHECKS;
use std::collections::BTreeSet;
use std::path::Path;

/// Families whose checks are all tried.
const FAMILIES: [&str; 11] = ["ORG_", "QTA_", "CMP_", "TRD_", "AUC_", "STL_", "PRC_", "DIS_", "PLG_", "FRZ_", "EVT_"];

/// Checks that no request reaches, and where they are tried.
const UNREACHED: [(&str, &str); 10] = [
    ("PRC_TOO_MANY_RECORDS", "a market of thousands of areas and months; tried in src/prices/api.rs"),
    (
        "TRD_NO_PERMIT_TO_VARY",
        "a permit that a side names must be its site's, and the reserve's site has none; tried in src/market/trade/tests.rs",
    ),
    (
        "AUC_CREDITOR_BIDS",
        "no role of a bank or a guarantor registers for an auction; tried in src/market/auctions/pledged.rs",
    ),
    ("ORG_NO_ROLE", "a request without roles is refused by its form; tried in src/identity/roster.rs"),
    (
        "CMP_UNREADABLE",
        "what is uploaded as CSV is UTF-8, and any such text can be read; tried in src/compliance/reports/file.rs",
    ),
    (
        "PLG_CHANGED_MEANWHILE",
        "comes of what changes between reading and locking, and the work is run again; tried in src/pledge/ranks/tests.rs",
    ),
    (
        "PLG_DISPOSAL_TO_PLEDGEE",
        "a bank or a guarantor owns no site that anything could go to; tried in src/pledge/disposals/tests.rs",
    ),
    ("PLG_MORE_THAN_DRAWN", "a fault of the books, which no request makes; tried in src/pledge/facility.rs"),
    ("PLG_NO_PART", "whoever has no part in a facility does not see it; tried in src/pledge/facility.rs"),
    (
        "PLG_NOT_PLEDGEE_KIND",
        "only a role of a bank or a guarantor applies for a pledge; tried in src/eligibility/pledge/tests.rs",
    ),
];

/// Every code that a test of this folder expects, in quotes.
fn expected(folder: &Path, known: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(expected(&path, known));
        } else if path.extension().is_some_and(|kind| kind == "rs") && !path.ends_with("it/checks.rs") {
            let text = std::fs::read_to_string(&path).unwrap();
            found.extend(
                known.iter().filter(|code| text.contains(&format!("\"{code}\""))).map(|code| (*code).to_owned()),
            );
        }
    }
    found
}

#[test]
fn every_check_of_these_families_is_tried_by_name() {
    let codes = CHECKS.iter().copied().flatten().map(|check| check.code);
    let known: Vec<&str> = codes.filter(|code| FAMILIES.iter().any(|family| code.starts_with(family))).collect();
    let tried = expected(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it"), &known);
    let is_excused = |code: &str| UNREACHED.iter().any(|(name, _)| *name == code);
    let missing: Vec<_> = known.iter().filter(|code| !tried.contains(**code) && !is_excused(code)).collect();
    assert!(missing.is_empty(), "no test expects {missing:?}");
    for (code, reason) in UNREACHED {
        assert!(known.contains(&code) && !tried.contains(code), "{code} needs no excuse any more: {reason}");
    }
}
