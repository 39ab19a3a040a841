//! What a junior lien holds, waits for and stands behind, to the gram and the fen.

use super::*;
use crate::kernel::ids::{PledgeId, UserId};
use crate::pledge::amendments::{Amendment, AmendmentKind, AmendmentState, Changes, ThingChange};
use crate::pledge::pledge::tests::{agreed_on, register};
use proptest::prelude::*;

/// A registered pledge whose only lien waits for so many of its 12,500,000 grams behind so many fen.
fn behind(waiting: i64, ahead: i64) -> Pledge {
    let pledge = register(agreed_on("1000000.00", "1300000.00")).unwrap();
    let lien = pledge.liens[0].id;
    let rank = Some(Rank { place: 2, ahead: Money::try_new(ahead).unwrap() });
    let (id, cause, at) = (LienWaitId::fresh(), WaitCause::Registered, Moment::from_micros(1));
    pledge.waits_for(&HashMap::from([(lien, Wait { id, lien, cause, grams: waiting, rank, at })]))
}

fn given_back(pledge: &Pledge, grams: i64) -> Amendment {
    let things = vec![ThingChange { lien: pledge.liens[0].id, added: None, grams: -grams, secured: 0, value: None }];
    Amendment {
        id: crate::kernel::ids::AmendmentId::fresh(),
        pledge: pledge.id,
        kind: AmendmentKind::PartialRelease,
        reason: "部分还款".to_owned(),
        principal: pledge.terms.principal,
        secured: pledge.terms.secured,
        debt_to: pledge.terms.debt_to,
        changes: Changes { things, appraised: None },
        proposed_by: UserId::fresh(),
        proposed_at: Moment::from_micros(2),
        agreements: Vec::new(),
        state: AmendmentState::Proposed,
        version: 1,
    }
}

fn held(pledge: &Pledge) -> i64 {
    pledge.liens[0].left().map_or(0, Quantity::grams)
}

#[test]
fn who_waits_for_everything_holds_nothing_until_it_comes_free() {
    let mut pledge = behind(12_500_000, 1_000);
    assert_eq!((held(&pledge), pledge.liens[0].waiting(), pledge.liens[0].rank().unwrap().place), (0, 12_500_000, 2));
    pledge.liens[0].waits_less(5_000_000, WaitCause::Advanced, Moment::from_micros(3));
    assert_eq!((held(&pledge), pledge.liens[0].ahead().fen()), (5_000_000, 600));
    let over = pledge.waits_no_more(Moment::from_micros(4));
    assert_eq!(
        (held(&over), over.liens[0].waiting(), over.liens[0].claimed().unwrap().grams()),
        (5_000_000, 0, 5_000_000)
    );
}

#[test]
fn who_would_wait_for_another_of_the_same_batch_is_registered_by_itself() {
    let senior = register(agreed_on("1000000.00", "1300000.00")).unwrap();
    let beside = Pledge { id: PledgeId::fresh(), ..senior.clone() };
    assert_eq!(
        expect_apart(&[senior.clone(), beside.clone()]),
        Ok(()),
        "two that want free grams are judged after each other"
    );
    let mut junior = beside;
    junior.liens[0].is_junior = true;
    assert_eq!(expect_apart(std::slice::from_ref(&junior)), Ok(()));
    assert_eq!(expect_apart(&[senior.clone(), junior.clone()]), Err(PledgeRefusal::ChangedMeanwhile {}));
    junior.liens[0].site = crate::kernel::ids::SiteId::fresh();
    assert_eq!(expect_apart(&[senior, junior]), Ok(()), "on another stock");
}

#[test]
fn what_comes_first_is_never_told_too_small() {
    assert_eq!(share(Money::try_new(100).unwrap(), 1, 3).fen(), 34);
    assert_eq!(share(Money::try_new(100).unwrap(), 3, 3).fen(), 100);
    assert_eq!(share(Money::try_new(100).unwrap(), 0, 3).fen(), 0);
    assert_eq!(share(Money::try_new(100).unwrap(), 5, 0).fen(), 100, "where nothing is held all comes first");
}

proptest! {
    /// Whatever comes free, is given back and comes to nothing: what it holds and waits for is what it was registered with, less what was
    /// given back and what came to nothing; it gives up what it waits for first, and never holds less than nothing.
    #[test]
    fn a_junior_lien_loses_no_gram_and_makes_none(
        waiting in 1_i64..12_500_000,
        acts in prop::collection::vec((0_u8..3, 1_i64..6_000_000), 0..10),
    ) {
        let mut pledge = behind(waiting, 1_000_000);
        let (mut given, mut ended, mut came) = (0, 0, 0);
        for (act, grams) in acts {
            let before = pledge.clone();
            let waits = pledge.liens[0].waiting();
            match act {
                0 => {
                    came += grams.min(waits);
                    pledge.liens[0].waits_less(grams.min(waits), WaitCause::Advanced, Moment::from_micros(3));
                }
                1 => {
                    ended += grams.min(waits);
                    pledge.liens[0].waits_less(grams.min(waits), WaitCause::Ended, Moment::from_micros(3));
                }
                _ => {
                    let Ok(after) = pledge.clone().changed(&given_back(&pledge, grams), Vec::new()) else { continue };
                    given += grams;
                    pledge = after;
                    prop_assert_eq!(pledge.liens[0].waiting(), (waits - grams).max(0));
                    prop_assert_eq!(held(&before) - held(&pledge), (grams - waits).max(0));
                }
            }
            let claimed = pledge.liens[0].claimed().map_or(0, Quantity::grams);
            prop_assert_eq!(claimed, 12_500_000 - given - ended);
            prop_assert_eq!(claimed, held(&pledge) + pledge.liens[0].waiting());
            prop_assert!(pledge.liens[0].waiting() >= 0 && held(&pledge) >= 0);
            prop_assert!(pledge.liens[0].ahead() <= before.liens[0].ahead());
        }
        prop_assert!(came <= waiting);
    }
}
