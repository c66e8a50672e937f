//! T8 along an orbit: the derivative of tr H along ξ by third derivatives, against −2 tr(S H) with the whole Hessian, and that
//! against the stated formula in partial traces.

use super::CheckError;
use super::checker::{Checker, FULL_SPECTRUM, Measured};
use super::member::Member;
use super::transport::{action_of, inner, slopes};
use crate::eval::{Bindings, EvalError, Reals, Side, Tape};
use crate::kernel::{Element, Slopes};
use crate::numeric::{Instance, Real, norm};
use crate::term::{Expr, Op, Symbol};
use faer::Mat;

/// The residuals of d/dt tr H = −2 tr(S H) + c′ tr H + c″‖∇L‖², of the formula for tr(S H), and of the condition, whose sides
/// differ by what the formula contracts A with.
pub(super) fn measure<M: Real>(
    checker: &Checker<M>,
    law: &Member,
    element: &Element,
    trace: &Expr,
    response: &Slopes,
    condition: Option<&(Expr, Expr)>,
) -> Result<Measured, CheckError> {
    let instance = &checker.instance;
    let action = action_of(checker, law)?.name;
    let (orbit, motion) = (checker.orbit(action)?, checker.motion(action)?);
    let mut at = checker.bindings.clone();
    at.bind(element.symbol, orbit.a.clone());
    let (first, second) = slopes(law, response, &at, instance.sizes())?;
    if instance.dimension() > FULL_SPECTRUM {
        // One summand of the trace: D³L[ξ, V, V] = −2⟨S V, H V⟩ + ….
        let (v, hv, sv) = (checker.direction(), checker.image()?, orbit.along(checker, motion)?);
        let along = inner(checker.gradient(), v);
        let third = orbit.third(checker)?;
        let mut sum = Sum::default();
        sum.add(1.0, inner(third, v), norm(third) * norm(v));
        sum.add(2.0, inner(sv, hv), norm(sv) * norm(hv));
        sum.add(-1.0, first.hadamard(&inner(v, hv)), 0.0);
        sum.add(-1.0, second.hadamard(&along.hadamard(&along)), 0.0);
        let remark = "measured as D³L[ξ, V, V] = −2⟨SV, HV⟩; the traces were not summed at this size";
        return Ok(Measured { residual: sum.residual()?, remark: Some(remark.into()) });
    }
    let columns = instance.hessian_columns()?;
    let (mut flow, mut trace_of_product) = (Sum::default(), Sum::default());
    for (k, column) in columns.iter().enumerate() {
        let unit: Vec<M> = instance.unit(k)?;
        let third = instance.third_derivative(&orbit.xi, &unit)?;
        flow.add(1.0, inner(&third, &unit), norm(&third));
        let moved = orbit.linear_part(checker, motion, column)?;
        let contracted = inner(&moved, &unit);
        flow.add(2.0, contracted.clone(), norm(&moved));
        flow.add(-1.0, first.hadamard(&inner(column, &unit)), 0.0);
        trace_of_product.add(-1.0, contracted, norm(&moved) + norm(&third));
    }
    flow.add(-1.0, second.hadamard(&inner(checker.gradient(), checker.gradient())), 0.0);
    for (name, rows, cols) in partial_traces(instance, &columns) {
        at.bind_quantity(Op::HessRows, name, rows);
        at.bind_quantity(Op::HessCols, name, cols);
    }
    let value = |x: &Expr, at: &Bindings<M>| -> Result<M, EvalError> {
        Tape::new(x, law.env(), instance.sizes())?.eval(at, &Reals)
    };
    let stated = value(trace, &at)?;
    let scale = trace_of_product.size;
    trace_of_product.add(1.0, stated.clone(), 0.0);
    let mut residual = flow.residual()?.max(trace_of_product.residual()?);
    if let Some((lhs, rhs)) = condition {
        // The trace is a multiple of ⟨lhs − rhs, A⟩ for every A: compared at two elements.
        let difference = value(lhs, &at)?.sub(&value(rhs, &at)?);
        let other = match element.unit {
            true => orbit.a.clone(),
            false => {
                let algebra = motion.group().algebra().ok_or(CheckError::Finite)?;
                motion.draw(algebra.whole(), instance.sizes(), &mut checker.stream(law, "B"))?
            }
        };
        let paired = [paired(&difference, &orbit.a), paired(&difference, &other)];
        at.bind(element.symbol, other);
        let traces = [stated, value(trace, &at)?];
        let mut cross = Sum::default();
        let size = scale * (paired[0].norm() + paired[1].norm());
        cross.add(1.0, traces[0].hadamard(&paired[1]), size);
        cross.add(-1.0, traces[1].hadamard(&paired[0]), 0.0);
        residual = residual.max(cross.residual()?);
    }
    Ok(Measured { residual, remark: None })
}

/// Numbers that add up to zero, and the size of what each is made of.
struct Sum<M> {
    total: M,
    size: f64,
}

impl<M: Real> Default for Sum<M> {
    fn default() -> Self {
        Sum { total: M::zeros(1, 1), size: 0.0 }
    }
}

impl<M: Real> Sum<M> {
    fn add(&mut self, factor: f64, term: M, size: f64) {
        self.total = self.total.add(&term.times(factor));
        self.size += size;
    }

    fn residual(&self) -> Result<f64, EvalError> {
        crate::numeric::residual(self.total.norm(), self.size, self.total.rounding())
    }
}

/// ⟨D, A⟩ for a matrix, for the diagonal of one as a column, and for the number of a one-dimensional algebra.
fn paired<M: Real>(difference: &M, a: &M) -> M {
    match (difference.rows(), difference.cols()) == (a.rows(), a.cols()) {
        true => difference.inner(a),
        false => difference.inner(&a.diagonal_of()),
    }
}

/// H_row and H_col of every parameter.
fn partial_traces<M: Real>(instance: &Instance<M>, columns: &[Vec<M>]) -> Vec<(Symbol, M, M)> {
    let mut start = 0;
    let traced = |(p, name): (usize, &Symbol)| {
        let (m, n) = instance.value(*name).map_or((0, 0), |value| (value.rows(), value.cols()));
        let (mut rows, mut cols) = (M::zeros(m, m), M::zeros(n, n));
        for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
            let block = &columns[start + i * n + j][p];
            let unit = |rows: usize, cols: usize, at| M::from(Mat::from_fn(rows, cols, |k, l| f64::from((k, l) == at)));
            rows.add_assign(&block.product(Side::Plain, &unit(n, m, (j, i)), Side::Plain));
            cols.add_assign(&block.product(Side::Transposed, &unit(m, n, (i, j)), Side::Plain));
        }
        start += m * n;
        (*name, rows, cols)
    };
    instance.parameter_names().iter().enumerate().map(traced).collect()
}
