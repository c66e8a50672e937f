//! Letters that a model leaves free.

use crate::model::Model;
use crate::term::Symbol;

/// Two letters for the rows and columns of a matrix, which the model calls nothing by.
pub(super) fn free_letters(model: &Model) -> [&'static str; 2] {
    let taken = |letter: &str| {
        let name = Symbol::from(letter);
        let indices = model.indices.iter().map(|index| index.name);
        model.env.symbol(name).is_some()
            || model.dims.iter().map(|dim| dim.name).chain(indices).any(|known| known == name)
    };
    let mut free = ["i", "j", "p", "q", "r", "s"].into_iter().filter(|letter| !taken(letter));
    [free.next().unwrap_or("i′"), free.next().unwrap_or("j′")]
}
