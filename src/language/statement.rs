//! Tokens → the statements of a model file, before any name is looked up.

use super::cursor::{Cursor, Name, Parsed};
use super::diagnostic::Diagnostic;
use super::index::{self, IndexSyntax};
use super::lexer::{Kind, Token};
use super::member::{self, MemberIndex};
use super::names::{KEYWORDS, nearest};
use super::size::{SizeSyntax, size};
use super::source::{Source, Span};
use super::syntax::{Syntax, expression, number};
use crate::term::Rational;
use std::collections::HashSet;
use std::sync::Arc;

/// A statement; the span is that of its keyword where the statement has no name.
pub(super) enum Statement {
    Model {
        name: Name,
        title: Option<String>,
    },
    Dims(Vec<(Name, Name, Option<IndexSyntax>)>),
    Variable {
        role: Role,
        name: Name,
        latex: Option<String>,
        shape: Sizes,
        facts: Vec<Name>,
        indices: Vec<IndexSyntax>,
    },
    Definition {
        role: Role,
        name: Name,
        latex: Option<String>,
        value: Syntax,
        indices: Vec<IndexSyntax>,
    },
    /// `repeat l in 1..L {`; what follows up to its [`Statement::EndRepeat`] stands in the block.
    Repeat {
        span: Span,
        index: IndexSyntax,
    },
    EndRepeat,
    /// No expression for `loss any`.
    Loss {
        span: Span,
        value: Option<Syntax>,
    },
    Activation {
        name: Name,
        property: Name,
        degree: Option<Rational>,
    },
    Function {
        name: Name,
        arguments: Vec<Sizes>,
        result: Sizes,
    },
    Potential {
        name: Name,
        variable: Name,
        value: Syntax,
    },
    Action(ActionSyntax),
    Dynamics {
        name: Name,
        potentials: Option<Vec<(Name, Name)>>,
    },
}

/// What a declared matrix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Param,
    Data,
    Let,
    Output,
}

/// The sizes of a shape as written: none for `scalar`, one for a column.
pub(super) type Sizes = Vec<SizeSyntax>;

pub(super) struct ActionSyntax {
    pub name: Name,
    pub element: Option<Name>,
    pub group: Name,
    pub sizes: Sizes,
    pub indices: Vec<IndexSyntax>,
    /// The range of the index whose values a permutation exchanges: `Perm(1..H)`.
    pub over: Option<SizeSyntax>,
    pub images: Vec<Image>,
    /// The images of rows and columns of parameters, `rows(W, a..b) -> …`.
    pub blocks: Vec<(Syntax, Syntax)>,
}

/// `W[i] -> g * W[i]`.
#[derive(Clone)]
pub(super) struct Image {
    pub target: Name,
    pub member: Vec<MemberIndex>,
    pub value: Syntax,
}

/// The statements that could be read, and the words of those that could not: a name among them may have been meant to
/// be declared, so its use is no further error. `errors` holds those of the lexer; a statement with one is not read.
pub(super) fn parse(
    source: &Arc<Source>,
    tokens: &[Token],
    errors: &mut Vec<Diagnostic>,
) -> (Vec<Statement>, HashSet<String>) {
    let lexical: Vec<usize> = errors.iter().map(|error| error.span().start).collect();
    let mut cursor = Cursor::new(source, tokens);
    let mut statements = Vec::new();
    let mut broken = HashSet::new();
    // How many blocks are open.
    let mut depth = 0;
    cursor.skip_breaks();
    while !cursor.at_end() {
        if depth > 0 && cursor.eat("}").is_some() {
            depth -= 1;
            statements.push(Statement::EndRepeat);
            cursor.skip_breaks();
            continue;
        }
        let (start, from) = (cursor.position(), cursor.peek().span.start);
        let before = statements.len();
        let parsed = statement(&mut cursor, &mut statements);
        if parsed.is_err() {
            recover(&mut cursor, start);
        }
        let to = cursor.peek().span.start;
        let unreadable = lexical.iter().any(|at| (from..=to).contains(at));
        match parsed {
            Ok(()) if !unreadable => {
                depth += usize::from(
                    matches!(statements.last(), Some(Statement::Repeat { .. })) && statements.len() > before,
                );
            }
            parsed => {
                statements.truncate(before);
                broken.extend(cursor.words_since(start).map(str::to_string));
                errors.extend(parsed.err().filter(|_| !unreadable).map(|error| *error));
            }
        }
        cursor.skip_breaks();
    }
    let open: Vec<Span> = open_repeats(&statements);
    for span in open {
        let error =
            Diagnostic::new(source, span, "the block of `repeat` is not closed", "no `}` up to the end of the file");
        errors.push(error);
        statements.push(Statement::EndRepeat);
    }
    (statements, broken)
}

/// The `repeat`s whose block is open after some statements.
fn open_repeats(statements: &[Statement]) -> Vec<Span> {
    let mut open = Vec::new();
    for statement in statements {
        match statement {
            Statement::Repeat { span, .. } => open.push(*span),
            Statement::EndRepeat => drop(open.pop()),
            _ => {}
        }
    }
    open
}

/// Goes on to the end of the statement that began at `start`, of an action to its closing brace.
fn recover(cursor: &mut Cursor<'_>, start: usize) {
    let block = cursor.words_since(start).next() == Some("action");
    while !cursor.at_end() && (cursor.position() == start || !at_keyword(cursor)) {
        if cursor.at_break() {
            cursor.skip_breaks();
            let inside = block && (at_image(cursor) || cursor.at_symbol("}"));
            if !inside {
                return;
            }
        } else if cursor.advance().kind == Kind::Symbol("}") {
            return;
        }
    }
}

/// Whether a statement starts here; `loss -> …` is a line of an action.
fn at_keyword(cursor: &Cursor<'_>) -> bool {
    cursor.peek().first && KEYWORDS.contains(&cursor.peek_text()) && !at_image(cursor)
}

fn at_image(cursor: &Cursor<'_>) -> bool {
    cursor.peek_second().kind == Kind::Symbol("->")
}

fn statement(cursor: &mut Cursor<'_>, out: &mut Vec<Statement>) -> Parsed<()> {
    let keyword = cursor.name("a statement").map_err(|error| {
        let operator = matches!(cursor.peek().kind, Kind::Symbol("+" | "*" | ".*" | "./" | "/" | "^" | ".^" | "-"));
        if cursor.at_symbol("/") && cursor.peek_second().kind == Kind::Symbol("/") {
            Box::new(error.with_help("a comment starts with `#`"))
        } else if operator {
            Box::new(error.with_help("a line continues after a binary operator, not before it"))
        } else {
            error
        }
    })?;
    let statement = match keyword.text.as_str() {
        "model" => Statement::Model { name: cursor.name("the name of the model")?, title: cursor.text() },
        "dim" => Statement::Dims(dims(cursor)?),
        "param" => variable(cursor, Role::Param)?,
        "data" => variable(cursor, Role::Data)?,
        "let" => definition(cursor, Role::Let)?,
        "output" => definition(cursor, Role::Output)?,
        "loss" => {
            let any = cursor.eat_word("any").is_some();
            Statement::Loss { span: keyword.span, value: if any { None } else { Some(loss(cursor)?) } }
        }
        "activation" => activation(cursor)?,
        "function" => function(cursor)?,
        "potential" => potential(cursor)?,
        "action" => Statement::Action(action(cursor)?),
        "repeat" => {
            let index = index::index(cursor)?;
            if index.range.is_none() {
                let error = cursor.unexpected("`in 1..L`");
                return Err(error.with_help("a block is repeated for an index: `repeat l in 1..L {`").into());
            }
            cursor.expect("{", "`{` and the block")?;
            out.push(Statement::Repeat { span: keyword.span, index });
            // The statements of the block follow, in this line or in the next ones.
            return Ok(());
        }
        "dynamics" => {
            out.push(dynamics(cursor)?);
            while cursor.eat(",").is_some() {
                out.push(dynamics(cursor)?);
            }
            return cursor.finish("`,` or ");
        }
        word => {
            let message = format!("unknown statement `{word}`");
            let error = cursor.error(keyword.span, message, "expected a statement");
            if cursor.at_symbol("=") {
                return Err(error.with_help(format!("write `let {word} = …`")).into());
            }
            if cursor.at_symbol(":") {
                return Err(error.with_help(format!("write `param {word} : …` or `data {word} : …`")).into());
            }
            return Err(match nearest(word, KEYWORDS.iter().copied()) {
                Some(keyword) => error.meant(Some(keyword)),
                None => error.with_help(format!("a statement starts with one of {}", KEYWORDS.join(", "))),
            }
            .into());
        }
    };
    out.push(statement);
    match cursor.at_symbol(",") {
        true if keyword.text != "dim" => {
            let error = cursor.unexpected("the end of the statement");
            Err(error.with_help(format!("one declaration per line: write `{}` again", keyword.text)).into())
        }
        // The last statement of a block may stand before its brace.
        _ if cursor.at_symbol("}") => Ok(()),
        _ => cursor.finish(""),
    }
}

fn loss(cursor: &mut Cursor<'_>) -> Parsed<Syntax> {
    if cursor.at_symbol("=") {
        let error = cursor.unexpected("`any` or an expression");
        return Err(error.with_help("write `loss mse(F, Y)`, without `=`").into());
    }
    expression(cursor)
}

fn dims(cursor: &mut Cursor<'_>) -> Parsed<Vec<(Name, Name, Option<IndexSyntax>)>> {
    let mut dims = Vec::new();
    loop {
        let name = cursor.name("the name of a size")?;
        let index = match cursor.eat("[") {
            Some(open) => {
                let index = index::of_sizes(cursor)?;
                cursor.close("]", open)?;
                Some(index)
            }
            None => None,
        };
        cursor.expect("=", "`=`").map_err(|error| {
            Box::new(error.with_help(format!("a size needs a default for the checks: `dim {} = 4`", name.text)))
        })?;
        if cursor.peek().kind != Kind::Number {
            return Err(cursor.unexpected("a positive integer").into());
        }
        let text = cursor.peek_text().to_string();
        dims.push((name, Name { text, span: cursor.advance().span }, index));
        if cursor.eat(",").is_none() {
            return Ok(dims);
        }
    }
}

fn variable(cursor: &mut Cursor<'_>, role: Role) -> Parsed<Statement> {
    let name = cursor.name("a name")?;
    let indices = index::declared(cursor)?;
    let latex = cursor.text();
    cursor.expect(":", "`:` and a shape").map_err(|error| {
        Box::new(error.with_help(format!("such as `{} : m x n`, `{0} : n` or `{0} : scalar`", name.text)))
    })?;
    let shape = sizes(cursor)?;
    let mut facts = Vec::new();
    while cursor.peek().kind == Kind::Name {
        facts.push(cursor.name("a fact")?);
    }
    Ok(Statement::Variable { role, name, latex, shape, facts, indices })
}

fn definition(cursor: &mut Cursor<'_>, role: Role) -> Parsed<Statement> {
    let name = cursor.name("a name")?;
    let indices = index::declared(cursor)?;
    let latex = cursor.text();
    cursor.expect("=", "`=`")?;
    Ok(Statement::Definition { role, name, latex, value: expression(cursor)?, indices })
}

/// `m x n`, `m × n`, `n` or `scalar`.
fn sizes(cursor: &mut Cursor<'_>) -> Parsed<Sizes> {
    if cursor.eat_word("scalar").is_some() {
        return Ok(Vec::new());
    }
    let rows = size(cursor, None)?;
    let Some(cols) = times_size(cursor)? else { return Ok(vec![rows]) };
    Ok(vec![rows, cols])
}

/// `x n` after a size, also where the tokens run together as in `4x3` or `h x3`.
fn times_size(cursor: &mut Cursor<'_>) -> Parsed<Option<SizeSyntax>> {
    if cursor.eat("×").is_some() || cursor.eat_word("x").is_some() {
        return size(cursor, None).map(Some);
    }
    let (token, text) = (cursor.peek(), cursor.peek_text());
    let glued = cursor.last_span().end == token.span.start;
    match text.strip_prefix('x') {
        Some(rest) if token.kind == Kind::Name && (glued || rest.bytes().all(|b| b.is_ascii_digit())) => {
            cursor.advance();
            let rest = Name { text: rest.to_string(), span: Span { start: token.span.start + 1, ..token.span } };
            size(cursor, Some(rest)).map(Some)
        }
        _ => Ok(None),
    }
}

fn activation(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let name = cursor.name("the name of an activation")?;
    cursor.expect(":", "`:` and a property")?;
    let property = cursor.name("`homogeneous(k)`, `odd`, `even` or `smooth`")?;
    let degree = match cursor.eat("(") {
        None => None,
        Some(open) => {
            let degree = rational(cursor)?;
            cursor.close(")", open)?;
            Some(degree)
        }
    };
    Ok(Statement::Activation { name, property, degree })
}

/// `3`, `-1`, `1/2`, `0.5`.
fn rational(cursor: &mut Cursor<'_>) -> Parsed<Rational> {
    let negative = cursor.eat("-").is_some();
    let numerator = literal(cursor)?;
    let value = match cursor.eat("/") {
        None => numerator,
        Some(_) => {
            let place = cursor.peek().span;
            let denominator = literal(cursor)?;
            if denominator == Rational::from_integer(0.into()) {
                return Err(cursor.error(place, "division by zero", "this is 0").into());
            }
            numerator / denominator
        }
    };
    Ok(if negative { -value } else { value })
}

fn literal(cursor: &mut Cursor<'_>) -> Parsed<Rational> {
    let value = if cursor.peek().kind == Kind::Number { number(cursor.peek_text()) } else { None };
    let value = value.ok_or_else(|| cursor.unexpected("a rational number"))?;
    cursor.advance();
    Ok(value)
}

fn function(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let name = cursor.name("the name of a function")?;
    cursor.expect(":", "`:` and a signature `(k x n) -> m x n`")?;
    let open = cursor.expect("(", "`(` and the shapes of the arguments")?;
    let mut arguments = vec![sizes(cursor)?];
    while cursor.eat(",").is_some() {
        arguments.push(sizes(cursor)?);
    }
    cursor.close(")", open)?;
    cursor.expect("->", "`->` and the shape of the result")?;
    Ok(Statement::Function { name, arguments, result: sizes(cursor)? })
}

/// `NAME(x) = EXPRESSION`.
fn potential(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let name = cursor.name("the name of a potential")?;
    let open = cursor.expect("(", "`(` and a variable").map_err(|error| {
        Box::new(
            error.with_help(format!("a potential is a function of one number: `potential {}(x) = x^2`", name.text)),
        )
    })?;
    let variable = cursor.name("a variable")?;
    cursor.close(")", open)?;
    cursor.expect("=", "`=`")?;
    Ok(Statement::Potential { name, variable, value: expression(cursor)? })
}

fn action(cursor: &mut Cursor<'_>) -> Parsed<ActionSyntax> {
    let name = cursor.name("the name of the action")?;
    let indices = index::declared(cursor)?;
    cursor.expect(":", "`:` and a group element, `g in GL(n)`")?;
    let first = cursor.name("a group element, `g in GL(n)`, or `Z2`")?;
    let (element, group) = match cursor.eat_word("in") {
        Some(_) => (Some(first), cursor.name("a group")?),
        None => (None, first),
    };
    let group = match cursor.peek() {
        plus if cursor.at_symbol("+") && plus.span.start == group.span.end => {
            cursor.advance();
            Name { text: format!("{}+", group.text), span: group.span.to(plus.span) }
        }
        _ => group,
    };
    let (mut sizes, mut over) = (Vec::new(), None);
    let family = cursor.peek_text() == "(" && cursor.peek_third_text() == "..";
    if family {
        let open = cursor.advance().span;
        over = Some(index::range(cursor)?);
        cursor.close(")", open)?;
    } else if let Some(open) = cursor.eat("(") {
        sizes.push(size(cursor, None)?);
        sizes.extend(match cursor.eat(",") {
            Some(_) => Some(size(cursor, None)?),
            None => times_size(cursor)?,
        });
        cursor.close(")", open)?;
    }
    let open = cursor.expect("{", "`{` and the images of the parameters")?;
    let (mut images, mut blocks) = (Vec::new(), Vec::new());
    loop {
        cursor.skip_breaks();
        if cursor.peek().kind != Kind::Name || at_keyword(cursor) {
            break;
        }
        if cursor.peek_second().kind == Kind::Symbol("(") {
            let block = expression(cursor)?;
            cursor.expect("->", "`->` and its image")?;
            blocks.push((block, expression(cursor)?));
            if !cursor.at_symbol("}") {
                cursor.finish("an operator, `}` or ")?;
            }
            continue;
        }
        let target = cursor.name("a parameter")?;
        let member = member::member(cursor)?;
        cursor.expect("->", "`->` and its image")?;
        images.push(Image { target, member, value: expression(cursor)? });
        if !cursor.at_symbol("}") {
            cursor.finish("an operator, `}` or ")?;
        }
    }
    cursor.close("}", open)?;
    Ok(ActionSyntax { name, element, group, sizes, indices, over, images, blocks })
}

fn dynamics(cursor: &mut Cursor<'_>) -> Parsed<Statement> {
    let name = cursor.name("a dynamics")?;
    let Some(open) = cursor.eat("{") else { return Ok(Statement::Dynamics { name, potentials: None }) };
    let mut potentials = Vec::new();
    cursor.skip_breaks();
    while !cursor.at_symbol("}") {
        let param = cursor.name("a parameter")?;
        cursor.expect(":", "`:` and a potential")?;
        potentials.push((param, cursor.name("a potential")?));
        if cursor.eat(",").is_none() && !cursor.at_break() {
            break;
        }
        cursor.skip_breaks();
    }
    cursor.close("}", open)?;
    Ok(Statement::Dynamics { name, potentials: Some(potentials) })
}
