//! On which line a row stands, as an editor counts them.

use super::table::Place;
use std::collections::VecDeque;
use std::io::{self, Read, Seek, SeekFrom};

/// A source whose lines are counted as they are read. The reader of CSV counts too, but takes a row to begin where the one before it
/// ended: before the second half of a line end of two characters, and before empty lines.
pub struct Numbered<R> {
    source: R,
    /// Bytes read so far.
    byte: u64,
    /// The line of the next byte.
    line: u64,
    /// Whether the next byte begins its line.
    begins: bool,
    /// Whether the last byte was a carriage return, of which the line feed may be still to come.
    is_returned: bool,
    /// Where lines begin that are not empty; those in front of the row at hand are forgotten.
    starts: VecDeque<Place>,
    /// The first line in which a carriage return stands without its line feed.
    lone_return: Option<u64>,
    /// The line to which the next jump leads.
    ahead: u64,
}

impl<R> Numbered<R> {
    /// Nothing read yet.
    pub fn new(source: R) -> Self {
        Self {
            source,
            byte: 0,
            line: 1,
            begins: true,
            is_returned: false,
            starts: VecDeque::new(),
            lone_return: None,
            ahead: 1,
        }
    }

    /// The first line that is not empty and begins at this byte or behind it.
    pub fn start_from(&mut self, byte: u64) -> Option<Place> {
        while self.starts.pop_front_if(|start| start.byte < byte).is_some() {}
        self.starts.front().copied()
    }

    /// The first line in which a carriage return stands alone, as far as was read.
    pub fn lone_return(&self) -> Option<u64> {
        self.lone_return
    }

    /// Tells to which line the next jump leads.
    pub fn leads_to(&mut self, line: u64) {
        self.ahead = line;
    }

    /// What is read from.
    pub fn source(&self) -> &R {
        &self.source
    }

    fn count(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, is_ended) = piece.strip_suffix(b"\n").map_or((piece, false), |text| (text, true));
            let inner = text.strip_suffix(b"\r").unwrap_or(text);
            if self.begins && !matches!(piece[0], b'\n' | b'\r') {
                self.starts.push_back(Place { byte: self.byte, line: self.line });
            }
            if inner.contains(&b'\r') || (self.is_returned && piece != b"\n") {
                self.lone_return.get_or_insert(self.line);
            }
            self.is_returned = !is_ended && text.len() > inner.len();
            self.begins = is_ended;
            self.byte += piece.len() as u64;
            self.line += u64::from(is_ended);
        }
    }
}

impl<R: Read> Read for Numbered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        if count == 0 && !buffer.is_empty() && self.is_returned {
            self.lone_return.get_or_insert(self.line);
        }
        self.count(&buffer[..count]);
        Ok(count)
    }
}

impl<R: Seek> Seek for Numbered<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.byte = self.source.seek(to)?;
        self.line = self.ahead;
        self.begins = true;
        self.is_returned = false;
        self.starts.clear();
        Ok(self.byte)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Gives so many bytes at a time.
    struct Drops<'t>(&'t [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.1.min(buffer.len());
            self.0.read(&mut buffer[..count])
        }
    }

    fn read(text: &str, at_a_time: usize) -> Numbered<Drops<'_>> {
        let mut numbered = Numbered::new(Drops(text.as_bytes(), at_a_time));
        io::copy(&mut numbered, &mut io::sink()).unwrap();
        numbered
    }

    #[test]
    fn lines_are_those_of_an_editor() {
        for at_a_time in [1, 2, 3, 1_000] {
            let mut numbered = read("a\r\n\r\nb\n\n\nc\r\nd", at_a_time);
            for (from, byte, line) in [(0, 0, 1), (2, 5, 3), (5, 5, 3), (7, 9, 6), (11, 12, 7)] {
                assert_eq!(numbered.start_from(from), Some(Place { byte, line }), "{from}, {at_a_time}");
            }
            assert_eq!((numbered.start_from(13), numbered.lone_return()), (None, None));
        }
    }

    #[test]
    fn a_carriage_return_alone_is_seen() {
        for (text, line) in [("a\rb\rc\r", 1), ("a\n\nb\r", 3), ("a\r\nb\r\r\nc", 2), ("\r", 1), ("a\n\"b\rc\"\n", 2)] {
            for at_a_time in [1, 2, 1_000] {
                assert_eq!(read(text, at_a_time).lone_return(), Some(line), "{text:?}, {at_a_time}");
            }
        }
    }

    proptest! {
        #[test]
        fn every_line_with_something_on_it_is_known(
            lines in prop::collection::vec(("[a\"]{0,2}", "\r?\n"), 0..20),
            at_a_time in 1_usize..9,
        ) {
            let text: String = lines.iter().flat_map(|(text, end)| [text.clone(), end.clone()]).collect();
            let mut numbered = read(&text, at_a_time);
            let (mut byte, mut expected) = (0, Vec::new());
            for ((text, end), line) in lines.iter().zip(1_u64..) {
                expected.extend((!text.is_empty()).then_some(Place { byte, line }));
                byte += (text.len() + end.len()) as u64;
            }
            for place in expected {
                prop_assert_eq!(numbered.start_from(place.byte), Some(place));
            }
            prop_assert_eq!(numbered.start_from(byte), None);
            prop_assert_eq!(numbered.lone_return(), None);
        }
    }
}
