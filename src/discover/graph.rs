//! The computation of a model as a graph, and which parameters play the same part in it.

use crate::model::{Loss, Model};
use crate::term::{Data, Expr, Op, Symbol, Term, infer_node, sym};
use egg::{Id, Language};
use petgraph::Direction;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, HashMap};

/// What a node is before refinement, and the position of an argument where the order matters.
type Computation = DiGraph<String, usize>;

/// The graph of the output, or of an explicit loss. The order of summands and of factors that commute is forgotten, nested
/// sums and products are opened up. A parameter is known by its shape only.
fn computation(model: &Model) -> (Computation, HashMap<Symbol, NodeIndex>) {
    let target = match (&model.loss, &model.output) {
        (Loss::Any, Some(output)) => sym(output.name),
        _ => sym(Model::loss_symbol()),
    };
    let expr = model.inline(&target);
    let (stands, numbers) = (standing(&expr), numbers(model, &expr));
    let mut graph = Computation::new();
    let mut nodes = Vec::with_capacity(expr.len());
    let mut params = HashMap::new();
    for (i, term) in expr.as_ref().iter().enumerate() {
        let param = match term {
            Term::Sym(name) => model.param(*name),
            _ => None,
        };
        let label = match (param, term) {
            (Some(param), _) => format!("parameter {}", param.shape),
            (None, Term::Op(op, _)) => format!("{op:?}"),
            (None, term) => format!("{term:?}"),
        };
        let node = graph.add_node(label);
        nodes.push(node);
        if let Some(param) = param {
            params.insert(param.name, node);
        }
        if !stands[i] {
            continue;
        }
        let commutes = matches!(term, Term::Op(op, _) if op.row().commutes);
        let product = matches!(term, Term::Op(Op::Mul, _));
        // Numbers commute with every factor, and stand before all of them.
        let mut position = 0;
        for argument in arguments(&expr, Id::from(i)) {
            let argument = usize::from(argument);
            let free = commutes || (product && numbers[argument]);
            graph.add_edge(node, nodes[argument], if free { 0 } else { position + usize::from(product) });
            position += usize::from(!free);
        }
    }
    (graph, params)
}

/// Sums and products, which are opened up where they are parts of the same.
fn opened(expr: &Expr, id: Id) -> Option<Op> {
    match &expr[id] {
        Term::Op(op @ (Op::Add | Op::Mul), _) => Some(*op),
        _ => None,
    }
}

/// For each node whether it stands for itself: a sum that is only a part of other sums is opened up there, and which of
/// the summands it holds says nothing; products likewise.
fn standing(expr: &Expr) -> Vec<bool> {
    let kind = |id: usize| opened(expr, Id::from(id));
    let mut stands: Vec<bool> = (0..expr.len()).map(|i| kind(i).is_none() || i + 1 == expr.len()).collect();
    for i in 0..expr.len() {
        for &c in expr[Id::from(i)].children() {
            let c = usize::from(c);
            if kind(i).is_none() || kind(i) != kind(c) {
                stands[c] = true;
            }
        }
    }
    stands
}

/// The arguments of a node, those of a sum's summands that are sums themselves and of a product's factors that are products included.
fn arguments(expr: &Expr, id: Id) -> Vec<Id> {
    let Some(kind) = opened(expr, id) else { return expr[id].children().to_vec() };
    let mut open: Vec<Id> = expr[id].children().iter().rev().copied().collect();
    let mut out = Vec::new();
    while let Some(id) = open.pop() {
        match opened(expr, id) {
            Some(other) if other == kind => open.extend(expr[id].children().iter().rev()),
            _ => out.push(id),
        }
    }
    out
}

/// For each node whether its value is a number.
fn numbers(model: &Model, expr: &Expr) -> Vec<bool> {
    let mut data: Vec<Option<Data>> = Vec::with_capacity(expr.len());
    for node in expr.as_ref() {
        let known: Option<Vec<&Data>> = node.children().iter().map(|&c| data[usize::from(c)].as_ref()).collect();
        let found = known.and_then(|_| {
            infer_node(&model.env, node, |c| data[usize::from(c)].as_ref().expect("its arguments have shapes")).ok()
        });
        data.push(found);
    }
    data.iter().map(|d| d.as_ref().is_some_and(|d| d.shape.is_scalar())).collect()
}

/// Colour refinement: nodes get the same colour only if they cannot be told apart by their neighbours' colours.
fn refined(graph: &Computation) -> Vec<usize> {
    let mut colors: Vec<usize> = canonical(graph.node_indices().map(|n| graph[n].clone()).collect());
    loop {
        let signature = |n: NodeIndex| {
            let around = |direction| {
                let mut seen: Vec<(usize, usize)> = graph
                    .edges_directed(n, direction)
                    .map(|edge| {
                        use petgraph::visit::EdgeRef;
                        let other = if direction == Direction::Outgoing { edge.target() } else { edge.source() };
                        (*edge.weight(), colors[other.index()])
                    })
                    .collect();
                seen.sort_unstable();
                seen
            };
            (colors[n.index()], around(Direction::Outgoing), around(Direction::Incoming))
        };
        let next = canonical(graph.node_indices().map(signature).collect());
        let count = |colors: &[usize]| colors.iter().max().map_or(0, |max| max + 1);
        if count(&next) == count(&colors) {
            return next;
        }
        colors = next;
    }
}

/// Numbers for values: equal exactly where the values are.
fn canonical<T: Ord + Clone>(values: Vec<T>) -> Vec<usize> {
    let mut numbers: BTreeMap<T, usize> = values.iter().map(|v| (v.clone(), 0)).collect();
    numbers.values_mut().enumerate().for_each(|(i, n)| *n = i);
    values.iter().map(|v| numbers[v]).collect()
}

/// The most exchanges tried.
const EXCHANGES: usize = 400;

/// The most parameters among which exchanges are sought.
const PARAMETERS: usize = 256;

/// The exchanges of parameters of the same shape that the graph does not rule out: for each parameter the number of the
/// one it goes to. Those that move few parameters come first.
pub fn exchanges(model: &Model) -> Vec<Vec<usize>> {
    if model.params.len() > PARAMETERS {
        return Vec::new();
    }
    let (graph, nodes) = computation(model);
    let colors = refined(&graph);
    let color: Vec<Option<usize>> =
        model.params.iter().map(|p| nodes.get(&p.name).map(|node| colors[node.index()])).collect();
    let mut out = Vec::new();
    extend(&color, &mut (0..color.len()).collect(), 0, &mut out);
    out.sort_by_key(|images: &Vec<usize>| images.iter().enumerate().filter(|(i, j)| i != *j).count());
    out
}

/// Adds every involution that fixes what stands before `from` as `images` does.
fn extend(color: &[Option<usize>], images: &mut Vec<usize>, from: usize, out: &mut Vec<Vec<usize>>) {
    if out.len() >= EXCHANGES {
        return;
    }
    let Some(i) = (from..images.len()).find(|&i| images[i] == i) else {
        if images.iter().enumerate().any(|(i, &j)| i != j) {
            out.push(images.clone());
        }
        return;
    };
    extend(color, images, i + 1, out);
    for j in i + 1..images.len() {
        if images[j] == j && color[i].is_some() && color[i] == color[j] {
            images.swap(i, j);
            extend(color, images, i + 1, out);
            images.swap(i, j);
        }
    }
}
