//! The tensors of a file: a .safetensors file or one split into shards, a .npz archive, a .npy array.

use super::numpy;
use super::safetensors::{self, Tensors};
use super::stream::{self, Stream};
use super::tensor::{Tensor, decode};
use std::collections::BTreeMap;
use std::io::{self, Read, SeekFrom};
use std::path::Path;
use zip::ZipArchive;

/// Where a tensor stands.
#[derive(Clone, Copy, Debug)]
enum Place {
    File(usize),
    /// A file inside of a .npz archive.
    Member(usize),
}

/// Named tensors, of which only the shapes have been read.
pub struct Archive {
    /// What it is called in messages.
    pub shown: String,
    tensors: BTreeMap<String, Result<(Tensor, Place), String>>,
    files: Vec<Box<dyn Stream>>,
    zip: Option<ZipArchive<Box<dyn Stream>>>,
}

impl Archive {
    /// Reads the names and shapes of a file. What kind of file it is, its first bytes tell.
    ///
    /// # Errors
    /// As `Ok(Err(…))` what is wrong with it in words.
    pub fn open(path: &Path) -> io::Result<Result<Archive, String>> {
        let mut file = match stream::open(path)? {
            Ok(file) => file,
            Err(why) => return Ok(Err(why)),
        };
        let (first, length) = stream::start(&mut *file)?;
        let (shown, tensors) = (path.display().to_string(), BTreeMap::new());
        let archive = Archive { shown, tensors, files: vec![], zip: None };
        if first.starts_with(numpy::MAGIC) {
            return archive.array(file, length, path);
        }
        if first.starts_with(b"PK") {
            return archive.arrays(file);
        }
        if path.extension().is_some_and(|extension| extension == "json") {
            return archive.shards(file, path);
        }
        Ok(safetensors::tensors(&mut *file, length)?.map(|tensors| archive.with(tensors, file)))
    }

    fn with(mut self, tensors: Tensors, file: Box<dyn Stream>) -> Archive {
        let place = Place::File(self.files.len());
        self.files.push(file);
        self.tensors.extend(tensors.into_iter().map(|(name, found)| (name, found.map(|tensor| (tensor, place)))));
        self
    }

    /// One array, named by its file.
    fn array(self, mut file: Box<dyn Stream>, length: u64, path: &Path) -> io::Result<Result<Archive, String>> {
        let name = path.file_stem().map_or(String::new(), |name| name.to_string_lossy().into_owned());
        let tensor = numpy::array(&mut file)?;
        if let Ok(tensor) = &tensor {
            let count = tensor.shape.iter().product::<u64>();
            let end = tensor.offset.saturating_add(count.saturating_mul(tensor.format.kind.bytes() as u64));
            if end > length {
                return Ok(Err(format!("not a .npy file: its numbers end at byte {end}, the file at byte {length}")));
            }
        }
        Ok(Ok(self.with(Tensors::from([(name, tensor)]), file)))
    }

    /// The arrays of a .npz archive.
    fn arrays(mut self, file: Box<dyn Stream>) -> io::Result<Result<Archive, String>> {
        let mut zip = match ZipArchive::new(file) {
            Ok(zip) => zip,
            Err(error) => return Ok(Err(format!("not a .npz file: {error}"))),
        };
        for at in 0..zip.len() {
            // A member that cannot be opened, as an encrypted one, is missed where it is asked for.
            let Ok(mut member) = zip.by_index(at) else { continue };
            let Ok(name) = member.name().map(|name| name.into_owned()) else { continue };
            let Some(name) = name.strip_suffix(".npy") else { continue };
            let tensor = numpy::array(&mut member).unwrap_or_else(|error| Err(format!("cannot be read: {error}")));
            self.tensors.insert(name.to_string(), tensor.map(|tensor| (tensor, Place::Member(at))));
        }
        self.zip = Some(zip);
        Ok(Ok(self))
    }

    /// The shards of an index. One that is not there hinders only its own tensors.
    fn shards(mut self, mut file: Box<dyn Stream>, path: &Path) -> io::Result<Result<Archive, String>> {
        let index = match safetensors::index(&mut *file)? {
            Ok(index) => index,
            Err(why) => return Ok(Err(why)),
        };
        let mut shards: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (tensor, shard) in index {
            shards.entry(shard).or_default().push(tensor);
        }
        for (shard, names) in shards {
            let found = shard_of(&path.with_file_name(&shard));
            let (mut found, file) = match found {
                Ok((tensors, file)) => (Ok(tensors), Some(file)),
                Err(why) => (Err(why), None),
            };
            let of = |name: String| {
                let tensor = match &mut found {
                    Ok(tensors) => tensors.remove(&name).unwrap_or_else(|| Err(format!("is not in {shard}"))),
                    Err(why) => Err(format!("is in {shard}: {why}")),
                };
                (name, tensor)
            };
            let tensors: Tensors = names.into_iter().map(of).collect();
            self = self.with(tensors, file.unwrap_or_else(|| Box::new(io::Cursor::new(vec![]))));
        }
        Ok(Ok(self))
    }

    /// The names of its tensors, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// A tensor, or what hinders it from being read; `None` where there is none of this name.
    pub fn tensor(&self, name: &str) -> Option<Result<&Tensor, &str>> {
        self.tensors.get(name).map(|found| found.as_ref().map(|(tensor, _)| tensor).map_err(String::as_str))
    }

    /// So many numbers of a tensor from one of them on, in the order in which they stand.
    pub fn numbers(&mut self, name: &str, from: u64, count: u64) -> Result<Vec<f64>, String> {
        let found = self.tensors.get(name).and_then(|found| found.as_ref().ok());
        let (tensor, place) = found.ok_or_else(|| "is not there any more".to_string())?;
        let skipped = tensor.offset.saturating_add(from.saturating_mul(tensor.format.kind.bytes() as u64));
        let wrong = |error: io::Error| format!("cannot be read: {error}");
        match *place {
            Place::File(at) => {
                let file = &mut self.files[at];
                file.seek(SeekFrom::Start(skipped)).map_err(wrong)?;
                decode(file, tensor.format, count).map_err(wrong)
            }
            Place::Member(at) => {
                let zip = self.zip.as_mut().ok_or_else(|| "is not there any more".to_string())?;
                let mut member = zip.by_index(at).map_err(|error| format!("cannot be read: {error}"))?;
                io::copy(&mut member.by_ref().take(skipped), &mut io::sink()).map_err(wrong)?;
                decode(&mut member, tensor.format, count).map_err(wrong)
            }
        }
    }
}

fn shard_of(path: &Path) -> Result<(Tensors, Box<dyn Stream>), String> {
    let wrong = |error: io::Error| match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_string(),
        _ => error.to_string(),
    };
    let mut file = stream::open(path).map_err(wrong)??;
    let (_, length) = stream::start(&mut *file).map_err(wrong)?;
    let tensors = safetensors::tensors(&mut *file, length).map_err(wrong)??;
    Ok((tensors, file))
}
