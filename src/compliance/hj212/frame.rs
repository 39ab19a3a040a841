//! Frames and data segments.

use super::crc::crc16;
use super::factors::Edition;
use jiff::civil::Date;

/// Bytes before the data segment: the mark and the length.
const HEAD: usize = 6;
/// Hexadecimal digits of the check sum.
const SUM: usize = 4;
/// Longest number of a monitor.
const LONGEST_MN: usize = 24;
const BEGIN: &str = "CP=&&";
const END: &str = "&&";

/// Why bytes are no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No mark, no length in four digits, another length than it says, or something behind the check sum.
    Frame,
    /// The check sum is another.
    Crc {
        /// In the message.
        told: String,
        /// Over its data segment.
        wanted: String,
    },
    /// A field is missing, stands there twice or cannot be read.
    Field {
        /// Which.
        name: String,
    },
    /// The flag names no edition that is known here, or there is none.
    Edition,
    /// The data are encrypted (HJ 212-2025, 6.4), and the keys are with the platform that receives them.
    Encrypted,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// When it was asked for, by the clock of the monitor: year to millisecond, 17 digits.
    pub qn: String,
    /// The kind of system: `32` is waste water, `31` is waste gas.
    pub system: String,
    /// What it is.
    pub command: u16,
    /// The password of the monitor.
    pub password: String,
    /// The number of the monitor.
    pub mn: String,
    /// Edition, and whether it is a part of several and wants an answer.
    pub flag: u8,
    /// Which part of how many: `PNUM`, `PNO`.
    pub part: Option<(u16, u16)>,
    /// Whether it is sent again later (HJ 212-2025: `RF=1`).
    pub is_late: bool,
    /// The data: groups of names with values.
    pub groups: Vec<Vec<(String, String)>>,
}

impl Message {
    /// Which edition it is written by.
    pub fn edition(&self) -> Option<Edition> {
        Edition::of_flag(self.flag)
    }

    /// The value of a name in the data.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.groups.iter().flatten().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The data segment.
    pub fn segment(&self) -> String {
        let Self { qn, system, command, password, mn, flag, .. } = self;
        let part = self.part.map(|(of, number)| format!("PNUM={of};PNO={number};")).unwrap_or_default();
        let late = if self.is_late { "RF=1;" } else { "" };
        let item = |(name, value): &(String, String)| format!("{name}={value}");
        let group = |items: &Vec<(String, String)>| items.iter().map(item).collect::<Vec<_>>().join(",");
        let data = self.groups.iter().map(group).collect::<Vec<_>>().join(";");
        format!("QN={qn};ST={system};CN={command};PW={password};MN={mn};Flag={flag};{part}{late}{BEGIN}{data}{END}")
    }
}

/// The frame of a data segment; none of one that is longer than four digits can say.
pub fn write(segment: &str) -> Option<String> {
    (segment.len() <= 9_999).then(|| format!("##{:04}{segment}{:04X}\r\n", segment.len(), crc16(segment.as_bytes())))
}

/// The frames that follow each other in a stream: each begins with its mark, which stands nowhere else.
pub fn frames(bytes: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at..].starts_with(b"##")).collect();
    let before = bytes.get(..starts.first().copied().unwrap_or(bytes.len())).unwrap_or_default();
    let lost = (!before.trim_ascii().is_empty()).then_some(before);
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    lost.into_iter().chain(starts.iter().zip(ends).filter_map(|(start, end)| bytes.get(*start..end))).collect()
}

/// Reads a frame. The line feed at its end may be missing where something else tells frames apart.
///
/// # Errors
/// Every [`Fault`].
pub fn read(frame: &[u8]) -> Result<(Message, String), Fault> {
    let frame = std::str::from_utf8(frame).map_err(|_| Fault::Frame)?;
    if !frame.bytes().all(|byte| byte.is_ascii_graphic() || b" \r\n".contains(&byte)) {
        return Err(Fault::Frame);
    }
    let frame = frame.trim_end_matches(['\r', '\n']);
    let digits = frame.strip_prefix("##").and_then(|rest| rest.get(..SUM)).filter(|text| is_number(text));
    let length: usize = digits.and_then(|text| text.parse().ok()).ok_or(Fault::Frame)?;
    let segment = frame.get(HEAD..HEAD + length).ok_or(Fault::Frame)?;
    let told = frame.get(HEAD + length..).filter(|sum| sum.len() == SUM).ok_or(Fault::Frame)?;
    let wanted = format!("{:04X}", crc16(segment.as_bytes()));
    if !told.eq_ignore_ascii_case(&wanted) {
        return Err(Fault::Crc { told: told.to_owned(), wanted });
    }
    Ok((read_segment(segment)?, segment.to_owned()))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn wrong(name: &str) -> Fault {
    Fault::Field { name: name.chars().take(40).collect() }
}

fn read_segment(segment: &str) -> Result<Message, Fault> {
    let (head, rest) = segment.split_once(BEGIN).ok_or_else(|| wrong("CP"))?;
    let data = rest.strip_suffix(END).ok_or_else(|| wrong("CP"))?;
    let head = Head::read(head)?;
    let flag: u8 = head.find("Flag").ok_or(Fault::Edition)?.parse().map_err(|_| Fault::Edition)?;
    Edition::of_flag(flag).ok_or(Fault::Edition)?;
    if data.contains("{0x") || data.contains("{0X") {
        return Err(Fault::Encrypted);
    }
    let qn = head.must("QN", |qn| qn.len() == 17 && is_number(qn) && day_of(qn).is_some())?;
    let mn_is_good =
        |mn: &str| (1..=LONGEST_MN).contains(&mn.len()) && mn.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let number = |name: &str| head.find(name).map(|text| text.parse::<u16>().map_err(|_| wrong(name))).transpose();
    let part = match (number("PNUM")?, number("PNO")?) {
        (Some(of), Some(number)) if number >= 1 && number <= of => Some((of, number)),
        (None, None) => None,
        _ => return Err(wrong("PNO")),
    };
    let is_late = match head.find("RF") {
        None => false,
        Some("1") => true,
        Some(_) => return Err(wrong("RF")),
    };
    Ok(Message {
        qn,
        system: head.must("ST", |text| text.len() == 2 && is_number(text))?,
        command: head.must("CN", |text| text.len() == 4 && is_number(text))?.parse().map_err(|_| wrong("CN"))?,
        password: head.find("PW").unwrap_or_default().to_owned(),
        mn: head.must("MN", mn_is_good)?,
        flag,
        part,
        is_late,
        groups: data.split(';').filter(|group| !group.is_empty()).map(read_group).collect::<Result<_, _>>()?,
    })
}

fn read_group(group: &str) -> Result<Vec<(String, String)>, Fault> {
    let item = |item: &str| {
        let (name, value) = item.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or_else(|| wrong(item))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    group.split(',').filter(|part| !part.is_empty()).map(item).collect()
}

/// The day in the first eight digits of a time.
pub(super) fn day_of(time: &str) -> Option<Date> {
    let digits = time.get(..8).filter(|digits| is_number(digits))?;
    Date::strptime("%Y%m%d", digits).ok()
}

/// The fields before the data.
struct Head<'s>(Vec<(&'s str, &'s str)>);

impl<'s> Head<'s> {
    fn read(text: &'s str) -> Result<Self, Fault> {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        for field in text.split(';').filter(|field| !field.is_empty()) {
            let (name, value) = field.split_once('=').ok_or_else(|| wrong(field))?;
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(wrong(name));
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    fn find(&self, name: &str) -> Option<&'s str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    fn must(&self, name: &str, is_good: impl Fn(&str) -> bool) -> Result<String, Fault> {
        self.find(name).filter(|value| is_good(value)).map(str::to_owned).ok_or_else(|| wrong(name))
    }
}
