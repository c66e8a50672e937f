//! What a model is made of, for the tests and benchmarks of equilaw itself: fields and formulas are no part of its public API.

use super::declaration::{Action, Activation, Definition, Dim, FunctionDeclaration, Loss, Variable};
use super::dynamics::Dynamics;
use crate::model::Model;
use crate::term::{Env, Expr, Symbol};

/// A public type whose inside can be looked at.
pub trait Inside {
    type Parts<'a>
    where
        Self: 'a;

    fn inside(&self) -> Self::Parts<'_>;
}

/// What a model declares.
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    pub name: Symbol,
    pub title: Option<&'a str>,
    pub header: &'a [String],
    pub dims: &'a [Dim],
    pub params: &'a [Variable],
    pub data: &'a [Variable],
    pub activations: &'a [Activation],
    pub functions: &'a [FunctionDeclaration],
    pub lets: &'a [Definition],
    pub output: Option<&'a Definition>,
    pub loss: &'a Loss,
    pub actions: &'a [Action],
    pub dynamics: &'a [Dynamics],
    pub env: &'a Env,
    model: &'a Model,
}

impl Parts<'_> {
    /// A formula with every definition replaced by what it stands for.
    pub fn inline(&self, expr: &Expr) -> Expr {
        self.model.inline(expr)
    }

    /// The environment of an action.
    pub fn action_env(&self, action: &Action) -> Env {
        self.model.action_env(action)
    }
}

impl Inside for Model {
    type Parts<'a> = Parts<'a>;

    fn inside(&self) -> Parts<'_> {
        Parts {
            name: self.name,
            title: self.title.as_deref(),
            header: &self.header,
            dims: &self.dims,
            params: &self.params,
            data: &self.data,
            activations: &self.activations,
            functions: &self.functions,
            lets: &self.lets,
            output: self.output.as_ref(),
            loss: &self.loss,
            actions: &self.actions,
            dynamics: &self.dynamics,
            env: &self.env,
            model: self,
        }
    }
}
