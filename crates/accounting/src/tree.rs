//! The Merkle tree (默克尔树) over the leaves of a book, hashed as RFC 6962 says and cut into tiles of 256 hashes as C2SP
//! `tlog-tiles` says. Only leaves and the roots of complete subtrees of 256, 256², … leaves are kept; every root and every
//! proof is computed from at most a few tiles of them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use thiserror::Error;
use tlog_tiles::{HashReader, Tile, tlog};

/// SHA-256 of a leaf, of a subtree, of the whole tree.
pub type Hash = [u8; 32];

/// Hashes in a complete tile.
pub const TILE_WIDTH: u64 = 256;
/// A complete tile roots a subtree of this height.
const TILE_HEIGHT: u8 = 8;
/// Highest level of tiles that C2SP knows: 256⁶ leaves are more than any book has.
const HIGHEST_LEVEL: u8 = 5;
/// More leaves than this are not counted; positions stay far from where arithmetic on them could overflow.
pub const MOST_LEAVES: u64 = 1 << 47;

/// Why a tree cannot answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TreeFault {
    /// The leaf, or the smaller tree, is not in the tree that was named.
    #[error("it does not lie in a tree of that size")]
    OutOfRange,
    /// A hash that is needed was not handed in.
    #[error("a hash of the tree is missing")]
    Missing,
    /// The path names no tile.
    #[error("that is the path of no tile")]
    NoTile,
    /// The proof does not lead to the root.
    #[error("the proof does not lead to the root")]
    Wrong,
}

impl From<tlog::Error> for TreeFault {
    fn from(error: tlog::Error) -> Self {
        match error {
            tlog::Error::InvalidProof => Self::Wrong,
            tlog::Error::InvalidInput(_) | tlog::Error::IndexesNotInTree => Self::OutOfRange,
            _ => Self::Missing,
        }
    }
}

/// The leaf hash of RFC 6962: SHA-256 of a zero byte and the text.
pub fn leaf_hash(text: &[u8]) -> Hash {
    tlog::record_hash(text).0
}

/// The root of a tree without leaves: SHA-256 of nothing.
pub fn empty_root() -> Hash {
    tlog_tiles::EMPTY_HASH.0
}

/// The root of a complete subtree of 256 leaves, 256² leaves, …
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// 1 for 256 leaves, 2 for 256² leaves.
    pub level: u8,
    /// Place among the nodes of its level, from 0.
    pub position: u64,
    /// Its hash.
    pub hash: Hash,
}

/// Hashes of one level that stand side by side: leaves at level 0, nodes above.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// 0 for leaves.
    pub level: u8,
    /// Place of the first.
    pub from: u64,
    /// Place after the last.
    pub to: u64,
}

/// What a tile holds.
///
/// # Errors
/// [`TreeFault::NoTile`] when the path is not `<L>/<N>[.p/<W>]` as C2SP `tlog-tiles` writes it.
pub fn tile_at(path: &str) -> Result<Span, TreeFault> {
    let (level, place) = path.split_once('/').ok_or(TreeFault::NoTile)?;
    // The library takes levels and widths on trust that no tile has.
    let is_level = level.parse::<u8>().is_ok_and(|level| level <= HIGHEST_LEVEL);
    if !is_level || place.ends_with(".p/0") {
        return Err(TreeFault::NoTile);
    }
    let tile = Tile::from_path(&format!("tile/{TILE_HEIGHT}/{path}")).map_err(|_| TreeFault::NoTile)?;
    let from = tile.level_index().checked_mul(TILE_WIDTH).filter(|from| *from < MOST_LEAVES);
    let from = from.ok_or(TreeFault::NoTile)?;
    Ok(Span { level: tile.level(), from, to: from + u64::from(tile.width()) })
}

/// How many hashes a level has in a tree of this many leaves.
pub fn width_of(level: u8, size: u64) -> u64 {
    size >> (u32::from(TILE_HEIGHT) * u32::from(level))
}

/// The right edge of a growing tree: of each level the hashes that are not yet under a complete node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The spans that the edge of a tree of this size consists of, from the leaves up.
    pub fn spans(size: u64) -> Vec<Span> {
        let levels = (0..=HIGHEST_LEVEL).map(|level| (level, width_of(level, size)));
        let used = levels.take_while(|(_, width)| *width > 0);
        used.map(|(level, width)| Span { level, from: width - width % TILE_WIDTH, to: width }).collect()
    }

    /// The edge of a tree of this size from the hashes of [`Edge::spans`].
    ///
    /// # Errors
    /// [`TreeFault::Missing`] when they are not as many as the spans say.
    pub fn try_new(size: u64, levels: Vec<Vec<Hash>>) -> Result<Self, TreeFault> {
        let wanted = Self::spans(size);
        let fits = |(span, hashes): (&Span, &Vec<Hash>)| hashes.len() as u64 == span.to - span.from;
        if wanted.len() == levels.len() && wanted.iter().zip(&levels).all(fits) {
            Ok(Self { size, levels })
        } else {
            Err(TreeFault::Missing)
        }
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf and tells which nodes it has completed.
    pub fn append(&mut self, leaf: Hash) -> Vec<Node> {
        let mut completed = Vec::new();
        let mut next = Some(leaf);
        self.size += 1;
        for level in 0..=HIGHEST_LEVEL {
            let Some(hash) = next.take() else { break };
            let at = usize::from(level);
            if self.levels.len() == at {
                self.levels.push(Vec::new());
            }
            self.levels[at].push(hash);
            if self.levels[at].len() as u64 == TILE_WIDTH {
                let root = Tile::subtree_hash(&self.levels[at].concat()).0;
                self.levels[at].clear();
                completed.push(Node { level: level + 1, position: width_of(level + 1, self.size) - 1, hash: root });
                next = Some(root);
            }
        }
        completed
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        // The complete subtrees from right to left: within a level the hashes fall into runs of powers of two.
        let mut root = None;
        for hashes in &self.levels {
            let mut end = hashes.len();
            while end > 0 {
                let run = 1 << end.trailing_zeros();
                let left = Tile::subtree_hash(&hashes[end - run..end].concat());
                root = Some(root.map_or(left, |right| tlog::node_hash(left, right)));
                end -= run;
            }
        }
        root.map_or_else(empty_root, |root: tlog::Hash| root.0)
    }
}

/// What is to be proved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// That the leaf at a position is in the tree of a size.
    Inclusion {
        /// Leaves of the tree.
        size: u64,
        /// Place of the leaf, from 0.
        position: u64,
    },
    /// That the tree of one size is the beginning of the tree of another.
    Consistency {
        /// Leaves of the older tree.
        from: u64,
        /// Leaves of the newer tree.
        to: u64,
    },
}

/// Notes which stored hashes are asked for.
struct Asked(RefCell<Vec<u64>>);

impl HashReader for Asked {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        self.0.borrow_mut().extend(indexes);
        Ok(vec![tlog_tiles::EMPTY_HASH; indexes.len()])
    }
}

/// Answers from tiles.
struct Read<'a>(&'a BTreeMap<Span, Vec<Hash>>);

impl HashReader for Read<'_> {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let read = |index: &u64| {
            let least = Tile::from_index(TILE_HEIGHT, *index);
            let tile = self.0.iter().find(|(span, _)| {
                let (level, place) = (span.level, span.from / TILE_WIDTH);
                level == least.level()
                    && place == least.level_index()
                    && span.to - span.from >= u64::from(least.width())
            });
            let (span, hashes) = tile.ok_or(tlog::Error::InvalidTile)?;
            let width = u32::try_from(span.to - span.from).map_err(|_| tlog::Error::InvalidTile)?;
            Tile::new(TILE_HEIGHT, span.level, least.level_index(), width, false)
                .hash_at_index(&hashes.concat(), *index)
        };
        indexes.iter().map(read).collect()
    }
}

impl Proof {
    fn run(self, reader: &impl HashReader) -> Result<Vec<Hash>, TreeFault> {
        let hashes = match self {
            Self::Inclusion { size, position } if position < size && size <= MOST_LEAVES => {
                tlog::prove_record(size, position, reader)?
            }
            Self::Consistency { from: 0, to } if to <= MOST_LEAVES => Vec::new(),
            Self::Consistency { from, to } if from <= to && to <= MOST_LEAVES => tlog::prove_tree(to, from, reader)?,
            _ => return Err(TreeFault::OutOfRange),
        };
        Ok(hashes.into_iter().map(|hash| hash.0).collect())
    }

    /// The spans from which the proof is made: the beginnings of a few tiles.
    ///
    /// # Errors
    /// [`TreeFault::OutOfRange`].
    pub fn spans(self) -> Result<Vec<Span>, TreeFault> {
        let asked = Asked(RefCell::default());
        self.run(&asked)?;
        let mut widest: BTreeMap<(u8, u64), u64> = BTreeMap::new();
        for index in asked.0.into_inner() {
            let tile = Tile::from_index(TILE_HEIGHT, index);
            let width = widest.entry((tile.level(), tile.level_index() * TILE_WIDTH)).or_default();
            *width = (*width).max(u64::from(tile.width()));
        }
        Ok(widest.into_iter().map(|((level, from), width)| Span { level, from, to: from + width }).collect())
    }

    /// The hashes of the proof, from the hashes of [`Proof::spans`].
    ///
    /// # Errors
    /// [`TreeFault::OutOfRange`], [`TreeFault::Missing`].
    pub fn prove(self, spans: &BTreeMap<Span, Vec<Hash>>) -> Result<Vec<Hash>, TreeFault> {
        if spans.iter().any(|(span, hashes)| hashes.len() as u64 != span.to - span.from) {
            return Err(TreeFault::Missing);
        }
        self.run(&Read(spans))
    }
}

/// Checks that a leaf is in the tree of a size and root.
///
/// # Errors
/// [`TreeFault::OutOfRange`], [`TreeFault::Wrong`].
pub fn check_inclusion(proof: &[Hash], size: u64, root: Hash, position: u64, leaf: Hash) -> Result<(), TreeFault> {
    if size > MOST_LEAVES {
        return Err(TreeFault::OutOfRange);
    }
    Ok(tlog::check_record(&wrapped(proof), size, tlog::Hash(root), position, tlog::Hash(leaf))?)
}

/// Checks that the tree of one size and root is the beginning of the tree of another.
///
/// # Errors
/// [`TreeFault::OutOfRange`], [`TreeFault::Wrong`].
pub fn check_consistency(proof: &[Hash], from: (u64, Hash), to: (u64, Hash)) -> Result<(), TreeFault> {
    let ((from, from_root), (to, to_root)) = (from, to);
    if from > to || to > MOST_LEAVES {
        return Err(TreeFault::OutOfRange);
    }
    if from == 0 {
        return if proof.is_empty() && from_root == empty_root() { Ok(()) } else { Err(TreeFault::Wrong) };
    }
    Ok(tlog::check_tree(&wrapped(proof), to, tlog::Hash(to_root), from, tlog::Hash(from_root))?)
}

fn wrapped(proof: &[Hash]) -> Vec<tlog::Hash> {
    proof.iter().map(|hash| tlog::Hash(*hash)).collect()
}
