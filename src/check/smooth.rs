//! How smooth L is near a symmetric subspace V. Its laws are about points where a gradient may jump: where the argument of a
//! norm, of a logarithm or of |·| vanishes on all of V, they say nothing.

use super::CheckError;
use super::checker::Checker;
use super::member::Member;
use super::orbit::random_tangent;
use super::representation::Representation;
use super::symmetric::{point_of, projected, representation};
use crate::eval::{EvalError, Matrix};
use crate::kernel::{Condition, Law, Statement, Structure};
use crate::numeric::{Instance, Real, Rounded, is_rounding, norm, rounding};

/// Why the laws of a symmetric subspace say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Void {
    /// L has no value on V.
    Undefined,
    /// A difference of gradients is not bounded by a multiple of the distance to V.
    NotLipschitz,
    /// The limits of H on V depend on the direction.
    NotTwiceDifferentiable,
}

/// Distances from V, relative to the size of θ, at which differences are compared.
const DISTANCES: [f64; 3] = [1e-3, 1e-6, 1e-9];

/// By how much the quotient of a difference by the distance grows at least, from one distance to the next, where it is not
/// bounded: a gradient that is Hölder of exponent α has the factor 10^(3 − 3α).
const GROWTH: f64 = 3.0;

/// The share of a difference that is left at a thousandth of the distance, where its limit is not zero.
const LEFT: f64 = 0.3;

impl Checker<'_> {
    /// Why a law of a symmetric subspace is void at the instance; `None` where it is not, and for other laws.
    ///
    /// # Errors
    /// When the group is too large to be averaged over.
    pub fn void(&self, law: &Law) -> Result<Option<Void>, CheckError> {
        let (conditions, found, order): (&[Condition], _, u8) = match law.statement() {
            Statement::Structure(Structure::FixedSpace { conditions, found }) => (conditions, found.as_deref(), 1),
            Statement::Structure(Structure::Breaking { conditions, found }) => (conditions, found.as_deref(), 2),
            Statement::Structure(Structure::Multiplicities { found, .. }) => (&[], found.as_deref(), 2),
            _ => return Ok(None),
        };
        let law = Member::plain(law, law.statement());
        let map = representation(self, &law, conditions, found)?;
        let point = point_of(self, &law, &map, conditions, found)?;
        if *point.smooth.get_or_init(|| point.instance.is_smooth().is_ok_and(|smooth| smooth)) {
            return Ok(None);
        }
        let near = Near::new(self, &map)?;
        Ok(if !near.on.loss().is_ok_and(|loss| loss.norm().is_finite()) {
            Some(Void::Undefined)
        } else if !near.is_lipschitz()? {
            Some(Void::NotLipschitz)
        } else if order == 2 && !near.is_twice_differentiable()? {
            Some(Void::NotTwiceDifferentiable)
        } else {
            None
        })
    }
}

/// A field of parameter space, from an instance.
type Field<'a> = &'a dyn Fn(&Instance<Rounded>) -> Result<Vec<Rounded>, EvalError>;

/// A point of V and three directions out of it, with a fourth to apply H to.
struct Near {
    on: Instance<Rounded>,
    directions: [Vec<Rounded>; 3],
    along: Vec<Rounded>,
}

impl Near {
    fn new(checker: &Checker, map: &Representation) -> Result<Near, EvalError> {
        let mut on = checker.instance.rounded();
        let theta = on.parameters();
        on.set_parameters(&projected(map, &theta)?)?;
        let direction = |name: &str, sign: f64| -> Vec<Rounded> {
            let w = random_tangent(checker, name);
            let length = sign * norm(&theta) / norm(&w);
            w.iter().map(|w| Rounded::from(w.times(length))).collect()
        };
        // A reflection does not tell opposite sides apart, and two random directions may be on one side of a kink.
        let directions = [direction("side/1", 1.0), direction("side/1", -1.0), direction("side/2", 1.0)];
        Ok(Near { on, directions, along: direction("along", 1.0) })
    }

    /// What differs most of a field at the three points at a distance from V: the difference, and the size of the field.
    fn difference(&self, distance: f64, field: Field) -> Result<Option<(f64, f64)>, EvalError> {
        let at = |direction: &Vec<Rounded>| {
            let mut moved = self.on.clone();
            let theta = self.on.parameters();
            moved.set_parameters(
                &theta.iter().zip(direction).map(|(x, w)| x.add(&w.times(distance))).collect::<Vec<_>>(),
            )?;
            field(&moved)
        };
        let mut values = Vec::new();
        for direction in &self.directions {
            match at(direction) {
                Ok(value) if norm(&value).is_finite() => values.push(value),
                Ok(_) => return Ok(None),
                Err(error) if error.is_undefined() => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let size = values.iter().map(norm).fold(0.0, f64::max);
        let pairs = [(0, 1), (0, 2), (1, 2)];
        let apart = pairs.map(|(i, j)| {
            let difference: Vec<Rounded> = values[i].iter().zip(&values[j]).map(|(x, y)| x.sub(y)).collect();
            // What rounding may have made counts as nothing.
            if is_rounding(norm(&difference), rounding(&difference)) { 0.0 } else { norm(&difference) }
        });
        Ok(Some((apart.into_iter().fold(0.0, f64::max), size)))
    }

    /// Whether ‖∇L(θ) − ∇L(θ′)‖ is bounded by a multiple of ‖θ − θ′‖ near V.
    fn is_lipschitz(&self) -> Result<bool, EvalError> {
        let mut quotients = Vec::new();
        for distance in DISTANCES {
            match self.difference(distance, &|at| at.gradient())? {
                Some((difference, _)) => quotients.push(difference / distance),
                None => return Ok(false),
            }
        }
        Ok(!quotients.windows(2).all(|pair| pair[1] > GROWTH * pair[0]))
    }

    /// Whether the differences of H near V tend to zero.
    fn is_twice_differentiable(&self) -> Result<bool, EvalError> {
        let mut differences = Vec::new();
        for distance in DISTANCES {
            match self.difference(distance, &|at| at.hessian_product(&self.along))? {
                Some((difference, size)) => differences.push(difference / size.max(f64::MIN_POSITIVE)),
                None => return Ok(false),
            }
        }
        Ok(!differences.windows(2).all(|pair| pair[1] > 0.0 && pair[1] > LEFT * pair[0]))
    }
}
