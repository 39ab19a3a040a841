//! Who answers for what, and whose yes is waited for.

use super::*;
use crate::kernel::ids::LienId;
use crate::pledge::pledge::tests::{applied, stamp};

fn yuan(text: &str) -> Money {
    Money::parse(text).unwrap()
}

/// A pledge for whose loan of a million somebody else gives rights too, verified.
fn with_another() -> (Pledge, OrganisationId) {
    let mut pledge = applied();
    let other = OrganisationId::fresh();
    pledge.further = vec![FurtherPledgor { pledge: pledge.id, pledgor: other, place: 1, agreed: None, version: 1 }];
    pledge.liens[0].pledgor = pledge.pledgor;
    pledge.liens[0].secured = Some(yuan("700000.00"));
    let given =
        Lien { id: LienId::fresh(), pledgor: other, secured: Some(yuan("300000.00")), ..pledge.liens[0].clone() };
    pledge.liens.push(given);
    (pledge.verify(stamp()).unwrap(), other)
}

#[test]
fn each_answers_with_what_rests_on_its_rights() {
    let (pledge, other) = with_another();
    let shares: Vec<_> = pledge.pledgor_shares().into_iter().map(|share| (share.pledgor, share.secured)).collect();
    assert_eq!(shares, [(pledge.pledgor, Some(yuan("700000.00"))), (other, Some(yuan("300000.00")))]);
    let mut untold = pledge.clone();
    untold.liens[1].secured = None;
    assert_eq!(untold.pledgor_shares()[1].secured, None);
    assert_eq!(pledge.others_than(other), [pledge.pledgor]);
    assert_eq!(pledge.others_than(pledge.pledgor), [other]);
}

#[test]
fn each_agrees_once_for_itself_and_the_registration_waits_for_all() {
    let (pledge, other) = with_another();
    let (by, at) = (UserId::fresh(), Moment::from_micros(8));
    assert_eq!(pledge.expect_all_agreed(), Err(PledgeRefusal::PledgorWaiting { count: "1".to_owned() }));
    let stranger = OrganisationId::fresh();
    assert_eq!(pledge.clone().further_agrees(stranger, by, at), Err(PledgeRefusal::NotThePledgor {}));
    let agreed = pledge.further_agrees(other, by, at).unwrap();
    assert_eq!(agreed.expect_all_agreed(), Ok(()));
    assert_eq!((agreed.further[0].agreed, agreed.further[0].version), (Some((by, at)), 2));
    assert_eq!(agreed.clone().further_agrees(other, by, at), Err(PledgeRefusal::AgreedAlready {}));
    let refused = agreed.refuse("撤回".to_owned(), stamp()).unwrap();
    assert!(matches!(refused.further_agrees(other, by, at), Err(PledgeRefusal::WrongState { .. })));
}

#[test]
fn nobody_agrees_to_what_the_bureau_has_not_verified() {
    let (mut pledge, other) = with_another();
    pledge.state = crate::pledge::pledge::PledgeState::Applied;
    let early = pledge.further_agrees(other, UserId::fresh(), Moment::from_micros(8));
    assert!(matches!(early, Err(PledgeRefusal::WrongState { .. })));
}

#[test]
fn only_whose_right_it_is_speaks_for_a_lien() {
    let (pledge, other) = with_another();
    let (own, given) = (pledge.liens[0].id, pledge.liens[1].id);
    assert_eq!(pledge.expect_pledgor_of(given, other).map(|lien| lien.id), Ok(given));
    assert_eq!(pledge.expect_pledgor_of(own, other), Err(PledgeRefusal::NotThePledgor {}));
    assert_eq!(pledge.expect_pledgor_of(given, pledge.pledgor), Err(PledgeRefusal::NotThePledgor {}));
    assert_eq!(pledge.expect_pledgor_of(LienId::fresh(), other), Err(PledgeRefusal::NoSuchLien {}));
    assert_eq!(pledge.expect_pledgor_of(own, OrganisationId::fresh()), Err(PledgeRefusal::NotThePledgor {}));
}
