//! Second and third order and finite groups on models that are no examples: what is stated.

use crate::common::{ROOT, each_file, masked};
use crate::run::{binary, run};
use std::path::Path;

fn printed(model: &Path) -> String {
    let ran = run(binary().args(["derive", "--color", "never", "--all"]).arg(model), Path::new(ROOT));
    assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{}\n{}", model.display(), ran.stdout);
    masked(&ran.stdout)
}

#[test]
fn symmetric_points_and_flattest_points_read_as_text() {
    each_file("tests/symmetry", |model| {
        let text = printed(model);
        // The numbers of the instance are not the statement.
        let (laws, _) = text.split_once("\nChecks").expect("a summary of the checks");
        insta::assert_snapshot!(laws.to_string());
    });
}
