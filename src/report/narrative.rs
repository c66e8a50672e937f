//! Derivations as they are told: the claims of the kernel that say something to a reader, each with its reason in words.
//! Bookkeeping – instances, sums, projections – is folded into what it leads to.

use super::prose::{Inline, Prose, prose};
use crate::kernel::{
    self, By, Checked, Flow, Given, Inference, Judgement, Law, LawRow, Origin, Proved, Rules, Symmetry, Theorem,
    is_silent,
};
use crate::law::ProvedAction;
use crate::model::Model;
use crate::term::print::{Bracket, Line, line};
use crate::term::{Expr, Symbol, Term, root, scaled, substitute, symbols};
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
    Assumption(Prose),
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

/// What is equal to what, and why.
pub type Equalities = Vec<(Expr, Proof)>;

/// Why a claim holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// It is assumed.
    Hypothesis,
    /// By a theorem, or an argument given in words.
    Theorem { theorem: Theorem, words: Prose },
    /// Both sides are equal by rewriting.
    Rewriting(Proof),
}

/// One step of a chain: the previous term equals `term`, by `rule`.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub rule: Symbol,
    pub reason: Prose,
    /// Whether it puts a name for what it stands for, or the other way round.
    pub definition: bool,
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
pub fn of_action(claim: &Proved) -> Told {
    let mut narrator = Narrator::new(&[]);
    narrator.told(claim);
    narrator.out
}

/// The equations that make it a group action, as chains: at the identity, and of products.
pub fn group_laws(proved: &ProvedAction) -> (Equalities, Equalities) {
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
                // What stays where it is because everything in it does needs no lemma.
                let moved = premises.first().is_none_or(|p| match p.equation() {
                    Some((lhs, _)) => {
                        claim.setting().model().definitions().iter().all(|d| d.name != *name || d.expr != *lhs)
                    }
                    None => true,
                });
                // But for the step of an induction.
                let mut carried = claim.setting().model().repeats.iter().flat_map(|repeat| &repeat.carried);
                let step = carried.any(|carried| carried.after == *name);
                if *image == crate::term::sym(*name) && !moved && !from.is_empty() && !step {
                    return from;
                }
                let reason = premises.first().and_then(chain).map_or(Reason::Hypothesis, Reason::Rewriting);
                let statement = ClaimStatement::Transport { name: *name, image: image.clone() };
                vec![self.push(statement, reason, from)]
            }
            (Inference::Carried { .. } | Inference::Moved { .. }, Judgement::Transport { name, image, .. }) => {
                let statement = ClaimStatement::Transport { name: *name, image: image.clone() };
                vec![self.push(statement, Reason::Hypothesis, vec![])]
            }
            (Inference::Induction { .. }, Judgement::Transport { name, image, .. }) => {
                let from = self.all(premises);
                let model = claim.setting().model();
                let of = model.repeats.iter().find(|repeat| repeat.carried.iter().any(|c| c.last == *name));
                let words = match of {
                    Some(repeat) => prose!["by induction over ", Line::name(repeat.index)],
                    None => "by induction".into(),
                };
                let reason = Reason::Theorem { theorem: Theorem::Definition, words };
                let statement = ClaimStatement::Transport { name: *name, image: image.clone() };
                vec![self.push(statement, reason, from)]
            }
            (Inference::Onward { index, .. }, Judgement::Transport { name, image, .. }) => {
                let from = self.all(premises);
                let words = prose!["by induction over ", Line::name(*index)];
                let reason = Reason::Theorem { theorem: Theorem::Definition, words };
                let statement = ClaimStatement::Transport { name: *name, image: image.clone() };
                vec![self.push(statement, reason, from)]
            }
            (Inference::Generator { .. }, Judgement::Generator { action, element, name, value }) => {
                if !action.images.iter().any(|(p, _)| p == name) {
                    return vec![];
                }
                let g = action.element.map_or("g", |g| g.as_str());
                let path = line![
                    Line::name(g.into()),
                    " = exp",
                    line!["t ", Line::name(element.symbol)].bracketed(Bracket::Round, 0)
                ];
                let words = prose!["differentiate at the identity: ", path, " at ", Line::from("t = 0")];
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
                let words = Prose::marked("the derivative of `L` along the orbit gives");
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
                let statement =
                    ClaimStatement::Assumption(Prose::marked(&format!("the derivative `S` of `ξ` is {what}")));
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
                    let motion = dynamics.as_ref().map(|d| super::words::motion(d, flow.equation()));
                    let motion = motion.unwrap_or_default();
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
        let words = super::conclusion::conclusion(law);
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
        // What is stated may be a multiple of it.
        let (factor, isolated) = all.iter().find_map(|c| match c.by() {
            Inference::Restated { factor, .. } => {
                let of_flow = c.premises().first().is_some_and(|p| matches!(p.by(), Inference::Flow(_)));
                of_flow.then_some((factor, c))
            }
            _ => None,
        })?;
        let value = scaled(factor.recip(), isolated.statement()?.quantity()?);
        let statement = ClaimStatement::Potential { element, form, value };
        let words = Prose::marked("`ξ` is therefore the gradient of");
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
        // A chain to a form that is equal to what is wanted by collecting terms.
        Inference::Linear { lhs, rhs, .. } => {
            let chains = claim.premises().iter().filter_map(chain);
            let from = chains.into_iter().find(|proof| proof.start == *lhs && !proof.steps.is_empty());
            let mut out = from.unwrap_or_else(|| Proof { start: lhs.clone(), steps: vec![] });
            let reason = "multiply out and collect like terms".into();
            let rule = kernel::SUM.into();
            out.steps.push(Step { rule, reason, definition: false, silent: false, term: rhs.clone() });
            Some(out)
        }
        _ => None,
    }
}

fn proof(claim: &Proved, checked: &Checked, images: &HashMap<Symbol, Expr>) -> Proof {
    let rules = claim.setting().rules();
    let at = |e: &Expr| if images.is_empty() { e.clone() } else { substitute(e, images) };
    let step = |s: &kernel::Step| {
        let given = match &s.by {
            By::Given { name, .. } => checked.given().iter().find(|given| given.name == *name),
            By::Rule { .. } | By::Sum | By::Arithmetic => None,
        };
        let (mut reason, mut silent) = (reason(rules, &s.by, given), is_silent(rules, &s.by));
        // What is assumed is no bookkeeping, whatever its author says.
        if rules.get(s.by.name()).is_some_and(|rule| rule.assumed) {
            (reason, silent) = (reason.then(" (assumed)"), false);
        }
        Step {
            rule: s.by.name(),
            reason,
            definition: given.is_some_and(|given| given.origin == Origin::Definition),
            silent,
            term: at(&s.term),
        }
    };
    Proof { start: at(checked.start()), steps: checked.steps().iter().map(step).collect() }
}

/// Why a step of a chain holds.
fn reason(rules: &Rules, by: &By, given: Option<&Given>) -> Prose {
    match (by, given) {
        (By::Sum, _) => "order the summands and collect like terms".into(),
        (By::Arithmetic, _) => "arithmetic".into(),
        (By::Rule { name, .. }, _) => {
            rules.get(*name).map_or_else(|| name.as_str().into(), |rule| (&rule.reason).into())
        }
        (By::Given { .. }, Some(Given { lhs, origin: Origin::Definition, .. })) => match root(lhs) {
            Term::Sym(defined) if *defined == Model::loss_symbol() => "definition of the loss".into(),
            Term::Sym(defined) => prose!["definition of ", Line::name(*defined)],
            _ => "by definition".into(),
        },
        (By::Given { .. }, Some(Given { lhs, origin: Origin::Membership, .. })) => match symbols(lhs).next() {
            Some(element) => prose![Line::name(element), " leaves the form of its group"],
            None => "by the group".into(),
        },
        (By::Given { name, .. }, _) => Prose(vec![Inline::Code(name.to_string())]),
    }
}
