//! What a posting writes: a batch is its sequence, in a constant number of statements, at instants that only go forward.

use super::desk::{Desk, Stamp, journal, moved, outside, paid_in};
use super::statements::counted;
use crate::support::app::START;
use accounting::{AccountKey, Holding, Journal, Posting, Purpose};
use ganhe::kernel::{Kind, Moment, ids};
use jiff::SignedDuration;

#[tokio::test]
async fn a_thousand_journals_cost_as_many_statements_as_one_and_so_do_ten_thousand() {
    const THOUSAND: usize = 1_000;
    const LARGEST: usize = 10_000;
    let desk = Desk::open().await;
    let purses = desk.purses(1 + THOUSAND + LARGEST).await;
    let (first, others) = purses.split_first().unwrap();
    let (thousand, largest) = others.split_at(THOUSAND);
    let paid = |purses: &[Holding], fen| -> Vec<Journal> { purses.iter().map(|purse| paid_in(*purse, fen)).collect() };
    let (posted, one) = counted(desk.post(&[paid_in(*first, 5)])).await;
    assert_eq!(posted.unwrap().len(), 1);
    // Two accounts were new, so two of the statements made them; now one of each pair is known.
    for purses in [thousand, largest] {
        let (posted, many) = counted(desk.post(&paid(purses, 5))).await;
        assert_eq!(posted.unwrap().len(), purses.len());
        assert_eq!(one, many, "new accounts of {} journals", purses.len());
    }
    let (_, one) = counted(desk.post(&[paid_in(*first, 7)])).await;
    for purses in [thousand, largest] {
        let (_, many) = counted(desk.post(&paid(purses, 7))).await;
        assert_eq!(one, many, "known accounts of {} journals", purses.len());
    }
    assert!((4..=8).contains(&one), "claim and keep a key, lock, three writes: {one}");
    assert_eq!(desk.count("SELECT COUNT(*) FROM entries").await, 4 * count(purses.len()));
    desk.is_right().await;
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap()
}

/// A row of the entries with its account in words that two runs share.
type Row = (usize, i64, usize, i32, i64, i64, i64);

/// The rows of some journals, with owners and journals by their place.
async fn rows_of(desk: &Desk, purses: &[Holding], journals: &[Journal]) -> Vec<Row> {
    let sql = "SELECT a.owner_id, e.version, e.journal_id, e.line, e.amount, e.balance_after, e.recorded_at \
               FROM entries e JOIN accounts a ON a.book_id = e.book_id AND a.id = e.account_id";
    let mut rows: Vec<Row> = Vec::new();
    for row in desk.rows(sql).await {
        let owner: uuid::Uuid = row.try_get_by_index(0).unwrap();
        let of: uuid::Uuid = row.try_get_by_index(2).unwrap();
        let owner = purses.iter().position(|purse| purse.owner.0 == owner);
        let of = journals.iter().position(|journal| journal.id.0 == of);
        if let Some((owner, of)) = owner.zip(of) {
            let number = |at: usize| row.try_get_by_index::<i64>(at).unwrap();
            rows.push((owner, number(1), of, row.try_get_by_index(3).unwrap(), number(4), number(5), number(6)));
        }
    }
    rows.sort_unstable();
    rows
}

fn story(purses: &[Holding]) -> Vec<Journal> {
    let funds = purses.iter().map(|purse| paid_in(*purse, 10_000));
    let moves = (0..40_usize).map(|at| {
        let (from, to) = (purses[at % purses.len()], purses[(at * 3 + 1) % purses.len()]);
        if from == to { paid_in(to, 1) } else { moved(from, to, i64::try_from(at).unwrap() + 1) }
    });
    let hold = Posting::transfer(
        purses[0].available(),
        purses[0].held(Purpose::Frozen, accounting::SubjectId(ids::fresh())),
        9,
    )
    .unwrap();
    funds.chain(moves).chain([journal(Vec::new()), journal(vec![hold, hold.reversed(), hold])]).collect()
}

#[tokio::test]
async fn a_batch_is_its_sequence_row_for_row() {
    let desk = Desk::open().await;
    let (together, apart) = (desk.purses(7).await, desk.purses(7).await);
    let (batch, single) = (story(&together), story(&apart));
    let batched = desk.post(&batch).await.unwrap();
    desk.app.clock.set(Moment::parse(START).unwrap());
    let mut sequence: Vec<Stamp> = Vec::new();
    for journal in &single {
        sequence.extend(desk.post(std::slice::from_ref(journal)).await.unwrap());
    }
    let of_purses = |stamps: &[Stamp]| -> Vec<Vec<(i32, i64)>> {
        stamps
            .iter()
            .map(|(_, entries)| entries.iter().map(|(line, amount, _, _)| (*line, *amount)).collect())
            .collect()
    };
    assert_eq!(of_purses(&batched), of_purses(&sequence));
    let without_instant =
        |rows: Vec<Row>| -> Vec<_> { rows.into_iter().map(|row| (row.0, row.1, row.2, row.3, row.4, row.5)).collect() };
    let (in_batch, in_sequence) = (rows_of(&desk, &together, &batch).await, rows_of(&desk, &apart, &single).await);
    assert!(in_batch.len() > 80);
    assert_eq!(without_instant(in_batch), without_instant(in_sequence));
    desk.is_right().await;
}

#[tokio::test]
async fn an_instant_is_later_than_all_before_it_even_when_the_clock_stands_or_goes_back() {
    let desk = Desk::open().await;
    let purses = desk.purses(3).await;
    let start = Moment::parse(START).unwrap();
    desk.post(&[paid_in(purses[0], 100), paid_in(purses[1], 100)]).await.unwrap();
    for back in [0, 0, 60, 24 * 60] {
        desk.app.clock.set(start.plus_minutes(-back));
        let batch = [moved(purses[0], purses[1], 1), moved(purses[1], purses[2], 1), moved(purses[2], purses[0], 1)];
        desk.post(&batch).await.unwrap();
    }
    desk.app.clock.set(start);
    desk.app.clock.advance(SignedDuration::from_hours(1));
    let stamps = desk.post(&[moved(purses[0], purses[1], 1)]).await.unwrap();
    assert_eq!(stamps[0].0, start.plus_minutes(60).micros(), "the clock is believed as soon as it is ahead again");
    let sql = "SELECT account_id, recorded_at FROM entries ORDER BY account_id, version";
    let mut last: Option<(uuid::Uuid, i64)> = None;
    for row in desk.rows(sql).await {
        let now: (uuid::Uuid, i64) = (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap());
        if let Some(before) = last.filter(|before| before.0 == now.0) {
            assert!(now.1 > before.1, "{before:?} then {now:?}");
        }
        last = Some(now);
    }
    desk.is_right().await;
}

async fn balances(desk: &Desk, keys: &[AccountKey]) -> Vec<i64> {
    desk.db()
        .run(desk.permit(), keys, |work, keys| {
            Box::pin(async move {
                let books = ganhe::ledger::balances_under_lock(work, keys).await?;
                Ok(keys.iter().map(|key| books.balance(key)).collect())
            })
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn a_reversal_restores_every_balance_and_happens_once() {
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    desk.post(&[paid_in(purses[0], 500)]).await.unwrap();
    let held = purses[1].held(Purpose::Frozen, accounting::SubjectId(ids::fresh()));
    let steps = [(purses[0].available(), purses[1].available(), 300), (purses[1].available(), held, 200)];
    let postings = steps.map(|(from, to, fen)| Posting::transfer(from, to, fen).unwrap()).to_vec();
    let keys = [purses[0].available(), purses[1].available(), held, outside()];
    let before = balances(&desk, &keys).await;
    let mistake = journal(postings.clone());
    desk.post(std::slice::from_ref(&mistake)).await.unwrap();
    assert_eq!(balances(&desk, &keys).await, [200, 100, 200, -500]);
    let counter = mistake.reversal(ids::fresh_journal(), mistake.effective_on);
    desk.post(&[counter]).await.unwrap();
    assert_eq!(balances(&desk, &keys).await, before);
    let sizes = desk.sizes().await;
    desk.post(&[journal(postings)]).await.unwrap();
    let second = mistake.reversal(ids::fresh_journal(), mistake.effective_on);
    // One that names another subject has nothing but the reversal itself against it.
    let mut about_another = mistake.reversal(ids::fresh_journal(), mistake.effective_on);
    about_another.subject.id = ids::fresh();
    for second in [second, about_another] {
        let refusal = desk.post(&[second]).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.violations[0].code.as_ref()), (Kind::Conflict, "LED_ALREADY_REVERSED"));
    }
    assert_eq!(desk.count("SELECT COUNT(*) FROM journals WHERE reverses_id IS NOT NULL").await, 1);
    assert_eq!(desk.sizes().await[1], sizes[1] + 1);
    desk.is_right().await;
}

#[tokio::test]
async fn nothing_is_counted_beyond_sixty_four_bits() {
    let desk = Desk::open().await;
    let purses = desk.purses(2).await;
    desk.post(&[paid_in(purses[0], i64::MAX)]).await.unwrap();
    let sizes = desk.sizes().await;
    let too_much =
        journal(vec![Posting::transfer(purses[1].account(Purpose::Outside), purses[0].available(), 1).unwrap()]);
    let refusal = desk.post(&[too_much]).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.violations[0].code.as_ref()), (Kind::Refused, "LED_OVERFLOW"));
    let too_low = journal(vec![Posting::transfer(outside(), purses[1].available(), 2).unwrap()]);
    let refusal = desk.post(&[too_low]).await.unwrap_err();
    assert_eq!(refusal.violations[0].code, "LED_OVERFLOW", "the contra side has an end too");
    let after = desk.sizes().await;
    assert_eq!(
        (after[0], after[1], after[2], after[4]),
        (sizes[0], sizes[1], sizes[2], sizes[4] + 2),
        "two refusals, nothing else"
    );
    desk.is_right().await;
}
