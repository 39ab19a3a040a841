//! Two contracts side by side, with the eyes of a client of the older one.

use serde_json::Value;
use std::collections::BTreeSet;

/// Something that a client of the older contract stumbles over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Break {
    /// Method and path.
    pub operation: String,
    /// Where: a parameter, a field of the request or of an answer, a status.
    pub what: String,
    /// What happened to it.
    pub fault: String,
}

/// Everything that breaks a client of the older contract.
pub fn breaks(old: &Value, new: &Value) -> Vec<Break> {
    let mut found = Vec::new();
    for (path, item) in old["paths"].as_object().unwrap() {
        for (method, was) in item.as_object().unwrap() {
            let operation = format!("{} {path}", method.to_uppercase());
            let mut side = Side { old, new, operation, found: &mut found, seen: BTreeSet::new() };
            match new["paths"].get(path).and_then(|item| item.get(method)) {
                Some(is) => side.compare(was, is),
                None => side.note("operation", "the operation is gone"),
            }
        }
    }
    found
}

/// Which way the data goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    /// The client sends it: what it sends must still be taken.
    In,
    /// The client reads it: what it reads must still be there, and nothing that it does not know.
    Out,
}

struct Side<'c> {
    old: &'c Value,
    new: &'c Value,
    operation: String,
    found: &'c mut Vec<Break>,
    /// Pairs of named schemas that were compared already; they may refer to themselves.
    seen: BTreeSet<(Way, String, String)>,
}

/// Of which permissions one is enough; none where nobody is asked for any.
fn permissions(operation: &Value) -> BTreeSet<&str> {
    let told = &operation["x-permission"];
    told.as_str().into_iter().chain(told.as_array().into_iter().flatten().filter_map(Value::as_str)).collect()
}

impl Side<'_> {
    fn note(&mut self, what: &str, fault: &str) {
        let found = Break { operation: self.operation.clone(), what: what.to_owned(), fault: fault.to_owned() };
        if !self.found.contains(&found) {
            self.found.push(found);
        }
    }

    fn compare(&mut self, was: &Value, is: &Value) {
        let is_open = |operation: &Value| operation["security"].as_array().is_none_or(Vec::is_empty);
        if is_open(was) && !is_open(is) {
            self.note("security", "needs signing in now");
        }
        // Each of them is enough: one more shuts nobody out.
        let (before, now) = (permissions(was), permissions(is));
        let is_shut_out = if before.is_empty() { !now.is_empty() } else { !now.is_empty() && !before.is_subset(&now) };
        if is_shut_out {
            self.note("security", "needs another permission");
        }
        self.parameters(was, is);
        if is["requestBody"]["required"] == true && was["requestBody"]["required"] != true {
            self.note("request", "the body is required now");
        }
        self.bodies("request", Way::In, &was["requestBody"], &is["requestBody"]);
        for (status, answer) in was["responses"].as_object().into_iter().flatten() {
            match is["responses"].get(status) {
                Some(now) => {
                    self.bodies(&format!("answer {status}"), Way::Out, answer, now);
                    self.headers(&format!("answer {status}"), answer, now);
                }
                None => self.note(&format!("answer {status}"), "the status is gone"),
            }
        }
    }

    /// A client reads what an answer says in its head, and may not find it any more, or in another form.
    fn headers(&mut self, what: &str, was: &Value, is: &Value) {
        let (old, new) = (self.old, self.new);
        for (name, header) in was["headers"].as_object().into_iter().flatten() {
            let what = format!("{what} header {name}");
            match is["headers"].get(name) {
                Some(now) => {
                    let (before, now) = (named(old, header), named(new, now));
                    self.schemas(&what, Way::Out, &before["schema"], &now["schema"]);
                }
                None => self.note(&what, "the header is gone"),
            }
        }
    }

    fn parameters(&mut self, was: &Value, is: &Value) {
        let all = |operation: &Value| operation["parameters"].as_array().cloned().unwrap_or_default();
        let (was, is) = (all(was), all(is));
        let name = |parameter: &Value| {
            format!("{} {}", parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap())
        };
        for parameter in &was {
            let Some(now) = is.iter().find(|now| name(now) == name(parameter)) else {
                self.note(&name(parameter), "is gone");
                continue;
            };
            if now["required"] == true && parameter["required"] != true {
                self.note(&name(parameter), "is required now");
            }
            self.schemas(&name(parameter), Way::In, &parameter["schema"], &now["schema"]);
        }
        for parameter in is.iter().filter(|now| now["required"] == true) {
            if !was.iter().any(|before| name(before) == name(parameter)) {
                self.note(&name(parameter), "is new and required");
            }
        }
    }

    fn bodies(&mut self, what: &str, way: Way, was: &Value, is: &Value) {
        for (media, body) in was["content"].as_object().into_iter().flatten() {
            match is["content"].get(media) {
                Some(now) => self.schemas(what, way, &body["schema"], &now["schema"]),
                None => self.note(what, &format!("the media type {media} is gone")),
            }
        }
    }

    fn schemas(&mut self, what: &str, way: Way, was: &Value, is: &Value) {
        if let (Some(one), Some(other)) = (was["$ref"].as_str(), is["$ref"].as_str())
            && !self.seen.insert((way, one.to_owned(), other.to_owned()))
        {
            return;
        }
        let (old, new) = (self.old, self.new);
        let (was, is) = (named(old, was), named(new, is));
        self.kinds(what, way, was, is);
        for rule in ["format", "pattern"] {
            let is_looser = way == Way::In && is[rule].is_null();
            if was[rule] != is[rule] && !is_looser {
                self.note(what, &format!("the {rule} is another"));
            }
        }
        if way == Way::In {
            self.bounds(what, was, is);
        }
        if !was["items"].is_null() && !is["items"].is_null() {
            self.schemas(what, way, &was["items"], &is["items"]);
        }
        self.fields(what, way, was, is);
        for choice in ["oneOf", "anyOf", "allOf"] {
            let (was, is) = (was[choice].as_array(), is[choice].as_array());
            for (was, is) in was.into_iter().flatten().zip(is.into_iter().flatten()) {
                self.schemas(what, way, was, is);
            }
            if was.map(Vec::len) != is.map(Vec::len) {
                self.note(what, "has other choices");
            }
        }
    }

    /// Types and words.
    fn kinds(&mut self, what: &str, way: Way, was: &Value, is: &Value) {
        let set = |value: &Value| -> BTreeSet<String> {
            let one = |value: &Value| value.to_string();
            value.as_array().map_or_else(|| std::iter::once(one(value)).collect(), |all| all.iter().map(one).collect())
        };
        let (before, now) = (set(&was["type"]), set(&is["type"]));
        match way {
            Way::In => before.difference(&now).for_each(|kind| self.note(what, &format!("takes {kind} no longer"))),
            Way::Out => {
                now.difference(&before).for_each(|kind| self.note(what, &format!("{kind} was not answered before")));
            }
        }
        if way == Way::In && !is["enum"].is_null() {
            let (before, now) = (set(&was["enum"]), set(&is["enum"]));
            if was["enum"].is_null() {
                self.note(what, "takes only some words now");
            } else {
                before.difference(&now).for_each(|word| self.note(what, &format!("{word} is no longer taken")));
            }
        }
    }

    fn bounds(&mut self, what: &str, was: &Value, is: &Value) {
        for (bound, is_upper) in [
            ("maximum", true),
            ("maxLength", true),
            ("maxItems", true),
            ("minimum", false),
            ("minLength", false),
            ("minItems", false),
        ] {
            let (before, now) = (was[bound].as_f64(), is[bound].as_f64());
            let is_stricter = match (before, now) {
                (None, Some(_)) => true,
                (Some(before), Some(now)) => {
                    if is_upper {
                        now < before
                    } else {
                        now > before
                    }
                }
                (_, None) => false,
            };
            if is_stricter {
                self.note(what, &format!("{bound} is stricter: {}", is[bound]));
            }
        }
    }

    fn fields(&mut self, what: &str, way: Way, was: &Value, is: &Value) {
        let required = |schema: &Value, name: &str| {
            schema["required"].as_array().is_some_and(|all| all.iter().any(|field| field == name))
        };
        let field = |name: &str| format!("{what} {name}");
        for (name, schema) in was["properties"].as_object().into_iter().flatten() {
            let Some(now) = is["properties"].get(name) else {
                self.note(&field(name), "is gone");
                continue;
            };
            match way {
                Way::In if required(is, name) && !required(was, name) => self.note(&field(name), "is required now"),
                Way::Out if required(was, name) && !required(is, name) => self.note(&field(name), "may be missing now"),
                _ => {}
            }
            self.schemas(&field(name), way, schema, now);
        }
        for name in is["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
            if way == Way::In && required(is, name) && was["properties"].get(name).is_none() {
                self.note(&field(name), "is new and required");
            }
        }
    }
}

/// The schema itself, where it is only named.
fn named<'c>(contract: &'c Value, schema: &'c Value) -> &'c Value {
    schema["$ref"].as_str().map_or(schema, |reference| contract.pointer(reference.trim_start_matches('#')).unwrap())
}
