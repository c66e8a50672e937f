//! The counts of `complete` against a second count from the definition, in floating point: fields and their brackets by nested
//! dual numbers, ranks by singular values. It shares no code with the exact engine, nor with the evaluator.

mod jet;
mod models;

use equilaw::internals::exact::{Bounds, Motion, Subject, complete, unwatched};
use equilaw::internals::model::Inside;
use equilaw::internals::term::Symbol;
use faer::Mat;
use jet::Jet;
use models::{Network, Numbers};

/// What moves the parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Flow {
    Gradient,
    Entropy,
    Decay,
    HeavyBall,
}

const FLOWS: [Flow; 4] = [Flow::Gradient, Flow::Entropy, Flow::Decay, Flow::HeavyBall];

/// The friction, the weight decay.
const COEFFICIENT: f64 = 0.37;

/// A field is given by its data and a covector of the output.
struct Field<'a> {
    network: &'a Network,
    flow: Flow,
    data: Vec<f64>,
    covector: Vec<f64>,
}

impl Field<'_> {
    /// The derivatives of ⟨w, F⟩ along the axes.
    fn gradient(&self, theta: &[Jet], variables: usize) -> Vec<Jet> {
        let along = |i: usize| {
            let mut moved = theta.to_vec();
            moved[i] = &moved[i] + &Jet::variable(variables);
            let output = self.network.output(&moved, &self.data);
            assert_eq!(output.len(), self.covector.len());
            let terms = output.iter().zip(&self.covector).map(|(f, w)| f * &Jet::from(*w));
            terms.reduce(|a, b| &a + &b).expect("an output").split(variables).1
        };
        (0..theta.len()).map(along).collect()
    }

    /// The velocity of a state.
    fn at(&self, state: &[Jet], variables: usize) -> Vec<Jet> {
        let d = self.network.parameters();
        let (theta, rest) = state.split_at(d);
        let gradient = self.gradient(theta, variables);
        let minus = |g: &Jet, drift: &Jet| -&(g + &(drift * &Jet::from(COEFFICIENT)));
        match self.flow {
            Flow::Gradient => gradient.iter().map(|g| -g).collect(),
            // ψ″ of θ log θ − θ is 1/θ.
            Flow::Entropy => gradient.iter().zip(theta).map(|(g, x)| -&(g * x)).collect(),
            Flow::Decay => gradient.iter().zip(theta).map(|(g, x)| minus(g, x)).chain([Jet::from(1.0)]).collect(),
            Flow::HeavyBall => {
                let accelerations = gradient.iter().zip(rest).map(|(g, v)| minus(g, v));
                rest[..d].iter().cloned().chain(accelerations).chain([Jet::from(1.0)]).collect()
            }
        }
    }
}

/// [X₁, [X₂, …]] at a state, with [X, Y] = DY[X] − DX[Y].
fn bracket(fields: &[Field], state: &[Jet], variables: usize) -> Vec<Jet> {
    let (first, rest) = fields.split_first().expect("a field");
    let x = first.at(state, variables);
    if rest.is_empty() {
        return x;
    }
    let moved = |along: &[Jet]| -> Vec<Jet> {
        state.iter().zip(along).map(|(s, v)| s + &(&Jet::variable(variables) * v)).collect()
    };
    let derivative = |values: Vec<Jet>| values.iter().map(|v| v.split(variables)).unzip::<_, _, Vec<_>, Vec<_>>();
    let (y, along_x) = derivative(bracket(rest, &moved(&x), variables + 1));
    let (_, along_y) = derivative(first.at(&moved(&y), variables + 1));
    along_x.iter().zip(&along_y).map(|(a, b)| a - b).collect()
}

/// The number of singular values of unit rows that are no rounding errors. A row is one as well where it is tiny.
fn rank(rows: &[Vec<f64>]) -> usize {
    let length = |row: &[f64]| row.iter().map(|x| x * x).sum::<f64>().sqrt();
    let rows: Vec<Vec<f64>> = (rows.iter().filter(|row| length(row) > 1e-9))
        .map(|row| row.iter().map(|x| x / length(row)).collect())
        .collect();
    let Some(first) = rows.first() else { return 0 };
    let matrix = Mat::from_fn(rows.len(), first.len(), |i, j| rows[i][j]);
    let values = matrix.singular_values().expect("singular values");
    values.iter().filter(|value| **value > 1e-9 * values[0]).count()
}

/// The dimension of the state less the rank of the brackets at a random state.
fn counted(network: &Network, flow: Flow, seed: u64) -> usize {
    let mut numbers = Numbers::new(seed);
    let d = network.parameters();
    let width = match flow {
        Flow::Gradient | Flow::Entropy => d,
        Flow::Decay => d + 1,
        Flow::HeavyBall => 2 * d + 1,
    };
    let state: Vec<Jet> = (0..width).map(|_| Jet::from(numbers.between(0.4, 1.4))).collect();
    let (mut rows, mut last) = (Vec::new(), 0);
    for depth in 1..=8 {
        for _ in 0..width + 4 {
            let mut field = || Field {
                network,
                flow,
                data: (0..network.inputs()).map(|_| numbers.between(-1.0, 1.0)).collect(),
                covector: (0..network.outputs()).map(|_| numbers.between(-1.0, 1.0)).collect(),
            };
            let fields: Vec<Field> = (0..depth).map(|_| field()).collect();
            rows.push(bracket(&fields, &state, 0).iter().map(Jet::value).collect());
        }
        let found = rank(&rows);
        if found == width || depth > 1 && found == last {
            return width - found;
        }
        last = found;
    }
    panic!("the brackets of {} under {flow:?} do not end", network.text(false))
}

/// The same number of the exact engine.
fn certified(network: &Network, flow: Flow) -> usize {
    let model = crate::parse(&network.text(flow == Flow::Entropy));
    let potentials: Vec<(Symbol, Symbol)> =
        model.inside().params.iter().map(|p| (p.name, Symbol::from("entropy"))).collect();
    let (number, time) = (Symbol::from("c"), Symbol::from("t"));
    let motion = match flow {
        Flow::Gradient => Motion::Gradient,
        Flow::Entropy => Motion::Mirror(&potentials),
        Flow::Decay => Motion::Decay { decay: number, time },
        Flow::HeavyBall => Motion::HeavyBall { friction: number, time },
    };
    let sizes = model.sizes(&[]).expect("sizes");
    let bounds = Bounds { depth: 8, ..Bounds::default() };
    let found = complete(Subject { model: &model, motion }, &sizes, &[], bounds, &unwatched).expect("counted");
    assert!(found.certificate.exhausted && found.is_certified(), "{found:?}");
    found.laws_at_most
}

#[test]
fn counts_agree_with_a_floating_closure_from_the_definition() {
    let mut seen = std::collections::BTreeSet::new();
    for seed in 0..32 {
        let network = Network::random(seed);
        for flow in FLOWS {
            let (exact, floating) = (certified(&network, flow), counted(&network, flow, seed));
            assert_eq!(exact, floating, "{flow:?} of\n{}", network.text(false));
            seen.insert((format!("{flow:?}"), exact));
        }
    }
    // The draws are not all alike.
    assert!(seen.len() > 12, "{seen:?}");
}
