//! A tensor of a file: the kind of its numbers, its shape, and where they stand.

use half::{bf16, f16};
use std::io::{self, Read};

/// The most numbers that are read of one tensor, which are no more than an evaluation may have.
pub const MOST_NUMBERS: u64 = 1 << 28;

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    pub kind: Kind,
    pub big_endian: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    F16,
    BF16,
    F32,
    F64,
}

/// The kinds of numbers that are read.
pub const KINDS: &str = "F64, F32, F16 and BF16 are read";

impl Kind {
    pub fn bytes(self) -> usize {
        match self {
            Kind::F16 | Kind::BF16 => 2,
            Kind::F32 => 4,
            Kind::F64 => 8,
        }
    }
}

/// A tensor, and from which byte of its source on it stands.
#[derive(Clone, Debug)]
pub struct Tensor {
    pub format: Format,
    pub shape: Vec<u64>,
    /// How far apart, in numbers, neighbours along each axis are.
    pub strides: Vec<u64>,
    pub offset: u64,
}

impl Tensor {
    /// A tensor whose last axis runs fastest, or the first one.
    ///
    /// # Errors
    /// When its numbers cannot be counted.
    pub fn new(format: Format, shape: Vec<u64>, first_fastest: bool, offset: u64) -> Result<Tensor, String> {
        let mut strides = vec![0; shape.len()];
        let mut stride = 1u64;
        let axes: Vec<usize> =
            if first_fastest { (0..shape.len()).collect() } else { (0..shape.len()).rev().collect() };
        for axis in axes {
            strides[axis] = stride;
            let next = stride.checked_mul(shape[axis]).filter(|n| n.checked_mul(8).is_some());
            stride = next.ok_or_else(|| format!("is {}, which is beyond any file", extent(&shape)))?;
        }
        Ok(Tensor { format, shape, strides, offset })
    }
}

/// A shape, `64×32`.
pub fn extent(shape: &[u64]) -> String {
    match shape {
        [] => "a number".into(),
        [n] => format!("a column of {n}"),
        _ => shape.iter().map(u64::to_string).collect::<Vec<_>>().join("×"),
    }
}

/// How many bytes are decoded at a time.
const CHUNK: usize = 1 << 20;

/// Reads so many numbers.
pub fn decode(source: &mut dyn Read, format: Format, count: u64) -> io::Result<Vec<f64>> {
    let mut out = Vec::new();
    let mut buffer = vec![0; CHUNK];
    let width = format.kind.bytes();
    let mut left = count;
    while left > 0 {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK / width);
        let bytes = &mut buffer[..here * width];
        source.read_exact(bytes)?;
        out.extend(bytes.chunks_exact_mut(width).map(|bytes| {
            if format.big_endian {
                bytes.reverse();
            }
            number(format.kind, bytes)
        }));
        left -= here as u64;
    }
    Ok(out)
}

/// The number of some bytes, the least significant first.
fn number(kind: Kind, bytes: &[u8]) -> f64 {
    match (kind, bytes) {
        (Kind::F16, &[a, b]) => f16::from_le_bytes([a, b]).into(),
        (Kind::BF16, &[a, b]) => bf16::from_le_bytes([a, b]).into(),
        (Kind::F32, &[a, b, c, d]) => f32::from_le_bytes([a, b, c, d]).into(),
        (Kind::F64, &[a, b, c, d, e, f, g, h]) => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_number_is_read() {
        let of = |kind, big_endian, bytes: &[u8]| decode(&mut &bytes[..], Format { kind, big_endian }, 2);
        let wanted = Ok(vec![1.5, -2.0]);
        assert_eq!(of(Kind::F16, false, &[0x00, 0x3e, 0x00, 0xc0]).map_err(drop), wanted);
        assert_eq!(of(Kind::F16, true, &[0x3e, 0x00, 0xc0, 0x00]).map_err(drop), wanted);
        assert_eq!(of(Kind::BF16, false, &[0xc0, 0x3f, 0x00, 0xc0]).map_err(drop), wanted);
        let singles: Vec<u8> = [1.5f32, -2.0].iter().flat_map(|x| x.to_be_bytes()).collect();
        assert_eq!(of(Kind::F32, true, &singles).map_err(drop), wanted);
        let doubles: Vec<u8> = [1.5f64, -2.0].iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(of(Kind::F64, false, &doubles).map_err(drop), wanted);
        assert!(of(Kind::F64, false, &doubles[..9]).is_err());
    }

    #[test]
    fn a_shape_beyond_any_file_is_refused() {
        let format = Format { kind: Kind::F64, big_endian: false };
        assert!(Tensor::new(format, vec![1 << 40, 1 << 40], false, 0).is_err());
        assert_eq!(Tensor::new(format, vec![2, 3, 4], false, 0).map(|t| t.strides), Ok(vec![12, 4, 1]));
        assert_eq!(Tensor::new(format, vec![2, 3, 4], true, 0).map(|t| t.strides), Ok(vec![1, 2, 6]));
    }
}
