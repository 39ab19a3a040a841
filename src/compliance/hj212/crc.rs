//! The check sum of HJ 212, appendix A.

/// What the eight steps of the standard make of each byte: shift to the right, and take in the polynomial 0xA001 for each one that falls
/// out.
const STEPS: [u16; 256] = steps();

const fn steps() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u16;
    while byte < 256 {
        let mut register = byte;
        let mut step = 0;
        while step < 8 {
            register = if register & 1 == 1 { (register >> 1) ^ 0xA001 } else { register >> 1 };
            step += 1;
        }
        table[byte as usize] = register;
        byte += 1;
    }
    table
}

/// CRC16 as the standard writes it: a register of ones, of which only the upper byte meets the next one. It is not the CRC16 of Modbus,
/// though it looks like it.
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |register: u16, byte| STEPS[usize::from((register >> 8) ^ u16::from(*byte))])
}
