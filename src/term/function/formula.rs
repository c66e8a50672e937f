//! Functions of one number that are written in others: all that evaluation needs to know of them.

/// A formula in one argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    Argument,
    /// n/d.
    Number(i64, i64),
    Sum(&'static [Formula]),
    Product(&'static [Formula]),
    /// A built-in function, by its name; not one that is written in others itself.
    Of(&'static str, &'static Formula),
}

use Formula::{Argument as X, Number, Of, Product, Sum};

const NEGATIVE: Formula = Product(&[Number(-1, 1), X]);

/// min(x, 0) = −relu(−x).
const BELOW: Formula = Product(&[Number(-1, 1), Of("relu", &NEGATIVE)]);

/// min(max(x + 3, 0), 6) = 6 − relu(6 − relu(x + 3)), whose derivative is 0 at either kink.
const RAMP: Formula = Sum(&[
    Number(6, 1),
    Product(&[
        Number(-1, 1),
        Of("relu", &Sum(&[Number(6, 1), Product(&[Number(-1, 1), Of("relu", &Sum(&[X, Number(3, 1)]))])])),
    ]),
]);

impl Formula {
    /// min(max(x, 0), 6).
    pub const RELU6: Formula = Sum(&[
        Number(6, 1),
        Product(&[Number(-1, 1), Of("relu", &Sum(&[Number(6, 1), Product(&[Number(-1, 1), Of("relu", &X)])]))]),
    ]);

    /// min(max(x, −1), 1).
    pub const HARDTANH: Formula = Sum(&[
        Number(1, 1),
        Product(&[
            Number(-1, 1),
            Of("relu", &Sum(&[Number(2, 1), Product(&[Number(-1, 1), Of("relu", &Sum(&[X, Number(1, 1)]))])])),
        ]),
    ]);

    /// min(max(x/6 + 1/2, 0), 1).
    pub const HARDSIGMOID: Formula = Product(&[Number(1, 6), RAMP]);

    /// x · hardsigmoid(x).
    pub const HARDSWISH: Formula = Product(&[Number(1, 6), X, RAMP]);

    /// max(x, 0) + exp(min(x, 0)) − 1, with x − min(x, 0) for max(x, 0): one gate, so that the derivative at 0 is 1.
    pub const ELU: Formula = Sum(&[X, Of("relu", &NEGATIVE), Of("exp", &BELOW), Number(-1, 1)]);

    /// λ (max(x, 0) + α (exp(min(x, 0)) − 1)) with the λ and α of the publication, to 16 digits.
    pub const SELU: Formula = Product(&[
        Number(10_507_009_873_554_805, 10_000_000_000_000_000),
        Sum(&[
            X,
            Of("relu", &NEGATIVE),
            Product(&[
                Number(16_732_632_423_543_772, 10_000_000_000_000_000),
                Sum(&[Of("exp", &BELOW), Number(-1, 1)]),
            ]),
        ]),
    ]);

    /// x tanh(softplus(x)).
    pub const MISH: Formula = Product(&[X, Of("tanh", &Of("softplus", &X))]);

    /// x σ(1.702 x).
    pub const QUICK_GELU: Formula = Product(&[X, Of("sigmoid", &Product(&[Number(851, 500), X]))]);

    /// Whether some function in it is of that kind.
    pub fn any(&self, kind: &dyn Fn(&'static str) -> bool) -> bool {
        match self {
            Formula::Argument | Formula::Number(..) => false,
            Formula::Sum(parts) | Formula::Product(parts) => parts.iter().any(|part| part.any(kind)),
            Formula::Of(name, argument) => kind(name) || argument.any(kind),
        }
    }
}
