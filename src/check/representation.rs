//! A linear action at concrete sizes: Pv by evaluating the declared map at v, Pᵀu by its reverse pass, and for a finite
//! group the average over all elements.

use crate::eval::{Bindings, Dense, EvalError, Matrix, Number, Prime, Probe, Sizes, Tape, concrete, stream_of};
use crate::group::Finite;
use crate::language::{Action, Model};
use crate::term::{Rational, Symbol};
use faer::Mat;
use num_traits::Zero;

type Exact = Dense<Prime>;

/// A linear action on parameter space.
pub(super) struct Representation {
    element: Option<Symbol>,
    /// Every parameter of the model, with its image if it moves.
    images: Vec<(Symbol, Option<Tape>)>,
    /// For a finite group which one, and how many coordinates it moves.
    finite: Option<(Finite, usize)>,
    /// Of the signs only that of the first coordinate.
    single: bool,
}

/// Where each coordinate goes and by which sign.
pub(super) type Signed = Vec<(usize, i64)>;

impl Representation {
    pub fn new(model: &Model, action: &Action, sizes: &Sizes) -> Result<Representation, EvalError> {
        let env = model.action_env(action);
        let image = |param: Symbol| {
            let declared = action.images.iter().find(|(name, _)| *name == param);
            Ok((param, declared.map(|(_, image)| Tape::new(image, &env, sizes)).transpose()?))
        };
        let n = action.group.sizes.first().map_or(Ok(1), |n| concrete(*n, sizes))?;
        Ok(Representation {
            element: action.element,
            images: model.params.iter().map(|p| image(p.name)).collect::<Result<_, EvalError>>()?,
            finite: action.group.group.finite().map(|finite| (finite, n)),
            single: false,
        })
    }

    /// The reflection of the first coordinate in place of all signs.
    pub fn single(self) -> Representation {
        Representation { single: true, ..self }
    }

    fn at<M: Matrix>(&self, g: Option<&M>, v: &[M]) -> Bindings<'static, M> {
        let mut at = Bindings::new();
        for ((name, _), v) in self.images.iter().zip(v) {
            at.bind(*name, v.clone());
        }
        if let (Some(element), Some(g)) = (self.element, g) {
            at.bind(element, g.clone());
        }
        at
    }

    /// P_g v.
    pub fn apply<M: Matrix + 'static>(&self, g: Option<&M>, v: &[M], oracle: &M::Oracle) -> Result<Vec<M>, EvalError> {
        let at = self.at(g, v);
        let image = |((_, image), v): (&(Symbol, Option<Tape>), &M)| match image {
            Some(image) => image.eval(&at, oracle),
            None => Ok(v.clone()),
        };
        self.images.iter().zip(v).map(image).collect()
    }

    /// P_gᵀ u.
    pub fn adjoint<M: Matrix + 'static>(
        &self,
        g: Option<&M>,
        u: &[M],
        oracle: &M::Oracle,
    ) -> Result<Vec<M>, EvalError> {
        let at = self.at(g, u);
        let mut sum: Vec<M> = u.iter().map(|u| M::zeros(u.rows(), u.cols())).collect();
        for (k, ((_, image), u)) in self.images.iter().zip(u).enumerate() {
            let Some(image) = image else {
                sum[k].add_assign(u);
                continue;
            };
            let read: Vec<usize> =
                (0..self.images.len()).filter(|i| image.symbols().any(|name| name == self.images[*i].0)).collect();
            let wrt: Vec<Symbol> = read.iter().map(|i| self.images[*i].0).collect();
            let (_, gradients) = image.vjp(&at, oracle, u, &wrt)?;
            for (i, gradient) in read.into_iter().zip(gradients) {
                sum[i].add_assign(&gradient);
            }
        }
        Ok(sum)
    }

    /// Coset representatives along a chain of subgroups, the identity left out: the average over the group is the product
    /// of the averages over each list with the identity.
    fn cosets(&self) -> Vec<Vec<Option<Signed>>> {
        let Some((finite, n)) = self.finite else { return vec![] };
        let identity: Signed = (0..n).map(|i| (i, 1)).collect();
        let swap = |i: usize, j: usize| {
            let mut g = identity.clone();
            g.swap(i, j);
            Some(g)
        };
        let flip = |i: usize| {
            let mut g = identity.clone();
            g[i].1 = -1;
            Some(g)
        };
        let swaps = || (1..n).map(|k| (0..k).map(|j| swap(j, k)).collect());
        let flips = || (0..n).map(|i| vec![flip(i)]);
        match finite {
            Finite::Permutations => swaps().collect(),
            Finite::Signs if self.single => flips().take(1).collect(),
            Finite::Signs => flips().collect(),
            Finite::SignedPermutations => flips().chain(swaps()).collect(),
            Finite::Shifts => vec![(1..n).map(|s| Some((0..n).map(|j| ((j + s) % n, 1)).collect())).collect()],
            Finite::Involution => vec![vec![None]],
        }
    }

    /// Generators of the finite group as matrices; `None` for an involution without an element.
    pub fn generators<M: Integral>(&self) -> Vec<Option<M>> {
        self.cosets().iter().filter_map(|list| list.first()).map(|g| g.as_ref().map(matrix)).collect()
    }

    /// How many maps one average takes.
    pub fn order(&self) -> usize {
        self.cosets().iter().map(Vec::len).sum()
    }

    /// The orthogonal projection onto the fixed space, |Γ|⁻¹ Σ P_g v.
    pub fn project<M: Integral + 'static>(&self, v: &[M], oracle: &M::Oracle) -> Result<Vec<M>, EvalError> {
        let mut v = v.to_vec();
        for list in self.cosets() {
            let mut sum = v.clone();
            for g in &list {
                let g = g.as_ref().map(matrix);
                let moved = self.apply(g.as_ref(), &v, oracle)?;
                sum.iter_mut().zip(&moved).for_each(|(sum, x)| sum.add_assign(x));
            }
            let weight = M::constant(1, 1, &Rational::new(1.into(), (list.len() + 1).into()))?;
            v = sum.iter().map(|x| x.scale(&weight)).collect();
        }
        Ok(v)
    }

    /// What generators of the group do to the coordinates of flattened tangents, where each permutes them up to signs; found
    /// from the image of every unit vector.
    pub fn coordinate_moves(&self, shapes: &[(usize, usize)], probe: &Probe) -> Result<Option<Vec<Signed>>, EvalError> {
        let n: usize = shapes.iter().map(|(r, c)| r * c).sum();
        let (one, minus) = (Prime::from_integer(1), Prime::from_integer(-1));
        let mut moves = Vec::new();
        for g in self.generators::<Exact>() {
            let mut signed = Vec::with_capacity(n);
            for j in 0..n {
                let mut unit = vec![Prime::zero(); n];
                unit[j] = one;
                let image = flat(&self.apply(g.as_ref(), &blocks(&unit, shapes), probe)?);
                let mut entries = image.iter().enumerate().filter(|(_, x)| !x.is_zero());
                signed.push(match (entries.next(), entries.next()) {
                    (Some((i, x)), None) if *x == one => (i, 1),
                    (Some((i, x)), None) if *x == minus => (i, -1),
                    _ => return Ok(None),
                });
            }
            moves.push(signed);
        }
        Ok(Some(moves))
    }

    /// A generic symmetric matrix that commutes with the group, |Γ|⁻¹ Σ P_g R P_gᵀ for a symmetric R of random numbers,
    /// column by column on flattened tangents.
    pub fn commuting(&self, shapes: &[(usize, usize)], probe: &Probe) -> Result<Vec<Vec<Prime>>, EvalError> {
        let n: usize = shapes.iter().map(|(r, c)| r * c).sum();
        let random = Exact::generic(n, n, stream_of("commuting"), probe);
        let mut columns: Vec<Vec<Prime>> =
            (0..n).map(|j| (0..n).map(|i| *random.get(i, j) + *random.get(j, i)).collect()).collect();
        for list in self.cosets() {
            let mut sum = columns.clone();
            for g in &list {
                let g = g.as_ref().map(matrix);
                let apply = |columns: &[Vec<Prime>]| -> Result<Vec<Vec<Prime>>, EvalError> {
                    let moved = |v: &Vec<Prime>| Ok(flat(&self.apply(g.as_ref(), &blocks(v, shapes), probe)?));
                    columns.iter().map(moved).collect()
                };
                // M is symmetric: P M, transposed M Pᵀ, and so P M Pᵀ.
                let both = apply(&transposed(&apply(&columns)?))?;
                for (sum, moved) in sum.iter_mut().zip(&both) {
                    sum.iter_mut().zip(moved).for_each(|(x, y)| *x = *x + *y);
                }
            }
            let weight = Prime::new(list.len() as u64 + 1).reciprocal()?;
            columns = sum.into_iter().map(|v| v.into_iter().map(|x| x * weight).collect()).collect();
        }
        Ok(columns)
    }
}

fn flat(tangent: &[Exact]) -> Vec<Prime> {
    tangent.iter().flat_map(|x| x.entries()).copied().collect()
}

fn blocks(entries: &[Prime], shapes: &[(usize, usize)]) -> Vec<Exact> {
    let mut start = 0;
    let block = |(rows, cols): &(usize, usize)| {
        let here = &entries[start..start + rows * cols];
        start += rows * cols;
        Exact::from_fn(*rows, *cols, |i, j| here[i * cols + j])
    };
    shapes.iter().map(block).collect()
}

fn transposed(columns: &[Vec<Prime>]) -> Vec<Vec<Prime>> {
    (0..columns.len()).map(|i| columns.iter().map(|column| column[i]).collect()).collect()
}

/// Matrices of integers.
pub(super) trait Integral: Matrix {
    fn from_integers(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> i64) -> Self;
}

impl Integral for Mat<f64> {
    fn from_integers(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> i64) -> Self {
        Mat::from_fn(rows, cols, |i, j| entry(i, j) as f64)
    }
}

impl Integral for Exact {
    fn from_integers(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> i64) -> Self {
        Exact::from_fn(rows, cols, |i, j| Prime::from_integer(entry(i, j)))
    }
}

/// The matrix that takes eⱼ to ±eᵢ.
fn matrix<M: Integral>(g: &Signed) -> M {
    M::from_integers(g.len(), g.len(), |i, j| if g[j].0 == i { g[j].1 } else { 0 })
}
