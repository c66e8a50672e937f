//! The dimension of the Lie algebra of gradient fields, counted modulo p with independently known results.

use super::*;

/// A model F(θ; X) with sizes written out.
struct Network {
    parameters: &'static [(&'static str, u64, u64)],
    data: (u64, u64),
    output: (u64, u64),
    f: Expr,
}

type Field = HashMap<Symbol, Dense<Prime>>;

fn residues(rows: usize, cols: usize, stream: u64) -> Dense<Prime> {
    Dense::from_fn(rows, cols, |i, j| Prime::new(mix(stream, (i * 64 + j) as u64)))
}

/// The rank of a list of fields at a point.
fn rank(fields: &[Vec<Prime>]) -> usize {
    let mut basis: Vec<(usize, Vec<Prime>)> = Vec::new();
    for field in fields {
        let mut row = field.clone();
        for (pivot, other) in &basis {
            let factor = row[*pivot];
            row.iter_mut().zip(other).for_each(|(x, y)| *x = *x - factor * *y);
        }
        if let Some(pivot) = row.iter().position(|x| *x != Prime::new(0)) {
            let scale = row[pivot].reciprocal().expect("not zero");
            basis.push((pivot, row.into_iter().map(|x| x * scale).collect()));
        }
    }
    basis.len()
}

impl Network {
    /// The rank of `count` random fields ∇⟨w, F(·; X)⟩ at a random θ, and of those with `count` of their brackets.
    fn ranks(&self, count: u64) -> (usize, usize) {
        let shape = |rows, cols| Shape::new(Size::Lit(rows), Size::Lit(cols));
        let mut env = Env::default();
        for &(name, rows, cols) in self.parameters {
            env.declare(name.into(), shape(rows, cols), Facts::empty());
        }
        env.declare("X".into(), shape(self.data.0, self.data.1), Facts::empty());
        env.declare("w".into(), shape(self.output.0, self.output.1), Facts::empty());
        let tape = Tape::new(&inner(&sym("w".into()), &self.f), &env, &Sizes::new()).expect("well typed");
        let names: Vec<Symbol> = self.parameters.iter().map(|p| p.0.into()).collect();
        let probe = |seed: u64| {
            let mut at = Bindings::new();
            for &(name, rows, cols) in self.parameters {
                at.bind(name.into(), residues(rows as usize, cols as usize, stream_of(name)));
            }
            at.bind("X".into(), residues(self.data.0 as usize, self.data.1 as usize, mix(seed, 1)));
            at.bind("w".into(), residues(self.output.0 as usize, self.output.1 as usize, mix(seed, 2)));
            (at, Probe::new(seed))
        };
        let named = |gradient: Vec<Dense<Prime>>| -> Field { names.iter().copied().zip(gradient).collect() };
        let flat = |field: &Field| names.iter().flat_map(|name| field[name].entries().to_vec()).collect::<Vec<Prime>>();
        let mut drawn = Vec::new();
        for seed in 0.. {
            let (at, oracle) = probe(seed);
            match tape.gradient(&at, &oracle, &names) {
                Ok((_, gradient)) => drawn.push((at, oracle, named(gradient))),
                Err(error) => assert_eq!(error, EvalError::NoSquareRoot),
            }
            if drawn.len() as u64 == count {
                break;
            }
        }
        let mut fields: Vec<Vec<Prime>> = drawn.iter().map(|(_, _, field)| flat(field)).collect();
        let first = rank(&fields);
        for pair in drawn.windows(2) {
            let along = |field: usize, direction: usize| {
                let (at, oracle, _) = &pair[field];
                let moved = at.along(std::slice::from_ref(&pair[direction].2)).expect("matching shapes");
                let (_, gradient) = tape.gradient(&moved, oracle, &names).expect("the same point");
                flat(&named(gradient.into_iter().map(|g| g.into_coefficient(1)).collect()))
            };
            let (forward, backward) = (along(1, 0), along(0, 1));
            fields.push(forward.into_iter().zip(backward).map(|(x, y)| x - y).collect());
        }
        (first, rank(&fields))
    }
}

fn symbols<const N: usize>(names: [&str; N]) -> [Expr; N] {
    names.map(|name| sym(name.into()))
}

#[test]
fn an_attention_head_of_24_parameters_has_6_laws() {
    let [o, v, k, q, x] = symbols(["O", "V", "K", "Q", "X"]);
    let scores = mul(&transpose(&mul(&k, &x)), &mul(&q, &x));
    let network = Network {
        parameters: &[("O", 3, 2), ("V", 2, 3), ("K", 2, 3), ("Q", 2, 3)],
        data: (3, 4),
        output: (3, 4),
        f: mul(&o, &mul(&mul(&v, &x), &apply(Op::Softmax, &[&scores]))),
    };
    assert_eq!(network.ranks(40), (16, 18));
}

#[test]
fn elementwise_networks_have_the_known_number_of_laws() {
    let [w1, w2, x] = symbols(["W1", "W2", "X"]);
    let ranks = |phi: &str| {
        let f = mul(&w2, &call_elementwise(phi.into(), &mul(&w1, &x)));
        Network { parameters: &[("W1", 3, 3), ("W2", 2, 3)], data: (3, 1), output: (2, 1), f }.ranks(40).1
    };
    assert_eq!(ranks("tanh"), 15);
    assert_eq!(ranks("gelu"), 15);
    assert_eq!(ranks("square"), 12);
    assert_eq!(ranks("relu"), 12);
    assert_eq!(ranks("leaky_relu"), 12);
}

#[test]
fn swiglu_of_24_parameters_has_3_laws() {
    let [d, u, g, x] = symbols(["D", "U", "G", "X"]);
    let f = mul(&d, &apply(Op::Had, &[&call_elementwise("silu".into(), &mul(&g, &x)), &mul(&u, &x)]));
    let network = Network { parameters: &[("D", 2, 3), ("U", 3, 3), ("G", 3, 3)], data: (3, 1), output: (2, 1), f };
    assert_eq!(network.ranks(60).1, 21);
}

#[test]
fn normalized_layers_have_4_laws() {
    let [w, b, x] = symbols(["W", "b", "X"]);
    let softmax = apply(Op::Softmax, &[&add(&mul(&w, &x), &b)]);
    let parameters: &[_] = &[("W", 3, 3), ("b", 3, 1)];
    assert_eq!(Network { parameters, data: (3, 1), output: (3, 1), f: softmax }.ranks(30).1, 8);
    let layernorm = apply(Op::LayerNorm, &[&mul(&w, &x)]);
    assert_eq!(Network { parameters: &[("W", 3, 3)], data: (3, 1), output: (3, 1), f: layernorm }.ranks(30).1, 5);
}
