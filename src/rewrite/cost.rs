//! What an extraction looks for.

use super::analysis::Graph;
use crate::term::{Op, Symbol, Term};
use egg::{CostFunction, Id};
use num_traits::Signed;

/// Which of the equal forms of a term is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Goal {
    /// The shortest.
    Simplest,
    /// The shortest, as free as possible of the given symbols and written in terms of the others.
    Avoiding(Vec<Symbol>),
    /// `⟨M, A⟩` with A the given symbol and M free of it.
    Isolate(Symbol),
}

/// Far above the size of any formula, so that one forbidden symbol outweighs every length.
const FORBIDDEN: f64 = 1e6;
/// Above the length of any form the isolated symbol has at the root.
const BURIED: f64 = 1e3;

pub(super) struct Weights<'a> {
    pub graph: &'a Graph,
    pub goal: &'a Goal,
    /// The class of the isolated symbol.
    pub isolated: Option<Id>,
}

impl Weights<'_> {
    fn is_leaf(&self, class: Id) -> bool {
        self.graph[class].nodes.iter().any(|n| matches!(n, Term::Sym(_) | Term::Op(Op::Grad | Op::Dot, _)))
    }
}

impl CostFunction<Term> for Weights<'_> {
    type Cost = f64;

    fn cost<C: FnMut(Id) -> f64>(&mut self, node: &Term, mut costs: C) -> f64 {
        let leaf = |name: &Symbol| match self.goal {
            Goal::Avoiding(symbols) if symbols.contains(name) => 4.0,
            Goal::Isolate(symbol) if symbol == name => FORBIDDEN,
            _ => 1.0,
        };
        match node {
            Term::Num(c) => (if c.is_negative() { 0.9 } else { 0.8 }) + 0.01 * c.denom().bits() as f64,
            Term::Sym(name) => leaf(name),
            Term::Size(_) | Term::Fun(_) => 0.5,
            Term::Op(op, args) => {
                if *op == Op::Inner && self.isolated.is_some_and(|a| self.graph.find(args[1]) == a) {
                    return costs(args[0]) + 1.0;
                }
                let own = match op {
                    Op::Mul => 0.5,
                    Op::Add => 0.7,
                    Op::T if self.is_leaf(args[0]) => 0.4,
                    Op::T => 0.9,
                    Op::Diff => FORBIDDEN,
                    Op::Grad | Op::Dot | Op::Next | Op::Err => return 1.0,
                    Op::Hess => return 1.5,
                    Op::Had
                    | Op::Pow
                    | Op::HadPow
                    | Op::Inv
                    | Op::Det
                    | Op::Tr
                    | Op::Diag
                    | Op::Diagvec
                    | Op::Inner => 1.0,
                    Op::Norm2
                    | Op::Sum
                    | Op::Over
                    | Op::Relabelled
                    | Op::Last
                    | Op::Pi
                    | Op::Ones
                    | Op::Zeros
                    | Op::Eye
                    | Op::Select
                    | Op::Concat
                    | Op::Turn
                    | Op::Signature
                    | Op::Apply
                    | Op::Deriv
                    | Op::Call(_) => 1.0,
                    Op::Softmax | Op::LogSoftmax | Op::LayerNorm | Op::RmsNorm | Op::Normalize | Op::BatchNorm => 1.0,
                    Op::LayerNormEps | Op::RmsNormEps | Op::NormalizeEps | Op::BatchNormEps => 1.0,
                    Op::GroupNorm | Op::GroupNormEps => 1.0,
                    Op::OneHot | Op::TopK | Op::Kron | Op::Stack | Op::MaxPool | Op::Taps | Op::PlaneTaps => 1.0,
                    Op::StopGrad
                    | Op::Tril
                    | Op::Unfold
                    | Op::Mse
                    | Op::CrossEntropy
                    | Op::Logistic
                    | Op::Exponential => 1.0,
                    Op::Hinge | Op::Huber | Op::Min | Op::Max => 1.0,
                    Op::Vjp | Op::HessLoss | Op::HessRows | Op::HessCols | Op::Rows | Op::Cols => 1.0,
                };
                // The isolated symbol belongs into one inner product at the root.
                let buried = match self.isolated {
                    Some(_) if args.iter().any(|&a| self.graph[a].data.mentions) => BURIED,
                    _ => 0.0,
                };
                own + buried + args.iter().map(|&a| costs(a)).sum::<f64>()
            }
        }
    }
}

/// Whether a cost means that a forbidden symbol or a differential is left.
pub(super) fn is_forbidden(cost: f64) -> bool {
    cost >= FORBIDDEN
}
