//! The notations of laws, each made once: laws with the same further symbols are written alike.

use super::formulas::Formulas;
use crate::kernel::{Law, Setting};
use crate::term::Env;
use crate::term::print::Notation;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What writes the formulas of laws.
#[derive(Default)]
pub(super) struct Notations {
    known: RefCell<Vec<Known>>,
}

/// The notation of a model and what is declared beside it.
struct Known {
    setting: Setting,
    env: Arc<Env>,
    notation: Rc<Notation>,
}

impl Notations {
    /// The formulas of a law, in the symbols of the model that it is about.
    pub fn of<'a>(&self, law: &'a Law) -> Formulas<'a> {
        let (setting, env) = (law.claim().setting(), law.env());
        let model = setting.model();
        let alike = |k: &&Known| k.setting.is(setting) && k.env.declared() == env.declared();
        let known = self.known.borrow().iter().find(alike).map(|known| known.notation.clone());
        let notation = known.unwrap_or_else(|| {
            let notation = Rc::new(Formulas::notation(model, env));
            let known = Known { setting: setting.clone(), env: env.clone(), notation: notation.clone() };
            self.known.borrow_mut().push(known);
            notation
        });
        Formulas { model, notation }
    }
}
