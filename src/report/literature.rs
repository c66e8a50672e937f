//! Who stated laws of a form: the theorems of the library whose quantities are read, by `meaning`, as the same sum of measures.
//! What is compared is the form of the formula; the network it was stated for may be another.

use super::meaning::{Measure, Place, meaning};
use crate::job::sources;
use crate::kernel::Law;
use crate::model::Dynamics;
use num_traits::{One, Signed};

/// A summand of a quantity: whether it is added, what of which places, and whether its coefficient is 1.
type Summand = (bool, Measure, Place, bool);

const fn plus(measure: Measure, place: Place) -> Summand {
    (true, measure, place, true)
}

const fn minus(measure: Measure, place: Place) -> Summand {
    (false, measure, place, true)
}

/// What is conserved along gradient flow, the theorem of the library that it is known from, and how the source of it begins where the
/// theorem has sources for other laws too.
const KNOWN: &[(&[Summand], &str, &str)] = {
    use Measure::{InnerProduct, SquaredNorm, Sum};
    use Place::{Column, Entry, Number, Row, Whole};
    &[
        (&[plus(SquaredNorm, Row), minus(SquaredNorm, Column)], "relu_mlp", ""),
        (&[plus(SquaredNorm, Entry), plus(SquaredNorm, Row), minus(SquaredNorm, Column)], "relu_mlp_bias", ""),
        (&[plus(SquaredNorm, Row), (false, SquaredNorm, Column, false)], "power_mlp", ""),
        (&[plus(InnerProduct, Row), minus(InnerProduct, Column)], "deep_linear_2", ""),
        (&[plus(InnerProduct, Column), minus(InnerProduct, Column)], "matrix_factorization", ""),
        (&[plus(InnerProduct, Row), minus(InnerProduct, Row)], "attention", ""),
        (&[plus(SquaredNorm, Row)], "normalized_classifier", ""),
        (&[plus(SquaredNorm, Whole)], "layernorm", ""),
        (&[plus(SquaredNorm, Whole), minus(SquaredNorm, Whole)], "homogeneous_network", "Du"),
        (&[plus(SquaredNorm, Number), minus(SquaredNorm, Number)], "scalar_product", ""),
        (&[plus(Sum, Row)], "layernorm", ""),
        (&[plus(Sum, Column)], "softmax_classifier", ""),
        (&[plus(Sum, Whole)], "softmax_classifier", ""),
    ]
};

/// The theorems of the library that forms are known from, and how their sources begin.
pub fn known_from() -> impl Iterator<Item = (&'static str, &'static str)> {
    KNOWN.iter().map(|(_, theorem, author)| (*theorem, *author))
}

/// The theorem of the library that states a quantity of that form, and how its source begins.
pub fn known(law: &Law) -> Option<(&'static str, &'static str)> {
    if law.dynamics() != Some(&Dynamics::GradientFlow) {
        return None;
    }
    let read = meaning(law)?;
    let summand = |part: &super::meaning::Part| {
        (part.coefficient.is_positive(), part.measure, part.place, part.coefficient.abs().is_one())
    };
    let in_order = |mut summands: Vec<Summand>| {
        summands.sort_unstable();
        summands
    };
    let form = in_order(read.parts.iter().map(summand).collect());
    KNOWN
        .iter()
        .find(|(summands, ..)| in_order(summands.to_vec()) == form)
        .map(|(_, theorem, author)| (*theorem, *author))
}

/// The sources of the forms of some laws, with the numbers of the laws that have the same ones.
pub(super) fn cited(laws: &[(usize, &Law)]) -> Vec<(Vec<String>, Vec<usize>)> {
    let mut out: Vec<(Vec<String>, Vec<usize>)> = Vec::new();
    for (number, law) in laws {
        let Some((theorem, author)) = known(law) else { continue };
        let sources = sources(theorem).into_iter().filter(|source| source.starts_with(author));
        let sources: Vec<String> = sources.map(|source| source.trim_end_matches('.').to_string()).collect();
        match out.iter_mut().find(|(said, _)| *said == sources) {
            Some((_, numbers)) => numbers.push(*number),
            None => out.push((sources, vec![*number])),
        }
    }
    out
}
