//! The Lie algebras of the examples.

use equilaw::exact::{Form, symmetries, unwatched};
use equilaw::language::Model;

#[test]
fn explore() {
    for entry in std::fs::read_dir("examples").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "eqv") { continue }
        let text = std::fs::read_to_string(&path).unwrap();
        let model = Model::parse("x", &text).unwrap();
        for equivariant in [false, true] {
            let t = std::time::Instant::now();
            let a = symmetries(&model, &Default::default(), Form { general: false, equivariant }, 0, &unwatched).unwrap();
            let s = a.structure.as_ref().unwrap();
            println!("{} {equivariant} dim {} k {} p {} gf {} hb {} name {} centre {} der {:?} low {:?} rad {} sig {:?} rational {} width {} {:?}", model.name, a.dimension, a.k_dim, a.p_dim, a.gradient_flow_laws, a.heavy_ball_laws,
              s.name, s.centre, s.derived_series, s.lower_central_series, s.radical, s.killing_signature, a.basis.is_some(), a.layout.width(), t.elapsed());
        }
    }
}
