//! What stands in a .safetensors file, and in the index of one that is split into shards. Only headers are read.

use super::stream::{self, Stream};
use super::tensor::{Format, KINDS, Kind, Tensor};
use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use std::collections::BTreeMap;
use std::io;

/// The most bytes of a header. Those of models with a thousand layers have a hundredth of it.
const LARGEST_HEADER: u64 = 1 << 24;

/// The tensors of a file by name, or what hinders one from being read. The inner `Err` says what is wrong with the file.
pub type Tensors = BTreeMap<String, Result<Tensor, String>>;

/// The tensors of a file from its header.
pub fn tensors(file: &mut dyn Stream, length: u64) -> io::Result<Result<Tensors, String>> {
    let wrong = |why: String| Ok(Err(format!("not a .safetensors file: {why}")));
    let Some(first) = stream::exactly(file, 8)?.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok()) else {
        return wrong("it ends in the length of its header".into());
    };
    let header = u64::from_le_bytes(first);
    if header > LARGEST_HEADER {
        return wrong(format!("its header would be larger than {} MiB", LARGEST_HEADER >> 20));
    }
    let Some(text) = stream::exactly(file, header)? else {
        return wrong(format!("its header would have {header} bytes, the file has {length}"));
    };
    let metadata: Metadata = match serde_json::from_slice(&text) {
        Ok(metadata) => metadata,
        Err(error) => return wrong(format!("its header is wrong: {error}")),
    };
    let start = 8 + header;
    let end = start.saturating_add(metadata.data_len() as u64);
    if end != length {
        return wrong(format!("its tensors end at byte {end}, the file at byte {length}"));
    }
    let tensors = metadata.tensors().into_iter().map(|(name, info)| (name, tensor(info, start)));
    Ok(Ok(tensors.collect()))
}

fn tensor(info: &TensorInfo, start: u64) -> Result<Tensor, String> {
    let kind = match info.dtype {
        Dtype::F64 => Kind::F64,
        Dtype::F32 => Kind::F32,
        Dtype::F16 => Kind::F16,
        Dtype::BF16 => Kind::BF16,
        other => return Err(format!("has numbers of type {other:?}; {KINDS}")),
    };
    let shape = info.shape.iter().map(|n| *n as u64).collect();
    Tensor::new(Format { kind, big_endian: false }, shape, false, start + info.data_offsets.0 as u64)
}

/// The most bytes of an index.
const LARGEST_INDEX: u64 = 1 << 26;

/// The shard that every tensor is in, from `model.safetensors.index.json`.
pub fn index(file: &mut dyn Stream) -> io::Result<Result<BTreeMap<String, String>, String>> {
    #[derive(serde::Deserialize)]
    struct Index {
        weight_map: BTreeMap<String, String>,
    }
    let mut text = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(file, LARGEST_INDEX + 1), &mut text)?;
    if text.len() as u64 > LARGEST_INDEX {
        return Ok(Err(format!("larger than {} MiB", LARGEST_INDEX >> 20)));
    }
    let index: Index = match serde_json::from_slice(&text) {
        Ok(index) => index,
        Err(error) => return Ok(Err(format!("not an index of .safetensors files: {error}"))),
    };
    // Shards lie beside their index.
    let plain = |shard: &&String| !shard.is_empty() && !shard.contains(['/', '\\', '\0']) && *shard != "..";
    match index.weight_map.values().find(|shard| !plain(shard)) {
        Some(shard) => Ok(Err(format!("`{shard}` is not the name of a file beside it"))),
        None => Ok(Ok(index.weight_map)),
    }
}
