//! Which lines of the bank and which movements of ours are one and the same. Exact and repeatable: the same items in the same order
//! always lead to the same groups, and every group adds up to the fen.

use std::collections::BTreeSet;

/// Most items among which a sum is searched: beyond it there are more than 65,536 sums, and a person looks.
pub const MOST_CANDIDATES: usize = 16;

/// A line or a movement, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Item {
    /// Whether it left the bank.
    pub is_out: bool,
    /// Fen, more than zero.
    pub amount: i64,
    /// The bank's reference.
    pub reference: Option<String>,
    /// What ties it to others: references and organisations that it names.
    pub keys: BTreeSet<String>,
}

accounting::words! {
    /// How a group came together.
    Way {
        /// One line, one movement, the same reference and amount.
        OneToOne = "one_to_one",
        /// One line, several movements.
        OneToMany = "one_to_many",
        /// Several lines, one movement.
        ManyToOne = "many_to_one",
    }
}

/// Items that are one and the same, by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// How it came together.
    pub way: Way,
    /// Lines of the bank.
    pub bank: Vec<usize>,
    /// Movements of ours.
    pub book: Vec<usize>,
}

/// The groups of a day: first one to one by reference, then each line with several movements, then each movement with several lines.
/// Of several sums that fit, the one with the fewest items counts, and among those the one whose items come first.
pub fn reconcile(bank: &[Item], book: &[Item]) -> Vec<Group> {
    let (mut lines, mut moves) = (vec![true; bank.len()], vec![true; book.len()]);
    let mut groups = one_to_one(bank, book, &mut lines, &mut moves);
    for (at, many) in one_to_many(bank, &mut lines, book, &mut moves) {
        groups.push(Group { way: Way::OneToMany, bank: vec![at], book: many });
    }
    for (at, many) in one_to_many(book, &mut moves, bank, &mut lines) {
        groups.push(Group { way: Way::ManyToOne, bank: many, book: vec![at] });
    }
    groups
}

fn one_to_one(bank: &[Item], book: &[Item], lines: &mut [bool], moves: &mut [bool]) -> Vec<Group> {
    let mut by_reference: std::collections::HashMap<&str, Vec<usize>> = std::collections::HashMap::new();
    for (at, item) in book.iter().enumerate() {
        if let Some(reference) = &item.reference {
            by_reference.entry(reference).or_default().push(at);
        }
    }
    let mut groups = Vec::new();
    for (line, item) in bank.iter().enumerate() {
        let same = item.reference.as_deref().and_then(|reference| by_reference.get(reference));
        let is_same = |at: &&usize| moves[**at] && (book[**at].is_out, book[**at].amount) == (item.is_out, item.amount);
        if let Some(at) = same.and_then(|places| places.iter().find(is_same)) {
            (lines[line], moves[*at]) = (false, false);
            groups.push(Group { way: Way::OneToOne, bank: vec![line], book: vec![*at] });
        }
    }
    groups
}

/// Each free one with several of the other side that it is tied to and that add up to it.
fn one_to_many(
    ones: &[Item],
    free_ones: &mut [bool],
    many: &[Item],
    free_many: &mut [bool],
) -> Vec<(usize, Vec<usize>)> {
    let mut by_key: std::collections::HashMap<&str, Vec<usize>> = std::collections::HashMap::new();
    for (at, item) in many.iter().enumerate() {
        for key in &item.keys {
            by_key.entry(key).or_default().push(at);
        }
    }
    let mut found = Vec::new();
    for (one, item) in ones.iter().enumerate().filter(|(_, item)| item.amount > 0) {
        if !free_ones[one] {
            continue;
        }
        let tied: BTreeSet<usize> =
            item.keys.iter().filter_map(|key| by_key.get(key.as_str())).flatten().copied().collect();
        let is_candidate = |at: &usize| free_many[*at] && many[*at].is_out == item.is_out && many[*at].amount > 0;
        let candidates: Vec<usize> = tied.into_iter().filter(is_candidate).collect();
        if candidates.len() > MOST_CANDIDATES {
            continue;
        }
        let amounts: Vec<i64> = candidates.iter().map(|at| many[*at].amount).collect();
        if let Some(places) = sum_of_several(&amounts, item.amount) {
            let chosen: Vec<usize> = places.into_iter().map(|place| candidates[place]).collect();
            free_ones[one] = false;
            for at in &chosen {
                free_many[*at] = false;
            }
            found.push((one, chosen));
        }
    }
    found
}

/// The places of two or more amounts that add up to a sum: as few as can be, and of those the first in order.
pub fn sum_of_several(amounts: &[i64], sum: i64) -> Option<Vec<usize>> {
    (2..=amounts.len()).find_map(|count| {
        let mut chosen = Vec::with_capacity(count);
        choose(amounts, 0, count, sum, &mut chosen).then_some(chosen)
    })
}

/// Chooses `count` more of the amounts from a place on; all amounts are above zero.
fn choose(amounts: &[i64], from: usize, count: usize, left: i64, chosen: &mut Vec<usize>) -> bool {
    if count == 0 {
        return left == 0;
    }
    for at in from..amounts.len().saturating_sub(count - 1) {
        if amounts[at] > left {
            continue;
        }
        chosen.push(at);
        if choose(amounts, at + 1, count - 1, left - amounts[at], chosen) {
            return true;
        }
        chosen.pop();
    }
    false
}

#[cfg(test)]
mod tests;
