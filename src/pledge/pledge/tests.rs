//! The states of a pledge and who may know of it.

use super::*;
use crate::access::Role;
use crate::kernel::ids::fresh_journal;
use jiff::civil::date;

const COUNTY: &str = "420000/421200/421222";

pub(in crate::pledge) fn stamp() -> Stamp {
    Stamp { by: UserId::fresh(), at: Moment::from_micros(7), journal: fresh_journal() }
}

/// A pledge of one thing, applied for.
pub(in crate::pledge) fn applied() -> Pledge {
    let yuan = |text| Money::parse(text).unwrap();
    Pledge {
        id: PledgeId::fresh(),
        pledgor: OrganisationId::fresh(),
        pledgor_area_path: COUNTY.to_owned(),
        pledgee: OrganisationId::fresh(),
        facility: None,
        terms: Terms {
            loan_contract: "借2022-0331".to_owned(),
            pledge_contract: "质2022-0331".to_owned(),
            principal: yuan("1000000.00"),
            secured: yuan("1000000.00"),
            scope: ClaimPart::ALL.to_vec(),
            determined: None,
            restricts_transfer: true,
            debt_from: date(2022, 3, 31),
            debt_to: date(2023, 3, 30),
        },
        worth: Worth {
            assessed_value: yuan("1300000.00"),
            method: "market_price".to_owned(),
            valued_on: date(2022, 3, 31),
            expires_on: None,
        },
        margin_calls: Vec::new(),
        payouts: Vec::new(),
        amendments: Vec::new(),
        disposals: Vec::new(),
        on_offer: Vec::new(),
        court_releases: Vec::new(),
        due_on: None,
        processing_days: None,
        external: None,
        shares: Vec::new(),
        further: Vec::new(),
        liens: vec![Lien {
            id: LienId::fresh(),
            site: SiteId::fresh(),
            pledgor: OrganisationId::fresh(),
            area_path: COUNTY.to_owned(),
            right_class: RightClassId::fresh(),
            consent: ConsentId::fresh(),
            quantity: Quantity::try_new(12_500_000).unwrap(),
            is_junior: false,
            waits: Vec::new(),
            changed: 0,
            sold: 0,
            secured: Some(yuan("1000000.00")),
            valuations: Vec::new(),
            notices: Vec::new(),
        }],
        applied_by: UserId::fresh(),
        applied_at: Moment::from_micros(0),
        rulebook: RulebookId::fresh(),
        state: PledgeState::Applied,
        journal: fresh_journal(),
        version: 1,
    }
}

const NUMBER: &str = "PL-2022-000001";

/// So much secured on rights of so much, agreed by everybody.
pub(in crate::pledge) fn agreed_on(secured: &str, value: &str) -> Pledge {
    let money = |text| Money::parse(text).unwrap();
    let mut pledge = applied();
    (pledge.terms.secured, pledge.worth.assessed_value) = (money(secured), money(value));
    pledge.liens[0].secured = Some(money(secured));
    pledge.verify(stamp()).unwrap().agree(stamp()).unwrap()
}

/// Its registration.
pub(in crate::pledge) fn register(pledge: Pledge) -> Result<Pledge, PledgeRefusal> {
    pledge.register(NUMBER.to_owned(), RulebookId::fresh(), 3, stamp())
}

fn refuse(pledge: Pledge) -> Result<Pledge, PledgeRefusal> {
    pledge.refuse("资料不全".to_owned(), stamp())
}

fn default_on(pledge: Pledge) -> Result<Pledge, PledgeRefusal> {
    let (reason, amount_due) = ("逾期未还".to_owned(), Money::parse("1.00").unwrap());
    pledge.default_on(DefaultNotice { at: Moment::from_micros(8), reason, amount_due, cure_until: None }, stamp())
}

/// One pledge in every state there is, in the order of [`PledgeState::WORDS`].
fn every_state() -> Vec<Pledge> {
    let applied = applied();
    let verified = applied.clone().verify(stamp()).unwrap();
    let agreed = verified.clone().agree(stamp()).unwrap();
    let registered = register(agreed.clone()).unwrap();
    let released = registered.clone().release(stamp()).unwrap();
    let refused = refuse(verified.clone()).unwrap();
    let withdrawn = agreed.clone().withdraw(stamp()).unwrap();
    let defaulted = default_on(registered.clone()).unwrap();
    let closed = defaulted.clone().close(stamp()).unwrap();
    vec![applied, verified, agreed, registered, released, refused, withdrawn, defaulted, closed]
}

/// From which states an act leads where, and that it is refused by name from all others.
#[track_caller]
fn leads(act: impl Fn(Pledge) -> Result<Pledge, PledgeRefusal>, from: &[&str], to: &str) {
    for pledge in every_state() {
        let (state, version) = (pledge.state.as_str(), pledge.version);
        match act(pledge.clone()) {
            Ok(after) => {
                assert!(from.contains(&state), "{state} led to {to}");
                assert_eq!((after.state.as_str(), after.version), (to, version + 1));
                assert_ne!(after.journal, pledge.journal);
                assert_eq!((after.terms, after.liens), (pledge.terms, pledge.liens));
            }
            Err(PledgeRefusal::WrongState { state: named, .. }) => {
                assert!(!from.contains(&state), "{state} did not lead to {to}");
                assert_eq!(named, state);
            }
            Err(PledgeRefusal::AlreadyReleased { number }) => {
                assert!(!from.contains(&state), "{state} did not lead to {to}");
                assert_eq!((state, number.as_str()), ("released", NUMBER));
            }
            Err(PledgeRefusal::EnforcedAlready { number }) => {
                assert!(!from.contains(&state), "{state} did not lead to {to}");
                assert_eq!((state, number.as_str()), ("closed", NUMBER));
            }
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[test]
fn every_state_has_its_word() {
    let words: Vec<_> = every_state().iter().map(|pledge| pledge.state.as_str()).collect();
    assert_eq!(words, PledgeState::WORDS);
}

#[test]
fn each_act_leads_on_from_its_own_states_only() {
    leads(|pledge| pledge.verify(stamp()), &["applied"], "verified");
    leads(|pledge| pledge.agree(stamp()), &["verified"], "agreed");
    leads(register, &["agreed"], "registered");
    leads(|pledge| pledge.release(stamp()), &["registered", "defaulted"], "released");
    leads(default_on, &["registered"], "defaulted");
    leads(|pledge| pledge.cure(stamp()), &["defaulted"], "registered");
    leads(|pledge| pledge.close(stamp()), &["defaulted"], "closed");
    leads(refuse, &["applied", "verified", "agreed"], "refused");
    leads(|pledge| pledge.withdraw(stamp()), &["applied", "verified", "agreed"], "withdrawn");
}

#[test]
fn what_may_be_registered_is_told_before_a_number_is_issued() {
    for pledge in every_state() {
        assert_eq!(pledge.expect_agreed().is_ok(), register(pledge).is_ok());
    }
}

#[test]
fn a_second_release_is_refused_by_its_own_name() {
    let released = every_state().remove(4);
    let refused = PledgeRefusal::AlreadyReleased { number: NUMBER.to_owned() };
    assert_eq!(released.release(stamp()), Err(refused));
}

#[test]
fn a_registration_keeps_who_verified_and_who_agreed_for_ever() {
    let (verifier, pledgor, bank) = (stamp(), stamp(), stamp());
    let rulebook = RulebookId::fresh();
    let agreed = applied().verify(verifier).unwrap().agree(pledgor).unwrap();
    let registered = agreed.register(NUMBER.to_owned(), rulebook, 3, bank).unwrap();
    assert_eq!((registered.rulebook, registered.journal), (rulebook, bank.journal));
    let registration = registered.state.registration().unwrap().clone();
    assert_eq!(registration.number, NUMBER);
    assert_eq!((registration.verified_by, registration.agreed_by), (verifier.by, pledgor.by));
    let released = registered.release(stamp()).unwrap();
    assert_eq!(released.state.registration(), Some(&registration));
    let steps = Steps { verified_by: Some(verifier.by), agreed_by: Some(pledgor.by) };
    assert_eq!(released.state.steps(), steps);
}

#[test]
fn an_application_that_ends_early_keeps_how_far_it_had_come() {
    let officer = stamp();
    let verified = applied().verify(officer).unwrap();
    let steps = Steps { verified_by: Some(officer.by), agreed_by: None };
    assert_eq!(refuse(verified.clone()).unwrap().state.steps(), steps);
    assert_eq!(verified.withdraw(stamp()).unwrap().state.steps(), steps);
    assert_eq!(refuse(applied()).unwrap().state.steps(), Steps::default());
}

#[test]
fn it_is_known_to_its_parties_and_the_bureaux_above_them_only() {
    let pledge = applied();
    let caller = |organisation, role, area: &str| Caller {
        user: UserId::fresh(),
        organisation,
        roles: vec![role],
        area_path: area.to_owned(),
        ..Caller::nobody()
    };
    let other = OrganisationId::fresh();
    for known in [
        caller(pledge.pledgee, Role::PledgeeOfficer, "420000/420100"),
        caller(pledge.pledgor, Role::EnterpriseTrader, COUNTY),
        caller(other, Role::BureauOfficer, COUNTY),
        caller(other, Role::BureauHead, "420000"),
        caller(other, Role::ExchangeOfficer, "420000"),
        caller(other, Role::Auditor, "420000"),
    ] {
        assert!(pledge.is_visible_to(&known), "{:?}", known.roles);
    }
    for stranger in [
        caller(other, Role::PledgeeOfficer, COUNTY),
        caller(other, Role::EnterpriseTrader, COUNTY),
        caller(other, Role::BureauOfficer, "420000/421200/421221"),
    ] {
        assert!(!pledge.is_visible_to(&stranger), "{:?}", stranger.roles);
    }
}

#[test]
fn a_bureau_is_in_charge_only_when_every_site_lies_in_its_area() {
    let mut pledge = applied();
    let county = Caller {
        user: UserId::fresh(),
        organisation: OrganisationId::fresh(),
        roles: vec![Role::BureauOfficer],
        area_path: COUNTY.to_owned(),
        ..Caller::nobody()
    };
    assert_eq!(pledge.outside(&county), None);
    let elsewhere = Lien { area_path: "420000/421200/421281".to_owned(), ..pledge.liens[0].clone() };
    pledge.liens.push(elsewhere);
    assert_eq!(pledge.outside(&county), Some("420000/421200/421281"));
    let city = Caller { area_path: "420000/421200".to_owned(), ..county };
    assert_eq!(pledge.outside(&city), None);
}
