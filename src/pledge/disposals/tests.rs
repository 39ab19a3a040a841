//! Who may do what of a disposal when, and who gets what of the proceeds.

use super::default::DefaultNotice;
use super::*;
use crate::access::Role;
use crate::kernel::ids::{AreaId, AuctionLotId, fresh_journal};
use crate::parties::OrganisationState;
use crate::pledge::pledge::Stamp;
use crate::pledge::pledge::tests::{agreed_on, register};
use jiff::civil::date;
use proptest::prelude::*;

fn fen(fen: i64) -> Money {
    Money::try_new(fen).unwrap()
}

/// What is left of costs and claim of one that is alone.
const ALL: Left = Left { costs: Money::ZERO, claim: Money::ZERO };

fn stamp() -> Stamp {
    Stamp { by: UserId::fresh(), at: Moment::from_micros(7), journal: fresh_journal() }
}

fn disposal(mode: DisposalMode) -> Disposal {
    Disposal {
        id: DisposalId::fresh(),
        pledge: PledgeId::fresh(),
        pledgor: OrganisationId::fresh(),
        area_path: "420000/421200/421222".to_owned(),
        pledgee: OrganisationId::fresh(),
        lien: LienId::fresh(),
        right_class: RightClassId::fresh(),
        mode,
        document: "处置2022-001".to_owned(),
        settlement_bank: OrganisationId::fresh(),
        buyer: Buyer {
            site: SiteId::fresh(),
            organisation: OrganisationId::fresh(),
            area_path: "420000/421200/421281".to_owned(),
            project: None,
        },
        quantity: Quantity::try_new(10_000_000).unwrap(),
        unit_price: Price::try_new(879_000).unwrap(),
        total: fen(8_790_000),
        costs: fen(100_000),
        owed: fen(6_100_000),
        proposed_by: UserId::fresh(),
        proposed_at: Moment::from_micros(1),
        agreed: None,
        win: None,
        further: Vec::new(),
        payments: Vec::new(),
        state: DisposalState::Proposed,
        version: 1,
    }
}

#[test]
fn only_one_by_agreement_waits_for_the_pledgor() {
    let (by, at) = (UserId::fresh(), Moment::from_micros(2));
    for mode in [DisposalMode::Auction, DisposalMode::BuyBack] {
        assert_eq!(disposal(mode).agree(by, at), Err(PledgeRefusal::NoAgreementNeeded {}));
        assert!(disposal(mode).settle(ALL, by, at).is_ok());
    }
    let proposed = disposal(DisposalMode::Agreement);
    assert!(proposed.clone().settle(ALL, by, at).is_err());
    let agreed = proposed.agree(by, at).unwrap();
    assert!(agreed.clone().agree(by, at).is_err());
    let settled = agreed.settle(ALL, by, at).unwrap();
    assert_eq!((settled.version, settled.is_open()), (3, false));
    assert!(settled.clone().settle(ALL, by, at).is_err() && settled.end(DisposalState::Withdrawn { by, at }).is_err());
}

#[test]
fn what_is_pledged_never_becomes_the_pledgees_or_another_banks() {
    let pledgee = OrganisationId::fresh();
    let buyer = |id, kind| Organisation {
        id,
        code: String::new(),
        name: "赤壁农商行".to_owned(),
        kind,
        area: AreaId::fresh(),
        area_path: "420000/421200/421281".to_owned(),
        sector: None,
        state: OrganisationState::Verified,
        applied_by: None,
        version: 1,
        registered_at: Moment::from_micros(0),
    };
    let refused = Err(PledgeRefusal::DisposalToPledgee {});
    for (id, kind) in [
        (pledgee, OrganisationKind::Bank),
        (pledgee, OrganisationKind::Enterprise),
        (OrganisationId::fresh(), OrganisationKind::Bank),
        (OrganisationId::fresh(), OrganisationKind::Guarantor),
    ] {
        assert_eq!(expect_no_forfeiture(&buyer(id, kind), pledgee), refused);
    }
    for kind in [OrganisationKind::Enterprise, OrganisationKind::Reserve] {
        assert_eq!(expect_no_forfeiture(&buyer(OrganisationId::fresh(), kind), pledgee), Ok(()));
    }
}

#[test]
fn the_three_parties_and_the_bureaux_of_both_areas_know_of_it() {
    let disposal = disposal(DisposalMode::Auction);
    let caller = |organisation, role, area: &str| Caller {
        user: UserId::fresh(),
        organisation,
        roles: vec![role],
        area_path: area.to_owned(),
        ..Caller::nobody()
    };
    for party in [disposal.pledgor, disposal.pledgee, disposal.buyer.organisation] {
        assert!(disposal.is_visible_to(&caller(party, Role::EnterpriseTrader, "420000")));
    }
    let stranger = OrganisationId::fresh();
    assert!(!disposal.is_visible_to(&caller(stranger, Role::EnterpriseTrader, "420000")));
    for area in ["420000/421200/421222", "420000/421200/421281", "420000/421200"] {
        assert!(disposal.is_visible_to(&caller(stranger, Role::BureauOfficer, area)), "{area}");
    }
    assert!(!disposal.is_visible_to(&caller(stranger, Role::BureauOfficer, "420000/421200/421202")));
}

#[test]
fn nothing_is_disposed_of_before_the_default_and_the_end_of_its_term() {
    let today = date(2022, 12, 15);
    let pledge = register(agreed_on("1000000.00", "1300000.00")).unwrap();
    assert_eq!(pledge.expect_enforceable(today), Err(PledgeRefusal::DisposalBeforeDefault {}));
    let notice = |cure_until| DefaultNotice {
        at: Moment::from_micros(3),
        reason: "逾期".to_owned(),
        amount_due: fen(1),
        cure_until,
    };
    let at_once = pledge.clone().default_on(notice(None), stamp()).unwrap();
    assert_eq!(at_once.expect_enforceable(today), Ok(()));
    let later = pledge.default_on(notice(Some(today)), stamp()).unwrap();
    assert!(matches!(later.expect_enforceable(today), Err(PledgeRefusal::CureRunning { .. })));
    assert_eq!(later.expect_enforceable(today.tomorrow().unwrap()), Ok(()));
    assert!(later.clone().default_on(notice(None), stamp()).is_err(), "it is in default already");
    let cured = later.cure(stamp()).unwrap();
    assert!(cured.clone().cure(stamp()).is_err() && cured.close(stamp()).is_err());
    let closed = at_once.close(stamp()).unwrap();
    assert!(matches!(closed.expect_in_force(), Err(PledgeRefusal::EnforcedAlready { .. })));
}

proptest! {
    /// Whatever is got and owed: costs, claim and surplus make the proceeds to the fen; costs come first, and what is not paid is owed.
    #[test]
    fn proceeds_go_to_costs_then_claim_then_pledgor(total in 1..=i64::MAX, costs in 0..=i64::MAX, owed in 1..=i64::MAX) {
        let told = Disposal { total: fen(total), costs: fen(costs), owed: fen(owed), ..disposal(DisposalMode::Auction) };
        let left = Left { costs: fen(costs), claim: fen(owed) };
        let settled = told.settle(left, UserId::fresh(), Moment::from_micros(9)).unwrap();
        let paid = settled.state.paid().unwrap();
        let sum = i128::from(paid.costs.fen()) + i128::from(paid.claim.fen()) + i128::from(paid.surplus.fen());
        prop_assert_eq!(sum, i128::from(total));
        prop_assert!(paid.claim.is_zero() || paid.costs == fen(costs));
        prop_assert!(paid.surplus.is_zero() || paid.claim == fen(owed));
        prop_assert_eq!(settled.shortfall().map(Money::fen), Some(owed - paid.claim.fen()));
    }

    /// However a lot is won in parts, some of which are forfeited: what they pay adds up to what they brought, costs and claim are paid once and
    /// in that order, and the last one tells what is still owed.
    #[test]
    fn the_wins_of_a_lot_pay_its_costs_and_its_claim_once(
        parts in prop::collection::vec((1..1_000_000_i64, 0..1_000_000_i64, any::<bool>()), 1..6),
        costs in 0..1_000_000_i64,
        owed in 1..5_000_000_i64,
    ) {
        let lot = AuctionLotId::fresh();
        let mut pledge = register(agreed_on("1000000.00", "1300000.00")).unwrap();
        let (mut brought, mut paid) = (0, [0; 3]);
        let mut last = fen(owed);
        for (total, deposit, is_settled) in parts {
            let deposit = deposit.min(total);
            let win = Some(LotWin { lot, deposit: fen(deposit), settle_by: None });
            let told = Disposal { total: fen(total), costs: fen(costs), owed: fen(owed), win, ..disposal(DisposalMode::Auction) };
            let (left, by, at) = (pledge.left_of(&told), UserId::fresh(), Moment::from_micros(9));
            let over = if is_settled { told.settle(left, by, at) } else { told.forfeit(left, by, at) }.unwrap();
            brought += if is_settled { total } else { deposit };
            let shares = over.state.paid().unwrap();
            for (sum, share) in paid.iter_mut().zip([shares.costs, shares.claim, shares.surplus]) {
                *sum += share.fen();
            }
            last = shares.shortfall;
            pledge = pledge.with_disposal(over);
        }
        prop_assert_eq!(paid[0], costs.min(brought));
        prop_assert_eq!(paid[1], owed.min(brought - paid[0]));
        prop_assert_eq!(paid.iter().sum::<i64>(), brought);
        prop_assert_eq!(last.fen(), owed - paid[1]);
    }

    /// Whatever several disposals and what is told anew between them claim: together they never pay more of the claim than was due.
    #[test]
    fn disposals_never_pay_more_of_a_claim_than_is_due(
        told in prop::collection::vec((1..1_000_000_i64, 0..10_000_i64, 1..5_000_000_i64), 1..6),
        due in 1..2_000_000_i64,
        ceiling in any::<bool>(),
    ) {
        let mut pledge = register(agreed_on("10000.00", "13000.00")).unwrap();
        let (lien, secured) = (pledge.liens[0].id, pledge.terms.secured.fen());
        if ceiling {
            pledge.terms.determined = Some((date(2022, 12, 1), date(2023, 6, 30)));
        }
        let notice = DefaultNotice { at: Moment::from_micros(3), reason: "逾期".to_owned(), amount_due: fen(due), cure_until: None };
        let mut pledge = pledge.default_on(notice, stamp()).unwrap();
        let mut claims = 0;
        for (total, own_costs, owed) in told {
            let one = Disposal { lien, total: fen(total), costs: fen(own_costs), owed: fen(owed), ..disposal(DisposalMode::Auction) };
            let over = one.clone().settle(pledge.left_of(&one), UserId::fresh(), Moment::from_micros(9)).unwrap();
            let paid = over.state.paid().unwrap();
            prop_assert_eq!(paid.costs.fen() + paid.claim.fen() + paid.surplus.fen(), total);
            let most = pledge.outstanding();
            prop_assert!(paid.claim <= most, "{:?} of {most:?}", paid.claim);
            prop_assert!(!ceiling || paid.claim.is_zero() || paid.claim.fen() + paid.costs.fen() <= secured);
            claims += paid.claim.fen();
            pledge = pledge.with_disposal(over);
            prop_assert!(pledge.outstanding().fen() <= due - claims);
        }
        prop_assert!(claims <= due);
        prop_assert!(!ceiling || claims <= secured);
        let again = pledge.restate_default(fen(500), stamp()).unwrap();
        prop_assert!(again.outstanding() <= fen(500));
        prop_assert!(ceiling || again.outstanding() == fen(500));
    }
}
