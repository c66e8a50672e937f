//! `--map W_Q[l]=model.layers.{l-1}.attn.qkv.weight[0:64, :]'`: which tensor, and which part of it, a matrix of the model is.

use super::tensor::{Tensor, extent};

/// The entries of the option.
#[derive(Default)]
pub struct Map {
    entries: Vec<Entry>,
}

struct Entry {
    /// As it was written.
    text: String,
    name: String,
    /// The members of a family that it is of: a number, or a name that stands for each.
    places: Vec<Place>,
    source: String,
}

#[derive(PartialEq)]
enum Place {
    Number(u64),
    Name(String),
}

/// The number of an entry, what it says, and the values of the names in that.
pub type Meant<'a> = (usize, &'a str, Vec<(String, u64)>);

/// Names with their values.
pub type Values = [(String, u64)];

impl Map {
    /// # Errors
    /// When an option is not written as one.
    pub fn parse(options: &[String]) -> Result<Map, String> {
        let mut map = Map::default();
        for text in options {
            let wrong = |why: &str| format!("--map {text}: {why}");
            let parts = text.split_once('=').map(|(name, source)| (name.trim(), source.trim()));
            let Some((name, source)) = parts.filter(|(name, source)| !name.is_empty() && !source.is_empty()) else {
                return Err(wrong("expected NAME=TENSOR, as in W1=model.layers.0.mlp.up_proj.weight"));
            };
            let (name, places) = member(name).ok_or_else(|| wrong("expected NAME, NAME[2] or NAME[l] before `=`"))?;
            let entry = Entry { text: text.clone(), name: name.to_string(), places, source: source.to_string() };
            if map.entries.iter().any(|other| (&other.name, &other.places) == (&entry.name, &entry.places)) {
                return Err(wrong("this matrix is mapped twice"));
            }
            map.entries.push(entry);
        }
        Ok(map)
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entries, each as it was written, with the name that it is of and the number of its places.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.entries.iter().map(|entry| (entry.text.as_str(), entry.name.as_str(), entry.places.len()))
    }

    /// The entry for a matrix, or a member of a family: that which names most of its numbers.
    pub fn of(&self, name: &str, at: &[u64]) -> Option<Meant<'_>> {
        let fits = |entry: &Entry| {
            let same = |(place, n): (&Place, &u64)| !matches!(place, Place::Number(k) if k != n);
            entry.name == name && entry.places.len() == at.len() && entry.places.iter().zip(at).all(same)
        };
        let named = |entry: &Entry| entry.places.iter().filter(|place| matches!(place, Place::Number(_))).count();
        let fitting = self.entries.iter().enumerate().filter(|(_, entry)| fits(entry));
        let (which, entry) = fitting.rev().max_by_key(|(_, entry)| named(entry))?;
        let values = entry.places.iter().zip(at).filter_map(|(place, n)| match place {
            Place::Name(name) => Some((name.clone(), *n)),
            Place::Number(_) => None,
        });
        Some((which, &entry.source, values.collect()))
    }

    /// An entry as it was written.
    pub fn text(&self, which: usize) -> &str {
        &self.entries[which].text
    }
}

/// `W`, `W[2]`, `W[l, i]`.
fn member(text: &str) -> Option<(&str, Vec<Place>)> {
    let Some((name, places)) = text.split_once('[') else { return Some((text, vec![])) };
    let place = |text: &str| match text.parse() {
        Ok(number) => Some(Place::Number(number)),
        Err(_) if is_name(text) => Some(Place::Name(text.to_string())),
        Err(_) => None,
    };
    let places = places.strip_suffix(']')?.split(',').map(|text| place(text.trim()));
    Some((name.trim(), places.collect::<Option<_>>()?))
}

fn is_name(text: &str) -> bool {
    text.starts_with(char::is_alphabetic) && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// A tensor and the part of it that is meant.
#[derive(Debug, PartialEq)]
pub struct Wanted {
    pub tensor: String,
    axes: Vec<Axis>,
    transposed: bool,
}

#[derive(Debug, PartialEq)]
enum Axis {
    At(u64),
    /// From the first to before the second.
    Range(Option<u64>, Option<u64>),
}

impl Wanted {
    pub fn whole(tensor: &str) -> Wanted {
        Wanted { tensor: tensor.to_string(), axes: vec![], transposed: false }
    }

    /// Reads what stands after `=`. Names of tensors may hold any characters, so what is one as it stands is meant as one.
    ///
    /// # Errors
    /// When an index is not a number.
    pub fn parse(text: &str, values: &Values, is_tensor: impl Fn(&str) -> bool) -> Result<Wanted, String> {
        let text = filled_in(text, values)?;
        if is_tensor(&text) {
            return Ok(Wanted::whole(&text));
        }
        let (plain, transposed) = match text.strip_suffix('\'') {
            Some(plain) => (plain.trim_end(), true),
            None => (text.as_str(), false),
        };
        let sliced = plain.strip_suffix(']').and_then(|plain| plain.split_once('[')).filter(|_| !is_tensor(plain));
        let (tensor, axes) = match sliced {
            None => (plain, vec![]),
            Some((tensor, axes)) => {
                let axes = axes.split(',').map(|text| axis(text.trim(), values)).collect::<Result<_, _>>()?;
                (tensor.trim_end(), axes)
            }
        };
        Ok(Wanted { tensor: tensor.to_string(), axes, transposed })
    }
}

/// The text with every `{l-1}` replaced by its value.
fn filled_in(text: &str, values: &Values) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let (formula, after) = after.split_once('}').ok_or("a `{` is not closed")?;
        out.push_str(before);
        out.push_str(&number(formula, values)?.to_string());
        rest = after;
    }
    Ok(out + rest)
}

fn axis(text: &str, values: &Values) -> Result<Axis, String> {
    let Some((from, to)) = text.split_once(':') else { return Ok(Axis::At(number(text, values)?)) };
    let end = |text: &str| match text.trim() {
        "" => Ok(None),
        text => number(text, values).map(Some),
    };
    Ok(Axis::Range(end(from)?, end(to)?))
}

/// A sum of products of numbers and names: `64*(i-1)`.
fn number(text: &str, values: &Values) -> Result<u64, String> {
    let mut parser = Parser { rest: text, values, depth: 0 };
    let value = parser.sum().filter(|_| parser.rest.trim_start().is_empty());
    let value = value.ok_or_else(|| {
        let names: Vec<&str> = values.iter().map(|(name, _)| name.as_str()).collect();
        let names = if names.is_empty() { String::new() } else { format!(" and {}", names.join(", ")) };
        format!("`{text}` is no index: expected a formula in numbers{names}, as 64*(i-1)")
    })?;
    u64::try_from(value).map_err(|_| format!("`{text}` is {value}, but an index counts from 0"))
}

/// How deep brackets in an index may nest.
const NESTING: usize = 20;

struct Parser<'a> {
    rest: &'a str,
    values: &'a Values,
    depth: usize,
}

impl Parser<'_> {
    fn eat(&mut self, c: char) -> bool {
        let rest = self.rest.trim_start().strip_prefix(c);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn sum(&mut self) -> Option<i64> {
        let mut sum = self.product()?;
        loop {
            if self.eat('+') {
                sum = sum.checked_add(self.product()?)?;
            } else if self.eat('-') {
                sum = sum.checked_sub(self.product()?)?;
            } else {
                return Some(sum);
            }
        }
    }

    fn product(&mut self) -> Option<i64> {
        let mut product = self.factor()?;
        while self.eat('*') {
            product = product.checked_mul(self.factor()?)?;
        }
        Some(product)
    }

    fn factor(&mut self) -> Option<i64> {
        if self.eat('(') {
            self.depth += 1;
            let sum = if self.depth <= NESTING { self.sum() } else { None };
            self.depth -= 1;
            return sum.filter(|_| self.eat(')'));
        }
        let rest = self.rest.trim_start();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let word = &rest[..end];
        self.rest = &rest[end..];
        let known = self.values.iter().find(|(name, _)| name == word);
        known.map_or_else(|| word.parse().ok(), |(_, value)| i64::try_from(*value).ok())
    }
}

/// A part of a tensor: its axes, each with its length and how far apart neighbours along it are, and where it begins.
#[derive(Debug, PartialEq)]
pub struct View {
    pub axes: Vec<(u64, u64)>,
    pub start: u64,
}

impl View {
    /// The part of a tensor that is wanted.
    ///
    /// # Errors
    /// When the tensor has no such part.
    pub fn of(wanted: &Wanted, tensor: &Tensor) -> Result<View, String> {
        let whole = || extent(&tensor.shape);
        if wanted.axes.len() > tensor.shape.len() {
            return Err(format!("is {}, which has no {} indices", whole(), wanted.axes.len()));
        }
        let mut view = View { axes: vec![], start: 0 };
        for (i, (&length, &stride)) in tensor.shape.iter().zip(&tensor.strides).enumerate() {
            let (from, to) = match wanted.axes.get(i) {
                None => (0, length),
                Some(Axis::At(at)) => (*at, at.saturating_add(1)),
                Some(Axis::Range(from, to)) => (from.unwrap_or(0), to.unwrap_or(length)),
            };
            if from >= to || to > length {
                return Err(format!("is {}, which has no part {from}:{to} along axis {}", whole(), i + 1));
            }
            view.start += from * stride;
            if !matches!(wanted.axes.get(i), Some(Axis::At(_))) {
                view.axes.push((to - from, stride));
            }
        }
        if wanted.transposed {
            if view.axes.len() != 2 {
                return Err(format!("is {}, of which there is no transpose", whole()));
            }
            view.axes.reverse();
        }
        Ok(view)
    }

    /// The length of every axis.
    pub fn shape(&self) -> Vec<u64> {
        self.axes.iter().map(|(length, _)| *length).collect()
    }

    /// How many numbers there are from its first to its last.
    pub fn span(&self) -> u64 {
        1 + self.axes.iter().map(|(length, stride)| (length - 1) * stride).sum::<u64>()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tensor::{Format, Kind};
    use super::*;

    fn tensor(shape: &[u64]) -> Tensor {
        Tensor::new(Format { kind: Kind::F32, big_endian: false }, shape.to_vec(), false, 0).expect("small")
    }

    fn view(text: &str, shape: &[u64]) -> Result<View, String> {
        View::of(&Wanted::parse(text, &[("l".into(), 3)], |_| false)?, &tensor(shape))
    }

    #[test]
    fn a_part_of_a_tensor_is_a_view() {
        assert_eq!(view("qkv[8:16, :]", &[24, 5]), Ok(View { axes: vec![(8, 5), (5, 1)], start: 40 }));
        assert_eq!(view("qkv[8*(l-2):8*(l-1)]'", &[24, 5]), Ok(View { axes: vec![(5, 1), (8, 5)], start: 40 }));
        assert_eq!(view("all[l-1]", &[4, 2, 5]), Ok(View { axes: vec![(2, 5), (5, 1)], start: 20 }));
        assert_eq!(view("all[l-1, :, 4]", &[4, 2, 5]), Ok(View { axes: vec![(2, 5)], start: 24 }));
        assert_eq!(view("w", &[2, 5]).map(|view| view.span()), Ok(10));
        for (text, shape) in [("w[4]", &[4][..]), ("w[2:2]", &[4]), ("w[0, 0]", &[4]), ("w'", &[4]), ("w[0:5]", &[4])] {
            assert!(view(text, shape).is_err(), "{text}");
        }
        for text in ["w[", "w[x]", "w[l-4]", "w{l", "w[1.5]", "w[99999999999999999999]", "w[l-]", "w[(l]"] {
            let found = view(text, &[4]);
            assert!(found.is_err() || text == "w[", "{text}: {found:?}");
        }
    }

    #[test]
    fn a_member_has_the_entry_that_names_most_of_its_numbers() {
        let options = ["W[l]=layers.{l-1}.w", "W[2]=special", "V=v'"].map(str::to_string);
        let map = Map::parse(&options).expect("well written");
        let source = |name: &str, at: &[u64]| {
            let (_, text, values) = map.of(name, at)?;
            Wanted::parse(text, &values, |_| false).ok().map(|wanted| wanted.tensor)
        };
        assert_eq!(source("W", &[1]).as_deref(), Some("layers.0.w"));
        assert_eq!(source("W", &[2]).as_deref(), Some("special"));
        assert_eq!(source("V", &[]).as_deref(), Some("v"));
        assert_eq!((source("W", &[]), source("V", &[1])), (None, None));
        for wrong in ["W", "=w", "W=", "W[=w", "W[l-1]=w"] {
            assert!(Map::parse(&[wrong.to_string()]).is_err(), "{wrong}");
        }
        assert!(Map::parse(&["V=a".to_string(), "V=b".to_string()]).is_err());
    }

    #[test]
    fn what_is_a_name_as_it_stands_is_one() {
        let is_tensor = |name: &str| name == "W[2]" || name == "b'";
        assert_eq!(Wanted::parse("W[2]", &[], is_tensor), Ok(Wanted::whole("W[2]")));
        assert_eq!(Wanted::parse("b'", &[], is_tensor), Ok(Wanted::whole("b'")));
        let transposed = Wanted { transposed: true, ..Wanted::whole("W[2]") };
        assert_eq!(Wanted::parse("W[2]'", &[], is_tensor), Ok(transposed));
    }
}
