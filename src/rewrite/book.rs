//! The rules: embedded in the binary, replaceable and extendable by the user, selected by purpose.

use super::analysis::Knowledge;
use super::compile::{Compiled, Need, needs_of};
use super::sum;
use crate::kernel::{Rule, Rules};
use crate::language::{Diagnostics, parse_rules};
use crate::term::{Head, Op, Term};
use include_dir::{Dir, include_dir};
use rustc_hash::FxHashSet;
use std::sync::Arc;

static BUILTIN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// What a search is for. Each purpose uses the topics it needs, which keeps e-graphs small.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Equality of two formulas of a model.
    Prove,
    /// What a `let` becomes under an action.
    Lemma,
    /// The differential of a formula.
    Differentiate,
    /// Bringing a linear form to ⟨M, A⟩.
    Isolate,
    /// The shortest form.
    Simplify,
}

impl Purpose {
    /// The built-in topics (file names without `.rules`) of a purpose. A topic of the user's own belongs to every purpose.
    fn includes(self, topic: &str) -> bool {
        const TOPICS: &[&str] = &[
            "activation",
            "blocks",
            "calculus",
            "collect",
            "diagonal",
            "family",
            "group",
            "determinant",
            "kronecker",
            "linear-form",
            "loss",
            "normalization",
            "ones",
            "parts",
            "ring",
            "selection",
            "trace",
            "transpose",
            "unfold",
            "units",
        ];
        let chosen: &[&str] = match self {
            Purpose::Prove | Purpose::Lemma => return !matches!(topic, "linear-form" | "collect"),
            Purpose::Differentiate => &["calculus", "kronecker", "units"],
            Purpose::Isolate => &["family", "kronecker", "linear-form", "ring", "transpose", "units"],
            Purpose::Simplify => {
                &["blocks", "collect", "diagonal", "family", "group", "kronecker", "ones", "ring", "transpose", "units"]
            }
        };
        chosen.contains(&topic) || !TOPICS.contains(&topic)
    }
}

/// A set of rules, compiled.
pub struct RuleBook {
    rules: Arc<Rules>,
    compiled: Vec<(String, Arc<Compiled>, egg::Rewrite<Term, Knowledge>)>,
    computed: Vec<egg::Rewrite<Term, Knowledge>>,
}

impl RuleBook {
    /// The rules embedded in the binary.
    pub fn builtin() -> Result<RuleBook, Diagnostics> {
        let mut rules = Vec::new();
        let mut files: Vec<_> =
            BUILTIN.files().filter(|f| f.path().extension().is_some_and(|e| e == "rules")).collect();
        files.sort_by_key(|f| f.path());
        for file in files {
            let text = file.contents_utf8().unwrap_or_default();
            rules.extend(parse_rules(&file.path().to_string_lossy(), text)?);
        }
        rules.iter_mut().for_each(|rule| rule.assumed = false);
        Ok(RuleBook::new(rules))
    }

    /// A book of the given rules.
    #[doc(hidden)]
    pub fn new(rules: Vec<Rule>) -> RuleBook {
        let mut compiled = Vec::new();
        for rule in &rules {
            for direction in Compiled::from_rule(rule) {
                let direction = Arc::new(direction);
                let rewrite = direction.rewrite();
                compiled.push((rule.topic().to_string(), direction, rewrite));
            }
        }
        RuleBook { rules: Arc::new(Rules::new(rules)), compiled, computed: sum::rewrites() }
    }

    /// The rules, in the order of their files.
    #[doc(hidden)]
    pub fn rules(&self) -> &[Rule] {
        self.rules.all()
    }

    /// The rules on plain terms, by which proofs are replayed.
    #[doc(hidden)]
    pub fn plain(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The rewrites of a purpose that can ever match in a graph built from `nodes`: a rule whose left side needs an
    /// operator that neither occurs nor can be introduced is left out.
    pub(super) fn select<'a>(
        &'a self,
        purpose: Purpose,
        nodes: impl Iterator<Item = &'a Term>,
    ) -> Vec<&'a egg::Rewrite<Term, Knowledge>> {
        let mut present: FxHashSet<Need> = nodes.map(needs_of).collect();
        present.insert(Need::Head(Head::Sym));
        let mut chosen = vec![false; self.compiled.len()];
        let mut left: Vec<usize> =
            (0..self.compiled.len()).filter(|i| purpose.includes(&self.compiled[*i].0)).collect();
        loop {
            let before = left.len();
            left.retain(|&i| {
                let rule = &self.compiled[i].1;
                let fits = rule.needs.iter().all(|n| present.contains(n));
                if fits {
                    chosen[i] = true;
                    present.extend(rule.makes.iter().copied());
                }
                !fits
            });
            if left.len() == before {
                break;
            }
        }
        let computed = self.computed.iter().zip([Op::Add, Op::Add, Op::Mul, Op::Pow]);
        let computed = computed.filter(|(_, op)| present.contains(&Need::Head(Head::Op(*op)))).map(|(r, _)| r);
        let rules = self.compiled.iter().zip(&chosen).filter(|(_, c)| **c).map(|((_, _, r), _)| r);
        computed.chain(rules).collect()
    }
}
