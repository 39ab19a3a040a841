//! Requests that are wrong in form: bodies, numbers, days, words, characters, sizes, parameters of lists.

use super::forms::{ANY, Books, Stage, refused};
use serde_json::{Value, json};

#[tokio::test]
async fn a_body_that_is_not_what_the_contract_describes_is_400() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    for form in stage.forms() {
        let text = form.body.to_string();
        // What is assessed may be left out of a pledge.
        let mut keys = form.body.as_object().unwrap().keys().filter(|key| *key != "assessed_value");
        let first = keys.next().unwrap().clone();
        let doubled = format!("{{\"{first}\":{},{}", form.body[&first], &text[1..]);
        let unknown = format!("{{\"surprise\":true,{}", &text[1..]);
        let mut bodies = vec![
            ("cut off", text[..text.len() - 1].to_owned(), ""),
            ("no JSON", "hello".to_owned(), ""),
            ("two bodies", format!("{text}{text}"), ""),
            ("a list", "[1]".to_owned(), ""),
            ("no UTF-8 escape", text.replacen(':', ":\"\\ud800\" ", 1), ""),
            ("an unknown field", unknown, "surprise"),
            ("a doubled key", doubled, &first),
            ("a number for a text", form.with(&first, json!(12)), &first),
            ("an object for a text", form.with(&first, json!({"a": 1})), &first),
        ];
        if !form.is_optional {
            let mut missing = form.body.clone();
            missing.as_object_mut().unwrap().remove(&first);
            bodies.push(("a missing field", missing.to_string(), &first));
            bodies.push(("nothing at all", String::new(), ANY));
            bodies.push(("null for a text", form.with(&first, Value::Null), &first));
        }
        for (place, _) in form.decimals {
            bodies.push(("a JSON number for a decimal string", form.with(place, json!(12.5)), place));
        }
        for (fault, body, named) in bodies {
            let what = format!("{}: {fault}", form.name);
            let field = if named.is_empty() { "body" } else { named };
            let code = if fault == "a doubled key" { "API_DUPLICATE_KEY" } else { "API_MALFORMED" };
            let told = refused(400, code, field).when_posted(&what, &form.client, &form.path, &body).await;
            assert!(named == ANY || told.contains(named), "{what}: {told} does not name {named}");
        }
    }
    before.are_unchanged(&stage.world).await;
}

/// Texts that are no decimal of a field with so many decimals, and what is said of them.
fn bad_decimals(decimals: usize) -> Vec<(String, &'static str)> {
    let mut bad = vec![
        (format!("1.{}", "1".repeat(decimals + 1)), "API_TOO_PRECISE"),
        (format!("1.{}", "0".repeat(decimals + 1)), "API_TOO_PRECISE"),
        ("0".to_owned(), "API_ZERO"),
        (format!("0.{}", "0".repeat(decimals)), "API_ZERO"),
        ("12345678901234567890".to_owned(), "API_OUT_OF_RANGE"),
        ("99999999999999999999999999999999999999999999".to_owned(), "API_OUT_OF_RANGE"),
    ];
    let no_decimals = [
        "",
        " ",
        "-1",
        "+1",
        "1e3",
        "1E-3",
        "\u{ff11}\u{ff12}",
        "1.\u{ff12}",
        "1.",
        ".5",
        "1,000",
        "1 000",
        " 1",
        "1 ",
        "1.2.3",
        "0x10",
        "NaN",
        "Infinity",
        "٣",
        "一",
        "1_000",
        "½",
    ];
    bad.extend(no_decimals.map(|text| (text.to_owned(), "API_NOT_DECIMAL")));
    bad
}

#[tokio::test]
async fn a_quantity_or_amount_that_is_no_plain_decimal_is_422() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    for form in stage.forms() {
        for (place, decimals) in form.decimals {
            // A cap of zero closes an area.
            let bad = bad_decimals(*decimals).into_iter().filter(|(_, code)| *place != "cap" || *code != "API_ZERO");
            for (text, code) in bad {
                let what = format!("{}: {place} of {text:?}", form.name);
                let body = form.with(place, json!(text));
                refused(422, code, place).when_posted(&what, &form.client, &form.path, &body).await;
            }
        }
    }
    before.are_unchanged(&stage.world).await;
}

#[tokio::test]
async fn days_and_words_that_are_none_are_422() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    let dates = [(stage.allocation(), "valid_from"), (stage.capacity(), "valid_from"), (stage.pledge(), "debt_to")];
    for (form, place) in dates {
        for text in [
            "",
            "2022-02-30",
            "2022-13-01",
            "2022-1-1",
            "20221201",
            "2022-12-01T00:00:00Z",
            "2022-12-0\u{ff11}",
            "-022-12-01",
        ] {
            let what = format!("{}: {place} of {text:?}", form.name);
            let body = form.with(place, json!(text));
            refused(422, "API_NOT_DATE", place).when_posted(&what, &form.client, &form.path, &body).await;
        }
    }
    let words = [(stage.allocation(), "origin"), (stage.organisation(), "kind")];
    for (form, place) in words {
        for text in ["", "PAID", "enterprise ", "企业"] {
            let what = format!("{}: {place} of {text:?}", form.name);
            let body = form.with(place, json!(text));
            refused(422, "API_UNKNOWN_WORD", place).when_posted(&what, &form.client, &form.path, &body).await;
        }
    }
    let long = "长".repeat(201);
    let texts = [(stage.allocation(), "document"), (stage.deposit(), "bank_reference"), (stage.organisation(), "name")];
    for (form, place) in texts {
        for text in ["", "   ", long.as_str()] {
            let body = form.with(place, json!(text));
            refused(422, "API_BAD_TEXT", place).when_posted(form.name, &form.client, &form.path, &body).await;
        }
    }
    before.are_unchanged(&stage.world).await;
}

#[tokio::test]
async fn text_with_control_characters_is_422() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    let places = [
        (stage.organisation(), "name"),
        (stage.organisation(), "code"),
        (stage.allocation(), "document"),
        (stage.deposit(), "bank_reference"),
        (stage.pledge(), "loan_contract"),
        (stage.pledge(), "rights[0].right_class"),
    ];
    for (form, place) in places {
        for char in ['\0', '\u{1}', '\u{8}', '\u{c}', '\u{1b}', '\u{7f}', '\u{85}', '\u{9f}'] {
            let what = format!("{}: {place} with {char:?}", form.name);
            let body = form.with(place, json!(format!("临江{char}纸业")));
            let wanted = refused(422, "API_CONTROL_CHARACTER", place);
            let told = wanted.when_posted(&what, &form.client, &form.path, &body).await;
            assert!(told.contains(place), "{what}: {told}");
        }
    }
    let nul = refused(422, "API_CONTROL_CHARACTER", "code");
    nul.when_read(&stage.world.auditor, "/organisations?code=%00").await;
    before.are_unchanged(&stage.world).await;
}

/// What nobody sees in a name makes another name of it that looks the same.
#[tokio::test]
async fn a_name_is_one_line_of_what_can_be_seen() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    let places = || {
        [
            (stage.organisation(), "name"),
            (stage.allocation(), "document"),
            (stage.deposit(), "bank_reference"),
            (stage.pledge(), "loan_contract"),
        ]
    };
    for (form, place) in places() {
        for (text, code) in [
            ("临江\n纸业", "API_CONTROL_CHARACTER"),
            ("临江\r纸业", "API_CONTROL_CHARACTER"),
            ("临江\t纸业", "API_CONTROL_CHARACTER"),
            ("临江\u{200b}纸业", "API_INVISIBLE_CHARACTER"),
            ("临江\u{feff}纸业", "API_INVISIBLE_CHARACTER"),
            ("临江纸业\u{3164}", "API_INVISIBLE_CHARACTER"),
            ("\u{200b}", "API_BAD_TEXT"),
            ("\u{115f}\u{3164}", "API_BAD_TEXT"),
            ("\u{fe0f} \u{2060}", "API_BAD_TEXT"),
        ] {
            let what = format!("{}: {place} of {text:?}", form.name);
            let body = form.with(place, json!(text));
            refused(422, code, place).when_posted(&what, &form.client, &form.path, &body).await;
        }
    }
    before.are_unchanged(&stage.world).await;
    let world = &stage.world;
    let body = json!({"organisation": world.settlement_bank, "name": "新人", "roles": ["settlement_officer"]});
    for login in ["сhen.trader", "chen trader", "ｃhen", "陈", "chen;"] {
        let mut strange = body.clone();
        strange["login"] = json!(login);
        world.operator.post("/users", strange).await.with_status(422).is_refused_with("AUT_BAD_LOGIN");
    }
    let mut doubled = body;
    doubled["login"] = json!("Chen_2@desk-1");
    doubled["roles"] = json!(["settlement_officer", "settlement_officer"]);
    world.operator.post("/users", doubled.clone()).await.with_status(422).is_refused_with("ORG_ROLE_TWICE");
    doubled["roles"] = json!(["settlement_officer"]);
    assert_eq!(world.operator.post("/users", doubled).await.granted()["login"], "chen_2@desk-1");
}

/// Lists of every capability.
const LISTS: [&str; 16] = [
    "/allocations",
    "/capacities",
    "/offers",
    "/trades",
    "/pledges",
    "/facilities",
    "/organisations",
    "/sites",
    "/users",
    "/money/deposits",
    "/balances",
    "/audit/journals",
    "/audit/refusals",
    "/consents",
    "/permits",
    "/projects",
];

#[tokio::test]
async fn lists_refuse_parameters_they_do_not_know() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    let auditor = &stage.world.auditor;
    for list in LISTS {
        let unknown = [
            ("surprise=1", "surprise"),
            ("limit=5&surprise=1", "surprise"),
            ("offset=10", "offset"),
            ("%6Cimit=5", "limit"),
        ];
        for (query, named) in unknown {
            refused(400, "API_BAD_QUERY", named).when_read(auditor, &format!("{list}?{query}")).await;
        }
        for limit in ["0", "201", "-1", "1.5", "many", "", "99999999999999999999", "%EF%BC%95"] {
            let path = format!("{list}?limit={limit}");
            refused(400, "API_BAD_LIMIT", "limit").when_read(auditor, &path).await;
        }
        for cursor in ["", "x", "AAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "' or 1=1", "../../etc/passwd"] {
            let path = format!("{list}?cursor={cursor}");
            refused(400, "API_BAD_CURSOR", "cursor").when_read(auditor, &path).await;
        }
    }
    for path in ["/balances?as_of=yesterday", "/audit/trial-balance?as_of=2022-12-01"] {
        refused(422, "API_NOT_INSTANT", "as_of").when_read(auditor, path).await;
    }
    for path in ["/balances?as_of=2023-01-01T00:00:00Z", "/audit/trial-balance?as_of=9999-12-30T00:00:00Z"] {
        refused(422, "LED_FUTURE_INSTANT", "as_of").when_read(auditor, path).await;
    }
    before.are_unchanged(&stage.world).await;
}

#[tokio::test]
async fn a_body_larger_than_allowed_is_refused_unread() {
    let stage = Stage::new().await;
    let before = Books::of(&stage.world).await;
    for form in stage.forms() {
        let padded = format!("{}{}", form.body, " ".repeat(2 * 1024 * 1024));
        refused(413, "API_TOO_LARGE", "body").when_posted(form.name, &form.client, &form.path, &padded).await;
    }
    let deep = format!("{}0{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let form = stage.pledge();
    refused(400, "API_TOO_DEEP", "body").when_posted("deep", &form.client, &form.path, &deep).await;
    before.are_unchanged(&stage.world).await;
}
