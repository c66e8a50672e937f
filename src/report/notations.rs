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
    /// By the model that a law is about and what is declared beside it.
    known: RefCell<Vec<(Setting, Arc<Env>, Rc<Notation>)>>,
}

impl Notations {
    /// The formulas of a law, in the symbols of the model that it is about.
    pub fn of<'a>(&self, law: &'a Law) -> Formulas<'a> {
        let (setting, env) = (law.claim().setting(), law.env());
        let model = setting.model();
        let alike = |(s, e, _): &&(Setting, Arc<Env>, Rc<Notation>)| s.is(setting) && e.declared() == env.declared();
        let known = self.known.borrow().iter().find(alike).map(|(_, _, notation)| notation.clone());
        let notation = known.unwrap_or_else(|| {
            let made = Rc::new(Formulas::notation(model, env));
            self.known.borrow_mut().push((setting.clone(), env.clone(), made.clone()));
            made
        });
        Formulas { model, notation }
    }
}
