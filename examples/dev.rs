use equilaw::language::Model;
use equilaw::law::{self, Context, Statement};
use equilaw::rewrite::{Limits, RuleBook};
use equilaw::term::print::text;
fn main() {
    let t0 = std::time::Instant::now();
    let book = match RuleBook::builtin() {
        Ok(b) => b,
        Err(e) => {
            eprintln!("{}", e.render(false, 120));
            std::process::exit(2)
        }
    };
    eprintln!("rules {:?}", t0.elapsed());
    for path in std::env::args().skip(1) {
        let t = std::fs::read_to_string(&path).unwrap();
        let model = match Model::parse(&path, &t) {
            Ok(m) => m,
            Err(e) => {
                eprintln!("{}", e.render(false, 120));
                continue;
            }
        };
        println!("=== {}", model.name);
        let cx = Context { model: &model, book: &book, limits: Limits::default() };
        let mut all = vec![];
        for action in &model.actions {
            let t0 = std::time::Instant::now();
            let p = law::action::prove(&cx, action);
            let t1 = t0.elapsed();
            match p {
                Ok(p) => {
                    println!(
                        "-- {} {} proved {:?} {:?} steps {}  {t1:?}",
                        action.name, action.group, p.kind, p.side, p.steps
                    );
                    let d = p.argument.conclude(p.conclusion);
                    if std::env::var("PROOF").is_ok() {
                        for (c, _) in d.claims() {
                            if let law::Reason::Rewriting(p) = &c.reason {
                                println!("     {}", text(&p.start));
                                for s in &p.steps {
                                    println!("       = {}   [{}]", text(&s.term), s.rule);
                                }
                            }
                        }
                    }
                    let t0 = std::time::Instant::now();
                    let laws = law::derive(&cx, &p);
                    println!("   derive {:?}", t0.elapsed());
                    for l in &laws.laws {
                        show(l);
                    }
                    for m in &laws.missing {
                        println!("   MISSING {} : {}", m.id, m.reason);
                    }
                    all.push(laws);
                }
                Err(u) => println!("-- {} UNPROVED {} : {} {t1:?}", action.name, u.claim, u.reason),
            }
        }
        for l in law::derive_joint(&cx, &all) {
            show(&l);
        }
    }
}
fn show(l: &law::Law) {
    print!("   [{}] ({}) ", l.id(), text(l.components()));
    match l.statement() {
        Statement::Equations { equations, .. } => {
            for (a, b) in equations {
                println!("  {} = {}", text(a), text(b));
            }
        }
        Statement::Conserved { quantity } => println!("const {}", text(quantity)),
        Statement::Rate { quantity, rate } => println!("d/dt {} = {}", text(quantity), text(rate)),
        Statement::Kernel { generators, dimension } => {
            println!("kernel dim {:?}", dimension.as_ref().map(text));
            for g in generators {
                for (p, x) in &g.components {
                    println!("      xi[{p}] = {}", text(x));
                }
            }
        }
    }
}
