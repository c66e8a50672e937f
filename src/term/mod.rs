//! `Term`, the one expression language: a formula of a model, a node of the e-graph and a step of the evaluation
//! tape are all a [`Term`] inside an [`Expr`].

mod build;
mod count;
mod declared;
mod env;
mod exponent;
mod facts;
mod function;
mod indices;
mod infer;
mod matrices;
mod number;
mod op;
pub mod print;
mod shape;
mod size;
mod sizes;
mod words;

pub use build::*;
pub use declared::{Declared, SymbolInfo};
pub use env::{Env, Signature};
pub use exponent::Exponent;
pub use facts::Facts;
pub use function::{
    Definition, Domain, Equation, FUNCTIONS, Formula, Function, FunctionRow, Parity, Positivity, Slope, Typeset,
};
pub use indices::{At, Index, Indices, Neighbour};
pub use infer::{Data, TypeError, infer, infer_expr, infer_node};
pub use matrices::{Complex, Emptiness, Empty, Entries, Matrices, Symmetry};
pub use number::{NUMBER_BITS, arithmetic};
pub use op::{Argument, Arithmetic, Columns, Degree, Dialect, OPS, Op, OpRow, PythonForm, Scalar, Spelling};
pub use shape::Shape;
pub use size::{NoSize, Polynomial, Size};
pub use sizes::Sizes;
pub use words::{Word, Words};

pub use egg::Symbol;
use egg::{Id, Language};
use num_rational::BigRational;
use smallvec::SmallVec;
use std::sync::Arc;

/// An exact rational number.
pub type Rational = BigRational;

/// A formula: a topologically ordered, hash-consed DAG of [`Term`]s whose last node is the root.
pub type Expr = egg::RecExpr<Term>;

/// The arguments of an operator.
pub type Args = SmallVec<[Id; 2]>;

/// A node of a formula.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Term {
    /// An exact 1×1 constant.
    Num(Arc<Rational>),
    /// A named matrix: parameter, data, group element, `let`, tangent. Its shape and facts are in the [`Env`].
    Sym(Symbol),
    /// A size; as a value, the positive number it stands for. A literal size is not the number: nothing that equals the
    /// number 1 may stand where a size does.
    Size(Size),
    /// The name of an elementwise function, the first argument of [`Op::Apply`].
    Fun(Symbol),
    /// An operator and its arguments.
    Op(Op, Args),
}

// The formulas of a deep network have millions of nodes.
const _: () = assert!(size_of::<Term>() <= 32);

impl Term {
    pub fn num(value: Rational) -> Term {
        Term::Num(Arc::new(value))
    }

    /// An operator node.
    pub fn op(op: Op, args: &[Id]) -> Term {
        Term::Op(op, Args::from_slice(args))
    }
}

/// What egg compares first when it matches a pattern: the operator without its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Head {
    Num,
    Sym,
    Size,
    Fun,
    Op(Op),
}

impl Language for Term {
    type Discriminant = Head;

    fn discriminant(&self) -> Head {
        match self {
            Term::Num(_) => Head::Num,
            Term::Sym(_) => Head::Sym,
            Term::Size(_) => Head::Size,
            Term::Fun(_) => Head::Fun,
            Term::Op(op, _) => Head::Op(*op),
        }
    }

    fn matches(&self, other: &Self) -> bool {
        match (self, other) {
            (Term::Op(a, xs), Term::Op(b, ys)) => a == b && xs.len() == ys.len(),
            (Term::Op(..), _) | (_, Term::Op(..)) => false,
            (a, b) => a == b,
        }
    }

    fn children(&self) -> &[Id] {
        match self {
            Term::Op(_, args) => args,
            _ => &[],
        }
    }

    fn children_mut(&mut self) -> &mut [Id] {
        match self {
            Term::Op(_, args) => args,
            _ => &mut [],
        }
    }
}
