//! Packed parameters. A matrix that the model reads block by block – queries, keys and values in one projection, gate and value in
//! another – is looked at as one parameter for each block, and what is found of these is told of the matrix.

use super::candidate::fresh;
use crate::model::{Action, Block, Definition, Dynamics, Loss, Model, Variable, composed, selected};
use crate::term::{
    Expr, Op, Shape, Size, Symbol, Term, apply, factors, root, substitute, subterm, sym, symbols, transpose,
};
use egg::Id;
use std::collections::{HashMap, HashSet};

/// The blocks of packed parameters in order, and the parameter that stands for each.
#[derive(Debug, Default)]
pub struct Packed {
    parts: Vec<(Symbol, Block)>,
}

impl Packed {
    /// Every parameter that is read in blocks of rows, or in blocks of columns, which together are all of it.
    pub fn of(model: &Model) -> Packed {
        // A potential is one of a whole parameter.
        if model.dynamics.iter().any(|dynamics| matches!(dynamics, Dynamics::Mirror(_))) {
            return Packed::default();
        }
        let reads = reads(model);
        let blocks = |param: &Variable| {
            let reads: Vec<&Read> =
                reads.iter().filter(|(name, _)| *name == param.name).map(|(_, read)| read).collect();
            let cut = |rows: bool, all: Size| {
                let of = |read: &&Read| if rows { read.rows } else { read.cols };
                let ranges: Option<HashSet<[Size; 3]>> = reads.iter().map(of).collect();
                Some(
                    chain(&ranges?, all)?
                        .into_iter()
                        .map(|[from, to]| Block { of: param.name, rows, from, to, all })
                        .collect(),
                )
            };
            cut(true, param.shape.rows).or_else(|| cut(false, param.shape.cols)).unwrap_or_default()
        };
        let mut parts = Vec::new();
        for param in &model.params {
            let blocks: Vec<Block> = blocks(param);
            parts.extend(
                blocks
                    .into_iter()
                    .enumerate()
                    .map(|(i, block)| (fresh(model, &format!("{}_{}", param.name, i + 1)), block)),
            );
        }
        Packed { parts }
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The parts of a matrix.
    fn of_matrix(&self, matrix: Symbol) -> impl Iterator<Item = &(Symbol, Block)> {
        self.parts.iter().filter(move |(_, block)| block.of == matrix)
    }

    /// The model in the parts.
    pub fn unpacked(&self, model: &Model) -> Model {
        let mut out = model.clone();
        let mut whole: HashMap<Symbol, Expr> = HashMap::new();
        out.params.clear();
        for param in &model.params {
            if self.of_matrix(param.name).next().is_none() {
                out.params.push(param.clone());
                continue;
            }
            let indices = model.env.indices_of(&param.indices);
            let mut rows: Vec<Expr> = Vec::new();
            for (name, block) in self.of_matrix(param.name) {
                let Some(count) = block.count() else { continue };
                let shape = match block.rows {
                    true => Shape::new(count, param.shape.cols),
                    false => Shape::new(param.shape.rows, count),
                };
                out.env.declare_member(*name, shape, param.facts, indices);
                out.params.push(Variable { name: *name, latex: None, shape, ..param.clone() });
                rows.push(if block.rows { sym(*name) } else { transpose(&sym(*name)) });
            }
            let stacked = rows.into_iter().rev().reduce(|below, part| apply(Op::Concat, &[&part, &below]));
            let by_rows = self.of_matrix(param.name).all(|(_, block)| block.rows);
            whole.extend(stacked.map(|x| (param.name, if by_rows { x } else { transpose(&x) })));
        }
        let at = |d: &Definition| Definition { expr: substitute(&d.expr, &whole), ..d.clone() };
        out.lets = model.lets.iter().map(at).collect();
        out.output = model.output.as_ref().map(at);
        if let Loss::Explicit(loss) = &model.loss {
            out.loss = Loss::Explicit(substitute(loss, &whole));
        }
        out
    }

    /// An action on the parts as one of the packed model; `None` where it names what that does not.
    pub fn told(&self, model: &Model, action: Action) -> Option<Action> {
        if self.is_empty() {
            return Some(action);
        }
        let at: HashMap<Symbol, Expr> = self.parts.iter().map(|(name, block)| (*name, block.formula())).collect();
        let mut images: Vec<(Symbol, Expr)> = Vec::new();
        for param in &model.params {
            let image = |name: Symbol| action.images.iter().find(|(moved, _)| *moved == name).map(|(_, image)| image);
            let parts: Vec<&(Symbol, Block)> = self.of_matrix(param.name).collect();
            if let Some(image) = image(param.name) {
                images.push((param.name, substitute(image, &at)));
            }
            let moved: Vec<(Block, &Expr, Symbol)> =
                parts.iter().filter_map(|(name, block)| Some((*block, image(*name)?, *name))).collect();
            if moved.is_empty() {
                continue;
            }
            let alike = (moved.len() == parts.len()).then(|| alike(&action, param.name, &moved)).flatten();
            let blocks = || composed(moved.iter().map(|(block, image, _)| (*block, substitute(image, &at))).collect());
            if alike.is_none() && moved.iter().any(|(_, image, _)| is_relabelled(image)) {
                return None;
            }
            images.push((param.name, alike.or_else(blocks)?));
        }
        let known = |name: Symbol| Some(name) == action.element || model.env.symbol(name).is_some();
        let named = images.iter().all(|(_, image)| symbols(image).all(known));
        let targets = action.images.iter().all(|(name, _)| at.contains_key(name) || model.env.symbol(*name).is_some());
        (named && targets).then_some(Action { images, ..action })
    }
}

/// The image of a matrix all of whose parts have one formula, which does not mix what the blocks are of.
fn alike(action: &Action, matrix: Symbol, moved: &[(Block, &Expr, Symbol)]) -> Option<Expr> {
    let of_whole =
        |(_, image, name): &(Block, &Expr, Symbol)| substitute(image, &HashMap::from([(*name, sym(matrix))]));
    let mut images = moved.iter().map(of_whole);
    let first = images.next()?;
    let factors = factors(&first);
    let end = if moved.first()?.0.rows { factors.first() } else { factors.last() };
    let is_number = action.group.element().is_some_and(|(shape, _)| shape.is_scalar());
    let whole = is_number || is_relabelled(&first) || end == Some(&sym(matrix));
    (images.all(|image| image == first) && whole).then_some(first)
}

/// Whether it is the family whose members are exchanged.
fn is_relabelled(image: &Expr) -> bool {
    matches!(root(image), Term::Op(Op::Relabelled, _))
}

/// The blocks one behind the other that some ranges are, two at least, where they are all rows.
fn chain(ranges: &HashSet<[Size; 3]>, all: Size) -> Option<Vec<[Size; 2]>> {
    let mut blocks = Vec::new();
    let mut from = Size::Lit(1);
    while blocks.len() < ranges.len() {
        let mut next = ranges.iter().filter(|[first, _, of]| *first == from && *of == all);
        let (Some([_, to, _]), None) = (next.next(), next.next()) else { return None };
        blocks.push([from, *to]);
        if *to != all {
            from = to.plus(Size::Lit(1))?;
        }
    }
    (blocks.len() > 1 && blocks.last()?[1] == all).then_some(blocks)
}

/// The rows and the columns of a matrix that are read at a place, as `select(a, b, n)` names them; all, where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Read {
    rows: Option<[Size; 3]>,
    cols: Option<[Size; 3]>,
}

/// What is read of every name, from the loss back through the definitions.
fn reads(model: &Model) -> HashSet<(Symbol, Read)> {
    let mut found: HashSet<(Symbol, Read)> = HashSet::new();
    let mut open: Vec<(&Expr, Read)> = Vec::new();
    match (&model.loss, &model.output) {
        (Loss::Explicit(loss), _) => open.push((loss, Read::default())),
        (Loss::Any, Some(output)) => open.push((&output.expr, Read::default())),
        (Loss::Any, None) => {}
    }
    while let Some((expr, read)) = open.pop() {
        let mut here = Reading { expr, found: HashSet::new(), walked: HashSet::new() };
        here.walk(Id::from(expr.len() - 1), read);
        for (name, read) in here.found {
            if found.insert((name, read)) {
                let of_name = model.lets.iter().chain(&model.output).filter(|d| d.name == name);
                open.extend(of_name.map(|definition| (&definition.expr, read)));
            }
        }
    }
    found
}

struct Reading<'a> {
    expr: &'a Expr,
    found: HashSet<(Symbol, Read)>,
    walked: HashSet<(Id, Read)>,
}

impl Reading<'_> {
    fn walk(&mut self, id: Id, read: Read) {
        if !self.walked.insert((id, read)) {
            return;
        }
        let select = |id: Id| selected(&subterm(self.expr, id));
        match &self.expr[id] {
            Term::Sym(name) => {
                self.found.insert((*name, read));
            }
            Term::Op(Op::Mul, args) => {
                let (x, y) = (args[0], args[1]);
                let columns = match &self.expr[y] {
                    Term::Op(Op::T, transposed) => select(transposed[0]),
                    _ => None,
                };
                match (select(x), columns) {
                    (Some(rows), _) => self.walk(y, Read { rows: Some(rows), ..read }),
                    (_, Some(cols)) => self.walk(x, Read { cols: Some(cols), ..read }),
                    _ if matches!(self.expr[x], Term::Num(_)) => self.walk(y, read),
                    _ => {
                        self.walk(x, Read { cols: None, ..read });
                        self.walk(y, Read { rows: None, ..read });
                    }
                }
            }
            Term::Op(Op::T, args) => self.walk(args[0], Read { rows: read.cols, cols: read.rows }),
            // Entry by entry.
            Term::Op(Op::Add | Op::Had, args) => args.iter().for_each(|&x| self.walk(x, read)),
            Term::Op(Op::Apply, args) => self.walk(args[1], read),
            Term::Op(_, args) => args.iter().for_each(|&x| self.walk(x, Read::default())),
            Term::Num(_) | Term::Size(_) | Term::Fun(_) => {}
        }
    }
}
