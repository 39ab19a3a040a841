//! Reading the fields of a body into types that cannot be wrong, telling every fault at once.

use crate::http::extract::RequestRefusal;
use crate::http::shape::{has_no_width, is_visible};
use crate::kernel::{Failure, Kind, Moment, Refusal, Violation};
use crate::refusals;
use accounting::decimal::DecimalFault;
use accounting::{Measure, Money, Price, Quantity};
use jiff::civil::Date;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer};
use std::str::FromStr;

/// Longest text of a name or a number of a document, in characters.
const LONGEST_TEXT: usize = 200;
/// Longest reason of a decision, in characters.
const LONGEST_REASON: usize = 500;

/// Reads a whole number as JSON Schema means it: `1310.0` is one, too.
///
/// # Errors
/// Of the deserializer, when it is none, or out of the range of the type.
pub fn whole<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D) -> Result<T, D::Error> {
    let text = serde_json::Number::deserialize(deserializer)?.to_string();
    let wrong = || D::Error::invalid_value(Unexpected::Other(&text), &"a whole number within its range");
    text.strip_suffix(".0").unwrap_or(&text).parse().map_err(|_| wrong())
}

/// The same of a number that may be left out.
///
/// # Errors
/// As [`whole`].
pub fn maybe_whole<'de, D: Deserializer<'de>, T: FromStr>(deserializer: D) -> Result<Option<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent, bound = "T: FromStr")]
    struct Whole<T>(#[serde(deserialize_with = "whole")] T);
    Ok(Option::<Whole<T>>::deserialize(deserializer)?.map(|Whole(number)| number))
}

refusals! {
    /// What a field refuses.
    FieldRefusal {
        /// Not a plain decimal string.
        NotDecimal {} => Refused "API_NOT_DECIMAL" at "": "须为十进制数字符串，例如 \"12.500\"", "must be a plain decimal string such as \"12.500\"";
        /// More decimals than the unit has.
        TooPrecise { max } => Refused "API_TOO_PRECISE" at "": "小数位数不得超过 {max} 位", "has more than {max} decimals";
        /// Zero where something must move.
        Zero {} => Refused "API_ZERO" at "": "必须大于零", "must be greater than zero";
        /// More than the books can count.
        OutOfRange {} => Refused "API_OUT_OF_RANGE" at "": "数值超出可记账范围", "is larger than the books can count";
        /// Not a day of the calendar.
        NotDate {} => Refused "API_NOT_DATE" at "": "须为日期，例如 2022-12-01", "must be a date such as 2022-12-01";
        /// Not an instant.
        NotInstant {} => Refused "API_NOT_INSTANT" at "": "须为 RFC 3339 时间，例如 2022-12-01T09:00:00+08:00（查询参数中的 + 写作 %2B）", "must be an RFC 3339 instant such as 2022-12-01T09:00:00+08:00 (in a query write + as %2B)";
        /// Nothing, or too much of it.
        BadText { max } => Refused "API_BAD_TEXT" at "": "须为 1 至 {max} 个字符", "must be 1 to {max} characters";
        /// Characters without width in a name.
        Invisible {} => Refused "API_INVISIBLE_CHARACTER" at "": "含有不可见字符", "contains a character that nobody sees";
        /// A word that the contract does not list.
        UnknownWord { known } => Refused "API_UNKNOWN_WORD" at "": "须为以下之一：{known}", "must be one of: {known}";
        /// A list that is empty or too long.
        BadCount { max } => Refused "API_BAD_COUNT" at "": "须为 1 至 {max} 项", "must have 1 to {max} items";
        /// Not the SHA-256 of a document.
        NotHash {} => Refused "API_NOT_HASH" at "": "须为 64 位小写十六进制 SHA-256", "must be a SHA-256 in 64 lower-case hexadecimal digits";
    }
}

impl From<DecimalFault> for FieldRefusal {
    fn from(fault: DecimalFault) -> Self {
        match fault {
            DecimalFault::NotDecimal => Self::NotDecimal {},
            DecimalFault::TooPrecise { max } => Self::TooPrecise { max: max.to_string() },
            DecimalFault::Zero => Self::Zero {},
            DecimalFault::OutOfRange => Self::OutOfRange {},
        }
    }
}

/// Collects the faults of a body.
#[derive(Debug, Default)]
pub struct Fields {
    violations: Vec<Violation>,
}

impl Fields {
    /// Takes a parsed value or notes the fault under the field's name.
    pub fn take<T, R: Refusal>(&mut self, field: &str, parsed: Result<T, R>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(refusal) => {
                self.violations.push(refusal.violation().within(field));
                None
            }
        }
    }

    /// The same, where the refusal itself knows the field by another name.
    pub fn take_as<T, R: Refusal>(&mut self, field: &str, parsed: Result<T, R>) -> Option<T> {
        parsed.map_err(|refusal| self.violations.push(refusal.violation().about(field))).ok()
    }

    fn decimal<T>(&mut self, field: &str, parsed: Result<T, DecimalFault>) -> Option<T> {
        self.take(field, parsed.map_err(FieldRefusal::from))
    }

    /// Notes a fault that was found elsewhere.
    pub fn note(&mut self, violation: Violation) {
        self.violations.push(violation);
    }

    /// More than zero, in the measure's display unit.
    pub fn quantity(&mut self, field: &str, text: &str, measure: &Measure) -> Option<Quantity> {
        self.decimal(field, Quantity::parse(text, measure))
    }

    /// Yuan, more than zero.
    pub fn money(&mut self, field: &str, text: &str) -> Option<Money> {
        let parsed =
            Money::parse(text).and_then(|money| if money.is_zero() { Err(DecimalFault::Zero) } else { Ok(money) });
        self.decimal(field, parsed)
    }

    /// An amount in CNY that may be nothing.
    pub fn money_or_nothing(&mut self, field: &str, text: &str) -> Option<Money> {
        self.decimal(field, Money::parse(text))
    }

    /// Yuan per display unit, more than zero.
    pub fn price(&mut self, field: &str, text: &str) -> Option<Price> {
        self.decimal(field, Price::parse(text))
    }

    /// A day, `YYYY-MM-DD` and nothing else.
    pub fn date(&mut self, field: &str, text: &str) -> Option<Date> {
        let plain = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let parsed = if plain { text.parse().ok() } else { None };
        self.take(field, parsed.ok_or(FieldRefusal::NotDate {}))
    }

    /// An instant.
    pub fn instant(&mut self, field: &str, text: &str) -> Option<Moment> {
        self.take(field, Moment::parse(text).ok_or(FieldRefusal::NotInstant {}))
    }

    /// A name, a number of a document: trimmed, not empty, not endless, on one line, and nothing in it that nobody sees: two names that
    /// look alike are one.
    pub fn text(&mut self, field: &str, text: &str) -> Option<String> {
        let text = self.bounded(field, text, 1, LONGEST_TEXT)?;
        if text.chars().any(char::is_control) {
            return self.take_as(field, Err(RequestRefusal::ControlCharacter { field: field.to_owned() }));
        }
        self.take(field, if text.chars().any(has_no_width) { Err(FieldRefusal::Invisible {}) } else { Ok(text) })
    }

    /// Some sentences, which may go over several lines: trimmed, not empty, no longer than a name.
    pub fn passage(&mut self, field: &str, text: &str) -> Option<String> {
        self.bounded(field, text, 1, LONGEST_TEXT)
    }

    /// Some sentences of at most `max` characters.
    pub fn long_passage(&mut self, field: &str, text: &str, max: usize) -> Option<String> {
        self.bounded(field, text, 1, max)
    }

    /// Some sentences that may be left out.
    pub fn optional_passage(&mut self, field: &str, text: Option<&str>) -> Option<String> {
        text.and_then(|text| self.passage(field, text))
    }

    /// The reason of an act, in words: trimmed, not empty, not endless.
    pub fn reason(&mut self, field: &str, text: &str) -> Option<String> {
        self.bounded(field, text, 1, LONGEST_REASON)
    }

    /// A reason that may be left out, but not be empty.
    pub fn optional_reason(&mut self, field: &str, text: Option<&str>) -> Option<String> {
        text.and_then(|text| self.reason(field, text))
    }

    fn bounded(&mut self, field: &str, text: &str, least: usize, most: usize) -> Option<String> {
        let text = text.trim();
        // What shows nothing says nothing, whatever it is made of.
        let is_seen = least == 0 || text.chars().any(is_visible);
        let fits = is_seen && (least..=most).contains(&text.chars().count());
        self.take(field, if fits { Ok(text.to_owned()) } else { Err(FieldRefusal::BadText { max: most.to_string() }) })
    }

    /// A text that may be left out.
    pub fn optional_text(&mut self, field: &str, text: Option<&str>) -> Option<String> {
        text.and_then(|text| self.text(field, text))
    }

    /// A text of free form that may be empty, of at most `max` characters.
    pub fn long_text(&mut self, field: &str, text: &str, max: usize) -> Option<String> {
        self.bounded(field, text, 0, max)
    }

    /// The SHA-256 of a document that may be left out.
    pub fn optional_hash(&mut self, field: &str, text: Option<&str>) -> Option<String> {
        let text = text?;
        let plain = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        self.take(field, if plain { Ok(text.to_owned()) } else { Err(FieldRefusal::NotHash {}) })
    }

    /// One of the words that `parse` knows.
    pub fn word<T>(&mut self, field: &str, text: &str, parse: impl Fn(&str) -> Option<T>, known: &[&str]) -> Option<T> {
        self.take(field, parse(text).ok_or_else(|| FieldRefusal::UnknownWord { known: known.join(", ") }))
    }

    /// Words of a list, each named by its place when it is not known.
    pub fn words<T>(
        &mut self,
        field: &str,
        texts: &[String],
        parse: impl Fn(&str) -> Option<T>,
        known: &[&str],
    ) -> Vec<T> {
        let word = |(at, text): (usize, &String)| self.word(&format!("{field}[{at}]"), text, &parse, known);
        texts.iter().enumerate().filter_map(word).collect()
    }

    /// A list of at least one item and at most `max`.
    pub fn count<'a, T>(&mut self, field: &str, items: &'a [T], max: usize) -> &'a [T] {
        if items.is_empty() || items.len() > max {
            self.take::<(), _>(field, Err(FieldRefusal::BadCount { max: max.to_string() }));
        }
        items
    }

    /// Takes what was judged elsewhere, or notes the rules that it breaks; what nobody can mend in the body ends the reading.
    ///
    /// # Errors
    /// A failure that is no broken rule.
    pub fn join<T>(&mut self, judged: Result<T, Failure>) -> Result<Option<T>, Failure> {
        match judged {
            Ok(value) => Ok(Some(value)),
            Err(failure) if failure.kind == Kind::Refused => {
                self.violations.extend(failure.violations);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    /// Notes broken rules that were judged elsewhere.
    pub fn extend(&mut self, broken: impl IntoIterator<Item = Violation>) {
        self.violations.extend(broken);
    }

    /// Whether nothing was noted.
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty()
    }

    /// What was noted.
    pub fn into_faults(self) -> Vec<Violation> {
        self.violations
    }

    /// The parsed body, or every fault at once.
    ///
    /// # Errors
    /// Every noted fault.
    pub fn finish<T>(self, parsed: Option<T>) -> Result<T, Failure> {
        match parsed {
            Some(body) if self.violations.is_empty() => Ok(body),
            _ => Err(Failure { kind: Kind::Refused, violations: self.violations, source: None }),
        }
    }
}

/// Refuses a filter that names none of the known words; an unknown one would silently find nothing.
///
/// # Errors
/// [`FieldRefusal::UnknownWord`] under the field's name.
pub fn one_of(field: &str, text: Option<&str>, known: &[&str]) -> Result<(), Failure> {
    let mut fields = Fields::default();
    if let Some(text) = text {
        fields.word(field, text, |text| known.contains(&text).then_some(()), known);
    }
    fields.finish(Some(()))
}
