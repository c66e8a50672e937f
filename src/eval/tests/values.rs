//! Values and errors.

use super::*;

#[test]
fn a_declared_activation_has_its_property_over_every_field() {
    fn check<T: Number>(oracle: &T::Oracle, equal: impl Fn(T, T) -> bool) {
        let zoo = Zoo::new();
        let value = |name: &str, x: T| {
            let mut out = [x.clone()];
            Elementwise::named(name.into(), &zoo.env)
                .and_then(|f| f.derivatives(&x, oracle, &mut out))
                .expect("defined");
            out[0].clone()
        };
        let points: Vec<T> = (1..20)
            .map(|n| T::from_integer(n) * T::from_rational(&Rational::new(1.into(), 16.into())).expect("dyadic"))
            .collect();
        let odd = |name, x: &T| equal(value(name, -x.clone()), -value(name, x.clone()));
        let even = |name, x: &T| equal(value(name, -x.clone()), value(name, x.clone()));
        for (name, odd_too, even_too) in [("psi", true, false), ("even", false, true), ("chi", false, false)] {
            assert_eq!(points.iter().all(|x| odd(name, x)), odd_too, "{name}");
            assert_eq!(points.iter().all(|x| even(name, x)), even_too, "{name}");
        }
    }
    check::<f64>(&Reals, |x, y| close(x, y, 1e-14));
    check::<Rational>(&Rationals, |x, y| x == y);
    check::<Prime>(&Probe::new(5), |x, y| x == y);
    let zoo = Zoo::new();
    let cubic = |x: f64| {
        let mut out = [0.0];
        Elementwise::named("cubic".into(), &zoo.env)
            .and_then(|f| f.derivatives(&x, &Reals, &mut out))
            .expect("defined");
        out[0]
    };
    assert!(close(cubic(1.5), 27.0 * cubic(0.5), 1e-14) && close(cubic(-1.5), 27.0 * cubic(-0.5), 1e-14));
    assert!((cubic(1.0).abs() - cubic(-1.0).abs()).abs() > 1e-3);
}

#[test]
fn built_in_functions_have_their_known_values() {
    let zoo = Zoo::new();
    // f(1/2), f(−1/2) and f′(1/2), to sixteen digits.
    let known: [(&str, f64, f64, f64); 8] = [
        ("relu", 0.5, 0.0, 1.0),
        ("leaky_relu", 0.5, -0.005, 1.0),
        ("abs", 0.5, 0.5, 1.0),
        ("square", 0.25, 0.25, 1.0),
        ("sigmoid", 0.6224593312018546, 0.3775406687981454, 0.2350037122015945),
        ("silu", 0.3112296656009273, -0.1887703343990727, 0.7399611873026518),
        ("gelu", 0.34573123063700656, -0.15426876936299344, 0.8674951246561629),
        ("softplus", 0.9740769841801067, 0.4740769841801067, 0.6224593312018546),
    ];
    for (name, at_half, at_minus_half, slope) in known {
        let function = Elementwise::named(name.into(), &zoo.env).expect("built in");
        let (mut plus, mut minus) = ([0.0; 2], [0.0; 1]);
        function.derivatives(&0.5, &Reals, &mut plus).expect("defined");
        function.derivatives(&-0.5, &Reals, &mut minus).expect("defined");
        assert!(close(plus[0], at_half, 1e-15), "{name}: {}", plus[0]);
        assert!(close(minus[0], at_minus_half, 1e-15), "{name}: {}", minus[0]);
        assert!(close(plus[1], slope, 1e-15), "{name}′: {}", plus[1]);
    }
    for row in FUNCTIONS {
        let named = Elementwise::named(row.name.into(), &zoo.env);
        let own = matches!(row.definition, Definition::Composed { .. }) == named.is_err();
        assert!(own && !matches!(named, Ok(Elementwise::Generic { .. })), "{}", row.name);
    }
}

#[test]
fn softmax_does_not_overflow() {
    let zoo = Zoo::new();
    let mut at = zoo.floats(1);
    at.bind("W1".into(), Mat::from_fn(2, 3, |i, j| 1000.0 * (i + j) as f64));
    let tape = zoo.tape(&apply(Op::Sum, &[&apply(Op::Softmax, &[&sym("W1".into())])]));
    let (value, gradient) = tape.gradient(&at, &Reals, &wrt()).expect("defined");
    assert!(close(value[(0, 0)], 3.0, 1e-12));
    assert!(gradient[0].is_all_finite());
}

#[test]
fn what_has_no_value_is_an_error() {
    let zoo = Zoo::new();
    let at = zoo.floats(1);
    let w1 = sym("W1".into());
    let error = |expr: &Expr, at: &Bindings<Mat<f64>>| {
        Tape::new(expr, &zoo.env, &zoo.sizes).and_then(|tape| tape.eval(at, &Reals)).expect_err("no value")
    };
    assert_eq!(error(&w1, &Bindings::new()), EvalError::Unbound("W1".into()));
    assert_eq!(error(&apply(Op::Grad, &[&w1]), &at), EvalError::Unbound("grad(W1)".into()));
    assert!(matches!(error(&mul(&w1, &w1), &at), EvalError::Type(_)));
    let singular = apply(Op::Inv, &[&zeros(Shape::square(Size::Name("h".into())))]);
    assert_eq!(error(&singular, &at), EvalError::Singular);
    let huge = apply(Op::Ones, &[&size(Size::Lit(100_000)), &size(Size::Lit(100_000))]);
    assert!(matches!(error(&huge, &at), EvalError::TooLarge { .. }));
    let mut wrong = zoo.floats(1);
    wrong.bind("W1".into(), Mat::zeros(1, 1));
    assert!(matches!(error(&w1, &wrong), EvalError::Shape { .. }));
    let not_scalar = zoo.tape(&w1).gradient(&at, &Reals, &wrt()).expect_err("no gradient");
    assert_eq!(not_scalar, EvalError::NotScalar { rows: 2, cols: 3 });
}

#[test]
fn quantities_are_looked_up() {
    struct Twice;
    impl Quantities<Mat<f64>> for Twice {
        fn quantity(&self, op: Op, names: &[Symbol], argument: &Mat<f64>) -> Result<Mat<f64>, EvalError> {
            assert_eq!((op, names), (Op::Vjp, ["F".into(), "W1".into()].as_slice()));
            Ok(argument * faer::Scale(2.0))
        }
    }
    let mut zoo = Zoo::new();
    let shape = zoo.env.symbol("W1".into()).expect("declared").shape;
    zoo.env.declare("F".into(), shape, Facts::empty());
    let w1 = sym("W1".into());
    let mut at = zoo.floats(1);
    at.bind_quantity(Op::Grad, "W1".into(), Mat::full(2, 3, 1.0));
    let at = at.with_quantities(&Twice);
    let expr = add(&apply(Op::Grad, &[&w1]), &apply(Op::Vjp, &[&sym("F".into()), &w1, &w1]));
    let value = zoo.tape(&expr).eval(&at, &Reals).expect("bound");
    let expected = Mat::full(2, 3, 1.0) + at.symbol("W1".into()).expect("bound") * faer::Scale(2.0);
    assert_eq!(value, expected);
}

/// A 2-channel signal at 5·4 positions, and the value of a formula in it.
fn of_an_image(expr: &Expr) -> (Mat<f64>, Mat<f64>) {
    let mut env = Env::default();
    env.declare("X".into(), Shape::new(Size::Lit(2), Size::Lit(20)), Facts::empty());
    let x = Mat::from_fn(2, 20, |i, j| ((7 * i + 5 * j) % 11) as f64 - 4.0);
    let mut bindings = Bindings::new();
    bindings.bind("X".into(), x.clone());
    let tape = Tape::new(expr, &env, &Sizes::new()).expect("a formula");
    (x, tape.eval(&bindings, &Reals).expect("a value"))
}

#[test]
fn stacked_taps_are_what_the_windows_of_a_convolution_see() {
    let lit = |n: usize| size(Size::Lit(n as u64));
    let x = sym("X".into());
    // Image 5×4, windows 3×2 at 2×3 places, strides 2, dilation 1, padding 1 and 2.
    let (h, w, m, l, a, b, s, d, p, q) = (5, 4, 2, 3, 3, 2, 2, 1, 1, 2);
    let geometry = [h, w, m, l, a, b, s, d].map(lit).to_vec();
    let geometry = [geometry, vec![int(p as i64), int(q as i64)]].concat();
    let taps = apply(Op::PlaneTaps, &geometry.iter().collect::<Vec<_>>());
    let seen = |x: &Mat<f64>, channel: usize, tap: (usize, usize), place: (usize, usize)| {
        let at =
            |place: usize, tap: usize, pad: usize, n: usize| (s * place + d * tap).checked_sub(pad).filter(|i| *i < n);
        match (at(place.0, tap.0, p, h), at(place.1, tap.1, q, w)) {
            (Some(i), Some(j)) => x[(channel, i * w + j)],
            _ => 0.0,
        }
    };
    let (image, found) = of_an_image(&apply(Op::Stack, &[&mul(&x, &taps), &lit(a * b)]));
    let wanted = Mat::from_fn(2 * a * b, m * l, |row, j| {
        let tap = (row / 2 / b, row / 2 % b);
        seen(&image, row % 2, tap, (j / l, j % l))
    });
    assert_eq!(found, wanted);
    let (_, largest) = of_an_image(&apply(Op::MaxPool, &[&mul(&x, &taps), &lit(a * b)]));
    let wanted = Mat::from_fn(2, m * l, |i, j| {
        let taps = (0..a).flat_map(|t| (0..b).map(move |u| (t, u)));
        taps.map(|tap| seen(&image, i, tap, (j / l, j % l))).fold(f64::MIN, f64::max)
    });
    assert_eq!(largest, wanted);
    // One dimension: 20 positions, windows of 4 at 6 places, stride 3, dilation 2, padding 1.
    let line = [20, 6, 4, 3, 2].map(lit).to_vec();
    let line = [line, vec![int(1)]].concat();
    let taps = apply(Op::Taps, &line.iter().collect::<Vec<_>>());
    let (image, found) = of_an_image(&apply(Op::Stack, &[&mul(&x, &taps), &lit(4)]));
    let wanted = Mat::from_fn(8, 6, |row, j| match (3 * j + 2 * (row / 2)).checked_sub(1) {
        Some(position) if position < 20 => image[(row % 2, position)],
        _ => 0.0,
    });
    assert_eq!(found, wanted);
}

#[test]
fn blocks_of_a_kronecker_product_are_multiples() {
    let x = sym("X".into());
    let column = apply(Op::Stack, &[&x, &size(Size::Lit(20))]);
    let (image, found) = of_an_image(&apply(Op::Kron, &[&x, &column]));
    let wanted = Mat::from_fn(80, 20, |i, j| image[(i / 40, j)] * image[(i % 40 % 2, i % 40 / 2)]);
    assert_eq!(found, wanted);
}

#[test]
fn a_group_has_mean_0_and_variance_1_over_its_channels_and_positions() {
    let x = sym("X".into());
    let four =
        apply(Op::Concat, &[&x, &mul(&apply(Op::Ones, &[&size(Size::Lit(2)), &size(Size::Lit(2))]), &f("square", &x))]);
    let (_, found) = of_an_image(&apply(Op::GroupNorm, &[&four, &size(Size::Lit(2))]));
    for group in [0, 2] {
        let entries: Vec<f64> = (0..40).map(|k| found[(group + k / 20, k % 20)]).collect();
        let mean = entries.iter().sum::<f64>() / 40.0;
        let variance = entries.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 40.0;
        assert!(mean.abs() < 1e-12 && (variance - 1.0).abs() < 1e-12, "{mean} {variance}");
    }
}

#[test]
fn unfolding_stacks_the_columns_around_each_column() {
    let mut env = Env::default();
    let size_of = |n| Size::Lit(n);
    env.declare("X".into(), Shape::new(size_of(2), size_of(3)), Facts::empty());
    let unfolded = |rows: u64| {
        let expr = apply(Op::Unfold, &[&sym("X".into()), &size(size_of(rows))]);
        let mut bindings = Bindings::new();
        bindings.bind("X".into(), Mat::from_fn(2, 3, |i, j| (1 + 3 * i + j) as f64));
        let tape = Tape::new(&expr, &env, &Sizes::new()).expect("a formula");
        tape.eval(&bindings, &Reals).expect("a value")
    };
    let wanted = [[0, 1, 2], [0, 4, 5], [1, 2, 3], [4, 5, 6], [2, 3, 0], [5, 6, 0]];
    for rows in [6, 5] {
        let value = unfolded(rows);
        assert_eq!(value, Mat::from_fn(rows as usize, 3, |i, j| f64::from(wanted[i][j])));
    }
    assert_eq!(unfolded(2), Mat::from_fn(2, 3, |i, j| (1 + 3 * i + j) as f64), "a window of one position");
}
