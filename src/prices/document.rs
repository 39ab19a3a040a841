//! Statistics as comma-separated values. Numbers are texts to the last digit.

use crate::kernel::Failure;
use crate::ledger::document::guarded;

/// Tells spreadsheets that the text is UTF-8.
const MARK: &[u8] = "\u{feff}".as_bytes();

/// A table with the names of its columns in the first line.
///
/// # Errors
/// A fault of ours: a row of another length.
pub fn as_csv<const N: usize>(
    columns: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, Failure> {
    let mut bytes = MARK.to_vec();
    let mut writer = csv::Writer::from_writer(&mut bytes);
    writer.write_record(columns).map_err(Failure::bug)?;
    for row in rows {
        // A number may be negative; everything else that begins like a formula is guarded.
        let cell = |cell: &String| if is_number(cell) { cell.clone() } else { guarded(cell).into_owned() };
        writer.write_record(row.each_ref().map(cell)).map_err(Failure::bug)?;
    }
    writer.flush().map_err(Failure::bug)?;
    drop(writer);
    Ok(bytes)
}

fn is_number(cell: &str) -> bool {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_numbers_and_formulas_become_texts() {
        let row = ["-0.01", "=1+1", "通城县"].map(str::to_owned);
        let text = String::from_utf8(as_csv(["a", "b", "c"], [row]).unwrap()).unwrap();
        assert_eq!(text, "\u{feff}a,b,c\n-0.01,'=1+1,通城县\n");
    }
}
