//! The evaluator: gradients, Hessian products and brackets. Without a filter the times of large gradients and Hessian products are
//! printed beside those of the bare matrix products they contain, with the goal for their ratio.

use divan::{Bencher, black_box};
use equilaw::internals::eval::{
    Bindings, Dense, Matrix, Number, Prime, Probe, Reals, Series, Sizes, Tape, mix, stream_of,
};
use equilaw::internals::term::*;
use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par, Scale};
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// That of the program.
#[cfg(feature = "cli")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    divan::main();
    if arguments.iter().all(|argument| argument == "--bench") {
        ratios();
    }
}

/// The goals: a gradient and a Hessian product against the matrix products in them.
const GOALS: [f64; 2] = [1.3, 1.5];

/// The samples of a network, and the positions of an attention head.
const SAMPLES: usize = 64;

/// How often each time is taken at least, and for how long in all; the least counts.
const REPEATED: usize = 5;
const LONG: Duration = Duration::from_millis(50);

fn least(mut run: impl FnMut()) -> Duration {
    let (begin, mut least) = (Instant::now(), Duration::MAX);
    for taken in 0.. {
        if taken >= REPEATED && begin.elapsed() >= LONG {
            break;
        }
        let start = Instant::now();
        run();
        least = least.min(start.elapsed());
    }
    least
}

/// The time of products of these shapes, (rows, inner, columns), each so often.
fn bare(gemms: &[(usize, [usize; 3])]) -> Duration {
    let time = |&(count, [m, k, n]): &(usize, [usize; 3])| {
        let (a, b, mut out) = (Mat::full(m, k, 0.5), Mat::full(k, n, 0.25), Mat::zeros(m, n));
        let run = || matmul(black_box(out.as_mut()), Accum::Replace, black_box(a.as_ref()), b.as_ref(), 1.0, Par::Seq);
        least(run) * count as u32
    };
    gemms.iter().map(time).sum()
}

/// Gradients and Hessian products from 10⁴ to 10⁷ parameters.
fn ratios() {
    println!("\n                    D    gradient    its gemms   ratio  goal   H[v]        its gemms   ratio  goal");
    for width in [71, 224, 707, 2236] {
        let n = SAMPLES;
        // W X, and W₂ᵀE, E Zᵀ, E Xᵀ on the way back. Where both factors of a product move there are two more; of what arrives at a
        // parameter only the derivative is computed.
        let product = [width, width, n];
        let back = [width, n, width];
        let gradient = [(3, product), (2, back)];
        let hessian = [(8, product), (3, back)];
        row("ReLU network", &Case::mlp(width, width, width, n), &gradient, &hessian);
    }
    for width in [50, 158, 500, 1581] {
        let n = SAMPLES;
        // K X, Q X, V X, O (V X P) and Oᵀw; where the derivative of the gradient is read the value is not, and Oᵀw and w (V X P)ᵀ move once.
        let (applied, back) = ([width, width, n], [width, n, width]);
        let (scores, mixed) = ([n, width, n], [width, n, n]);
        let gradient = [(5, applied), (4, back), (2, scores), (4, mixed)];
        let hessian = [(8, applied), (4, back), (6, scores), (9, mixed)];
        row("attention", &Case::attention(width, width, n), &gradient, &hessian);
    }
}

fn row(name: &str, case: &Case, gradient: &[(usize, [usize; 3])], hessian: &[(usize, [usize; 3])]) {
    let at = bind(case.floats(1));
    let moved = bind(case.floats(1)).along(&[case.directions(case.floats(2))]).expect("matching shapes");
    let entries = |(name, rows, cols): &(Symbol, usize, usize)| case.parameters.contains(name) as usize * rows * cols;
    let size: usize = case.shapes.iter().map(entries).sum();
    let times = [
        (least(|| _ = black_box(case.tape.gradient(&at, &Reals, &case.parameters))), bare(gradient)),
        (least(|| _ = black_box(case.hessian_product(&moved))), bare(hessian)),
    ];
    let columns = times.iter().zip(GOALS).map(|((time, gemms), goal)| {
        let ratio = time.as_secs_f64() / gemms.as_secs_f64();
        format!("{:>11} {:>11} {ratio:>6.2} {goal:>5}", format!("{time:.2?}"), format!("{gemms:.2?}"))
    });
    println!("{name:<13} {size:>9} {}", columns.collect::<Vec<_>>().join(" "));
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

    /// The Hessian product along the direction in which the values move.
    fn hessian_product<M: Matrix<Oracle = Reals>>(&self, moved: &Bindings<Series<M>>) -> Vec<M> {
        self.tape.derivative_of_gradient(moved, &Reals, &self.parameters, 1).expect("twice differentiable")
    }

    fn matrices<M>(
        &self,
        seed: u64,
        make: impl Fn(usize, usize, &dyn Fn(usize, usize) -> u64) -> M,
    ) -> Vec<(Symbol, M)> {
        let entry = |name: Symbol, i: usize, j: usize| mix(mix(seed, stream_of(name.as_str())), (i * 997 + j) as u64);
        self.shapes.iter().map(|&(name, r, c)| (name, make(r, c, &|i, j| entry(name, i, j)))).collect()
    }

    /// Parameters as training finds them at first: of variance about that which keeps the size of values.
    fn floats(&self, seed: u64) -> Vec<(Symbol, Mat<f64>)> {
        let uniform = |entry: u64| (entry % 2048) as f64 / 1024.0 - 1.0;
        let scaled = |(name, value): (Symbol, Mat<f64>)| match self.parameters.contains(&name) {
            true => (name, &value * Scale((3.0 / value.ncols() as f64).sqrt())),
            false => (name, value),
        };
        let drawn = self.matrices(seed, |r, c, entry| Mat::from_fn(r, c, |i, j| uniform(entry(i, j))));
        drawn.into_iter().map(scaled).collect()
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
    bencher.bench(|| case.hessian_product(black_box(&at)));
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
