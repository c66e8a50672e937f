//! A model for a library user.

use crate::job::{self, Error, Evaluation, Given};
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

    /// Evaluates the model at matrices for all its parameters and data, and pulls `along`, a matrix Z of the shape of the output F,
    /// back to the parameters. Families are given by member, `W[1]`.
    ///
    /// ```
    /// use equilaw::{Given, Model};
    ///
    /// let model = Model::parse(
    ///     "line.eqv",
    ///     "model line
    ///      dim d = 2, n = 1
    ///      param w : 1 x d
    ///      data X : d x n
    ///      output F = w * X
    ///      loss any",
    /// )?;
    /// let given = |name: &str, rows, cols, values: &[f64]| Given { name: name.into(), rows, cols, values: values.to_vec() };
    /// let at = [given("w", 1, 2, &[3.0, 4.0]), given("X", 2, 1, &[1.0, 2.0])];
    /// let found = model.evaluate(&[], &at, Some(&given("F", 1, 1, &[1.0])))?;
    /// assert_eq!(found.values, [given("F", 1, 1, &[11.0])]);
    /// assert_eq!(found.gradients, [given("w", 1, 2, &[1.0, 2.0])]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the sizes do not belong to the model, a matrix is missing, unknown or has another shape, or a value does not exist
    /// there.
    pub fn evaluate(
        &self,
        dims: &[(String, u64)],
        given: &[Given],
        along: Option<&Given>,
    ) -> Result<Evaluation, Error> {
        job::evaluate(self, dims, given, along)
    }
}
