//! The areas and pollutants that rules name. Their register stands in a house above this one, which is bound in one place, `app::binders`: a rule
//! about what nobody has registered could never act.

use super::error::RulebookRefusal;
use super::kind::RuleKind;
use super::rule::Rule;
use crate::db::Db;
use crate::kernel::{Failure, Refusal, Violation};
use std::collections::HashSet;
use std::pin::Pin;

/// The codes that are registered.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Of areas.
    pub areas: HashSet<String>,
    /// Of pollutants.
    pub pollutants: HashSet<String>,
}

/// The names, on their way.
pub type Naming<'d> = Pin<Box<dyn Future<Output = Result<Names, Failure>> + Send + 'd>>;

/// Whoever keeps the register of areas and pollutants.
pub trait Register: Send + Sync {
    /// What is registered by now.
    fn names<'d>(&'d self, db: &'d Db) -> Naming<'d>;
}

/// The register of the book.
#[derive(Clone, Copy)]
pub struct Registered(pub &'static dyn Register);

impl Names {
    fn has_area(&self, code: &str) -> bool {
        self.areas.iter().any(|known| known.eq_ignore_ascii_case(code))
    }

    fn has_pollutant(&self, code: &str) -> bool {
        self.pollutants.iter().any(|known| known.eq_ignore_ascii_case(code))
    }

    /// What the changes of a version name that is not registered, each at its place.
    pub fn judge(&self, changes: &[(String, Rule)]) -> Vec<Violation> {
        let of = |(at, (name, rule)): (usize, &(String, Rule))| {
            let place = format!("rules[{at}]");
            let broken: Vec<Violation> =
                self.judge_one(name, rule).into_iter().map(|violation| violation.within(&place)).collect();
            broken
        };
        changes.iter().enumerate().flat_map(of).collect()
    }

    fn judge_one(&self, name: &str, rule: &Rule) -> Vec<Violation> {
        let Some(kind) = RuleKind::of(name) else { return Vec::new() };
        let (area, pollutant) = kind.named(name);
        let no_area = area.filter(|code| !self.has_area(code));
        let no_pollutant = pollutant.filter(|code| !self.has_pollutant(code));
        let unknown = |code: &str| RulebookRefusal::NoSuchPollutant { code: code.to_owned() }.violation();
        let mut broken: Vec<Violation> =
            no_area.map(|code| RulebookRefusal::NoSuchArea { code: code.to_owned() }.violation()).into_iter().collect();
        broken.extend(no_pollutant.map(unknown));
        if let (RuleKind::Pollutants, Some(value)) = (kind, rule.value.as_deref().filter(|value| kind.reads(value))) {
            let strange = value.split(',').filter(|code| !self.pollutants.contains(*code));
            broken.extend(strange.map(|code| unknown(code).about("value")));
        }
        broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_about_what_nobody_has_registered_is_told() {
        let set = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect();
        let names = Names { areas: set(&["420000", "421222"]), pollutants: set(&["COD", "SO2"]) };
        let told = |name: &str, value: &str| {
            let rule = Rule { value: Some(value.to_owned()), legal_basis: None };
            let broken = names.judge(&[(name.to_owned(), rule)]);
            broken.iter().map(|one| format!("{} {}", one.field, one.code)).collect::<Vec<_>>()
        };
        for good in ["replacement_ratio", "replacement_ratio_cod", "replacement_ratio_421222_so2", "base_price_cod"] {
            assert!(told(good, "1.2:1").is_empty(), "{good}");
        }
        assert!(told("base_price_binds_listing", "on").is_empty() && told("traded_pollutants", "SO2,COD").is_empty());
        let (area, pollutant) = ("rules[0].name RUL_UNKNOWN_AREA", "rules[0].name RUL_UNKNOWN_POLLUTANT");
        assert_eq!(told("replacement_ratio_999999_cod", "1.2:1"), [area]);
        assert_eq!(told("replacement_ratio_421222_xyz", "1.2:1"), [pollutant]);
        assert_eq!(told("replacement_ratio_999999_xyz", "1.2:1"), [area, pollutant]);
        assert_eq!(told("replacement_ratio_421222", "1.2:1"), [pollutant], "an area alone has no ratio");
        assert_eq!(told("base_price_xyz", "1.00"), [pollutant]);
        assert_eq!(told("traded_pollutants", "COD,XXX,YYY"), ["rules[0].value RUL_UNKNOWN_POLLUTANT"; 2]);
    }
}
