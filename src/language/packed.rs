//! Matrices that pack the members of a family: for an index i in 1..H, `rows(W, i, k)` is the i-th block of k rows of a matrix of H*k rows.
//! Where a matrix is read by such blocks alone, its entries are those of a family, and the statements become those that declare it:
//! `param W[i in 1..H] : k x d`, of which `rows(W, i, k)` is the member `W[i]`. Blocks of a `let` are those of what it is made of:
//! `let Q = W * X` with `rows(Q, i, k)` is `let Q[i in 1..H] = rows(W, i, k) * X`.

use super::cursor::{Name, Parsed};
use super::diagnostic::Diagnostic;
use super::index::IndexSyntax;
use super::member::{MemberAt, MemberIndex};
use super::size::{Part, SizeSyntax};
use super::source::{Source, Span};
use super::statement::{ActionSyntax, Image, Role, Sizes, Statement};
use super::syntax::{Binary, Node, NodeId, NodeKind, Syntax, Then};
use crate::term::{Rational, Size};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The statements, with every matrix that packs a family declared as that family.
pub(super) fn unpacked(
    source: &Arc<Source>,
    mut statements: Vec<Statement>,
    errors: &mut Vec<Diagnostic>,
) -> Vec<Statement> {
    let mut packing = Packing { source, ranges: ranges(&mut statements), packed: BTreeMap::new() };
    let kinds = kinds(&statements);
    // What a `let` is made of is read in blocks where the `let` is, further below.
    for statement in statements.iter_mut().rev() {
        if let Statement::Definition { role: Role::Let, name, value, indices, .. } = statement
            && kinds.get(&name.text) == Some(&Kind::Matrix)
            && let Some(of) = packing.packed.get_mut(&name.text)
            && let Some(blocks) = of.blocks_of(value, &kinds)
        {
            of.declared = true;
            indices.push(of.index());
            *value = blocks;
        }
        formulas(statement).into_iter().for_each(|syntax| packing.note_all(syntax, errors));
    }
    // An image of the whole matrix is that of every block where it is one block by block, `W -> W * g`.
    for statement in &mut statements {
        let Statement::Action(action) = statement else { continue };
        for image in &mut action.images {
            let of = packing.packed.get(&image.target.text);
            if let Some(blocks) = of.and_then(|of| of.blocks_of(&image.value, &kinds)) {
                packing.note_all(&blocks, errors);
                image.value = blocks;
            } else if let Some(of) = of {
                errors.push(of.read_whole(source, image.target.span));
            }
        }
    }
    for statement in &mut statements {
        if let Statement::Variable { name, shape, indices, .. } = statement
            && let Some(of) = packing.packed.get_mut(&name.text)
        {
            of.declared = true;
            match of.family(source, name, shape) {
                Ok(index) => indices.push(index),
                Err(error) => errors.push(*error),
            }
        }
    }
    let undeclared = packing.packed.values().filter(|of| !of.declared);
    errors.extend(undeclared.map(|of| no_matrix(source, of.first)));
    packing.packed.retain(|_, of| of.declared);
    for statement in &mut statements {
        for syntax in formulas(statement) {
            errors.extend(packing.rewrite(syntax));
        }
        if let Statement::Action(action) = statement {
            name_targets(action);
        }
    }
    statements
}

/// The ranges of all indices that are declared anywhere.
fn ranges(statements: &mut [Statement]) -> BTreeMap<String, SizeSyntax> {
    let mut out = BTreeMap::new();
    let mut note = |index: &IndexSyntax| {
        if let Some(range) = &index.range {
            out.entry(index.name.text.clone()).or_insert_with(|| range.clone());
        }
    };
    for statement in statements {
        match statement {
            Statement::Variable { indices, .. } | Statement::Definition { indices, .. } => {
                indices.iter().for_each(&mut note)
            }
            Statement::Action(action) => action.indices.iter().for_each(&mut note),
            Statement::Repeat { index, .. } => note(index),
            _ => {}
        }
        for node in formulas(statement).into_iter().flat_map(|syntax| &syntax.nodes) {
            if let NodeKind::Over(index, _) = &node.kind {
                note(index);
            }
        }
    }
    out
}

fn formulas(statement: &mut Statement) -> Vec<&mut Syntax> {
    match statement {
        Statement::Definition { value, .. } | Statement::Loss { value: Some(value), .. } => vec![value],
        Statement::Action(action) => {
            let blocks = action.blocks.iter_mut().flat_map(|(target, value)| [target, value]);
            action.images.iter_mut().map(|image| &mut image.value).chain(blocks).collect()
        }
        _ => vec![],
    }
}

/// `rows(W, i, k)` or `rows(W, p(i), k)`.
struct Block {
    axis: String,
    of: NodeId,
    at: MemberIndex,
    size: NodeId,
}

/// What is known of a matrix that is read by blocks of an index.
struct Packed {
    axis: String,
    size: SizeSyntax,
    index: Name,
    range: SizeSyntax,
    /// Where a block was read first.
    first: Span,
    declared: bool,
}

/// The matrices of a file that pack families.
struct Packing<'a> {
    source: &'a Arc<Source>,
    /// The indices, with their ranges.
    ranges: BTreeMap<String, SizeSyntax>,
    packed: BTreeMap<String, Packed>,
}

impl Packing<'_> {
    /// The block of an index that a node reads.
    fn block(&self, syntax: &Syntax, at: NodeId) -> Option<Block> {
        let NodeKind::Call { callee, args, then: Then::Nothing } = &syntax.nodes[at].kind else { return None };
        let [of, place, size] = args[..] else { return None };
        let index = |at: NodeId| match &syntax.nodes[at] {
            Node { kind: NodeKind::Name(name), span, .. } if self.ranges.contains_key(name) => {
                Some(Name { text: name.clone(), span: *span })
            }
            _ => None,
        };
        let at = match &syntax.nodes[place].kind {
            NodeKind::Call { callee: permutation, args, then: Then::Nothing } if args.len() == 1 => {
                MemberIndex { name: index(args[0])?, at: MemberAt::Moved(permutation.clone()) }
            }
            _ => MemberIndex { name: index(place)?, at: MemberAt::Here },
        };
        matches!(callee.text.as_str(), "rows" | "cols").then(|| Block { axis: callee.text.clone(), of, at, size })
    }

    fn note_all(&mut self, syntax: &Syntax, errors: &mut Vec<Diagnostic>) {
        let notes = (0..syntax.nodes.len()).map(|at| self.note(syntax, at));
        errors.extend(notes.filter_map(|note| Some(*note.err()?)).collect::<Vec<_>>());
    }

    /// Takes note of the block that a node reads, if it reads one.
    fn note(&mut self, syntax: &Syntax, at: NodeId) -> Parsed<()> {
        let Some(block) = self.block(syntax, at) else { return Ok(()) };
        let span = syntax.nodes[at].span;
        let (NodeKind::Name(of) | NodeKind::Member(Name { text: of, .. }, _)) = &syntax.nodes[block.of].kind else {
            return Err(no_matrix(self.source, syntax.nodes[block.of].span).into());
        };
        let size = size(syntax, block.size).ok_or_else(|| {
            let span = syntax.nodes[block.size].span;
            let error = Diagnostic::new(self.source, span, "the size of a block of an index is too long", "");
            error.with_help("write a name, a number or a product of these")
        })?;
        let index = block.at.name;
        let Some(range) = self.ranges.get(&index.text).cloned() else { return Ok(()) };
        let Some(known) = self.packed.get(of) else {
            let known = Packed { axis: block.axis, size, index, range, first: span, declared: false };
            self.packed.insert(of.clone(), known);
            return Ok(());
        };
        if known.axis == block.axis && known.size(self.source) == value(self.source, &size) {
            return Ok(());
        }
        let error =
            Diagnostic::new(self.source, span, format!("the blocks of `{of}` are of different sizes"), "read here");
        Err(error.also(known.first, "read in other blocks here").into())
    }

    /// Puts members in the place of blocks; the places that read a matrix as a whole are errors.
    fn rewrite(&self, syntax: &mut Syntax) -> Vec<Diagnostic> {
        let blocks: Vec<Option<Block>> = (0..syntax.nodes.len()).map(|at| self.block(syntax, at)).collect();
        let of = |at: NodeId| match &syntax.nodes[at].kind {
            NodeKind::Name(name) | NodeKind::Member(Name { text: name, .. }, _) => self.packed.get(name),
            _ => None,
        };
        let members: Vec<(NodeId, Block)> = blocks
            .into_iter()
            .enumerate()
            .filter_map(|(at, block)| Some((at, block?)))
            .filter(|(_, b)| of(b.of).is_some())
            .collect();
        let is_read = |at: NodeId| members.iter().any(|(_, block)| block.of == at);
        let whole = (0..syntax.nodes.len()).filter(|at| !is_read(*at));
        let errors = whole.filter_map(|at| Some(of(at)?.read_whole(self.source, syntax.nodes[at].span))).collect();
        for (at, block) in members {
            let (name, mut indices) = match &syntax.nodes[block.of] {
                Node { kind: NodeKind::Member(name, indices), .. } => (name.clone(), indices.clone()),
                Node { kind: NodeKind::Name(name), span, .. } => (Name { text: name.clone(), span: *span }, vec![]),
                _ => continue,
            };
            indices.push(block.at);
            syntax.nodes[at].kind = NodeKind::Member(name, indices);
        }
        syntax.prune();
        errors
    }
}

impl Packed {
    fn size(&self, source: &Source) -> Option<Size> {
        value(source, &self.size)
    }

    /// Makes the shape of the matrix that of a member; the index of the family.
    fn family(&self, source: &Arc<Source>, name: &Name, shape: &mut Sizes) -> Parsed<IndexSyntax> {
        let place = usize::from(self.axis == "cols");
        let side = if place == 0 { "rows" } else { "columns" };
        let blocks = || value(source, &self.range)?.times(self.size(source)?);
        let fits = shape.get(place).is_some_and(|whole| value(source, whole).is_some_and(|n| Some(n) == blocks()));
        if !fits {
            let (range, size) = (source.slice(self.range.span), words(source, &self.size));
            let message =
                format!("`{}` is read in blocks of {size} {side} for `{}` in 1..{range}", name.text, self.index.text);
            let error = Diagnostic::new(source, name.span, message, format!("it has to have {range}*{size} {side}"));
            let error = error.also(self.first, "read here");
            // The number of blocks may have been meant for the size of one.
            let parts: Vec<&str> =
                shape.get(place).map_or(vec![], |whole| whole.parts().map(|p| word(source, p)).collect());
            let mut rest = parts.clone();
            rest.iter().position(|part| *part == range).map(|at| rest.remove(at));
            if rest.is_empty() || rest.len() == parts.len() {
                return Err(error.into());
            }
            let (axis, name, index, rest) = (&self.axis, &name.text, &self.index.text, rest.join("*"));
            let help = format!("the last size is that of one block: write `{axis}({name}, {index}, {rest})`");
            return Err(error.with_help(help).into());
        }
        shape[place] = self.size.clone();
        Ok(self.index())
    }

    fn index(&self) -> IndexSyntax {
        IndexSyntax { name: self.index.clone(), range: Some(self.range.clone()), less: None }
    }

    /// The block of what a `let` stands for: of a product that of its first factor, of a sum those of its terms. `None` where it is not known
    /// to be one.
    fn blocks_of(&self, value: &Syntax, kinds: &BTreeMap<String, Kind>) -> Option<Syntax> {
        let mut leaves = BTreeMap::new();
        let mut open = vec![(value.nodes.len().checked_sub(1)?, self.axis == "rows")];
        while let Some((at, rows)) = open.pop() {
            let kind = |at: NodeId| match &value.nodes[at].kind {
                NodeKind::Number(_) => Kind::Scalar,
                NodeKind::Name(name) | NodeKind::Member(Name { text: name, .. }, _) => {
                    kinds.get(name).copied().unwrap_or(Kind::Scalar)
                }
                _ => Kind::Other,
            };
            let scalar = |at: NodeId| kind(at) == Kind::Scalar;
            match &value.nodes[at].kind {
                NodeKind::Name(_) | NodeKind::Member(..) if kind(at) == Kind::Matrix => _ = leaves.insert(at, rows),
                NodeKind::Binary(Binary::Mul, x, y) if scalar(*x) => open.push((*y, rows)),
                NodeKind::Binary(Binary::Mul, x, y) => open.push((if rows { *x } else { *y }, rows)),
                NodeKind::Binary(Binary::Add | Binary::Sub | Binary::Had, x, y) => {
                    open.extend([(*x, rows), (*y, rows)])
                }
                NodeKind::Binary(Binary::Div, x, _) | NodeKind::Negate(x) => open.push((*x, rows)),
                NodeKind::Transpose(x) => open.push((*x, !rows)),
                _ => return None,
            }
        }
        let factors: Vec<NodeKind> = self.size.parts().map(|part| named(&part.name.text)).collect();
        let mut out = Syntax::default();
        let mut moved = Vec::new();
        for (at, node) in value.nodes.iter().enumerate() {
            let mut node = node.clone();
            node.kind.arguments_mut().into_iter().for_each(|id| *id = moved[*id]);
            let (span, mut put) = (node.span, |kind: NodeKind| out.put(kind, node.span));
            let mut id = put(node.kind);
            if let Some(rows) = leaves.get(&at) {
                let index = put(named(&self.index.text));
                let mut factors = factors.iter().cloned();
                let mut size = put(factors.next()?);
                for factor in factors {
                    let factor = put(factor);
                    size = put(NodeKind::Binary(Binary::Mul, size, factor));
                }
                let callee = Name { text: if *rows { "rows" } else { "cols" }.into(), span };
                id = put(NodeKind::Call { callee, args: vec![id, index, size], then: Then::Nothing });
            }
            moved.push(id);
        }
        Some(out)
    }

    fn read_whole(&self, source: &Arc<Source>, at: Span) -> Diagnostic {
        let message = "a matrix that is read in blocks of an index is not read as a whole too";
        let error = Diagnostic::new(source, at, message, "as a whole").also(self.first, "in blocks of an index");
        let (index, range, axis) = (&self.index.text, source.slice(self.range.span), &self.axis);
        let size = words(source, &self.size);
        error.with_help(format!("read it as `{axis}(…, {index}, {size})` for `{index}` in 1..{range} everywhere"))
    }
}

fn no_matrix(source: &Arc<Source>, at: Span) -> Diagnostic {
    let error = Diagnostic::new(source, at, "blocks of an index are those of a parameter or of data", "not of one");
    error.with_help("write `rows(W, i, k) * X` for the blocks of `W * X`")
}

/// A name or a number.
fn named(text: &str) -> NodeKind {
    match text.parse::<u64>() {
        Ok(number) => NodeKind::Number(Rational::from_integer(number.into())),
        Err(_) => NodeKind::Name(text.into()),
    }
}

/// What a name or a formula is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A number, or a size.
    Scalar,
    /// A matrix that is declared or defined once.
    Matrix,
    Other,
}

/// What the declared and defined names are; others are sizes.
fn kinds(statements: &[Statement]) -> BTreeMap<String, Kind> {
    let mut out = BTreeMap::new();
    for statement in statements {
        let (name, kind) = match statement {
            Statement::Variable { name, shape, .. } if shape.is_empty() => (name, Kind::Scalar),
            Statement::Variable { name, .. } | Statement::Definition { name, .. } => (name, Kind::Matrix),
            Statement::Action(ActionSyntax { element: Some(name), .. }) => (name, Kind::Other),
            _ => continue,
        };
        let again = out.contains_key(&name.text);
        out.insert(name.text.clone(), if again { Kind::Other } else { kind });
    }
    out
}

/// The size that a product of names and numbers is.
fn size(syntax: &Syntax, at: NodeId) -> Option<SizeSyntax> {
    let (mut open, mut factors) = (vec![at], Vec::new());
    while let Some(at) = open.pop() {
        let node = &syntax.nodes[at];
        match &node.kind {
            NodeKind::Name(text) => factors.push(Name { text: text.clone(), span: node.span }),
            NodeKind::Number(n) if n.is_integer() => factors.push(Name { text: n.to_string(), span: node.span }),
            NodeKind::Binary(Binary::Mul, x, y) => open.extend([*y, *x]),
            _ => return None,
        }
    }
    Some(SizeSyntax::product(factors, syntax.nodes[at].span))
}

/// A size as it is written, of a product in order.
fn words(source: &Source, size: &SizeSyntax) -> String {
    size.parts().map(|part| word(source, part)).collect::<Vec<_>>().join("*")
}

fn word<'a>(source: &'a Source, part: &'a Part) -> &'a str {
    if part.indices.is_empty() { &part.name.text } else { source.slice(part.name.span) }
}

/// The size in the names of the file.
fn value(source: &Source, size: &SizeSyntax) -> Option<Size> {
    let part = |part: &Part| match word(source, part).parse() {
        Ok(number) => Size::Lit(number),
        Err(_) => Size::Name(word(source, part).into()),
    };
    size.value(&size.parts().map(part).collect::<Vec<_>>())
}

/// States the images of members as such: `rows(W, i, k) -> …` as `W[i] -> …`.
fn name_targets(action: &mut ActionSyntax) {
    for (target, value) in std::mem::take(&mut action.blocks) {
        match &target.nodes[..] {
            [Node { kind: NodeKind::Member(name, indices), .. }] => {
                action.images.push(Image { target: name.clone(), member: indices.clone(), value });
            }
            _ => action.blocks.push((target, value)),
        }
    }
}
