//! Each rule in both directions.

use super::*;
use crate::encumbrance::Notice;
use crate::kernel::Moment;
use crate::kernel::ids::{AreaId, OrganisationId, RightActId, RightClassId, RulebookId, SiteId, UserId};
use crate::quota::tenure::right_act::{Receiver, State};
use crate::rulebook::{Rule, hubei};
use accounting::{AssetId, OwnerId, Quantity};
use jiff::civil::date;
use uuid::Uuid;

const TODAY: Date = date(2025, 10, 1);
const BY_PARTY: Stage = Stage::Proposed { by_bureau: false };
const BY_BUREAU: Stage = Stage::Proposed { by_bureau: true };

fn rulebook(changes: &[(&str, Option<&str>)]) -> Rulebook {
    let mut rules = hubei::rules();
    for (name, value) in changes {
        rules.insert((*name).to_owned(), Rule { value: value.map(str::to_owned), legal_basis: None });
    }
    let (jurisdiction, effective_from) = ("420000".to_owned(), date(2022, 1, 1));
    Rulebook { id: RulebookId::fresh(), jurisdiction, version: 1, effective_from, rules }
}

fn site(name: &str, is_reserve: bool) -> Site {
    Site {
        id: SiteId::fresh(),
        number: "SITE-1".to_owned(),
        organisation: OrganisationId::fresh(),
        name: name.to_owned(),
        area: AreaId::fresh(),
        area_path: "420000/421200/421222".to_owned(),
        basin: Some("LUSHUI".to_owned()),
        sector: None,
        is_reserve,
        version: 1,
        registered_at: Moment::from_micros(0),
    }
}

fn class(code: &str) -> RightClass {
    RightClass::parse(code).unwrap()
}

const PAID: &str = "COD-MULTI-PAID-LUSHUI-20210101-20251231";
const FREE: &str = "COD-MULTI-FREE-LUSHUI-20210101-20251231";

fn case(code: &str) -> Case {
    Case {
        site: site("临江纸业", false),
        class: class(code),
        measure: Measure::tonnes(),
        suspended: None,
        is_permitted: true,
        reserve: None,
        into: None,
        area: None,
        liens: Vec::new(),
        available: 1_000,
        treasury: 0,
    }
}

fn act(what: What, grams: i64) -> RightAct {
    RightAct {
        id: RightActId::fresh(),
        cause: what.kind().causes()[0],
        what,
        site: SiteId::fresh(),
        organisation: OrganisationId::fresh(),
        area_path: "420000/421200/421222".to_owned(),
        right_class: RightClassId::fresh(),
        quantity: Quantity::try_new(grams).unwrap(),
        document: Some("咸环退〔2025〕1号".to_owned()),
        proposed_by: UserId::fresh(),
        proposer: OrganisationId::fresh(),
        proposed_at: Moment::from_micros(0),
        state: State::Proposed,
        rulebook: RulebookId::fresh(),
        version: 1,
    }
}

fn receiver() -> Receiver {
    Receiver { site: SiteId::fresh(), organisation: OrganisationId::fresh() }
}

fn take_back() -> What {
    What::TakeBack { reserve: receiver() }
}

fn buy_back(total: i64) -> What {
    What::BuyBack { reserve: receiver(), total: Money::try_new(total).unwrap(), agreed: None }
}

fn renewal(confirmed: i64, from: Date) -> What {
    What::Renewal { into: RightClassId::fresh(), from, confirmed: Quantity::try_new(confirmed).unwrap() }
}

fn codes(act: &RightAct, case: &Case, stage: Stage) -> Vec<String> {
    codes_by(act, case, &rulebook(&[]), stage)
}

fn codes_by(act: &RightAct, case: &Case, rulebook: &Rulebook, stage: Stage) -> Vec<String> {
    judge(act, case, rulebook, TODAY, stage).into_iter().map(|(_, violation)| violation.code.into_owned()).collect()
}

fn lien(number: &str, grams: i64) -> LienOn {
    LienOn {
        lien: SubjectId(Uuid::from_u128(u128::from(number.bytes().last().unwrap()))),
        number: number.to_owned(),
        stock: Holding { owner: OwnerId(Uuid::nil()), asset: AssetId(Uuid::nil()) },
        grams,
        notices: Vec::new(),
    }
}

#[test]
fn nobody_gives_up_more_than_is_free_and_the_liens_are_named() {
    for what in [What::Surrender, What::Variation] {
        assert!(codes(&act(what, 1_000), &case(PAID), Stage::Decided).is_empty());
        assert_eq!(codes(&act(what, 1_001), &case(PAID), Stage::Decided), ["QTA_NOT_ENOUGH_AVAILABLE"]);
        let pledged = Case { liens: vec![lien("PL-1", 500), lien("PL-2", 500)], ..case(PAID) };
        assert!(codes(&act(what, 1_000), &pledged, BY_PARTY).is_empty(), "what is free may go");
        let broken = judge(&act(what, 1_001), &pledged, &rulebook(&[]), TODAY, BY_PARTY);
        assert_eq!(broken[0].1.code, "QTA_LIENS_IN_THE_WAY");
        assert!(broken[0].1.en.contains("PL-1, PL-2"), "{:?}", broken[0].1);
    }
}

#[test]
fn what_is_over_can_only_expire() {
    let over = case("COD-MULTI-PAID-LUSHUI-20200101-20250930");
    assert_eq!(codes(&act(What::Surrender, 1), &over, BY_PARTY), ["QTA_CLASS_OVER"]);
    let last_day = case("COD-MULTI-PAID-LUSHUI-20200102-20251001");
    assert!(codes(&act(What::Surrender, 1), &last_day, BY_PARTY).is_empty(), "the last day is a day of it");
}

#[test]
fn free_rights_are_taken_back_and_paid_ones_bought_back_into_a_reserve() {
    let into = |code: &str, reserve: Site| Case { reserve: Some(reserve), ..case(code) };
    let reserve = || site("储备", true);
    assert!(codes(&act(take_back(), 1_000), &into(FREE, reserve()), BY_BUREAU).is_empty());
    assert_eq!(codes(&act(take_back(), 1_000), &into(PAID, reserve()), BY_BUREAU), ["QTA_NOT_FREE_ORIGIN"]);
    assert!(codes(&act(buy_back(1), 1_000), &into(PAID, reserve()), BY_BUREAU).is_empty());
    assert_eq!(codes(&act(buy_back(1), 1_000), &into(FREE, reserve()), BY_BUREAU), ["QTA_NOT_PAID_ORIGIN"]);
    let elsewhere = into(FREE, site("通城玻璃", false));
    assert_eq!(codes(&act(take_back(), 1_000), &elsewhere, BY_BUREAU), ["QTA_NOT_A_RESERVE"]);
    let own = Case { site: site("储备", true), ..into(FREE, reserve()) };
    assert_eq!(codes(&act(take_back(), 1_000), &own, BY_BUREAU), ["QTA_OF_RESERVE"]);
}

#[test]
fn a_set_aside_is_the_reserves_and_no_longer_than_the_rules_allow() {
    let of_reserve = |code: &str| Case { site: site("储备", true), available: 0, ..case(code) };
    assert!(codes(&act(What::SetAside, 9_000), &of_reserve(FREE), BY_BUREAU).is_empty(), "it comes from nobody");
    assert_eq!(codes(&act(What::SetAside, 1), &case(FREE), BY_BUREAU), ["QTA_NOT_A_RESERVE"]);
    let long = of_reserve("COD-MULTI-FREE-LUSHUI-20210101-20260101");
    assert_eq!(codes(&act(What::SetAside, 1), &long, BY_BUREAU), ["QTA_VALIDITY_TOO_LONG"]);
    assert!(
        codes_by(&act(What::SetAside, 1), &long, &rulebook(&[("quota_validity_years", None)]), BY_BUREAU).is_empty()
    );
}

#[test]
fn the_treasury_pays_what_it_has_when_a_bureau_decides() {
    let with = |treasury| Case { reserve: Some(site("储备", true)), treasury, ..case(PAID) };
    let act = act(buy_back(500), 1_000);
    assert_eq!(codes(&act, &with(499), Stage::Decided), ["QTA_TREASURY_SHORT"]);
    assert!(codes(&act, &with(500), Stage::Decided).is_empty());
    assert!(codes(&act, &with(0), Stage::Agreed).is_empty(), "it may still be filled");
}

#[test]
fn what_an_enterprise_has_is_judged_when_it_agrees_and_not_told_to_who_would_buy() {
    let poor = Case { reserve: Some(site("储备", true)), available: 0, treasury: 1, ..case(PAID) };
    assert!(codes(&act(buy_back(1), 1_000), &poor, BY_PARTY).is_empty());
    for stage in [Stage::Agreed, Stage::Decided] {
        assert_eq!(codes(&act(buy_back(1), 1_000), &poor, stage), ["QTA_NOT_ENOUGH_AVAILABLE"]);
    }
}

fn renewed(code: &str, into: &str) -> Case {
    Case { into: Some(class(into)), ..case(code) }
}

const NEXT: &str = "COD-MULTI-PAID-LUSHUI-20260101-20301231";
const NEXT_FREE: &str = "COD-MULTI-FREE-LUSHUI-20260101-20301231";

#[test]
fn a_renewal_follows_the_old_validity_without_a_gap() {
    let act = act(renewal(1_000, date(2026, 1, 1)), 1_000);
    assert!(codes(&act, &renewed(PAID, NEXT), BY_PARTY).is_empty());
    for (into, code) in [
        ("COD-MULTI-PAID-LUSHUI-20260102-20301231", "QTA_RENEWAL_GAP"),
        ("COD-MULTI-PAID-LUSHUI-20250601-20251231", "QTA_RENEWAL_GAP"),
        ("COD-MULTI-PAID-LUSHUI-20210101-20251231", "QTA_RENEWAL_GAP"),
        ("COD-MULTI-PAID-LUSHUI-20260101-20310101", "QTA_VALIDITY_TOO_LONG"),
    ] {
        assert_eq!(codes(&act, &renewed(PAID, into), BY_PARTY), [code], "{into}");
    }
    let annual = renewed("COD-Y2025-PAID-LUSHUI-20250101-20251231", NEXT);
    assert_eq!(codes(&act, &annual, BY_PARTY), ["QTA_NOT_RENEWABLE"]);
}

#[test]
fn a_party_asks_in_time_and_a_bureau_at_any_time() {
    let act = act(renewal(1_000, date(2026, 1, 1)), 1_000);
    let on = |day: Date, rulebook: &Rulebook, stage| {
        let broken = judge(&act, &renewed(PAID, NEXT), rulebook, day, stage);
        broken.into_iter().map(|(_, violation)| violation.code.into_owned()).collect::<Vec<_>>()
    };
    let hubei = rulebook(&[]);
    assert!(on(date(2025, 11, 1), &hubei, BY_PARTY).is_empty(), "sixty days before the last one");
    assert_eq!(on(date(2025, 11, 2), &hubei, BY_PARTY), ["QTA_RENEWAL_LATE"]);
    assert!(on(date(2025, 12, 31), &hubei, BY_BUREAU).is_empty());
    assert!(on(date(2025, 12, 31), &rulebook(&[("permit_renewal_days", None)]), BY_PARTY).is_empty());
    assert!(on(date(2026, 1, 3), &hubei, Stage::Decided).is_empty(), "who asked in time loses nothing by the delay");
    assert_eq!(on(date(2026, 1, 3), &hubei, BY_BUREAU), ["QTA_CLASS_OVER"]);
}

#[test]
fn only_a_bureau_confirms_less_and_only_of_free_rights() {
    let less = act(renewal(900, date(2026, 1, 1)), 1_000);
    assert!(codes(&less, &renewed(FREE, NEXT_FREE), BY_BUREAU).is_empty());
    assert!(codes(&less, &renewed(FREE, NEXT_FREE), Stage::Decided).is_empty());
    assert_eq!(codes(&less, &renewed(FREE, NEXT_FREE), BY_PARTY), ["QTA_BY_BUREAU_ONLY"]);
    assert_eq!(codes(&less, &renewed(PAID, NEXT), BY_BUREAU), ["QTA_PAID_UNALTERED"]);
    let more = act(renewal(1_001, date(2026, 1, 1)), 1_000);
    assert_eq!(codes(&more, &renewed(FREE, NEXT_FREE), BY_BUREAU), ["QTA_CONFIRMED_TOO_MUCH"]);
}

#[test]
fn rights_are_renewed_for_who_is_active_and_permitted() {
    let act = act(renewal(1_000, date(2026, 1, 1)), 1_000);
    let suspended = Case { suspended: Some("临江纸业".to_owned()), ..renewed(PAID, NEXT) };
    assert_eq!(codes(&act, &suspended, BY_PARTY), ["QTA_SUSPENDED"]);
    let unpermitted = Case { is_permitted: false, ..renewed(PAID, NEXT) };
    assert_eq!(codes(&act, &unpermitted, BY_PARTY), ["QTA_PERMIT_NOT_IN_FORCE"]);
    let reserve = Case { site: site("储备", true), ..unpermitted };
    assert!(codes(&act, &reserve, BY_BUREAU).is_empty(), "the reserve has no permit");
}

/// A case of 100 grams free and two liens, whose pledgees were told as said.
#[expect(clippy::option_option, reason = "nobody was told, or somebody was without a last day, or with one")]
fn pledged(act: &RightAct, notices: [Option<Option<Date>>; 2]) -> Case {
    let mut liens = vec![lien("PL-1", 400), lien("PL-2", 300)];
    for (lien, until) in liens.iter_mut().zip(notices) {
        let notice = |until| Notice { cause: NoticeCause::TakeBack, right_act: Some(act.id), until };
        lien.notices = until.map(notice).into_iter().collect();
    }
    Case { reserve: Some(site("储备", true)), available: 100, liens, ..case(FREE) }
}

#[test]
fn a_take_back_takes_what_is_free_first_and_then_the_lien_that_came_last() {
    let act = act(take_back(), 450);
    let over = Some(Some(date(2025, 9, 30)));
    let both = pledged(&act, [over, over]);
    let [first, last] = [both.liens[0].lien, both.liens[1].lien];
    let taken = seize(&act, &both, TODAY, Stage::Decided).unwrap();
    assert_eq!(taken, Seizure { available: 100, liens: vec![(last, 300), (first, 50)] });
    let told = seize(&act, &pledged(&act, [None, None]), TODAY, BY_BUREAU).unwrap();
    assert_eq!(told.liens, [(last, 300), (first, 50)], "so many are told when it is proposed");
    let free = RightAct { quantity: Quantity::try_new(100).unwrap(), ..act.clone() };
    assert_eq!(seize(&free, &both, TODAY, Stage::Decided).unwrap().liens, []);
    let refused = seize(&RightAct { quantity: Quantity::try_new(801).unwrap(), ..act }, &both, TODAY, BY_BUREAU);
    assert!(matches!(refused, Err(TenureRefusal::NotEnough { .. })));
}

#[test]
fn a_lien_gives_nothing_before_its_term_is_over_and_never_without_one() {
    let act = act(take_back(), 400);
    let code = |notices| codes(&act, &pledged(&act, notices), Stage::Decided);
    let (over, today) = (Some(Some(date(2025, 9, 30))), Some(Some(TODAY)));
    assert!(code([None, over]).is_empty(), "the one that came last is enough");
    assert_eq!(code([None, today]), ["QTA_NOTICE_RUNNING"], "the last day counts");
    assert_eq!(code([None, Some(None)]), ["QTA_LIENS_IN_THE_WAY"], "where no rule sets a term only a release helps");
    assert_eq!(code([None, None]), ["QTA_LIENS_IN_THE_WAY"], "who was not told loses nothing");
    assert!(code([over, None]).is_empty(), "of two only the one that was told gives");
    let other = RightAct { id: RightActId::fresh(), ..act.clone() };
    assert_eq!(codes(&other, &pledged(&act, [over, over]), Stage::Decided), ["QTA_LIENS_IN_THE_WAY"]);
}
