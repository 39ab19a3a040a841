//! The text of an extract: the vector of docs/EXTRACT-FORMAT.md, that everything in it counts, and that it verifies offline.

#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use accounting::certificate::{CertificateFault, CertificateProof, CertifiedGrams, CertifiedMeasure};
use accounting::extract::{
    Encumbrance, EncumbranceKind, Extract, ExtractContent, ExtractedEvent, ExtractedParty, ExtractedPledge,
    ExtractedStock, ExtractedThing, verify,
};
use accounting::leaf::LeafJournal;
use accounting::note::{NoteFault, TreeHead, note_key};
use accounting::tree::{Edge, leaf_hash};
use proptest::prelude::*;
use uuid::Uuid;

fn measure() -> CertifiedMeasure {
    CertifiedMeasure { unit: "t".to_owned(), grams_per_unit: 1_000_000, decimals: 3 }
}

fn party(name: &str, code: &str) -> ExtractedParty {
    ExtractedParty { name: name.to_owned(), code: code.to_owned() }
}

fn search(encumbrances: Vec<Encumbrance>) -> Extract {
    Extract {
        number: "EX-2022-000001".to_owned(),
        journal: Uuid::from_u128(10),
        issued_on: "2022-12-01".to_owned(),
        as_of: 1_669_856_400_000_000,
        registry: "咸宁市生态环境局".to_owned(),
        applicant: "通城县惠发村镇银行".to_owned(),
        content: ExtractContent::Search(Box::new(ExtractedStock {
            site: Uuid::from_u128(11),
            site_number: "SITE-12".to_owned(),
            site_name: "通城厂区".to_owned(),
            area: "421222".to_owned(),
            holder: party("临江纸业", "91421222MA0000012X"),
            right_class: "COD-MULTI-PAID-LUSHUI-20210101-20251231".to_owned(),
            measure: measure(),
            grams: CertifiedGrams { available: 70_000_000, committed: 10_000_000, pledged: 40_000_000, frozen: 0 },
            encumbrances,
        })),
    }
}

fn encumbered() -> Extract {
    let encumbrance = |kind, since, grams, number: &str, party: &str| Encumbrance {
        kind,
        since,
        grams,
        number: number.to_owned(),
        party: party.to_owned(),
    };
    search(vec![
        encumbrance(EncumbranceKind::Pledge, 1_669_852_800_000_000, 40_000_000, "PL-2022-000001", "通城县惠发村镇银行"),
        encumbrance(
            EncumbranceKind::WaitingFreeze,
            1_669_856_000_000_000,
            5_000_000,
            "(2022)鄂12执123号",
            "咸宁市中级人民法院",
        ),
    ])
}

fn pledge() -> Extract {
    Extract {
        content: ExtractContent::Pledge(Box::new(ExtractedPledge {
            pledge: "PL-2022-000001".to_owned(),
            state: "registered".to_owned(),
            registered_at: 1_669_852_800_000_000,
            pledgor: party("临江纸业", "91421222MA0000012X"),
            pledgee: party("通城县惠发村镇银行", "91421222MA00000203"),
            further_pledgors: vec![party("江南纸业", "91421222MA0000013X")],
            further_pledgees: vec![party("咸宁农商行", "91421200MA00000301"), party("湖北银行", "91420000MA00000401")],
            loan_contract: "借2022-0331".to_owned(),
            pledge_contract: "质2022-0331".to_owned(),
            principal: 100_000_000,
            secured: 23_000_000,
            scope: vec!["interest".to_owned(), "penalty".to_owned()],
            maximum: Some(("2022-12-01".to_owned(), "2023-06-30".to_owned())),
            restricts_transfer: true,
            debt: ("2022-12-01".to_owned(), "2023-11-30".to_owned()),
            external: Some("16830024002150738291".to_owned()),
            things: vec![ExtractedThing {
                site: Uuid::from_u128(11),
                site_number: "SITE-12".to_owned(),
                site_name: "通城厂区".to_owned(),
                right_class: "COD-MULTI-PAID-LUSHUI-20210101-20251231".to_owned(),
                measure: measure(),
                grams: 40_000_000,
                waiting: 5_000_000,
                rank: 2,
                secured: Some(23_000_000),
                value: None,
            }],
            history: vec![ExtractedEvent {
                kind: "pledge_registered".to_owned(),
                effective_on: "2022-12-01".to_owned(),
                leaf_hash: "8".repeat(64),
            }],
        })),
        ..search(Vec::new())
    }
}

/// Of one pledgor and one pledgee, with nothing told beside the loan.
fn plain() -> Extract {
    let mut extract = pledge();
    if let ExtractContent::Pledge(pledge) = &mut extract.content {
        (pledge.further_pledgors, pledge.further_pledgees, pledge.scope) = (Vec::new(), Vec::new(), Vec::new());
        (pledge.maximum, pledge.external, pledge.restricts_transfer) = (None, None, false);
    }
    extract
}

fn journal(extract: &Extract) -> LeafJournal {
    LeafJournal {
        book: 1,
        id: extract.journal,
        kind: "extract_issued".to_owned(),
        subject_kind: "extract".to_owned(),
        subject: Uuid::from_u128(12),
        subject_version: 1,
        effective_on: "2022-12-01".to_owned(),
        recorded_at: 1_669_856_400_000_000,
        actor: Uuid::from_u128(13),
        reason: None,
        document_hash: Some(extract.hash()),
        reverses: None,
        entries: Vec::new(),
    }
}

/// A log of two leaves with this journal first: its checkpoint, the proof, and the key.
fn logged(journal: &LeafJournal) -> (String, Vec<[u8; 32]>, String) {
    let other = leaf_hash(b"other");
    let mut edge = Edge::default();
    edge.append(journal.hash());
    edge.append(other);
    let (secret, public) = note_key("ganhe/test", &[7; 32]);
    let head = TreeHead { origin: "ganhe/test".to_owned(), size: 2, root: edge.root(), extensions: Vec::new() };
    (head.sign(&[&secret]).unwrap(), vec![other], public)
}

#[test]
fn the_test_vector_of_the_documentation_holds() {
    let document = include_str!("../../../docs/EXTRACT-FORMAT.md");
    let extract = encumbered();
    assert!(document.contains(&format!("```text\n{}```", extract.canonical())), "{}", extract.canonical());
    assert!(document.contains(&extract.hash()), "{}", extract.hash());
}

#[test]
fn an_extract_is_read_back_and_nothing_else_is_one() {
    for extract in [pledge(), plain(), encumbered(), search(Vec::new())] {
        assert_eq!(Extract::parse(&extract.canonical()), Some(extract));
    }
    let text = encumbered().canonical();
    let others = [
        text.replacen("ganhe-extract/1", "ganhe-extract/2", 1),
        text.replacen("kind search", "kind pledge", 1),
        text.replacen("available 70000000", "available 070000000", 1),
        text.replacen("encumbrances 2", "encumbrances 1", 1),
        text.replacen("encumbrance pledge", "encumbrance lease", 1),
        format!("{text}\n"),
        text.trim_end().to_owned(),
        String::new(),
    ];
    for other in others {
        assert_eq!(Extract::parse(&other), None, "{other}");
    }
}

#[test]
fn it_verifies_offline_and_whatever_differs_does_not() {
    for extract in [pledge(), encumbered()] {
        let (text, journal) = (extract.canonical(), journal(&extract));
        let (checkpoint, inclusion, key) = logged(&journal);
        let canonical = journal.canonical();
        let proof =
            CertificateProof { journal: &canonical, position: 0, inclusion: &inclusion, checkpoint: &checkpoint };
        assert_eq!(verify(&text, proof, &[&key]).unwrap().0, extract);
        let later = Extract { as_of: extract.as_of + 1, ..extract.clone() };
        assert_eq!(verify(&later.canonical(), proof, &[&key]), Err(CertificateFault::OtherText));
        assert_eq!(verify("x", proof, &[&key]), Err(CertificateFault::NotACertificate));
        let of_rights = LeafJournal { kind: "certificate_issued".to_owned(), ..journal.clone() }.canonical();
        let of_rights = CertificateProof { journal: &of_rights, ..proof };
        assert_eq!(verify(&text, of_rights, &[&key]), Err(CertificateFault::NotItsJournal));
        let elsewhere = CertificateProof { position: 1, ..proof };
        assert!(matches!(verify(&text, elsewhere, &[&key]), Err(CertificateFault::Inclusion(_))));
        let (_, other) = note_key("ganhe/test", &[8; 32]);
        assert!(matches!(verify(&text, proof, &[&other]), Err(CertificateFault::Checkpoint(NoteFault::Unsigned))));
    }
}

proptest! {
    #[test]
    fn no_name_passes_for_another_line(party in "\\PC{0,40}", number in "[a-z\n ]{0,40}", grams in 0_i64..1_000_000) {
        let encumbrance = Encumbrance { kind: EncumbranceKind::Freeze, since: 1, grams, number, party };
        let extract = search(vec![encumbrance]);
        prop_assert_eq!(Extract::parse(&extract.canonical()), Some(extract));
    }
}
