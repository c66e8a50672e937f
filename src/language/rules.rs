//! Rule files → [`Rule`]s.

use super::cursor::{Cursor, Name, Parsed};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::lexer::{Comment, Kind, Token, lex};
use super::lower::{Lowered, Meaning, Scope, lower};
use super::names::nearest;
use super::source::{Source, Span};
use super::syntax::{NodeKind, Syntax, expression};
use crate::kernel::{Predicate, Rule, RuleCondition};
use crate::term::{Dialect, Env, Expr, Term, Words};
use egg::{ENodeOrVar, Language, PatternAst};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Reads a rule file. Its rules are assumed: only the library's own book vouches for rules.
///
/// # Errors
/// Every error of the text, with its place.
pub fn parse_rules(source_name: &str, text: &str) -> Result<Vec<Rule>, Diagnostics> {
    let source = Arc::new(Source::new(source_name, text));
    let mut errors = Vec::new();
    let (tokens, comments) = lex(&source, &mut errors);
    let tokens = rule_ends(&source, tokens);
    let lexical: Vec<usize> = errors.iter().map(|error| error.span().start).collect();
    let mut cursor = Cursor::new(&source, &tokens);
    let mut rules: Vec<Rule> = Vec::new();
    let mut places: BTreeMap<String, Span> = BTreeMap::new();
    cursor.skip_breaks();
    while !cursor.at_end() {
        let from = cursor.peek().span.start;
        let parsed = rule(&mut cursor).and_then(|syntax| {
            if cursor.at_break() {
                Ok(syntax)
            } else {
                Err(cursor.unexpected("an operator, `=>`, `if` or the next rule").into())
            }
        });
        while !cursor.at_break() {
            cursor.advance();
        }
        let to = cursor.peek().span.start;
        cursor.skip_breaks();
        if lexical.iter().any(|at| (from..=to).contains(at)) {
            continue;
        }
        let syntax = match parsed {
            Ok(syntax) => syntax,
            Err(error) => {
                errors.push(*error);
                continue;
            }
        };
        if let Some(earlier) = places.insert(syntax.name.text.clone(), syntax.name.span) {
            let message = format!("the rule `{}` is stated twice", syntax.name.text);
            let error = Diagnostic::new(&source, syntax.name.span, message, "stated again here");
            errors.push(error.also(earlier, "stated first here"));
        }
        rules.extend(check(&source, &comments, syntax, &mut errors));
    }
    Diagnostics::unless(rules, errors)
}

struct RuleSyntax {
    start: Span,
    ideal: bool,
    silent: bool,
    name: Name,
    reason: Words,
    lhs: Syntax,
    rhs: Syntax,
    bidirectional: bool,
    conditions: Vec<ConditionSyntax>,
}

struct ConditionSyntax {
    name: Name,
    negated: bool,
    arguments: Vec<Syntax>,
}

/// Keeps only the line ends before the next rule: a rule goes on until there.
fn rule_ends(source: &Source, tokens: Vec<Token>) -> Vec<Token> {
    let starts = |token: &Token| token.first && matches!(source.slice(token.span), "rule" | "silent" | "ideal");
    let keep: Vec<bool> =
        (0..tokens.len()).map(|i| tokens[i].kind != Kind::Break || tokens.get(i + 1).is_some_and(starts)).collect();
    tokens.into_iter().zip(keep).filter_map(|(token, keep)| keep.then_some(token)).collect()
}

fn rule(cursor: &mut Cursor<'_>) -> Parsed<RuleSyntax> {
    let start = cursor.peek().span;
    let ideal = cursor.eat_word("ideal").is_some();
    let silent = cursor.eat_word("silent").is_some();
    if cursor.eat_word("rule").is_none() {
        return Err(cursor.unexpected("`rule` or `silent rule`").into());
    }
    let name = rule_name(cursor)?;
    let said = cursor.peek().span;
    let reason = cursor.text().ok_or_else(|| {
        cursor.unexpected("the reason of the rule").with_help("a string: `rule name \"why it holds\": X => Y`")
    })?;
    let reason = Words::marked(&reason).ok_or_else(|| {
        let open =
            Diagnostic::new(cursor.source, said, "a formula in the reason is not closed", "an odd number of backticks");
        open.with_help("formulas stand between two backticks each")
    })?;
    cursor.expect(":", "`:`")?;
    let lhs = expression(cursor)?;
    let bidirectional = cursor.eat("<=>").is_some();
    if !bidirectional {
        cursor.expect("=>", "an operator, `=>` or `<=>`")?;
    }
    let rhs = expression(cursor)?;
    let mut conditions = Vec::new();
    if cursor.eat_word("if").is_some() {
        conditions.push(condition(cursor)?);
        while cursor.eat(",").is_some() {
            conditions.push(condition(cursor)?);
        }
    }
    Ok(RuleSyntax { start, ideal, silent, name, reason, lhs, rhs, bidirectional, conditions })
}

/// Words and numbers joined by `-` without blanks.
fn rule_name(cursor: &mut Cursor<'_>) -> Parsed<Name> {
    let first = cursor.name("the name of the rule")?;
    let mut span = first.span;
    loop {
        let token = cursor.peek();
        let part = matches!(token.kind, Kind::Name | Kind::Number | Kind::Symbol("-"));
        if !part || token.span.start != span.end {
            return Ok(Name { text: cursor.source.slice(span).to_string(), span });
        }
        span = span.to(cursor.advance().span);
    }
}

fn condition(cursor: &mut Cursor<'_>) -> Parsed<ConditionSyntax> {
    let negated = cursor.eat_word("not").is_some();
    let name = cursor.name("a condition")?;
    let open = cursor.expect("(", "`(`")?;
    let mut arguments = vec![expression(cursor)?];
    while cursor.eat(",").is_some() {
        arguments.push(expression(cursor)?);
    }
    cursor.close(")", open)?;
    Ok(ConditionSyntax { name, negated, arguments })
}

struct RuleScope;

impl Scope for RuleScope {
    fn dialect(&self) -> Dialect {
        Dialect::Rule
    }

    fn env(&self) -> Option<&Env> {
        None
    }

    fn meaning(&self, _: &str) -> Meaning {
        let help = "a rule is about pattern variables, `?X`, and built-in functions".to_string();
        Meaning::Unknown { help: Some(help) }
    }

    fn known(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The rule with its names checked, unless it has errors.
fn check(source: &Arc<Source>, comments: &[Comment], syntax: RuleSyntax, errors: &mut Vec<Diagnostic>) -> Option<Rule> {
    let before = errors.len();
    let line = source.position(syntax.start.start).0;
    bindings(source, &syntax, errors);
    let mut pattern =
        |syntax: &Syntax| lower(source, &RuleScope, syntax, errors).map(|Lowered { expr, .. }| pattern(&expr));
    let (lhs, rhs) = (pattern(&syntax.lhs), pattern(&syntax.rhs));
    let mut conditions = Vec::new();
    for condition in &syntax.conditions {
        let arguments: Option<Vec<_>> = condition.arguments.iter().map(&mut pattern).collect();
        let Some((predicate, _)) = Predicate::named(&condition.name.text) else { continue };
        let (negated, arguments) = (condition.negated, arguments.unwrap_or_default());
        conditions.push(RuleCondition { predicate, negated, arguments });
    }
    for condition in &syntax.conditions {
        errors.extend(known_condition(source, condition));
    }
    if errors.len() > before {
        return None;
    }
    Some(Rule {
        name: syntax.name.text,
        reason: syntax.reason,
        silent: syntax.silent,
        ideal: syntax.ideal,
        lhs: lhs?,
        rhs: rhs?,
        bidirectional: syntax.bidirectional,
        conditions,
        assumed: true,
        comment: comment_above(comments, line),
        file: source.name().to_string(),
        line,
    })
}

fn comment_above(comments: &[Comment], line: usize) -> String {
    let mut lines: Vec<&str> = Vec::new();
    let mut above = line;
    for comment in comments.iter().rev().skip_while(|comment| comment.line >= line) {
        if comment.line + 1 != above {
            break;
        }
        lines.push(&comment.text);
        above = comment.line;
    }
    lines.reverse();
    lines.join("\n")
}

/// How many arguments a condition may have; `None` for an unknown one.
fn arities(condition: &str) -> Option<&'static [usize]> {
    Predicate::named(condition).map(|(_, arities)| arities)
}

fn known_condition(source: &Arc<Source>, condition: &ConditionSyntax) -> Option<Diagnostic> {
    let name = condition.name.text.as_str();
    let Some(arities) = arities(name) else {
        let known = Predicate::names();
        let error = Diagnostic::new(source, condition.name.span, format!("unknown condition `{name}`"), "not known");
        return Some(match nearest(name, known.clone()) {
            Some(meant) => error.meant(Some(meant)),
            None => error.with_help(format!("the conditions are {}", known.collect::<Vec<_>>().join(", "))),
        });
    };
    if arities.contains(&condition.arguments.len()) {
        return None;
    }
    let wanted: Vec<String> = arities.iter().map(usize::to_string).collect();
    let (wanted, got) = (wanted.join(" or "), condition.arguments.len());
    let message = format!("`{name}` takes {wanted} argument{}, got {got}", if wanted == "1" { "" } else { "s" });
    Some(Diagnostic::new(source, condition.name.span, message, ""))
}

/// Every variable of the produced side and of the conditions must be bound: by the matched side, or as the number in
/// `homogeneous(?f, ?k)` or `slanted(?f, ?c)`.
fn bindings(source: &Arc<Source>, rule: &RuleSyntax, errors: &mut Vec<Diagnostic>) {
    let mut by_condition = Vec::new();
    // What an unknown condition would bind cannot be told.
    let (known, unknown): (Vec<_>, Vec<_>) =
        rule.conditions.iter().partition(|condition| arities(&condition.name.text).is_some());
    by_condition.extend(unknown.iter().flat_map(|c| &c.arguments).flat_map(variables).map(|(name, _)| name));
    for condition in &known {
        let binds = Predicate::named(&condition.name.text).is_some_and(|(predicate, _)| predicate.number().is_some());
        if let (true, false, [_, number]) = (binds, condition.negated, condition.arguments.as_slice())
            && number.nodes.len() == 1
        {
            by_condition.extend(variables(number).map(|(name, _)| name));
        }
    }
    let mut require = |syntax: &Syntax, side: &Syntax, which: &str| {
        let mut reported: Vec<&str> = Vec::new();
        for (name, span) in variables(syntax) {
            let bound = variables(side).any(|(other, _)| other == name) || by_condition.contains(&name);
            if !bound && !reported.contains(&name) {
                reported.push(name);
                let message = format!("`{name}` does not occur on the {which} side");
                let error = Diagnostic::new(source, span, message, "nothing binds it");
                errors.push(error.meant(nearest_variable(name, side)));
            }
        }
    };
    require(&rule.rhs, &rule.lhs, "left");
    if rule.bidirectional {
        require(&rule.lhs, &rule.rhs, "right");
    }
    for argument in known.iter().flat_map(|condition| &condition.arguments) {
        require(argument, &rule.lhs, "left");
    }
}

fn nearest_variable<'a>(name: &str, side: &'a Syntax) -> Option<&'a str> {
    // The question mark they share is no likeness.
    let bare = nearest(&name[1..], variables(side).map(|(other, _)| &other[1..]))?;
    variables(side).map(|(other, _)| other).find(|other| &other[1..] == bare)
}

/// The pattern variables of an expression with their places, also those that are called.
fn variables(syntax: &Syntax) -> impl Iterator<Item = (&str, Span)> {
    syntax.nodes.iter().filter_map(|node| match &node.kind {
        NodeKind::Variable(name) => Some((name.as_str(), node.span)),
        NodeKind::Call { callee, .. } if callee.text.starts_with('?') => Some((callee.text.as_str(), callee.span)),
        _ => None,
    })
}

/// The formula with its pattern variables, which were read as symbols `?X`, turned into variables.
fn pattern(expr: &Expr) -> PatternAst<Term> {
    let mut out = PatternAst::<Term>::default();
    let mut ids = Vec::with_capacity(expr.len());
    for node in expr.as_ref() {
        let variable = match node {
            Term::Sym(name) => name.as_str().parse().ok(),
            _ => None,
        };
        ids.push(out.add(match variable {
            Some(variable) => ENodeOrVar::Var(variable),
            None => ENodeOrVar::ENode(node.clone().map_children(|id| ids[usize::from(id)])),
        }));
    }
    out
}
