//! The sizes of an instance: the defaults of a model, and those that replace them.

use super::Model;
use crate::term::{At, Expr, Index, Indices, Neighbour, Op, Shape, Size, Sizes, Symbol, Term, infer_expr};
use egg::Language;
use thiserror::Error;

/// Why sizes do not fit a model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SizeError {
    #[error("the model has no size `{0}`")]
    Unknown(String),
    #[error("the size {0} is 0, but a size is at least 1")]
    Zero(String),
    #[error("the size `{0}` is too large for this machine")]
    TooLarge(String),
    #[error("written out at these sizes the families of the model have more than {most} terms: choose smaller sizes")]
    Members { most: u64 },
}

impl Model {
    /// The default sizes with those that replace them by name; of two for one name the later counts.
    ///
    /// # Errors
    /// When there is no such size, or it is 0 or too large.
    pub fn sizes(&self, overrides: &[(String, u64)]) -> Result<Sizes, SizeError> {
        let member = |name: &str| {
            let (base, at) = name.strip_suffix(']')?.split_once('[')?;
            let family = self.dims.iter().find(|dim| dim.name.as_str() == base && dim.index.is_some())?;
            at.parse::<u32>().ok().filter(|n| n.to_string() == at).map(|_| family)
        };
        let known = |name: &str| self.dims.iter().any(|dim| dim.name.as_str() == name) || member(name).is_some();
        if let Some((name, _)) = overrides.iter().find(|(name, _)| !known(name)) {
            return Err(SizeError::Unknown(name.clone()));
        }
        let size = |dim: &super::Dim| {
            let name = dim.name.to_string();
            let replaced = overrides.iter().rfind(|(other, _)| *other == name);
            match usize::try_from(replaced.map_or(dim.default, |(_, n)| *n)) {
                Ok(0) => Err(SizeError::Zero(name)),
                Ok(n) => Ok((dim.name, n)),
                Err(_) => Err(SizeError::TooLarge(name)),
            }
        };
        let mut sizes: Sizes = self.dims.iter().map(size).collect::<Result<_, _>>()?;
        // Those of the sizes of a family that have a number of their own.
        for (name, n) in overrides.iter().filter(|(name, _)| member(name).is_some()) {
            let last = member(name).and_then(|dim| sizes.value(self.index(dim.index?)?.range));
            let at = name.strip_suffix(']').and_then(|name| name.split_once('[')?.1.parse::<usize>().ok());
            if at > last {
                return Err(SizeError::Unknown(name.clone()));
            }
            match usize::try_from(*n) {
                Ok(0) => return Err(SizeError::Zero(name.clone())),
                Ok(n) => sizes.set(name.as_str().into(), n),
                Err(_) => return Err(SizeError::TooLarge(name.clone())),
            }
        }
        Ok(sizes)
    }

    /// The sizes that the indices of families run to, in the order of the dims.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = Symbol> {
        let is_range = |name: Symbol| self.indices.iter().any(|index| index.range == Size::Name(name));
        self.dims.iter().map(|dim| dim.name).filter(move |name| is_range(*name))
    }

    /// The number of parameters, all members of families counted; `None` where it does not fit into 64 bits.
    pub(crate) fn dimension(&self, sizes: &Sizes) -> Option<u64> {
        let entries = |p: &super::Variable| self.entries(p.shape, self.env.indices_of(&p.indices), sizes);
        self.params.iter().try_fold(0u64, |sum, p| sum.checked_add(entries(p)?))
    }

    /// The number of entries of a matrix, of which there is one for each value of some indices.
    #[doc(hidden)]
    pub fn entries(&self, shape: Shape, indices: Indices, sizes: &Sizes) -> Option<u64> {
        if let Some(index) = self.env.listed(self.env.indices_of_shape(shape)).next() {
            let others = indices.without(self.env.indices_of(&[index.name]));
            let at = |k: u64| self.env.shape_at(shape, index.name, At::Number(k));
            return (1..=index.last(sizes)?)
                .try_fold(0u64, |sum, k| sum.checked_add(self.entries(at(k), others, sizes)?));
        }
        let last = |name: Symbol| match self.env.size(name) {
            Some(Neighbour { of, at: At::Last { range, before }, .. }) => {
                let last = sizes.value(*range).map(|n| (n as u64).saturating_add_signed(-*before));
                Size::Name(last.map_or(name, |n| format!("{of}[{n}]").into()))
            }
            _ => Size::Name(name),
        };
        let shape = shape.with(&last);
        let range = |index: Index| index.last(sizes);
        self.env.listed(indices).try_fold(sizes.entries([shape])?, |n, index| n.checked_mul(range(index)?))
    }

    /// The shapes of every matrix of an evaluation, under what they are named for, with the indices that there is one for each
    /// value of: parameters, data, and each value on the way through the definitions.
    #[doc(hidden)]
    pub fn shapes(&self) -> Vec<(String, Shape, Indices)> {
        let family = |v: &super::Variable| (format!("`{}`", v.name), v.shape, self.env.indices_of(&v.indices));
        let declared = self.params.iter().chain(&self.data).map(family);
        let values = self.definitions().into_iter().flat_map(|definition| {
            let name = format!("a value of `{}`", definition.name);
            // Symbols are counted where they are declared or defined.
            let nodes = infer_expr(&self.env, &definition.expr).unwrap_or_default();
            let formed = |(node, _): &(&Term, _)| !node.children().is_empty() && !is_selection(node, &definition.expr);
            let operators = definition.expr.as_ref().iter().zip(nodes).filter(formed);
            operators.map(|(_, data)| (name.clone(), data.shape, data.indices)).collect::<Vec<_>>()
        });
        declared.chain(values).collect()
    }
}

/// Whether a node is a matrix of zeros and ones by which columns are picked or added, and which is never formed: what windows see, and
/// 1 ⊗ I.
fn is_selection(node: &Term, expr: &Expr) -> bool {
    let is = |id: egg::Id, wanted: Op| matches!(&expr[id], Term::Op(op, _) if *op == wanted);
    match node {
        Term::Op(Op::Taps | Op::PlaneTaps, _) => true,
        Term::Op(Op::Kron, args) => is(args[0], Op::Ones) && is(args[1], Op::Eye),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_the_defaults_and_what_replaces_them() {
        let model = Model::parse("m.eqv", "model m\ndim h = 3, d = 2\nparam W : h x d\noutput F = W\nloss any");
        let model = model.expect("a model");
        let sizes = |overrides: &[(&str, u64)]| {
            let overrides: Vec<_> = overrides.iter().map(|(name, n)| (name.to_string(), *n)).collect();
            model.sizes(&overrides)
        };
        assert_eq!(sizes(&[]).map(|s| s.named()), Ok(vec![("h".into(), 3), ("d".into(), 2)]));
        assert_eq!(sizes(&[("d", 7), ("d", 5)]).map(|s| s.get("d".into())), Ok(Some(5)));
        assert_eq!(sizes(&[("q", 7)]), Err(SizeError::Unknown("q".into())));
        assert_eq!(sizes(&[("h", 0)]), Err(SizeError::Zero("h".into())));
    }
}
