//! Derivations as they are told: the claims of the kernel that say something to a reader, each with its reason in words.
//! Bookkeeping – instances, sums, projections – is folded into what it leads to.

use crate::kernel::{
    self, Checked, Flow, Inference, Judgement, Law, LawRow, Proved, Statement, Symmetry, Tangent, Theorem, reason,
};
use crate::law::ProvedAction;
use crate::term::{Expr, Symbol, substitute};
use std::collections::HashMap;
use std::sync::Arc;

/// A claim as it is told.
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
    /// A hypothesis, or a property, in words.
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
    /// The law of that id.
    Conclusion(String),
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

/// One step of a chain: the previous term equals `term`, by `rule`.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub rule: Symbol,
    pub reason: String,
    /// Bookkeeping, which a printed derivation folds into the next step that says something.
    pub silent: bool,
    pub term: Expr,
}

/// A chain of equalities.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    pub start: Expr,
    pub steps: Vec<Step>,
}

/// Claims in an order in which premises come first, each with the positions of its premises.
pub type Told = Vec<(Claim, Vec<usize>)>;

/// How an action is proved: how it is carried through the definitions.
pub fn of_action(proved: &ProvedAction) -> Told {
    let mut narrator = Narrator::new(&[]);
    narrator.told(&proved.claim);
    narrator.out
}

/// The equations that make it a group action, as chains: at the identity, and of products.
pub fn group_laws(proved: &ProvedAction) -> (Vec<(Expr, Proof)>, Vec<(Expr, Proof)>) {
    let Some(group) = proved.claim.premises().first() else { return (vec![], vec![]) };
    let chains: Vec<(Expr, Proof)> =
        group.premises().iter().filter_map(|p| Some((p.equation()?.1.clone(), chain(p)?))).collect();
    let maps = if proved.action.element.is_some() { chains.len() / 2 } else { 0 };
    let (identity, composition) = chains.split_at(maps);
    (identity.to_vec(), composition.to_vec())
}

/// The derivation of a law, which may rest on other laws of a report.
pub fn of_law(law: &Law, laws: &[&Law]) -> Told {
    let mut narrator = Narrator::new(laws);
    narrator.conclude(law);
    narrator.out
}

struct Narrator<'a> {
    laws: HashMap<*const kernel::Claim, &'a Law>,
    out: Told,
    /// The told claims that stand for a claim of the kernel.
    known: HashMap<*const kernel::Claim, Vec<usize>>,
}

impl<'a> Narrator<'a> {
    fn new(laws: &[&'a Law]) -> Narrator<'a> {
        let laws = laws.iter().map(|law| (Arc::as_ptr(law.claim()), *law)).collect();
        Narrator { laws, out: vec![], known: HashMap::new() }
    }

    fn push(&mut self, statement: ClaimStatement, reason: Reason, premises: Vec<usize>) -> usize {
        let claim = Claim { statement, reason };
        if let Some(at) = self.out.iter().position(|(known, from)| *known == claim && *from == premises) {
            return at;
        }
        self.out.push((claim, premises));
        self.out.len() - 1
    }

    /// The told claims that a claim rests on, or that stand for it.
    fn told(&mut self, claim: &Proved) -> Vec<usize> {
        let key = Arc::as_ptr(claim);
        if let Some(known) = self.known.get(&key) {
            return known.clone();
        }
        let told = match self.laws.get(&key).copied() {
            Some(law) => vec![self.conclude(law)],
            None => self.tell(claim),
        };
        self.known.insert(key, told.clone());
        told
    }

    fn all<'b>(&mut self, claims: impl IntoIterator<Item = &'b Proved>) -> Vec<usize> {
        let mut out: Vec<usize> = claims.into_iter().flat_map(|claim| self.told(claim)).collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    fn tell(&mut self, claim: &Proved) -> Vec<usize> {
        let premises = claim.premises();
        match (claim.by(), claim.judgement()) {
            (Inference::Rewriting(_) | Inference::Instance { .. }, _) => match (chain(claim), claim.judgement()) {
                (Some(proof), Judgement::Equation { lhs, rhs, .. }) => {
                    let statement = ClaimStatement::Equation { lhs: lhs.clone(), rhs: rhs.clone() };
                    vec![self.push(statement, Reason::Rewriting(proof), vec![])]
                }
                _ => self.all(premises),
            },
            (Inference::Equivariance, _) => self.all(premises.last()),
            (Inference::Transport { .. }, Judgement::Transport { name, image, .. }) => {
                let from = self.all(&premises[1..]);
                let reason = premises.first().and_then(chain).map_or(Reason::Hypothesis, Reason::Rewriting);
                let statement = ClaimStatement::Transport { name: *name, image: image.clone() };
                vec![self.push(statement, reason, from)]
            }
            (Inference::Generator { .. }, Judgement::Generator { action, element, name, value }) => {
                if !action.images.iter().any(|(p, _)| p == name) {
                    return vec![];
                }
                let g = action.element.map_or("g", |g| g.as_str());
                let words = format!("differentiate at the identity: {g} = exp(t {}) at t = 0", element.symbol);
                let statement = ClaimStatement::Generator { param: *name, value: value.clone() };
                vec![self.push(statement, Reason::Theorem { theorem: Theorem::Definition, words }, vec![])]
            }
            (Inference::Tangent, Judgement::Tangent(tangent)) => {
                let moved = |p: &&Proved| match p.judgement() {
                    Judgement::Generator { name, .. } => tangent.on(*name).is_some(),
                    _ => true,
                };
                self.all(premises.iter().filter(moved))
            }
            (Inference::Derivative, _) => self.all(premises.first()),
            (Inference::GradientIdentity, Judgement::Equation { lhs, rhs, .. }) => {
                let from = self.all(premises);
                let element = premises.first().and_then(|p| p.tangent()).map(|t| t.element.symbol);
                let words = "the derivative of L along the orbit gives".to_string();
                let reason = Reason::Theorem { theorem: Theorem::GradientIdentity, words };
                let (lhs, rhs) = (lhs.clone(), rhs.clone());
                let statement = match element {
                    Some(element) => ClaimStatement::ForAll { element, lhs, rhs },
                    None => ClaimStatement::Equation { lhs, rhs },
                };
                vec![self.push(statement, reason, from)]
            }
            (Inference::Symmetry { .. }, Judgement::Symmetry { symmetry, .. }) => {
                let (what, words) = match symmetry {
                    Symmetry::SelfAdjoint => ("self-adjoint", "its adjoint is the same on every parameter"),
                    Symmetry::Skew => ("skew", "its adjoint is the opposite on every parameter"),
                };
                // What is told is where the adjoint and the derivative are compared.
                let paired = premises.last().map(|p| p.premises()).unwrap_or_default();
                let compared: Vec<&Proved> =
                    paired.iter().filter(|p| matches!(p.by(), Inference::Paired { .. })).collect();
                let from = self.all(compared);
                let statement = ClaimStatement::Assumption(format!("the derivative S of ξ is {what}"));
                let reason = Reason::Theorem { theorem: Theorem::Definition, words: words.into() };
                let told = self.push(statement, reason, from.clone());
                from.into_iter().chain([told]).collect()
            }
            (Inference::Projection { symbol, onto: Some(_), .. }, _) => self.summed(&premises[0], *symbol),
            (Inference::FixedSpace, _) => {
                self.all(premises.iter().enumerate().filter(|(i, _)| *i != 1).map(|(_, p)| p))
            }
            (Inference::Flow(flow), Judgement::Law { dynamics, .. }) => {
                let mut from = self.all(premises);
                if *flow != Flow::GradientFlow {
                    let decayed = *flow == Flow::DecayedDescent;
                    let motion = dynamics.as_ref().map(|d| super::words::motion(d, decayed));
                    let motion = motion.unwrap_or_default().unicode();
                    from.push(self.push(ClaimStatement::Assumption(motion), Reason::Hypothesis, vec![]));
                }
                from
            }
            _ => self.all(premises),
        }
    }

    /// A sum ⟨M, A⟩ = 0 that is projected.
    fn summed(&mut self, sum: &Proved, element: Symbol) -> Vec<usize> {
        let (Inference::Linear { lhs, rhs, .. }, false) = (sum.by(), sum.premises().is_empty()) else {
            return self.told(sum);
        };
        let from = self.all(sum.premises());
        let reason = Reason::Theorem { theorem: Theorem::GradientIdentity, words: "the terms add up to".into() };
        let statement = ClaimStatement::ForAll { element, lhs: lhs.clone(), rhs: rhs.clone() };
        vec![self.push(statement, reason, from)]
    }

    /// The conclusion of a law.
    fn conclude(&mut self, law: &Law) -> usize {
        let claim = law.claim();
        let mut from = self.all(claim.premises());
        if matches!(law.row(), LawRow::FlowConserved | LawRow::FlowRate)
            && let Some(potential) = self.potential(law, &from)
        {
            from = vec![potential];
            let tangents: Vec<Proved> = equivariances(claim);
            from.extend(self.all(&tangents));
        }
        let words = words(law);
        let reason = Reason::Theorem { theorem: law.theorem(), words };
        self.push(ClaimStatement::Conclusion(law.id().to_string()), reason, from)
    }

    /// Q_A with A split off, from what its statement rests on.
    fn potential(&mut self, law: &Law, from: &[usize]) -> Option<usize> {
        let all = kernel::derivation(law.claim());
        let form = all.iter().find_map(|c| match c.judgement() {
            Judgement::Potential { form, .. } => Some(form.clone()),
            _ => None,
        })?;
        let element = all.iter().find_map(|c| c.tangent().map(|t| t.element.symbol))?;
        let isolated = all.iter().find(|c| {
            matches!(c.by(), Inference::Restated { .. })
                && c.premises().first().is_some_and(|p| matches!(p.by(), Inference::Flow(_)))
        })?;
        let value = isolated.statement()?.quantity()?.clone();
        let statement = ClaimStatement::Potential { element, form, value };
        let words = "ξ is therefore the gradient of".to_string();
        Some(self.push(statement, Reason::Theorem { theorem: Theorem::Conservation, words }, from.to_vec()))
    }
}

/// The equivariances a claim rests on.
fn equivariances(claim: &Proved) -> Vec<Proved> {
    let all = kernel::derivation(claim);
    all.into_iter().filter(|c| matches!(c.judgement(), Judgement::Equivariance { .. })).collect()
}

/// The chain of a proved equation, of an instance with its symbols replaced.
fn chain(claim: &Proved) -> Option<Proof> {
    match claim.by() {
        Inference::Rewriting(checked) => Some(proof(claim, checked, &HashMap::new())),
        Inference::Instance { images, .. } => {
            let inside = claim.premises().first()?;
            let Inference::Rewriting(checked) = inside.by() else { return None };
            Some(proof(claim, checked, &images.iter().cloned().collect()))
        }
        _ => None,
    }
}

fn proof(claim: &Proved, checked: &Checked, images: &HashMap<Symbol, Expr>) -> Proof {
    let rules = claim.setting().rules();
    let at = |e: &Expr| if images.is_empty() { e.clone() } else { substitute(e, images) };
    let step = |s: &kernel::Step| {
        let (reason, silent) = reason(rules, &s.by);
        Step { rule: s.by.name(), reason, silent, term: at(&s.term) }
    };
    Proof { start: at(checked.start()), steps: checked.steps().iter().map(step).collect() }
}

/// The last step to a law, in words.
fn words(law: &Law) -> String {
    let all = kernel::derivation(law.claim());
    let tangent = all.iter().find_map(|c| c.tangent());
    let unit = tangent.is_none_or(|t| t.element.unit);
    let range = part_range(law, tangent);
    let still = matches!(law.statement(), Statement::Conserved { .. });
    let one_action = law.action().is_some();
    let several = all.iter().find_map(|c| match c.by() {
        Inference::Combination { coefficients } => Some(coefficients.len()),
        _ => None,
    });
    match several {
        Some(2) => return "the two rates are proportional, so the difference is constant".into(),
        Some(_) => return "the rates are linearly dependent, so this combination is constant".into(),
        None => {}
    }
    let loss = tangent.is_some_and(|t| matches!(t.response, kernel::Response::Loss(_)));
    match law.row() {
        LawRow::Transport => {
            let equivariant = all.iter().any(|c| {
                matches!(c.judgement(), Judgement::Equivariance { kind: kernel::ActionKind::LossEquivariance, .. })
            });
            let mapped = if equivariant { "L(Kθ) = C(L(θ))" } else { "L(Kθ) = L(θ)" };
            format!("these are the first and second derivative of {mapped}, since K is linear and so its own derivative")
        }
        LawRow::Gradient if unit => "this is the identity, its terms collected".into(),
        LawRow::Gradient => format!("this holds for {range}, so {} vanishes", dual_part(law, tangent)),
        LawRow::FlowConserved | LawRow::FlowRate => {
            let first = match still {
                true => "Q̇ = ⟨ξ, θ̇⟩ = −⟨∇L, ξ⟩ = 0",
                false => "Q̇ = ⟨ξ, θ̇⟩ = −⟨∇L, ξ⟩, which the gradient identity gives",
            };
            let every = if unit { String::new() } else { format!("; this holds for {range}") };
            format!("along gradient flow {first}{every}")
        }
        LawRow::FlowConstraint => format!("θ̇ = −∇L in the gradient identity, for {range}"),
        LawRow::DecayConserved => {
            "∇Q = ξ, so the decay shrinks Q at a fixed rate and the rest −⟨∇L, ξ⟩ vanishes".into()
        }
        LawRow::DecayRate => "∇Q = ξ, so its rate is −λ⟨θ, ξ⟩ − ⟨∇L, ξ⟩".into(),
        LawRow::DescentStep | LawRow::DescentDecayedStep => {
            "Q is quadratic with ∇Q = ξ, so its expansion ends after ½⟨∇L, S∇L⟩, and ⟨∇L, ξ⟩ is given by the gradient identity".into()
        }
        LawRow::SgdStep => {
            "Q is quadratic with ∇Q = ξ; the noise has mean 0, so the terms of first order in it vanish in the mean".into()
        }
        LawRow::SgdDrift | LawRow::SgdEquilibrium => {
            "Itô's formula: −⟨∇L, ξ⟩ and half the second derivative of Q along the noise are the drift".into()
        }
        LawRow::BallConserved => {
            "θ̈ = −γθ̇ − ∇L: ⟨∇L, ξ⟩ vanishes, and so does ⟨θ̇, Sθ̇⟩ for a skew S; the friction is undone by e^{γt}".into()
        }
        LawRow::BallConservedSum => "its rate is ⟨θ̈ + γθ̇, b⟩ = −⟨∇L, b⟩, which vanishes".into(),
        LawRow::BallRate | LawRow::BallBroken => match law.statement() {
            Statement::Damped { .. } => {
                "∇Q = ξ, so Q̇ = ⟨θ̇, ξ⟩ and Q̈ = ⟨θ̇, Dξ[θ̇]⟩ + ⟨θ̈, ξ⟩ with θ̈ = −γθ̇ − ∇L".into()
            }
            _ => "θ̈ = −γθ̇ − ∇L: what remains of the rate of ⟨θ̇, ξ⟩ is ⟨θ̇, Dξ[θ̇]⟩ − ⟨∇L, ξ⟩; the friction is undone by e^{γt}".into(),
        },
        LawRow::MirrorConserved => "∇Q = Mξ, so the rate of Q is −⟨∇L, ξ⟩, which vanishes".into(),
        LawRow::MirrorRate => "∇Q = Mξ, so the rate of Q is −⟨∇L, ξ⟩".into(),
        LawRow::HessianImage => "the gradient identity differentiated along V says that ⟨V, H[ξ]⟩ + ⟨∇L, Dξ[V]⟩ is the derivative of its right-hand side".into(),
        LawRow::HessianForm if unit => "this is the inner product of the Hessian image with V = ξ".into(),
        LawRow::HessianForm => {
            let b = all.iter().find_map(|c| match c.by() {
                Inference::HessianForm { second } => Some(*second),
                _ => None,
            });
            format!("this is the inner product of the Hessian image with V = ξ_{}", b.unwrap_or_else(|| "B".into()))
        }
        LawRow::Alignment => "the image is the same multiple of the gradient on every parameter".into(),
        LawRow::Sharpness => "the compression of H to the plane of ξ and H[ξ] is [[α, β], [β, ·]] with α = ⟨ξ, H[ξ]⟩/‖ξ‖² and α² + β² = ‖H[ξ]‖²/‖ξ‖²; its eigenvalues lie between those of H (Cauchy)".into(),
        LawRow::Third if loss => {
            "this is the derivative of H[ξ] = c′(L)∇L − S*∇L along V, since S does not depend on the parameters".into()
        }
        LawRow::Third => "this is the derivative of H[ξ] = −S*∇L along V, since S does not depend on the parameters".into(),
        LawRow::Flattest => "the trace of H(Kθ) = K⁻ᵀHK⁻¹ is differentiated at the identity; where only the loss is equivariant C′H + C″∇L∇Lᵀ stands for H. As S acts on one side of each parameter, tr(S H) contracts A with a partial trace of its block".into(),
        LawRow::Kernel if one_action => "H[ξ] = −(Dξ)*∇L, which vanishes with ∇L".into(),
        LawRow::Kernel => "the kernel is a linear space, so it contains the span of all the generators".into(),
        LawRow::FixedSpace => "where P θ = θ for every P, transport says P∇L = ∇L and PH = HP for the orthogonal P; the velocity of gradient flow, gradient descent and the heavy ball, with decay or without, is a combination of θ, ∇L and earlier velocities, all of them fixed; under mirror flow it is −(∇²ψ)⁻¹∇L, and ψ(Pθ) = ψ(θ) makes ∇²ψ commute with P where P θ = θ".into(),
        LawRow::Breaking => match finite(&all) {
            Some(crate::group::Finite::Involution | crate::group::Finite::Signs) => {
                "P = I − 2OOᵀ with V = {Oᵀθ = 0}: PH = HP and P∇L = ∇L say Oᵀ∇L = 0 and OᵀH(I − OOᵀ) = 0".into()
            }
            _ => "H commutes with the projection onto V, the mean of all P, so it maps V and V⊥ to themselves; ∇L lies in V".into(),
        },
        LawRow::Multiplicities => "a symmetric matrix that commutes with the group acts on each isotypic part m·V as a symmetric m×m matrix beside the identity of V, or as a Hermitian m×m matrix where V is of complex type".into(),
    }
}

fn finite(all: &[Proved]) -> Option<crate::group::Finite> {
    all.iter().find_map(|c| match c.judgement() {
        Judgement::Equivariance { action, .. } => action.group.group.finite(),
        _ => None,
    })
}

/// The part of the algebra that a law is projected onto.
fn family(law: &Law, tangent: Option<&Tangent>) -> Option<crate::group::Family> {
    let algebra = tangent?.algebra()?;
    let all = kernel::derivation(law.claim());
    let onto = all.iter().rev().find_map(|c| match c.by() {
        Inference::Projection { onto: Some((_, part)), .. } | Inference::ProjectedFlow { onto: (_, part), .. } => {
            Some(*part)
        }
        _ => None,
    });
    kernel::family_of(&algebra, onto.unwrap_or(crate::group::Part::Whole))
}

fn part_range(law: &Law, tangent: Option<&Tangent>) -> String {
    family(law, tangent).map(|f| f.range).unwrap_or_default()
}

fn dual_part(law: &Law, tangent: Option<&Tangent>) -> &'static str {
    family(law, tangent).map_or("its left factor", |f| f.dual_part())
}
