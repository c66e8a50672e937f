//! A law as plain data, for a library user who prints it in a way of his own.

use super::formulas::Formulas;
use super::obstacle;
use super::python::extent;
use super::words;
use crate::job::Absent;
use crate::kernel;
use crate::term::print;

/// A derived law, in text. The whole derivation is in the JSON of a report.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Law {
    /// Stable: `rescale/gradient-flow/conserved`.
    pub id: String,
    pub kind: kernel::Kind,
    /// The number of the theorem in `docs/theory.md` that concludes it.
    pub theorem: String,
    /// The action it comes from; none for a law of several actions together.
    pub action: Option<String>,
    /// The dynamics it holds under, by its name in the language; none when it holds at every point of parameter space.
    pub dynamics: Option<String>,
    /// The law as one formula in Unicode.
    pub statement: String,
    /// The same in LaTeX.
    pub latex: String,
    /// What is conserved, or whose rate is known.
    pub quantity: Option<Quantity>,
    /// How many scalar statements it is, as a formula in the sizes.
    pub components: String,
    /// How many of them are independent at a generic point of the instance of the checks.
    pub independent: Option<usize>,
    /// What it assumes, in words.
    pub hypotheses: Vec<String>,
    /// The ids of the laws it follows from.
    pub premises: Vec<String>,
}

/// A quantity of training.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Quantity {
    /// In the language of models.
    pub text: String,
    pub latex: String,
    /// As a NumPy expression in the parameters; none where it has none.
    pub numpy: Option<String>,
}

/// A law that an action suggests and that is not stated, in text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Missing {
    /// The id the law would have.
    pub id: String,
    /// What stood in the way, by a stable name: `not-curl-free`.
    pub obstacle: &'static str,
    /// Why it is not stated, in words.
    pub reason: String,
}

/// A law that is not stated as plain data.
pub fn missing(absent: &Absent) -> Missing {
    let told = obstacle::absent(absent);
    Missing { id: told.id, obstacle: told.obstacle, reason: told.reason.unicode() }
}

/// A law of a model as plain data.
pub fn view(law: &kernel::Law) -> Law {
    let model = law.claim().setting().model();
    let formulas = Formulas::of_law(law);
    let quantity = law.quantity().map(|quantity| Quantity {
        text: print::text(quantity),
        latex: formulas.formula(quantity).latex(),
        numpy: print::numpy(law.env(), quantity, &|size| extent(model, size)).ok().map(|numpy| numpy.code),
    });
    Law {
        id: law.id().to_string(),
        kind: law.kind(),
        theorem: law.theorem().number().to_string(),
        action: law.action().map(|action| action.to_string()),
        dynamics: law.dynamics().map(|dynamics| dynamics.name().to_string()),
        statement: formulas.sentence_text(law),
        latex: formulas.sentence(law).latex(),
        quantity,
        components: print::text(law.components()),
        independent: law.independent(),
        hypotheses: words::hypotheses(law).iter().map(|told| told.words.unicode()).collect(),
        premises: law.premises().to_vec(),
    }
}
