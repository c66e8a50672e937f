//! Checking one `action`: its group, its element and the image of everything it moves.

use super::checker::Checker;
use super::cursor::Name;
use super::lower::Lowered;
use super::names::{nearest, reserved};
use super::scope::{ModelScope, Place};
use super::statement::{ActionSyntax, Image};
use super::syntax::Syntax;
use crate::group::{self, Finite, GroupInstance};
use crate::model::{Action, Block, Loss, Model, composed};
use crate::term::{Data, Domain, Expr, Facts, FunctionRow, Op, Shape, Symbol, SymbolInfo, Term, infer, infer_node};

/// Adds the action to the model, or reports what is wrong with it.
pub(super) fn check(checker: &mut Checker<'_>, syntax: &ActionSyntax, around: &[Symbol]) {
    let name = Symbol::from(&syntax.name.text);
    if checker.model.action(name).is_some() {
        let message = format!("the action `{name}` is declared twice");
        let error = checker.error(syntax.name.span, message, "declared again here");
        checker.report(error);
    }
    let Some(group) = group_of(checker, syntax) else { return };
    if !element_fits(checker, syntax, &group) {
        return;
    }
    let mut action = Action {
        name,
        element: syntax.element.as_ref().map(|element| Symbol::from(&element.text)),
        group,
        images: Vec::new(),
        output: None,
        loss: None,
        indices: checker.indices(around, &syntax.indices),
    };
    if let Some((shape, _)) = action.group.element() {
        let indices = action.indices.clone();
        checker.shape_depends("the group element", syntax.group.span, shape, &indices);
    }
    let mut moved: Vec<(Symbol, &Name)> = Vec::new();
    // Every member has its name before the images are read.
    for Image { target, member, .. } in &syntax.images {
        let name = checker.member_of(target, member);
        if let Some((_, earlier)) = moved.iter().find(|(earlier, _)| *earlier == name) {
            let message = format!("`{name}` is moved twice");
            let error = checker.error(target.span, message, "moved again here").also(earlier.span, "moved first here");
            checker.report(error);
        } else {
            moved.push((name, target));
        }
    }
    for Image { target, value, .. } in &syntax.images {
        if let Some((name, _)) = moved.iter().find(|(_, known)| std::ptr::eq(*known, target)) {
            image(checker, &mut action, target, *name, value);
        }
    }
    checker.reaches(&action, syntax, around);
    exchanges(checker, syntax, &action);
    let blocks = block_images(checker, &mut action, syntax);
    stays_defined(checker, &action, &[syntax.images.as_slice(), &blocks].concat());
    let moves = |target: &Name| {
        target.text != "loss" && checker.model.output.as_ref().is_none_or(|f| f.name.as_str() != target.text)
    };
    if syntax.blocks.is_empty() && !syntax.images.iter().any(|image| moves(&image.target)) {
        let error = checker.error(syntax.name.span, "the action moves no parameter", "no line `W -> …`");
        checker.report(error);
    }
    checker.model.actions.push(action);
}

/// Reports a group of permutations of an index that moves anything but whole members.
fn exchanges(checker: &mut Checker<'_>, syntax: &ActionSyntax, action: &Action) {
    let exchanged = |image: &Expr| matches!(image[image.root()], Term::Op(Op::Relabelled, _));
    let any =
        action.images.iter().any(|(_, image)| image.as_ref().iter().any(|n| matches!(n, Term::Op(Op::Relabelled, _))));
    let named = syntax.over.is_some();
    if !named && !any {
        return;
    }
    let error = match action.group.group.finite() {
        Some(Finite::Permutations) if named && action.images.iter().all(|(_, image)| exchanged(image)) => return,
        Some(Finite::Permutations) => {
            let error = checker.error(syntax.name.span, "an action either exchanges members or moves matrices", "");
            error.with_help("write `p in Perm(1..H)` and `W[i] -> W[p(i)]` for every family of the index")
        }
        _ => {
            let message = format!("`{}` has no permutations of an index", syntax.group.text);
            checker.error(syntax.group.span, message, "expected `Perm(1..H)`")
        }
    };
    checker.report(error);
}

fn group_of(checker: &mut Checker<'_>, syntax: &ActionSyntax) -> Option<GroupInstance> {
    let sizes: Vec<_> = syntax.sizes.iter().chain(&syntax.over).map(|size| checker.size(size)).collect();
    let word = &syntax.group.text;
    let Some(group) = group::by_name(word, sizes.len()) else {
        let names = group::ALL.iter().map(|group| group.name());
        let error = checker.error(syntax.group.span, format!("unknown group `{word}`"), "expected a group");
        let error = match nearest(word, names.clone()) {
            Some(name) => error.meant(Some(name)),
            None => error.with_help(format!("the groups are {}", names.collect::<Vec<_>>().join(", "))),
        };
        checker.report(error);
        return None;
    };
    if !group.sizes().contains(&sizes.len()) {
        let usage = match (*group.sizes().start(), *group.sizes().end()) {
            (0, 0) => format!("write `{word}`"),
            (0, _) => format!("write `{word}`, `{word}(n)` or `{word}(m x n)`"),
            (2, 2) => format!("write `{word}(p, q)`"),
            _ => format!("write `{word}(n)`"),
        };
        let (wanted, got) = (group.sizes(), sizes.len());
        let wanted = if wanted.start() == wanted.end() {
            wanted.start().to_string()
        } else {
            format!("{} to {}", wanted.start(), wanted.end())
        };
        let plural = if wanted == "1" { "" } else { "s" };
        let message = format!("`{word}` takes {wanted} size{plural}, got {got}");
        let error = checker.error(syntax.group.span, message, "").with_help(usage);
        checker.report(error);
        return None;
    }
    Some(GroupInstance { group, sizes: sizes.into_iter().collect::<Option<_>>()? })
}

/// Whether the element is named exactly when the group has one, by a free name.
fn element_fits(checker: &mut Checker<'_>, syntax: &ActionSyntax, group: &GroupInstance) -> bool {
    let error = match (&syntax.element, group.element()) {
        (None, None) => return true,
        (None, Some(_)) => {
            let message = format!("an action of `{group}` needs a name for the group element");
            let error = checker.error(syntax.group.span, message, "which element?");
            error.with_help(format!("write `action {} : g in {group} {{ … }}`", syntax.name.text))
        }
        (Some(element), None) => {
            let message = format!("`{group}` has no element to name: the images are the map itself");
            let error = checker.error(element.span, message, "unexpected name");
            error.with_help(format!("write `action {} : {group} {{ … }}`", syntax.name.text))
        }
        (Some(element), Some(_)) => {
            let name = &element.text;
            if let Some(what) = reserved(name) {
                checker.error(element.span, format!("`{name}` is {what}"), "choose another name")
            } else if let Some((entity, span)) = checker.names.declared.get(name).copied() {
                let message = format!("the group element `{name}` has the name of {}", entity.noun());
                checker.error(element.span, message, "choose another name").also(span, "declared here")
            } else {
                return true;
            }
        }
    };
    checker.report(error);
    false
}

fn image(checker: &mut Checker<'_>, action: &mut Action, target: &Name, name: Symbol, value: &Syntax) {
    let is_output = checker.model.output.as_ref().is_some_and(|output| output.name == name);
    if target.text == "loss" {
        if matches!(checker.model.loss, Loss::Any) && !checker.names.broken.contains("loss") {
            let error = checker.error(target.span, "`loss any` has no image under an action", "no loss is given");
            checker.report(error.with_help("claim the image of the output, or give an explicit loss"));
            return;
        }
        action.loss = image_of(checker, action, Place::LossImage, value, Model::loss_symbol());
    } else if is_output {
        action.output = image_of(checker, action, Place::OutputImage, value, name);
    } else if checker.model.param(Symbol::from(&target.text)).is_some() {
        if let Some(expr) = image_of(checker, action, Place::ParameterImage, value, name) {
            action.images.push((name, expr));
        }
    } else {
        checker.not_a_param(target, "an action moves parameters; it may say how the output or the `loss` moves");
    }
}

/// The images of parameters of which only rows or columns are moved, and where they are stated.
fn block_images(checker: &mut Checker<'_>, action: &mut Action, syntax: &ActionSyntax) -> Vec<Image> {
    let mut moved: Vec<Vec<(Block, Expr)>> = Vec::new();
    let mut stated: Vec<Image> = Vec::new();
    for (target, value) in &syntax.blocks {
        let Some(lowered) = lowered(checker, action, Place::ParameterImage, target) else { continue };
        let block = Block::at(&lowered.expr).filter(|block| checker.model.param(block.of).is_some());
        let (Some(block), Some(data)) = (block, lowered.data) else {
            let error = checker.error(target.span(), "an action moves parameters", "not rows or columns of one");
            checker.report(error.with_help("write `W -> …`, `rows(W, a..b) -> …` or `cols(W, a..b) -> …`"));
            continue;
        };
        let name = block.of.to_string();
        let twice = syntax.images.iter().any(|whole| whole.target.text == name)
            || moved.iter().any(|blocks| blocks[0].0.of == block.of && blocks[0].0.rows != block.rows);
        if twice {
            let message = format!("`{name}` is moved twice");
            let error = checker.error(target.span(), message, "moved again here");
            checker.report(error.with_help("state the image of the whole matrix, with `concat`"));
            continue;
        }
        let words = checker.source.slice(target.span()).to_string();
        let Some(image) = shaped(checker, action, Place::ParameterImage, value, block.of, &words, data.shape) else {
            continue;
        };
        let target = Name { text: name, span: target.span() };
        stated.push(Image { target, member: vec![], value: value.clone() });
        match moved.iter_mut().find(|blocks| blocks[0].0.of == block.of) {
            Some(blocks) => blocks.push((block, image)),
            None => moved.push(vec![(block, image)]),
        }
    }
    for blocks in moved {
        let name = blocks[0].0.of;
        match composed(blocks) {
            Some(image) => action.images.push((name, image)),
            None => {
                let at = stated.iter().find(|stated| stated.target.text == name.as_str());
                let span = at.map_or(syntax.name.span, |stated| stated.target.span);
                let message = format!("it is not known that the blocks of `{name}` that move have nothing in common");
                let error = checker.error(span, message, "one of them");
                checker.report(error);
            }
        }
    }
    stated
}

/// The image as a formula of the shape of what it is the image of.
fn image_of(checker: &mut Checker<'_>, action: &Action, place: Place, value: &Syntax, of: Symbol) -> Option<Expr> {
    let wanted = checker.names.env.symbol(of).map_or(Shape::SCALAR, |info| info.shape);
    shaped(checker, action, place, value, of, of.as_str(), wanted)
}

fn shaped(
    checker: &mut Checker<'_>,
    action: &Action,
    place: Place,
    value: &Syntax,
    moved: Symbol,
    of: &str,
    wanted: Shape,
) -> Option<Expr> {
    let Lowered { expr, data } = lowered(checker, action, place, value)?;
    let data = data?;
    let got = data.shape;
    if got == wanted {
        let beside = checker.names.env.neighbour(moved).map(|neighbour| neighbour.open());
        let own = || checker.model.param(moved).map_or(vec![], |p| p.indices.clone());
        let mut indices = beside.unwrap_or_else(own);
        // What members share may be shifted by each of them.
        let shifted = action.element.is_some() && Action::displacement(moved, &expr).is_some();
        let shares = checker.model.param(moved).is_some_and(|param| !action.shared(param).is_empty());
        let element = checker.names.env.indices_of(&action.indices).without(checker.names.env.indices_of(&indices));
        if shifted {
            indices.extend(&action.indices);
        } else if shares && !data.indices.intersection(element).is_empty() {
            let message = format!("`{of}` is one for all members, and its image by one of them is no shift of it");
            let error = checker.error(value.span(), message, "by the element of one member");
            checker
                .report(error.with_help(format!("write `{of} -> {of} + …`, where the rest does not depend on `{of}`")));
            return Some(expr);
        }
        checker.depends_on_no_more(&format!("the image of `{of}`"), value.span(), data.indices, &indices);
        return Some(expr);
    }
    let message = format!("the image of `{of}` is `{got}`, but `{of}` is `{wanted}`");
    let error = checker.error(value.span(), message, format!("this is `{got}`"));
    checker.report(error);
    None
}

/// An expression in what an image may be written in.
fn lowered(checker: &mut Checker<'_>, action: &Action, place: Place, value: &Syntax) -> Option<Lowered> {
    let names = std::mem::take(&mut checker.names);
    let scope = ModelScope::new(&names, place);
    let scope = match (action.element, action.group.element()) {
        (Some(element), Some((shape, facts))) => {
            let info = SymbolInfo::new(shape, facts).of(names.env.indices_of(&action.indices));
            scope.with_element(element.as_str(), info)
        }
        _ => scope,
    };
    let lowered = checker.lower(&scope, value);
    checker.names = names;
    lowered
}

/// Reports an image that leaves the set where the model is defined: a parameter that is positive, so that the model has a power or
/// a logarithm of it, goes to something that is not known to be.
fn stays_defined(checker: &mut Checker<'_>, action: &Action, images: &[Image]) {
    let before = &checker.names.env;
    let facts = |env: &crate::term::Env, name: Symbol| env.symbol(name).map(|info| info.facts).unwrap_or_default();
    // A parameter of which nothing is known leaves nothing.
    if action.images.iter().all(|(name, _)| Facts::CONSTANT.contains(facts(before, *name))) {
        return;
    }
    let mut inside = before.clone();
    if let (Some(element), Some((shape, facts))) = (action.element, action.group.element()) {
        inside.declare_member(element, shape, facts | Facts::CONSTANT, before.indices_of(&action.indices));
    }
    let mut after = before.clone();
    for (name, image) in &action.images {
        let Ok(data) = infer(&inside, image) else { return };
        // Definitions read the generic member, which is any of those that move.
        let (name, mut kept) =
            (before.neighbour(*name).map_or(*name, |beside| beside.of), data.facts - Facts::CONSTANT);
        if action.images.iter().any(|(other, _)| before.neighbour(*other).is_some_and(|beside| beside.of == name)) {
            kept &= facts(&after, name);
        }
        after.declare_member(name, data.shape, kept, data.indices);
    }
    let leaves = |formula: &Expr| {
        let (mut were, mut are): (Vec<Data>, Vec<Data>) = Default::default();
        for node in formula.as_ref() {
            let Ok(was) = infer_node(before, node, |id| &were[usize::from(id)]) else { return false };
            let Ok(is) = infer_node(&after, node, |id| &are[usize::from(id)]) else { return true };
            if let Term::Op(Op::Apply, args) = node
                && let Term::Fun(function) = &formula[args[0]]
                && FunctionRow::named(function.as_str()).is_some_and(|row| row.domain == Domain::Positive)
            {
                let positive = |all: &[Data]| all[usize::from(args[1])].facts.contains(Facts::POSITIVE);
                if positive(&were) && !positive(&are) {
                    return true;
                }
            }
            were.push(was);
            are.push(is);
        }
        false
    };
    let defined = checker.model.definitions();
    let Some(last) = defined.iter().map(|d| checker.model.inline(&d.expr)).find(leaves) else { return };
    let left = |image: &&Image| {
        let target = &image.target;
        let name = Symbol::from(&target.text);
        let kept = (facts(&after, name) | Facts::CONSTANT).contains(facts(before, name));
        crate::term::mentions(&last, name) && !kept
    };
    if let Some(Image { target, value, .. }) = images.iter().find(left) {
        let message = format!("`{}` is positive, and its image is not known to be", target.text);
        let error =
            checker.error(value.span(), message, "the model has no value where an entry of this is not positive");
        checker.report(error);
    }
}
