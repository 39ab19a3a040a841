//! What the contract says that an operation may answer; every answer of every story is held against it.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// The media types of each status.
type Answers = BTreeMap<u16, BTreeSet<String>>;

/// The operations: method, words of the path, answers.
fn operations() -> &'static [(Method, Vec<String>, Answers)] {
    static OPERATIONS: OnceLock<Vec<(Method, Vec<String>, Answers)>> = OnceLock::new();
    OPERATIONS.get_or_init(|| {
        let contract = ganhe::app::openapi().unwrap();
        let mut all = Vec::new();
        for (path, item) in contract["paths"].as_object().unwrap() {
            let words: Vec<String> = path.split('/').map(str::to_owned).collect();
            for (method, spec) in item.as_object().unwrap() {
                all.push((method.to_uppercase().parse().unwrap(), words.clone(), answers(&spec["responses"])));
            }
        }
        // A path with a word of its own stands before one with a place for any.
        all.sort_by_key(|(_, words, _)| words.iter().filter(|word| word.starts_with('{')).count());
        all
    })
}

fn answers(responses: &Value) -> Answers {
    let media =
        |answer: &Value| answer["content"].as_object().into_iter().flat_map(|kinds| kinds.keys().cloned()).collect();
    responses.as_object().unwrap().iter().map(|(status, answer)| (status.parse().unwrap(), media(answer))).collect()
}

/// Whether the words of a path are those of an operation; the last place of one that tells of tiles takes several.
fn fits(words: &[String], path: &[&str]) -> bool {
    let is_open = words.last().is_some_and(|word| word == "{path}");
    let is_long_enough = if is_open { path.len() >= words.len() } else { path.len() == words.len() };
    is_long_enough && words.iter().zip(path).all(|(word, given)| word.starts_with('{') || word == given)
}

/// Panics where an operation of the contract answers with a status, or in a form, that the contract does not tell of.
#[track_caller]
pub fn foresees(method: &Method, path: &str, status: StatusCode, headers: &HeaderMap) {
    let words: Vec<&str> = path.split('/').collect();
    let Some((_, _, answers)) = operations().iter().find(|(by, form, _)| by == method && fits(form, &words)) else {
        return;
    };
    let known: Vec<&u16> = answers.keys().collect();
    let Some(media) = answers.get(&status.as_u16()) else {
        panic!("{method} {path} answers {status}, and the contract tells of {known:?}");
    };
    let given = headers.get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default();
    assert!(media.is_empty() || media.contains(kind), "{method} {path} answers {status} as {given}, not as {media:?}");
}
