//! The generator ξ_A by differentiating the declared map itself: d/dt K_{exp tA}(θ) is the ε-part of K_{e + εA}(θ). No
//! derived formula is used.

use super::CheckError;
use super::representation::Integral;
use crate::eval::{Bindings, EvalError, Held, Matrix, Series, Sizes, Tape, concrete};
use crate::group::{Family, GroupInstance};
use crate::model::{Action, Model};
use crate::numeric::{Real, draw_algebra_element};
use crate::term::{Env, Facts, Symbol, sym};
use rand::Rng;
use std::collections::{BTreeMap, HashMap};

/// A continuous action at concrete sizes.
pub(super) struct Motion {
    group: GroupInstance,
    element: Symbol,
    identity: Tape,
    /// Every parameter of the model, with its image if it moves.
    images: Vec<(Symbol, Option<Tape>)>,
}

impl Motion {
    /// Lowers the map of an action; `None` for a finite group.
    pub fn new(model: &Model, action: &Action, sizes: &Sizes) -> Result<Option<Motion>, EvalError> {
        let (Some(element), Some(_)) = (action.element, action.group.algebra()) else { return Ok(None) };
        let env = model.action_env(action);
        let image = |param: Symbol| {
            let declared = action.images.iter().find(|(name, _)| *name == param);
            Ok((param, declared.map(|(_, image)| Tape::new(image, &env, sizes)).transpose()?))
        };
        Ok(Some(Motion {
            group: action.group.clone(),
            element,
            identity: Tape::new(&action.group.identity(), &env, sizes)?,
            images: model.params.iter().map(|p| image(p.name)).collect::<Result<_, EvalError>>()?,
        }))
    }

    /// The family of the Lie algebra whose elements have exactly the given facts, and the whole algebra otherwise.
    pub fn family(&self, facts: Facts) -> Result<Family, CheckError> {
        let algebra = self.group.algebra().ok_or(CheckError::Finite)?;
        let scalar = algebra.shape.is_scalar();
        let same = |f: &&Family| (f.facts | Facts::CONSTANT).closed(scalar) == (facts | Facts::CONSTANT).closed(scalar);
        Ok(algebra.families.iter().find(same).unwrap_or(algebra.whole()).clone())
    }

    /// A random element of a family of the algebra.
    pub fn draw<M: Real>(&self, family: &Family, sizes: &Sizes, rng: &mut impl Rng) -> Result<M, CheckError> {
        Ok(draw_algebra_element(&self.group, family, sizes, rng)?.into())
    }

    /// Matrices that span the Lie algebra: the projections of the matrix units.
    pub fn basis<M: Integral + 'static>(&self, sizes: &Sizes, oracle: &M::Oracle) -> Result<Vec<M>, EvalError> {
        let finite = || EvalError::Unsupported("the Lie algebra of a finite group".into());
        let algebra = self.group.algebra().ok_or_else(finite)?;
        let (rows, cols) = (concrete(algebra.shape.rows, sizes)?, concrete(algebra.shape.cols, sizes)?);
        let unit = Symbol::from("E");
        let mut env = Env::default();
        env.declare(unit, algebra.shape, Facts::empty());
        let project = Tape::new(&algebra.whole().project(&sym(unit)).1, &env, sizes)?;
        let mut all = Vec::new();
        for k in 0..rows * cols {
            let mut bindings = Bindings::new();
            bindings.bind(unit, M::from_integers(rows, cols, |i, j| i64::from(i * cols + j == k)));
            let projected = project.eval(&bindings, oracle)?;
            // A projection may have another shape than the algebra: the diagonal as a column.
            all.push(match (projected.rows(), projected.cols()) == (rows, cols) {
                true => projected,
                false => projected.diagonal(),
            });
        }
        Ok(all)
    }

    /// The group the action is of.
    pub fn group(&self) -> &GroupInstance {
        &self.group
    }

    /// ξ_A(θ), parameters in order; θ is read from the bindings.
    pub fn generator<M: Matrix + 'static>(
        &self,
        at: &Bindings<M>,
        a: &M,
        oracle: &M::Oracle,
    ) -> Result<Vec<M>, EvalError> {
        let moved = self.moved(at, a, oracle)?;
        let component = |(param, image): &(Symbol, Option<Tape>)| match image {
            Some(image) => image.coefficient(&moved, oracle, 1),
            None => zero(at, *param),
        };
        self.images.iter().map(component).collect()
    }

    /// (Dξ_A)*[Z], the gradient of ⟨Z, ξ_A(θ)⟩.
    pub fn adjoint<'z, M: Matrix + 'static>(
        &self,
        at: &Bindings<M>,
        a: &M,
        z: impl IntoIterator<Item = &'z M>,
        oracle: &M::Oracle,
    ) -> Result<Vec<M>, EvalError> {
        let moved = self.moved(at, a, oracle)?;
        let params: Vec<Symbol> = self.images.iter().map(|(param, _)| *param).collect();
        let mut sum: Vec<Option<M>> = vec![None; params.len()];
        for ((_, image), z) in self.images.iter().zip(z) {
            let Some(image) = image else { continue };
            let read: Vec<usize> =
                (0..params.len()).filter(|i| image.symbols().any(|name| name == params[*i])).collect();
            let wrt: Vec<Symbol> = read.iter().map(|i| params[*i]).collect();
            let z = Series::holding(Held::Lent(z));
            for (i, gradient) in read.into_iter().zip(image.coefficient_of_pullback(&moved, oracle, &z, &wrt, 1)?) {
                match &mut sum[i] {
                    Some(sum) => sum.add_assign(&gradient),
                    none => *none = Some(gradient),
                }
            }
        }
        sum.into_iter().zip(params).map(|(sum, param)| sum.map_or_else(|| zero(at, param), Ok)).collect()
    }

    /// What the images read, with the group element at e + εA.
    fn moved<'m, M: Matrix + 'static>(
        &self,
        at: &'m Bindings<M>,
        a: &'m M,
        oracle: &M::Oracle,
    ) -> Result<Bindings<'m, Series<'m, M>>, EvalError> {
        let mut read = Bindings::new();
        let symbols = self.images.iter().flat_map(|(_, image)| image.iter().flat_map(Tape::symbols));
        let symbols: BTreeMap<&str, Symbol> = symbols.map(|name| (name.as_str(), name)).collect();
        for name in symbols.into_values().filter(|name| *name != self.element) {
            read.lend(name, at.symbol(name).ok_or_else(|| EvalError::Unbound(name.to_string()))?);
        }
        read.bind(self.element, self.identity.eval(&Bindings::new(), oracle)?);
        read.along(&[HashMap::from([(self.element, a)])])
    }
}

fn zero<M: Matrix>(at: &Bindings<M>, param: Symbol) -> Result<M, EvalError> {
    let like = at.symbol(param).ok_or_else(|| EvalError::Unbound(param.to_string()))?;
    Ok(M::zeros(like.rows(), like.cols()))
}
