//! From claims to a certificate.

use super::grounds::conditions;
use super::rules;
use super::terms::Writer;
use super::wire::{Action, By, Certificate, Claim, Given, Law, Onward, Rule, Scope, Step, Transported};
use super::{FORMAT, count, hypotheses, stated};
use crate::group::Constraint;
use crate::kernel::{self, Checked, Flow, Inference, Origin, Proved, Rules, Symmetry};
use crate::model::{Dynamics, Model};
use crate::term::{Expr, Facts, Symbol, SymbolInfo};
use std::collections::HashMap;
use std::sync::Arc;

/// The certificate of the proved actions and the laws of a model.
pub fn certificate(model: &Model, proved: &[Proved], laws: &[kernel::Law]) -> Certificate {
    let mut writer = Encoder::default();
    let proved = proved.iter().map(|claim| (action_name(claim), writer.claim(claim))).collect();
    let laws = laws.iter().map(|law| Law {
        id: law.id().to_string(),
        row: law.row().data().path.to_string(),
        within: law.within().map(|action| action.to_string()),
        claim: writer.claim(law.claim()),
    });
    let laws = laws.collect();
    let Encoder { rules, terms, scopes, actions, claims, .. } = writer;
    Certificate {
        format: FORMAT,
        model: model.to_string(),
        shapes: shapes(model),
        rules,
        terms: terms.nodes,
        scopes,
        actions: actions.into_iter().map(|(_, action)| action).collect(),
        claims,
        proved,
        laws,
    }
}

/// The shapes of everything that has a name.
pub fn shapes(model: &Model) -> Vec<(String, String)> {
    let params = model.params.iter().chain(&model.data).map(|v| v.name);
    let names: Vec<Symbol> = params.chain(model.definitions().into_iter().map(|d| d.name)).collect();
    let shape = |name: &Symbol| model.env.symbol(*name).map(|info| (name.to_string(), info.shape.to_string()));
    names.iter().filter_map(shape).collect()
}

fn action_name(claim: &Proved) -> String {
    match claim.judgement() {
        kernel::Judgement::Equivariance { action, .. } => action.name.to_string(),
        _ => String::new(),
    }
}

/// The facts by name.
pub fn fact_names(facts: Facts) -> Vec<String> {
    Facts::NAMED.iter().filter(|(_, fact)| facts.contains(*fact)).map(|(name, _)| name.to_string()).collect()
}

#[derive(Default)]
struct Encoder {
    rules: Vec<Rule>,
    terms: Writer,
    scopes: Vec<Scope>,
    known_scopes: HashMap<Scope, usize>,
    actions: Vec<(Arc<crate::model::Action>, Action)>,
    claims: Vec<Claim>,
    known: HashMap<*const kernel::Claim, usize>,
}

impl Encoder {
    fn claim(&mut self, claim: &Proved) -> usize {
        for claim in kernel::derivation(claim) {
            let key = Arc::as_ptr(&claim);
            if self.known.contains_key(&key) {
                continue;
            }
            let from = claim.premises().iter().map(|p| self.known[&Arc::as_ptr(p)]).collect();
            let by = self.by(claim.by(), claim.setting().rules());
            let scope = self.scope(claim.scope());
            self.claims.push(Claim {
                by,
                window: claim.setting().window().map(|action| action.to_string()),
                from,
                states: stated(&claim),
                scope,
                hypotheses: hypotheses(&claim),
                count: count(&claim),
            });
            self.known.insert(key, self.claims.len() - 1);
        }
        self.known[&Arc::as_ptr(claim)]
    }

    fn scope(&mut self, scope: &kernel::Scope) -> usize {
        let symbols = scope.symbols().into_iter().map(|(name, info)| {
            let facts = fact_names(info.facts);
            (name.to_string(), info.shape.rows.to_string(), info.shape.cols.to_string(), facts)
        });
        let constraint = |(name, constraint): &(Symbol, Constraint)| {
            let (kind, sizes) = constraint.told();
            (name.to_string(), kind.to_string(), sizes.iter().map(ToString::to_string).collect())
        };
        let constraints = scope.constraints().iter().map(constraint).collect();
        let all = scope.symbols();
        let members = all.iter().filter(|(_, info)| !info.indices.is_empty());
        let names = |(name, info): &(Symbol, SymbolInfo)| {
            (name.to_string(), scope.env().listed(info.indices).map(|index| index.name.to_string()).collect())
        };
        let indices = members.map(names).collect();
        let scope = Scope { symbols: symbols.collect(), constraints, indices };
        let next = self.scopes.len();
        let at = *self.known_scopes.entry(scope.clone()).or_insert(next);
        if at == next {
            self.scopes.push(scope);
        }
        at
    }

    fn action(&mut self, action: &Arc<crate::model::Action>) -> usize {
        if let Some(at) = self.actions.iter().position(|(known, _)| **known == **action) {
            return at;
        }
        let images = action.images.iter().map(|(p, image)| (p.to_string(), self.terms.put(image))).collect();
        let data = Action {
            name: action.name.to_string(),
            group: action.group.group.name().to_string(),
            sizes: action.group.sizes.iter().map(ToString::to_string).collect(),
            element: action.element.map(|g| g.to_string()),
            images,
            output: action.output.as_ref().map(|x| self.terms.put(x)),
            loss: action.loss.as_ref().map(|x| self.terms.put(x)),
            indices: action.indices.iter().map(Symbol::to_string).collect(),
        };
        self.actions.push((action.clone(), data));
        self.actions.len() - 1
    }

    fn put(&mut self, expr: &Expr) -> usize {
        self.terms.put(expr)
    }

    fn named(&mut self, all: &[(Symbol, Expr)]) -> Vec<(String, usize)> {
        all.iter().map(|(name, x)| (name.to_string(), self.put(x))).collect()
    }

    fn by(&mut self, by: &Inference, rules: &Rules) -> By {
        match by {
            Inference::Rewriting(checked) => self.rewriting(checked, rules),
            Inference::Instance { images, .. } => By::Instance { images: self.named(images) },
            Inference::Linear { lhs, rhs, coefficients, .. } => By::Linear {
                lhs: self.put(lhs),
                rhs: self.put(rhs),
                coefficients: coefficients.iter().map(|c| self.put(c)).collect(),
            },
            Inference::Paired { with, .. } => By::Paired { with: self.put(with) },
            Inference::Projection { symbol, onto, lhs, rhs } => By::Projection {
                symbol: symbol.to_string(),
                action: onto.as_ref().map(|(action, _)| self.action(action)),
                part: onto.as_ref().map(|(_, part)| format!("{part:?}")),
                lhs: self.put(lhs),
                rhs: self.put(rhs),
            },
            Inference::GroupAction { action, side } => {
                By::GroupAction { action: self.action(action), side: format!("{side:?}") }
            }
            Inference::Transport { action, name } => {
                By::Transport { action: self.action(action), name: name.to_string() }
            }
            Inference::Relabelling { action, name } => {
                By::Relabelling { action: self.action(action), name: name.to_string() }
            }
            Inference::MembersEqual => By::MembersEqual {},
            Inference::Carried { action, before, image } => {
                By::Carried { action: self.action(action), before: before.to_string(), image: self.put(image) }
            }
            Inference::Induction { action, last, images } => By::Induction {
                action: self.action(action),
                last: last.to_string(),
                images: images.iter().map(|image| self.put(image)).collect(),
            },
            Inference::Moved { action, moved } => By::Moved {
                action: self.action(action),
                name: moved.name.to_string(),
                image: self.put(&moved.image),
                by: moved.by.to_string(),
            },
            Inference::Onward { action, index, maps } => By::Onward {
                action: self.action(action),
                index: index.to_string(),
                maps: maps.iter().map(|map| self.onward(map)).collect(),
            },
            Inference::Summed { over } => By::Summed { over: over.iter().map(Symbol::to_string).collect() },
            Inference::Equivariance => By::Equivariance {},
            Inference::Generator { element, name } => {
                By::Generator { element: element.to_string(), name: name.to_string() }
            }
            Inference::Tangent => By::Tangent {},
            Inference::GradientIdentity => By::GradientIdentity {},
            Inference::Derivative => By::Derivative {},
            Inference::Symmetry { part, symmetry } => {
                By::Symmetry { part: format!("{part:?}"), symmetry: symmetry_name(*symmetry).into() }
            }
            Inference::MirrorField { dynamics } => By::MirrorField { potentials: potentials(dynamics) },
            Inference::Integration => By::Integration {},
            Inference::Flow(flow) => By::Flow { law: flow_name(*flow).into() },
            Inference::Restated { factor, quantity, change, coefficients, .. } => By::Restated {
                factor: factor.to_string(),
                quantity: self.put(quantity),
                change: self.put(change),
                coefficients: coefficients.iter().map(|(a, b)| (self.put(a), self.put(b))).collect(),
            },
            Inference::ProjectedFlow { symbol, onto: (action, part), quantity, change } => By::ProjectedFlow {
                symbol: symbol.to_string(),
                action: self.action(action),
                part: format!("{part:?}"),
                quantity: self.put(quantity),
                change: self.put(change),
            },
            Inference::DecayUndone { degree, change } => {
                By::DecayUndone { degree: degree.to_string(), change: self.put(change) }
            }
            Inference::Combination { coefficients } => {
                By::Combination { coefficients: coefficients.iter().map(ToString::to_string).collect() }
            }
            Inference::BatchStep => By::BatchStep {},
            Inference::Velocity => By::Velocity {},
            Inference::Equations { element } => By::Equations { element: element.map(|a| a.to_string()) },
            Inference::Separation { element, parts } => By::Separation {
                element: element.to_string(),
                parts: parts.iter().map(|(s, lhs, rhs)| (s.to_string(), self.put(lhs), self.put(rhs))).collect(),
            },
            Inference::HessianImage => By::HessianImage {},
            Inference::HessianForm { second } => By::HessianForm { second: second.to_string() },
            Inference::Kernel => By::Kernel {},
            Inference::JointKernel => By::JointKernel {},
            Inference::Alignment { factor } => By::Alignment { factor: self.put(factor) },
            Inference::Sharpness { form, image, length } => {
                By::Sharpness { form: self.put(form), image: self.put(image), length: self.put(length) }
            }
            Inference::TransportLaw { adjoint, shift } => {
                By::TransportLaw(Transported { adjoint: self.named(adjoint), shift: self.named(shift) })
            }
            Inference::FlattestPoint => By::FlattestPoint {},
            Inference::Flattest { trace } => By::Flattest { trace: self.put(trace) },
            Inference::ThirdOrder => By::ThirdOrder {},
            Inference::FixedSpace => By::FixedSpace {},
            Inference::Breaking => By::Breaking {},
            Inference::Multiplicities => By::Multiplicities {},
        }
    }

    fn onward(&mut self, map: &kernel::Onward) -> Onward {
        Onward {
            image: self.put(&map.image),
            by: map.by.to_string(),
            last_by: map.last_by.to_string(),
            first: self.put(&map.first),
            after: self.put(&map.after),
            matrix: (map.shape.rows.to_string(), map.shape.cols.to_string(), fact_names(map.facts)),
        }
    }

    fn rewriting(&mut self, checked: &Checked, rules: &Rules) -> By {
        let assumed = checked.steps().iter().filter_map(|step| rules.get(step.by.name())).filter(|rule| rule.assumed);
        for rule in assumed.map(rules::encode) {
            if !self.rules.contains(&rule) {
                self.rules.push(rule);
            }
        }
        let given = |g: &kernel::Given, terms: &mut Writer| Given {
            name: g.name.to_string(),
            lhs: terms.put(&g.lhs),
            rhs: terms.put(&g.rhs),
            origin: origin_name(g.origin).into(),
        };
        let given = checked.given().iter().map(|g| given(g, &mut self.terms)).collect();
        let start = self.put(checked.start());
        let steps = checked.steps().iter().map(|step| {
            let (direction, with) = match &step.by {
                kernel::By::Rule { forward, instantiation, .. } => {
                    let with = instantiation.iter().map(|(var, x)| (var.to_string(), self.terms.put(x))).collect();
                    (Some(*forward), with)
                }
                kernel::By::Given { forward, .. } => (Some(*forward), vec![]),
                kernel::By::Sum | kernel::By::Arithmetic => (None, vec![]),
            };
            let conditions = match &step.by {
                kernel::By::Rule { name, instantiation, .. } => {
                    rules.get(*name).map(|rule| conditions(rule, instantiation, checked.scope().env()))
                }
                _ => None,
            };
            Step {
                rule: step.by.name().to_string(),
                direction: direction.map(|forward| direction_name(forward).to_string()),
                at: step.position.clone(),
                with,
                conditions: conditions.unwrap_or_default(),
                term: self.terms.put(&step.term),
            }
        });
        let steps = steps.collect();
        By::Rewriting { given, start, steps }
    }
}

pub fn direction_name(forward: bool) -> &'static str {
    if forward { "forward" } else { "backward" }
}

pub fn origin_name(origin: Origin) -> &'static str {
    match origin {
        Origin::Definition => "definition",
        Origin::Differential => "differential",
        Origin::Membership => "membership",
    }
}

pub fn symmetry_name(symmetry: Symmetry) -> &'static str {
    match symmetry {
        Symmetry::SelfAdjoint => "self-adjoint",
        Symmetry::Skew => "skew",
    }
}

pub fn potentials(dynamics: &Dynamics) -> Vec<(String, String)> {
    match dynamics {
        Dynamics::Mirror(all) => all.iter().map(|(p, name)| (p.to_string(), name.to_string())).collect(),
        _ => vec![],
    }
}

/// The laws of the dynamics, by name.
pub const FLOWS: &[(&str, Flow)] = &[
    ("gradient-flow", Flow::GradientFlow),
    ("weight-decay", Flow::WeightDecay),
    ("gradient-descent", Flow::Descent),
    ("decayed-gradient-descent", Flow::DecayedDescent),
    ("sgd-mean", Flow::SgdMean),
    ("sgd-drift", Flow::SgdDrift),
    ("momentum", Flow::Momentum),
    ("damped", Flow::Damped),
    ("second-integral", Flow::SecondIntegral),
    ("mirror", Flow::Mirror),
];

fn flow_name(flow: Flow) -> &'static str {
    FLOWS.iter().find(|(_, f)| *f == flow).map_or("", |(name, _)| name)
}
