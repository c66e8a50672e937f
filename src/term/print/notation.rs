//! What the names of a model decide about its notation: which gradient may be written G₁, what `E` stands for.

use super::super::{Env, Symbol};
use super::layout::Bracket;
use super::letters::{as_spelled, declared_as};
use super::names::Name;
use super::size::{at_indices, size_tokens};
use super::token::{Group, Token};
use std::collections::{HashMap, HashSet};

/// How the quantities of one model are written.
#[derive(Clone, Debug, Default)]
pub struct Notation {
    env: Env,
    output: Option<Symbol>,
    algebra: HashSet<Symbol>,
    /// The parameters whose gradient is written with the parameter's subscript alone.
    indexed: HashSet<Symbol>,
    /// The symbols that are written otherwise than by their names.
    written: HashMap<Symbol, Vec<Token>>,
    /// The members of families and the values on the way through a block.
    members: HashMap<Symbol, Member>,
}

/// What is written with indices.
#[derive(Clone, Debug)]
struct Member {
    /// The name that carries them.
    base: Symbol,
    indices: Vec<Vec<Token>>,
    /// How the name is written, where that is not by its spelling.
    written: Option<Vec<Token>>,
}

impl Notation {
    /// `algebra` are the symbols that stand for an element A of a Lie algebra, so that `hess(W)[A]` is a block of `H[ξ_A]`.
    pub fn new(env: &Env, params: &[Symbol], output: Option<Symbol>, algebra: &[Symbol]) -> Notation {
        let subscripts: HashSet<String> = params.iter().map(|p| Name::new(p.as_str()).subscript).collect();
        let distinct = subscripts.len() == params.len() && subscripts.iter().all(|s| !s.is_empty());
        // Among members of families, whose names are long, those whose subscript is theirs alone.
        let is_member =
            |p: &Symbol| env.neighbour(*p).is_some() || env.symbol(*p).is_some_and(|info| !info.indices.is_empty());
        let families = params.iter().any(is_member);
        let alone = |param: &&Symbol| {
            let index = Name::new(param.as_str()).subscript;
            let same = params.iter().filter(|p| p.as_str() == index || Name::new(p.as_str()).subscript == index);
            families && !index.is_empty() && same.count() == 1
        };
        let indexed = params.iter().filter(|param| distinct || alone(param)).copied().collect();
        Notation {
            env: env.clone(),
            output,
            algebra: algebra.iter().copied().collect(),
            indexed,
            written: HashMap::new(),
            members: HashMap::new(),
        }
    }

    /// The same notation in which a symbol is written with indices, as a name that carries them.
    pub fn with_indices(mut self, name: Symbol, base: Symbol, indices: Vec<Vec<Token>>) -> Notation {
        self.members.insert(name, Member { base, indices, written: None });
        self
    }

    /// A letter or name of a symbol with the indices of it.
    pub(super) fn member(&self, of: Symbol, written: Vec<Token>) -> Vec<Token> {
        match self.members.get(&of) {
            Some(member) => at_indices(written, &member.indices),
            None => written,
        }
    }

    /// The member of a family at another value of an index: `W[l,p(i)]`.
    pub(super) fn relabelled(&self, name: Symbol, index: Symbol, p: Symbol) -> Vec<Token> {
        let Some(member) = self.members.get(&name) else { return self.symbol(name) };
        let (own, mut moved) = (self.symbol(index), self.symbol(p));
        moved.push(Token::Open(Bracket::Round, 0));
        moved.extend(own.iter().cloned());
        moved.push(Token::Close(Bracket::Round, 0));
        let at = |index: &Vec<Token>| if *index == own { moved.clone() } else { index.clone() };
        let mut other = self.clone();
        let member = Member { indices: member.indices.iter().map(at).collect(), ..member.clone() };
        other.members.insert(name, member);
        other.symbol(name)
    }

    /// An index, and what it runs to.
    pub(super) fn index_range(&self, index: Symbol) -> (Vec<Token>, Option<Vec<Token>>) {
        let declared = self.env.index(index).and_then(|set| self.env.listed(set).next());
        (self.symbol(index), declared.map(|index| size_tokens(index.range)))
    }

    /// The same notation in which a symbol is written like that.
    pub fn with(mut self, name: Symbol, written: Vec<Token>) -> Notation {
        self.written.insert(name, written);
        self
    }

    /// The same notation in which no two of these names read alike, and none reads like a letter that is spoken for. The first of two
    /// stays as it is; another is written as it is spelled, a single letter without serifs.
    pub fn apart(mut self, letters: &[&str], names: &[Symbol]) -> Notation {
        let spoken = letters.iter().map(|letter| vec![Token::Symbol(letter.to_string())]);
        let mut taken: HashSet<String> = spoken.flat_map(|tokens| readings(&tokens)).collect();
        for name in names {
            let mut written = self.symbol(*name);
            let mut spelled = self.members.get(name).map_or(*name, |member| member.base).as_str().to_string();
            let mut clashes = readings(&written).iter().any(|reading| taken.contains(reading));
            while clashes {
                match self.members.get_mut(name) {
                    Some(member) => member.written = Some(as_spelled(&spelled)),
                    None => drop(self.written.insert(*name, as_spelled(&spelled))),
                }
                written = self.symbol(*name);
                clashes = readings(&written).iter().any(|reading| taken.contains(reading));
                spelled.push('_');
            }
            taken.extend(readings(&written));
        }
        self
    }

    /// A symbol with that symbol as its index: `U_W₁`.
    pub fn index(&self, letter: &str, of: Symbol) -> Vec<Token> {
        let mut out = vec![Token::Symbol(letter.to_string()), Token::Begin(Group::At)];
        out.extend(self.symbol(of));
        out.push(Token::End);
        out
    }

    /// A letter with the subscript that the gradient by a parameter has: `Ĝ₁`.
    pub fn like_gradient(&self, letter: &str, param: Symbol) -> Vec<Token> {
        match self.gradient_index(param) {
            Some(index) => self.member(param, Name::indexed(letter, &index).tokens()),
            None => self.index(letter, param),
        }
    }

    /// How a matrix or a size is written.
    pub(super) fn symbol(&self, name: Symbol) -> Vec<Token> {
        if let (None, Some(member)) = (self.written.get(&name), self.members.get(&name)) {
            let plain = || Name::new(member.base.as_str()).tokens();
            let base = match (&member.written, self.env.latex(name).or(self.env.latex(member.base))) {
                (Some(written), _) => written.clone(),
                (None, Some(declared)) => declared_as(declared, plain()),
                (None, None) => plain(),
            };
            return at_indices(base, &member.indices);
        }
        self.bare(name)
    }

    /// The same of what has no indices.
    fn bare(&self, name: Symbol) -> Vec<Token> {
        match (self.written.get(&name), self.env.latex(name)) {
            (Some(written), _) => written.clone(),
            (None, Some(declared)) => declared_as(declared, Name::new(name.as_str()).tokens()),
            // A primed name is the name with primes, however that is written.
            (None, None) => {
                let stem = name.as_str().trim_end_matches('′');
                let primes = name.as_str().chars().count() - stem.chars().count();
                if primes == 0 || stem.is_empty() {
                    return Name::new(name.as_str()).tokens();
                }
                let mut out = self.bare(stem.into());
                out.push(Token::Prime(primes.min(255) as u8));
                out
            }
        }
    }

    pub(super) fn time_derivative(&self, name: Symbol) -> Vec<Token> {
        let member = self.members.get(&name);
        let plain = !self.written.contains_key(&name) && member.is_none_or(|member| member.written.is_none());
        match self.env.latex(name) {
            None if plain => {
                let base = member.map_or(name, |member| member.base);
                self.member(name, Name::new(base.as_str()).time_derivative())
            }
            _ => {
                let mut out = vec![Token::Begin(Group::Dot(1))];
                out.extend(self.symbol(name));
                out.push(Token::End);
                out
            }
        }
    }

    /// The subscript k of a gradient written G_k; `None` where it has to be the parameter itself.
    pub(super) fn gradient_index(&self, param: Symbol) -> Option<String> {
        self.indexed.contains(&param).then(|| Name::new(param.as_str()).subscript)
    }

    /// Whether `err` of this name is the error signal E itself.
    pub(super) fn is_output(&self, name: Symbol) -> bool {
        self.output.is_none_or(|output| output == name) && self.env.symbol("E".into()).is_none()
    }

    /// Whether G is free to stand for gradients.
    pub(super) fn names_gradients(&self) -> bool {
        self.env.symbol("G".into()).is_none()
            && self.indexed.iter().all(|p| {
                let index = Name::new(p.as_str()).subscript;
                self.env.symbol(format!("G{index}").into()).is_none()
                    && self.env.symbol(format!("G_{index}").into()).is_none()
            })
    }

    pub(super) fn is_algebra(&self, name: Symbol) -> bool {
        self.algebra.contains(&name)
    }

    pub(super) fn is_scalar(&self, name: Symbol) -> bool {
        self.env.symbol(name).is_some_and(|info| info.shape.is_scalar())
    }
}

/// How some tokens read in Unicode and in LaTeX.
fn readings(tokens: &[Token]) -> [String; 2] {
    [super::unicode::render(tokens), format!("${}", super::latex::render(tokens))]
}
