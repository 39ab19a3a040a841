//! The shape of a body, looked at before it is read into a type: no key twice, not too deep, no characters in its texts that
//! make a document say something else than it shows.

use crate::http::extract::RequestRefusal;
use crate::kernel::{Failure, Refusal, Violation};
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::{self, Write};

/// Deepest nesting of a body: the deepest of the contract needs five levels.
const DEEPEST: usize = 32;

/// What the texts of a body must not carry.
fn fault_of(text: &str, field: &str) -> Option<RequestRefusal> {
    let field = || field.to_owned();
    // Most texts are looked at once, byte by byte: what is refused is a control character or begins with one of these bytes.
    if !text.bytes().any(|byte| byte < 0x20 || byte == 0x7f || matches!(byte, 0xc2 | 0xd8 | 0xe2)) {
        return None;
    }
    if text.chars().any(|char| char.is_control() && !['\n', '\r', '\t'].contains(&char)) {
        return Some(RequestRefusal::ControlCharacter { field: field() });
    }
    text.chars().any(turns_direction).then(|| RequestRefusal::DirectionCharacter { field: field() })
}

/// Characters that turn the direction of the text around them, so that a name is not read as it is stored (Unicode TR 36), and
/// the two separators that break a line without being control characters.
pub fn turns_direction(char: char) -> bool {
    matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that take no room and show nothing: joiners, fillers and marks that Unicode lets a reader pass over. A name that holds one
/// looks like another name.
pub fn has_no_width(char: char) -> bool {
    matches!(
        char,
        '\u{ad}'
            | '\u{34f}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}'
            | '\u{2060}'..='\u{2065}'
            | '\u{206a}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}'
            | '\u{e01f0}'..='\u{e0fff}'
    )
}

/// Characters that choose the form of the one before them: a Chinese name may need one, but none says anything alone.
fn chooses_a_form(char: char) -> bool {
    matches!(char, '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Whether a character shows something.
pub fn is_visible(char: char) -> bool {
    !char.is_whitespace()
        && !char.is_control()
        && !has_no_width(char)
        && !chooses_a_form(char)
        && !turns_direction(char)
}

/// Refuses a text that is no field of a body: a parameter of a query, a header.
///
/// # Errors
/// [`RequestRefusal::ControlCharacter`], [`RequestRefusal::DirectionCharacter`].
pub fn refuse_characters(text: &str, field: &str) -> Result<(), Failure> {
    fault_of(text, field).map_or(Ok(()), |fault| Err(Failure::from(fault).at(field)))
}

/// What was seen of a body.
#[derive(Debug, Default)]
pub struct Shape {
    path: String,
    depth: usize,
    texts: Vec<Violation>,
    /// Where the first list stands directly in another one.
    nested: Option<String>,
    broken: Option<Failure>,
}

impl Shape {
    /// Looks at a whole body. A body that is no JSON is looked at as far as it goes: whoever reads it says what is wrong.
    pub fn of(bytes: &[u8]) -> Self {
        let mut shape = Self::default();
        // What made it stop stands in the shape itself, or is told when the body is read.
        let _ = Level { shape: &mut shape }.deserialize(&mut serde_json::Deserializer::from_slice(bytes));
        shape
    }

    /// Refuses what cannot be read in one way only.
    ///
    /// # Errors
    /// [`RequestRefusal::DuplicateKey`], [`RequestRefusal::TooDeep`], [`RequestRefusal::Malformed`].
    pub fn refuse_broken(&mut self) -> Result<(), Failure> {
        self.broken.take().map_or(Ok(()), Err)
    }

    /// The refusal of a list that stands directly in another one: no body of the contract has one, and a reader would take it for an
    /// object, field by field in the order in which they happen to stand.
    pub fn nested_list(&self) -> Option<Failure> {
        let field = self.nested.clone()?;
        let (zh, en) = ("须为对象，而非列表".to_owned(), "must be an object, not a list".to_owned());
        Some(Failure::from(RequestRefusal::Malformed { field: field.clone(), zh, en }).at(&field))
    }

    /// Refuses all texts with bad characters at once.
    ///
    /// # Errors
    /// [`RequestRefusal::ControlCharacter`], [`RequestRefusal::DirectionCharacter`], at the path of each field.
    pub fn refuse_texts(self) -> Result<(), Failure> {
        if self.texts.is_empty() {
            return Ok(());
        }
        Err(Failure { kind: crate::kernel::Kind::Refused, violations: self.texts, source: None })
    }

    fn look_at(&mut self, text: &str) {
        if let Some(fault) = fault_of(text, &self.path) {
            self.texts.push(Violation { field: self.path.clone(), ..fault.violation() });
        }
    }

    fn stop<E: de::Error>(&mut self, refusal: RequestRefusal) -> E {
        self.broken = Some(Failure::from(refusal).at(if self.path.is_empty() { "body" } else { &self.path }));
        E::custom("the shape of the body is refused")
    }

    fn enter<E: de::Error>(&mut self) -> Result<(), E> {
        self.depth += 1;
        if self.depth > DEEPEST {
            // Not the whole path: it is as long as the nesting is deep.
            self.path.clear();
            return Err(self.stop(RequestRefusal::TooDeep { deepest: DEEPEST.to_string() }));
        }
        Ok(())
    }
}

/// One value somewhere in the body.
struct Level<'s> {
    shape: &'s mut Shape,
}

impl<'de> DeserializeSeed<'de> for Level<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level<'_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.shape.look_at(text);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        self.shape.enter()?;
        if self.shape.path.ends_with(']') && self.shape.nested.is_none() {
            self.shape.nested = Some(self.shape.path.clone());
        }
        if self.shape.path.is_empty() {
            let field = "body".to_owned();
            let (zh, en) = ("须为对象，而非列表".to_owned(), "must be an object, not a list".to_owned());
            return Err(self.shape.stop(RequestRefusal::Malformed { field, zh, en }));
        }
        let length = self.shape.path.len();
        for at in 0_u64.. {
            // Writing to a string cannot fail.
            let _ = write!(self.shape.path, "[{at}]");
            if items.next_element_seed(Level { shape: self.shape })?.is_none() {
                break;
            }
            self.shape.path.truncate(length);
        }
        self.shape.path.truncate(length);
        self.shape.depth -= 1;
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        self.shape.enter()?;
        let length = self.shape.path.len();
        let mut seen: HashSet<Cow<'de, str>> = HashSet::new();
        while let Some(Key(key)) = fields.next_key()? {
            if length > 0 {
                self.shape.path.push('.');
            }
            self.shape.path.push_str(&key);
            if !seen.insert(key.clone()) {
                return Err(self.shape.stop(RequestRefusal::DuplicateKey { key: key.into_owned() }));
            }
            fields.next_value_seed(Level { shape: self.shape })?;
            self.shape.path.truncate(length);
        }
        self.shape.depth -= 1;
        Ok(())
    }
}

/// The name of a field, without a copy where the body has it as it is.
struct Key<'de>(Cow<'de, str>);

impl<'de> de::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;

        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("the name of a field")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_str(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code and field of what is told of a body.
    fn told(body: &str) -> Vec<(String, String)> {
        let mut shape = Shape::of(body.as_bytes());
        let nested = shape.nested_list();
        let failure =
            shape.refuse_broken().and_then(|()| nested.map_or(Ok(()), Err)).and_then(|()| shape.refuse_texts()).err();
        let violations = failure.map(|failure| failure.violations).unwrap_or_default();
        violations.into_iter().map(|fault| (fault.code.into_owned(), fault.field)).collect()
    }

    fn pair(code: &str, field: &str) -> (String, String) {
        (code.to_owned(), field.to_owned())
    }

    #[test]
    fn a_key_that_stands_twice_is_named_wherever_it_stands() {
        assert_eq!(told(r#"{"a": 1, "a": 1}"#), [pair("API_DUPLICATE_KEY", "a")]);
        assert_eq!(
            told(r#"{"items": [{"b": 1}, {"c": {"d": 1, "\u0064": 2}}]}"#),
            [pair("API_DUPLICATE_KEY", "items[1].c.d")]
        );
        assert!(told(r#"{"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}"#).is_empty());
    }

    #[test]
    fn nesting_has_an_end() {
        let nested = |depth: usize| format!("{}0{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        assert!(told(&nested(DEEPEST)).is_empty());
        assert_eq!(told(&nested(DEEPEST + 1)), [pair("API_TOO_DEEP", "body")]);
        assert_eq!(told(&nested(100_000)), [pair("API_TOO_DEEP", "body")]);
    }

    #[test]
    fn a_list_is_no_object() {
        assert_eq!(told(r#"["site", "COD"]"#), [pair("API_MALFORMED", "body")]);
        assert_eq!(told("[]"), [pair("API_MALFORMED", "body")]);
        assert_eq!(told(r#"{"items": [{"a": 1}, ["site"]]}"#), [pair("API_MALFORMED", "items[1]")]);
        assert!(told(r#"{"items": [{"a": ["b"]}, 1]}"#).is_empty());
    }

    #[test]
    fn a_character_without_width_is_not_seen_and_chooses_no_form() {
        for hidden in
            ['\u{200b}', '\u{115f}', '\u{3164}', '\u{ffa0}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{2800}', '\u{e0041}']
        {
            assert!(has_no_width(hidden) && !is_visible(hidden), "{hidden:?}");
        }
        assert!(!has_no_width('\u{e0100}') && !is_visible('\u{e0100}'), "葛󠄀 is a name");
        for seen in ['江', 'a', '7', '·', '々', '𠮷'] {
            assert!(is_visible(seen) && !has_no_width(seen), "{seen:?}");
        }
    }

    #[test]
    fn every_text_with_bad_characters_is_named() {
        let body = r#"{"name": "临\u0000江", "items": ["好", "\u202egpj.exe"], "note": "two\nlines"}"#;
        assert_eq!(told(body), [pair("API_CONTROL_CHARACTER", "name"), pair("API_DIRECTION_CHARACTER", "items[1]")]);
        for plain in ["排污权", "5‰ – “quoted” …", "café", "a\tb\r\n"] {
            assert!(fault_of(plain, "text").is_none(), "{plain:?}");
        }
    }
}
