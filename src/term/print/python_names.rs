//! Names in Python, each with one meaning: where a parameter is called `grad_W`, the gradient on `W` is `grad_W_`.

use super::super::{Env, Symbol};
use super::numpy_functions::identifier;
use std::collections::{HashMap, HashSet};

/// The operators whose values code takes from a name made of theirs and a symbol's.
const QUANTITIES: [&str; 11] =
    ["grad", "dot", "next", "err", "hess", "hess_rows", "hess_cols", "vjp", "hess_loss", "d", "deriv"];

/// The names that are not what they would be by themselves.
#[derive(Default)]
pub struct PythonNames {
    symbols: HashMap<Symbol, String>,
    quantities: HashMap<(&'static str, Symbol), String>,
}

impl PythonNames {
    pub fn of(env: &Env) -> PythonNames {
        let mut names = env.names();
        // Names that no model can have come last, so that the model's are the same in every law.
        names.sort_by_key(|name| (name.as_str().contains('['), name.as_str()));
        // What sums over members call.
        let called = || ["sum", "range", "last"].map(String::from);
        let mut taken: HashSet<String> = called().into();
        let mut clash = false;
        for name in &names {
            let own = identifier(name.as_str());
            clash |= QUANTITIES.iter().any(|op| own.strip_prefix(op).is_some_and(|rest| rest.starts_with('_')));
            clash |= !taken.insert(own);
        }
        let mut out = PythonNames::default();
        if !clash {
            return out;
        }
        taken = called().into();
        let mut free = |mut name: String| {
            while !taken.insert(name.clone()) {
                name.push('_');
            }
            name
        };
        for name in &names {
            out.symbols.insert(*name, free(identifier(name.as_str())));
        }
        for op in QUANTITIES {
            for name in &names {
                out.quantities.insert((op, *name), free(identifier(&format!("{op}_{name}"))));
            }
        }
        out
    }

    pub fn symbol(&self, name: Symbol) -> String {
        self.symbols.get(&name).cloned().unwrap_or_else(|| identifier(name.as_str()))
    }

    pub fn quantity(&self, op: &'static str, of: Symbol) -> String {
        self.quantities.get(&(op, of)).cloned().unwrap_or_else(|| identifier(&format!("{op}_{of}")))
    }

    /// The names of quantities that are not what they would be by themselves, each with what it would be.
    pub fn changed(&self) -> Vec<(String, String)> {
        let all = self.quantities.iter().map(|((op, of), name)| (identifier(&format!("{op}_{of}")), name.clone()));
        let mut all: Vec<(String, String)> = all.filter(|(own, name)| own != name).collect();
        all.sort();
        all
    }
}
