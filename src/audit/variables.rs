//! What a rule's pattern variables stand for, and what its conditions ask of them.

use crate::kernel::{Predicate, Rule, RuleCondition as Condition};
use crate::term::{Argument, Facts, Op, Shape, Term};
use egg::{ENodeOrVar, Id, PatternAst, Var};
use num_traits::Signed;

/// What a pattern variable stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Matrix,
    /// The name of a parameter or an output, of which a quantity is taken.
    Name,
    Size,
    /// An exact number: an exponent or a degree.
    Number,
    /// An elementwise function.
    Function,
    /// The index of a family.
    Index,
}

/// A pattern variable.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub var: Var,
    pub role: Role,
    /// The facts the conditions ask for, and those without which the left side has no meaning.
    pub facts: Facts,
    /// Whether it is the base of a power, so that it is a scalar or a diagonal matrix.
    pub base: bool,
}

/// The names of sizes; a size is one of them or 1.
pub(super) const NAMES: [&str; 3] = ["m", "n", "p"];

/// The shape of every matrix and name, in the order of the variables; a size variable is its number of rows.
pub(super) type Assignment = Vec<(Var, Shape)>;

/// The pattern variables of a rule, in order of occurrence.
#[derive(Clone, Debug)]
pub(super) struct Variables(pub Vec<Variable>);

impl Variables {
    pub fn of(rule: &Rule) -> Variables {
        let mut variables = Variables(Vec::new());
        let conditions = rule.conditions.iter().flat_map(|c| &c.arguments);
        for ast in [&rule.lhs, &rule.rhs].into_iter().chain(conditions) {
            for node in ast.as_ref() {
                if let ENodeOrVar::Var(var) = node {
                    variables.meet(*var);
                }
            }
        }
        for ast in [&rule.lhs, &rule.rhs] {
            variables.read(ast);
        }
        for condition in &rule.conditions {
            variables.condition(condition);
        }
        variables
    }

    pub fn get(&self, var: Var) -> Option<&Variable> {
        self.0.iter().find(|v| v.var == var)
    }

    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Variable> {
        self.0.iter().filter(move |v| v.role == role)
    }

    fn meet(&mut self, var: Var) {
        if self.get(var).is_none() {
            self.0.push(Variable { var, role: Role::Matrix, facts: Facts::empty(), base: false });
        }
    }

    fn at(&mut self, ast: &PatternAst<Term>, id: Id, change: impl FnOnce(&mut Variable)) {
        if let ENodeOrVar::Var(var) = &ast[id]
            && let Some(variable) = self.0.iter_mut().find(|v| v.var == *var)
        {
            change(variable);
        }
    }

    fn role(&mut self, ast: &PatternAst<Term>, id: Id, role: Role) {
        self.at(ast, id, |variable| variable.role = role);
    }

    /// The roles that follow from where a variable stands.
    fn read(&mut self, ast: &PatternAst<Term>) {
        for node in ast.as_ref() {
            let ENodeOrVar::ENode(Term::Op(op, args)) = node else { continue };
            match op {
                Op::Pow => self.at(ast, args[0], |variable| variable.base = true),
                Op::HadPow if !is_natural(ast, args[1]) => {
                    self.at(ast, args[0], |variable| variable.facts |= Facts::POSITIVE);
                }
                _ => {}
            }
            for (place, &argument) in args.iter().enumerate() {
                match op.argument(place) {
                    Argument::Function => self.role(ast, argument, Role::Function),
                    Argument::Size => self.role(ast, argument, Role::Size),
                    Argument::Name => self.role(ast, argument, Role::Name),
                    Argument::Index => self.role(ast, argument, Role::Index),
                    Argument::Exponent => self.numbers(ast, argument),
                    Argument::Positive => self.at(ast, argument, |variable| variable.facts |= Facts::POSITIVE),
                    Argument::Operand | Argument::Distribution | Argument::Signs | Argument::Shaped => {}
                }
            }
        }
    }

    /// Every variable of an exponent is a number.
    fn numbers(&mut self, ast: &PatternAst<Term>, exponent: Id) {
        let mut open = vec![exponent];
        while let Some(id) = open.pop() {
            match &ast[id] {
                ENodeOrVar::Var(_) => self.role(ast, id, Role::Number),
                ENodeOrVar::ENode(Term::Op(_, args)) => open.extend(args),
                ENodeOrVar::ENode(_) => {}
            }
        }
    }

    fn condition(&mut self, condition: &Condition) {
        let [argument, rest @ ..] = condition.arguments.as_slice() else { return };
        match condition.predicate {
            Predicate::Homogeneous | Predicate::Slanted | Predicate::Odd | Predicate::Even | Predicate::Function => {
                self.role(argument, argument.root(), Role::Function);
                if let Some(degree) = rest.first() {
                    self.role(degree, degree.root(), Role::Number);
                }
            }
            Predicate::Number if !condition.negated => self.role(argument, argument.root(), Role::Number),
            Predicate::Fact(fact) if !condition.negated => {
                self.at(argument, argument.root(), |variable| variable.facts |= fact);
            }
            _ => {}
        }
    }
}

/// Whether a pattern is a natural number.
fn is_natural(ast: &PatternAst<Term>, at: Id) -> bool {
    matches!(&ast[at], ENodeOrVar::ENode(Term::Num(q)) if q.is_integer() && !q.is_negative())
}
