//! A model as the language states it: symbolic sizes, parameters, data, intermediate definitions, output, loss and the
//! declared actions. A `Model` has passed name and shape checking.

use crate::group::GroupInstance;
use crate::term::{Builder, Env, Expr, Facts, Function, Rational, Shape, Signature, Symbol, Term, mentions};
use std::collections::HashMap;

/// A parsed and checked model.
#[derive(Clone, Debug)]
pub struct Model {
    pub name: Symbol,
    pub title: Option<String>,
    /// The comment lines at the head of the file (sources, remarks), without `#`.
    pub header: Vec<String>,
    pub dims: Vec<Dim>,
    pub params: Vec<Variable>,
    pub data: Vec<Variable>,
    pub activations: Vec<Activation>,
    pub functions: Vec<FunctionDeclaration>,
    /// The declared separable potentials of mirror flow.
    pub potentials: Vec<Potential>,
    pub lets: Vec<Definition>,
    /// The `output`, when one is declared.
    pub output: Option<Definition>,
    pub loss: Loss,
    pub actions: Vec<Action>,
    pub dynamics: Vec<Dynamics>,
    /// The meaning of every name: dims, params, data, lets, the output and the loss (named `loss`). Group elements are
    /// not in it; see [`Model::action_env`].
    pub env: Env,
}

/// A symbolic size and its default in the numeric checks.
#[derive(Clone, Debug, PartialEq)]
pub struct Dim {
    pub name: Symbol,
    pub default: u64,
}

/// A parameter or a data matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    pub name: Symbol,
    /// The LaTeX given in the declaration.
    pub latex: Option<String>,
    pub shape: Shape,
    /// The facts written after the shape.
    pub facts: Facts,
}

/// `activation phi : homogeneous(3)`: an arbitrary function with that property.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    pub name: Symbol,
    pub property: Property,
}

/// The property of a declared activation.
#[derive(Clone, Debug, PartialEq)]
pub enum Property {
    Homogeneous(Rational),
    Odd,
    Even,
    Smooth,
}

impl Property {
    /// The properties a proof may use.
    pub fn function(&self) -> Function {
        match self {
            Property::Homogeneous(k) => Function { homogeneous: Some(k.clone()), ..Function::default() },
            Property::Odd => Function { odd: true, ..Function::default() },
            Property::Even => Function { even: true, ..Function::default() },
            Property::Smooth => Function::default(),
        }
    }
}

/// `function rest : (k x n, d x n) -> m x n`: an arbitrary differentiable function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDeclaration {
    pub name: Symbol,
    pub signature: Signature,
}

/// `potential quartic(x) = x^4 / 4`: a function of one number, applied to every entry of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Potential {
    pub name: Symbol,
    pub variable: Symbol,
    /// ψ as a formula in the variable.
    pub expr: Expr,
    /// Where ψ is defined: `POSITIVE`, or everywhere.
    pub domain: Facts,
}

/// `let Z = …` or `output F = …`. The expression may mention earlier `let`s.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    pub name: Symbol,
    pub latex: Option<String>,
    pub expr: Expr,
}

/// The loss.
#[derive(Clone, Debug, PartialEq)]
pub enum Loss {
    /// Every differentiable function of the output.
    Any,
    /// An explicit scalar expression in parameters, data, `let`s and the output.
    Explicit(Expr),
}

/// A declared group action.
#[derive(Clone, Debug, PartialEq)]
pub struct Action {
    pub name: Symbol,
    pub group: GroupInstance,
    /// The name of the group element; none for `Z2`.
    pub element: Option<Symbol>,
    /// The images of the parameters it moves, in terms of the parameters and the element.
    pub images: Vec<(Symbol, Expr)>,
    /// The claimed image of the output (`F -> a^2 * F`), in terms of the output's symbol and the element.
    pub output: Option<Expr>,
    /// The claimed image of the loss (`loss -> a^2 * loss`), in terms of the symbol `loss` and the element.
    pub loss: Option<Expr>,
}

/// A `dynamics` statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Dynamics {
    GradientFlow,
    WeightDecay,
    HeavyBall,
    GradientDescent,
    Sgd,
    /// The potential of each parameter: `entropy`, `quadratic`, or the name of a declared separable potential.
    Mirror(Vec<(Symbol, Symbol)>),
}

impl Dynamics {
    /// The names in the language.
    pub const NAMES: [&'static str; 6] =
        ["gradient_flow", "weight_decay", "heavy_ball", "gradient_descent", "sgd", "mirror"];

    /// The name in the language.
    pub fn name(&self) -> &'static str {
        match self {
            Dynamics::GradientFlow => "gradient_flow",
            Dynamics::WeightDecay => "weight_decay",
            Dynamics::HeavyBall => "heavy_ball",
            Dynamics::GradientDescent => "gradient_descent",
            Dynamics::Sgd => "sgd",
            Dynamics::Mirror(_) => "mirror",
        }
    }
}

/// Equality of what is declared; the environment follows from it.
impl PartialEq for Model {
    fn eq(&self, other: &Model) -> bool {
        self.name == other.name
            && self.title == other.title
            && self.header == other.header
            && self.dims == other.dims
            && self.params == other.params
            && self.data == other.data
            && self.activations == other.activations
            && self.functions == other.functions
            && self.potentials == other.potentials
            && self.lets == other.lets
            && self.output == other.output
            && self.loss == other.loss
            && self.actions == other.actions
            && self.dynamics == other.dynamics
    }
}

impl Model {
    /// The remarks `KEY: text` at the head of the file, as in `# Source: Authors, "Title", Venue Year.`
    pub fn remarks<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.header.iter().filter_map(move |line| line.strip_prefix(key)?.strip_prefix(':').map(str::trim))
    }

    /// The symbol the loss is named by in formulas.
    pub fn loss_symbol() -> Symbol {
        "loss".into()
    }

    /// The shape of a parameter.
    pub fn param(&self, name: Symbol) -> Option<&Variable> {
        self.params.iter().find(|p| p.name == name)
    }

    /// A potential of mirror flow: a declared one, or one that every model has.
    pub fn potential(&self, name: Symbol) -> Option<Potential> {
        self.potentials.iter().find(|p| p.name == name).cloned().or_else(|| Potential::builtin(name.as_str()))
    }

    /// The environment of an action: the model's, and the group element.
    pub fn action_env(&self, action: &Action) -> Env {
        let mut env = self.env.clone();
        if let (Some(name), Some((shape, facts))) = (action.element, action.group.element()) {
            env.declare(name, shape, facts | Facts::CONSTANT);
        }
        env
    }

    /// The definitions of the model in order: the `let`s, the output, and an explicit loss under the name `loss`.
    pub fn definitions(&self) -> Vec<Definition> {
        let loss = match &self.loss {
            Loss::Any => None,
            Loss::Explicit(expr) => Some(Definition { name: Model::loss_symbol(), latex: None, expr: expr.clone() }),
        };
        self.lets.iter().chain(&self.output).cloned().chain(loss).collect()
    }

    /// The definitions a formula depends on, directly or through others, in order.
    pub fn definitions_for(&self, expr: &Expr) -> Vec<Definition> {
        let mut needed: Vec<Expr> = vec![expr.clone()];
        let mut out: Vec<Definition> = Vec::new();
        for definition in self.definitions().into_iter().rev() {
            if needed.iter().any(|e| mentions(e, definition.name)) {
                needed.push(definition.expr.clone());
                out.push(definition);
            }
        }
        out.reverse();
        out
    }

    /// A formula over the model with every `let`, the output and the loss replaced by what they stand for, so that only
    /// parameters and data remain. Sharing is kept: the result is linear in the size of the model.
    pub fn inline(&self, expr: &Expr) -> Expr {
        let mut out = Builder::default();
        let mut known = HashMap::new();
        for definition in self.definitions() {
            let id = out.copy_with(&definition.expr, |_, node| match node {
                Term::Sym(name) => known.get(name).copied(),
                _ => None,
            });
            known.insert(definition.name, id);
        }
        let id = out.copy_with(expr, |_, node| match node {
            Term::Sym(name) => known.get(name).copied(),
            _ => None,
        });
        out.finish(id)
    }
}
