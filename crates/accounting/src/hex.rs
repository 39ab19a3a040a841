//! Bytes as they are written and compared: lower-case hexadecimal digits.

/// Lower-case hexadecimal digits of bytes.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// The bytes of as many pairs of hexadecimal digits; nothing when the text is anything else.
pub fn bytes<const N: usize>(digits: &str) -> Option<[u8; N]> {
    if digits.len() != 2 * N || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_and_nothing_else_is_read() {
        assert_eq!(bytes(&hexadecimal(&[0, 7, 255])), Some([0, 7, 255]));
        assert_eq!(bytes::<2>("00FF"), Some([0, 255]));
        for other in ["", "00", "0000ff", "+0ff", "0g00", "é00"] {
            assert_eq!(bytes::<2>(other), None, "{other}");
        }
    }
}
