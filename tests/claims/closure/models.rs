//! Small random models, as a text of the language and as a function of their own.

use super::jet::Jet;

/// A generator of random numbers.
pub struct Numbers(u64);

impl Numbers {
    pub fn new(seed: u64) -> Numbers {
        Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }

    fn below(&mut self, n: usize) -> usize {
        self.next() as usize % n
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next() as f64 / (1u64 << 31) as f64
    }
}

/// A matrix, row by row.
struct Matrix {
    rows: usize,
    cols: usize,
    entries: Vec<Jet>,
}

impl Matrix {
    fn times(&self, other: &Matrix) -> Matrix {
        assert_eq!(self.cols, other.rows);
        let entry = |i: usize, j: usize| {
            let terms = (0..self.cols).map(|k| &self.entries[i * self.cols + k] * &other.entries[k * other.cols + j]);
            terms.fold(Jet::from(0.0), |sum, x| &sum + &x)
        };
        let entries = (0..self.rows * other.cols).map(|n| entry(n / other.cols, n % other.cols)).collect();
        Matrix { rows: self.rows, cols: other.cols, entries }
    }

    fn transposed(&self) -> Matrix {
        let entry = |n: usize| self.entries[n % self.rows * self.cols + n / self.rows].clone();
        Matrix { rows: self.cols, cols: self.rows, entries: (0..self.rows * self.cols).map(entry).collect() }
    }

    fn with(&self, other: &Matrix, of: impl Fn(&Jet, &Jet) -> Jet) -> Matrix {
        assert_eq!((self.rows, self.cols), (other.rows, other.cols));
        let entries = self.entries.iter().zip(&other.entries).map(|(a, b)| of(a, b)).collect();
        Matrix { entries, ..*self }
    }

    fn plus(&self, other: &Matrix) -> Matrix {
        self.with(other, |a, b| a + b)
    }

    fn had(&self, other: &Matrix) -> Matrix {
        self.with(other, |a, b| a * b)
    }

    fn apply(&self, activation: Activation) -> Matrix {
        let entries = self.entries.iter().map(|x| match activation {
            Activation::Identity => x.clone(),
            Activation::Square => x * x,
            Activation::Exp => x.exp(),
            Activation::Tanh => x.tanh(),
        });
        Matrix { entries: entries.collect(), ..*self }
    }
}

#[derive(Clone, Copy, Debug)]
enum Activation {
    Identity,
    Square,
    Exp,
    Tanh,
}

/// The form of the output in parameters A, B, C and one sample X.
#[derive(Clone, Copy, Debug)]
enum Form {
    TwoLayers,
    Biased,
    ThreeLayers,
    Tied,
    Gated,
    Bilinear,
    Factors,
    Residual,
}

const FORMS: [Form; 8] = [
    Form::TwoLayers,
    Form::Biased,
    Form::ThreeLayers,
    Form::Tied,
    Form::Gated,
    Form::Bilinear,
    Form::Factors,
    Form::Residual,
];

/// The most parameters: brackets in phase space take a while.
const PARAMETERS: usize = 9;

/// A model with few parameters.
pub struct Network {
    form: Form,
    activation: Activation,
    /// The widths of input, hidden layer and output.
    widths: [usize; 3],
}

impl Network {
    pub fn random(seed: u64) -> Network {
        let mut numbers = Numbers::new(seed);
        let form = FORMS[seed as usize % FORMS.len()];
        let activations = [Activation::Identity, Activation::Square, Activation::Exp, Activation::Tanh];
        let activation = activations[numbers.below(4)];
        loop {
            let widths = [1 + numbers.below(3), 1 + numbers.below(3), 1 + numbers.below(2)];
            let network = Network { form, activation, widths };
            if network.parameters() <= PARAMETERS {
                return network;
            }
        }
    }

    /// The extents of A, B, C.
    fn shapes(&self) -> Vec<(usize, usize)> {
        let [d, h, k] = self.widths;
        match self.form {
            Form::TwoLayers => vec![(h, d), (k, h)],
            Form::Biased => vec![(h, d), (k, h), (h, 1)],
            Form::ThreeLayers => vec![(h, d), (h, h), (k, h)],
            Form::Tied => vec![(h, d)],
            Form::Gated => vec![(h, d), (h, d)],
            Form::Bilinear => vec![(h, d), (h, d)],
            Form::Factors => vec![(d, h), (k, h)],
            Form::Residual => vec![(h, d), (d, h)],
        }
    }

    fn formula(&self) -> &'static str {
        match self.form {
            Form::TwoLayers => "B * f(A * X)",
            Form::Biased => "B * f(A * X + C * ones(1, n))",
            Form::ThreeLayers => "C * f(B * A * X)",
            Form::Tied => "A' * f(A * X)",
            Form::Gated => "f(A * X) .* (B * X)",
            Form::Bilinear => "f(X' * A' * B * X)",
            Form::Factors => "f(A * B')",
            Form::Residual => "X + B * f(A * X)",
        }
    }

    pub fn parameters(&self) -> usize {
        self.shapes().iter().map(|(m, n)| m * n).sum()
    }

    /// The number of samples: one, but where they are mixed.
    fn samples(&self) -> usize {
        if matches!(self.form, Form::Bilinear) { 2 } else { 1 }
    }

    pub fn inputs(&self) -> usize {
        self.widths[0] * self.samples()
    }

    pub fn outputs(&self) -> usize {
        let [d, h, k] = self.widths;
        match self.form {
            Form::TwoLayers | Form::Biased | Form::ThreeLayers => k,
            Form::Tied | Form::Residual => d,
            Form::Gated => h,
            Form::Bilinear => 4,
            Form::Factors => d * k,
        }
    }

    /// The entries of the output at parameters and data.
    pub fn output(&self, theta: &[Jet], data: &[f64]) -> Vec<Jet> {
        let mut rest = theta;
        let mut matrices = Vec::new();
        for (rows, cols) in self.shapes() {
            let (entries, others) = rest.split_at(rows * cols);
            matrices.push(Matrix { rows, cols, entries: entries.to_vec() });
            rest = others;
        }
        let x = Matrix {
            rows: self.widths[0],
            cols: self.samples(),
            entries: data.iter().map(|x| Jet::from(*x)).collect(),
        };
        let f = |y: &Matrix| y.apply(self.activation);
        let y = match (self.form, matrices.as_slice()) {
            (Form::TwoLayers, [a, b]) => b.times(&f(&a.times(&x))),
            (Form::Biased, [a, b, c]) => b.times(&f(&a.times(&x).plus(c))),
            (Form::ThreeLayers, [a, b, c]) => c.times(&f(&b.times(&a.times(&x)))),
            (Form::Tied, [a]) => a.transposed().times(&f(&a.times(&x))),
            (Form::Gated, [a, b]) => f(&a.times(&x)).had(&b.times(&x)),
            (Form::Bilinear, [a, b]) => f(&a.times(&x).transposed().times(&b.times(&x))),
            (Form::Factors, [a, b]) => f(&a.times(&b.transposed())),
            (Form::Residual, [a, b]) => x.plus(&b.times(&f(&a.times(&x)))),
            (form, _) => panic!("{form:?} with {} parameters", matrices.len()),
        };
        y.entries
    }

    /// The model in the language.
    pub fn text(&self, positive: bool) -> String {
        let formula = match self.activation {
            Activation::Identity => self.formula().replace("f(", "("),
            Activation::Square => self.formula().replace("f(", "square("),
            Activation::Exp => self.formula().replace("f(", "exp("),
            Activation::Tanh => self.formula().replace("f(", "tanh("),
        };
        let fact = if positive { " positive" } else { "" };
        let parameters: Vec<String> = (self.shapes().iter().zip(["A", "B", "C"]))
            .map(|((m, n), name)| format!("param {name} : {m} x {n}{fact}\n"))
            .collect();
        let (d, n) = (self.widths[0], self.samples());
        let data = if formula.contains('X') { format!("dim n = {n}\ndata X : {d} x n\n") } else { String::new() };
        format!("model small\n{}{data}output F = {formula}\nloss any\n", parameters.concat())
    }
}
