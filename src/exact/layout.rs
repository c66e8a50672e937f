//! How generators W ↦ A W + W B + C of all parameters are written as vectors.

use super::fields::Fields;
use super::sparse::{Sparse, gathered};
use crate::eval::{Dense, Number};
use std::collections::BTreeMap;

/// Which generators are looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Form {
    /// Affine maps of the whole parameter space, a single column, in place of A W + W B + C parameter by parameter.
    pub general: bool,
    /// Also those that multiply the output (or an explicit loss) by a number.
    pub equivariant: bool,
}

/// A matrix of a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Letter {
    A,
    B,
    C,
}

/// An entry of a matrix of the generator on one parameter, or the number by which the output is multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    Entry { part: usize, letter: Letter, row: usize, col: usize },
    Scale,
}

/// How generators are written as vectors. For generators on all of parameter space there is one part, on the column of all
/// entries. (A, B) = (c, −c) acts as zero, so the last entry of B is taken to be zero.
#[derive(Clone, Debug)]
pub struct Layout {
    form: Form,
    /// The rows and columns of each part's parameter.
    extents: Vec<(usize, usize)>,
    /// Where each part begins, and where the last one ends.
    starts: Vec<usize>,
}

impl Layout {
    pub fn new(fields: &Fields, form: Form) -> Layout {
        let extents = match form.general {
            true => vec![(fields.dimension(), 1)],
            false => fields.parameters().iter().map(|b| (b.rows, b.cols)).collect(),
        };
        Layout::of(form, extents)
    }

    fn of(form: Form, extents: Vec<(usize, usize)>) -> Layout {
        let mut starts = vec![0];
        for &(m, n) in &extents {
            let part = m.saturating_mul(m).saturating_add(n.saturating_mul(n) - 1).saturating_add(m.saturating_mul(n));
            starts.push(starts.last().map_or(0, |s: &usize| s.saturating_add(part)));
        }
        Layout { form, extents, starts }
    }

    /// The number of unknowns.
    pub fn width(&self) -> usize {
        self.end().saturating_add(usize::from(self.form.equivariant))
    }

    fn end(&self) -> usize {
        self.starts.last().copied().unwrap_or_default()
    }

    pub fn form(&self) -> Form {
        self.form
    }

    /// The rows and columns of each part's parameter.
    pub fn extents(&self) -> &[(usize, usize)] {
        &self.extents
    }

    /// What an index stands for.
    pub fn unknown(&self, index: usize) -> Unknown {
        if index >= self.end() {
            return Unknown::Scale;
        }
        let part = self.starts.partition_point(|start| *start <= index) - 1;
        let (m, n) = self.extents[part];
        let at = index - self.starts[part];
        let (letter, at, cols) = match at {
            _ if at < m * m => (Letter::A, at, m),
            _ if at < m * m + n * n - 1 => (Letter::B, at - m * m, n),
            _ => (Letter::C, at - (m * m + n * n - 1), n),
        };
        Unknown::Entry { part, letter, row: at / cols, col: at % cols }
    }

    /// The index of an entry; `None` for the last entry of B.
    fn index(&self, part: usize, letter: Letter, row: usize, col: usize) -> Option<usize> {
        let (m, n) = self.extents[part];
        let start = self.starts[part];
        match letter {
            Letter::A => Some(start + row * m + col),
            Letter::B if (row, col) == (n - 1, n - 1) => None,
            Letter::B => Some(start + m * m + row * n + col),
            Letter::C => Some(start + m * m + n * n - 1 + row * n + col),
        }
    }

    /// The vector of the generator with the given entries of one part.
    pub fn entries<T: Number>(
        &self,
        part: usize,
        letter: Letter,
        entries: impl IntoIterator<Item = (usize, usize, T)>,
    ) -> Sparse<T> {
        let mut out = Vec::new();
        for (row, col, x) in entries {
            self.put(part, letter, row, col, x, &mut out);
        }
        gathered(out)
    }

    fn put<T: Number>(&self, part: usize, letter: Letter, row: usize, col: usize, x: T, out: &mut Vec<(usize, T)>) {
        if let Some(index) = self.index(part, letter, row, col) {
            out.push((index, x));
            return;
        }
        // (A, B) + (c, −c) with c the last entry of B.
        let (m, n) = self.extents[part];
        let diagonal = |letter, count: usize| (0..count).filter_map(move |i| self.index(part, letter, i, i));
        out.extend(diagonal(Letter::A, m).map(|i| (i, x.clone())));
        out.extend(diagonal(Letter::B, n).map(|i| (i, -x.clone())));
    }

    /// The vector of the generator that only multiplies the output, where such are looked for.
    pub fn scale<T: Number>(&self) -> Sparse<T> {
        if self.form.equivariant { vec![(self.end(), T::one())] } else { vec![] }
    }

    /// Parameters as the columns that the parts act on.
    pub fn blocks<T: Number>(&self, point: &[Dense<T>]) -> Vec<Dense<T>> {
        if !self.form.general {
            return point.to_vec();
        }
        let entries: Vec<T> = point.iter().flat_map(|block| block.entries().iter().cloned()).collect();
        vec![Dense::from_fn(entries.len(), 1, |i, _| entries[i].clone())]
    }

    /// The number of entries of all parameters.
    pub fn dimension(&self) -> usize {
        self.extents.iter().map(|(m, n)| m * n).sum()
    }

    /// ξ(θ), parameter by parameter and row by row: without C, when θ is a tangent.
    pub fn at<T: Number>(&self, generator: &Sparse<T>, blocks: &[Dense<T>], tangent: bool) -> Sparse<T> {
        let mut before = Vec::with_capacity(self.extents.len());
        let mut sum = 0;
        for (m, n) in &self.extents {
            before.push(sum);
            sum += m * n;
        }
        let mut out = Vec::new();
        for (index, x) in generator {
            let Unknown::Entry { part, letter, row, col } = self.unknown(*index) else { continue };
            let ((m, n), w, start) = (self.extents[part], &blocks[part], before[part]);
            match letter {
                Letter::A => out.extend((0..n).map(|j| (start + row * n + j, x.clone() * w.get(col, j).clone()))),
                Letter::B => out.extend((0..m).map(|i| (start + i * n + col, x.clone() * w.get(i, row).clone()))),
                Letter::C if tangent => {}
                Letter::C => out.push((start + row * n + col, x.clone())),
            }
        }
        gathered(out)
    }

    /// [ξ, η] = Dη[ξ] − Dξ[η] of two generators.
    pub fn bracket<T: Number>(&self, x: &Sparse<T>, y: &Sparse<T>) -> Sparse<T> {
        let (x, y) = (self.parts(x), self.parts(y));
        let mut out = Vec::new();
        for (part, x) in &x {
            let Some(y) = y.get(part) else { continue };
            let mut add = |letter, first: &Entries<T>, second: &Entries<T>, minus: bool| {
                for (i, k, a) in first {
                    for (_, j, b) in second.iter().filter(|(l, ..)| l == k) {
                        let product = a.clone() * b.clone();
                        self.put(*part, letter, *i, *j, if minus { -product } else { product }, &mut out);
                    }
                }
            };
            add(Letter::A, &y.a, &x.a, false);
            add(Letter::A, &x.a, &y.a, true);
            add(Letter::B, &x.b, &y.b, false);
            add(Letter::B, &y.b, &x.b, true);
            add(Letter::C, &y.a, &x.c, false);
            add(Letter::C, &x.c, &y.b, false);
            add(Letter::C, &x.a, &y.c, true);
            add(Letter::C, &y.c, &x.b, true);
        }
        gathered(out)
    }

    fn parts<T: Number>(&self, generator: &Sparse<T>) -> BTreeMap<usize, Part<T>> {
        let mut out: BTreeMap<usize, Part<T>> = BTreeMap::new();
        for (index, x) in generator {
            if let Unknown::Entry { part, letter, row, col } = self.unknown(*index) {
                let part = out.entry(part).or_insert_with(|| Part { a: vec![], b: vec![], c: vec![] });
                let matrix = match letter {
                    Letter::A => &mut part.a,
                    Letter::B => &mut part.b,
                    Letter::C => &mut part.c,
                };
                matrix.push((row, col, x.clone()));
            }
        }
        out
    }

    /// What vanishes exactly when the linear part S of a generator is self-adjoint: each condition by a key of its own.
    pub fn skewness<T: Number>(&self, generator: &Sparse<T>) -> Vec<(usize, T)> {
        self.mirrored(generator, |x| -x)
    }

    /// What vanishes exactly when S is skew. With the last entry of B zero A + Aᵀ = c, B + Bᵀ = −c is so for c = 0 only.
    pub fn symmetry<T: Number>(&self, generator: &Sparse<T>) -> Vec<(usize, T)> {
        self.mirrored(generator, |x| x)
    }

    /// Each entry of A and B added to what `of` makes of the one it is transposed to.
    fn mirrored<T: Number>(&self, generator: &Sparse<T>, of: impl Fn(T) -> T) -> Vec<(usize, T)> {
        let mut out = Vec::new();
        for (index, x) in generator {
            let Unknown::Entry { part, letter, row, col } = self.unknown(*index) else { continue };
            if letter == Letter::C {
                continue;
            }
            let other = self.index(part, letter, col, row).unwrap_or(*index);
            if *index < other {
                out.push((*index, x.clone()));
            } else {
                out.push((other, of(x.clone())));
                if *index == other {
                    out.push((other, x.clone()));
                }
            }
        }
        gathered(out)
    }

    /// The entries of S, each by a key of its own.
    pub fn linear_part<T: Number>(&self, generator: &Sparse<T>) -> Vec<(usize, T)> {
        let linear = |index: usize| matches!(self.unknown(index), Unknown::Entry { letter: Letter::A | Letter::B, .. });
        generator.iter().filter(|(index, _)| linear(*index)).cloned().collect()
    }

    /// Whether A and B are diagonal.
    pub fn is_diagonal<T>(&self, generator: &Sparse<T>) -> bool {
        let off = |index| matches!(self.unknown(index), Unknown::Entry { letter: Letter::A | Letter::B, row, col, .. } if row != col);
        !generator.iter().any(|(index, _)| off(*index))
    }
}

/// Entries of a matrix that are not zero.
type Entries<T> = Vec<(usize, usize, T)>;

/// The part of a generator on one parameter.
struct Part<T> {
    a: Entries<T>,
    b: Entries<T>,
    c: Entries<T>,
}
