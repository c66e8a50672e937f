//! The header of a .npy file: `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }` behind a magic number.

use super::stream;
use super::tensor::{Format, KINDS, Kind, Tensor};
use std::io::{self, Read};

/// What every .npy file begins with.
pub const MAGIC: &[u8] = b"\x93NUMPY";

/// The most bytes of a header; NumPy itself reads no more than 10 000 without being told to.
const LARGEST_HEADER: u64 = 1 << 16;

/// Reads a header. The inner `Err` says what is wrong with the array.
pub fn array(file: &mut dyn Read) -> io::Result<Result<Tensor, String>> {
    let wrong = |why: &str| Ok(Err(format!("not a .npy file: {why}")));
    let Some(first) = stream::exactly(file, 8)?.filter(|first| first.starts_with(MAGIC)) else {
        return wrong("it does not begin as one");
    };
    let width = match first[6] {
        1 => 2,
        2 | 3 => 4,
        _ => return wrong("its version is not known"),
    };
    let Some(length) = stream::exactly(file, width)? else { return wrong("it ends in its header") };
    let length = length.iter().rev().fold(0, |length, byte| length << 8 | u64::from(*byte));
    if length > LARGEST_HEADER {
        return wrong(&format!("its header would have {length} bytes"));
    }
    let Some(text) = stream::exactly(file, length)? else { return wrong("it ends in its header") };
    let text = String::from_utf8_lossy(&text);
    let Some(Header { format, first_fastest, shape }) = header(&text) else {
        return wrong(&format!("its header is `{}`", text.trim_end().chars().take(80).collect::<String>()));
    };
    Ok(format.and_then(|format| Tensor::new(format, shape, first_fastest, 8 + width + length)))
}

struct Header {
    format: Result<Format, String>,
    first_fastest: bool,
    shape: Vec<u64>,
}

/// The three entries of the dictionary; the value of each is looked for behind its key.
fn header(text: &str) -> Option<Header> {
    let value = |key: &str| {
        let behind = ["'", "\""].iter().find_map(|quote| text.split_once(&format!("{quote}{key}{quote}")))?.1;
        behind.trim_start().strip_prefix(':').map(str::trim_start)
    };
    let first_fastest = match value("fortran_order")? {
        x if x.starts_with("True") => true,
        x if x.starts_with("False") => false,
        _ => return None,
    };
    let sizes = value("shape")?.strip_prefix('(')?.split_once(')')?.0;
    let sizes = sizes.split(',').map(str::trim).filter(|size| !size.is_empty());
    // Python 2 wrote `3L`.
    let shape = sizes.map(|size| size.trim_end_matches('L').parse().ok()).collect::<Option<Vec<u64>>>()?;
    let descr = value("descr")?;
    let quoted = descr.strip_prefix(['\'', '"']).and_then(|rest| Some(rest.split_once(['\'', '"'])?.0));
    let format = match quoted {
        Some(descr) => format(descr).ok_or_else(|| format!("has numbers of type `{descr}`; {KINDS}")),
        None => Err(format!("has records in place of numbers; {KINDS}")),
    };
    Some(Header { format, first_fastest, shape })
}

fn format(descr: &str) -> Option<Format> {
    let (order, kind) = (descr.chars().next()?, descr.get(1..)?);
    let big_endian = match order {
        '<' | '=' | '|' => false,
        '>' => true,
        _ => return None,
    };
    let kind = match kind {
        "f2" => Kind::F16,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        _ => return None,
    };
    Some(Format { kind, big_endian })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(version: u8, header: &str) -> Vec<u8> {
        let mut bytes = [MAGIC, &[version, 0]].concat();
        let length = (header.len() as u32).to_le_bytes();
        bytes.extend(if version == 1 { &length[..2] } else { &length[..] });
        bytes.extend(header.bytes());
        bytes
    }

    #[test]
    fn a_header_tells_numbers_order_and_shape() {
        let read = |version, header: &str| array(&mut &file(version, header)[..]).expect("in memory");
        let tensor = read(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }  \n").expect("an array");
        assert_eq!((tensor.format.kind, tensor.shape, tensor.strides), (Kind::F32, vec![3, 4], vec![4, 1]));
        let tensor = read(2, "{'descr': '>f8', 'fortran_order': True, 'shape': (3, 4)}").expect("an array");
        assert_eq!((tensor.format.big_endian, tensor.strides, tensor.offset), (true, vec![1, 3], 12 + 56));
        assert_eq!(read(3, "{'descr': '<f2', 'fortran_order': False, 'shape': (7,)}").map(|t| t.shape), Ok(vec![7]));
        assert_eq!(read(1, "{'descr': '<f2', 'fortran_order': False, 'shape': ()}").map(|t| t.shape), Ok(vec![]));
        let why = |header: &str| read(1, header).map(drop).expect_err("refused");
        assert!(why("{'descr': '<i8', 'fortran_order': False, 'shape': (7,)}").contains("type `<i8`"));
        assert!(why("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (7,)}").contains("records"));
        assert!(why("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}").contains("header"));
        assert!(why("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}").contains("header"));
        assert!(why("{'descr': '<f4'}").contains("header"));
    }

    #[test]
    fn an_absurd_header_is_refused_unread() {
        let mut bytes = [MAGIC, &[2, 0]].concat();
        bytes.extend(u32::MAX.to_le_bytes());
        let read = array(&mut &bytes[..]).expect("in memory");
        assert!(read.expect_err("refused").contains("4294967295 bytes"));
    }
}
