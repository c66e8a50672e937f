//! A first model: layers of a menu, one after the other, with a comment on each.

/// A layer that a model may begin with.
#[derive(Debug)]
pub struct Layer {
    pub name: &'static str,
    /// What it does, in a few words.
    pub what: &'static str,
    /// Its weights, each with its shape; `@` is its number, `#` the height of what it reads.
    weights: &'static [(&'static str, &'static str)],
    /// Sizes of its own, without the number.
    sizes: &'static [&'static str],
    /// Values on the way, each with its formula; `$` is what the layer reads.
    inner: &'static [(&'static str, &'static str)],
    /// What it gives.
    value: &'static str,
    /// The height of it where it is not that of what it reads.
    height: Option<&'static str>,
}

const fn plain(name: &'static str, what: &'static str, value: &'static str) -> Layer {
    Layer { name, what, weights: &[], sizes: &[], inner: &[], value, height: None }
}

/// The menu.
pub static LAYERS: &[Layer] = &[
    Layer {
        weights: &[("W@", "h@ x #")],
        sizes: &["h"],
        height: Some("h@"),
        ..plain("linear", "every unit weighs all it reads", "W@ * $")
    },
    Layer { weights: &[("b@", "#")], ..plain("bias", "a number added to each unit", "$ + b@ * ones(1, n)") },
    Layer { weights: &[("g@", "#")], ..plain("gain", "a factor for each unit", "diag(g@) * $") },
    plain("relu", "what is negative becomes 0", "relu($)"),
    plain("leaky_relu", "what is negative becomes small", "leaky_relu($)"),
    plain("gelu", "x times the normal distribution function of x", "gelu($)"),
    plain("silu", "x times the logistic function of x", "silu($)"),
    plain("tanh", "an odd function between -1 and 1", "tanh($)"),
    plain("softmax", "each column becomes positive with sum 1", "softmax($)"),
    plain("layernorm", "each column gets mean 0 and variance 1", "layernorm($)"),
    plain("rmsnorm", "each column gets mean square 1", "rmsnorm($)"),
    Layer {
        weights: &[("W_Q@", "k@ x #"), ("W_K@", "k@ x #"), ("W_V@", "v@ x #"), ("W_O@", "# x v@")],
        sizes: &["k", "v"],
        inner: &[("S@", "softmax((W_K@ * $)' * W_Q@ * $ / sqrt(k@))")],
        ..plain("attention", "one head; the columns look at each other", "W_O@ * W_V@ * $ * S@")
    },
    Layer {
        weights: &[("W_G@", "h@ x #"), ("W_U@", "h@ x #")],
        sizes: &["h"],
        height: Some("h@"),
        ..plain("glu", "one linear map gates another, as in SwiGLU", "silu(W_G@ * $) .* (W_U@ * $)")
    },
    Layer {
        weights: &[("W_in@", "h@ x #"), ("W_out@", "# x h@")],
        sizes: &["h"],
        ..plain("residual", "a two-layer ReLU network beside an identity", "$ + W_out@ * relu(W_in@ * $)")
    },
];

/// The most layers of one template.
const MOST_LAYERS: usize = 32;

/// Why there is no such model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    #[error("there is no layer `{0}`{1}")]
    Unknown(String, String),
    #[error("a model needs a layer with weights: {0}")]
    NoWeights(String),
    #[error("{0} layers are more than {MOST_LAYERS}")]
    TooMany(usize),
}

/// The text of a model of some layers, with comments.
///
/// # Errors
/// Where a layer is not on the menu, none has weights or there are too many.
pub fn template(name: &str, layers: &[String]) -> Result<String, TemplateError> {
    if layers.len() > MOST_LAYERS {
        return Err(TemplateError::TooMany(layers.len()));
    }
    let chosen: Vec<&Layer> = layers.iter().map(|name| find(name)).collect::<Result<_, _>>()?;
    if chosen.iter().all(|layer| layer.weights.is_empty()) {
        let names: Vec<&str> =
            LAYERS.iter().filter(|layer| !layer.weights.is_empty()).map(|layer| layer.name).collect();
        return Err(TemplateError::NoWeights(names.join(", ")));
    }
    Ok(written(name, &chosen))
}

fn find(name: &str) -> Result<&'static Layer, TemplateError> {
    LAYERS.iter().find(|layer| layer.name == name).ok_or_else(|| {
        let meant = crate::language::nearest(name, LAYERS.iter().map(|layer| layer.name));
        let help =
            meant.map_or("; --list shows those there are".to_string(), |meant| format!("; did you mean `{meant}`?"));
        TemplateError::Unknown(name.to_string(), help)
    })
}

fn written(name: &str, layers: &[&Layer]) -> String {
    let (mut sizes, mut weights, mut lets) = (vec!["d = 3".to_string()], String::new(), String::new());
    let (mut value, mut height) = ("X".to_string(), "d".to_string());
    for (i, layer) in layers.iter().enumerate() {
        let number = (i + 1).to_string();
        let fill = |text: &str| text.replace('@', &number).replace('#', &height).replace('$', &value);
        sizes.extend(layer.sizes.iter().map(|size| format!("{size}{number} = {}", if *size == "h" { 4 } else { 2 })));
        for (name, shape) in layer.weights {
            weights += &format!("param {} : {}\n", fill(name), fill(shape));
        }
        lets += &format!("# {}: {}\n", layer.name, layer.what);
        for (name, formula) in layer.inner {
            lets += &format!("let {} = {}\n", fill(name), fill(formula));
        }
        let formula = fill(layer.value);
        let last = i + 1 == layers.len();
        let (word, next) = if last { ("output", "F".to_string()) } else { ("let", format!("X{number}")) };
        lets += &format!("{word} {next} = {formula}\n");
        height = layer.height.map_or_else(|| height.clone(), fill);
        value = next;
    }
    let names: Vec<&str> = layers.iter().map(|layer| layer.name).collect();
    format!(
        "# A network of {}.\n\n\
         model {name}\n\n\
         # Sizes are symbols; the numbers are those of the instance that laws are checked at.\n\
         dim {}, n = 5\n\n\
         # What is trained.\n{weights}\n\
         # What is given: each column is a sample.\n\
         data X : d x n\n\n{lets}\n\
         # Every differentiable loss of F. One loss: `loss mse(F, Y)` with `data Y : {height} x n`.\n\
         loss any\n\n\
         # No symmetry is declared: `equilaw derive` finds some and proves them. One of your own is a block such as\n\
         #   action turn : g in GL(d) {{ W -> W * inv(g) }}\n",
        names.join(", "),
        sizes.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    fn of(names: &[&str]) -> Result<String, TemplateError> {
        template("mine", &names.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn every_two_layers_make_a_model_in_the_one_layout() {
        for first in LAYERS {
            for second in LAYERS {
                // What has no weights is read behind what has.
                let text = of(&["linear", first.name, second.name]).expect("a model");
                let model = Model::parse("mine", &text);
                assert!(model.is_ok(), "{text}{model:?}");
                let text = crate::language::format("mine", &text).expect("a model");
                assert_eq!(text, crate::language::format("mine", &text).expect("a model"));
            }
        }
    }

    #[test]
    fn what_is_not_offered_is_refused_with_what_is() {
        assert!(of(&["lineer"]).unwrap_err().to_string().contains("did you mean `linear`?"));
        assert!(of(&["relu", "tanh"]).unwrap_err().to_string().contains("linear, bias"));
        assert!(of(&["linear"; 33]).unwrap_err().to_string().contains("33"));
        assert!(of(&[]).is_err());
    }
}
