//! What the transparency log refuses.

use crate::refusals;

refusals! {
    /// What the transparency log refuses.
    LogRefusal {
        /// The path names no tile, or one that the tree does not reach yet.
        NoTile {} => Hidden "LOG_NO_TILE" at "path": "日志中没有该数据块", "the log has no such tile";
        /// No checkpoint has that size, or none is cosigned yet.
        NoCheckpoint {} => Hidden "LOG_NO_CHECKPOINT" at "size": "没有符合条件的检查点", "the log has no such checkpoint";
        /// A size beyond the log, or a smaller one after a larger one.
        NoSuchSize { size } => Refused "LOG_NO_SUCH_SIZE" at "": "日志的大小为 {size}，请求超出范围", "the log has {size} leaves, and what is asked lies outside";
        /// No leaf has that hash in a tree of that size.
        NoLeaf {} => Hidden "LOG_NO_LEAF" at "leaf_hash": "日志中没有该叶子", "the log has no such leaf in a tree of that size";
        /// The journal is recorded and not in the tree yet.
        NotYet {} => Busy "LOG_NOT_YET" at "": "该凭证尚未进入日志，请稍后重试", "the journal is not in the log yet: ask again in a second, or with wait=5";
        /// A longer wait than a request may take.
        LongWait { most } => Refused "LOG_LONG_WAIT" at "wait": "等待时间不得超过 {most} 秒", "wait may be at most {most} seconds";
        /// Not the public key of a witness.
        BadKey {} => Refused "LOG_BAD_KEY" at "vkey": "不是有效的见证人公钥（cosignature/v1）", "this is not the vkey of a witness (cosignature/v1, Ed25519)";
        /// The name is taken.
        KnownWitness { name } => Conflict "LOG_KNOWN_WITNESS" at "vkey": "见证人 {name} 已登记", "a witness named {name} is registered already";
        /// Nobody registered that witness.
        UnknownWitness {} => Refused "LOG_UNKNOWN_WITNESS" at "line": "该见证人未登记", "the line is by no registered witness";
        /// The line is no signature of this witness over this checkpoint.
        WrongCosignature {} => Refused "LOG_WRONG_COSIGNATURE" at "line": "签名与该检查点不符", "the line is no signature of its witness over a checkpoint of that size";
    }
}
