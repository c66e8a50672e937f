//! Derivatives against finite differences and against each other.

use super::*;
use proptest::prelude::*;

fn shifted(bindings: &Bindings<Mat<f64>>, along: &HashMap<Symbol, Mat<f64>>, t: f64) -> Bindings<'static, Mat<f64>> {
    let mut out = Zoo::new().floats(0);
    for name in ["W1", "W2", "X", "Y", "A", "v", "s", "P"] {
        let value = bindings.symbol(name.into()).expect("bound");
        let moved = along.get(&name.into()).map_or(value.clone(), |v| value + v * faer::Scale(t));
        out.bind(name.into(), moved);
    }
    out
}

/// H[V] by reverse mode over ε.
fn hessian_product(tape: &Tape, at: &Bindings<Mat<f64>>, v: &HashMap<Symbol, Mat<f64>>) -> Vec<Mat<f64>> {
    let (_, gradient) =
        tape.gradient(&at.along(std::slice::from_ref(v)).expect("matching shapes"), &Reals, &wrt()).expect("smooth");
    gradient.into_iter().map(|g| g.into_coefficient(1)).collect()
}

#[test]
fn the_gradient_is_the_slope_of_the_value() {
    let zoo = Zoo::new();
    let at = zoo.floats(3);
    let v = direction(&at, 5);
    for expr in Zoo::polynomials().iter().chain(&Zoo::smooth()) {
        let tape = zoo.tape(expr);
        let (_, gradient) = tape.gradient(&at, &Reals, &wrt()).expect("smooth");
        let value = |t| tape.eval(&shifted(&at, &v, t), &Reals).expect("defined")[(0, 0)];
        let h = 1e-4;
        let slope = (8.0 * (value(h) - value(-h)) - (value(2.0 * h) - value(-2.0 * h))) / (12.0 * h);
        assert!(close(slope, dot(&gradient, &v), 1e-7), "{expr:?}: {slope} vs {}", dot(&gradient, &v));
    }
}

#[test]
fn the_hessian_product_is_the_slope_of_the_gradient() {
    let zoo = Zoo::new();
    let at = zoo.floats(3);
    let (u, v) = (direction(&at, 5), direction(&at, 6));
    for expr in Zoo::polynomials().iter().chain(&Zoo::smooth()) {
        let tape = zoo.tape(expr);
        let gradient = |t| tape.gradient(&shifted(&at, &v, t), &Reals, &wrt()).expect("smooth").1;
        let along = |t| dot(&gradient(t), &u);
        let h = 1e-4;
        let slope = (8.0 * (along(h) - along(-h)) - (along(2.0 * h) - along(-2.0 * h))) / (12.0 * h);
        let product = dot(&hessian_product(&tape, &at, &v), &u);
        assert!(close(slope, product, 1e-6), "{expr:?}: {slope} vs {product}");
    }
}

#[test]
fn a_third_derivative_is_the_slope_of_a_hessian_product() {
    let zoo = Zoo::new();
    let at = zoo.floats(8);
    let (u, v, w) = (direction(&at, 5), direction(&at, 6), direction(&at, 7));
    for expr in Zoo::smooth() {
        let tape = zoo.tape(&expr);
        let (_, gradient) = tape
            .gradient(&at.along(&[v.clone(), w.clone()]).expect("matching shapes"), &Reals, &wrt())
            .expect("smooth");
        let third: Vec<_> = gradient.into_iter().map(|g| g.into_coefficient(3)).collect();
        let along = |t| dot(&hessian_product(&tape, &shifted(&at, &w, t), &v), &u);
        let h = 1e-4;
        let slope = (8.0 * (along(h) - along(-h)) - (along(2.0 * h) - along(-2.0 * h))) / (12.0 * h);
        assert!(close(slope, dot(&third, &u), 1e-5), "{expr:?}: {slope} vs {}", dot(&third, &u));
    }
}

proptest! {
    #[test]
    fn the_hessian_is_symmetric(seed in 0u64..1000, which in 0usize..64) {
        let zoo = Zoo::new();
        let all: Vec<Expr> = Zoo::polynomials().into_iter().chain(Zoo::smooth()).collect();
        let tape = zoo.tape(&all[which % all.len()]);
        let at = zoo.floats(seed);
        // The derivative of a determinant is told by the inverse.
        prop_assume!(!matches!(tape.gradient(&at, &Reals, &wrt()), Err(EvalError::Singular)));
        let (u, v) = (direction(&at, seed + 1), direction(&at, seed + 2));
        let left = dot(&hessian_product(&tape, &at, &u), &v);
        let right = dot(&hessian_product(&tape, &at, &v), &u);
        prop_assume!(left.is_finite() && left.abs() < 1e9);
        prop_assert!(close(left, right, 1e-9), "{left} vs {right}");
    }
}
