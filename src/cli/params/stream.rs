//! A file of which nothing is known, perhaps a pipe that never ends.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

/// What is read from a place to be chosen.
pub trait Stream: Read + Seek {}

impl<T: Read + Seek> Stream for T {}

/// The most bytes of a pipe, which is read into memory.
const LARGEST_PIPE: u64 = 1 << 28;

/// Opens a file, or reads a pipe. The inner `Err` says what is wrong with it.
pub fn open(path: &Path) -> io::Result<Result<Box<dyn Stream>, String>> {
    let mut file = File::open(path)?;
    let kind = file.metadata()?.file_type();
    if kind.is_dir() {
        let index = "model.safetensors.index.json";
        let help = if path.join(index).is_file() { format!("; give its {index}") } else { String::new() };
        return Ok(Err(format!("is a directory{help}")));
    }
    if kind.is_file() {
        return Ok(Ok(Box::new(file)));
    }
    if !is_pipe(kind) {
        return Ok(Err("is a device, not a file".into()));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(LARGEST_PIPE + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > LARGEST_PIPE {
        true => Ok(Err(format!("is a pipe with more than {} MiB; write it to a file", LARGEST_PIPE >> 20))),
        false => Ok(Ok(Box::new(Cursor::new(bytes)))),
    }
}

/// The first bytes, and how many there are; the next read is from the first on.
pub fn start(stream: &mut dyn Stream) -> io::Result<(Vec<u8>, u64)> {
    let length = stream.seek(SeekFrom::End(0))?;
    stream.rewind()?;
    let mut first = Vec::new();
    stream.take(8).read_to_end(&mut first)?;
    stream.rewind()?;
    Ok((first, length))
}

/// At most so many bytes from here on; `None` where there are fewer.
pub fn exactly(stream: &mut dyn Read, count: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    stream.take(count).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 == count).then_some(bytes))
}

#[cfg(unix)]
fn is_pipe(kind: std::fs::FileType) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&kind)
}

#[cfg(not(unix))]
fn is_pipe(_: std::fs::FileType) -> bool {
    false
}
