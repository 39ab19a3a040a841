//! Three months of a small market, and what the two programs say of them; and of the demonstration year.

use super::programs::{READERS, Reader, exported, ganhe, hledger, scratch};
use super::rows::trial_balance;
use crate::support::World;
use crate::support::app::TestApp;
use crate::support::demo::Demo;
use accounting::{Journal, JournalKind, OwnerId, Posting, Purpose, Subject, SubjectKind};
use ganhe::access::Action;
use ganhe::kernel::ids;
use ganhe::ledger::{self, CNY, book_side, money_of};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A reason that tries to be something else in each of the formats.
pub const REASON: &str = "=1+1, date: 2022-01-01 [2021-13-45] \"x\\\n2022-12-01 * forged\n    a  1 \"CNY\"";
/// A name that does the same.
pub const NAME: &str = "=甲  ;乙:(丙)\"丁";

/// Lets days of business time pass.
fn days_pass(world: &World, days: i64) {
    let clock = &world.app.clock;
    let offset = clock.business_now().micros() - clock.wall_now().micros();
    clock.set_offset(offset + days * 86_400_000_000);
}

/// Money that came in on an earlier day than the book learnt it.
async fn back_dated(world: &World, owner: Uuid) {
    let purse = money_of(OwnerId(owner));
    let outside = book_side(CNY).account(Purpose::Outside);
    let subject = Subject { kind: SubjectKind::MoneyMovement, id: ids::fresh(), version: 1 };
    let postings = vec![Posting::transfer(outside, purse.available(), 12_345).unwrap()];
    let day = "2022-12-05".parse().unwrap();
    let journal = Journal::new(ids::fresh_journal(), JournalKind::MoneyDeposited, subject, day, postings);
    let journal = journal.because(Some(REASON.to_owned()));
    let journals = [journal];
    let permit = world.app.operator.may(Action::RegisterReference).unwrap();
    let post = world.app.shared.db.run(&permit, &journals, |work, journals| {
        Box::pin(async move { ledger::post(work, journals).await.map(|_| ()) })
    });
    post.await.unwrap();
}

/// Allocations, a trade, a pledge that lasts over two ends of months, its release, and a late entry.
pub async fn quarter() -> World {
    let world = World::new().await;
    let mill = world.seller("临江纸业", "120.000 t COD").await;
    world.allocate(&mill, "60.000 t SO2").await;
    let glass = world.buyer(NAME, "1000000.00").await;
    let namesake = world.buyer("临江纸业", "77.77").await;
    days_pass(&world, 14);
    let trade = world.approved_trade(&mill, &glass, "10.125 t COD", "1000.01").await;
    glass.pays(trade).await.granted();
    mill.consents(&world.bank, &["SO2"]).await;
    let pledge = world.bank.agreed_pledge(&world, &mill, "20.000 t SO2").await;
    world.bank.registers(pledge).await.granted();
    days_pass(&world, 27);
    world.deposits(&namesake, "0.01").await;
    days_pass(&world, 25);
    world.bank.releases(pledge).await.granted();
    back_dated(&world, glass.id).await;
    world
}

/// The sums that hledger itself makes, by asset and purpose.
async fn summed_by_hledger(text: &str) -> BTreeMap<(String, String), rust_decimal::Decimal> {
    let file = scratch("journal");
    std::fs::write(&file, text).unwrap();
    let output = hledger(&file, &["balance", "--flat", "--no-total", "--empty", "--output-format", "csv"]).await;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::fs::remove_file(&file).unwrap();
    let mut sums = BTreeMap::new();
    for row in csv::Reader::from_reader(output.stdout.as_slice()).records() {
        let row = row.unwrap();
        let parts: Vec<&str> = row[0].split(':').collect();
        let units = row[1].split(' ').next().unwrap();
        *sums.entry((parts[3].to_owned(), parts[4].to_owned())).or_default() +=
            units.parse::<rust_decimal::Decimal>().unwrap();
    }
    sums
}

#[tokio::test]
async fn both_programs_find_the_book_right() {
    let world = quarter().await;
    for reader in READERS {
        let text = exported(&world.app.url, reader.format()).await;
        reader.passes(&text).await;
        assert_eq!(text, exported(&world.app.url, reader.format()).await, "twice the same book is twice the same text");
        assert!(!text.contains("\n2022-12-01 * forged"), "a reason is no transaction");
        for day in ["2022-12-31", "2023-01-31", "2023-02-05"] {
            let next = if reader == Reader::Hledger { day.to_owned() } else { next_day(day) };
            let line = if reader == Reader::Hledger { "* balance" } else { "balance " };
            assert!(text.contains(&format!("\n{next} {line}")), "{reader:?} has no balance at the end of {day}");
        }
    }
    let text = exported(&world.app.url, "hledger").await;
    assert_eq!(summed_by_hledger(&text).await, trial_balance(&world).await);
    let moved_nothing = text.lines().filter(|line| line.starts_with("; 20")).count();
    assert!(moved_nothing > 4, "journals without postings stand as comments: {moved_nothing}");
    assert!(text.contains("account money:organisation:临江纸业:CNY:available"));
    assert!(text.contains("account money:organisation:临江纸业 0"), "a namesake carries its id");
}

fn next_day(day: &str) -> String {
    day.parse::<jiff::civil::Date>().unwrap().tomorrow().unwrap().to_string()
}

#[tokio::test]
async fn a_file_is_there_when_it_is_complete() {
    let app = TestApp::start().await;
    for (format, last) in [("hledger", "; The end: "), ("beancount", "; The end: "), ("csv", "journal,kind,")] {
        let file = scratch(format);
        let path = file.to_str().unwrap();
        let output = ganhe(&app.url, &["export", "--format", format, "--output", path]).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("0 journals and 0 entries"));
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.lines().last().unwrap().starts_with(last), "{text}");
        assert!(!std::fs::exists(format!("{path}.partial")).unwrap());
        if let Some(reader) = READERS.into_iter().find(|reader| reader.format() == format) {
            reader.passes(&text).await;
        }
        std::fs::remove_file(&file).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_programs_find_the_demonstration_year_right() {
    let demo = Demo::start().await;
    for reader in READERS {
        reader.passes(&exported(&demo.url, reader.format()).await).await;
    }
    assert!(exported(&demo.url, "csv").await.lines().count() > 3_000);
}
