//! Registers that write the first or the last day of the calendar where they have no date.

use super::files::{import, right_book, small};
use crate::exports::programs::{READERS, Reader, exported};
use crate::support::demo::unloaded_database;

#[tokio::test]
async fn a_book_with_the_first_and_the_last_day_of_the_calendar_is_exported() {
    let mut files = small();
    files.transactions("8,T5,0001-01-01,issue,,mill,unit,2").transactions("9,T6,9999-12-31,move,mill,glass,unit,4");
    files.transactions("10,T7,9999-12-31,move,glass,idle,unit,1").transactions("11,T8,2018-01-02,issue,,fund,SO2,7");
    let url = unloaded_database().await;
    import(&url, &files.write(), &[]).await.granted();
    right_book(&url).await;
    for reader in READERS {
        let text = exported(&url, reader.format()).await;
        reader.passes(&text).await;
        assert!(text.lines().count() < 1_000, "{reader:?}: months without a journal are not asserted");
        // The units that mill holds at the end: of five, four went on the last day.
        let (there, instead) = match reader {
            Reader::Hledger => ("= 1 \"unit\"", "= 2 \"unit\""),
            Reader::Beancount => ("  5 ~ 0 X.", "  6 ~ 0 X."),
        };
        let at = text.rfind(there).unwrap_or_else(|| panic!("{text}"));
        reader.complains(&format!("{}{instead}{}", &text[..at], &text[at + there.len()..]), "balance").await;
    }
}

#[tokio::test]
async fn a_year_that_no_calendar_has_is_refused() {
    let mut files = small();
    files.transactions("8,T5,0000-01-01,issue,,mill,unit,2");
    let said = import(&unloaded_database().await, &files.write(), &[]).await;
    assert_eq!(said.codes(), ["transactions.csv:8: IMP_BAD_TIMESTAMP timestamp"]);
}
