//! The symmetries of the examples.

use equilaw::discover::{Options, discover};
use equilaw::exact::{Form, unwatched};
use equilaw::language::Model;
use equilaw::rewrite::{Limits, RuleBook};

#[test]
fn explore() {
    let book = RuleBook::builtin().unwrap();
    for entry in std::fs::read_dir("examples").unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "eqv") { continue }
        let text = std::fs::read_to_string(&path).unwrap();
        let model = Model::parse("x", &text).unwrap();
        for equivariant in [false, true] {
            let t = std::time::Instant::now();
            let options = Options { dims: Default::default(), form: Form { general: false, equivariant }, seed: 0, limits: Limits::default() };
            let found = discover(&model, &book, &options, &unwatched).unwrap();
            println!("== {} {equivariant} {:?} dim {} explained {} unexplained {:?}", model.name, t.elapsed(), found.algebra.dimension, found.explained, found.unexplained);
            for p in &found.proposals {
                let images: Vec<String> = p.action.images.iter().map(|(n, e)| format!("{n} -> {}", equilaw::term::print::text(e))).collect();
                println!("   {} : {} {} {:?}", p.action.name, p.action.group, images.join("; "), p.status.as_ref().map(|p| p.steps).map_err(|u| u.claim.clone()));
            }
            for &u in &found.unexplained { println!("     ? {:?}", found.describe(&model, u)); }
        }
    }
}
