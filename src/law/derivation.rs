//! Derivations: a directed acyclic graph of claims, each justified by a hypothesis, a theorem or a chain of rewriting
//! steps, with edges from premises to conclusions.

use crate::rewrite::Proof;
use crate::term::{Expr, Symbol};
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};

/// A claim of a derivation.
#[derive(Clone, Debug, PartialEq)]
pub struct Claim {
    /// What is stated.
    pub statement: ClaimStatement,
    /// Why it holds.
    pub reason: Reason,
}

/// What a claim states.
#[derive(Clone, Debug, PartialEq)]
pub enum ClaimStatement {
    /// Something that is assumed, in words.
    Assumption(String),
    /// Under the action the named quantity (a `let`, the output, the loss) goes to the expression.
    Transport { name: Symbol, image: Expr },
    /// The component of the generator on a parameter.
    Generator { param: Symbol, value: Expr },
    /// An equation.
    Equation { lhs: Expr, rhs: Expr },
    /// An equation for every element of the Lie algebra, named by the symbol.
    ForAll { element: Symbol, lhs: Expr, rhs: Expr },
    /// The potential Q of the generator named by the symbol: a form in its element, and the same with the element split off.
    Potential { element: Symbol, form: Expr, value: Expr },
    /// The conclusion itself; it is stated by the law.
    Conclusion,
}

/// Why a claim holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// It is assumed.
    Hypothesis,
    /// By a theorem, or an argument given in words.
    Theorem { theorem: Theorem, words: String },
    /// Both sides are equal by rewriting.
    Rewriting(Proof),
}

/// The theorems a derivation cites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Theorem {
    /// What an action, a generator, a projection or a potential is.
    Definition,
    /// T1: the gradient identity ⟨∇L, ξ_A⟩ = ⟨E, r_A⟩.
    GradientIdentity,
    /// Gradient-flow conservation: ∇Q_A = ξ_A, so dQ_A/dt = −⟨∇L, ξ_A⟩ (Noether 1918; Kunin et al. 2021).
    Conservation,
    /// T3: the Hessian image of a generator.
    HessianImage,
    /// T4: the Hessian form on the orbit.
    HessianForm,
    /// T5: the kernel of the Hessian at a stationary point, and of the Gauss–Newton matrix everywhere.
    Kernel,
    /// T6: the gradient in the range of the Hessian.
    Alignment,
    /// T7: bounds on the spectrum from the plane of ξ and `H[ξ]`.
    Sharpness,
    /// T2 and T8: gradient and Hessian at the image of a point.
    Transport,
    /// T9: the third derivative along a generator.
    ThirdOrder,
    /// T10: the fixed space of a finite group.
    FixedSpace,
    /// T11: the Hessian splits at a symmetric point, and the block off the fixed space decides stability.
    Mirror,
    /// T12: the multiplicities of the eigenvalues at a symmetric point.
    Spectrum,
}

impl Theorem {
    /// The number the theorem has in `docs/theory.md`.
    pub fn number(self) -> &'static str {
        match self {
            Theorem::Definition => "T0",
            Theorem::GradientIdentity | Theorem::Conservation => "T1",
            Theorem::HessianImage => "T3",
            Theorem::HessianForm => "T4",
            Theorem::Kernel => "T5",
            Theorem::Alignment => "T6",
            Theorem::Sharpness => "T7",
            Theorem::Transport => "T8",
            Theorem::ThirdOrder => "T9",
            Theorem::FixedSpace => "T10",
            Theorem::Mirror => "T11",
            Theorem::Spectrum => "T12",
        }
    }
}

/// A derivation with its conclusion.
#[derive(Clone, Debug)]
pub struct Derivation {
    graph: DiGraph<Claim, ()>,
    conclusion: NodeIndex,
}

/// A derivation under construction.
#[derive(Clone, Debug, Default)]
pub struct Argument {
    graph: DiGraph<Claim, ()>,
}

/// A claim already made in an [`Argument`].
pub type ClaimId = NodeIndex;

impl Argument {
    /// Adds a claim that follows from earlier ones.
    pub fn claim(&mut self, statement: ClaimStatement, reason: Reason, premises: &[ClaimId]) -> ClaimId {
        let id = self.graph.add_node(Claim { statement, reason });
        for &premise in premises {
            self.graph.add_edge(premise, id, ());
        }
        id
    }

    /// Adds a claim justified by a theorem.
    pub fn theorem(
        &mut self,
        statement: ClaimStatement,
        theorem: Theorem,
        words: impl Into<String>,
        premises: &[ClaimId],
    ) -> ClaimId {
        self.claim(statement, Reason::Theorem { theorem, words: words.into() }, premises)
    }

    /// The statement of a claim.
    pub fn statement(&self, id: ClaimId) -> &ClaimStatement {
        &self.graph[id].statement
    }

    /// What a claim states, and why it holds.
    pub fn claim_of(&self, id: ClaimId) -> (&ClaimStatement, &Reason) {
        let claim = &self.graph[id];
        (&claim.statement, &claim.reason)
    }

    /// The derivation of one claim: it and everything it depends on.
    pub fn conclude(&self, conclusion: ClaimId) -> Derivation {
        let mut needed = vec![false; self.graph.node_count()];
        let mut stack = vec![conclusion];
        while let Some(id) = stack.pop() {
            if !std::mem::replace(&mut needed[id.index()], true) {
                stack.extend(self.graph.neighbors_directed(id, Direction::Incoming));
            }
        }
        let graph = self.graph.filter_map(|i, c| needed[i.index()].then(|| c.clone()), |_, ()| Some(()));
        let before = needed[..conclusion.index()].iter().filter(|n| **n).count();
        Derivation { graph, conclusion: NodeIndex::new(before) }
    }
}

impl Derivation {
    /// The claims in an order in which premises come first, each with the positions of its premises in that order.
    pub fn claims(&self) -> Vec<(&Claim, Vec<usize>)> {
        // Claims are added after their premises, so the order of indices is topological.
        self.graph
            .node_indices()
            .map(|i| {
                let mut premises: Vec<usize> =
                    self.graph.neighbors_directed(i, Direction::Incoming).map(NodeIndex::index).collect();
                premises.sort_unstable();
                premises.dedup();
                (&self.graph[i], premises)
            })
            .collect()
    }

    /// The claim that is concluded.
    pub fn conclusion(&self) -> &Claim {
        &self.graph[self.conclusion]
    }

    /// The underlying graph.
    pub fn graph(&self) -> &DiGraph<Claim, ()> {
        &self.graph
    }
}
