//! Checkpoints and their keys, against the examples of C2SP and against forgers.

use accounting::note::{
    NoteFault, TreeHead, WitnessKey, cosign, is_signed_by_exactly, name_and_id, name_on, note_key, open, public_of,
    witness_key,
};
use ed25519_dalek::SigningKey;

const ORIGIN: &str = "log.example/420000";

fn head(size: u64) -> TreeHead {
    TreeHead { origin: ORIGIN.to_owned(), size, root: [7; 32], extensions: Vec::new() }
}

#[test]
fn a_checkpoint_is_the_text_of_the_format() {
    let text = head(42).text().unwrap();
    assert_eq!(text, format!("{ORIGIN}\n42\nBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=\n"));
    let (secret, public) = note_key(ORIGIN, &[1; 32]);
    let note = head(42).sign(&[&secret]).unwrap();
    assert!(note.starts_with(&format!("{text}\n— {ORIGIN} ")), "{note}");
    let opened = open(&note, &[&public]).unwrap();
    assert_eq!(opened.head, head(42));
    assert_eq!(public_of(&secret).unwrap(), public);
    assert_eq!(public_of(&public), Err(NoteFault::BadKey));
    let more = TreeHead { extensions: vec!["stable 5".to_owned(), "more".to_owned()], ..head(42) };
    assert_eq!(open(&more.sign(&[&secret]).unwrap(), &[&public]).unwrap().head, more);
    assert_eq!(TreeHead { extensions: vec![String::new()], ..head(42) }.text(), Err(NoteFault::Malformed));
    assert_eq!(opened.signed_by, [name_and_id(&public)]);
}

#[test]
fn a_key_that_the_world_knows_is_written_as_the_world_writes_it() {
    // The example key of the signed-note specification's reference implementation.
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    assert!(public[24..].contains('+') || secret[34..].contains('+'), "the key's own base64 holds a plus");
    let seed =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &secret[secret.len() - 44..]).unwrap();
    assert_eq!(note_key("PeterNeumann", seed[1..].try_into().unwrap()), (secret.to_owned(), public.to_owned()));
}

#[test]
fn the_name_and_id_of_a_key_end_before_the_key() {
    assert_eq!(
        name_and_id("PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"),
        "PeterNeumann+c74f20a3"
    );
}

#[test]
fn a_note_by_another_key_or_with_another_text_is_refused() {
    let (secret, public) = note_key(ORIGIN, &[1; 32]);
    let (other_secret, other) = note_key(ORIGIN, &[2; 32]);
    let note = head(42).sign(&[&secret]).unwrap();
    assert_eq!(open(&note, &[&other]), Err(NoteFault::Unsigned));
    assert_eq!(open(&note, &[]), Err(NoteFault::Unsigned));
    assert_eq!(open(&note.replace("\n42\n", "\n43\n"), &[&public]), Err(NoteFault::WrongSignature));
    assert_eq!(open(&note.replace("\n\n", "\n"), &[&public]), Err(NoteFault::Malformed));
    assert_eq!(open("", &[&public]), Err(NoteFault::Malformed));
    assert_eq!(open(&note, &["no key"]), Err(NoteFault::BadKey));
    assert_eq!(head(1).sign(&["PRIVATE+KEY+x"]), Err(NoteFault::BadKey));
    let both = head(42).sign(&[&secret, &other_secret]).unwrap();
    assert_eq!(open(&both, &[&public, &other]).unwrap().signed_by.len(), 2);
    assert!(is_signed_by_exactly(&both, &[&other, &public]));
    assert!(is_signed_by_exactly(&note, &[&public]));
    for (note, keys) in [(&both, vec![&public]), (&note, vec![&public, &other]), (&note, vec![&other])] {
        let keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
        assert!(!is_signed_by_exactly(note, &keys), "{note} {keys:?}");
    }
}

#[test]
fn a_witness_signs_one_checkpoint_at_one_second() {
    let secret = SigningKey::from_bytes(&[9; 32]);
    let vkey = witness_key("bank.example/witness", &secret.verifying_key());
    let witness = WitnessKey::parse(&vkey).unwrap();
    assert_eq!(witness.name(), "bank.example/witness");
    let line = cosign(&head(42), witness.name(), &secret, 1_669_856_400).unwrap();
    assert_eq!(witness.check(&head(42), &line), Ok(1_669_856_400));
    assert_eq!(witness.check(&head(42), line.trim_end()), Ok(1_669_856_400));
    assert_eq!(name_on(&line).unwrap(), "bank.example/witness");
    assert_eq!(witness.check(&head(43), &line), Err(NoteFault::WrongSignature));
    let stranger = SigningKey::from_bytes(&[8; 32]);
    let forged = cosign(&head(42), witness.name(), &stranger, 1_669_856_400).unwrap();
    assert_eq!(witness.check(&head(42), &forged), Err(NoteFault::Unsigned), "the id is of another key");
    for broken in ["", "— x", "— bank.example/witness AAAA", "bank.example/witness AAAAAAAAAAA="] {
        assert_eq!(witness.check(&head(42), broken), Err(NoteFault::Malformed), "{broken}");
    }
}

#[test]
fn a_key_of_notes_is_no_key_of_a_witness() {
    let (_, public) = note_key(ORIGIN, &[1; 32]);
    let witness = witness_key("w", &SigningKey::from_bytes(&[9; 32]).verifying_key());
    let public_key = SigningKey::from_bytes(&[9; 32]).verifying_key();
    let (loud, long) = (witness_key("w\u{1}", &public_key), witness_key(&"w".repeat(254), &public_key));
    let renamed = witness.replacen('w', "v", 1);
    let upper = witness.replacen('+', "+X", 1);
    for vkey in
        [public.as_str(), "", "w", "w+00000000", "w+00000000+AAAA", &renamed, &upper, &loud, &long, &witness[..30]]
    {
        assert_eq!(WitnessKey::parse(vkey), Err(NoteFault::BadKey), "{vkey}");
    }
    let (_, mistaken) = note_key("w", &[1; 32]);
    let note = TreeHead { origin: "w".to_owned(), ..head(1) }.sign(&[&note_key("w", &[1; 32]).0]).unwrap();
    assert_eq!(open(&note, &[&witness]), Err(NoteFault::BadKey));
    assert!(open(&note, &[&mistaken]).is_ok());
}
