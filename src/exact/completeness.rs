//! How many independent conservation laws a dynamics has for every data set (and every loss), and whether the known
//! ones are all of them, by ranks over a field (Marcotte, Gribonval, Peyré 2023; beyond gradient flow 2024).

use super::assumption::{Assumption, assumptions};
use super::closure::{Bounds, Closure, Field};
use super::curve::Curve;
use super::echelon::Echelon;
use super::fields::Fields;
use super::functions::{Independence, gated, unrelated};
use super::integrals::Integrals;
use super::motion::{Subject, of_state};
use super::panels::Panels;
use super::point::Point;
use super::region::{Origin, Region};
use super::scalar::valued;
use super::span::Span;
use super::{ExactError, Watch};
use crate::eval::{Bindings, Checked, Dense, EvalError, Prime, Residue, Rooted, Small, Tape, mix};
use crate::model::Loss;
use crate::term::{Env, Expr, Sizes, Symbol, Term};
use std::borrow::Cow;

/// How many laws there are at most, how many are known, and how both numbers were found.
#[derive(Clone, Debug, PartialEq)]
pub struct Completeness {
    /// D.
    pub parameters: usize,
    /// The coordinates of the state that the dynamics moves: D, or more with velocities and time.
    pub coordinates: usize,
    /// dim Lie(𝒱)(θ) is at least this, in the region where it is largest.
    pub lie_dimension: usize,
    /// `coordinates` − `lie_dimension`: there are no more laws than this that hold, and are independent, near every generic point.
    pub laws_at_most: usize,
    /// The rank of the gradients of the known laws.
    pub laws_known: usize,
    pub certificate: Certificate,
    /// The counts near the points that were sampled: one without gates, else several.
    pub regions: Vec<Region>,
    /// Whether the loss is any.
    pub any_loss: bool,
    /// What the count supposes.
    pub assumptions: Vec<Assumption>,
}

impl Completeness {
    /// Whether every law follows from the known ones.
    pub fn complete(&self) -> bool {
        self.laws_known == self.laws_at_most
    }

    /// The rank of the gradient fields themselves, without brackets. Where the loss is any, it is the functional dimension: the
    /// rank of the differential of θ ↦ F on all data together (Grigsby, Lindsey, Meyerhoff, Wu 2022).
    pub fn functional_dimension(&self) -> Option<usize> {
        let is_generic = self.certificate.curve.as_ref().is_none_or(|curve| curve.as_sought);
        let asked = self.any_loss && self.coordinates == self.parameters && is_generic;
        self.certificate.ranks.first().copied().filter(|_| asked)
    }

    /// Whether the count is proved: no float was used and nothing is supposed of values of functions.
    pub fn is_certified(&self) -> bool {
        self.is_exact() && self.independence().next().is_none()
    }

    /// What the count supposes of values of functions and does not prove.
    pub fn independence(&self) -> impl Iterator<Item = Independence> {
        self.assumptions.iter().filter_map(|assumption| match assumption {
            Assumption::Independent(independence) => Some(*independence),
            _ => None,
        })
    }

    /// Whether no float was used.
    pub fn is_exact(&self) -> bool {
        !matches!(self.certificate.arithmetic, Arithmetic::Floating { .. })
    }

    /// How many independent laws may be missing.
    pub fn missing(&self) -> usize {
        self.laws_at_most.saturating_sub(self.laws_known)
    }
}

/// The numbers a rank was computed in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arithmetic {
    /// Residues modulo a prime: the rank is proved from below.
    Modular { prime: u64 },
    /// Real numbers, enclosed to so many binary digits: the rank is proved from below.
    Enclosed { digits: u32 },
    /// Floats: nothing is proved.
    Floating {
        /// The smallest singular value that counts over the largest that does not, where there are both.
        gap: Option<f64>,
        /// The larger rank modulo a prime, which supposes transcendental values to be independent that are not.
        exact: Option<usize>,
    },
}

/// What repeats the computation.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    pub arithmetic: Arithmetic,
    pub seed: u64,
    /// The depth of the longest brackets drawn.
    pub depth: usize,
    /// The rank after all brackets of depth 1, 2, ….
    pub ranks: Vec<usize>,
    /// Whether the last depth added nothing. If not, a larger depth may find a smaller number of laws.
    pub exhausted: bool,
    /// The formal curve along which the rank was found, where one point does not do.
    pub curve: Option<Box<Curve>>,
}

/// A conserved quantity: a matrix formula in the parameters, and in data that are then the same for all samples.
#[derive(Clone, Debug)]
pub struct Quantity<'a> {
    /// The id of the law.
    pub law: &'a str,
    pub formula: Expr,
    pub env: Cow<'a, Env>,
}

/// From how many parameters on ranks are computed by floating-point products modulo the small prime.
const BLOCKED: usize = 1500;

/// The most parameters of an elimination that uses no structure: with what is reduced by them its rows take less than 8 GiB.
const LARGEST: usize = 32_000;

/// How many laws there are, and which of them are known.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    pub subject: Subject<'a>,
    pub sizes: &'a Sizes,
    pub known: &'a [Quantity<'a>],
    pub bounds: Bounds,
    pub watch: Watch<'a>,
}

impl Question<'_> {
    /// A known quantity as a function of the state.
    pub fn tape(&self, quantity: &Quantity) -> Result<Tape, EvalError> {
        let (formula, env) = of_state(self.subject.model, &quantity.formula, &quantity.env);
        Tape::new(&formula, &env, self.sizes)
    }

    /// The gradient fields, where data that a known quantity names are the same for all samples.
    pub(super) fn fields(&self) -> Result<Fields, EvalError> {
        let named = |name: &Symbol| {
            let names = |q: &Quantity| q.formula.as_ref().iter().any(|node| *node == Term::Sym(*name));
            self.known.iter().any(names)
        };
        let data: Vec<Symbol> = self.subject.model.data.iter().map(|d| d.name).filter(named).collect();
        Fields::given(self.subject, self.sizes, &data)
    }
}

/// Which laws are sought.
#[derive(Clone, Copy)]
struct Sought<'a> {
    question: Question<'a>,
    /// The largest degree.
    degree: usize,
    /// Where there is room for them.
    origin: Origin,
}

const PRIME: u64 = Prime::MODULUS;
const ROOTED: u64 = Rooted::MODULUS;
const CHECKED: u64 = Checked::MODULUS;
const SMALL: u64 = Small::MODULUS;

impl ExactError {
    /// Whether there is no exact answer, but one in floating point: a field lacks roots that another may have, or values are not
    /// independent.
    pub(super) fn is_numerical(&self) -> bool {
        lacks_roots(self) || matches!(self, ExactError::Dependent { .. })
    }
}

/// Whether there is no answer because a field lacks roots that another may have.
fn lacks_roots(error: &ExactError) -> bool {
    matches!(error, ExactError::Eval(EvalError::Irrational(_) | EvalError::NoSquareRoot { .. }))
}

/// Looks for conserved polynomials up to a degree that are independent of the known laws, as many as one of some regions
/// with the least number leaves room for (of the first region, where none is given). `None` when no field has the roots of the model.
pub fn missing_laws<'a>(
    subject: impl Into<Subject<'a>>,
    sizes: &Sizes,
    known: &[Quantity],
    degree: usize,
    regions: &[Region],
    bounds: Bounds,
    watch: Watch,
) -> Result<Option<Integrals>, ExactError> {
    let question = Question { subject: subject.into(), sizes, known, bounds, watch };
    let fields = question.fields()?;
    let least = regions.iter().min_by_key(|region| region.laws_at_most).map(|region| region.origin);
    let origins = || fields.regions(bounds.seed).into_iter();
    let Some(origin) = least.or_else(|| origins().next()) else { return Ok(None) };
    let sought = Sought { question, degree, origin };
    let found = fields.in_a_field(
        bounds.field,
        || fields.missing::<SMALL, ROOTED, Panels<SMALL>>(sought),
        || fields.missing::<PRIME, ROOTED, Echelon<PRIME>>(sought),
        || fields.missing::<ROOTED, CHECKED, Echelon<ROOTED>>(sought),
    );
    match found {
        Err(error) if error.is_numerical() => Ok(None),
        found => found.map(Some),
    }
}

impl Fields {
    /// Does something modulo the small prime, if it is asked for or there are many parameters; else modulo 2⁶¹ − 1. Where
    /// a root is missing there, modulo a prime with more roots.
    fn in_a_field<T>(
        &self,
        asked: Option<Field>,
        small: impl FnOnce() -> Result<T, ExactError>,
        mersenne: impl FnOnce() -> Result<T, ExactError>,
        rooted: impl FnOnce() -> Result<T, ExactError>,
    ) -> Result<T, ExactError> {
        let large = || mersenne().or_else(|error| if lacks_roots(&error) { rooted() } else { Err(error) });
        match asked {
            Some(Field::Small) => small(),
            None if self.dimension() >= BLOCKED => {
                small().or_else(|error| if lacks_roots(&error) { large() } else { Err(error) })
            }
            _ => large(),
        }
    }

    fn missing<const P: u64, const Q: u64, S: Span<P>>(
        &self,
        Sought { question, degree, origin }: Sought,
    ) -> Result<Integrals, ExactError> {
        let closure: Closure<P, S> = self.closure(origin, question.bounds, question.watch)?;
        let gradients = self.gradients(question, &closure)?;
        self.integrals::<P, Q, S>(&closure, gradients, degree, question.bounds.seed, question.watch)
    }

    /// The count over a field, and its point in floating point.
    pub(super) fn exact_count(&self, question: Question) -> Result<(Completeness, Point<f64>), ExactError> {
        if let Some(found) = self.sparse_count(question)? {
            return Ok(found);
        }
        if self.dimension() > LARGEST {
            let what = "parameters of an elimination that sparse fields do not decide";
            return Err(ExactError::TooLarge { what, size: self.dimension(), limit: LARGEST });
        }
        self.in_a_field(
            question.bounds.field,
            || self.completeness::<SMALL, Panels<SMALL>>(question),
            || self.completeness::<PRIME, Echelon<PRIME>>(question),
            || self.completeness::<ROOTED, Echelon<ROOTED>>(question),
        )
    }

    /// The count, and the point of the region that it is taken from.
    pub(super) fn completeness<const P: u64, S: Span<P>>(
        &self,
        question: Question,
    ) -> Result<(Completeness, Point<f64>), ExactError> {
        let (regions, closure, gradients) = self.least::<P, S>(question)?;
        Ok(self.counted(question, regions, closure, gradients.rank()))
    }

    /// The count that a closure gives, and its point.
    pub(super) fn counted<const P: u64, S: Span<P>>(
        &self,
        question: Question,
        regions: Vec<Region>,
        closure: Closure<P, S>,
        laws_known: usize,
    ) -> (Completeness, Point<f64>) {
        let (coordinates, lie_dimension) = (self.dimension(), closure.span.rank());
        let completeness = Completeness {
            parameters: self.parameter_entries(),
            coordinates,
            lie_dimension,
            laws_at_most: coordinates - lie_dimension,
            laws_known,
            certificate: Certificate {
                arithmetic: Arithmetic::Modular { prime: P },
                seed: question.bounds.seed,
                depth: closure.ranks.len(),
                ranks: closure.ranks,
                exhausted: closure.exhausted,
                curve: None,
            },
            regions,
            any_loss: question.subject.model.loss == Loss::Any,
            assumptions: assumptions(question.subject, self, self.independence()),
        };
        (completeness, closure.point.in_floats())
    }

    /// The counts in all regions, and the closure and the gradients of the known quantities in the first of those with the
    /// least.
    fn least<const P: u64, S: Span<P>>(
        &self,
        question: Question,
    ) -> Result<(Vec<Region>, Closure<P, S>, S), ExactError> {
        let Question { bounds, watch, .. } = question;
        let mut regions = Vec::new();
        let mut least: Option<(Closure<P, S>, S)> = None;
        for origin in self.regions(bounds.seed) {
            let closure: Closure<P, S> = self.closure(origin, bounds, watch)?;
            let gradients = self.gradients(question, &closure)?;
            let lie_dimension = closure.span.rank();
            regions.push(closure.region(origin));
            if least.as_ref().is_none_or(|(other, _)| lie_dimension > other.span.rank()) {
                least = Some((closure, gradients));
            }
        }
        let (closure, gradients) = least.ok_or_else(|| EvalError::Unsupported("a count in no region".into()))?;
        Ok((regions, closure, gradients))
    }

    /// The span of the gradients of conserved quantities at the point of a closure: vector–Jacobian products of random
    /// matrices Z, until they add nothing.
    ///
    /// # Errors
    /// A quantity of which a random component is not orthogonal to the closure is not conserved there: as it was proved to be,
    /// the proof or the closure is wrong.
    pub(super) fn gradients<const P: u64, S: Span<P>>(
        &self,
        question: Question,
        closure: &Closure<P, S>,
    ) -> Result<S, ExactError> {
        let seed = question.bounds.seed;
        let names: Vec<Symbol> = self.state().iter().map(|b| b.name).collect();
        let fixed: Vec<_> = closure.point.fixed.iter().map(|(name, x)| (*name, valued(x))).collect();
        let at: Bindings<Dense<Residue<P>>> = self.bindings(&fixed, &closure.point.values);
        let drawn = self.bindings(&closure.point.fixed, &closure.point.drawn);
        let mut span = S::zero(self.dimension());
        for (i, quantity) in question.known.iter().enumerate() {
            let tape = question.tape(quantity)?;
            let functions = gated(&tape, &drawn, unrelated())?;
            let (rows, cols) = tape.shape();
            let gradient = |number: u64| {
                let stream = mix(mix(seed, i as u64), number);
                let z = Dense::from_fn(rows, cols, |i, j| Residue::new(mix(stream, (i * cols + j) as u64)));
                Ok::<_, EvalError>(self.flat(&tape.vjp(&at, &functions, &z, &names)?.1))
            };
            if !closure.span.is_orthogonal(&gradient(0)?) {
                return Err(self.contradiction(quantity, &tape));
            }
            let (components, batch) = ((rows * cols) as u64, span.batch());
            let (mut number, mut grows) = (0, true);
            while grows && number < components {
                let drawn: Result<Vec<_>, _> = (number..components.min(number + batch)).map(gradient).collect();
                let added = span.extend(&drawn?);
                grows = added.last().is_some_and(|added| *added);
                number += batch;
            }
        }
        Ok(span)
    }

    /// What it means that a field moves a quantity that was proved to be conserved: values of functions are not as independent
    /// as they are taken to be, in the fields or in the quantity itself, or there is an error in this program.
    fn contradiction(&self, quantity: &Quantity, tape: &Tape) -> ExactError {
        let law = quantity.law.to_string();
        match !self.independence().is_empty() || tape.reach().pairs > 0 {
            true => ExactError::Dependent { law },
            false => ExactError::Contradiction { law, how: "a bracket of gradient fields moves its quantity".into() },
        }
    }
}
