//! The normal form is sound: a formula and the one built from its normal form have one value at random matrices.

use super::normal::Normal;
use super::rule::Rules;
use super::{Claim, Inference, Setting};
use crate::eval::{Bindings, Reals, Tape};
use crate::model::Model;
use crate::sample::{matrix, stream};
use crate::term::{
    Env, Expr, Facts, Op, Shape, Size, Sizes, Symbol, add, apply, infer, int, mul, ratio, size, sym, transpose,
};
use proptest::prelude::*;
use std::sync::Arc;

const N: usize = 3;
const M: usize = 2;

fn sizes() -> Sizes {
    [("n", N), ("m", M)].into_iter().map(|(name, n)| (Symbol::from(name), n)).collect()
}

fn shapes() -> Vec<(&'static str, Shape, Facts)> {
    let (n, m) = (Size::Name("n".into()), Size::Name("m".into()));
    vec![
        ("A", Shape::square(n), Facts::empty()),
        ("B", Shape::square(n), Facts::empty()),
        ("S", Shape::square(n), Facts::SYMMETRIC),
        ("K", Shape::square(n), Facts::SKEW),
        ("D", Shape::square(n), Facts::DIAGONAL),
        ("E", Shape::square(n), Facts::POSITIVE_DIAGONAL),
        ("G", Shape::square(n), Facts::INVERTIBLE),
        ("W", Shape::new(n, m), Facts::empty()),
        ("u", Shape::column(n), Facts::empty()),
        ("v", Shape::column(n), Facts::empty()),
        ("s", Shape::SCALAR, Facts::POSITIVE),
        ("t", Shape::SCALAR, Facts::empty()),
    ]
}

fn env() -> Env {
    let mut env = Env::default();
    for (name, shape, facts) in shapes() {
        env.declare(name.into(), shape, facts);
    }
    env
}

/// A formula grown from random choices: whichever operator fits the shapes at hand.
fn grown(choices: &[u8]) -> Expr {
    let env = env();
    let mut pool: Vec<Expr> = shapes().into_iter().map(|(name, ..)| sym(name.into())).collect();
    let n = Size::Name("n".into());
    pool.extend([apply(Op::Eye, &[&size(n)]), apply(Op::Ones, &[&size(n), &int_size()]), ratio(2, 3)]);
    for pair in choices.chunks(3) {
        let [op, i, j] = [pair[0], pair.get(1).copied().unwrap_or(0), pair.get(2).copied().unwrap_or(1)];
        let pick = |k: u8| pool[pool.len() - 1 - usize::from(k) % pool.len()].clone();
        let (x, y) = (pick(i), pick(j));
        let unary = |op: Op| apply(op, &[&x]);
        let candidate = match op % 16 {
            0..=3 => mul(&x, &y),
            4 | 5 => add(&x, &y),
            6 => transpose(&x),
            7 => apply(Op::Inner, &[&x, &y]),
            8 => unary(Op::Tr),
            9 => unary(Op::Norm2),
            10 => unary(Op::Diagvec),
            11 => unary(Op::Diag),
            12 => apply(Op::Had, &[&x, &y]),
            13 => unary(Op::Sum),
            14 => apply(Op::Pow, &[&x, &int(i64::from(j % 4))]),
            _ => mul(&ratio(i64::from(i % 5) - 2, 3), &y),
        };
        if infer(&env, &candidate).is_ok() && candidate.len() < 60 {
            pool.push(candidate);
        }
    }
    pool.pop().unwrap_or_else(|| int(0))
}

fn int_size() -> Expr {
    size(Size::Lit(1))
}

fn value(expr: &Expr, seed: u64) -> Option<faer::Mat<f64>> {
    let env = env();
    let sizes = sizes();
    let mut at: Bindings<faer::Mat<f64>> = Bindings::default();
    for (name, shape, facts) in shapes() {
        let (rows, cols) = sizes.extent(shape)?;
        let drawn = matrix::<f64>(rows, cols, facts, &mut stream(seed, name)).ok()?;
        at.bind(name.into(), drawn.into());
    }
    Tape::new(expr, &env, &sizes).ok()?.eval(&at, &Reals).ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn a_formula_has_the_value_of_its_normal_form(choices in prop::collection::vec(any::<u8>(), 6..60), seed in 0u64..1000) {
        let expr = grown(&choices);
        let env = env();
        let mut normal = Normal::new(&env, None);
        let Ok(poly) = normal.of(&expr) else { return Ok(()) };
        let Ok(id) = normal.term(&poly) else { return Ok(()) };
        let other = normal.arena.formula(id);
        let (Some(x), Some(y)) = (value(&expr, seed), value(&other, seed)) else { return Ok(()) };
        let scale = 1.0 + x.norm_max().max(y.norm_max());
        prop_assert!((&x - &y).norm_max() <= 1e-8 * scale, "{} against {}", crate::term::print::text(&expr), crate::term::print::text(&other));
        // Building it again changes nothing.
        let again = normal.of(&other);
        prop_assert!(again.as_ref() == Ok(&poly), "{}", crate::term::print::text(&other));
    }
}

#[test]
fn a_trace_is_the_same_wherever_its_product_begins() {
    let env = env();
    let trace = |names: &[&str]| {
        let letter = |name: &&str| match name.strip_prefix('/') {
            Some(inverted) => apply(Op::Inv, &[&sym(inverted.into())]),
            None => sym((*name).into()),
        };
        let product = names.iter().map(letter).reduce(|x, y| mul(&x, &y)).unwrap();
        apply(Op::Tr, &[&product])
    };
    let same = |x: &[&str], y: &[&str]| {
        let mut normal = Normal::new(&env, None);
        normal.of(&trace(x)).unwrap() == normal.of(&trace(y)).unwrap()
    };
    // Diagonal matrices commute and inverses cancel also where the end meets the beginning.
    for names in [["D", "B", "E"], ["E", "B", "D"], ["B", "E", "D"], ["E", "D", "B"]] {
        assert!(same(&names, &["B", "D", "E"]), "{names:?}");
    }
    assert!(same(&["G", "A", "B", "/G"], &["B", "A"]));
    assert!(same(&["G", "/G"], &["/G", "G"]) && same(&["G", "D", "E", "/G"], &["E", "D"]));
    assert!(!same(&["E", "G", "A", "/G", "D"], &["A", "D", "E"]));
    assert!(!same(&["D", "A", "E", "B"], &["E", "A", "D", "B"]));
}

fn setting() -> Setting {
    let model = Model::parse(
        "test.eqv",
        "model linear\ndim d = 4, h = 3, k = 2, n = 5\nparam W1 : h x d\nparam W2 : k x h\ndata X : d x n\n\
         output F = W2 * W1 * X\nloss any\naction basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }\n",
    );
    Setting::new(Arc::new(model.unwrap()), Arc::new(Rules::default()))
}

#[test]
fn nothing_false_is_a_combination_of_nothing() {
    let setting = setting();
    let (w1, w2) = (sym("W1".into()), sym("W2".into()));
    let quantity = mul(&w1, &transpose(&w1));
    let linear = |lhs: &Expr, rhs: &Expr| {
        let by = Inference::Linear {
            scope: setting.plain().clone(),
            lhs: lhs.clone(),
            rhs: rhs.clone(),
            coefficients: vec![],
        };
        Claim::infer(&setting, by, vec![])
    };
    assert!(linear(&quantity, &transpose(&quantity)).is_ok());
    assert!(linear(&quantity, &crate::term::zeros(Shape::square(Size::Name("h".into())))).is_err());
    assert!(linear(&mul(&w2, &w1), &mul(&w1, &w2)).is_err());
    assert!(linear(&apply(Op::Norm2, &[&w1]), &apply(Op::Norm2, &[&w2])).is_err());
}

#[test]
fn a_law_is_not_concluded_from_an_equation() {
    let setting = setting();
    let w1 = sym("W1".into());
    let by = Inference::Linear { scope: setting.plain().clone(), lhs: w1.clone(), rhs: w1, coefficients: vec![] };
    let claim = Claim::infer(&setting, by, vec![]).unwrap();
    for row in super::CATALOGUE {
        assert!(super::Law::conclude(claim.clone(), row.row, None).is_err(), "{}", row.path);
    }
}
