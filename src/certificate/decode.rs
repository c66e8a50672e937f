//! From a certificate to claims: every inference is carried out again, and what it concludes compared with what is written.

use super::encode::{FLOWS, direction_name, fact_names, origin_name, potentials, shapes, symmetry_name};
use super::failure::Failure;
use super::grounds::conditions;
use super::rules;
use super::terms::{Reader, parse_size};
use super::wire::{By, Certificate, Given, Step, Transported};
use super::{FORMAT, count, hypotheses, stated};
use crate::group::{Constraint, GroupInstance, Part, by_name};
use crate::kernel::{
    self, ARITHMETIC, Checked, Claim, Inference, Law, LawRow, Moved, Onward, Origin, Proved, Rule, Rules, SUM, Scope,
    Setting, Side, Symmetry,
};
use crate::model::{Action, Dynamics, Model};
use crate::term::{Expr, Facts, Rational, Shape, Symbol, SymbolInfo};
use egg::Var;
use std::sync::Arc;

/// What a certificate proves.
#[derive(Debug)]
pub struct Replayed {
    pub model: Model,
    pub laws: Vec<Law>,
    /// The equivariances of the actions.
    pub proved: Vec<(String, Proved)>,
    /// The rules of the user's own that it rests on, in the order of their names.
    pub assumed: Vec<Rule>,
    /// How many claims were inferred, and how many rewriting steps replayed.
    pub claims: usize,
    pub steps: usize,
}

/// Carries out every inference of a certificate with these rules.
///
/// # Errors
/// The first claim that does not follow or is not what is written, or the first law that is not what its claim states.
pub fn replay(certificate: &Certificate, rules: &Arc<Rules>) -> Result<Replayed, Failure> {
    if certificate.format != FORMAT {
        let why = format!("the certificate is of format {}; this tool reads {FORMAT}", certificate.format);
        return Err(Failure::data(why));
    }
    let model = Model::parse("certificate", &certificate.model)
        .map_err(|errors| Failure::data(format!("the model cannot be read: {}", errors.plain())))?;
    if shapes(&model) != certificate.shapes {
        return Err(Failure::data("the shapes written are not those of the model"));
    }
    let rules = rules::with_embedded(rules, &certificate.rules)?;
    let setting = Setting::new(Arc::new(model.clone()), rules.clone());
    let mut decoder = Decoder {
        certificate,
        terms: Reader::new(&certificate.terms)?,
        settings: vec![],
        actions: vec![],
        claims: vec![],
        setting,
        steps: 0,
    };
    decoder.read_settings()?;
    decoder.read_actions()?;
    for at in 0..certificate.claims.len() {
        decoder.infer(at)?;
    }
    let laws = decoder.read_laws()?;
    let proved = certificate.proved.iter().map(|(name, at)| match decoder.claims.get(*at) {
        Some(claim) if is_equivariance_of(claim, name) => Ok((name.clone(), claim.clone())),
        _ => Err(Failure::data(format!("the claim {at} does not prove the action {name}"))),
    });
    let proved = proved.collect::<Result<_, _>>()?;
    let assumed = rules::assumed(&rules, &decoder.claims);
    if let Some(idle) = certificate.rules.iter().find(|rule| assumed.iter().all(|used| used.name != rule.name)) {
        return Err(Failure::data(format!("no step uses the rule {} that it brings along", idle.name)));
    }
    Ok(Replayed { model, laws, proved, assumed, claims: decoder.claims.len(), steps: decoder.steps })
}

fn is_equivariance_of(claim: &Proved, name: &str) -> bool {
    matches!(claim.judgement(), kernel::Judgement::Equivariance { action, .. } if action.name.as_str() == name)
}

struct Decoder<'a> {
    certificate: &'a Certificate,
    terms: Reader,
    /// The model itself, and around the neighbouring members that an action moves, with the scopes there.
    settings: Vec<(Option<String>, Setting, Vec<Scope>)>,
    actions: Vec<Arc<Action>>,
    claims: Vec<Proved>,
    setting: Setting,
    steps: usize,
}

fn symbol(name: &str) -> Symbol {
    Symbol::from(name)
}

fn rational(text: &str) -> Result<Rational, Failure> {
    text.parse().map_err(|_| Failure::data(format!("`{text}` is no number")))
}

fn part(name: &str) -> Result<Part, Failure> {
    let found = [Part::Whole, Part::Symmetric, Part::Skew].into_iter().find(|p| format!("{p:?}") == name);
    found.ok_or_else(|| Failure::data(format!("`{name}` is no part of an algebra")))
}

/// The shape and the facts of a symbol.
fn matrix(name: &str, rows: &str, cols: &str, facts: &[String]) -> Result<(Shape, Facts), Failure> {
    let mut all = Facts::empty();
    for fact in facts {
        let known = Facts::NAMED.iter().find(|(n, _)| n == fact);
        all |= known.ok_or_else(|| Failure::data(format!("`{fact}` is no fact")))?.1;
    }
    let shape = Shape::new(parse_size(rows)?, parse_size(cols)?);
    match fact_names(all.closed(shape.is_scalar())) == *facts {
        true => Ok((shape, all)),
        false => Err(Failure::data(format!("the facts of {name} are not all that they imply"))),
    }
}

impl Decoder<'_> {
    /// The settings of all claims. Those around an action follow from the model and the name.
    fn read_settings(&mut self) -> Result<(), Failure> {
        let mut windows: Vec<Option<String>> = self.certificate.claims.iter().map(|c| c.window.clone()).collect();
        windows.sort_unstable();
        windows.dedup();
        for window in windows {
            let setting = match &window {
                None => self.setting.clone(),
                Some(name) => {
                    let action = self.setting.model().action(symbol(name));
                    let action = action.ok_or_else(|| Failure::data(format!("the model has no action {name}")))?;
                    self.setting.around(action).map_err(|refusal| Failure::data(refusal.to_string()))?
                }
            };
            let scopes = self.read_scopes(&setting)?;
            self.settings.push((window, setting, scopes));
        }
        Ok(())
    }

    fn read_scopes(&self, setting: &Setting) -> Result<Vec<Scope>, Failure> {
        let mut scopes = Vec::new();
        for scope in &self.certificate.scopes {
            let mut symbols = Vec::new();
            for (name, rows, cols, facts) in &scope.symbols {
                let (shape, all) = matrix(name, rows, cols, facts)?;
                let own = scope.indices.iter().find(|(n, _)| n == name).map(|(_, own)| own.as_slice());
                let own: Vec<_> = own.unwrap_or_default().iter().map(|index| symbol(index)).collect();
                let indices = setting.plain().env().indices_of(&own);
                symbols.push((symbol(name), SymbolInfo::new(shape, all).of(indices)));
            }
            let mut constraints = Vec::new();
            for (name, kind, sizes) in &scope.constraints {
                let sizes = sizes.iter().map(|n| parse_size(n)).collect::<Result<Vec<_>, _>>()?;
                let read = Constraint::read(kind, &sizes);
                constraints
                    .push((symbol(name), read.ok_or_else(|| Failure::data(format!("`{kind}` is no constraint")))?));
            }
            scopes.push(setting.plain().with_all(symbols).constrained(constraints));
        }
        Ok(scopes)
    }

    fn read_actions(&mut self) -> Result<(), Failure> {
        for action in &self.certificate.actions {
            let group = by_name(&action.group, action.sizes.len());
            let group = group.ok_or_else(|| Failure::data(format!("there is no group {}", action.group)))?;
            let sizes = action.sizes.iter().map(|n| parse_size(n)).collect::<Result<Vec<_>, _>>()?;
            if !group.sizes().contains(&sizes.len()) {
                return Err(Failure::data(format!("{} does not take {} sizes", action.group, sizes.len())));
            }
            let images = action.images.iter().map(|(p, at)| Ok((symbol(p), self.terms.get(*at)?)));
            let of = |at: &Option<usize>| at.map(|at| self.terms.get(at)).transpose();
            self.actions.push(Arc::new(Action {
                name: symbol(&action.name),
                group: GroupInstance { group, sizes },
                element: action.element.as_deref().map(symbol),
                images: images.collect::<Result<_, Failure>>()?,
                output: of(&action.output)?,
                loss: of(&action.loss)?,
                indices: action.indices.iter().map(|index| symbol(index)).collect(),
            }));
        }
        Ok(())
    }

    fn infer(&mut self, at: usize) -> Result<(), Failure> {
        let certificate = self.certificate;
        let written = &certificate.claims[at];
        let law = || {
            let rests = |l: &&super::wire::Law| rests_on(certificate, l.claim, at);
            certificate.laws.iter().find(rests).map(|l| l.id.clone())
        };
        let fails = |why: String| Failure::Claim { at, states: written.states.clone(), law: law(), why };
        let premises: Option<Vec<Proved>> =
            written.from.iter().map(|i| if *i < at { self.claims.get(*i).cloned() } else { None }).collect();
        let premises = premises.ok_or_else(|| fails("it rests on a claim that is not before it".into()))?;
        let known = self.settings.iter().find(|(window, ..)| *window == written.window);
        let (_, setting, scopes) = known.ok_or_else(|| fails("its model is missing".into()))?;
        let (setting, scope) = (setting.clone(), scopes.get(written.scope).cloned());
        let scope = scope.ok_or_else(|| fails("its scope is missing".into()))?;
        let by = self.inference(&written.by, &setting, &scope).map_err(|failure| match failure {
            Failure::Data(why) => fails(why),
            other => other,
        })?;
        let claim = Claim::infer(&setting, by, premises).map_err(|refusal| fails(refusal.to_string()))?;
        if *claim.scope() != scope {
            return Err(fails("it holds for other symbols than are written".into()));
        }
        if stated(&claim) != written.states {
            return Err(fails(format!("what follows is {}", stated(&claim))));
        }
        if hypotheses(&claim) != written.hypotheses {
            return Err(fails("its hypotheses are not those written".into()));
        }
        if count(&claim) != written.count {
            return Err(fails("its count is not the one written".into()));
        }
        self.claims.push(claim);
        Ok(())
    }

    fn read_laws(&self) -> Result<Vec<Law>, Failure> {
        let law = |written: &super::wire::Law| {
            let fails = |why: &str| Failure::Law { id: written.id.clone(), why: why.to_string() };
            let row = LawRow::named(&written.row).ok_or_else(|| fails("there is no such kind of law"))?;
            let claim = self.claims.get(written.claim).ok_or_else(|| fails("its claim is missing"))?;
            let within = written.within.as_deref().map(symbol);
            let law = Law::conclude(claim.clone(), row, within).map_err(|refusal| fails(&refusal.to_string()))?;
            if law.id() != written.id {
                return Err(fails("it has another name"));
            }
            Ok(law)
        };
        self.certificate.laws.iter().map(law).collect()
    }

    fn get(&self, at: usize) -> Result<Expr, Failure> {
        self.terms.get(at)
    }

    fn named(&self, all: &[(String, usize)]) -> Result<Vec<(Symbol, Expr)>, Failure> {
        all.iter().map(|(name, at)| Ok((symbol(name), self.get(*at)?))).collect()
    }

    fn action(&self, at: usize) -> Result<Arc<Action>, Failure> {
        self.actions.get(at).cloned().ok_or_else(|| Failure::data(format!("there is no action {at}")))
    }

    fn inference(&mut self, by: &By, setting: &Setting, scope: &Scope) -> Result<Inference, Failure> {
        let scope = scope.clone();
        Ok(match by {
            By::Rewriting { given, start, steps } => self.rewriting(setting, &scope, given, *start, steps)?,
            By::Instance { images } => Inference::Instance { scope, images: self.named(images)? },
            By::Linear { lhs, rhs, coefficients } => Inference::Linear {
                scope,
                lhs: self.get(*lhs)?,
                rhs: self.get(*rhs)?,
                coefficients: coefficients.iter().map(|c| self.get(*c)).collect::<Result<_, _>>()?,
            },
            By::Paired { with } => Inference::Paired { scope, with: self.get(*with)? },
            By::Projection { symbol: name, action, part: onto, lhs, rhs } => {
                let onto = match (action, onto) {
                    (Some(action), Some(onto)) => Some((self.action(*action)?, part(onto)?)),
                    (None, None) => None,
                    _ => return Err(Failure::data("a projection is onto a part of the algebra of an action")),
                };
                Inference::Projection { symbol: symbol(name), onto, lhs: self.get(*lhs)?, rhs: self.get(*rhs)? }
            }
            By::GroupAction { action, side } => {
                let side = [Side::Left, Side::Right].into_iter().find(|s| format!("{s:?}") == *side);
                let side = side.ok_or_else(|| Failure::data("an action is from the left or the right"))?;
                Inference::GroupAction { action: self.action(*action)?, side }
            }
            By::Transport { action, name } => {
                Inference::Transport { action: self.action(*action)?, name: symbol(name) }
            }
            By::Relabelling { action, name } => {
                Inference::Relabelling { action: self.action(*action)?, name: symbol(name) }
            }
            By::MembersEqual {} => Inference::MembersEqual,
            By::Carried { action, before, image } => {
                Inference::Carried { action: self.action(*action)?, before: symbol(before), image: self.get(*image)? }
            }
            By::Induction { action, last, images } => Inference::Induction {
                action: self.action(*action)?,
                last: symbol(last),
                images: images.iter().map(|at| self.get(*at)).collect::<Result<_, _>>()?,
            },
            By::Moved { action, name, image, by } => {
                let by = symbol(by);
                let info = scope.own(by).ok_or_else(|| Failure::data(format!("{by} has no meaning there")))?;
                let (shape, facts) = (info.shape, info.facts);
                let moved = Moved { name: symbol(name), image: self.get(*image)?, by, shape, facts };
                Inference::Moved { action: self.action(*action)?, moved }
            }
            By::Onward { action, index, maps } => {
                let map = |map: &super::wire::Onward| {
                    let (rows, cols, facts) = &map.matrix;
                    let (shape, facts) = matrix(&map.by, rows, cols, facts)?;
                    Ok(Onward {
                        image: self.get(map.image)?,
                        by: symbol(&map.by),
                        last_by: symbol(&map.last_by),
                        shape,
                        facts,
                        first: self.get(map.first)?,
                        after: self.get(map.after)?,
                    })
                };
                let maps = maps.iter().map(map).collect::<Result<_, Failure>>()?;
                Inference::Onward { action: self.action(*action)?, index: symbol(index), maps }
            }
            By::Summed { over } => Inference::Summed { over: over.iter().map(|index| symbol(index)).collect() },
            By::Equivariance {} => Inference::Equivariance,
            By::Generator { element, name } => Inference::Generator { element: symbol(element), name: symbol(name) },
            By::Tangent {} => Inference::Tangent,
            By::GradientIdentity {} => Inference::GradientIdentity,
            By::Derivative {} => Inference::Derivative,
            By::Symmetry { part: of, symmetry } => {
                let all = [Symmetry::SelfAdjoint, Symmetry::Skew];
                let symmetry = all.into_iter().find(|s| symmetry_name(*s) == symmetry);
                let symmetry = symmetry.ok_or_else(|| Failure::data("there is no such symmetry"))?;
                Inference::Symmetry { part: part(of)?, symmetry }
            }
            By::MirrorField { potentials: named } => {
                let model = setting.model();
                let dynamics =
                    model.dynamics.iter().find(|d| matches!(d, Dynamics::Mirror(_)) && potentials(d) == *named);
                let dynamics =
                    dynamics.cloned().ok_or_else(|| Failure::data("the model declares no such mirror flow"))?;
                Inference::MirrorField { dynamics }
            }
            By::Integration {} => Inference::Integration,
            By::Flow { law } => {
                let flow = FLOWS.iter().find(|(name, _)| name == law).map(|(_, flow)| *flow);
                Inference::Flow(flow.ok_or_else(|| Failure::data(format!("there is no law {law} of a dynamics")))?)
            }
            By::Restated { factor, quantity, change, coefficients } => Inference::Restated {
                scope,
                factor: rational(factor)?,
                quantity: self.get(*quantity)?,
                change: self.get(*change)?,
                coefficients: coefficients
                    .iter()
                    .map(|(a, b)| Ok((self.get(*a)?, self.get(*b)?)))
                    .collect::<Result<_, Failure>>()?,
            },
            By::ProjectedFlow { symbol: name, action, part: onto, quantity, change } => Inference::ProjectedFlow {
                symbol: symbol(name),
                onto: (self.action(*action)?, part(onto)?),
                quantity: self.get(*quantity)?,
                change: self.get(*change)?,
            },
            By::DecayUndone { degree, change } => {
                Inference::DecayUndone { degree: rational(degree)?, change: self.get(*change)? }
            }
            By::Combination { coefficients } => Inference::Combination {
                coefficients: coefficients.iter().map(|c| rational(c)).collect::<Result<_, _>>()?,
            },
            By::BatchStep {} => Inference::BatchStep,
            By::Velocity {} => Inference::Velocity,
            By::Equations { element } => Inference::Equations { element: element.as_deref().map(symbol) },
            By::Separation { element, parts } => {
                let part = |(name, lhs, rhs): &(String, usize, usize)| {
                    Ok::<_, Failure>((symbol(name), self.get(*lhs)?, self.get(*rhs)?))
                };
                let parts = parts.iter().map(part).collect::<Result<_, _>>()?;
                Inference::Separation { element: symbol(element), parts }
            }
            By::HessianImage {} => Inference::HessianImage,
            By::HessianForm { second } => Inference::HessianForm { second: symbol(second) },
            By::Kernel {} => Inference::Kernel,
            By::JointKernel {} => Inference::JointKernel,
            By::Alignment { factor } => Inference::Alignment { factor: self.get(*factor)? },
            By::Sharpness { form, image, length } => {
                Inference::Sharpness { form: self.get(*form)?, image: self.get(*image)?, length: self.get(*length)? }
            }
            By::TransportLaw(Transported { adjoint, shift }) => {
                Inference::TransportLaw { adjoint: self.named(adjoint)?, shift: self.named(shift)? }
            }
            By::FlattestPoint {} => Inference::FlattestPoint,
            By::Flattest { trace } => Inference::Flattest { trace: self.get(*trace)? },
            By::ThirdOrder {} => Inference::ThirdOrder,
            By::FixedSpace {} => Inference::FixedSpace,
            By::Breaking {} => Inference::Breaking,
            By::Multiplicities {} => Inference::Multiplicities,
        })
    }

    fn rewriting(
        &mut self,
        setting: &Setting,
        scope: &Scope,
        given: &[Given],
        start: usize,
        steps: &[Step],
    ) -> Result<Inference, Failure> {
        let mut equations = Vec::new();
        for g in given {
            let origin = [Origin::Definition, Origin::Differential, Origin::Membership]
                .into_iter()
                .find(|o| origin_name(*o) == g.origin);
            equations.push(kernel::Given {
                name: symbol(&g.name),
                lhs: self.get(g.lhs)?,
                rhs: self.get(g.rhs)?,
                origin: origin.ok_or_else(|| Failure::data("an equation is given from nowhere"))?,
            });
        }
        let mut chain = Vec::new();
        for (i, step) in steps.iter().enumerate() {
            let term = self.get(step.term)?;
            let by =
                self.step(step, &equations, scope).map_err(|why| Failure::data(format!("step {}: {why}", i + 1)))?;
            chain.push(kernel::Step { by, position: step.at.clone(), term });
        }
        self.steps += chain.len();
        let checked = Checked::from_steps(setting, scope, equations, self.get(start)?, chain);
        checked.map(|c| Inference::Rewriting(Arc::new(c))).map_err(|error| Failure::data(error.to_string()))
    }

    fn step(&self, step: &Step, given: &[kernel::Given], scope: &Scope) -> Result<kernel::By, String> {
        let forward = match &step.direction {
            Some(name) => {
                let found = [true, false].into_iter().find(|f| direction_name(*f) == name);
                Some(found.ok_or_else(|| format!("`{name}` is no direction"))?)
            }
            None => None,
        };
        let name = symbol(&step.rule);
        let plain = step.with.is_empty() && step.conditions.is_empty();
        match (step.rule.as_str(), forward) {
            (SUM, None) if plain => return Ok(kernel::By::Sum),
            (ARITHMETIC, None) if plain => return Ok(kernel::By::Arithmetic),
            (_, Some(forward)) if plain && given.iter().any(|g| g.name == name) => {
                return Ok(kernel::By::Given { name, forward });
            }
            _ => {}
        }
        let rule = self.setting.rules().get(name).ok_or_else(|| format!("there is no rule `{}`", step.rule))?;
        let forward = forward.ok_or_else(|| format!("the direction of `{}` is missing", step.rule))?;
        let mut instantiation = Vec::new();
        for (var, at) in &step.with {
            let var: Var = var.parse().map_err(|_| format!("`{var}` is no variable"))?;
            instantiation.push((var, self.get(*at).map_err(|e| e.to_string())?));
        }
        if conditions(rule, &instantiation, scope.env()) != step.conditions {
            return Err(format!("the conditions of `{}`, or what they rest on, are not those written", step.rule));
        }
        Ok(kernel::By::Rule { name, forward, instantiation })
    }
}

/// Whether a claim rests on another.
fn rests_on(certificate: &Certificate, claim: usize, on: usize) -> bool {
    let mut seen = vec![false; certificate.claims.len()];
    let mut stack = vec![claim];
    while let Some(at) = stack.pop() {
        if at == on {
            return true;
        }
        if at < seen.len() && !std::mem::replace(&mut seen[at], true) {
            stack.extend(certificate.claims[at].from.iter().copied().filter(|i| *i < at));
        }
    }
    false
}
