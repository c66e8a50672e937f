//! MathML Core for a page. Signs carry their form, since a sign at the begin of a row would be taken for one before a term.

use super::layout::Bracket;
use super::symbols::{is_italic, xml_text};
use super::token::{Class, Group, Sign, Space, Token};
use pulldown_latex::config::RenderConfig;
use pulldown_latex::{Parser, Storage, push_mathml};

/// A row of elements.
pub(super) fn row(tokens: &[Token]) -> String {
    let mut page = Page { open: Vec::new(), row: Row::default() };
    for (i, token) in tokens.iter().enumerate() {
        page.token(token, i.checked_sub(1).map(|i| &tokens[i]), tokens.get(i + 1));
    }
    // What a line was broken inside of ends with it.
    while let Some((around, outer)) = page.open.pop() {
        let inside = std::mem::replace(&mut page.row, outer);
        page.close(&around, inside, None);
    }
    page.row.text()
}

/// An element and the scripts on it.
#[derive(Default)]
struct Item {
    base: String,
    sub: Option<String>,
    sup: Option<String>,
}

impl Item {
    fn text(&self) -> String {
        let base = &self.base;
        match (&self.sub, &self.sup) {
            (None, None) => base.clone(),
            (Some(sub), None) => format!("<msub>{base}{sub}</msub>"),
            (None, Some(sup)) => format!("<msup>{base}{sup}</msup>"),
            (Some(sub), Some(sup)) => format!("<msubsup>{base}{sub}{sup}</msubsup>"),
        }
    }
}

#[derive(Default)]
struct Row {
    items: Vec<Item>,
    /// The numerator, when the row goes on as a denominator.
    over: Option<String>,
}

impl Row {
    fn text(&self) -> String {
        self.items.iter().map(Item::text).collect()
    }

    /// As one element.
    fn element(&self) -> String {
        match self.items.as_slice() {
            [one] => one.text(),
            _ => format!("<mrow>{}</mrow>", self.text()),
        }
    }
}

/// What is open around a row.
enum Around {
    Group(Group),
    Bracket(Bracket, u8),
}

struct Page {
    open: Vec<(Around, Row)>,
    row: Row,
}

impl Page {
    fn put(&mut self, element: impl Into<String>) {
        self.row.items.push(Item { base: element.into(), ..Item::default() });
    }

    fn token(&mut self, token: &Token, before: Option<&Token>, next: Option<&Token>) {
        match token {
            Token::Symbol(text) => self.put(identifier(text)),
            Token::Upright(text) | Token::Bold(text) => {
                let bold = if matches!(token, Token::Bold(_)) { " style=\"font-weight: bold\"" } else { "" };
                self.put(format!("<mi mathvariant=\"normal\"{bold}>{text}</mi>"));
            }
            Token::Function(name) => {
                self.put(format!("<mi>{}</mi>", xml_text(name)));
                self.put("<mo>&#x2061;</mo>");
                if !matches!(next, Some(Token::Open(..)) | None) {
                    self.put(space("0.1667em"));
                }
            }
            Token::Number(value) if value.is_integer() => self.put(format!("<mn>{value}</mn>")),
            Token::Number(value) => {
                let (numer, denom) = (value.numer(), value.denom());
                let fraction = format!("<mfrac><mn>{numer}</mn><mn>{denom}</mn></mfrac>");
                self.put(match self.is_script() {
                    true => format!("<mrow><mn>{numer}</mn>{}<mn>{denom}</mn></mrow>", sign(Sign::Slash)),
                    false => format!("<mstyle displaystyle=\"false\">{fraction}</mstyle>"),
                });
            }
            Token::Sign(s, _) => self.put(sign(*s)),
            Token::Because(letters) if letters.is_empty() => self.put(sign(Sign::Equal)),
            Token::Because(letters) => {
                let equal = sign(Sign::Equal);
                let letters = letters.join(",");
                self.put(format!("<mover>{equal}<mtext>({letters})</mtext></mover>"));
            }
            Token::Prime(n) => {
                let primes = match n {
                    2 => "<mo>″</mo>".to_string(),
                    n => "<mo>′</mo>".repeat(usize::from(*n)),
                };
                self.attach(None, Some(primes));
            }
            Token::Words(text) => {
                // Spaces at the ends would be lost.
                self.put(format!("<mtext>{}</mtext>", xml_text(text).replace(' ', "&#xa0;")));
            }
            // A product of letters is not spaced, but what follows a quotient would touch it.
            Token::Space(Space::Word) if matches!(before, Some(Token::End)) => self.put(space("0.1667em")),
            Token::Space(Space::Word) => {}
            Token::Space(Space::Thick) => self.put(space("0.2778em")),
            Token::Space(Space::Item | Space::Quad) => self.put(space("1em")),
            Token::Space(Space::Wide) => self.put(space("2em")),
            Token::Summation(indices) => {
                for (index, range) in indices {
                    let index = row(index);
                    self.put(match range {
                        Some(range) => format!(
                            "<munderover><mo>∑</mo><mrow>{index}{}<mn>1</mn></mrow><mrow>{}</mrow></munderover>",
                            sign(Sign::Equal),
                            row(range)
                        ),
                        None => format!("<munder><mo>∑</mo><mrow>{index}</mrow></munder>"),
                    });
                }
            }
            Token::Juxtaposition => match next {
                Some(Token::Number(value)) if value.is_integer() => self.put(sign(Sign::Dot)),
                Some(Token::Begin(Group::Unit) | Token::Upright(_)) => self.put(space("0.1667em")),
                Some(Token::Symbol(text)) if text.chars().nth(1).is_some() => self.put(space("0.1667em")),
                Some(Token::Function(_)) => self.put(space("0.1667em")),
                _ => {}
            },
            Token::Open(Bracket::Linear, _) | Token::Close(Bracket::Linear, _) => {}
            Token::Open(bracket, size) => {
                self.open.push((Around::Bracket(*bracket, *size), std::mem::take(&mut self.row)));
            }
            Token::Close(bracket, size) => {
                match self.open.pop_if(|(around, _)| matches!(around, Around::Bracket(..))) {
                    Some((around, outer)) => {
                        let inside = std::mem::replace(&mut self.row, outer);
                        self.close(&around, inside, Some(*bracket));
                    }
                    None => self.put(fence(*bracket, *size, false)),
                }
            }
            Token::Begin(group) => {
                self.open.push((Around::Group(group.clone()), std::mem::take(&mut self.row)));
            }
            Token::Over => {
                self.row.over = Some(self.row.element());
                self.row.items.clear();
            }
            Token::End => {
                while let Some((around, outer)) = self.open.pop() {
                    let inside = std::mem::replace(&mut self.row, outer);
                    let group = matches!(around, Around::Group(_));
                    self.close(&around, inside, None);
                    if group {
                        break;
                    }
                }
            }
        }
    }

    /// Puts what was open behind what stands before it.
    fn close(&mut self, around: &Around, inside: Row, closed: Option<Bracket>) {
        let element = inside.element();
        match around {
            Around::Bracket(bracket, size) => {
                let close = closed.map(|bracket| fence(bracket, *size, false)).unwrap_or_default();
                self.put(format!("<mrow>{}{}{close}</mrow>", fence(*bracket, *size, true), inside.text()));
            }
            Around::Group(group) => match group {
                Group::Unit | Group::Member => self.put(element),
                Group::Sub | Group::At => self.attach(Some(element), None),
                Group::Sup | Group::Raised => self.attach(None, Some(element)),
                Group::On => self.put(format!("<msub><mo stretchy=\"false\">|</mo>{element}</msub>")),
                Group::Fraction | Group::Ratio | Group::Small => {
                    let over = inside.over.clone().unwrap_or_else(|| "<mrow></mrow>".into());
                    let fraction = format!("<mfrac>{over}{element}</mfrac>");
                    self.put(match group {
                        Group::Small => format!("<mstyle displaystyle=\"false\">{fraction}</mstyle>"),
                        _ => fraction,
                    });
                }
                Group::Root => self.put(format!("<msqrt>{element}</msqrt>")),
                Group::Dot(n) => {
                    let dots = if *n == 1 { "˙" } else { "¨" };
                    self.put(format!("<mover accent=\"true\">{element}<mo>{dots}</mo></mover>"));
                }
                Group::Declared(latex) => self.put(declared(latex).unwrap_or(element)),
            },
        }
    }

    /// Scripts on what stands last.
    fn attach(&mut self, sub: Option<String>, sup: Option<String>) {
        let item = match self.row.items.pop() {
            Some(item) => item,
            None => Item { base: "<mrow></mrow>".into(), ..Item::default() },
        };
        // A script on what has one is a script on the whole.
        let taken = (item.sub.is_some() && sub.is_some()) || (item.sup.is_some() && (sup.is_some() || sub.is_some()));
        let mut item = if taken { Item { base: item.text(), ..Item::default() } } else { item };
        item.sub = item.sub.or(sub);
        item.sup = item.sup.or(sup);
        self.row.items.push(item);
    }

    fn is_script(&self) -> bool {
        self.open.iter().any(|(around, _)| matches!(around, Around::Group(Group::Sup | Group::Sub)))
    }
}

/// Digits as a number, letters as identifiers: one in italics, several upright.
fn identifier(text: &str) -> String {
    let escaped = xml_text(text);
    if text.chars().all(|c| c.is_ascii_digit()) {
        return format!("<mn>{escaped}</mn>");
    }
    let mut chars = text.chars();
    let upright = match (chars.next(), chars.next()) {
        (Some(c), None) => !is_italic(c),
        _ => false,
    };
    if upright { format!("<mi mathvariant=\"normal\">{escaped}</mi>") } else { format!("<mi>{escaped}</mi>") }
}

fn space(width: &str) -> String {
    format!("<mspace width=\"{width}\"/>")
}

fn sign(sign: Sign) -> String {
    let form = match sign.class() {
        Class::Prefix => " form=\"prefix\"",
        Class::Sum | Class::Product | Class::Relation => " form=\"infix\"",
        Class::Punctuation if sign == Sign::Stop => " lspace=\"0\" rspace=\"0\"",
        Class::Punctuation => " lspace=\"0\" rspace=\"0.1667em\"",
        Class::Ordinary => " lspace=\"0\" rspace=\"0\"",
    };
    match sign {
        Sign::Transpose => "<mi mathvariant=\"normal\">⊤</mi>".into(),
        sign => format!("<mo{form}>{}</mo>", sign.mathml()),
    }
}

fn fence(bracket: Bracket, size: u8, opens: bool) -> String {
    let (open, close) = match bracket {
        Bracket::Round | Bracket::Linear => ("(", ")"),
        Bracket::Square => ("[", "]"),
        Bracket::Angle => ("⟨", "⟩"),
        Bracket::Norm => ("‖", "‖"),
        Bracket::Brace => ("{", "}"),
    };
    let height = match size {
        0 => String::new(),
        size => format!(" minsize=\"{0}em\" maxsize=\"{0}em\"", ["1.2", "1.8", "2.4"][usize::from(size.min(3)) - 1]),
    };
    let stretchy = if size == 0 { "false" } else { "true" };
    let (glyph, form) = if opens { (open, "prefix") } else { (close, "postfix") };
    format!("<mo form=\"{form}\" stretchy=\"{stretchy}\"{height}>{glyph}</mo>")
}

/// The LaTeX that was declared for a name; `None` where the renderer does not know it.
fn declared(latex: &str) -> Option<String> {
    let storage = Storage::new();
    let events: Vec<_> = Parser::new(latex, &storage).collect::<Result<_, _>>().ok()?;
    let mut out = String::new();
    let events = events.into_iter().map(Ok::<_, std::convert::Infallible>);
    push_mathml(&mut out, events, RenderConfig::default()).ok()?;
    let inside = out.split_once('>')?.1.rsplit_once("</math>")?.0;
    Some(format!("<mrow>{inside}</mrow>"))
}

/// Rows of left and right sides that are aligned where these meet, as a displayed formula.
pub(super) fn display(rows: &[(String, String)]) -> String {
    match rows {
        [(left, right)] if left.is_empty() => format!("<math display=\"block\">{right}</math>"),
        rows => {
            let row = |(left, right): &(String, String)| format!("<mtr><mtd>{left}</mtd><mtd>{right}</mtd></mtr>");
            let rows: String = rows.iter().map(row).collect();
            format!(
                "<math display=\"block\"><mtable class=\"aligned\" columnalign=\"right left\" displaystyle=\"true\">{rows}</mtable></math>"
            )
        }
    }
}
