//! What the letters of the laws on the page mean.

use super::look::Look;
use super::page::Page;
use crate::kernel::{Law, LawRow, Statement};
use crate::model::Dynamics;
use crate::report::formulas::Formulas;
use crate::report::{families, phrase};
use crate::term::{Op, Symbol, Term};

/// How the element of an algebra is written that a law is about.
fn element(law: &Law) -> Option<String> {
    let (model, formulas) = (law.claim().setting().model(), Formulas::of_law(law));
    let own = |name: &Symbol| model.env.symbol(*name).is_none() && !name.as_str().contains('[');
    law.env().names().into_iter().find(own).map(|name| formulas.name(name).unicode())
}

impl Page<'_> {
    pub(super) fn legend<'a>(&mut self, laws: impl Iterator<Item = &'a Law>) {
        let laws: Vec<&Law> = laws.collect();
        if laws.is_empty() {
            return;
        }
        let told = format!("where {}", self.letters(&laws).join(", "));
        self.out.push('\n');
        self.aside(&told, 0, Look::Aside);
    }

    fn letters(&self, laws: &[&Law]) -> Vec<String> {
        let model = &self.report.model;
        let formulas = Formulas::of_model(model);
        let mut words: Vec<String> = vec!["L is the loss".into(), "θ all parameters".into()];
        let occurs = |op: fn(&Op) -> bool| laws.iter().any(|law| occurs(law, op));
        let has = |rows: &[LawRow]| laws.iter().any(|law| rows.contains(&law.row()));
        let is_image = |op: &Op| matches!(op, Op::Grad | Op::Hess);
        if occurs(is_image) || has(&[LawRow::HessianImage]) {
            // How the gradient of a member is written need not be how that of another parameter is.
            let member = model.params.iter().find(|p| !p.indices.is_empty());
            let first = model.params.first();
            let member = member.filter(|_| first.is_none_or(|first| first.indices.is_empty()));
            for param in first.into_iter().chain(member) {
                words.push(formulas.partial(formulas.gradient(param.name), param.name).unicode());
            }
        }
        words.extend((!model.indices.is_empty()).then(|| families::ranges(&model.indices).unicode()));
        if let Some(output) = model.output.as_ref() {
            if occurs(|op| matches!(op, Op::Err)) {
                words.push(formulas.partial(formulas.error(output.name), output.name).unicode());
            }
            let name = formulas.name(output.name).unicode();
            if occurs(|op| matches!(op, Op::HessLoss)) {
                words.push(format!("ℓ″ the Hessian of L by {name}"));
            }
            let everywhere = laws.iter().any(|law| phrase::everywhere(self.report, law).is_some());
            let pulled = occurs(|op| matches!(op, Op::Vjp));
            words.extend((everywhere || pulled).then(|| format!("J the Jacobian of {name}")));
            words.extend(pulled.then(|| "J* its adjoint".to_string()));
        }
        for group in phrase::groups(self.report) {
            words.push(format!("{} {}", group.symbol().0, group.words()));
        }
        let mut say = |said: bool, what: &str| words.extend(said.then(|| what.to_string()));
        say(occurs(|op| matches!(op, Op::Dot)), "a dot is d/dt");
        say(occurs(|op| matches!(op, Op::Diagvec)), "diagvec(M) the diagonal of M as a vector");
        say(occurs(|op| matches!(op, Op::Ones)), "1 the vector of ones");
        say(occurs(|op| matches!(op, Op::Had)), "∘ the product entry by entry");
        say(occurs(|op| matches!(op, Op::Signature)), "I_p,q the diagonal matrix of p entries 1 and q entries −1");
        say(occurs(|op| matches!(op, Op::Turn)), "Ω the quarter turn of each plane of two consecutive coordinates");
        let steps = |dynamics: &Dynamics| laws.iter().any(|law| law.dynamics() == Some(dynamics));
        say(steps(&Dynamics::GradientDescent) || steps(&Dynamics::Sgd), "η the step size, θ⁺ the next iterate");
        say(steps(&Dynamics::WeightDecay), "λ the rate of decay");
        say(steps(&Dynamics::HeavyBall), "γ the friction");
        {
            use LawRow::*;
            let moving = [HessianImage, HessianForm, Alignment, Sharpness, Third, Flattest, Kernel];
            let a = laws.iter().filter(|law| moving.contains(&law.row())).find_map(|law| element(law));
            let a = a.unwrap_or_else(|| "A".into());
            say(has(&moving), &format!("ξ_{a} = d/dt exp(t{a})·θ at t = 0"));
            say(has(&moving) || has(&[Breaking, Multiplicities, Transport]), "H[·] the Hessian of L");
            say(has(&[Third, Flattest]), "S V the derivative of ξ_A along V, S* its adjoint");
            say(has(&[Sharpness]), "λ_max and λ_min the largest and least eigenvalue of H");
            say(has(&[Transport]), "θ ↦ Kθ the action of one element, U a tangent");
            say(has(&[FixedSpace, Breaking]), "V the symmetric subspace");
            say(has(&[Breaking]), "V⊥ what is orthogonal to it, H_V and H_V⊥ the blocks of H, U_W the part of U on W");
        }
        words
    }
}

/// Whether an operator occurs in the formulas of a law.
fn occurs(law: &Law, op: fn(&Op) -> bool) -> bool {
    let formulas = law.statement().formulas().into_iter();
    let generators = match law.statement() {
        Statement::Kernel { generators, .. } => generators.iter().flat_map(|g| &g.components).collect(),
        _ => vec![],
    };
    let all = formulas.chain(generators.into_iter().map(|(_, value)| value));
    all.flat_map(|formula| formula.as_ref()).any(|node| matches!(node, Term::Op(found, _) if op(found)))
}
