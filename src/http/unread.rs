//! What the reading of a request stopped at, as a field and as words in both languages: `serde` knows it only as an English
//! sentence.

use crate::http::extract::RequestRefusal;
use crate::kernel::Failure;
use axum::extract::rejection::QueryRejection;
use std::error::Error;

/// Why a body or a query could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Unread {
    /// The path of the field, where there is one.
    field: Option<String>,
    zh: String,
    en: String,
}

impl Unread {
    /// Of what `serde` says, and of the path at which it said it; `.` is the whole.
    fn of(path: &str, said: &str) -> Self {
        let whole = path.is_empty() || path == "." || path.starts_with('[');
        let words = said.split_once(" at line ").map_or(said, |(words, _)| words);
        let beneath = |name: &str| if whole { name.to_owned() } else { format!("{path}.{name}") };
        if let Some(name) = quoted_after(words, "missing field ") {
            return Self { field: Some(beneath(name)), zh: "缺少此项".to_owned(), en: "is missing".to_owned() };
        }
        if let Some(name) = quoted_after(words, "unknown field ") {
            // The path of a field that is not known ends with its name already, where the format can tell.
            let field = if whole { name.to_owned() } else { path.to_owned() };
            let known: Vec<&str> = words.split('`').skip(3).step_by(2).collect();
            let (zh, en) = if known.is_empty() {
                ("此处不接受任何项".to_owned(), "nothing can be stated here".to_owned())
            } else {
                (format!("已知项：{}", known.join("、")), format!("known are {}", known.join(", ")))
            };
            return Self {
                field: Some(field), zh: format!("不是已知项，{zh}"), en: format!("is not known: {en}")
            };
        }
        if let Some(name) = quoted_after(words, "duplicate field ") {
            return Self {
                field: Some(beneath(name)), zh: "重复出现".to_owned(), en: "stands there twice".to_owned()
            };
        }
        let field = (!whole).then(|| path.to_owned());
        if let Some((wanted, found)) = mistaken(words) {
            let zh = format!("须为{}，而非{}", wanted.0, found.0);
            return Self { field, zh, en: format!("must be {}, not {}", wanted.1, found.1) };
        }
        Self { field, zh: format!("无法读取（{words}）"), en: format!("cannot be read: {words}") }
    }
}

/// A kind of JSON in both languages.
type Named = (String, String);

/// What was wanted and what was found instead: `serde` tells it in the words of the program, and names its types.
fn mistaken(words: &str) -> Option<(Named, Named)> {
    let named = |zh: &str, en: &str| (zh.to_owned(), en.to_owned());
    let as_it_is = |text: &str| named(&format!(" {text} "), text);
    let (found, wanted) = words.strip_prefix("invalid ")?.split_once(", expected ")?;
    let found = match found.strip_prefix("type: ") {
        Some("null") => named(" null", "null"),
        Some("sequence") => named("列表", "a list"),
        Some("map") => named("对象", "an object"),
        Some(number) if number.starts_with("integer") || number.starts_with("floating") => named("数字", "a number"),
        Some(text) if text.starts_with("string") => named("文本", "a text"),
        Some(truth) if truth.starts_with("boolean") => named(" true 或 false", "true or false"),
        // A list in place of an object, with more or fewer items than that has fields.
        None if found.starts_with("length") => named("列表", "a list"),
        Some(_) | None => return None,
    };
    let is_integer = |word: &str| word.len() > 1 && word.starts_with(['u', 'i']) && word[1..].parse::<u8>().is_ok();
    let wanted = match wanted {
        "a string" | "string" | "a borrowed string" => named("文本", "a text"),
        "a boolean" => named(" true 或 false", "true or false"),
        "a sequence" => named("列表", "a list"),
        "a map" => named("对象", "an object"),
        "a number" | "a JSON number" | "f64" => named("数字", "a number"),
        word if is_integer(word) || word == "usize" => named("整数", "a whole number"),
        word if word.starts_with("struct ") => named("对象", "an object"),
        word if word.contains("enum ") || word.contains("variant") => named("已知词之一", "one of the known words"),
        word => as_it_is(word),
    };
    Some((wanted, found))
}

/// Whether a body was refused for a list where there must be none.
pub fn is_of_list(error: &serde_path_to_error::Error<serde_json::Error>) -> bool {
    error.inner().to_string().starts_with("invalid type: sequence")
}

/// The word in backticks after a beginning.
fn quoted_after<'a>(said: &'a str, beginning: &str) -> Option<&'a str> {
    said.strip_prefix(beginning)?.strip_prefix('`')?.split('`').next()
}

/// The refusal of a JSON body, at the path of the field where it has one.
pub fn malformed(error: &serde_path_to_error::Error<serde_json::Error>) -> Failure {
    let (path, said) = (error.path().to_string(), error.inner().to_string());
    // Text that is no JSON has no fields, only a place where reading stopped.
    if !error.inner().is_data() {
        return not_json(error.inner());
    }
    let Unread { field, zh, en } = Unread::of(&path, &said);
    let field = field.unwrap_or_else(|| "body".to_owned());
    Failure::from(RequestRefusal::Malformed { field: field.clone(), zh, en }).at(&field)
}

/// The refusal of a body that is no JSON, or goes on after its end.
pub fn not_json(error: &serde_json::Error) -> Failure {
    let (zh, en) = (format!("不是 JSON（{error}）"), format!("is no JSON: {error}"));
    RequestRefusal::Malformed { field: "body".to_owned(), zh, en }.into()
}

/// The refusal of a query, at its parameter where it is one.
pub fn bad_query(rejection: &QueryRejection) -> Failure {
    let mut cause: Option<&(dyn Error + 'static)> = Some(rejection);
    while let Some(error) = cause {
        if let Some(told) = error.downcast_ref::<serde_path_to_error::Error<serde::de::value::Error>>() {
            return refused(Unread::of(&told.path().to_string(), &told.inner().to_string()));
        }
        cause = error.source();
    }
    refused(Unread::of("", &rejection.body_text()))
}

/// The refusal of a query, in the words that `serde` would have for it.
pub fn of_query(said: &str) -> Failure {
    refused(Unread::of("", said))
}

/// The refusal of a parameter that stands in a query twice: readers would differ about which one counts.
pub fn doubled(name: &str) -> Failure {
    refused(Unread::of("", &format!("duplicate field `{name}`")))
}

fn refused(unread: Unread) -> Failure {
    let Unread { field, zh, en } = unread;
    // A name is the caller's own text; what no parameter is called is not told as a field.
    let field =
        field.filter(|name| name.chars().all(|char| char.is_ascii_graphic())).unwrap_or_else(|| "query".to_owned());
    Failure::from(RequestRefusal::BadQuery { parameter: field.clone(), zh, en }).at(&field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::extract::Query;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Asked {
        day: String,
        limit: Option<u8>,
    }

    fn told(query: &str) -> (String, String) {
        let uri = format!("/?{query}").parse().unwrap();
        let failure = bad_query(&Query::<Asked>::try_from_uri(&uri).unwrap_err());
        (failure.violations[0].field.clone(), failure.violations[0].zh.clone())
    }

    #[test]
    fn a_parameter_is_told_by_its_name() {
        assert_eq!(told("").0, "day");
        assert!(told("").1.contains("缺少"));
        assert_eq!(told("day=1&surprise=2").0, "surprise");
        assert!(told("day=1&surprise=2").1.contains("day、limit"));
        assert_eq!(told("day=1&limit=many").0, "limit");
        assert_eq!(told("day=1&day=2").0, "day");
    }

    #[test]
    fn a_field_of_a_body_is_told_by_its_path() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only read")]
        struct Body {
            lines: Vec<Asked>,
        }
        let told = |text: &str| {
            let mut json = serde_json::Deserializer::from_str(text);
            let failure = malformed(&serde_path_to_error::deserialize::<_, Body>(&mut json).unwrap_err());
            failure.violations[0].field.clone()
        };
        assert_eq!(told("{}"), "lines");
        assert_eq!(told(r#"{"lines": [{}]}"#), "lines[0].day");
        assert_eq!(told(r#"{"lines": [{"day": 1}]}"#), "lines[0].day");
        assert_eq!(told(r#"{"lines": [{"day": "1", "surprise": 1}]}"#), "lines[0].surprise");
        let words = |text: &str| {
            let mut json = serde_json::Deserializer::from_str(text);
            let failure = malformed(&serde_path_to_error::deserialize::<_, Body>(&mut json).unwrap_err());
            failure.violations[0].en.clone()
        };
        let beginning = "the request does not fit the contract: ";
        for (text, said) in [
            ("null", "body must be an object, not null"),
            ("3", "body must be an object, not a number"),
            (r#"{"lines": {}}"#, "lines must be a list, not an object"),
            (r#"{"lines": [null]}"#, "lines[0] must be an object, not null"),
            (r#"{"lines": [{"day": [[1]]}]}"#, "lines[0].day must be a text, not a list"),
            (r#"{"lines": [{"day": "1", "limit": "2"}]}"#, "lines[0].limit must be a whole number, not a text"),
        ] {
            assert_eq!(words(text), format!("{beginning}{said}"));
        }
        assert_eq!(told("[1]"), "body");
        assert_eq!(told("hello"), "body");
    }
}
