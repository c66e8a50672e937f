//! The evaluator: gradients, Hessian products and brackets of small models.

use divan::{Bencher, black_box};
use equilaw::internals::eval::{Bindings, Dense, Matrix, Number, Prime, Probe, Reals, Sizes, Tape, mix, stream_of};
use equilaw::internals::term::*;
use faer::Mat;
use std::collections::HashMap;

fn main() {
    divan::main();
}

/// A scalar formula, its parameters, and a pseudo-random number for each entry of a name.
struct Case {
    tape: Tape,
    parameters: Vec<Symbol>,
    shapes: Vec<(Symbol, usize, usize)>,
}

impl Case {
    fn new(shapes: &[(&str, usize, usize)], parameters: &[&str], expr: &Expr) -> Case {
        let mut env = Env::default();
        let lit = |n: usize| Size::Lit(n as u64);
        for &(name, rows, cols) in shapes {
            env.declare(name.into(), Shape::new(lit(rows), lit(cols)), Facts::empty());
        }
        Case {
            tape: Tape::new(expr, &env, &Sizes::new()).expect("well typed"),
            parameters: parameters.iter().map(|&p| p.into()).collect(),
            shapes: shapes.iter().map(|&(name, r, c)| (name.into(), r, c)).collect(),
        }
    }

    /// ½‖W₂ relu(W₁X) − Y‖²/n.
    fn mlp(d: usize, h: usize, k: usize, n: usize) -> Case {
        let [w1, w2, x, y] = ["W1", "W2", "X", "Y"].map(|s| sym(s.into()));
        let f = mul(&w2, &call_elementwise("relu".into(), &mul(&w1, &x)));
        let shapes = [("W1", h, d), ("W2", k, h), ("X", d, n), ("Y", k, n)];
        Case::new(&shapes, &["W1", "W2"], &apply(Op::Mse, &[&f, &y]))
    }

    /// ⟨w, W_O W_V X softmax((W_K X)ᵀ W_Q X)⟩.
    fn attention(d: usize, k: usize, n: usize) -> Case {
        let [o, v, key, q, x, w] = ["O", "V", "K", "Q", "X", "w"].map(|s| sym(s.into()));
        let scores = mul(&transpose(&mul(&key, &x)), &mul(&q, &x));
        let f = mul(&o, &mul(&mul(&v, &x), &apply(Op::Softmax, &[&scores])));
        let shapes = [("O", d, k), ("V", k, d), ("K", k, d), ("Q", k, d), ("X", d, n), ("w", d, n)];
        Case::new(&shapes, &["O", "V", "K", "Q"], &inner(&w, &f))
    }

    fn matrices<M>(
        &self,
        seed: u64,
        make: impl Fn(usize, usize, &dyn Fn(usize, usize) -> u64) -> M,
    ) -> Vec<(Symbol, M)> {
        let entry = |name: Symbol, i: usize, j: usize| mix(mix(seed, stream_of(name.as_str())), (i * 997 + j) as u64);
        self.shapes.iter().map(|&(name, r, c)| (name, make(r, c, &|i, j| entry(name, i, j)))).collect()
    }

    fn floats(&self, seed: u64) -> Vec<(Symbol, Mat<f64>)> {
        self.matrices(seed, |r, c, entry| Mat::from_fn(r, c, |i, j| (entry(i, j) % 2048) as f64 / 1024.0 - 1.0))
    }

    fn residues(&self, seed: u64) -> Vec<(Symbol, Dense<Prime>)> {
        self.matrices(seed, |r, c, entry| Dense::from_fn(r, c, |i, j| Prime::new(entry(i, j))))
    }

    fn directions<M: Clone>(&self, values: Vec<(Symbol, M)>) -> HashMap<Symbol, M> {
        values.into_iter().filter(|(name, _)| self.parameters.contains(name)).collect()
    }
}

fn bind<M: Matrix>(values: Vec<(Symbol, M)>) -> Bindings<'static, M> {
    let mut bindings = Bindings::new();
    for (name, value) in values {
        bindings.bind(name, value);
    }
    bindings
}

#[divan::bench(args = [4, 64, 512])]
fn mlp_gradient(bencher: Bencher, width: usize) {
    let case = Case::mlp(width, width, width, width);
    let at = bind(case.floats(1));
    bencher.bench(|| case.tape.gradient(black_box(&at), &Reals, &case.parameters));
}

#[divan::bench(args = [4, 64])]
fn mlp_hessian_product(bencher: Bencher, width: usize) {
    let case = Case::mlp(width, width, width, width);
    let at = bind(case.floats(1)).along(&[case.directions(case.floats(2))]).expect("matching shapes");
    bencher.bench(|| case.tape.gradient(black_box(&at), &Reals, &case.parameters));
}

/// A bracket of depth `variables` + 1 at D = 512 parameters, modulo p.
#[divan::bench(args = [0, 1, 2, 3])]
fn attention_bracket(bencher: Bencher, variables: usize) {
    let case = Case::attention(16, 8, 4);
    let directions: Vec<_> = (0..variables).map(|i| case.directions(case.residues(2 + i as u64))).collect();
    let at = bind(case.residues(1)).along(&directions).expect("matching shapes");
    let probe: <Prime as Number>::Oracle = Probe::new(1);
    bencher.bench(|| case.tape.gradient(black_box(&at), &probe, &case.parameters));
}
