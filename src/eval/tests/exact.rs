//! Exact evaluation against floats, and over a prime field against the rationals.

use super::*;
use proptest::prelude::*;

fn nearest(q: &Rational) -> f64 {
    num_traits::ToPrimitive::to_f64(q).expect("finite")
}

fn convert<T: Number>(at: &Bindings<Mat<f64>>) -> Bindings<'static, Dense<T>> {
    let mut out = Bindings::new();
    for name in ["W1", "W2", "X", "Y", "A", "v", "s", "P"] {
        let value = at.symbol(name.into()).expect("bound");
        let entry = |i, j| Rational::from_float(value[(i, j)]).expect("finite");
        let exact =
            Dense::from_fn(value.nrows(), value.ncols(), |i, j| T::from_rational(&entry(i, j)).expect("dyadic"));
        out.bind(name.into(), exact);
    }
    out
}

#[test]
fn floats_agree_with_rationals_on_polynomials() {
    let zoo = Zoo::new();
    for seed in 0..4 {
        let at = zoo.floats(seed);
        let v = direction(&at, seed);
        let exact = convert::<Rational>(&at);
        for expr in Zoo::polynomials() {
            let tape = zoo.tape(&expr);
            let (value, gradient) = tape.gradient(&at, &Reals, &wrt()).expect("polynomial");
            let (exact_value, exact_gradient) = tape.gradient(&exact, &Rationals, &wrt()).expect("polynomial");
            assert!(close(value[(0, 0)], nearest(exact_value.get(0, 0)), 1e-10));
            let exact_gradient: Vec<Mat<f64>> =
                exact_gradient.iter().map(|g| Mat::from_fn(g.rows(), g.cols(), |i, j| nearest(g.get(i, j)))).collect();
            assert!(close(dot(&gradient, &v), dot(&exact_gradient, &v), 1e-9), "{expr:?}");
        }
    }
}

#[test]
fn residues_are_those_of_the_rationals_on_polynomials_without_signs() {
    let zoo = Zoo::new();
    let at = zoo.floats(2);
    let (rational, residues) = (convert::<Rational>(&at), convert::<Prime>(&at));
    for expr in Zoo::polynomials().iter().filter(|expr| !zoo.tape(expr).has_gates()) {
        let tape = zoo.tape(expr);
        let (value, gradient) = tape.gradient(&rational, &Rationals, &wrt()).expect("polynomial");
        let (residue, residues) = tape.gradient(&residues, &Probe::new(1), &wrt()).expect("polynomial");
        assert_eq!(Prime::from_rational(value.get(0, 0)), Ok(*residue.get(0, 0)));
        for (exact, residue) in gradient.iter().zip(&residues) {
            for (q, r) in exact.entries().iter().zip(residue.entries()) {
                assert_eq!(Prime::from_rational(q), Ok(*r), "{expr:?}");
            }
        }
    }
}

proptest! {
    #[test]
    fn the_hessian_over_a_prime_field_is_symmetric(seed in 0u64..1000, which in 0usize..64) {
        let zoo = Zoo::new();
        let all: Vec<Expr> = Zoo::polynomials().into_iter().chain(Zoo::smooth()).collect();
        let tape = zoo.tape(&all[which % all.len()]);
        let (at, probe) = (convert::<Prime>(&zoo.floats(seed)), Probe::new(seed));
        let direction = |salt: u64| -> HashMap<Symbol, Dense<Prime>> {
            wrt().into_iter().map(|name| {
                let like = at.symbol(name).expect("bound");
                let stream = mix(stream_of(name.as_str()), salt);
                let v = Dense::from_fn(like.rows(), like.cols(), |i, j| Prime::new(mix(stream, (i * 31 + j) as u64)));
                (name, v)
            }).collect()
        };
        let (u, v) = (direction(1), direction(2));
        let product = |v: &HashMap<_, _>| tape.gradient(&at.along(std::slice::from_ref(v)).expect("matching shapes"), &probe, &wrt());
        let pair = |gradient: Vec<Series<Dense<Prime>>>, u: &HashMap<Symbol, Dense<Prime>>| {
            wrt().iter().zip(gradient).fold(Prime::new(0), |sum, (name, g)| {
                sum + *g.into_coefficient(1).inner(&u[name]).get(0, 0)
            })
        };
        match (product(&u), product(&v)) {
            (Ok((_, hu)), Ok((_, hv))) => prop_assert_eq!(pair(hu, &v), pair(hv, &u)),
            (left, _) => {
                let unlucky = matches!(left, Err(EvalError::NoSquareRoot { .. } | EvalError::Singular));
                prop_assert!(unlucky);
            }
        }
    }
}

#[test]
fn a_probe_keeps_the_relations_of_the_real_functions() {
    let probe = Probe::new(9);
    let value = |f, x| probe.value(f, &x).expect("defined");
    let one = Prime::new(1);
    for n in 1..50 {
        let x = Prime::new(n * 0x1_2345_6789);
        assert_eq!(value(Transcendental::Exp, x) * value(Transcendental::Exp, -x), one);
        assert_eq!(value(Transcendental::Tanh, -x), -value(Transcendental::Tanh, x));
        assert_eq!(value(Transcendental::Sigmoid, -x), one - value(Transcendental::Sigmoid, x));
        let (sin, cos) = (value(Transcendental::Sin, x), value(Transcendental::Cos, x));
        assert_eq!(sin * sin + cos * cos, one);
        assert_ne!(probe.is_positive(&x), probe.is_positive(&-x));
    }
}

#[test]
fn an_irrational_constant_is_told_from_an_unlucky_draw() {
    let zoo = Zoo::new();
    // 3 is not a square modulo 2⁶¹ − 1, whatever is drawn.
    let tape = zoo.tape(&mul(&apply(Op::Pow, &[&size(Size::Name("d".into())), &ratio(-1, 2)]), &sym("W1".into())));
    let error = tape.eval(&convert::<Prime>(&zoo.floats(0)), &Probe::new(0)).expect_err("irrational");
    assert!(matches!(error, EvalError::Irrational(_)));
}

#[test]
fn a_root_that_is_missing_is_seen_before_gates_and_values_of_functions() {
    let zoo = Zoo::new();
    let root = apply(Op::Pow, &[&sym("s".into()), &ratio(-1, 2)]);
    let rest = apply(Op::Sum, &[&add(&Zoo::network("relu"), &Zoo::network("tanh"))]);
    let tape = zoo.tape(&mul(&root, &rest));
    let (roots, probe) = (tape.below_roots(), Probe::new(1));
    assert_eq!(roots.names, ["s".into()]);
    let exist = |seed: u64| {
        let at = convert::<Prime>(&zoo.floats(seed));
        let seen = tape.may_have_roots(&roots, &at, &probe);
        let missing = matches!(tape.eval(&at, &probe), Err(EvalError::NoSquareRoot { .. }));
        assert_eq!(seen, !missing, "{seed}");
        seen
    };
    let found = (0..40).filter(|seed| exist(*seed)).count();
    assert!((1..40).contains(&found));
    // Behind a gate nothing is told.
    assert!(zoo.tape(&apply(Op::Sum, &[&f("sqrt", &f("relu", &sym("P".into())))])).below_roots().names.is_empty());
}
