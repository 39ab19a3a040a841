//! Messages of automatic monitors (污染物在线监控系统数据传输标准), editions HJ 212-2017 and HJ 212-2025: read and written, nothing else.
//!
//! A frame is `##`, the length of the data segment in four digits, the data segment, its CRC16 in four hexadecimal digits, CR LF. A
//! data segment is `QN=…;ST=…;CN=…;PW=…;MN=…;Flag=…;CP=&&…&&`. The upper six bits of the flag name the edition: 1 is that of 2017,
//! 2 that of 2025. What is known of the later one, and what is not, stands in docs/COMPLIANCE.md.

mod crc;
mod daily;
mod factors;
mod frame;
#[cfg(test)]
mod tests;

pub use crc::crc16;
pub use daily::{Daily, Reading, Value};
pub use factors::{Edition, Factor, factors_of};
pub use frame::{Fault, Message, frames, read, write};

/// The command that carries the totals of a day (上传污染物日历史数据): the only one that is counted. Totals of minutes and hours are parts
/// of it, and would be counted twice.
pub const DAY: u16 = 2031;
