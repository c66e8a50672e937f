//! A linear action at concrete sizes: Pv by evaluating the declared map at v, Pᵀu by its reverse pass, and for a finite
//! group the projection onto the fixed space: from the orbits of the coordinates, in time of their number, where generators
//! permute them up to signs, and else as the average over a small group.

use crate::eval::{Bindings, Dense, EvalError, Matrix, Number, Prime, Probe, Reals, Tape, concrete, mix, stream_of};
use crate::exact::{Moves, Orbits};
use crate::group::Finite;
use crate::model::{Action, Model, Variable};
use crate::numeric::{Instance, Real, stream};
use crate::sample;
use crate::term::Symbol;
use faer::Mat;
use std::borrow::Borrow;
use std::sync::{Arc, OnceLock};

type Exact = Dense<Prime>;

/// The most evaluations of the map one computation may take.
const MAPS: usize = 20_000;

/// The most coordinates n of a group that is averaged over element by element; the permutations take n² maps.
const AVERAGED: usize = 24;

/// From this number of signs on, random products of them stand for the single ones.
const SINGLE_SIGNS: usize = 64;

/// How many random products. A coordinate, or a pair of them, that a sign changes is changed by none of k products with
/// probability 2⁻ᵏ.
const SIGN_PRODUCTS: u32 = 48;

/// The most multiplications that reading off the moves of the coordinates may take.
const WORK: u64 = 1 << 35;

/// A linear action on parameter space.
pub(super) struct Representation {
    element: Option<Symbol>,
    /// Every parameter of the model, with its image if it moves.
    images: Vec<(Symbol, Option<Tape>)>,
    shapes: Vec<(usize, usize)>,
    /// The data that the map reads, at the instance and as exact numbers.
    data: Vec<(Symbol, Mat<f64>)>,
    exact_data: Vec<(Symbol, Exact)>,
    /// For a finite group which one, and how many coordinates it moves.
    finite: Option<(Finite, usize)>,
    /// Of the signs only that of the first coordinate.
    single: bool,
    moves: Found,
}

/// What the generators of an action do to the coordinates, found once for all laws of it.
pub(super) type Found = Arc<OnceLock<Option<(Vec<Moves>, Orbits)>>>;

/// Where each coordinate that the group acts on goes, and by which sign.
type Signed = Vec<(usize, i64)>;

impl Representation {
    pub fn new<M: Real>(model: &Model, action: &Action, instance: &Instance<M>) -> Result<Representation, EvalError> {
        let (env, sizes) = (model.action_env(action), instance.sizes());
        let image = |param: Symbol| {
            let declared = action.images.iter().find(|(name, _)| *name == param);
            Ok((param, declared.map(|(_, image)| Tape::new(image, &env, sizes)).transpose()?))
        };
        let images = model.params.iter().map(|p| image(p.name)).collect::<Result<Vec<_>, EvalError>>()?;
        let reads = |name: Symbol| {
            images.iter().filter_map(|(_, image)| image.as_ref()).any(|image| image.symbols().any(|s| s == name))
        };
        let read: Vec<&Variable> = model.data.iter().filter(|d| reads(d.name)).collect();
        let value = |d: &&Variable| Some((d.name, instance.value(d.name)?.value().clone()));
        let exact = |d: &&Variable| {
            let drawn = sample::declared(d.name, d.shape, d.facts, sizes, &mut stream(0, d.name.as_str()));
            Ok((d.name, drawn?))
        };
        let n = action.group.sizes.first().map_or(Ok(1), |n| concrete(*n, sizes))?;
        let shape = |p: &Variable| Ok((concrete(p.shape.rows, sizes)?, concrete(p.shape.cols, sizes)?));
        Ok(Representation {
            element: action.element,
            data: read.iter().filter_map(value).collect(),
            exact_data: read.iter().map(exact).collect::<Result<_, EvalError>>()?,
            images,
            shapes: model.params.iter().map(shape).collect::<Result<_, EvalError>>()?,
            finite: action.group.group.finite().map(|finite| (finite, n)),
            single: false,
            moves: Found::default(),
        })
    }

    /// Shares what is found of the coordinates with others of the same map at the same data.
    pub fn sharing(self, moves: Found) -> Representation {
        Representation { moves, ..self }
    }

    /// The reflection of the first coordinate in place of all signs.
    pub fn single(self) -> Representation {
        Representation { single: true, moves: Found::default(), ..self }
    }

    /// The number of coordinates of parameter space.
    fn dimension(&self) -> usize {
        self.shapes.iter().map(|(rows, cols)| rows * cols).sum()
    }

    fn at<'m, M: Integral, V: Borrow<M>>(&self, g: Option<&'m M>, v: &'m [V]) -> Bindings<'m, M> {
        let mut at = Bindings::new();
        for (name, value) in M::data(self) {
            at.bind(name, value);
        }
        for ((name, _), v) in self.images.iter().zip(v) {
            at.lend(*name, v.borrow());
        }
        if let (Some(element), Some(g)) = (self.element, g) {
            at.lend(element, g);
        }
        at
    }

    /// P_g v.
    pub fn apply<M: Integral, V: Borrow<M>>(
        &self,
        g: Option<&M>,
        v: &[V],
        oracle: &M::Oracle,
    ) -> Result<Vec<M>, EvalError> {
        let at = self.at(g, v);
        let image = |((_, image), v): (&(Symbol, Option<Tape>), &V)| match image {
            Some(image) => image.eval(&at, oracle),
            None => Ok(v.borrow().clone()),
        };
        self.images.iter().zip(v).map(image).collect()
    }

    /// P_gᵀ u.
    pub fn adjoint<M: Integral>(&self, g: Option<&M>, u: &[M], oracle: &M::Oracle) -> Result<Vec<M>, EvalError> {
        let at = self.at(g, u);
        let mut sum: Vec<Option<M>> = vec![None; u.len()];
        let mut add = |k: usize, term: M| match &mut sum[k] {
            Some(sum) => sum.add_assign(&term),
            none => *none = Some(term),
        };
        for (k, ((_, image), u)) in self.images.iter().zip(u).enumerate() {
            let Some(image) = image else {
                add(k, u.clone());
                continue;
            };
            let read: Vec<usize> =
                (0..self.images.len()).filter(|i| image.symbols().any(|name| name == self.images[*i].0)).collect();
            let wrt: Vec<Symbol> = read.iter().map(|i| self.images[*i].0).collect();
            for (i, gradient) in read.into_iter().zip(image.pullback(&at, oracle, u, &wrt)?) {
                add(i, gradient);
            }
        }
        Ok(sum.into_iter().zip(u).map(|(sum, u)| sum.unwrap_or_else(|| M::zeros(u.rows(), u.cols()))).collect())
    }

    /// Coset representatives along a chain of subgroups, the identity left out: the average over the group is the product
    /// of the averages over each list with the identity.
    fn cosets(&self) -> Result<Vec<Vec<Option<Signed>>>, EvalError> {
        let Some((finite, n)) = self.finite else { return Ok(vec![]) };
        if n > AVERAGED && !self.single {
            let what = format!("the average over a group of {n} coordinates that it does not permute up to signs");
            return Err(EvalError::TooMuchWork(what));
        }
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
        Ok(match finite {
            Finite::Permutations => swaps().collect(),
            Finite::Signs if self.single => flips().take(1).collect(),
            Finite::Signs => flips().collect(),
            Finite::SignedPermutations => flips().chain(swaps()).collect(),
            Finite::Shifts => vec![(1..n).map(|s| Some((0..n).map(|j| ((j + s) % n, 1)).collect())).collect()],
            Finite::Involution => vec![vec![None]],
        })
    }

    /// Generators of the finite group; `None` for an involution without an element.
    fn generators(&self) -> Vec<Option<Signed>> {
        let Some((finite, n)) = self.finite else { return vec![] };
        let signs = |signs: &dyn Fn(usize) -> bool| Some((0..n).map(|i| (i, if signs(i) { -1 } else { 1 })).collect());
        let cycle = || Some((0..n).map(|j| ((j + 1) % n, 1)).collect());
        let swap = || Some((0..n).map(|j| (if j < 2 && n > 1 { 1 - j } else { j }, 1)).collect());
        match finite {
            Finite::Permutations => vec![swap(), cycle()],
            Finite::Signs if self.single => vec![signs(&|i| i == 0)],
            Finite::Signs if n <= SINGLE_SIGNS => (0..n).map(|k| signs(&|i| i == k)).collect(),
            Finite::Signs => {
                let bits: Vec<u64> = (0..n as u64).map(|i| mix(stream_of("signs"), i)).collect();
                (0..SIGN_PRODUCTS).map(|k| signs(&|i| bits[i] >> k & 1 == 1)).collect()
            }
            Finite::SignedPermutations => vec![swap(), cycle(), signs(&|i| i == 0)],
            Finite::Shifts => vec![cycle()],
            Finite::Involution => vec![None],
        }
    }

    /// What the generators do to the coordinates, where each permutes them up to signs, and the orbits of the coordinates.
    ///
    /// It is read off the image of the numbers of the coordinates, and holds where one tangent of random numbers is moved and
    /// negated just so, without any rounding; a linear map of another kind does not take random numbers to each other.
    fn moves(&self) -> Result<Option<&(Vec<Moves>, Orbits)>, EvalError> {
        if self.moves.get().is_none() {
            let moves = self.read_moves()?.map(|moves| {
                let orbits = Orbits::new(self.dimension(), &moves);
                (moves, orbits)
            });
            return Ok(self.moves.get_or_init(|| moves).as_ref());
        }
        Ok(self.moves.get().and_then(Option::as_ref))
    }

    fn read_moves(&self) -> Result<Option<Vec<Moves>>, EvalError> {
        let generators = self.generators();
        let n = self.finite.map_or(1, |(_, n)| n);
        let dimension = self.dimension();
        let work = [n, dimension, generators.len()].iter().fold(1u64, |work, n| work.saturating_mul(*n as u64));
        if work > WORK || dimension > Moves::MOST {
            return Err(EvalError::TooMuchWork(format!("a group of {n} coordinates on {dimension} parameters")));
        }
        let numbers = filled(&self.shapes, |k| (k + 1) as f64);
        let random = filled(&self.shapes, random_number);
        let mut all = Vec::new();
        for g in &generators {
            let g = g.as_ref().map(matrix::<Mat<f64>>);
            let image = |of: &[Mat<f64>]| self.apply(g.as_ref(), of, &Reals);
            let mut moves = Moves::resting(dimension);
            let mut met = vec![false; dimension];
            let mut read = |to: usize, number: f64, x: f64| {
                let from = number.abs() as usize;
                let is_number = number.abs() == from as f64 && (1..=dimension).contains(&from);
                if !is_number || met[from - 1] || x != random_number(from - 1).copysign(number) {
                    return false;
                }
                met[from - 1] = true;
                moves.send(from - 1, to, number < 0.0);
                true
            };
            let (numbers, random) = (image(&numbers)?, image(&random)?);
            let mut start = 0;
            for (numbers, random) in columns(&numbers).zip(columns(&random)) {
                if !numbers.iter().zip(random).enumerate().all(|(k, (number, x))| read(start + k, *number, *x)) {
                    return Ok(None);
                }
                start += numbers.len();
            }
            all.push(moves);
        }
        Ok(Some(all))
    }

    /// What generators of the group do to the coordinates of parameter space, where each permutes them up to signs.
    pub fn coordinate_moves(&self) -> Result<Option<&[Moves]>, EvalError> {
        Ok(self.moves()?.map(|(moves, _)| moves.as_slice()))
    }

    /// How many generators of the group there are.
    pub fn generator_count(&self) -> usize {
        self.generators().len()
    }

    /// The tangent moved by a generator of the group.
    pub fn image(&self, generator: usize, v: &[impl Borrow<Mat<f64>>]) -> Result<Vec<Mat<f64>>, EvalError> {
        let g = self.generators().swap_remove(generator);
        self.apply(g.as_ref().map(matrix::<Mat<f64>>).as_ref(), v, &Reals)
    }

    /// The dimension of the fixed space, the trace of the projection onto it.
    pub fn fixed_dimension(&self) -> Result<usize, EvalError> {
        if let Some((_, orbits)) = self.moves()? {
            return Ok(orbits.dimension());
        }
        let n = self.dimension();
        let order: usize = self.cosets()?.iter().map(Vec::len).sum();
        if n.saturating_mul(order) > MAPS {
            return Err(EvalError::TooMuchWork(
                "the dimension of the fixed space takes too many evaluations of the map".into(),
            ));
        }
        let mut trace = 0.0;
        for k in 0..n {
            let mut unit = vec![0.0; n];
            unit[k] = 1.0;
            trace += columns(&self.project(&blocks(&unit, &self.shapes))?).flatten().nth(k).unwrap_or(&0.0);
        }
        Ok(trace.round() as usize)
    }

    /// The orthogonal projection onto the fixed space, |Γ|⁻¹ Σ P_g v.
    pub fn project(&self, v: &[impl Borrow<Mat<f64>>]) -> Result<Vec<Mat<f64>>, EvalError> {
        if let Some((_, orbits)) = self.moves()? {
            return Ok(blocks(&orbits.average(columns(v)), &self.shapes));
        }
        let mut v: Vec<Mat<f64>> = v.iter().map(|x| x.borrow().clone()).collect();
        for list in self.cosets()? {
            let mut sum = v.clone();
            for g in &list {
                let moved = self.apply(g.as_ref().map(matrix::<Mat<f64>>).as_ref(), &v, &Reals)?;
                sum.iter_mut().zip(&moved).for_each(|(sum, x)| *sum += x);
            }
            let weight = 1.0 / (list.len() + 1) as f64;
            v = sum.iter().map(|x| x * faer::Scale(weight)).collect();
        }
        Ok(v)
    }

    /// A generic symmetric matrix that commutes with the group, |Γ|⁻¹ Σ P_g R P_gᵀ for a symmetric R of random numbers,
    /// column by column on flattened tangents.
    pub fn commuting(&self, probe: &Probe) -> Result<Option<Vec<Vec<Prime>>>, EvalError> {
        let (n, shapes) = (self.dimension(), &self.shapes);
        let cosets = self.cosets()?;
        let order: usize = cosets.iter().map(Vec::len).sum();
        if n.saturating_mul(order) > MAPS {
            return Ok(None);
        }
        let random = Exact::generic(n, n, stream_of("commuting"), probe);
        let mut columns: Vec<Vec<Prime>> =
            (0..n).map(|j| (0..n).map(|i| *random.get(i, j) + *random.get(j, i)).collect()).collect();
        for list in cosets {
            let mut sum = columns.clone();
            for g in &list {
                let g = g.as_ref().map(matrix::<Exact>);
                let apply = |columns: &[Vec<Prime>]| -> Result<Vec<Vec<Prime>>, EvalError> {
                    let moved = |v: &Vec<Prime>| {
                        let image = self.apply(g.as_ref(), &exact_blocks(v, shapes), probe)?;
                        Ok(image.iter().flat_map(|x| x.entries()).copied().collect())
                    };
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
        Ok(Some(columns))
    }
}

/// The columns of the matrices of a tangent, in the order in which its coordinates are counted.
fn columns(tangent: &[impl Borrow<Mat<f64>>]) -> impl Iterator<Item = &[f64]> {
    tangent.iter().map(Borrow::borrow).flat_map(|x| (0..x.ncols()).map(move |j| x.col_as_slice(j)))
}

/// The tangent with a number for each coordinate.
fn filled(shapes: &[(usize, usize)], entry: impl Fn(usize) -> f64) -> Vec<Mat<f64>> {
    let mut start = 0;
    let block = |&(rows, cols): &(usize, usize)| {
        let here = start;
        start += rows * cols;
        Mat::from_fn(rows, cols, |i, j| entry(here + j * rows + i))
    };
    shapes.iter().map(block).collect()
}

fn blocks(entries: &[f64], shapes: &[(usize, usize)]) -> Vec<Mat<f64>> {
    let block = |(here, rows, cols): (&[f64], usize, usize)| {
        let mut out = Mat::zeros(rows, cols);
        (0..cols).for_each(|j| out.col_as_slice_mut(j).copy_from_slice(&here[j * rows..(j + 1) * rows]));
        out
    };
    cut(entries, shapes).map(block).collect()
}

/// A number that no other coordinate has, nor its negative, nor likely a sum of others.
fn random_number(k: usize) -> f64 {
    ((mix(stream_of("coordinates"), k as u64) >> 12 | 1) as f64) * (1.0 / (1u64 << 52) as f64)
}

fn exact_blocks(entries: &[Prime], shapes: &[(usize, usize)]) -> Vec<Exact> {
    cut(entries, shapes).map(|(here, rows, cols)| Exact::from_fn(rows, cols, |i, j| here[i * cols + j])).collect()
}

/// The entries of each matrix, with its shape.
fn cut<'a, T>(entries: &'a [T], shapes: &'a [(usize, usize)]) -> impl Iterator<Item = (&'a [T], usize, usize)> {
    shapes.iter().scan(0, |start, &(rows, cols)| {
        let here = &entries[*start..*start + rows * cols];
        *start += rows * cols;
        Some((here, rows, cols))
    })
}

fn transposed(columns: &[Vec<Prime>]) -> Vec<Vec<Prime>> {
    (0..columns.len()).map(|i| columns.iter().map(|column| column[i]).collect()).collect()
}

/// Matrices of integers, and the data of a map among such matrices.
pub(super) trait Integral: Matrix + 'static {
    fn from_integers(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> i64) -> Self;

    fn data(map: &Representation) -> Vec<(Symbol, Self)>;
}

impl<M: Real> Integral for M {
    fn from_integers(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> i64) -> Self {
        M::from(Mat::from_fn(rows, cols, |i, j| entry(i, j) as f64))
    }

    fn data(map: &Representation) -> Vec<(Symbol, Self)> {
        map.data.iter().map(|(name, value)| (*name, value.clone().into())).collect()
    }
}

impl Integral for Exact {
    fn from_integers(rows: usize, cols: usize, entry: impl Fn(usize, usize) -> i64) -> Self {
        Exact::from_fn(rows, cols, |i, j| Prime::from_integer(entry(i, j)))
    }

    fn data(map: &Representation) -> Vec<(Symbol, Self)> {
        map.exact_data.clone()
    }
}

/// The matrix that takes eⱼ to ±eᵢ.
fn matrix<M: Integral>(g: &Signed) -> M {
    M::from_integers(g.len(), g.len(), |i, j| if g[j].0 == i { g[j].1 } else { 0 })
}
