//! The totals of a day: what each code of a message says was discharged.

use super::factors::Factor;
use super::frame::{Fault, Message, day_of};
use jiff::civil::Date;

/// The totals that a message of the command 2031 carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// Of which day: that of its `DataTime`.
    pub day: Date,
    /// What it says of each pollutant that its outlet measures.
    pub values: Vec<Value>,
}

/// What is said of a pollutant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Code of the pollutant in the register.
    pub pollutant: String,
    /// As it was sent.
    pub text: String,
    /// What it means.
    pub reading: Reading,
}

/// What a total means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// So many grams, rounded half up once.
    Grams(i64),
    /// Less than nothing.
    Negative,
    /// More than the books can count.
    OutOfRange,
    /// No number, or the instrument says that it has not measured: the day has no value.
    Unusable,
}

/// Marks of a total that stands (数据标记): normal, out of operation, entered by hand. The others of the standard say that the instrument
/// was maintained, calibrated, out of order, not reached or over its range.
const GOOD_MARKS: [&str; 3] = ["N", "F", "S"];

impl Daily {
    /// The totals in a message.
    ///
    /// # Errors
    /// [`Fault::Field`] without a day, or when a total stands there twice.
    pub fn of(message: &Message, factors: &[Factor]) -> Result<Self, Fault> {
        let missing = |name: &str| Fault::Field { name: name.to_owned() };
        let time = message.value("DataTime").filter(|time| time.len() == 14).and_then(day_of);
        let day = time.ok_or_else(|| missing("DataTime"))?;
        let mut values: Vec<Value> = Vec::new();
        for factor in factors {
            let name = format!("{}-Cou", factor.code);
            let mut told = message.groups.iter().flatten().filter(|(known, _)| *known == name);
            let Some((_, text)) = told.next() else { continue };
            if told.next().is_some() || values.iter().any(|value| value.pollutant == factor.pollutant) {
                return Err(missing(&name));
            }
            let mark = message.value(&format!("{}-Flag", factor.code));
            let is_good = mark.is_none_or(|mark| GOOD_MARKS.contains(&mark));
            let reading = if is_good { mass(text, factor.grams_per_unit) } else { Reading::Unusable };
            let (pollutant, text) = (factor.pollutant.clone(), text.chars().take(40).collect());
            values.push(Value { pollutant, text, reading });
        }
        Ok(Self { day, values })
    }
}

/// Parts of a unit that a total is read in: a millionth of a gram of a tonne. What lies beyond them decides nothing.
const PARTS: i128 = 1_000_000_000_000;
const DECIMALS: usize = 12;

/// Reads a decimal number of a unit into grams, rounding half up.
fn mass(text: &str, grams_per_unit: i64) -> Reading {
    let (is_signed, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return Reading::Unusable;
    }
    if is_signed && digits.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        return Reading::Negative;
    }
    let padded = format!("{fraction:0<DECIMALS$}");
    let part = padded.get(..DECIMALS).and_then(|part| part.parse::<i128>().ok());
    let grams = whole.parse::<i128>().ok().zip(part).and_then(|(whole, part)| {
        let parts = whole.checked_mul(PARTS)?.checked_add(part)?;
        let scaled = parts.checked_mul(grams_per_unit.into())?.checked_add(PARTS / 2)?;
        i64::try_from(scaled / PARTS).ok()
    });
    grams.map_or(Reading::OutOfRange, Reading::Grams)
}
