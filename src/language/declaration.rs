//! Checking the declarations whose order in the file does not matter: parameters, data, activations, functions.

use super::checker::Checker;
use super::cursor::Name;
use super::names::nearest;
use super::scope::Entity;
use super::size::SizeSyntax;
use super::statement::{Role, Statement};
use crate::model::{Activation, FunctionDeclaration, Property, Variable};
use crate::term::{Emptiness, Facts, Matrices, Rational, Shape, Signature, Size, Symbol};

/// What is written after the facts of data that are the same matrix for all samples: no fact of the matrix.
pub(super) const FIXED: &str = "fixed";

impl Checker<'_> {
    /// Declares every activation, function, parameter and data matrix of the file.
    pub fn declarations(&mut self, statements: &[Statement]) {
        for (statement, around) in statements.iter().zip(super::family::around(statements)) {
            match statement {
                Statement::Variable { role, name, latex, shape, facts, indices } => {
                    let indices = self.indices(&around, indices);
                    self.variable(*role, name, latex.as_ref(), shape, facts, indices);
                }
                Statement::Activation { name, property, degree } => {
                    let declared = self.declare(name, Entity::Activation);
                    let Some(property) = self.property(property, degree.as_ref()) else {
                        self.spoil(name);
                        continue;
                    };
                    if declared {
                        let name = Symbol::from(&name.text);
                        self.names.env.declare_activation(name, property.function());
                        self.model.activations.push(Activation { name, property });
                    }
                }
                Statement::Function { name, arguments, result } => {
                    let declared = self.declare(name, Entity::Function);
                    let arguments: Vec<Option<Shape>> = arguments.iter().map(|shape| self.shape(shape)).collect();
                    let result = self.shape(result);
                    let (Some(arguments), Some(result)) = (arguments.into_iter().collect(), result) else {
                        self.spoil(name);
                        continue;
                    };
                    if declared {
                        let (name, signature) = (Symbol::from(&name.text), Signature { arguments, result });
                        self.names.env.declare_call(name, signature.clone());
                        self.model.functions.push(FunctionDeclaration { name, signature });
                    }
                }
                _ => {}
            }
        }
    }

    fn variable(
        &mut self,
        role: Role,
        name: &Name,
        latex: Option<&String>,
        shape: &[SizeSyntax],
        facts: &[Name],
        indices: Vec<Symbol>,
    ) {
        let param = role == Role::Param;
        let declared = self.declare(name, if param { Entity::Param } else { Entity::Data });
        let shape = self.shape(shape);
        let fixed = facts.iter().any(|word| word.text == FIXED);
        let facts = self.facts(facts, shape, param);
        let Some(shape) = shape else {
            self.spoil(name);
            return;
        };
        if !declared {
            return;
        }
        let symbol = Symbol::from(&name.text);
        let constant = if param { Facts::empty() } else { Facts::CONSTANT };
        self.shape_depends(&format!("`{symbol}`"), name.span, shape, &indices);
        let members = self.names.env.indices_of(&indices);
        self.names.env.declare_member(symbol, shape, facts | constant, members);
        self.set_latex(symbol, latex);
        let variable = Variable { name: symbol, latex: latex.cloned(), shape, facts, fixed, stopped: false, indices };
        if param { &mut self.model.params } else { &mut self.model.data }.push(variable);
    }

    fn facts(&mut self, words: &[Name], shape: Option<Shape>, param: bool) -> Facts {
        let mut facts = Facts::empty();
        for word in words {
            if word.text == FIXED {
                if param {
                    let error = self.error(word.span, "a parameter cannot be `fixed`", "training moves it");
                    self.report(error.with_help("declare a matrix that is given and not trained as `data … fixed`"));
                }
                continue;
            }
            let Some((name, fact)) = Facts::declared().find(|(name, _)| *name == word.text) else {
                let error = self.error(word.span, format!("unknown fact `{}`", word.text), "expected a fact");
                let names = Facts::declared().map(|(name, _)| *name).chain((!param).then_some(FIXED));
                let error = match nearest(&word.text, names.clone()) {
                    Some(name) => error.meant(Some(name)),
                    None => error.with_help(format!("the facts are {}", names.collect::<Vec<_>>().join(", "))),
                };
                self.report(error);
                continue;
            };
            let any_shape = Facts::ANYWHERE.contains(*fact);
            if param && *fact != Facts::POSITIVE {
                let error =
                    self.error(word.span, format!("a parameter cannot be `{name}`"), "only `positive` is allowed");
                let help = "training would leave that set: the gradient would have to be projected; write the parameter \
                            in terms of free ones, such as `let S = W + W'`";
                self.report(error.with_help(help));
            } else if let Some(shape) = shape.filter(|shape| !any_shape && !shape.is_square()) {
                let message = format!("only a square matrix can be `{name}`");
                let error = self.error(word.span, message, format!("the shape is `{shape}`"));
                self.report(error);
            } else {
                if let Some((shape, why)) = shape.and_then(|shape| Some((shape, nowhere(facts | *fact, shape)?))) {
                    let message = format!("no matrix is {}", (facts | *fact).words());
                    let error = self.error(word.span, message, format!("the shape is `{shape}`"));
                    self.report(match why {
                        Emptiness::Odd => error.with_help("such a matrix exists only for even sizes"),
                        Emptiness::NotOne => error.with_help("such a matrix exists only at size 1"),
                        Emptiness::NotSquare | Emptiness::Never => error,
                    });
                    continue;
                }
                facts |= *fact;
            }
        }
        facts
    }

    fn property(&mut self, property: &Name, degree: Option<&Rational>) -> Option<Property> {
        match (property.text.as_str(), degree) {
            ("homogeneous", Some(degree)) => Some(Property::Homogeneous(degree.clone())),
            ("odd", None) => Some(Property::Odd),
            ("even", None) => Some(Property::Even),
            ("smooth", None) => Some(Property::Smooth),
            ("homogeneous", None) => {
                let error = self.error(property.span, "`homogeneous` needs a degree", "of which degree?");
                self.report(error.with_help("write `homogeneous(2)` for f(c x) = c² f(x)"));
                None
            }
            ("odd" | "even" | "smooth", Some(_)) => {
                let error = self.error(property.span, format!("`{}` takes no degree", property.text), "");
                self.report(error);
                None
            }
            (word, _) => {
                let message = format!("unknown property `{word}`");
                let error = self.error(property.span, message, "expected `homogeneous(k)`, `odd`, `even` or `smooth`");
                self.report(error.meant(nearest(word, ["homogeneous", "odd", "even", "smooth"])));
                None
            }
        }
    }
}

/// Why no matrix of a shape has some facts: at its literal size, or at any size a name may stand for.
fn nowhere(facts: Facts, shape: Shape) -> Option<Emptiness> {
    match (shape.rows, shape.cols) {
        (Size::Lit(m), Size::Lit(n)) => Matrices::of(facts, usize::try_from(m).ok()?, usize::try_from(n).ok()?).err(),
        _ if shape.is_square() => Emptiness::always(facts),
        _ => None,
    }
}
