//! Decimal strings at the edge: read strictly into integer smallest units, printed back without loss.

use thiserror::Error;

/// Why a decimal string cannot be a quantity or an amount of money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecimalFault {
    /// Not plain digits with at most one point: a sign, an exponent, a blank, a separator, another script's digits.
    #[error("is not a plain decimal number such as \"12.500\"")]
    NotDecimal,
    /// More decimals than the unit has.
    #[error("has more than {max} decimals")]
    TooPrecise {
        /// The decimals the unit allows.
        max: u32,
    },
    /// Zero where something must move.
    #[error("must be greater than zero")]
    Zero,
    /// Beyond what the books can count in 64 bits.
    #[error("is larger than the books can count")]
    OutOfRange,
}

/// Reads `text` as a number of smallest units, where one display unit is `units_per_whole` of them and at most
/// `decimals` decimals may be written, and never more than make up one smallest unit. Zero is allowed here; the callers
/// that need more than zero refuse it.
///
/// # Errors
/// [`DecimalFault::NotDecimal`], [`DecimalFault::TooPrecise`], [`DecimalFault::OutOfRange`].
pub fn parse(text: &str, units_per_whole: i64, decimals: u32) -> Result<i64, DecimalFault> {
    let decimals = decimals.min(units_per_whole.checked_ilog10().unwrap_or(0));
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return Err(DecimalFault::NotDecimal),
        Some(parts) => parts,
        None => (text, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return Err(DecimalFault::NotDecimal);
    }
    if fraction.len() > decimals as usize {
        return Err(DecimalFault::TooPrecise { max: decimals });
    }
    let significant = whole.trim_start_matches('0');
    if significant.len() > 19 {
        return Err(DecimalFault::OutOfRange);
    }
    let whole: i128 =
        if significant.is_empty() { 0 } else { significant.parse().map_err(|_| DecimalFault::OutOfRange)? };
    let step = i128::from(units_per_whole) / 10_i128.pow(decimals);
    let padded = format!("{fraction:0<width$}", width = decimals as usize);
    let part: i128 = if padded.is_empty() { 0 } else { padded.parse().map_err(|_| DecimalFault::OutOfRange)? };
    let units = whole
        .checked_mul(i128::from(units_per_whole))
        .and_then(|units| units.checked_add(part * step))
        .ok_or(DecimalFault::OutOfRange)?;
    i64::try_from(units).map_err(|_| DecimalFault::OutOfRange)
}

/// Prints smallest units as a decimal string with `decimals` places, or with as many more as it takes to lose nothing.
pub fn print(units: i64, units_per_whole: i64, decimals: u32) -> String {
    let sign = if units < 0 { "-" } else { "" };
    let magnitude = units.unsigned_abs();
    let per_whole = units_per_whole.unsigned_abs();
    let whole = magnitude / per_whole;
    let rest = magnitude % per_whole;
    let full_places = per_whole.ilog10() as usize;
    let mut fraction = if full_places == 0 { String::new() } else { format!("{rest:0full_places$}") };
    while fraction.len() > decimals as usize && fraction.ends_with('0') {
        fraction.pop();
    }
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}
