//! Which group actions the sizes of a model suggest: patterns of weights, one for each occurrence of a size, under which
//! the generators of a group are symmetries at the sizes of the instance.

use super::occurrence::{Factor, Occurrence, Side, images, occurrences, single, sizes_of};
use crate::eval::{Number, Prime};
use crate::exact::{Layout, Sparse, Subspace, combination, primitive};
use crate::group::GroupId;
use crate::model::{Action, Model};
use crate::term::{Expr, Op, Rational, Size, Symbol, apply, mul, num, sym};
use num_traits::{One, Zero};

/// An action that holds to first order at the sizes of the instance, and the vectors of its generators.
pub struct Candidate {
    pub action: Action,
    pub generators: Vec<Sparse<Prime>>,
}

/// What candidates are made from.
pub struct Finder<'a> {
    pub model: &'a Model,
    pub layout: &'a Layout,
    pub space: &'a Subspace<{ Prime::MODULUS }>,
    /// Whether the generators may move the output.
    pub equivariant: bool,
}

/// A name that is not taken, close to `base`.
pub fn fresh(model: &Model, base: &str) -> Symbol {
    let taken = |name: &str| model.is_taken(name.into());
    let numbered = (1..).map(|i| if i == 1 { base.to_string() } else { format!("{base}{i}") });
    numbered.filter(|name| !taken(name)).map(Symbol::from).next().unwrap_or_else(|| base.into())
}

impl Finder<'_> {
    /// An action of a group, named by what it is proposed for; `None` for a group that is not proposed.
    pub(super) fn action(
        &self,
        group: GroupId,
        sizes: &[Size],
        of: Option<Symbol>,
        images: impl FnOnce(&Expr) -> Vec<(Symbol, Expr)>,
    ) -> Option<Action> {
        let discovered = group.row().discovered()?;
        let letter = if sizes.is_empty() { discovered.number } else { discovered.letter };
        let element = fresh(self.model, letter);
        let images = images(&sym(element));
        let name = discovered.name(of);
        Some(Action {
            name,
            group: group.of(sizes),
            element: Some(element),
            images,
            output: None,
            loss: None,
            indices: vec![],
        })
    }

    /// The number a size stands for at the instance.
    fn value(&self, at: Occurrence) -> usize {
        let (m, n) = self.layout.extents()[at.param];
        if at.side == Side::Rows { m } else { n }
    }

    /// Σ weight · the generator of `entries` at each occurrence.
    fn combined(&self, terms: &[(Occurrence, Rational)], entries: &[(usize, usize, i64)]) -> Sparse<Prime> {
        let of = |(at, _): &(Occurrence, Rational)| single(self.layout, *at, entries);
        weighted(terms.iter().map(|(_, weight)| weight), &terms.iter().map(of).collect::<Vec<_>>())
    }

    /// The only parameter that a translation moves, where it moves every entry by a number of its own: the output does not depend
    /// on it then.
    pub fn idle(&self, translation: &Candidate) -> Option<usize> {
        let [(name, _)] = translation.action.images.as_slice() else { return None };
        let param = self.model.params.iter().position(|p| p.name == *name)?;
        let (m, n) = self.layout.extents()[param];
        (translation.generators.len() == m * n).then_some(param)
    }

    fn sized(&self) -> impl Iterator<Item = (Size, Vec<Occurrence>, usize)> {
        sizes_of(self.model).into_iter().map(|size| {
            let all = occurrences(self.model, size);
            let n = all.first().map_or(0, |&at| self.value(at));
            (size, all, n)
        })
    }

    /// GL(n): co- and contragredient at each occurrence.
    pub fn general_linear(&self) -> Vec<Candidate> {
        let mut out = Vec::new();
        for (size, all, n) in self.sized().filter(|(_, _, n)| *n > 1) {
            let vectors: Vec<Sparse<Prime>> = [(0, 1, 1), (1, 0, 1)]
                .iter()
                .flat_map(|entry| all.iter().map(|&at| single(self.layout, at, &[*entry])))
                .collect();
            for pattern in self.space.patterns(&vectors) {
                let weights = all.iter().enumerate().map(|(i, &at)| (at, &pattern[i], &pattern[all.len() + i]));
                let Some(factors) = linear_factors(weights) else { continue };
                let weight = |at: Occurrence, factor: &Factor| generator_of(at.side, factor);
                let generator = |i: usize, j: usize| {
                    let of = |(at, factor): &(Occurrence, Factor)| {
                        let (transposed, sign) = weight(*at, factor);
                        let entry = if transposed { (j, i, 1) } else { (i, j, 1) };
                        self.combined(&[(*at, sign)], &[entry])
                    };
                    let parts: Vec<Sparse<Prime>> = factors.iter().map(of).collect();
                    combination(parts.iter().map(|part| (Prime::one(), part)))
                };
                let generators = (0..n * n).map(|k| generator(k / n, k % n)).collect();
                let images = |g: &Expr| images(self.model, g, &factors);
                let action = self.action(GroupId::GeneralLinear, &[size], named(size), images);
                out.extend(action.map(|action| Candidate { action, generators }));
            }
        }
        out
    }

    /// O(n): the same rotation at some occurrences.
    pub fn orthogonal(&self) -> Vec<Candidate> {
        self.rotations(GroupId::Orthogonal, |n| {
            let pairs = (0..n).flat_map(|i| (0..i).map(move |j| (i, j)));
            pairs.map(|(i, j)| vec![(i, j, 1), (j, i, -1)]).collect()
        })
    }

    /// The stabilizer of 1 in O(n): the skew matrices with A 1 = 0 are spanned by the turns of three coordinates.
    pub fn stabilizer(&self) -> Vec<Candidate> {
        self.rotations(GroupId::OrthogonalFixingOnes, |n| {
            let pairs = (1..n).flat_map(|i| (1..i).map(move |j| (i, j)));
            let cycle = |(i, j)| [(0, i), (i, j), (j, 0)];
            let turn = |pair| cycle(pair).into_iter().flat_map(|(i, j)| [(i, j, 1), (j, i, -1)]).collect();
            pairs.map(turn).collect()
        })
    }

    /// Torus(n): a turn of each plane of two consecutive coordinates.
    pub fn torus(&self) -> Vec<Candidate> {
        self.rotations(GroupId::Torus, |n| {
            let planes = (0..n / 2).filter(|_| n.is_multiple_of(2)).map(|k| 2 * k);
            planes.map(|i| vec![(i + 1, i, 1), (i, i + 1, -1)]).collect()
        })
    }

    /// The same element at some occurrences, of a group of rotations whose algebra at size n has that basis.
    fn rotations(&self, group: GroupId, basis: impl Fn(usize) -> Vec<Vec<(usize, usize, i64)>>) -> Vec<Candidate> {
        let mut out = Vec::new();
        for (size, all, n) in self.sized() {
            let basis = basis(n);
            let Some(probe) = basis.first() else { continue };
            let vectors: Vec<Sparse<Prime>> = all.iter().map(|&at| single(self.layout, at, probe)).collect();
            for pattern in self.space.patterns(&vectors) {
                let terms = occurring(&all, &pattern);
                let Some(first) = terms.first().map(|(at, z)| (at.side, z.clone())) else { continue };
                let sign = |at: &Occurrence| if at.side == first.0 { Rational::one() } else { -Rational::one() };
                if terms.iter().any(|(at, z)| z / &first.1 != sign(at)) {
                    continue;
                }
                let factor = |at: &Occurrence| if at.side == first.0 { Factor::Plain } else { Factor::Transpose };
                let factors: Vec<_> = terms.iter().map(|(at, _)| (*at, factor(at))).collect();
                let generators = basis.iter().map(|entries| self.combined(&terms, entries)).collect();
                let images = |g: &Expr| images(self.model, g, &factors);
                let action = self.action(group, &[size], named(size), images);
                out.extend(action.map(|action| Candidate { action, generators }));
            }
        }
        out
    }

    /// Diag⁺(n): an integer power of D at each occurrence.
    pub fn diagonal(&self) -> Vec<Candidate> {
        let mut out = Vec::new();
        for (size, all, n) in self.sized() {
            let vectors: Vec<Sparse<Prime>> = all.iter().map(|&at| single(self.layout, at, &[(0, 0, 1)])).collect();
            for pattern in self.space.patterns(&vectors) {
                let terms = occurring(&all, &primitive(&pattern));
                let factors: Vec<_> = terms.iter().map(|(at, w)| (*at, Factor::power(w.clone()))).collect();
                let generators = (0..n).map(|i| self.combined(&terms, &[(i, i, 1)])).collect();
                let images = |g: &Expr| images(self.model, g, &factors);
                let action = self.action(GroupId::PositiveDiagonal, &[size], named(size), images);
                out.extend(action.map(|action| Candidate { action, generators }));
            }
        }
        out
    }

    /// Scale: a power of one number on each parameter, and on the output where it may move.
    pub fn scale(&self) -> Vec<Candidate> {
        let params = &self.model.params;
        let whole = |i: usize| {
            let diagonal: Vec<_> = (0..self.layout.extents()[i].0).map(|k| (k, k, 1)).collect();
            single(self.layout, Occurrence { param: i, side: Side::Rows }, &diagonal)
        };
        let mut vectors: Vec<Sparse<Prime>> = Vec::new();
        if self.equivariant {
            vectors.push(self.layout.scale());
        }
        vectors.extend((0..params.len()).map(whole));
        let mut out = Vec::new();
        for pattern in self.space.patterns(&vectors) {
            let pattern = primitive(&pattern);
            let (output, weights) = pattern.split_at(usize::from(self.equivariant));
            // The parameters come first where signs are chosen.
            let flip = weights.iter().find(|w| !w.is_zero()).is_some_and(num_traits::Signed::is_negative);
            let signed = |w: &Rational| if flip { -w } else { w.clone() };
            let power = |a: &Expr, w: &Rational, x: Expr| match Factor::power(w.clone()) {
                Factor::Plain => mul(a, &x),
                _ => mul(&apply(Op::Pow, &[a, &num(w.clone())]), &x),
            };
            let moved: Vec<_> =
                params.iter().zip(weights).filter(|(_, w)| !w.is_zero()).map(|(p, w)| (p, signed(w))).collect();
            let only = match moved.as_slice() {
                [(only, _)] => Some(only.name),
                _ => None,
            };
            let images = |a: &Expr| moved.iter().map(|(p, w)| (p.name, power(a, w, sym(p.name)))).collect();
            let Some(mut action) = self.action(GroupId::Scale, &[], only, images) else { continue };
            if let (Some(c), Some(a)) = (output.first().filter(|c| !c.is_zero()), action.element) {
                let (a, c) = (sym(a), signed(c));
                match &self.model.output {
                    Some(f) if self.model.loss == crate::model::Loss::Any => {
                        action.output = Some(power(&a, &c, sym(f.name)));
                    }
                    _ => action.loss = Some(power(&a, &c, sym(Model::loss_symbol()))),
                }
            }
            let generator = weighted(&pattern, &vectors);
            out.push(Candidate { action, generators: vec![generator] });
        }
        out
    }
}

/// Σ weight · vector.
pub(super) fn weighted<'a>(
    weights: impl IntoIterator<Item = &'a Rational>,
    vectors: &[Sparse<Prime>],
) -> Sparse<Prime> {
    combination(weights.into_iter().map(|w| Prime::from_rational(w).unwrap_or_default()).zip(vectors))
}

/// A size as part of a name: of `p + q`, the words of it; of one of a layer, `d[2]`, what the sizes of all layers are called.
pub fn named(size: Size) -> Option<Symbol> {
    let text = size.to_string().split(['[', ']']).step_by(2).collect::<String>();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    Some(words.join("_").as_str().into())
}

/// The occurrences with weights that are not zero.
fn occurring(all: &[Occurrence], weights: &[Rational]) -> Vec<(Occurrence, Rational)> {
    all.iter().copied().zip(weights.iter().cloned()).filter(|(_, w)| !w.is_zero()).collect()
}

/// What the generator A of g is at an occurrence: whether transposed, and its sign.
fn generator_of(side: Side, factor: &Factor) -> (bool, Rational) {
    let one = Rational::one();
    match (side, factor) {
        (_, Factor::Plain | Factor::Power(_)) => (false, one),
        (_, Factor::Inverse) => (false, -one),
        (_, Factor::Transpose) => (true, one),
        (_, Factor::Contragredient) => (true, -one),
    }
}

/// From weights of A and Aᵀ at each occurrence how g acts there; `None` when no action of GL(n) has these weights.
fn linear_factors<'a>(
    weights: impl Iterator<Item = (Occurrence, &'a Rational, &'a Rational)>,
) -> Option<Vec<(Occurrence, Factor)>> {
    let moved: Vec<_> = weights.filter(|(_, x, y)| !x.is_zero() || !y.is_zero()).collect();
    let (first, x, y) = moved.first()?;
    // The first occurrence is acted on by g itself: A may be renamed Aᵀ, and scaled.
    let swap = x.is_zero();
    let unit = if swap { *y } else { *x };
    let factor = |(at, x, y): &(Occurrence, &Rational, &Rational)| {
        let (x, y) = if swap { (*y, *x) } else { (*x, *y) };
        let (x, y) = (x / unit, y / unit);
        // On the side where g stands first, g and inv(g)' are homomorphisms; on the other, inv(g) and g'.
        let same = at.side == first.side;
        let one = Rational::one();
        let factor = match same {
            true if x == one && y.is_zero() => Factor::Plain,
            true if x.is_zero() && y == -one => Factor::Contragredient,
            false if x == -Rational::one() && y.is_zero() => Factor::Inverse,
            false if x.is_zero() && y == Rational::one() => Factor::Transpose,
            _ => return None,
        };
        Some((*at, factor))
    };
    moved.iter().map(factor).collect()
}
