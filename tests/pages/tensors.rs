//! Parameters and data from files: what is read, under which names, and what is refused.

use crate::run::{Run, binary, run};
use safetensors::tensor::{Dtype, TensorView, serialize_to_file};
use std::io::Write;
use std::path::Path;

const LINEAR: &str = "model linear
dim d = 4, h = 3, k = 2, n = 3
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * W1 * X
loss any
action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }
";

/// Runs in a directory with arguments, on the model in `m.eqv`.
fn check(directory: &Path, model: &str, arguments: &str) -> Run {
    std::fs::write(directory.join("m.eqv"), model).expect("written");
    let arguments = arguments.split('|').map(str::trim);
    run(binary().args(["check", "m.eqv", "--no-flows"]).args(arguments), directory)
}

/// The numbers of a tensor of some size.
fn numbers(count: usize) -> Vec<f64> {
    (1..=count).map(|k| (k * k % 17) as f64 / 8.0 - 1.0).collect()
}

/// The numbers as their bytes; each of them is exact in every kind.
fn bytes(kind: Dtype, values: &[f64]) -> Vec<u8> {
    let upper = |x: &f64| ((*x as f32).to_bits() >> 16) as u16;
    match kind {
        Dtype::F64 => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
        Dtype::F32 => values.iter().flat_map(|x| (*x as f32).to_le_bytes()).collect(),
        Dtype::BF16 => values.iter().flat_map(|x| upper(x).to_le_bytes()).collect(),
        _ => vec![0; values.len() * kind.bitsize() / 8],
    }
}

/// Writes a .safetensors file.
fn tensors(path: &Path, shapes: &[(&str, Dtype, &[usize])]) {
    let bytes: Vec<Vec<u8>> =
        shapes.iter().map(|(_, kind, shape)| bytes(*kind, &numbers(shape.iter().product()))).collect();
    let views = shapes.iter().zip(&bytes).map(|((name, dtype, shape), bytes)| {
        (*name, TensorView::new(*dtype, shape.to_vec(), bytes).expect("a tensor"))
    });
    serialize_to_file(views, None, path).expect("a file");
}

/// A .npy file.
fn npy(shape: &[usize], fortran: bool) -> Vec<u8> {
    let values = numbers(shape.iter().product());
    let sizes: Vec<String> = shape.iter().map(|n| format!("{n},")).collect();
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '<f8', 'fortran_order': {order}, 'shape': ({}), }}\n", sizes.join(" "));
    let values = match *shape {
        [rows, cols] if fortran => {
            (0..cols).flat_map(|j| (0..rows).map(move |i| (i, j))).map(|(i, j)| values[i * cols + j]).collect()
        }
        _ => values,
    };
    let head = [b"\x93NUMPY\x01\x00", &(header.len() as u16).to_le_bytes()[..], header.as_bytes()].concat();
    [head, bytes(Dtype::F64, &values)].concat()
}

fn npz(path: &Path, members: &[(&str, &[usize], bool)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).expect("a file"));
    for (name, shape, deflated) in members {
        let method = if *deflated { zip::CompressionMethod::Deflated } else { zip::CompressionMethod::Stored };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(format!("{name}.npy"), options).expect("a member");
        zip.write_all(&npy(shape, *deflated)).expect("written");
    }
    zip.finish().expect("an archive");
}

/// The residuals as they are printed, which tell the point of measurement.
fn measured(ran: &Run) -> &str {
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}", ran.stdout);
    &ran.stdout
}

#[test]
fn parameters_of_a_file_bring_their_sizes() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    let shapes: [(&str, Dtype, &[usize]); 3] =
        [("W1", Dtype::F32, &[4, 6]), ("W2", Dtype::BF16, &[2, 4]), ("X", Dtype::F64, &[6, 3])];
    tensors(&at.join("theta.safetensors"), &shapes);
    let ran = check(at, LINEAR, "--params|theta.safetensors");
    assert!(measured(&ran).contains("32 parameters at d=6 h=4 k=2"), "{}", ran.stdout);
    assert_eq!(check(at, LINEAR, "--params|theta.safetensors|--dims|h=5").status, 2);
    let flow = |arguments: &[&str]| run(binary().args(["flow", "m.eqv", "--time", "0.1"]).args(arguments), at);
    let ran = flow(&["--params", "theta.safetensors"]);
    assert!(ran.status == 0 && ran.stdout.contains("given parameters"), "{}", ran.stdout);
}

#[test]
fn every_kind_of_file_gives_the_same_numbers() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    let (w1, w2, x): (&[usize], &[usize], &[usize]) = (&[4, 6], &[2, 4], &[6, 3]);
    tensors(&at.join("all.safetensors"), &[("W1", Dtype::F64, w1), ("W2", Dtype::F64, w2), ("X", Dtype::F64, x)]);
    tensors(&at.join("a.safetensors"), &[("W1", Dtype::F32, w1), ("X", Dtype::BF16, x)]);
    tensors(&at.join("b.safetensors"), &[("W2", Dtype::F32, w2)]);
    let index =
        r#"{"metadata": {}, "weight_map": {"W1": "a.safetensors", "W2": "b.safetensors", "X": "a.safetensors"}}"#;
    std::fs::write(at.join("model.safetensors.index.json"), index).expect("written");
    npz(&at.join("theta.npz"), &[("W1", w1, false), ("W2", w2, true)]);
    for (name, shape, fortran) in [("W1", w1, true), ("W2", w2, false), ("X", x, true)] {
        std::fs::write(at.join(format!("{name}.npy")), npy(shape, fortran)).expect("written");
    }
    let all = check(at, LINEAR, "--params|all.safetensors|--format|json");
    let same = |arguments: &str| {
        let ran = check(at, LINEAR, &format!("{arguments}|--format|json"));
        assert_eq!(measured(&ran), all.stdout, "{arguments}");
    };
    assert_eq!(measured(&all), all.stdout);
    same("--params|model.safetensors.index.json");
    same("--params|theta.npz|--data|X.npy");
    same("--params|W1.npy|--params|W2.npy|--data|X.npy");
}

#[test]
fn a_map_finds_members_parts_and_transposes() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    let model = "model heads
dim L = 9, d = 2, k = 2, n = 2
data X0 : d x n
let X = X0
repeat l in 1..L {
  param Q : k x d
  param V : k x d
  let X = X + V' * V * Q' * Q * X
}
output F = X
loss any
action turn[l in 1..L] : g in O(k) { Q -> g * Q }
";
    let shapes: Vec<(String, Dtype, &[usize])> = (0..3)
        .flat_map(|l| {
            [(format!("h.{l}.qkv"), Dtype::F32, &[9, 4][..]), (format!("h.{l}.v"), Dtype::F32, &[4, 3])].into_iter()
        })
        .collect();
    let shapes: Vec<(&str, Dtype, &[usize])> = shapes.iter().map(|(n, t, s)| (n.as_str(), *t, *s)).collect();
    tensors(&at.join("t.safetensors"), &shapes);
    let map = "--map|Q[l]=h.{l-1}.qkv[3:6, :]|--map|V[l]=h.{l-1}.v'";
    let ran = check(at, model, &format!("--params|t.safetensors|{map}"));
    assert!(measured(&ran).contains("L=3 d=4 k=3"), "{}", ran.stdout);
    // What is not mapped is told, and a member has an entry of its own.
    let ran = check(at, model, &format!("--params|t.safetensors|{map}|--map|V[2]=h.0.v'"));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, "note: 1 tensor is not used: h.1.v\n"));
    let wrong = |map: &str| {
        let ran = check(at, model, &format!("--params|t.safetensors|{map}"));
        assert_eq!(ran.status, 2, "{map}");
        ran.stderr
    };
    let err = wrong("--map|Q[l]=h.{l-1}.qkv[3:6, :]|--map|V[l]=h.{l}.v'");
    assert!(err.contains("V[3]: there is no tensor `h.3.v`; did you mean `h.0.v`?"), "{err}");
    let err = wrong("--map|Q[l]=h.{l-1}.qkv[3:6, :]|--map|V[l]=h.{l-1}.v");
    assert!(err.contains("V[1] (`h.0.v`): is 4×3, declared k x d, but k = 3 by Q[1] (`h.0.qkv`)"), "{err}");
    assert!(wrong("--map|Q=h.0.qkv").contains("`Q` is a family: write Q[l]=…"));
    assert!(wrong("--map|P=h.0.qkv").contains("no parameter or data `P`"));
    assert!(wrong("--map|Q[l]=h.{m}.qkv").contains("`m` is no index"));
    assert!(check(at, model, "--map|Q[l]=h.{l}.q").stderr.contains("there is no file of tensors"));
}

#[test]
fn all_that_does_not_fit_is_told_at_once() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    let shapes: [(&str, Dtype, &[usize]); 5] = [
        ("w1", Dtype::F32, &[4, 6]),
        ("W2", Dtype::F64, &[2, 4, 1]),
        ("bias", Dtype::F64, &[2]),
        ("X", Dtype::I64, &[6, 3]),
        ("X\u{1b}", Dtype::F64, &[0]),
    ];
    tensors(&at.join("theta.safetensors"), &shapes);
    let ran = check(at, LINEAR, "--params|theta.safetensors");
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""));
    insta::assert_snapshot!("params", ran.stderr);
}

#[test]
fn numbers_that_are_none_and_absurd_files_are_refused_by_name() {
    let directory = tempfile::tempdir().expect("a directory");
    let at = directory.path();
    let why = |name: &str, bytes: &[u8]| {
        std::fs::write(at.join(name), bytes).expect("written");
        let ran = check(at, LINEAR, &format!("--params|{name}"));
        assert_eq!(ran.status, 2, "{name}");
        ran.stderr
    };
    let file = |header: &str, data: &[u8]| [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat();
    let one = |value: f64| {
        let header = r#"{"W1":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]},"W2":{"dtype":"F64","shape":[1,1],"data_offsets":[16,24]}}"#;
        file(header, &[0.5, value, 1.0].iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())
    };
    assert!(why("t", &one(f64::NAN)).contains("W1: the entry in row 0, column 1 is NaN"));
    assert!(why("t", &one(f64::NEG_INFINITY)).contains("W1: the entry in row 0, column 1 is -inf"));
    assert!(why("t", &[]).contains("it ends in the length of its header"));
    assert!(why("t", &u64::MAX.to_le_bytes()).contains("its header would be larger than 16 MiB"));
    assert!(why("t", &1000u64.to_le_bytes()).contains("its header would have 1000 bytes, the file has 8"));
    let huge = r#"{"W1":{"dtype":"F64","shape":[4294967296,4294967296],"data_offsets":[0,16]}}"#;
    assert!(why("t", &file(huge, &[0; 16])).contains("its header is wrong"));
    let cut = r#"{"W1":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]}}"#;
    assert!(why("t", &file(cut, &[0; 8])).contains("its tensors end at byte 82, the file at byte 74"));
    assert!(why("t.npy", &npy(&[2, 2], false)[..90]).contains("its numbers end at byte"));
    assert!(why("t.npz", b"PK\x03\x04 and then nothing").contains("not a .npz file"));
    assert!(why("i.json", b"[]").contains("not an index of .safetensors files"));
    assert!(why("i.json", br#"{"weight_map": {"W1": "../a"}}"#).contains("is not the name of a file beside it"));
    assert!(why("i.json", br#"{"weight_map": {"W1": "none"}}"#).contains("W1: is in none: no such file"));
}
