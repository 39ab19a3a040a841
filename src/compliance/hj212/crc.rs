//! The check sum of HJ 212, appendix A.

/// CRC16 as the standard writes it: a register of ones, of which only the upper byte meets the next one, and the polynomial 0xA001.
/// It is not the CRC16 of Modbus, though it looks like it.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |register: u16, byte| {
        (0..8).fold((register >> 8) ^ u16::from(*byte), |register, _| {
            if register & 1 == 1 { (register >> 1) ^ 0xA001 } else { register >> 1 }
        })
    })
}
