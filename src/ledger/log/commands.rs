//! What changes the log besides the sequencer: its opening, another key, witnesses and their signatures.

use super::store::{self, SigningKey};
use super::{Checkpoint, LogRefusal, keeper, queries, sequencer};
use crate::access::caller::Permit;
use crate::db::{CommandKey, Db, Work, lease};
use crate::kernel::{Failure, Kind, Moment, ids};
use accounting::note::{self, NoteFault, WitnessKey};
use accounting::tree::empty_root;

/// Opens the log of a book: its first key, and a checkpoint of the empty tree. The origin, which is also the name of the keys,
/// ends in random digits, so that two books of one province never sign under one name.
///
/// # Errors
/// A fault of the database.
pub async fn open(work: &Work, book_code: &str) -> Result<(), Failure> {
    let random = u32::from_be_bytes(rand::random());
    let origin = format!("ganhe/{book_code}/{random:08x}");
    let (signing_key, vkey) = note::note_key(&origin, &rand::random());
    let key = SigningKey { number: 1, signing_key };
    store::replace_key(work, &key, &vkey).await?;
    let empty = Checkpoint {
        number: 1,
        size: 0,
        root: empty_root(),
        note: String::new(),
        key_number: 1,
        stable_before: Moment::from_micros(0),
        recorded_at: work.now(),
    };
    sign(work, empty, &origin, &[&key.signing_key]).await.map(|_| ())
}

/// Signs a checkpoint and writes it.
pub(super) async fn sign(
    work: &Work,
    checkpoint: Checkpoint,
    origin: &str,
    signing_keys: &[&str],
) -> Result<Checkpoint, Failure> {
    let note = checkpoint.head(origin).sign(signing_keys).map_err(Failure::bug)?;
    let checkpoint = Checkpoint { note, ..checkpoint };
    store::insert_checkpoint(work, &checkpoint).await?;
    Ok(checkpoint)
}

/// Takes a new key. The checkpoint that says so is signed by the old key and by the new one; then the old private key is gone
/// for good. Tells the new public key.
///
/// # Errors
/// [`Kind::Busy`] when a sequencer holds the log for longer than a lease.
pub async fn rotate_key(db: &Db) -> Result<String, Failure> {
    let permit = keeper()?;
    let holder = ids::fresh();
    db.run(&permit, &holder, |work, holder| {
        Box::pin(async move {
            // Whoever sequences at this moment commits first or waits: taking the lease writes its row.
            lease::seize(work, sequencer::LEASE, *holder).await?;
            let newest = queries::newest_checkpoint(work.connection()).await?;
            let keys = queries::list_keys(work.connection()).await?;
            let old = store::signing_key(work).await?;
            let origin = queries::origin_of(&keys);
            let (signing_key, vkey) = note::note_key(origin, &rand::random());
            let new = SigningKey { number: old.number + 1, signing_key };
            store::replace_key(work, &new, &vkey).await?;
            let next =
                Checkpoint { number: newest.number + 1, key_number: new.number, recorded_at: work.now(), ..newest };
            sign(work, next, origin, &[&old.signing_key, &new.signing_key]).await?;
            Ok(vkey)
        })
    })
    .await
}

/// Makes a witness known, so that its cosignatures are accepted. Tells its name.
///
/// # Errors
/// [`LogRefusal::BadKey`], [`LogRefusal::KnownWitness`].
pub async fn register_witness(db: &Db, permit: &Permit, key: &CommandKey, vkey: &str) -> Result<String, Failure> {
    let witness = WitnessKey::parse(vkey).map_err(|_| LogRefusal::BadKey {})?;
    let input = (witness.name().to_owned(), vkey.to_owned());
    db.run_once(permit, key, &input, |work, (name, vkey)| {
        Box::pin(async move {
            if store::insert_witness(work, name, vkey).await? {
                Ok(name.clone())
            } else {
                Err(LogRefusal::KnownWitness { name: name.clone() }.into())
            }
        })
    })
    .await
}

/// Takes the signature line of a registered witness over a checkpoint of a size. The same line again changes nothing. Tells
/// the witness and the number of its line. What is wrong is found before anything is written: anybody may send a line.
///
/// # Errors
/// [`LogRefusal::UnknownWitness`], [`LogRefusal::WrongCosignature`].
pub async fn cosign(db: &Db, size: u64, line: &str) -> Result<(String, i64), Failure> {
    let line = format!("{}\n", line.trim_end_matches('\n'));
    let name = note::name_on(&line).map_err(|_| LogRefusal::WrongCosignature {})?;
    let witnesses = queries::list_witnesses(db.reader()).await?;
    let witness = witnesses.into_iter().find(|witness| witness.name == name).ok_or(LogRefusal::UnknownWitness {})?;
    let key = WitnessKey::parse(&witness.vkey).map_err(Failure::bug)?;
    let mut signed = None;
    for checkpoint in queries::checkpoints_of_size(db.reader(), size).await? {
        let head = note::read(&checkpoint.note).map_err(Failure::bug)?;
        match key.check(&head, &line) {
            Ok(_) => signed = Some(checkpoint.number),
            Err(NoteFault::WrongSignature) => {}
            Err(_) => return Err(LogRefusal::WrongCosignature {}.into()),
        }
    }
    let input = (name, signed.ok_or(LogRefusal::WrongCosignature {})?, line);
    let number = db
        .run(&keeper()?, &input, |work, (witness, checkpoint, line)| {
            Box::pin(store::insert_cosignature(work, witness, *checkpoint, line))
        })
        .await?;
    Ok((input.0, number))
}

/// Whether a failure only says that somebody else was at it.
pub(super) fn is_passing(failure: &Failure) -> bool {
    failure.kind == Kind::Busy
}
