//! Readable names for owners and assets that no two of them share.

use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// Names by identity.
///
/// The first of several that would read the same keeps the plain name, the others carry their id: ids sort by the time
/// they were made, so a name that has been exported stays what it is when another party of the same name comes.
pub(super) fn distinct(wanted: impl Iterator<Item = (Uuid, String)>, joint: char) -> BTreeMap<Uuid, String> {
    let mut taken = HashSet::new();
    let mut names = BTreeMap::new();
    for (id, mut name) in wanted {
        while taken.contains(&name) {
            name = format!("{name}{joint}{id}");
        }
        taken.insert(name.clone());
        names.insert(id, name);
    }
    names
}

/// The text with every run of other characters as one mark, none at its ends.
pub(super) fn tidy(text: &str, mark: char, is_kept: impl Fn(char) -> bool) -> String {
    let mut tidied = String::new();
    for char in text.chars() {
        if is_kept(char) && char != mark {
            tidied.push(char);
        } else if !tidied.is_empty() && !tidied.ends_with(mark) {
            tidied.push(mark);
        }
    }
    tidied.truncate(tidied.trim_end_matches(mark).len());
    tidied
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_keeps_its_name_and_the_others_carry_their_id() {
        let (first, second) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let names = distinct([(first, "厂区".to_owned()), (second, "厂区".to_owned())].into_iter(), ' ');
        assert_eq!(names[&first], "厂区");
        assert_eq!(names[&second], format!("厂区 {second}"));
    }

    #[test]
    fn what_is_not_kept_becomes_one_mark() {
        let kept = |char: char| char.is_alphanumeric();
        assert_eq!(tidy("  湖北:\t力威;;电工 ", ' ', kept), "湖北 力威 电工");
        assert_eq!(tidy("420000/421200 COD", '-', kept), "420000-421200-COD");
        assert_eq!(tidy("::", '-', kept), "");
    }
}
