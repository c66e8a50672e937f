//! Sparse vectors modulo p, and what is linear of them: a generator moves few entries of few parameters.

use super::echelon::Echelon;
use crate::eval::{Number, Residue};
use num_traits::Zero;
use petgraph::unionfind::UnionFind;
use std::collections::{BTreeMap, HashMap};

/// The entries that are not zero, by ascending index.
pub type Sparse<T> = Vec<(usize, T)>;

/// The vector with the given entries, added up where an index comes more than once.
pub fn gathered<T: Number>(mut entries: Vec<(usize, T)>) -> Sparse<T> {
    entries.sort_by_key(|(i, _)| *i);
    let mut out: Sparse<T> = Vec::with_capacity(entries.len());
    for (i, x) in entries {
        match out.last_mut() {
            Some((last, sum)) if *last == i => *sum = sum.clone() + x,
            _ => out.push((i, x)),
        }
    }
    out.retain(|(_, x)| !x.is_zero());
    out
}

/// Σ c v.
pub fn combination<'a, T: Number + 'a>(terms: impl IntoIterator<Item = (T, &'a Sparse<T>)>) -> Sparse<T> {
    let scaled = |(c, v): (T, &'a Sparse<T>)| v.iter().map(move |(i, x)| (*i, c.clone() * x.clone()));
    gathered(terms.into_iter().flat_map(scaled).collect())
}

/// A row echelon basis of a space of sparse vectors, grown vector by vector.
#[derive(Clone, Debug, Default)]
pub struct SparseEchelon<const P: u64> {
    rows: Vec<Sparse<Residue<P>>>,
    /// The number of the row that begins at an index.
    row_of: HashMap<usize, usize>,
}

impl<const P: u64> SparseEchelon<P> {
    pub fn rank(&self) -> usize {
        self.rows.len()
    }

    /// The rows, which span the space.
    pub fn rows(&self) -> &[Sparse<Residue<P>>] {
        &self.rows
    }

    pub fn contains(&self, vector: &Sparse<Residue<P>>) -> bool {
        self.reduce(vector).is_empty()
    }

    /// Adds a vector to the space; whether the rank grew.
    pub fn insert(&mut self, vector: &Sparse<Residue<P>>) -> bool {
        let mut row = self.reduce(vector);
        let Some(&(pivot, first)) = row.first() else { return false };
        let Ok(scale) = first.reciprocal() else { return false };
        row.iter_mut().for_each(|(_, x)| *x = *x * scale);
        self.row_of.insert(pivot, self.rows.len());
        self.rows.push(row);
        true
    }

    /// The vector modulo the space: 0 wherever a row begins, of a basis that is so itself.
    fn fully_reduced(&self, vector: &Sparse<Residue<P>>) -> Sparse<Residue<P>> {
        let along = vector.iter().filter_map(|(i, x)| Some((-*x, &self.rows[*self.row_of.get(i)?])));
        combination(along.chain([(Residue::new(1), vector)]))
    }

    /// The vector modulo the space, up to the first index at which no row begins; empty when it lies in the space.
    fn reduce(&self, vector: &Sparse<Residue<P>>) -> Sparse<Residue<P>> {
        let mut rest: BTreeMap<usize, Residue<P>> = vector.iter().copied().collect();
        while let Some((&index, &entry)) = rest.first_key_value() {
            if entry.is_zero() {
                rest.pop_first();
                continue;
            }
            let Some(&row) = self.row_of.get(&index) else { break };
            for (i, x) in &self.rows[row] {
                let slot = rest.entry(*i).or_default();
                *slot = *slot - entry * *x;
            }
        }
        rest.into_iter().filter(|(_, x)| !x.is_zero()).collect()
    }
}

/// A nullspace in reduced form: vector by vector the index at which it is 1 and all others are 0, ascending, and the vector.
pub type SparseNullspace<const P: u64> = Vec<(usize, Sparse<Residue<P>>)>;

/// The vectors with `width` entries on which all equations vanish. Entries that no chain of equations connects are solved
/// for apart from each other.
pub fn nullspace<const P: u64>(width: usize, equations: &[Sparse<Residue<P>>]) -> SparseNullspace<P> {
    let parts = connected(width, equations);
    let mut out: SparseNullspace<P> = Vec::new();
    for Connected { columns, vectors } in &parts {
        let dense = densely(columns, vectors);
        let solved = Echelon::spanned_by(columns.len(), dense.iter().map(Vec::as_slice)).nullspace();
        for (free, vector) in solved.free.into_iter().zip(solved.basis) {
            let entries = columns.iter().copied().zip(vector).filter(|(_, x)| !x.is_zero());
            out.push((columns[free], entries.collect()));
        }
    }
    out.sort_by_key(|(free, _)| *free);
    out
}

/// A basis of the vectors with `width` entries on which all equations vanish, where few entries stand in many equations: these are
/// eliminated last, so that equations stay sparse.
pub fn solutions<const P: u64>(width: usize, equations: &[Sparse<Residue<P>>]) -> Vec<Sparse<Residue<P>>> {
    let mut often = vec![0usize; width];
    equations.iter().flatten().for_each(|(i, _)| often[*i] += 1);
    let mut order: Vec<usize> = (0..width).collect();
    order.sort_by_key(|&i| (often[i], i));
    let mut place = vec![0; width];
    order.iter().enumerate().for_each(|(at, &i)| place[i] = at);
    let placed = |vector: &Sparse<Residue<P>>| gathered(vector.iter().map(|(i, x)| (place[*i], *x)).collect());
    let mut echelon = SparseEchelon::default();
    for equation in equations {
        echelon.insert(&placed(equation));
    }
    let mut rows: Vec<&Sparse<Residue<P>>> = echelon.rows().iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row[0].0));
    let is_free = |at: &usize| !echelon.row_of.contains_key(at);
    let solution = |free: usize| {
        let mut entries: HashMap<usize, Residue<P>> = HashMap::from([(free, Residue::new(1))]);
        // What stands behind a pivot is known when its row comes.
        for row in &rows {
            let known = row[1..].iter().filter_map(|(at, x)| Some(*x * *entries.get(at)?));
            let sum = known.fold(Residue::zero(), |sum, x| sum + x);
            if !sum.is_zero() {
                entries.insert(row[0].0, -sum);
            }
        }
        gathered(entries.into_iter().map(|(at, x)| (order[at], x)).collect())
    };
    (0..width).filter(is_free).map(solution).collect()
}

/// The basis in reduced form of the space that some vectors span.
pub fn in_reduced_form<const P: u64>(vectors: impl Iterator<Item = Sparse<Residue<P>>>) -> SparseNullspace<P> {
    // Backwards, as rows begin at their pivots.
    let turned = |vector: &Sparse<Residue<P>>| -> Sparse<Residue<P>> {
        vector.iter().rev().map(|(i, x)| (usize::MAX - i, *x)).collect()
    };
    let mut echelon = SparseEchelon::default();
    vectors.for_each(|vector| {
        echelon.insert(&turned(&vector));
    });
    let mut rows: Vec<&Sparse<Residue<P>>> = echelon.rows().iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row[0].0));
    // From the last pivot to the first, each row minus the finished rows behind it.
    let mut below = SparseEchelon::default();
    for row in rows {
        let rest: Sparse<Residue<P>> = row[1..].to_vec();
        let mut full = vec![row[0]];
        full.extend(below.fully_reduced(&rest));
        below.row_of.insert(full[0].0, below.rows.len());
        below.rows.push(full);
    }
    let mut out: SparseNullspace<P> = below.rows.iter().map(|row| (usize::MAX - row[0].0, turned(row))).collect();
    out.sort_by_key(|(free, _)| *free);
    out
}

/// The rank of some vectors with `width` entries.
pub fn rank<const P: u64>(width: usize, vectors: &[Sparse<Residue<P>>]) -> usize {
    let of = |part: &Connected<P>| {
        let (columns, count) = (&part.columns, part.vectors.len());
        // Few entries of vectors in general position already tell that they are independent.
        let step = columns.len() / (count + count / 8 + 16);
        if step > 1 {
            let some: Vec<usize> = columns.iter().copied().step_by(step).collect();
            if rank_at(&some, &part.vectors) == count {
                return count;
            }
        }
        rank_at(columns, &part.vectors)
    };
    connected(width, vectors).iter().map(of).sum()
}

/// The rank of the entries in some columns.
fn rank_at<const P: u64>(columns: &[usize], vectors: &[&Sparse<Residue<P>>]) -> usize {
    Echelon::spanned_by(columns.len(), densely(columns, vectors).iter().map(Vec::as_slice)).rank()
}

/// The entries of vectors in some columns.
fn densely<const P: u64>(columns: &[usize], vectors: &[&Sparse<Residue<P>>]) -> Vec<Vec<Residue<P>>> {
    let dense = |vector: &&Sparse<Residue<P>>| {
        let mut out = vec![Residue::zero(); columns.len()];
        for (i, x) in vector.iter() {
            if let Ok(at) = columns.binary_search(i) {
                out[at] = *x;
            }
        }
        out
    };
    vectors.iter().map(dense).collect()
}

/// Columns that vectors connect, and these vectors.
struct Connected<'a, const P: u64> {
    columns: Vec<usize>,
    vectors: Vec<&'a Sparse<Residue<P>>>,
}

fn connected<const P: u64>(width: usize, vectors: &[Sparse<Residue<P>>]) -> Vec<Connected<'_, P>> {
    let mut classes = UnionFind::<usize>::new(width);
    for vector in vectors {
        vector.windows(2).for_each(|pair| {
            classes.union(pair[0].0, pair[1].0);
        });
    }
    let mut parts: Vec<Connected<P>> = Vec::new();
    let mut part_of: HashMap<usize, usize> = HashMap::new();
    for column in 0..width {
        let at = *part_of.entry(classes.find(column)).or_insert_with(|| {
            parts.push(Connected { columns: Vec::new(), vectors: Vec::new() });
            parts.len() - 1
        });
        parts[at].columns.push(column);
    }
    for vector in vectors {
        if let Some((column, _)) = vector.first() {
            parts[part_of[&classes.find(*column)]].vectors.push(vector);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::{Prime, mix};
    use proptest::prelude::*;

    fn vectors(seed: u64, width: usize, count: usize) -> Vec<Sparse<Prime>> {
        let entry = |k: usize, j: usize| Prime::new(mix(mix(seed, k as u64), j as u64));
        let hit = |k: usize, j: usize| mix(mix(seed, 77 + k as u64), j as u64).is_multiple_of(5);
        // Every third is a combination of the two before it.
        let mut out: Vec<Sparse<Prime>> = Vec::new();
        for k in 0..count {
            let fresh: Sparse<Prime> = (0..width).filter(|&j| hit(k, j)).map(|j| (j, entry(k, j))).collect();
            let next = match k % 3 {
                2 => combination([(entry(k, 0), &out[k - 1]), (entry(k, 1), &out[k - 2])]),
                _ => fresh,
            };
            out.push(next);
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn sparse_and_dense_elimination_agree(seed: u64, width in 1usize..40, count in 0usize..40) {
            let sparse = vectors(seed, width, count);
            let all: Vec<usize> = (0..width).collect();
            let dense = densely(&all, &sparse.iter().collect::<Vec<_>>());
            let echelon = Echelon::spanned_by(width, dense.iter().map(Vec::as_slice));
            let mut grown = SparseEchelon::default();
            sparse.iter().for_each(|v| {
                grown.insert(v);
            });
            prop_assert_eq!(grown.rank(), echelon.rank());
            prop_assert_eq!(rank(width, &sparse), echelon.rank());
            prop_assert!(sparse.iter().all(|v| grown.contains(v)));
            let expected = echelon.nullspace();
            let found = nullspace(width, &sparse);
            prop_assert_eq!(found.iter().map(|(free, _)| *free).collect::<Vec<_>>(), expected.free);
            let found: Vec<&Sparse<Prime>> = found.iter().map(|(_, v)| v).collect();
            prop_assert_eq!(densely(&all, &found), expected.basis);
            prop_assert_eq!(in_reduced_form(solutions(width, &sparse).into_iter()), nullspace(width, &sparse));
        }
    }
}
