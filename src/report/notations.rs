//! The notations of one model, each made once: laws with the same further symbols are written alike.

use super::formulas::Formulas;
use crate::kernel::Law;
use crate::model::Model;
use crate::term::Env;
use crate::term::print::Notation;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// What writes the formulas of the laws of one model.
pub(super) struct Notations<'a> {
    model: &'a Model,
    /// By what is declared beside the model.
    known: RefCell<Vec<(Arc<Env>, Rc<Notation>)>>,
}

impl<'a> Notations<'a> {
    pub fn new(model: &'a Model) -> Notations<'a> {
        Notations { model, known: RefCell::default() }
    }

    /// The formulas of a law.
    pub fn of(&self, law: &Law) -> Formulas<'a> {
        let env = law.env();
        let known = self.known.borrow().iter().find(|(e, _)| e.declared() == env.declared()).map(|(_, n)| n.clone());
        let notation = known.unwrap_or_else(|| {
            let made = Rc::new(Formulas::notation(self.model, env));
            self.known.borrow_mut().push((env.clone(), made.clone()));
            made
        });
        Formulas { model: self.model, notation }
    }
}
