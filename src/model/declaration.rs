//! What a model declares: sizes, matrices, functions, definitions, the loss and the actions.

use crate::group::GroupInstance;
use crate::term::{
    Expr, Facts, Function, Op, Rational, Shape, Signature, Symbol, Term, add, arguments, mentions, root, scaled,
    summands, sym,
};
use num_traits::One;

/// A symbolic size and its default in the numeric checks.
#[derive(Clone, Debug, PartialEq)]
pub struct Dim {
    pub name: Symbol,
    pub default: u64,
    /// The index of a family of sizes, `d[l in 0..L]`, which begins at 0.
    pub index: Option<Symbol>,
}

/// A parameter or a data matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    pub name: Symbol,
    /// The LaTeX given in the declaration.
    pub latex: Option<String>,
    pub shape: Shape,
    /// The facts written after the shape.
    pub facts: Facts,
    /// Whether it is the same matrix for all samples: data declared `fixed`.
    pub fixed: bool,
    /// Whether it is the value of the definition of its name, held while the loss is differentiated: `let S = stopgrad(X)`.
    pub stopped: bool,
    /// The indices of a family: one such matrix for each of their values.
    pub indices: Vec<Symbol>,
}

/// `activation phi : homogeneous(3)`: an arbitrary function with that property.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    pub name: Symbol,
    pub property: Property,
}

/// The property of a declared activation.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    Homogeneous(Rational),
    Odd,
    Even,
    Smooth,
}

impl Property {
    /// The properties a proof may use.
    pub fn function(&self) -> Function {
        match self {
            Property::Homogeneous(k) => Function { homogeneous: Some(k.clone()), ..Function::default() },
            Property::Odd => Function { odd: true, ..Function::default() },
            Property::Even => Function { even: true, ..Function::default() },
            Property::Smooth => Function::default(),
        }
    }
}

/// `function rest : (k x n, d x n) -> m x n`: an arbitrary differentiable function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDeclaration {
    pub name: Symbol,
    pub signature: Signature,
}

/// `let Z = …` or `output F = …`. The expression may mention earlier `let`s.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pub name: Symbol,
    pub latex: Option<String>,
    pub expr: Expr,
    /// The indices of a family: one such matrix for each of their values.
    pub indices: Vec<Symbol>,
}

impl Definition {
    pub fn new(name: Symbol, expr: Expr) -> Definition {
        Definition { name, latex: None, expr, indices: vec![] }
    }
}

/// `repeat l in 1..L { … }`: what is carried from one value of the index to the next.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    pub index: Symbol,
    pub carried: Vec<Carried>,
    /// The definitions in the block, in order.
    pub body: Vec<Symbol>,
}

/// A value that a block takes and gives to the next. Its names are those of definitions, but for `before`.
#[derive(Clone, Debug, PartialEq)]
pub struct Carried {
    /// The value before the first block.
    pub first: Symbol,
    /// The value that block l takes: `first` for l = 1, else what block l − 1 gives.
    pub before: Symbol,
    /// The value that block l gives.
    pub after: Symbol,
    /// The value that the last block gives.
    pub last: Symbol,
}

/// The loss.
#[derive(Clone, Debug, PartialEq)]
pub enum Loss {
    /// Every differentiable function of the output.
    Any,
    /// An explicit scalar expression in parameters, data, `let`s and the output.
    Explicit(Expr),
}

impl Action {
    /// The indices of the action that a parameter does not have: one member of the families moves it, which all members share.
    pub fn shared(&self, param: &Variable) -> Vec<Symbol> {
        self.indices.iter().copied().filter(|index| !param.indices.contains(index)).collect()
    }

    /// D, where an image is the parameter plus D, which does not depend on it.
    pub fn displacement(param: Symbol, image: &Expr) -> Option<Expr> {
        let (own, rest): (Vec<_>, Vec<_>) = summands(image).into_iter().partition(|(_, x)| *x == sym(param));
        let once = matches!(own.as_slice(), [(c, _)] if c.is_one()) && !rest.iter().any(|(_, x)| mentions(x, param));
        let sum = rest.into_iter().map(|(c, x)| scaled(c, &x)).reduce(|sum, x| add(&sum, &x));
        sum.filter(|_| once)
    }

    /// The index whose values it exchanges, `W[i] ↦ W[p(i)]`; none where it moves matrices.
    pub fn exchanged(&self) -> Option<Symbol> {
        self.images.iter().find_map(|(_, image)| match (root(image), arguments(image).as_slice()) {
            (Term::Op(Op::Relabelled, _), [index, ..]) => match root(index) {
                Term::Sym(index) => Some(*index),
                _ => None,
            },
            _ => None,
        })
    }
}

/// A declared group action.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub name: Symbol,
    pub group: GroupInstance,
    /// The name of the group element; none for `Z2`.
    pub element: Option<Symbol>,
    /// The images of the parameters it moves, in terms of the parameters and the element.
    pub images: Vec<(Symbol, Expr)>,
    /// The claimed image of the output (`F -> a^2 * F`), in terms of the output's symbol and the element.
    pub output: Option<Expr>,
    /// The claimed image of the loss (`loss -> a^2 * loss`), in terms of the symbol `loss` and the element.
    pub loss: Option<Expr>,
    /// The indices of a family: one such action, with an element of its own, for each of their values.
    pub indices: Vec<Symbol>,
}
