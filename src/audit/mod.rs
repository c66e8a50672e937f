//! Is a rule true? Both sides are evaluated at random instances that satisfy its conditions, in floating point and, where
//! every operation is rational, exactly.

mod evaluate;
mod instance;
mod members;
mod shapes;
mod variables;

use crate::eval::{EvalError, Rationals, Reals, Sizes};
use crate::kernel::Rule;
use crate::numeric::TOLERANCE;
use crate::rewrite::RuleBook;
use crate::sample::{self, stream};
use crate::term::print::text;
use crate::term::{Env, Expr, Rational};
use evaluate::{LinearMaps, NoQuantities, Side, finite, residual};
use faer::Mat;
use instance::{Choice, build, draw_numbers, draw_sizes, functions, point};
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;
use shapes::assignments;
use variables::{Assignment, Role, Variables};

/// The least number of instances of a rule, and of each of its shapes; the most when every function meets every shape.
const INSTANCES: (usize, usize, usize) = (12, 3, 600);

/// How often an instance is drawn anew when a side is not defined there.
const ATTEMPTS: usize = 40;

/// What was found about one rule. Both directions of a rule state one equation.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleCheck {
    pub rule: String,
    /// The number of instances at which both sides were compared.
    pub instances: usize,
    /// How many of them were also compared exactly, over the rationals.
    pub exact: usize,
    /// The worst ‖lhs − rhs‖ / (‖lhs‖ + ‖rhs‖).
    pub residual: f64,
    /// Why the rule fails: an instance at which the sides differ, or that it cannot be instantiated.
    pub failure: Option<String>,
}

impl RuleCheck {
    pub fn passed(&self) -> bool {
        self.failure.is_none()
    }

    /// Whether an instance contradicts it. A rule that cannot be instantiated does not pass, but is not false.
    pub fn is_false(&self) -> bool {
        self.failure.is_some() && self.instances > 0
    }
}

/// Checks every rule of a book.
pub fn verify(book: &RuleBook, seed: u64) -> Vec<RuleCheck> {
    book.rules().par_iter().map(|rule| check(rule, seed)).collect()
}

/// Checks one rule.
pub fn check(rule: &Rule, seed: u64) -> RuleCheck {
    let written = members::written_out(rule);
    let rule = written.as_ref().unwrap_or(rule);
    let mut found = RuleCheck { rule: rule.name.clone(), instances: 0, exact: 0, residual: 0.0, failure: None };
    let variables = Variables::of(rule);
    let candidates: Vec<_> = variables.with_role(Role::Function).map(|v| (v.var, functions(rule, v))).collect();
    let shapes = assignments(rule, &variables, &Choice::default());
    let most = candidates.iter().map(|(_, all)| all.len()).max().unwrap_or(INSTANCES.1);
    let wanted = match shapes.len() * most {
        0 => 0,
        n => n.clamp(INSTANCES.0, INSTANCES.2),
    };
    for k in 0..wanted {
        let assignment = &shapes[k % shapes.len()];
        let mut choice = Choice::default();
        for (var, all) in &candidates {
            let (function, degree) = &all[k / shapes.len() % all.len()];
            choice.functions.insert(*var, function.clone());
            choice.numbers.extend(degree.clone());
        }
        let mut rng = stream(seed, &format!("{}/{k}", rule.name));
        let compared = (0..ATTEMPTS).find_map(|attempt| {
            let choice = Choice { positive: attempt % 2 == 1, ..choice.clone() };
            Trial::new(rule, &variables, assignment, choice, &mut rng).run(rule, &variables, assignment, seed, &mut rng)
        });
        let Some(Compared { residual, exact, failure }) = compared else { continue };
        found.instances += 1;
        found.exact += usize::from(exact);
        found.residual = found.residual.max(residual);
        if failure.is_some() {
            found.failure = failure;
            return found;
        }
    }
    if found.instances == 0 {
        found.failure = Some("the rule cannot be instantiated".into());
    }
    found
}

/// Whether a formula has no value at this point or at these sizes.
fn is_undefined(error: &EvalError) -> bool {
    error.is_undefined() || matches!(error, EvalError::Empty(_))
}

/// Both sides of a rule at random sizes and exponents.
struct Trial {
    choice: Choice,
    env: Env,
    sizes: Sizes,
    sides: [Expr; 2],
}

/// The outcome of a trial at which the left side is defined.
struct Compared {
    residual: f64,
    exact: bool,
    failure: Option<String>,
}

impl Trial {
    fn new(
        rule: &Rule,
        variables: &Variables,
        assignment: &Assignment,
        mut choice: Choice,
        rng: &mut ChaCha8Rng,
    ) -> Trial {
        draw_numbers(variables, &mut choice, rng);
        let sides = [&rule.lhs, &rule.rhs].map(|side| build(side, variables, &choice, assignment));
        Trial { env: choice.env(variables, assignment), sizes: draw_sizes(rng), sides, choice }
    }

    /// Compares the sides at random matrices; `None` where what is rewritten is not defined.
    fn run(
        &self,
        rule: &Rule,
        variables: &Variables,
        assignment: &Assignment,
        seed: u64,
        rng: &mut ChaCha8Rng,
    ) -> Option<Compared> {
        let failed = |why: String| {
            let failure = Some(format!("{why} at {}", self.describe(assignment)));
            Some(Compared { residual: f64::INFINITY, exact: false, failure })
        };
        // No matrix of these sizes need have the facts, as a skew and orthogonal one of odd size.
        let random = |r, c, facts| sample::matrix(r, c, facts, rng).map(Mat::from);
        let at = point(variables, &self.choice, assignment, &self.sizes, random)?;
        let maps = LinearMaps { env: &self.env, sizes: &self.sizes, seed };
        let sides = self.sides.each_ref().map(|side| Side::new(side, &self.env, &self.sizes, &at, &Reals, &maps));
        let [lhs, rhs] = sides.each_ref().map(finite);
        let residual = match (&sides, lhs, rhs) {
            ([Ok(l), Ok(r)], Ok(lhs), Ok(rhs)) => match residual((l, lhs), (r, rhs)) {
                Ok(residual) => residual,
                Err(error) => return failed(error.to_string()),
            },
            (_, Err(error), other) if is_undefined(&error) => match other {
                Ok(_) if rule.bidirectional => return failed("the left side is not defined".into()),
                Err(error) if !is_undefined(&error) => return failed(error.to_string()),
                _ => return None,
            },
            (_, Ok(_), Err(error)) if is_undefined(&error) => {
                return failed("the right side is not defined".into());
            }
            (_, Err(error), _) | (_, _, Err(error)) => return failed(error.to_string()),
            _ => return None,
        };
        // Values that do not exist over the rationals say nothing.
        let exact = self.rationals(variables, assignment, rng).ok();
        if residual > TOLERANCE {
            return failed(format!("residual {residual:.1e}"));
        }
        if exact == Some(false) {
            return failed("the sides differ exactly".into());
        }
        Some(Compared { residual, exact: exact.is_some(), failure: None })
    }

    fn rationals(
        &self,
        variables: &Variables,
        assignment: &Assignment,
        rng: &mut ChaCha8Rng,
    ) -> Result<bool, EvalError> {
        let random = |r, c, facts| sample::matrix::<Rational>(r, c, facts, rng);
        let at = point(variables, &self.choice, assignment, &self.sizes, random).ok_or(EvalError::Singular)?;
        let [lhs, rhs] = &self.sides;
        let value = |expr| Side::new(expr, &self.env, &self.sizes, &at, &Rationals, &NoQuantities)?.value(&Rationals);
        Ok(value(lhs)? == value(rhs)?)
    }

    /// `f = relu, X : 3 x 1 …, relu(D * X) = D * relu(X)`.
    fn describe(&self, assignment: &Assignment) -> String {
        let shapes = assignment.iter().map(|(var, shape)| format!("{var} : {shape}"));
        let mut sizes: Vec<String> = self.sizes.iter().map(|(name, n)| format!("{name} = {n}")).collect();
        sizes.sort();
        let [lhs, rhs] = self.sides.each_ref().map(text);
        format!("{lhs} = {rhs} with {}, {}", shapes.collect::<Vec<_>>().join(", "), sizes.join(", "))
    }
}
