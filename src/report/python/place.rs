//! Where code takes sizes from, and tuples of names.

use crate::model::Model;
use crate::report::families::declared;
use crate::term::print::Extent;
use crate::term::{Size, Symbol};

/// Where code takes a size from: the parameter or data matrix that has it.
pub fn extent(model: &Model, size: Symbol) -> Extent {
    // The first axes of a family are its indices; a family of scalars has no others.
    let sides = model.params.iter().chain(&model.data).find_map(|v| match v.shape {
        shape if shape.rows == Size::Name(size) => Some(Extent::Axis(v.name, v.indices.len())),
        shape if shape.cols == Size::Name(size) => Some(Extent::Axis(v.name, v.indices.len() + 1)),
        _ => None,
    });
    let ranges = model.params.iter().chain(&model.data).find_map(|v| {
        let indices = declared(model, &v.indices);
        let at = indices.iter().position(|index| index.range == Size::Name(size))?;
        Some(Extent::Axis(v.name, at))
    });
    sides.or(ranges).unwrap_or(Extent::Variable(size))
}

/// `'W1', 'W2'`, with a comma behind a single one.
pub(super) fn tuple(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    if quoted.len() == 1 { format!("{},", quoted[0]) } else { quoted.join(", ") }
}
