//! Linear forms of the generator: ⟨U, ξ_A⟩ = ⟨M(U), A⟩ with A isolated, and ⟨U, Dξ_A[V]⟩ with V isolated. Both are found by the
//! rewriter, summand by summand.

use super::context::{Context, end_of};
use super::generator::Motion;
use super::missing::{Obstacle, Stage};
use super::tidy::{tidy, tidy_summands};
use crate::group::Part;
use crate::kernel::{
    Components, Inference, Judgement, Proved, Refusal, Response, Scope, cotangent, direction, response_form,
};
use crate::term::{Expr, Rational, Symbol, inner, int, mentions, substitute, sum_of, sym};
use num_traits::One;
use std::collections::HashMap;

/// One summand of a component of the generator with the quantified symbol isolated: ⟨U, term⟩ = ⟨matrix, A⟩.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub coefficient: Rational,
    /// The summand of ξ_A.
    pub term: Expr,
    /// M, in the cotangent symbol of the parameter. For a one-dimensional algebra the number ⟨U, term⟩ itself.
    pub matrix: Expr,
    pub equation: Proved,
}

/// The two sides of T1 with A isolated: ⟨∇L, ξ_A⟩ summand by summand, and ⟨E, r_A⟩ (or c_A(L)).
#[derive(Clone, Debug)]
pub(super) struct Forms {
    pub pieces: Vec<Piece>,
    /// The parameters that occur in them.
    involved: Vec<Symbol>,
    /// The matrix R with ⟨E, r_A⟩ = ⟨R, A⟩, and that equation; none for an invariance.
    pub response: Option<(Expr, Proved)>,
}

/// A scalar form that is Σ c⟨M, A⟩: the summands c M, and the equations of which c times the sides differ by that.
#[derive(Clone, Debug, Default)]
pub(super) struct Form {
    pub terms: Vec<(Rational, Expr)>,
    pub equations: Vec<(Rational, Proved)>,
}

impl Form {
    pub fn push(&mut self, c: Rational, matrix: Expr, equation: Proved) {
        self.terms.push((c.clone(), matrix));
        self.equations.push((c, equation));
    }
}

/// Isolates A in a scalar form linear in it. For a one-dimensional algebra the form is only simplified.
pub(super) fn isolate(cx: &Context, scope: &Scope, motion: &Motion, form: &Expr) -> Result<(Expr, Proved), Obstacle> {
    let (matrix, equation) = match motion.is_unit() {
        true => {
            let equation = cx.simplify(scope, form)?;
            (end_of(&equation).clone(), equation)
        }
        false => cx.isolate(scope, motion.element(), form)?,
    };
    Ok((tidy(scope.env(), &matrix), equation))
}

impl Forms {
    pub fn derive(cx: &Context, motion: &Motion) -> Result<Forms, Obstacle> {
        let scope = motion.scope(cx, Part::Whole);
        let mut pieces = Vec::new();
        for (param, value) in motion.components() {
            for (coefficient, term) in tidy_summands(scope.env(), value) {
                let form = motion.summed(cx, *param, &inner(&sym(cotangent(*param)), &term));
                let (matrix, equation) = isolate(cx, &scope, motion, &form).map_err(Stage::Element(*param).fails())?;
                pieces.push(Piece { coefficient, term, matrix, equation });
            }
        }
        let tangent = motion.tangent();
        let form = match &tangent.response {
            Response::Invariant => None,
            Response::Loss(c) if !motion.is_unit() => Some(inner(&int(1), c)),
            Response::Loss(_) | Response::Output(_) => Some(response_form(cx.setting(), tangent)),
        };
        let response =
            form.map(|form| isolate(cx, &scope, motion, &form).map_err(Stage::Response.fails())).transpose()?;
        Ok(Forms { pieces, involved: motion.involved(cx), response })
    }

    /// ⟨U, ξ_A⟩ with something in place of U, and with `both` in place of the parameters too; a weight for each piece.
    pub fn filled(
        &self,
        cx: &Context,
        scope: &Scope,
        with: &dyn Fn(Symbol) -> Expr,
        both: bool,
        weight: impl Fn(&Piece) -> Result<Option<Rational>, Obstacle>,
    ) -> Result<Form, Obstacle> {
        let mut images: Vec<(Symbol, Expr)> = Vec::new();
        for param in &self.involved {
            images.push((cotangent(*param), with(*param)));
            if both {
                images.push((*param, with(*param)));
            }
        }
        let map: HashMap<Symbol, Expr> = images.iter().cloned().collect();
        let mut form = Form::default();
        for piece in &self.pieces {
            let Some(weight) = weight(piece)? else { continue };
            let equation = cx.instance(scope, &piece.equation, &images)?;
            form.push(weight * &piece.coefficient, substitute(&piece.matrix, &map), equation);
        }
        Ok(form)
    }

    /// −⟨E, r_A⟩.
    pub fn opposite_response(&self) -> Form {
        let mut form = Form::default();
        if let Some((matrix, equation)) = &self.response {
            form.push(-Rational::one(), matrix.clone(), equation.clone());
        }
        form
    }
}

/// The derivative of a field on parameter space and its adjoint.
#[derive(Clone, Debug)]
pub(super) struct Slope {
    /// The claim that states Dω_A[V].
    pub claim: Proved,
    /// Dω_A[V] on each moved parameter, in the direction symbols.
    pub derivative: Components,
    /// The summands of ⟨U, Dω_A[V]⟩ with V isolated.
    pub pieces: Vec<Turned>,
    /// Whether Dω_A does not depend on the parameters, so that the action is affine.
    pub affine: bool,
}

/// ⟨U, term⟩ = ⟨matrix, V⟩ for a summand of the derivative, V on the parameter `to`.
#[derive(Clone, Debug)]
pub(super) struct Turned {
    pub to: Symbol,
    pub coefficient: Rational,
    pub matrix: Expr,
    pub equation: Proved,
}

impl Slope {
    /// The derivative of the field that a claim states.
    pub fn derive(cx: &Context, motion: &Motion, field: &Proved) -> Result<Slope, Obstacle> {
        let scope = motion.scope(cx, Part::Whole);
        let components = match field.judgement() {
            Judgement::Tangent(tangent) => tangent.components.clone(),
            Judgement::Field(field) => field.components.clone(),
            _ => return Err(Refusal("the claim states no field").into()),
        };
        let params: Vec<Symbol> = cx.model().params.iter().map(|p| p.name).collect();
        let depends: Vec<Symbol> =
            params.iter().copied().filter(|p| components.iter().any(|(_, value)| mentions(value, *p))).collect();
        let along: Vec<(Symbol, Expr)> = depends.iter().map(|p| (*p, sym(direction(*p)))).collect();
        let (mut premises, mut derivative, mut pieces) = (vec![field.clone()], Components::new(), Vec::new());
        for (param, value) in &components {
            let found = cx.differentiate(&scope, &along, value).map_err(Stage::Generator.fails())?;
            let d = tidy(scope.env(), end_of(&found));
            premises.push(cx.reworded(found, &d).map_err(Stage::Derivative.fails())?);
            for (coefficient, term) in tidy_summands(scope.env(), &d) {
                let directions: Vec<Symbol> =
                    depends.iter().copied().filter(|q| mentions(&term, direction(*q))).collect();
                for q in &directions {
                    // A term that is linear in several directions together, as rows of one above rows of another are.
                    let others = cx.model().params.iter().filter(|p| p.name != *q && directions.contains(&p.name));
                    let others: HashMap<Symbol, Expr> =
                        others.map(|p| (direction(p.name), sum_of(&[], p.shape))).collect();
                    let form = inner(&sym(cotangent(*param)), &substitute(&term, &others));
                    let (matrix, equation) =
                        cx.isolate(&scope, direction(*q), &form).map_err(Stage::Direction.fails())?;
                    let equation = motion.summed_equation(cx, *param, equation)?;
                    let matrix = tidy(scope.env(), &matrix);
                    let coefficient = coefficient.clone();
                    pieces.push(Turned { to: *q, coefficient, matrix, equation });
                }
            }
            derivative.push((*param, d));
        }
        let affine = derivative.iter().all(|(_, d)| params.iter().all(|p| !mentions(d, *p)));
        let claim = cx.infer(Inference::Derivative, premises).map_err(Stage::Derivative.fails())?;
        Ok(Slope { claim, derivative, pieces, affine })
    }

    /// Dω_A[V] on a parameter with other directions; zero is `None`.
    pub fn along(&self, param: Symbol, directions: &HashMap<Symbol, Expr>) -> Option<Expr> {
        self.derivative.iter().find(|(p, _)| *p == param).map(|(_, d)| substitute(d, directions))
    }

    /// ⟨X, Dω_A[X]⟩, with A isolated anew in every summand.
    pub fn quadratic(
        &self,
        cx: &Context,
        scope: &Scope,
        motion: &Motion,
        with: &dyn Fn(Symbol) -> Expr,
    ) -> Result<Form, Obstacle> {
        let directions: HashMap<Symbol, Expr> =
            motion.involved(cx).into_iter().map(|p| (direction(p), with(p))).collect();
        let mut form = Form::default();
        for (param, _) in &self.derivative {
            let Some(moved) = self.along(*param, &directions) else { continue };
            for (c, term) in tidy_summands(scope.env(), &moved) {
                let (matrix, equation) =
                    isolate(cx, scope, motion, &motion.summed(cx, *param, &inner(&with(*param), &term)))?;
                form.push(c, matrix, equation);
            }
        }
        Ok(form)
    }
}
