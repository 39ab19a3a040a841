//! The matcher against cases, and against a slow reference that tries everything.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn item(reference: &str, amount: i64, keys: &[&str]) -> Item {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Item { is_out: false, amount, reference: Some(reference.to_owned()), keys }
}

fn group(way: Way, bank: &[usize], book: &[usize]) -> Group {
    Group { way, bank: bank.to_vec(), book: book.to_vec() }
}

#[test]
fn the_same_reference_and_amount_are_one_and_the_same() {
    let bank = [item("A", 5, &[]), item("B", 7, &[]), item("C", 9, &[])];
    let book = [item("B", 7, &[]), item("A", 6, &[]), Item { is_out: true, ..item("C", 9, &[]) }];
    assert_eq!(reconcile(&bank, &book), [group(Way::OneToOne, &[1], &[0])]);
}

#[test]
fn a_reference_that_stands_twice_is_taken_up_once() {
    let (twice, once) = ([item("A", 5, &[]), item("A", 5, &[])], [item("A", 5, &[])]);
    assert_eq!(reconcile(&twice, &once), [group(Way::OneToOne, &[0], &[0])]);
}

#[test]
fn one_line_stands_for_several_movements_and_several_lines_for_one() {
    let bank = [item("SUM", 30, &["mill"]), item("P1", 4, &["glass"]), item("P2", 6, &["glass"])];
    let book = [item("A", 10, &["mill"]), item("B", 20, &["mill"]), item("C", 10, &["glass"])];
    let expected = [group(Way::OneToMany, &[0], &[0, 1]), group(Way::ManyToOne, &[1, 2], &[2])];
    assert_eq!(reconcile(&bank, &book), expected);
}

#[test]
fn sums_that_nothing_ties_together_are_left_to_a_person() {
    let book = [item("A", 10, &["mill"]), item("B", 20, &["glass"])];
    assert!(reconcile(&[item("SUM", 30, &["mill"])], &book).is_empty());
    assert!(reconcile(&[item("SUM", 30, &[])], &book).is_empty());
}

#[test]
fn fewer_items_count_before_more_and_earlier_before_later() {
    assert_eq!(sum_of_several(&[1, 2, 3, 4, 6], 7), Some(vec![0, 4]));
    assert_eq!(sum_of_several(&[5, 5, 5], 10), Some(vec![0, 1]));
    assert_eq!(sum_of_several(&[7], 7), None, "one alone is no sum");
    assert_eq!(sum_of_several(&[], 0), None);
}

#[test]
fn among_too_many_nobody_searches() {
    let book: Vec<Item> = (0..=MOST_CANDIDATES).map(|at| item(&at.to_string(), 1, &["mill"])).collect();
    assert!(reconcile(&[item("SUM", 2, &["mill"])], &book).is_empty());
    assert_eq!(reconcile(&[item("SUM", 2, &["mill"])], &book[1..]).len(), 1);
}

/// Every choice of places, the smallest first and of one size in order.
fn slow_sum(amounts: &[i64], sum: i64) -> Option<Vec<usize>> {
    let choices = (0_u32..1 << amounts.len()).map(|mask| (0..amounts.len()).filter(|at| mask >> at & 1 == 1).collect());
    let fits = |places: &Vec<usize>| places.len() > 1 && places.iter().map(|at| amounts[*at]).sum::<i64>() == sum;
    choices.filter(fits).min_by_key(|places: &Vec<usize>| (places.len(), places.clone()))
}

/// The same rules, told as plainly as can be.
fn slowly(bank: &[Item], book: &[Item]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let used = |groups: &[Group], is_bank: bool, at: usize| {
        groups.iter().any(|group| if is_bank { &group.bank } else { &group.book }.contains(&at))
    };
    for (line, one) in bank.iter().enumerate() {
        let is_same = |at: &usize| {
            let other = &book[*at];
            one.reference.is_some()
                && (&one.reference, one.is_out, one.amount) == (&other.reference, other.is_out, other.amount)
        };
        if let Some(at) = (0..book.len()).filter(|at| !used(&groups, false, *at)).find(is_same) {
            groups.push(group(Way::OneToOne, &[line], &[at]));
        }
    }
    for (way, ones, many, is_bank) in [(Way::OneToMany, bank, book, true), (Way::ManyToOne, book, bank, false)] {
        for (one, item) in ones.iter().enumerate() {
            if used(&groups, is_bank, one) {
                continue;
            }
            let tied = |at: &usize| {
                let other = &many[*at];
                other.is_out == item.is_out && !other.keys.is_disjoint(&item.keys)
            };
            let candidates: Vec<usize> =
                (0..many.len()).filter(|at| !used(&groups, !is_bank, *at)).filter(tied).collect();
            let amounts: Vec<i64> = candidates.iter().map(|at| many[*at].amount).collect();
            if let Some(places) = slow_sum(&amounts, item.amount) {
                let chosen: Vec<usize> = places.into_iter().map(|place| candidates[place]).collect();
                groups.push(match way {
                    Way::OneToMany => group(way, &[one], &chosen),
                    _ => group(way, &chosen, &[one]),
                });
            }
        }
    }
    groups
}

fn items() -> impl Strategy<Value = Vec<Item>> {
    let item = (any::<bool>(), 1_i64..12, 0_u8..6, vec(0_u8..3, 0..3));
    vec(item, 0..8).prop_map(|items| {
        let item = |(is_out, amount, reference, keys): (bool, i64, u8, Vec<u8>)| Item {
            is_out,
            amount,
            reference: (reference > 0).then(|| reference.to_string()),
            keys: keys.iter().map(ToString::to_string).collect(),
        };
        items.into_iter().map(item).collect()
    })
}

proptest! {
    #[test]
    fn the_matcher_finds_what_trying_everything_finds(bank in items(), book in items()) {
        prop_assert_eq!(reconcile(&bank, &book), slowly(&bank, &book));
    }

    #[test]
    fn every_group_adds_up_and_nothing_stands_in_two(bank in items(), book in items()) {
        let groups = reconcile(&bank, &book);
        let sum = |items: &[Item], places: &[usize]| places.iter().map(|at| items[*at].amount).sum::<i64>();
        for group in &groups {
            prop_assert_eq!(sum(&bank, &group.bank), sum(&book, &group.book));
            let is_out = bank[group.bank[0]].is_out;
            prop_assert!(group.bank.iter().all(|at| bank[*at].is_out == is_out));
            prop_assert!(group.book.iter().all(|at| book[*at].is_out == is_out));
        }
        let mut lines: Vec<usize> = groups.iter().flat_map(|group| group.bank.clone()).collect();
        let mut moves: Vec<usize> = groups.iter().flat_map(|group| group.book.clone()).collect();
        let (all_lines, all_moves) = (lines.len(), moves.len());
        lines.sort_unstable();
        lines.dedup();
        moves.sort_unstable();
        moves.dedup();
        prop_assert_eq!((lines.len(), moves.len()), (all_lines, all_moves));
    }

    #[test]
    fn a_sum_is_found_exactly_where_there_is_one(amounts in vec(1_i64..40, 0..10), sum in 1_i64..120) {
        prop_assert_eq!(sum_of_several(&amounts, sum), slow_sum(&amounts, sum));
    }
}
