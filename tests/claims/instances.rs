//! Instances: what is drawn has its facts, and what is derived agrees with what it is the derivative of.

use crate::parse;
use equilaw::internals::eval::{Bindings, EvalError, Reals, Tape};
use equilaw::internals::group::{self, GroupInstance};
use equilaw::internals::model::Model;
use equilaw::internals::numeric::{
    Instance, InstanceQuantities, draw_algebra_element, draw_group_element, eigen, eigenvalues, gaussian, largest,
    minimize, stream,
};
use equilaw::internals::term::{Env, Expr, Facts, Op, Size, Sizes, apply, int, scaled, sym};
use faer::Mat;

fn name(size: &str) -> Size {
    Size::Name(size.into())
}

/// F = W₂ tanh(Z), Z = W₁X, with the given loss; the declarations stand in one order or in the other.
fn ordered(loss: &str, backwards: bool) -> Model {
    let mut variables = ["param W1 : h x d", "param W2 : k x h", "data X : d x n", "data Y : k x n"];
    if backwards {
        variables.reverse();
    }
    parse(&format!(
        "model mlp\ndim d = 3, h = 4, k = 2, n = 5\n{}\nlet Z = W1 * X\noutput F = W2 * tanh(Z)\nloss {loss}\n",
        variables.join("\n")
    ))
}

fn model(loss: &str) -> Model {
    ordered(loss, false)
}

fn defaults(model: &Model) -> Sizes {
    model.sizes(&[]).expect("the sizes of the model")
}

fn instance(loss: &str) -> Instance {
    let model = model(loss);
    Instance::new(&model, &defaults(&model), 7).expect("a well-typed model")
}

const LOSSES: [&str; 7] =
    ["any", "mse(F, Y)", "cross_entropy(F, Y)", "logistic(F, Y)", "exponential(F, Y)", "hinge(F, Y)", "huber(F, Y)"];

fn tangent(instance: &Instance, seed: u64) -> Vec<Mat<f64>> {
    let random = |like: Mat<f64>| gaussian(like.nrows(), like.ncols(), &mut stream(seed, "tangent"));
    instance.parameters().into_iter().map(random).collect()
}

fn inner(u: &[Mat<f64>], v: &[Mat<f64>]) -> f64 {
    u.iter().zip(v).map(|(u, v)| (u.transpose() * v).diagonal().column_vector().iter().sum::<f64>()).sum()
}

fn close(x: f64, y: f64) -> bool {
    (x - y).abs() < 1e-11 * (1.0 + x.abs() + y.abs())
}

#[test]
fn the_gradient_is_the_error_signal_pulled_back() {
    for loss in LOSSES {
        let instance = instance(loss);
        let pulled = instance.pullback(&instance.error_signal().expect("output")).expect("output");
        let gradient = instance.gradient().expect("differentiable");
        assert!(inner(&gradient, &gradient) > 1e-6);
        for (g, p) in gradient.iter().zip(&pulled) {
            assert!((g - p).norm_max() < 1e-13);
        }
    }
}

#[test]
fn pullback_is_the_adjoint_of_pushforward() {
    let instance = instance("any");
    let v = tangent(&instance, 1);
    let z = gaussian(2, 5, &mut stream(2, "Z"));
    let left = inner(std::slice::from_ref(&z), &[instance.pushforward(&v).expect("output")]);
    assert!(close(left, inner(&instance.pullback(&z).expect("output"), &v)));
}

#[test]
fn the_hessian_contains_the_gauss_newton_part() {
    // At a planted point the error signal vanishes and H = J*ℓ″J.
    let planted = instance("any").planted().expect("defined").expect("any loss");
    let gradient = planted.gradient().expect("differentiable");
    assert!(inner(&gradient, &gradient) < 1e-28);
    let v = tangent(&planted, 3);
    let product = planted.hessian_product(&v).expect("differentiable");
    let through = planted.loss_hessian(&planted.pushforward(&v).expect("output")).expect("output");
    let gauss_newton = planted.pullback(&through).expect("output");
    for (h, g) in product.iter().zip(&gauss_newton) {
        assert!((h - g).norm_max() < 1e-12);
    }
    assert!(inner(&product, &product) > 1e-6);
}

#[test]
fn the_hessian_matrix_is_that_of_the_products() {
    for loss in LOSSES {
        let instance = instance(loss);
        let hessian = instance.hessian().expect("small");
        let v = tangent(&instance, 4);
        let flat = instance.flatten(&v);
        let product = &hessian * Mat::from_fn(flat.len(), 1, |i, _| flat[i]);
        let expected = instance.flatten(&instance.hessian_product(&v).expect("differentiable"));
        for (i, e) in expected.iter().enumerate() {
            assert!((product[(i, 0)] - e).abs() < 1e-11);
        }
        let values = eigenvalues(&hessian).expect("symmetric");
        let trace: f64 = (0..flat.len()).map(|i| hessian[(i, i)]).sum();
        assert!(close(trace, values.iter().sum()));
    }
}

#[test]
fn unflatten_inverts_flatten() {
    let instance = instance("any");
    let v = tangent(&instance, 4);
    assert_eq!(instance.unflatten(&instance.flatten(&v)).expect("the right length"), v);
    assert!(instance.unflatten(&[1.0]).is_err());
}

#[test]
fn a_draw_does_not_depend_on_the_order_of_declarations() {
    let first = instance("any");
    let permuted = ordered("any", true);
    let second = Instance::new(&permuted, &defaults(&permuted), 7).expect("a well-typed model");
    for symbol in ["W1", "W2", "X", "Y"] {
        assert_eq!(first.value(symbol.into()), second.value(symbol.into()));
    }
    assert_eq!(first.loss(), second.loss());
    let other = Instance::new(&permuted, &defaults(&permuted), 8).expect("a well-typed model");
    assert_ne!(first.value("W1".into()), other.value("W1".into()));
}

#[test]
fn targets_suit_their_loss() {
    let distribution = instance(LOSSES[2]);
    let y = distribution.value("Y".into()).expect("data");
    for j in 0..y.ncols() {
        assert!(y.col_as_slice(j).iter().all(|p| *p > 0.0) && close(y.col_as_slice(j).iter().sum(), 1.0));
    }
    let signs = instance(LOSSES[3]);
    assert!(signs.value("Y".into()).expect("data").col_as_slice(0).iter().all(|y| y.abs() == 1.0));
}

#[test]
fn sizes_that_do_not_fit_are_refused() {
    let model = model("any");
    let with = |h: usize| {
        let mut sizes = defaults(&model);
        sizes.set("h".into(), h);
        Instance::new(&model, &sizes, 0)
    };
    assert!(matches!(with(1 << 40), Err(EvalError::TooLarge { .. })));
    assert!(matches!(Instance::new(&model, &Sizes::new(), 0), Err(EvalError::UnknownSize(_))));
    let wide = with(20_000).expect("fits");
    assert!(matches!(wide.hessian(), Err(EvalError::TooLarge { .. })));
}

fn is_close(x: &Mat<f64>, y: &Mat<f64>) -> bool {
    (x - y).norm_max() < 1e-12
}

#[test]
fn group_elements_are_in_their_group() {
    let sizes: Sizes = [("m", 3), ("n", 4)].map(|(s, n)| (s.into(), n)).into();
    let identity = Mat::<f64>::identity(4, 4);
    for seed in 0..20 {
        let element = |group: &str| {
            let instance = GroupInstance { group: group::by_name(group, 1).expect("known"), sizes: vec![name("n")] };
            draw_group_element(&instance, &sizes, &mut stream(seed, group)).expect("drawn").expect("an element")
        };
        for group in ["O", "SO", "Perm", "Cyclic", "Sign", "SignedPerm"] {
            let g = element(group);
            assert!(is_close(&(g.transpose() * &g), &identity), "{group}");
        }
        for group in ["SL", "SO"] {
            assert!(close(element(group).determinant(), 1.0), "{group}");
        }
        for group in ["Perm", "Cyclic"] {
            let g = element(group);
            assert!((0..4).all(|j| g.col_as_slice(j).iter().all(|x| *x == 0.0 || *x == 1.0)), "{group}");
        }
        for group in ["Diag+", "Sign"] {
            let g = element(group);
            assert!((0..4).all(|i| (0..4).all(|j| i == j || g[(i, j)] == 0.0)), "{group}");
        }
        assert!((0..4).all(|i| element("Diag+")[(i, i)] > 0.0));
        let g = element("GL");
        assert!(g.determinant().abs() > 1e-3);
        let translate =
            GroupInstance { group: group::by_name("Translate", 2).expect("known"), sizes: vec![name("m"), name("n")] };
        let t = draw_group_element(&translate, &sizes, &mut stream(seed, "t")).expect("drawn").expect("an element");
        assert_eq!((t.nrows(), t.ncols()), (3, 4));
    }
}

#[test]
fn algebra_elements_are_fixed_by_their_projection() {
    let sizes: Sizes = [("n".into(), 4)].into();
    for group in ["GL", "SL", "O", "SO"] {
        let instance = GroupInstance { group: group::by_name(group, 1).expect("known"), sizes: vec![name("n")] };
        let algebra = instance.algebra().expect("a Lie group");
        for family in &algebra.families {
            let a = draw_algebra_element(&instance, family, &sizes, &mut stream(1, group)).expect("drawn");
            let mut env = Env::default();
            env.declare("A".into(), algebra.shape, Facts::empty());
            let (factor, matrix) = family.project(&sym("A".into()));
            let tape = Tape::new(&scaled(factor, &matrix), &env, &sizes).expect("well typed");
            let mut bindings = Bindings::new();
            bindings.bind("A".into(), a.clone());
            let projected = tape.eval(&bindings, &Reals).expect("defined");
            assert!(is_close(&a, &projected), "{group} {:?}", family.part);
        }
    }
}

#[test]
fn quantities_of_a_law_are_measured() {
    let instance = instance("any");
    let tangents = tangent(&instance, 5);
    let generator = |a: &Mat<f64>| Ok(tangents.iter().map(|v| v * faer::Scale(a[(0, 0)])).collect());
    let quantities = InstanceQuantities::new(&instance, Some(&generator));
    let bindings = instance.bindings_with_gradient().expect("differentiable").with_quantities(&quantities);
    let value = |expr: &Expr| {
        let tape = Tape::new(expr, instance.env(), instance.sizes()).expect("well typed");
        tape.eval(&bindings, &Reals).expect("measured")
    };
    let (f, w1) = (sym("F".into()), sym("W1".into()));
    // J*E = ∇L, block by block.
    let pulled = apply(Op::Vjp, &[&f, &apply(Op::Err, &[&f]), &w1]);
    assert!(is_close(&value(&pulled), &value(&apply(Op::Grad, &[&w1]))));
    let expected = instance.hessian_product(&tangents).expect("differentiable");
    assert!(is_close(&value(&apply(Op::Hess, &[&w1, &int(1)])), &expected[0]));
    let z = instance.output().expect("declared");
    assert!(is_close(&value(&apply(Op::HessLoss, &[&f, &f])), &instance.loss_hessian(&z).expect("declared")));
}

#[test]
fn a_part_of_a_spectrum_is_that_of_the_whole() {
    let n = 300;
    let factor = gaussian(n, 30, &mut stream(3, "factor"));
    // Of low rank, with eigenvalues of both signs, two of them equal.
    let mut signs = Mat::from_fn(30, 30, |i, j| if i == j { (i as f64 / 4.0) - 3.0 } else { 0.0 });
    signs[(29, 29)] = signs[(28, 28)];
    let matrix = &factor * signs * factor.transpose();
    let whole = eigen(&matrix).expect("symmetric");
    let product = |v: &[f64]| {
        let image = &matrix * Mat::from_fn(n, 1, |i, _| v[i]);
        Ok(image.col_as_slice(0).to_vec())
    };
    let part = largest(n, 8, whole.values[0], &product).expect("found");
    let mut by_size = whole.values.clone();
    by_size.sort_by(|x, y| y.abs().total_cmp(&x.abs()));
    let mut expected = by_size[..8].to_vec();
    expected.sort_by(|x, y| y.total_cmp(x));
    assert_eq!(part.values.len(), 8);
    for (k, (x, y)) in part.values.iter().zip(&expected).enumerate() {
        assert!((x - y).abs() < 1e-7 * whole.values[0], "{k}: {x} is not {y}");
        let v: Vec<f64> = (0..n).map(|i| part.vectors[(i, k)]).collect();
        let image = product(&v).expect("a product");
        let away = image.iter().zip(&v).map(|(h, v)| (h - x * v).powi(2)).sum::<f64>().sqrt();
        assert!(away < 1e-6 * whole.values[0], "{k}: {away}");
    }
    assert_eq!(largest(n, 8, 1.0, &|_| Err(EvalError::Singular)).err(), Some(EvalError::Singular));
    assert!(largest(n, 8, 0.0, &product).expect("of nothing").values.is_empty());
}

#[test]
fn training_ends_at_a_stationary_point() {
    let mut instance = instance("any");
    let before = instance.loss().expect("defined")[(0, 0)];
    let found = minimize(&mut instance, 2000, &Ok).expect("differentiable");
    assert!(found.loss[1] < found.loss[0] && found.loss[0] == before, "{:?}", found.loss);
    assert!(found.gradient[1] < 1e-6 * found.gradient[0], "{:?} in {} steps", found.gradient, found.steps);
    assert_eq!(instance.loss().expect("defined")[(0, 0)], found.loss[1]);
}
