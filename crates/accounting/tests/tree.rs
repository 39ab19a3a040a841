//! The tree against a naive one, at sizes around every edge of a tile.
#![expect(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use accounting::tree::{
    self, Edge, Hash, Node, Proof, Span, TILE_WIDTH, TreeFault, check_consistency, check_inclusion, empty_root,
    leaf_hash, tile_at,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// RFC 6962 as its first definition reads: split at the largest power of two below the size.
fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Sha256::digest([]).into(),
        [leaf] => *leaf,
        _ => {
            let split = leaves.len().next_power_of_two() / 2;
            let (left, right) = (naive_root(&leaves[..split]), naive_root(&leaves[split..]));
            Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
        }
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|at| leaf_hash(&at.to_be_bytes())).collect()
}

/// A store as the database keeps it: leaves, and nodes by level.
#[derive(Default)]
struct Store {
    levels: Vec<Vec<Hash>>,
    size: u64,
}

impl Store {
    fn read(&self, span: Span) -> Vec<Hash> {
        let range = usize::try_from(span.from).unwrap()..usize::try_from(span.to).unwrap();
        self.levels.get(usize::from(span.level)).and_then(|level| level.get(range)).unwrap_or_default().to_vec()
    }

    fn edge(&self) -> Edge {
        let hashes = Edge::spans(self.size).into_iter().map(|span| self.read(span)).collect();
        Edge::try_new(self.size, hashes).unwrap()
    }

    /// Appends a batch as a sequencer does: from the edge that is stored, and nothing else.
    fn append(&mut self, batch: &[Hash]) -> Hash {
        let mut edge = self.edge();
        for leaf in batch {
            let completed = edge.append(*leaf);
            for Node { level, position, hash } in
                [vec![Node { level: 0, position: self.size, hash: *leaf }], completed].concat()
            {
                let level = usize::from(level);
                self.levels.resize(self.levels.len().max(level + 1), Vec::new());
                assert_eq!(self.levels[level].len() as u64, position, "nodes come in order and without a gap");
                self.levels[level].push(hash);
            }
            self.size += 1;
        }
        assert_eq!(edge.size(), self.size);
        edge.root()
    }

    fn prove(&self, proof: Proof) -> Vec<Hash> {
        let spans = proof.spans().unwrap();
        assert!(spans.len() <= 8, "a proof reads few tiles: {spans:?}");
        let read: BTreeMap<Span, Vec<Hash>> = spans.into_iter().map(|span| (span, self.read(span))).collect();
        proof.prove(&read).unwrap()
    }
}

fn sizes() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..20, 250_u64..260, 500_u64..530, 0_u64..3_000]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn batches_of_any_size_give_the_root_and_the_proofs_of_the_naive_tree(
        batches in proptest::collection::vec(sizes(), 1..4), chosen in any::<u64>(),
    ) {
        let total: u64 = batches.iter().sum();
        let all = leaves(total);
        let mut store = Store::default();
        let mut heads = vec![(0, empty_root())];
        for count in batches {
            let end = usize::try_from(store.size + count).unwrap();
            let root = store.append(&all[usize::try_from(store.size).unwrap()..end]);
            prop_assert_eq!(root, naive_root(&all[..end]));
            heads.push((store.size, root));
        }
        let (size, root) = *heads.last().unwrap();
        for (older, older_root) in &heads {
            let proof = store.prove(Proof::Consistency { from: *older, to: size });
            prop_assert_eq!(check_consistency(&proof, (*older, *older_root), (size, root)), Ok(()));
            if *older > 0 && *older < size {
                let forged = naive_root(&all[1..=usize::try_from(*older).unwrap()]);
                prop_assert_eq!(check_consistency(&proof, (*older, forged), (size, root)), Err(TreeFault::Wrong));
            }
        }
        if size > 0 {
            let position = chosen % size;
            let leaf = all[usize::try_from(position).unwrap()];
            let proof = store.prove(Proof::Inclusion { size, position });
            prop_assert_eq!(check_inclusion(&proof, size, root, position, leaf), Ok(()));
            prop_assert_eq!(
                check_inclusion(&proof, size, root, position, leaf_hash(b"another")),
                Err(TreeFault::Wrong)
            );
        }
    }

    #[test]
    fn a_path_is_read_as_it_is_written(level in 0_u8..=5, place in 0_u64..1_000_000_000, width in 1_u64..=256) {
        let digits = format!("{place:09}");
        let groups: Vec<&str> = [&digits[..3], &digits[3..6], &digits[6..]].into_iter().skip_while(|group| *group == "000").collect();
        let groups = if groups.is_empty() { vec!["000"] } else { groups };
        let mut path: Vec<String> = groups.iter().map(|group| format!("x{group}")).collect();
        let last = path.last_mut().unwrap();
        *last = last[1..].to_owned();
        let partial = if width == TILE_WIDTH { String::new() } else { format!(".p/{width}") };
        let span = tile_at(&format!("{level}/{}{partial}", path.join("/"))).unwrap();
        prop_assert_eq!(span, Span { level, from: place * TILE_WIDTH, to: place * TILE_WIDTH + width });
    }

    #[test]
    fn no_text_breaks_the_reading_of_a_path(path in "[0-9x./pdat]{0,40}") {
        let _ = tile_at(&path);
    }
}

#[test]
fn what_is_no_tile_is_refused() {
    for path in [
        "",
        "0",
        "0/",
        "/000",
        "data/000",
        "6/000",
        "64/000",
        "300/000",
        "-1/000",
        "0/0",
        "0/00",
        "0/1000",
        "0/x000/000",
        "0/001/067",
        "0/x001/x067",
        "0/000.p",
        "0/000.p/",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p/-1",
        "00/000",
        "0/000/",
        "0//000",
        "0/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(tile_at(path), Err(TreeFault::NoTile), "{path}");
    }
    assert_eq!(tile_at("1/x001/067.p/8").unwrap(), Span { level: 1, from: 1_067 * 256, to: 1_067 * 256 + 8 });
}

#[test]
fn the_nodes_of_three_levels_are_the_roots_of_their_subtrees() {
    let all = leaves(256 * 256 + 3);
    let mut store = Store::default();
    let root = store.append(&all);
    assert_eq!(root, naive_root(&all));
    assert_eq!(store.levels.iter().map(Vec::len).collect::<Vec<_>>(), [65_539, 256, 1]);
    assert_eq!(store.levels[2][0], naive_root(&all[..65_536]));
    assert_eq!(store.levels[1][255], naive_root(&all[255 * 256..65_536]));
    for position in [0, 255, 256, 65_535, 65_536, 65_538] {
        let proof = store.prove(Proof::Inclusion { size: 65_539, position });
        let leaf = all[usize::try_from(position).unwrap()];
        assert_eq!(check_inclusion(&proof, 65_539, root, position, leaf), Ok(()));
    }
}

#[test]
fn what_lies_outside_is_refused_and_not_a_panic() {
    let most = tree::MOST_LEAVES;
    for proof in [
        Proof::Inclusion { size: 0, position: 0 },
        Proof::Inclusion { size: 5, position: 5 },
        Proof::Inclusion { size: most + 1, position: 5 },
        Proof::Inclusion { size: u64::MAX, position: 5 },
        Proof::Consistency { from: 6, to: 5 },
        Proof::Consistency { from: 1, to: u64::MAX },
    ] {
        assert_eq!(proof.spans(), Err(TreeFault::OutOfRange), "{proof:?}");
    }
    assert_eq!(Proof::Inclusion { size: 5, position: 3 }.prove(&BTreeMap::new()), Err(TreeFault::Missing));
    assert_eq!(Edge::try_new(5, vec![vec![[0; 32]; 4]]), Err(TreeFault::Missing));
    let root = [1; 32];
    assert_eq!(check_inclusion(&[], 0, root, 0, root), Err(TreeFault::OutOfRange));
    assert_eq!(check_inclusion(&[], u64::MAX, root, 0, root), Err(TreeFault::OutOfRange));
    assert_eq!(check_consistency(&[], (3, root), (2, root)), Err(TreeFault::OutOfRange));
    assert_eq!(check_consistency(&[], (0, root), (2, root)), Err(TreeFault::Wrong));
    assert_eq!(check_consistency(&[root], (0, empty_root()), (2, root)), Err(TreeFault::Wrong));
    assert_eq!(check_consistency(&[], (2, root), (2, root)), Ok(()));
}
