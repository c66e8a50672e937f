//! A model for a library user.

use crate::model::Model;

impl Model {
    /// The name of the model.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Its title, where it has one.
    pub fn title(&self) -> Option<&str> {
        self.title.as_deref()
    }

    /// Its sizes with their defaults, in the order of the text.
    pub fn default_sizes(&self) -> impl Iterator<Item = (&str, u64)> {
        self.dims.iter().map(|dim| (dim.name.as_str(), dim.default))
    }

    /// Its parameters with their numbers of rows and columns as formulas in the sizes, in the order of the text.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, [String; 2])> {
        self.params
            .iter()
            .map(|param| (param.name.as_str(), [param.shape.rows.to_string(), param.shape.cols.to_string()]))
    }

    /// The names of the declared actions, in the order of the text.
    pub fn actions(&self) -> impl Iterator<Item = &str> {
        self.actions.iter().map(|action| action.name.as_str())
    }
}
