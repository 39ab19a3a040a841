//! Bodies of permits and projects as they are read.

use super::*;
use crate::parties::place::founding_pollutants;

fn pollutants() -> Pollutants {
    founding_pollutants().into_iter().map(|pollutant| (pollutant.code.clone(), pollutant)).collect()
}

fn permit(quantities: &str, valid_to: &str) -> RegisterPermit {
    let body = format!(
        r#"{{"number": "91421222MA0000001F001P", "site": "{}", "valid_from": "2021-01-01",
            "valid_to": "{valid_to}", "quantities": {quantities}}}"#,
        Uuid::nil()
    );
    serde_json::from_str(&body).unwrap()
}

#[test]
fn a_permit_is_read_in_the_measure_of_each_pollutant() {
    let body = permit(r#"[{"pollutant": "SO2", "quantity": "70.000"}]"#, "2025-12-31");
    let new = body.read(&mut Fields::default(), &pollutants()).unwrap();
    assert_eq!(new.quantities.get("SO2").map(|quantity| quantity.grams()), Some(70_000_000));
}

#[test]
fn a_project_may_have_a_ratio_of_its_own_that_replaces_enough() {
    let project = |ratio: &str| -> RegisterProject {
        let body = format!(
            r#"{{"number": "P2022-001", "site": "{}", "basis": "verified", "document": "总量核定2022-001",
                "verified_on": "2021-12-01"{ratio}}}"#,
            Uuid::nil()
        );
        serde_json::from_str(&body).unwrap()
    };
    let today: Date = "2022-12-01".parse().unwrap();
    let read = |ratio: &str| {
        let mut fields = Fields::default();
        let new = project(ratio).read(&mut fields, today);
        fields.finish(new).map(|new| new.replacement_ratio.map(|ratio| ratio.to_string()))
    };
    assert_eq!(read("").unwrap(), None);
    assert_eq!(read(r#", "replacement_ratio": "6:5""#).unwrap().as_deref(), Some("1.2:1"));
    for bad in ["1:2", "2", "0:1"] {
        let failure = read(&format!(r#", "replacement_ratio": "{bad}""#)).unwrap_err();
        let fault = &failure.violations[0];
        assert_eq!((fault.field.as_str(), fault.code.as_ref()), ("replacement_ratio", "ORG_BAD_RATIO"), "{bad}");
    }
}

#[test]
fn every_fault_of_a_permit_is_told_at_once() {
    let quantities = r#"[{"pollutant": "SO2", "quantity": "1"}, {"pollutant": "SO2", "quantity": "2"},
                         {"pollutant": "ZN", "quantity": "1"}, {"pollutant": "COD", "quantity": "0.0001"}]"#;
    let mut fields = Fields::default();
    assert!(permit(quantities, "2020-12-31").read(&mut fields, &pollutants()).is_none());
    let faults = fields.into_faults();
    let told: Vec<(&str, &str)> = faults.iter().map(|fault| (fault.field.as_str(), fault.code.as_ref())).collect();
    let expected = [
        ("valid_to", "ORG_BAD_VALIDITY"),
        ("quantities[1].pollutant", "ORG_NAMED_TWICE"),
        ("quantities[2].pollutant", "QTA_UNKNOWN_POLLUTANT"),
        ("quantities[3].quantity", "API_TOO_PRECISE"),
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_permit_is_valid_for_five_years_and_no_day_longer() {
    let quantities = r#"[{"pollutant": "SO2", "quantity": "1"}]"#;
    for (valid_to, told) in [("2025-12-31", None), ("2026-01-01", Some("ORG_PERMIT_TOO_LONG"))] {
        let mut fields = Fields::default();
        assert_eq!(permit(quantities, valid_to).read(&mut fields, &pollutants()).is_none(), told.is_some());
        let faults = fields.into_faults();
        assert_eq!(faults.first().map(|fault| fault.code.as_ref()), told, "{valid_to}");
        assert!(faults.iter().all(|fault| fault.field == "valid_to"));
    }
}
