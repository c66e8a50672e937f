//! T5, the kernel: at a stationary point of an invariant loss H[ξ_A] = 0, so dim ker H ≥ dim orbit; and J[ξ_A] = 0 at every
//! point for an invariant output, so the Gauss–Newton and Fisher matrices have that kernel everywhere.

use super::derivation::{Argument, ClaimStatement, Theorem};
use super::generator::Tangent;
use super::law::{Draft, Generator, Kind, Law, Statement};
use super::tidy::tidy_summands;
use super::{ActionLaws, Context, law_id};
use crate::group::Stabilizer;
use crate::model::Variable;
use crate::term::{
    Expr, Op, Shape, Size, Symbol, Term, add, apply, factors, int, mul, ratio, root, size, sub, sym, transpose,
};
use std::sync::Arc;

/// Derives T5 for one action.
pub(super) fn derive(cx: &Context, tangent: &mut Tangent, out: &mut ActionLaws) {
    if !tangent.is_invariance() {
        return;
    }
    let dimension = orbit_dimension(cx, tangent);
    let mut premises = vec![tangent.equivariance];
    premises.extend(tangent.generator_claims());
    let words = "H[ξ] = −(Dξ)*∇L, which vanishes with ∇L";
    let conclusion = tangent.argument.theorem(ClaimStatement::Conclusion, Theorem::Kernel, words, &premises);
    let components = dimension.clone().unwrap_or_else(|| tangent.algebra.whole().dimension.clone());
    let draft = Draft {
        id: law_id(tangent.action, "kernel"),
        action: Some(tangent.action),
        dynamics: None,
        kind: Kind::Kernel,
        theorem: Theorem::Kernel,
        statement: Statement::Kernel { generators: vec![generator(cx, tangent)], dimension },
        hypotheses: vec!["at a stationary point, ∇L = 0, where L is twice differentiable".into()],
        components,
        premises: vec![law_id(tangent.action, "hessian/image")],
        remarks: remarks(tangent),
        env: tangent.env.clone(),
    };
    out.laws.push(Law::new(draft, tangent.argument.conclude(conclusion)));
}

/// T5 for all invariances together: the rank of all their generators.
pub(super) fn joint(cx: &Context, actions: &[ActionLaws]) -> Option<Law> {
    let tangents: Vec<&Tangent> = actions
        .iter()
        .filter_map(|a| a.tangent.as_ref())
        .filter(|t| t.is_invariance() && !t.generator.is_empty())
        .collect();
    if tangents.len() < 2 {
        return None;
    }
    let mut argument = Argument::default();
    let mut env = cx.model.env.clone();
    let mut components: Option<Expr> = None;
    let mut premises = Vec::new();
    for tangent in &tangents {
        let info = tangent.env.symbol(tangent.element.symbol)?.clone();
        env.declare(tangent.element.symbol, info.shape, info.facts);
        let bound = orbit_dimension(cx, tangent).unwrap_or_else(|| tangent.algebra.whole().dimension.clone());
        components = Some(match components {
            Some(sum) => add(&sum, &bound),
            None => bound,
        });
        let statement = ClaimStatement::Assumption(format!("{} holds", law_id(tangent.action, "kernel")));
        premises.push(argument.theorem(statement, Theorem::Kernel, "derived above", &[]));
    }
    let words = "the kernel is a linear space, so it contains the span of all the generators";
    let conclusion = argument.theorem(ClaimStatement::Conclusion, Theorem::Kernel, words, &premises);
    let draft = Draft {
        id: "all/kernel".into(),
        action: None,
        dynamics: None,
        kind: Kind::Kernel,
        theorem: Theorem::Kernel,
        statement: Statement::Kernel {
            generators: tangents.iter().map(|t| generator(cx, t)).collect(),
            dimension: None,
        },
        hypotheses: vec!["at a stationary point, ∇L = 0, where L is twice differentiable".into()],
        components: components?,
        premises: tangents.iter().map(|t| law_id(t.action, "kernel")).collect(),
        remarks: vec!["the dimension is the exact rank of all these generators at the sizes of the instance".into()],
        env: Arc::new(env),
    };
    Some(Law::new(draft, argument.conclude(conclusion)))
}

fn remarks(tangent: &Tangent) -> Vec<String> {
    match tangent.output_invariant {
        Some(false) => vec![
            "the invariance is of the loss, not of the output, so the Gauss–Newton matrix need not share the kernel"
                .into(),
        ],
        _ => vec![],
    }
}

fn generator(cx: &Context, tangent: &Tangent) -> Generator {
    Generator {
        action: tangent.action,
        element: tangent.element.clone(),
        components: tangent.generator.iter().map(|c| (c.param, c.value.clone())).collect(),
        // Where the claim is about the output, its invariance is what was proved.
        output_invariant: tangent.output_invariant.unwrap_or(cx.model.output.is_some()),
    }
}

/// The generic dimension of the orbit where the stabilizer can be read off the generator.
///
/// When A acts on each parameter by one product – A W, A′W on the left or W A, W A′ on the right – the stabilizer is
/// {A : A M = 0, N A = 0}, where M collects what A multiplies (columns of generic rank r = min(h, Σ columns)) and N what
/// multiplies A (rank s = min(h, Σ rows)); A then maps a complement of dimension h − r into a kernel of dimension h − s.
fn orbit_dimension(cx: &Context, tangent: &Tangent) -> Option<Expr> {
    let a = tangent.element.symbol;
    if tangent.element.unit {
        return Some(int(1));
    }
    if is_translation(tangent) {
        return Some(tangent.algebra.whole().dimension.clone());
    }
    let mut left = Vec::new();
    let mut right = Vec::new();
    for component in &tangent.generator {
        let param = cx.model.param(component.param)?;
        // Two summands on one parameter, as in A W − W A, have a stabilizer of another kind.
        let [(_, term)] = <[_; 1]>::try_from(tidy_summands(&tangent.env, &component.value)).ok()?;
        match product_side(&term, a, param)? {
            (Side::Left, columns) => left.push(columns),
            (Side::Right, rows) => right.push(rows),
        }
    }
    let n = tangent.algebra.shape.rows;
    let h = size(n);
    match tangent.algebra.stabilizer {
        Stabilizer::General => {
            // h² − (h − r)(h − s); r or s = h leaves h², a missing side has rank 0.
            general_orbit(&h, rank(n, &left), rank(n, &right))
        }
        Stabilizer::TraceFree => {
            // The stabilizer in GL, where it is not 0, has at a generic point an element w vᵀ of trace v·w ≠ 0; those without
            // trace are one dimension fewer, as SL is.
            let all = general_orbit(&h, rank(n, &left), rank(n, &right))?;
            let square = sub(&square(&h), &int(1));
            let full = all == self::square(&h);
            Some(if full { square } else { apply(Op::Min, &[&square, &all]) })
        }
        Stabilizer::Diagonal => Some(h),
        Stabilizer::Skew => {
            // h(h−1)/2 − (h−r)(h−r−1)/2: for a skew A both conditions say A M = 0 for all columns together.
            let all: Vec<Size> = left.into_iter().chain(right).collect();
            let r = rank(n, &all)?;
            let pairs = |k: &Expr| mul(&ratio(1, 2), &mul(k, &sub(k, &int(1))));
            if r == h {
                return Some(pairs(&h));
            }
            Some(sub(&pairs(&h), &pairs(&sub(&h, &r))))
        }
        Stabilizer::Other => None,
    }
}

/// A generator that does not depend on the parameters and from which A can be read off on some parameter: ±A, or A beside
/// a row or a column of ones.
fn is_translation(tangent: &Tangent) -> bool {
    let a = sym(tangent.element.symbol);
    let is_element = |x: &Expr| *x == a || *x == transpose(&a);
    let ones = |x: &Expr| matches!(root(x), Term::Op(Op::Ones, _));
    tangent.generator.iter().any(|component| {
        let terms = tidy_summands(&tangent.env, &component.value);
        let [(_, term)] = terms.as_slice() else { return false };
        match factors(term).as_slice() {
            [x] => is_element(x),
            [x, y] => is_element(x) && ones(y) || ones(x) && is_element(y),
            _ => false,
        }
    })
}

fn square(h: &Expr) -> Expr {
    apply(Op::Pow, &[h, &int(2)])
}

/// h² − (h − r)(h − s), the dimension of an orbit of GL(h); `None` for a rank is a side without a parameter.
fn general_orbit(h: &Expr, r: Option<Expr>, s: Option<Expr>) -> Option<Expr> {
    match (r, s) {
        (Some(r), Some(s)) if r == *h || s == *h => Some(square(h)),
        (Some(r), Some(s)) if r == s => Some(sub(&square(h), &square(&sub(h, &r)))),
        (Some(r), Some(s)) => Some(sub(&square(h), &mul(&sub(h, &r), &sub(h, &s)))),
        (Some(r), None) | (None, Some(r)) if r == *h => Some(square(h)),
        (Some(r), None) | (None, Some(r)) => Some(mul(h, &r)),
        (None, None) => None,
    }
}

enum Side {
    Left,
    Right,
}

/// How A acts on one parameter, for a constant multiple of A W, A′W, W A or W A′: A M = 0 with the number of columns of M
/// (W or W′), or N A = 0 with the number of rows of N.
fn product_side(term: &Expr, a: Symbol, param: &Variable) -> Option<(Side, Size)> {
    let factors = factors(term);
    let [x, y] = factors.as_slice() else { return None };
    let (a, transposed, w) = (sym(a), transpose(&sym(a)), sym(param.name));
    let Shape { rows, cols } = param.shape;
    match (x, y) {
        (x, y) if *x == a && *y == w => Some((Side::Left, cols)),
        (x, y) if *x == transposed && *y == w => Some((Side::Right, cols)),
        (x, y) if *x == w && *y == a => Some((Side::Right, rows)),
        (x, y) if *x == w && *y == transposed => Some((Side::Left, rows)),
        _ => None,
    }
}

/// The generic rank min(h, Σ sizes) of a matrix with h rows and blocks of columns of these sizes; `None` for no blocks.
fn rank(h: Size, sizes: &[Size]) -> Option<Expr> {
    if sizes.contains(&h) {
        return Some(size(h));
    }
    let total = sizes.iter().map(|s| size(*s)).reduce(|sum, s| add(&sum, &s))?;
    Some(apply(Op::Min, &[&size(h), &total]))
}
