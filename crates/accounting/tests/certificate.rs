//! The text of a certificate: the vector of docs/CERTIFICATE-FORMAT.md, that everything in it counts, and that it verifies offline.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use accounting::certificate::{
    Certificate, CertificateFault, CertificateProof, CertifiedGrams, CertifiedMeasure, CertifiedOrigin,
    CertifiedPermit, verify,
};
use accounting::leaf::LeafJournal;
use accounting::note::{NoteFault, TreeHead, note_key};
use accounting::tree::{Edge, Proof, Span, TreeFault, leaf_hash};
use proptest::prelude::*;
use std::collections::BTreeMap;
use uuid::Uuid;

fn certificate() -> Certificate {
    Certificate {
        number: "CE-2022-000001".to_owned(),
        journal: Uuid::from_u128(10),
        issued_on: "2022-12-01".to_owned(),
        registry: "咸宁市生态环境局".to_owned(),
        site: Uuid::from_u128(11),
        site_number: "SITE-12".to_owned(),
        site_name: "通城厂区".to_owned(),
        area: "421222".to_owned(),
        holder: "临江纸业".to_owned(),
        holder_code: "91421222MA0000012X".to_owned(),
        permit: Some(CertifiedPermit {
            number: "PERMIT-12".to_owned(),
            valid_from: "2021-01-01".to_owned(),
            valid_to: "2025-12-31".to_owned(),
        }),
        right_class: "COD-MULTI-PAID-LUSHUI-20210101-20251231".to_owned(),
        measure: CertifiedMeasure { unit: "t".to_owned(), grams_per_unit: 1_000_000, decimals: 3 },
        grams: CertifiedGrams { available: 70_000_000, committed: 10_000_000, pledged: 40_000_000, frozen: 0 },
        origins: vec![CertifiedOrigin {
            kind: "allocation_confirmed".to_owned(),
            effective_on: "2022-12-01".to_owned(),
            grams: 120_000_000,
            leaf_hash: "8".repeat(64),
        }],
    }
}

fn journal(certificate: &Certificate) -> LeafJournal {
    LeafJournal {
        book: 1,
        id: certificate.journal,
        kind: "certificate_issued".to_owned(),
        subject_kind: "certificate".to_owned(),
        subject: Uuid::from_u128(12),
        subject_version: 1,
        effective_on: "2022-12-01".to_owned(),
        recorded_at: 1_669_856_400_000_000,
        actor: Uuid::from_u128(13),
        reason: None,
        document_hash: Some(certificate.hash()),
        reverses: None,
        entries: Vec::new(),
    }
}

/// A log of a few leaves with this journal at position 2: its checkpoint, the proof, and the key.
fn logged(journal: &LeafJournal) -> (String, Vec<[u8; 32]>, String) {
    let leaves: Vec<[u8; 32]> = [b"a", b"b", b"c", b"d", b"e"].map(|text| leaf_hash(text)).to_vec();
    let leaves: Vec<[u8; 32]> =
        leaves.into_iter().enumerate().map(|(at, leaf)| if at == 2 { journal.hash() } else { leaf }).collect();
    let mut edge = Edge::default();
    for leaf in &leaves {
        edge.append(*leaf);
    }
    let proof = Proof::Inclusion { size: 5, position: 2 };
    let part = |span: &Span| leaves[usize::try_from(span.from).unwrap()..usize::try_from(span.to).unwrap()].to_vec();
    let spans: BTreeMap<Span, Vec<[u8; 32]>> = proof.spans().unwrap().iter().map(|span| (*span, part(span))).collect();
    let (secret, public) = note_key("ganhe/test", &[7; 32]);
    let head = TreeHead { origin: "ganhe/test".to_owned(), size: 5, root: edge.root(), extensions: Vec::new() };
    (head.sign(&[&secret]).unwrap(), proof.prove(&spans).unwrap(), public)
}

#[test]
fn the_test_vector_of_the_documentation_holds() {
    let document = include_str!("../../../docs/CERTIFICATE-FORMAT.md");
    let certificate = certificate();
    assert!(document.contains(&format!("```text\n{}```", certificate.canonical())), "{}", certificate.canonical());
    assert!(document.contains(&certificate.hash()), "{}", certificate.hash());
}

#[test]
fn a_certificate_is_read_back_and_nothing_else_is_one() {
    let certificate = certificate();
    assert_eq!(Certificate::parse(&certificate.canonical()), Some(certificate.clone()));
    let bare = Certificate { permit: None, origins: Vec::new(), ..certificate.clone() };
    assert_eq!(Certificate::parse(&bare.canonical()), Some(bare));
    let text = certificate.canonical();
    let others = [
        text.replacen("ganhe-certificate/1", "ganhe-certificate/2", 1),
        text.replacen("available 70000000", "available 070000000", 1),
        text.replacen("permit 9 PERMIT-12", "permit -", 1),
        text.replacen("origins 1", "origins 2", 1),
        format!("{text}\n"),
        text.trim_end().to_owned(),
        String::new(),
    ];
    for other in others {
        assert_eq!(Certificate::parse(&other), None, "{other}");
    }
}

#[test]
fn it_verifies_offline_and_whatever_differs_does_not() {
    let certificate = certificate();
    let (text, journal) = (certificate.canonical(), journal(&certificate));
    let (checkpoint, inclusion, key) = logged(&journal);
    let canonical = journal.canonical();
    let proof = CertificateProof { journal: &canonical, position: 2, inclusion: &inclusion, checkpoint: &checkpoint };
    let (read, _, head) = verify(&text, proof, &[&key]).unwrap();
    assert_eq!((read, head.size), (certificate.clone(), 5));
    let more = Certificate { grams: CertifiedGrams { pledged: 0, ..certificate.grams }, ..certificate.clone() };
    assert_eq!(verify(&more.canonical(), proof, &[&key]), Err(CertificateFault::OtherText));
    assert_eq!(verify("x", proof, &[&key]), Err(CertificateFault::NotACertificate));
    let of_another = LeafJournal { id: Uuid::from_u128(99), ..journal.clone() }.canonical();
    let of_a_trade = LeafJournal { kind: "trade_settled".to_owned(), ..journal.clone() }.canonical();
    for journal in ["x", &of_another, &of_a_trade] {
        let proof = CertificateProof { journal, ..proof };
        assert_eq!(verify(&text, proof, &[&key]), Err(CertificateFault::NotItsJournal));
    }
    let elsewhere = CertificateProof { position: 3, ..proof };
    assert_eq!(verify(&text, elsewhere, &[&key]), Err(CertificateFault::Inclusion(TreeFault::Wrong)));
    let later = LeafJournal { recorded_at: 1, ..journal }.canonical();
    let later = CertificateProof { journal: &later, ..proof };
    assert_eq!(verify(&text, later, &[&key]), Err(CertificateFault::Inclusion(TreeFault::Wrong)));
    let (_, other) = note_key("ganhe/test", &[8; 32]);
    assert!(matches!(verify(&text, proof, &[&other]), Err(CertificateFault::Checkpoint(NoteFault::Unsigned))));
}

proptest! {
    #[test]
    fn no_name_passes_for_another_line(name in "\\PC{0,40}", holder in "[a-z\n ]{0,40}", grams in 0_i64..1_000_000) {
        let first = certificate();
        let grams = CertifiedGrams { available: grams, ..first.grams };
        let other = Certificate { site_name: name, holder, grams, ..first };
        prop_assert_eq!(Certificate::parse(&other.canonical()), Some(other));
    }
}
