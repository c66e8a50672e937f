// The text of the model: coloured, with lines numbered and errors marked in their places. The text itself is a plain text area above what is shown.

const WORDS = new Set('model dim param data let output repeat loss action activation function potential dynamics'.split(' '));

const TOKEN = /(?<comment>#[^\n]*)|(?<string>"[^"\n]*"?)|(?<name>[\p{L}_][\p{L}\p{N}_]*)|(?<number>\d+(?:\.\d+)?(?:e[-+]?\d+)?)|(?<sign>->|[-+*/^=:'×.]+)/gu;

/** The stretches of a text that have a colour. */
function coloured(text) {
  const out = [];
  let first = true;
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const between = text.slice(end, match.index);
    if (/[\n;{]/.test(between)) first = true;
    end = match.index + match[0].length;
    const { comment, string, name, number } = match.groups;
    let kind = 'sign';
    if (comment) kind = 'comment';
    else if (string) kind = 'string';
    else if (number) kind = 'number';
    else if (name && first && WORDS.has(name)) kind = 'keyword';
    else if (name) kind = text[end] === '(' ? 'call' : '';
    if (kind) out.push({ start: match.index, end, kind });
    if (!comment) first = false;
  }
  return out;
}

export class Editor {
  #text = document.getElementById('text');
  #shown = document.getElementById('shown');
  #lines = document.getElementById('lines');
  #problems = document.getElementById('problems');
  #errors = [];

  /** `changed` is called when the text is. */
  constructor(changed) {
    this.#text.addEventListener('input', () => {
      this.#errors = [];
      this.#show();
      changed();
    });
  }

  get value() {
    return this.#text.value;
  }

  set value(text) {
    this.#text.value = text;
    this.#errors = [];
    this.#text.setSelectionRange(0, 0);
    document.getElementById('code').scrollTo(0, 0);
    this.#show();
  }

  /** Marks errors in their places and lists them. */
  mark(errors) {
    this.#errors = errors;
    this.#show();
    this.#problems.replaceChildren(...errors.map((error) => this.#problem(error)));
  }

  #problem(error) {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.type = 'button';
    const place = document.createElement('span');
    place.className = 'place';
    place.textContent = `${error.line}:${error.column}`;
    button.append(place, ` ${error.message}`);
    if (error.help) {
      const help = document.createElement('span');
      help.className = 'help';
      help.textContent = error.help;
      button.append(' ', help);
    }
    button.addEventListener('click', () => {
      this.#text.focus();
      this.#text.setSelectionRange(error.start, error.end);
    });
    item.append(button);
    return item;
  }

  #show() {
    const text = this.value;
    // An error at the end of a line, or of the text, is marked on what stands before it.
    const marks = this.#errors.map(({ start, end }) => (end > start ? { start, end } : { start: Math.max(0, start - 1), end: start }));
    const tokens = coloured(text);
    const cuts = [...new Set([0, text.length, ...tokens.concat(marks).flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b);
    const nodes = [];
    let token = 0;
    for (let i = 0; i + 1 < cuts.length; i++) {
      const [start, end] = [cuts[i], cuts[i + 1]];
      while (token < tokens.length && tokens[token].end <= start) token++;
      const kind = token < tokens.length && tokens[token].start <= start ? tokens[token].kind : '';
      const wrong = marks.some((mark) => mark.start <= start && end <= mark.end);
      const piece = text.slice(start, end);
      if (!kind && !wrong) {
        nodes.push(piece);
        continue;
      }
      const span = document.createElement(wrong ? 'mark' : 'span');
      if (kind) span.className = kind;
      span.textContent = piece;
      nodes.push(span);
    }
    // A last line that is empty has a height too.
    this.#shown.replaceChildren(...nodes, '\n');
    const wrong = new Set(this.#errors.map((error) => error.line));
    const count = text.split('\n').length;
    this.#lines.replaceChildren(...Array.from({ length: count }, (_, i) => {
      const line = document.createElement('span');
      if (wrong.has(i + 1)) line.className = 'wrong';
      line.textContent = `${i + 1}\n`;
      return line;
    }));
  }
}
