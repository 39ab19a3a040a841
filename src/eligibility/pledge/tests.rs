//! Each check in both directions: a sound case, and the same case with one thing broken.

use super::*;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, ConsentId, FactId, RulebookId, SiteId, UserId};
use crate::parties::OrganisationState;
use crate::parties::consent::ConsentState;
use crate::parties::facts::{About, Content, Fact, FactKind, Period, Settled};
use crate::rulebook::Rule;
use jiff::civil::date;

pub(super) const TODAY: Date = date(2022, 12, 1);
const COD: &str = "COD-MULTI-PAID-LUSHUI-20210101-20251231";

pub(super) fn rulebook(rules: &[(&str, &str)]) -> Rulebook {
    let rule = |value: &str| Rule { value: Some(value.to_owned()), legal_basis: None };
    Rulebook {
        id: RulebookId::fresh(),
        jurisdiction: "420000".to_owned(),
        version: 1,
        effective_from: date(2020, 1, 1),
        rules: rules.iter().map(|(name, value)| ((*name).to_owned(), rule(value))).collect(),
    }
}

fn organisation(name: &str, kind: OrganisationKind) -> Organisation {
    Organisation {
        id: OrganisationId::fresh(),
        code: String::new(),
        name: name.to_owned(),
        kind,
        area: AreaId::fresh(),
        area_path: "420000/421200/421222".to_owned(),
        sector: None,
        state: OrganisationState::Verified,
        applied_by: None,
        version: 1,
        registered_at: Moment::from_micros(0),
    }
}

fn suspended() -> OrganisationState {
    OrganisationState::Suspended { reason: "超标排放".to_owned() }
}

fn site_of(organisation: &Organisation) -> Site {
    Site {
        id: SiteId::fresh(),
        number: "SA0000001F".to_owned(),
        organisation: organisation.id,
        name: "通城生产基地".to_owned(),
        area: organisation.area,
        area_path: organisation.area_path.clone(),
        basin: Some("LUSHUI".to_owned()),
        sector: None,
        is_reserve: false,
        version: 1,
        registered_at: Moment::from_micros(0),
    }
}

fn yuan(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn right(site: Site) -> RightCase {
    RightCase {
        site,
        class: RightClass::parse(COD).unwrap(),
        measure: Measure::tonnes(),
        quantity: Quantity::try_new(10_000_000).unwrap(),
        available: Some(10_000_000),
        is_mismatched: false,
        fee_used: 0,
        is_held: false,
        part: None,
        junior: None,
        ahead: Money::default(),
    }
}

/// The first pledge of the province: Tongcheng, 1,000,000 on rights alone.
pub(super) fn sound() -> PledgeCase {
    let pledgor = organisation("湖北亚细亚陶瓷有限公司", OrganisationKind::Enterprise);
    let pledgee = organisation("通城惠民村镇银行", OrganisationKind::Bank);
    let consent = Consent {
        id: ConsentId::fresh(),
        organisation: pledgor.id,
        pledgee: pledgee.id,
        right_classes: vec![COD.to_owned()],
        valid_until: TODAY,
        state: ConsentState::InForce,
        given_by: UserId::fresh(),
        given_at: Moment::from_micros(0),
        version: 1,
    };
    PledgeCase {
        rights: vec![right(site_of(&pledgor))],
        pledgor,
        further: Vec::new(),
        pledgee,
        consents: vec![consent],
        facility: FacilityFact::Left(yuan("1000000.00")),
        principal: yuan("1000000.00"),
        secured: yuan("800000.00"),
        assessed_value: yuan("1000000.00"),
        valued_on: TODAY,
        valuation_expires_on: None,
        determined: None,
        debt_from: TODAY,
        debt_to: date(2025, 12, 1),
        ahead: Money::default(),
        facts: Facts::default(),
    }
}

pub(super) fn strict() -> Rulebook {
    rulebook(&[("ltv_cap", "0.80"), ("pledge_term_cap_months", "36"), ("valuation_days", "90")])
}

fn codes(case: &PledgeCase, rulebook: &Rulebook) -> Vec<String> {
    judge(case, rulebook, TODAY).iter().map(|broken| broken.violation().code.into_owned()).collect()
}

/// The code that a sound case yields once one thing in it is broken.
#[track_caller]
fn breaks(expected: &str, change: impl FnOnce(&mut PledgeCase)) {
    let mut case = sound();
    change(&mut case);
    assert_eq!(codes(&case, &strict()), [expected]);
}

#[track_caller]
fn stands(rulebook: &Rulebook, change: impl FnOnce(&mut PledgeCase)) {
    let mut case = sound();
    change(&mut case);
    assert_eq!(codes(&case, rulebook), [""; 0]);
}

#[test]
fn a_sound_pledge_stands_at_every_limit_at_once() {
    stands(&strict(), |_| {});
}

#[test]
fn more_than_is_available_is_refused_and_what_is_held_is_not_asked_for_again() {
    breaks("PLG_NOT_ENOUGH_AVAILABLE", |case| {
        case.rights[0].available = Some(9_999_999);
    });
    stands(&strict(), |case| case.rights[0].available = None);
    let mut short = sound();
    short.rights[0].available = Some(9_999_999);
    let field = judge(&short, &strict(), TODAY)[0].violation().field;
    assert_eq!(field, "rights[0].quantity");
    assert_eq!(judge_quantities(&short.rights), judge(&short, &strict(), TODAY));
    assert_eq!(judge_quantities(&sound().rights), []);
}

#[test]
fn a_consent_counts_for_its_pledgee_its_class_and_its_days_only() {
    breaks("PLG_CONSENT_MISSING", |case| case.consents.clear());
    breaks("PLG_CONSENT_MISSING", |case| {
        case.consents[0].pledgee = OrganisationId::fresh();
    });
    breaks("PLG_CONSENT_MISSING", |case| {
        case.consents[0].organisation = OrganisationId::fresh();
    });
    breaks("PLG_CONSENT_MISSING", |case| {
        case.consents[0].state = ConsentState::Withdrawn;
    });
    breaks("PLG_CONSENT_MISSING", |case| {
        case.consents[0].valid_until = date(2022, 11, 30);
    });
    breaks("PLG_CONSENT_MISSING", |case| {
        case.consents[0].right_classes = vec!["SO2-MULTI-PAID-421200-20210101-20251231".to_owned()];
    });
}

#[test]
fn without_consent_nothing_is_told_of_what_the_enterprise_holds() {
    breaks("PLG_CONSENT_MISSING", |case| {
        case.consents.clear();
        case.rights[0].available = Some(0);
    });
    breaks("PLG_NOT_OWN_SITE", |case| {
        case.rights[0].site.organisation = OrganisationId::fresh();
        case.rights[0].available = Some(0);
    });
}

#[test]
fn a_bank_and_a_guarantor_may_be_pledgees_and_nobody_else() {
    stands(&strict(), |case| case.pledgee.kind = OrganisationKind::Guarantor);
    for kind in [OrganisationKind::Enterprise, OrganisationKind::Exchange, OrganisationKind::Reserve] {
        breaks("PLG_NOT_PLEDGEE_KIND", |case| case.pledgee.kind = kind);
    }
}

#[test]
fn a_suspended_pledgor_is_refused() {
    breaks("PLG_PLEDGOR_SUSPENDED", |case| case.pledgor.state = suspended());
}

#[test]
fn the_debt_may_end_on_the_last_valid_day_and_not_later() {
    let uncapped = rulebook(&[]);
    stands(&uncapped, |case| case.debt_to = date(2025, 12, 31));
    let mut late = sound();
    late.debt_to = date(2026, 1, 1);
    assert_eq!(codes(&late, &uncapped), ["PLG_TERM_PAST_VALIDITY"]);
    assert_eq!(judge(&late, &uncapped, TODAY)[0].violation().field, "debt_to");
}

#[test]
fn of_several_rights_the_first_to_end_bounds_the_debt() {
    let shorter = "NH3N-MULTI-PAID-LUSHUI-20210101-20241231";
    let mut case = sound();
    let mut second = case.rights[0].clone();
    second.class = RightClass::parse(shorter).unwrap();
    case.rights.push(second);
    case.consents[0].right_classes.push(shorter.to_owned());
    let broken = judge(&case, &strict(), TODAY);
    let check = PledgeCheck::TermPastValidity { valid_to: "2024-12-31".to_owned() };
    assert_eq!(broken, [BrokenRule { right: None, further: None, check }]);
    case.debt_to = date(2024, 12, 31);
    assert_eq!(judge(&case, &strict(), TODAY), []);
}

#[test]
fn the_term_is_capped_in_months_where_the_rulebook_says_so() {
    breaks("PLG_TERM_OVER_CAP", |case| case.debt_to = date(2025, 12, 2));
    stands(&rulebook(&[]), |case| case.debt_to = date(2025, 12, 2));
}

#[test]
fn the_cap_binds_the_part_secured_on_the_rights_and_not_the_whole_loan() {
    breaks("PLG_LTV_OVER_CAP", |case| case.secured = yuan("800000.01"));
    stands(&rulebook(&[]), |case| case.secured = yuan("1000000.00"));
    // Huangshi: 10 million lent, of which what the rights of 3 million bear is judged.
    stands(&strict(), |case| {
        case.facility = FacilityFact::NotNamed;
        case.principal = yuan("10000000.00");
        (case.secured, case.assessed_value) = (yuan("2400000.00"), yuan("3000000.00"));
    });
}

#[test]
fn gutian_secures_230_000_of_its_million_on_a_right_of_260_000() {
    let mut gutian = sound();
    (gutian.secured, gutian.assessed_value) = (yuan("230000.00"), yuan("260000.00"));
    let printed = ltv(gutian.secured, gutian.assessed_value).map(|ltv| ltv.to_string());
    assert_eq!(printed.as_deref(), Some("0.8846"));
    assert_eq!(codes(&gutian, &rulebook(&[("ltv_cap", "0.80")])), ["PLG_LTV_OVER_CAP"]);
    assert_eq!(codes(&gutian, &rulebook(&[("ltv_cap", "0.90")])), [""; 0]);
}

#[test]
fn of_several_things_each_bears_no_more_than_the_cap_allows_of_it() {
    let of = |first: (&str, &str), second: (&str, &str)| {
        let mut case = sound();
        let other =
            RightCase { class: RightClass::parse(&COD.replace("COD", "NH3N")).unwrap(), ..case.rights[0].clone() };
        case.consents[0].right_classes.push(other.class.code());
        case.rights.push(other);
        for (right, (secured, value)) in case.rights.iter_mut().zip([first, second]) {
            right.part = Some(Part { secured: yuan(secured), value: yuan(value) });
        }
        (case.secured, case.assessed_value) = (yuan("700000.00"), yuan("1000000.00"));
        judge(&case, &strict(), TODAY).iter().map(|broken| broken.right).collect::<Vec<_>>()
    };
    assert_eq!(of(("400000.00", "500000.00"), ("300000.00", "500000.00")), [None; 0]);
    // The whole stands at 70 %, the first thing at 80.01 %.
    assert_eq!(of(("400050.00", "500000.00"), ("299950.00", "500000.00")), [Some(0)]);
}

#[test]
fn a_change_that_asks_for_credit_is_judged_like_an_application_and_any_other_by_what_comes_in() {
    let judged = |change: fn(&mut PledgeCase), asks_for_credit| {
        let mut case = sound();
        case.rights[0].is_held = true;
        let more = RightCase { is_held: false, ..case.rights[0].clone() };
        case.rights.insert(0, more);
        change(&mut case);
        let broken = judge_amendment(&case, &strict(), TODAY, asks_for_credit);
        broken.iter().map(|broken| broken.violation().code.into_owned()).collect::<Vec<_>>()
    };
    let over: fn(&mut PledgeCase) = |case| case.secured = yuan("900000.00");
    assert_eq!((judged(over, true), judged(over, false)), (vec!["PLG_LTV_OVER_CAP".to_owned()], Vec::new()));
    let short: fn(&mut PledgeCase) = |case| case.rights[0].available = Some(0);
    assert_eq!(judged(short, false), ["PLG_NOT_ENOUGH_AVAILABLE"]);
    let held: fn(&mut PledgeCase) = |case| case.rights[1].available = Some(0);
    assert_eq!(judged(held, true), [""; 0]);
    let form: fn(&mut PledgeCase) = |case| case.debt_to = case.debt_from;
    assert_eq!(judged(form, false), ["PLG_DEBT_TERM"]);
}

#[test]
fn a_valuation_is_relied_on_until_the_day_that_it_says() {
    breaks("PLG_VALUATION_EXPIRED", |case| case.valuation_expires_on = Some(date(2022, 11, 30)));
    stands(&strict(), |case| case.valuation_expires_on = Some(TODAY));
}

#[test]
fn the_claims_of_a_maximum_amount_pledge_arise_before_the_debt_is_due() {
    let end = sound().debt_to;
    breaks("PLG_DETERMINATION_PERIOD", |case| case.determined = Some((TODAY, end.tomorrow().unwrap())));
    breaks("PLG_DETERMINATION_PERIOD", |case| case.determined = Some((TODAY, date(2022, 11, 30))));
    stands(&strict(), |case| case.determined = Some((TODAY, end)));
}

#[test]
fn a_ratio_that_only_rounds_to_the_cap_is_over_it() {
    let judged = |secured, value, cap| {
        judge_ltv(Part { secured: yuan(secured), value: yuan(value) }, &rulebook(&[("ltv_cap", cap)])).is_ok()
    };
    assert!(!judged("8000.01", "10000.00", "0.80") && judged("8000.00", "10000.00", "0.80"));
    assert!(!judged("0.01", "0.00", "1"));
    assert_eq!(ltv(yuan("1.00"), Money::ZERO), None);
}

#[test]
fn a_valuation_is_neither_stale_nor_of_tomorrow() {
    stands(&strict(), |case| case.valued_on = date(2022, 9, 2));
    breaks("PLG_VALUATION_STALE", |case| case.valued_on = date(2022, 9, 1));
    stands(&rulebook(&[]), |case| case.valued_on = date(2012, 9, 1));
    breaks("PLG_VALUATION_FUTURE", |case| case.valued_on = date(2022, 12, 2));
}

#[test]
fn the_debt_ends_after_it_begins() {
    breaks("PLG_DEBT_TERM", |case| case.debt_to = case.debt_from);
    breaks("PLG_DEBT_TERM", |case| case.debt_to = date(2022, 11, 30));
    stands(&strict(), |case| case.debt_to = date(2022, 12, 2));
}

#[test]
fn no_more_is_secured_than_is_owed() {
    breaks("PLG_SECURED_OVER_PRINCIPAL", |case| {
        case.principal = yuan("799999.99");
    });
    stands(&strict(), |case| case.principal = yuan("800000.00"));
}

#[test]
fn a_free_right_must_first_pay_its_usage_fee() {
    breaks("PLG_FREE_ORIGIN_FEE_UNPAID", |case| {
        case.rights[0].class.origin = Origin::Free;
        case.consents[0].right_classes = vec![case.rights[0].class.code()];
    });
}

#[test]
fn a_facility_must_be_accepted_and_open_and_have_enough_left() {
    breaks("PLG_FACILITY_NOT_ACCEPTED", |case| {
        case.facility = FacilityFact::NotAccepted;
    });
    breaks("PLG_FACILITY_CLOSED", |case| {
        case.facility = FacilityFact::Closed;
    });
    breaks("PLG_FACILITY_EXHAUSTED", |case| {
        case.facility = FacilityFact::Left(yuan("999999.99"));
    });
    stands(&strict(), |case| case.facility = FacilityFact::NotNamed);
}

#[test]
fn the_right_must_be_valid_today() {
    let tomorrow = "COD-MULTI-PAID-LUSHUI-20221202-20271201";
    breaks("PLG_OUTSIDE_VALIDITY", |case| {
        case.rights[0].class = RightClass::parse(tomorrow).unwrap();
        case.consents[0].right_classes = vec![tomorrow.to_owned()];
    });
}

#[test]
fn every_site_must_be_the_pledgors_own() {
    breaks("PLG_NOT_OWN_SITE", |case| {
        let other = organisation("另一企业", OrganisationKind::Enterprise);
        case.rights.push(right(site_of(&other)));
    });
}

#[test]
fn all_broken_rules_are_listed_at_once_with_the_right_they_concern() {
    let mut case = sound();
    case.pledgor.state = suspended();
    case.valued_on = date(2022, 12, 2);
    let other = organisation("另一企业", OrganisationKind::Enterprise);
    case.rights.push(right(site_of(&other)));
    case.rights[0].available = Some(0);
    let expected = ["PLG_PLEDGOR_SUSPENDED", "PLG_VALUATION_FUTURE", "PLG_NOT_ENOUGH_AVAILABLE", "PLG_NOT_OWN_SITE"];
    assert_eq!(codes(&case, &strict()), expected);
    let places: Vec<_> = judge(&case, &strict(), TODAY).iter().map(|broken| broken.right).collect();
    assert_eq!(places, [None, None, Some(0), Some(1)]);
}

fn fact(kind: FactKind, site: SiteId, content: Content) -> Fact {
    Fact {
        id: FactId::fresh(),
        about: About::Site(site),
        organisation: None,
        area_path: "420000/421200/421222".to_owned(),
        kind,
        content: Some(content),
        source: "咸环罚〔2022〕9号".to_owned(),
        document_hash: None,
        corrects: None,
        reason: None,
        recorded_by: UserId::fresh(),
        recorded_for: OrganisationId::fresh(),
        recorded_at: Moment::from_micros(0),
        rulebook: RulebookId::fresh(),
    }
}

/// A sound pledge but for one fact, judged by one rule.
fn excluded(kind: FactKind, content: Content, rules: &[(&str, &str)]) -> Vec<String> {
    let mut case = sound();
    case.facts = Facts::new(vec![fact(kind, case.rights[0].site.id, content)]);
    codes(&case, &rulebook(rules))
}

#[test]
fn what_happened_lately_excludes_for_the_years_that_the_rulebook_says_and_not_longer() {
    let kinds = [
        (FactKind::MajorAccident, "exclusion_accident_years", "PLG_MAJOR_ACCIDENT"),
        (FactKind::MajorViolation, "exclusion_violation_years", "PLG_MAJOR_VIOLATION"),
        (FactKind::IllegalDischarge, "exclusion_illegal_discharge_years", "PLG_ILLEGAL_DISCHARGE"),
    ];
    for (kind, rule, code) in kinds {
        let on = |on| Content::Incident { on };
        assert_eq!(excluded(kind, on(date(2019, 12, 2)), &[(rule, "3")]), [code]);
        assert_eq!(excluded(kind, on(date(2019, 12, 1)), &[(rule, "3")]), [""; 0], "three years have passed");
        assert_eq!(excluded(kind, on(date(2022, 11, 30)), &[(rule, "0")]), [""; 0], "zero years is no time");
        assert_eq!(excluded(kind, on(date(2022, 11, 30)), &[]), [""; 0], "no rule, no exclusion");
        for (_, other, _) in kinds.iter().filter(|(other, _, _)| *other != kind) {
            assert_eq!(excluded(kind, on(date(2022, 11, 30)), &[(other, "3")]), [""; 0], "{rule} is not {other}");
        }
    }
}

#[test]
fn the_levels_that_the_rulebook_names_exclude_and_others_do_not() {
    let rated = |level: &str| {
        let (level, period) = (level.to_owned(), Period::parse("2022Q3").unwrap());
        Content::Rating { level, period }
    };
    let rule = [("exclusion_credit_levels", "yellow,black")];
    assert_eq!(excluded(FactKind::CreditRating, rated("black"), &rule), ["PLG_CREDIT_LEVEL"]);
    assert_eq!(excluded(FactKind::CreditRating, rated("yellow"), &rule), ["PLG_CREDIT_LEVEL"]);
    assert_eq!(excluded(FactKind::CreditRating, rated("green"), &rule), [""; 0]);
    assert_eq!(excluded(FactKind::CreditRating, rated("black"), &[]), [""; 0]);
}

#[test]
fn only_last_years_discharge_above_the_permit_excludes() {
    let year = |year| Content::OverPermit { period: Period::year(year).unwrap(), pollutant: Some("SO2".to_owned()) };
    let (kind, on) = (FactKind::OverPermitDischarge, [("exclusion_over_permit", "on")]);
    assert_eq!(excluded(kind, year(2021), &on), ["PLG_OVER_PERMIT"], "of whatever pollutant");
    assert_eq!(excluded(kind, year(2020), &on), [""; 0]);
    assert_eq!(excluded(kind, year(2022), &on), [""; 0]);
    assert_eq!(excluded(kind, year(2021), &[("exclusion_over_permit", "off")]), [""; 0]);
    assert_eq!(excluded(kind, year(2021), &[]), [""; 0]);
}

#[test]
fn an_owed_fee_excludes_until_it_is_settled() {
    let (kind, owed) = (FactKind::FeeUnpaid, Content::Incident { on: date(2022, 5, 1) });
    let on = [("exclusion_fee_unpaid", "on")];
    assert_eq!(excluded(kind, owed.clone(), &on), ["PLG_FEE_UNPAID"]);
    assert_eq!(excluded(kind, owed.clone(), &[]), [""; 0]);
    let mut case = sound();
    let owed = fact(kind, case.rights[0].site.id, owed);
    let settled = Content::Settlement { on: date(2022, 6, 1), of: Settled::Owed(owed.id) };
    case.facts = Facts::new(vec![fact(FactKind::FeeSettled, case.rights[0].site.id, settled), owed]);
    assert_eq!(codes(&case, &rulebook(&on)), [""; 0]);
}

#[test]
fn a_mismatch_that_the_rules_block_is_refused_and_told_under_consent_only() {
    breaks("PLG_PERMIT_MISMATCH", |case| case.rights[0].is_mismatched = true);
    breaks("PLG_CONSENT_MISSING", |case| {
        case.rights[0].is_mismatched = true;
        case.consents.clear();
    });
}

#[test]
fn a_free_right_may_be_pledged_once_its_usage_fee_is_settled() {
    let free = COD.replace("PAID", "FREE");
    let settled = |case: &mut PledgeCase, of: &str| {
        case.rights[0].class.origin = Origin::Free;
        case.consents[0].right_classes = vec![case.rights[0].class.code()];
        let of = Settled::Rights { right_class: of.to_owned(), quantity: None };
        let content = Content::Settlement { on: TODAY, of };
        case.facts = Facts::new(vec![fact(FactKind::FeeSettled, case.rights[0].site.id, content)]);
    };
    stands(&strict(), |case| settled(case, &free));
    breaks("PLG_FREE_ORIGIN_FEE_UNPAID", |case| settled(case, &free.replace("LUSHUI", "FUTOU")));
}

#[test]
fn without_consent_a_bank_learns_nothing_of_what_excludes() {
    let mut case = sound();
    let on = Content::Incident { on: TODAY };
    case.facts = Facts::new(vec![fact(FactKind::MajorAccident, case.rights[0].site.id, on)]);
    let rules = rulebook(&[("exclusion_accident_years", "3")]);
    assert_eq!(codes(&case, &rules), ["PLG_MAJOR_ACCIDENT"]);
    case.consents.clear();
    assert_eq!(codes(&case, &rules), ["PLG_CONSENT_MISSING"]);
}

#[test]
fn the_bureau_verifies_the_quantities_and_the_exclusions() {
    let mut case = sound();
    let rules = rulebook(&[("exclusion_accident_years", "3")]);
    let on = Content::Incident { on: TODAY };
    let facts = Facts::new(vec![fact(FactKind::MajorAccident, case.rights[0].site.id, on)]);
    case.rights[0].available = Some(0);
    let told = |facts: &Facts| -> Vec<String> {
        let broken = judge_verification(&case.rights, std::slice::from_ref(facts), &rules, TODAY);
        broken.iter().map(|broken| broken.violation().code.into_owned()).collect()
    };
    assert_eq!(told(&facts), ["PLG_MAJOR_ACCIDENT", "PLG_NOT_ENOUGH_AVAILABLE"]);
    assert_eq!(told(&Facts::default()), ["PLG_NOT_ENOUGH_AVAILABLE"]);
}

#[test]
fn whoever_gives_rights_for_anothers_loan_is_judged_like_the_borrower_and_at_its_own_place() {
    let mut case = sound();
    let other = organisation("通城化工", OrganisationKind::Enterprise);
    let given = right(site_of(&other));
    case.rights.push(given);
    let rules = rulebook(&[("exclusion_accident_years", "3")]);
    assert_eq!(codes(&case, &rules), ["PLG_NOT_OWN_SITE"], "nobody has named whose it is");
    let on = Content::Incident { on: TODAY };
    let facts = Facts::new(vec![fact(FactKind::MajorAccident, case.rights[1].site.id, on)]);
    case.further.push(FurtherCase { pledgor: other.clone(), facts: facts.clone() });
    assert_eq!(codes(&case, &rules), ["PLG_CONSENT_MISSING"], "and the bank learns nothing of it");
    let consent = Consent { organisation: other.id, ..case.consents[0].clone() };
    case.consents.push(consent);
    let broken = judge(&case, &rules, TODAY);
    let told: Vec<_> = broken.iter().map(|broken| (broken.violation().code, broken.violation().field)).collect();
    assert_eq!(told, [("PLG_MAJOR_ACCIDENT".into(), "further_pledgors[0]".to_owned())]);
    let verified = judge_verification(&case.rights, &[Facts::default(), facts], &rules, TODAY);
    assert_eq!(verified[0].violation().field, "further_pledgors[0]");
    case.further[0] = FurtherCase { pledgor: Organisation { state: suspended(), ..other }, facts: Facts::default() };
    assert_eq!(codes(&case, &rules), ["PLG_PLEDGOR_SUSPENDED"]);
}

#[test]
fn a_settled_fee_bears_the_pledge_of_as_much_as_it_is_for() {
    let settled = |case: &mut PledgeCase, grams: i64, fee_used: i64| {
        case.rights[0].class.origin = Origin::Free;
        case.rights[0].fee_used = fee_used;
        let right_class = case.rights[0].class.code();
        case.consents[0].right_classes = vec![right_class.clone()];
        let of = Settled::Rights { right_class, quantity: Some(Quantity::try_new(grams).unwrap()) };
        let content = Content::Settlement { on: TODAY, of };
        case.facts = Facts::new(vec![fact(FactKind::FeeSettled, case.rights[0].site.id, content)]);
    };
    let wanted = sound().rights[0].quantity.grams();
    stands(&strict(), |case| settled(case, wanted, 0));
    stands(&strict(), |case| settled(case, wanted + 3, 3));
    breaks("PLG_FREE_ORIGIN_FEE_UNPAID", |case| settled(case, wanted - 1, 0));
    breaks("PLG_FREE_ORIGIN_FEE_UNPAID", |case| settled(case, wanted, 1));
}

#[test]
fn a_junior_lien_needs_a_rule_and_seniors_and_is_worth_what_they_leave() {
    let with = |held: i64, free: i64, ahead: &str| {
        let mut case = sound();
        let right = &mut case.rights[0];
        (right.junior, right.available, right.ahead) = (Some(Seniors { held }), Some(free), yuan(ahead));
        case
    };
    let on = rulebook(&[("junior_liens", "on"), ("ltv_cap", "0.80")]);
    assert!(codes(&with(10_000_000, 0, "0.00"), &on).is_empty());
    assert!(codes(&with(0, 10_000_000, "0.00"), &on).is_empty(), "who finds everything free waits for nobody");
    assert_eq!(codes(&with(9_999_999, 0, "0.00"), &on), ["PLG_BEYOND_SENIORS"]);
    assert_eq!(codes(&with(10_000_000, 0, "0.01"), &on), ["PLG_LTV_OVER_CAP"]);
    assert_eq!(
        codes(&with(10_000_000, 0, "2000000.00"), &on),
        ["PLG_LTV_OVER_CAP"],
        "what comes first may be all of it"
    );
    assert_eq!(codes(&with(10_000_000, 0, "0.00"), &rulebook(&[])), ["PLG_JUNIOR_NOT_ALLOWED"]);
}
