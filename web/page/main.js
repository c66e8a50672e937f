// The playground: a model on one side, what follows from it on the other.

import { Editor } from './editor.js';
import { Cancelled, Engine, Failure } from './engine.js';
import { fill } from './library.js';
import * as link from './link.js';

/** What a visitor finds: no action is declared, so that symmetries are looked for. */
const FIRST = `# Type a model: what is trained, and what it computes.
# Its symmetries are found and proved, and give laws.
model mlp "Two-layer ReLU network"
dim d = 4, h = 5, k = 3, n = 6
param W1 : h x d
param W2 : k x h
data  X  : d x n
output F = W2 * relu(W1 * X)
loss any
`;

/** How long nothing is typed before laws are derived, in milliseconds. */
const PAUSE = 300;

/** How long a job goes on before it is shown that it can be stopped. */
const PATIENCE = 400;

/** What can be shown. `more` are the words of the setting that shows more; `file` ends the name of a download. */
const TABS = [
  { id: 'laws', name: 'Laws', more: 'all of them', file: '.txt', content: (more) => format('text', more, false) },
  { id: 'article', name: 'Article', more: 'every step', file: '.html', content: (more) => format('html', more) },
  { id: 'latex', name: 'LaTeX', more: 'every step', file: '.tex', content: (more) => format('latex', more) },
  { id: 'numpy', name: 'NumPy', file: '_numpy.py', content: () => format('numpy') },
  { id: 'torch', name: 'PyTorch', file: '_torch.py', content: () => format('torch') },
  { id: 'json', name: 'JSON', file: '.json', content: () => format('json') },
  { id: 'discover', name: 'Symmetries', more: 'as JSON', file: '_symmetries.txt', content: (json) => ask('discover', json) },
  { id: 'complete', name: 'Count', more: 'as JSON', file: '_count.txt', content: (json) => ask('complete', json) },
];

const at = (id) => document.getElementById(id);
const [panel, status, stop, more, copy, download] = ['panel', 'status', 'stop', 'more', 'copy', 'download'].map(at);

const say = (words, state = '') => {
  status.textContent = words;
  status.className = state;
};

/** Laws, and questions that may take long: what is derived stays while they are asked. */
const [reports, questions] = [new Engine(say), new Engine(say)];
const editor = new Editor(changed);

let library = [];
let tab = TABS[0];
/** Where the settings of the tabs are kept. */
const settings = new Map();
/** What was derived of the present text, in words; nothing where it is not. */
let verdict;
/** What is shown at present. */
let content = '';
/** Counts what was begun to be shown; what is overtaken is not shown any more. */
let shown = 0;
let pause;

const name = () => /^\s*model\s+([\p{L}_][\p{L}\p{N}_]*)/mu.exec(editor.value)?.[1] ?? 'model';

function changed() {
  clearTimeout(pause);
  pause = setTimeout(derive, PAUSE);
}

/** Shows that a job can be stopped while it lasts. */
async function stoppable(job) {
  const timer = setTimeout(() => { stop.hidden = false; }, PATIENCE);
  try {
    return await job;
  } finally {
    clearTimeout(timer);
    stop.hidden = !(reports.busy || questions.busy);
  }
}

async function derive() {
  clearTimeout(pause);
  reports.cancel();
  questions.cancel();
  verdict = undefined;
  const text = editor.value;
  at('file').textContent = `${name()}.eqv`;
  document.title = `${name()} · equilaw playground`;
  panel.setAttribute('aria-busy', 'true');
  panel.classList.add('stale');
  say('deriving…');
  keep(text);
  const begun = performance.now();
  try {
    const { clean } = await stoppable(reports.call('derive', text, {}));
    const seconds = ((performance.now() - begun) / 1000).toFixed(2);
    verdict = [clean ? `proved and measured in ${seconds} s` : 'not everything is proved', clean ? 'good' : 'bad'];
    editor.mark([]);
    await show();
  } catch (error) {
    fail(error);
  }
  // How often something was derived, for those who wait for it.
  panel.dataset.derived = String(Number(panel.dataset.derived ?? 0) + 1);
}

/** Keeps the model in the address. */
async function keep(text) {
  const known = library.find((entry) => entry.text === text);
  const fragment = known ? `#library=${known.file}` : await link.write(text);
  if (editor.value === text) history.replaceState(null, '', fragment);
}

function fail(error) {
  if (error instanceof Cancelled) return;
  panel.setAttribute('aria-busy', 'false');
  const errors = error instanceof Failure ? error.errors : [];
  editor.mark(errors);
  if (errors.length) {
    say(errors.length === 1 ? '1 error' : `${errors.length} errors`, 'bad');
    return;
  }
  say('not possible', 'bad');
  if (!(error instanceof Failure)) console.error(error);
  place('');
  const words = document.createElement('p');
  words.className = 'failure';
  words.textContent = error.message;
  panel.replaceChildren(words);
}

const format = (...given) => reports.call('format', ...given);

const ask = (job, json) => questions.call(job, editor.value, { json });

/** Puts away what was shown, and what of it can be copied. */
function place(text) {
  content = text;
  copy.disabled = download.disabled = !text;
  panel.className = tab.id;
  panel.setAttribute('aria-busy', 'false');
}

/** Shows the tab that is chosen, once laws are derived. */
async function show() {
  if (!verdict) return;
  const mine = ++shown;
  const setting = settings.get(tab.id) ?? false;
  panel.setAttribute('aria-busy', 'true');
  panel.classList.add('stale');
  const asks = tab.id === 'discover' || tab.id === 'complete';
  if (!asks) questions.cancel();
  try {
    const text = await stoppable(tab.content(setting));
    const summary = tab.id === 'laws' ? await format('summary', setting) : '';
    if (mine !== shown) return;
    place(text);
    if (tab.id === 'laws') panel.innerHTML = summary;
    else if (tab.id === 'article') frame(text);
    else code(text);
    say(...verdict);
  } catch (error) {
    if (mine === shown) fail(error);
  }
}

function code(text) {
  const block = document.createElement('pre');
  block.textContent = text;
  panel.replaceChildren(block);
}

/** A page in the page, in its colours, which has no access to it. */
function frame(text) {
  const page = document.createElement('iframe');
  page.title = 'Article';
  page.setAttribute('sandbox', 'allow-scripts allow-popups allow-downloads');
  page.allow = 'clipboard-write';
  page.src = 'frame.html';
  const theme = document.documentElement.dataset.theme;
  const themed = theme ? text.replace('<html', `<html style="color-scheme: ${theme}"`) : text;
  page.addEventListener('load', () => page.contentWindow.postMessage(themed, '*'), { once: true });
  panel.replaceChildren(page);
}

function choose(next, focus) {
  questions.cancel();
  tab = next;
  for (const button of at('tabs').children) {
    const chosen = button.id === `tab-${tab.id}`;
    button.setAttribute('aria-selected', String(chosen));
    button.tabIndex = chosen ? 0 : -1;
    if (chosen && focus) button.focus();
    if (chosen) button.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  panel.setAttribute('aria-labelledby', `tab-${tab.id}`);
  at('more-label').hidden = !tab.more;
  at('more-words').textContent = tab.more ?? '';
  more.checked = settings.get(tab.id) ?? false;
  show();
}

function tabs() {
  const buttons = TABS.map((one) => {
    const button = document.createElement('button');
    Object.assign(button, { type: 'button', id: `tab-${one.id}`, textContent: one.name });
    button.setAttribute('role', 'tab');
    button.setAttribute('aria-controls', 'panel');
    button.addEventListener('click', () => choose(one));
    return button;
  });
  at('tabs').replaceChildren(...buttons);
  at('tabs').addEventListener('keydown', ({ key }) => {
    const now = TABS.indexOf(tab);
    const next = { ArrowRight: now + 1, ArrowLeft: now - 1 + TABS.length, Home: 0, End: TABS.length - 1 }[key];
    if (next !== undefined) choose(TABS[next % TABS.length], true);
  });
}

/** Says on a button what it did. */
function flash(button, words) {
  button.dataset.words ??= button.textContent;
  button.textContent = words;
  setTimeout(() => { button.textContent = button.dataset.words; }, 1500);
}

async function toClipboard(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    flash(button, 'Copied');
  } catch {
    flash(button, 'Not allowed');
  }
}

function save(text, file) {
  const anchor = document.createElement('a');
  anchor.href = URL.createObjectURL(new Blob([text]));
  anchor.download = file;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
}

function colours() {
  const words = { '': 'as the system', light: 'light', dark: 'dark' };
  const set = (theme) => {
    if (theme) document.documentElement.dataset.theme = theme;
    else delete document.documentElement.dataset.theme;
    at('theme').setAttribute('aria-label', `Colours: ${words[theme]}`);
    at('theme').title = `Colours: ${words[theme]}`;
    try {
      localStorage.setItem('theme', theme);
    } catch {
      // Where nothing may be kept, it is chosen again next time.
    }
    if (tab.id === 'article') show();
  };
  let kept;
  try {
    kept = localStorage.getItem('theme');
  } catch {
    kept = '';
  }
  set(kept in words ? kept : '');
  at('theme').addEventListener('click', () => {
    const order = Object.keys(words);
    set(order[(order.indexOf(document.documentElement.dataset.theme ?? '') + 1) % order.length]);
  });
}

/** Opens what the address says. */
async function open() {
  let said;
  try {
    said = await link.parse(location.hash);
  } catch (error) {
    say(`This link is damaged: ${error.message}`, 'bad');
    editor.value = FIRST;
    return;
  }
  const entry = said?.file && library.find((entry) => entry.file === said.file);
  if (said?.file && !entry) {
    editor.value = FIRST;
    say(`The library has no ${said.file}`, 'bad');
    return;
  }
  const text = entry?.text ?? said?.text ?? FIRST;
  if (text === editor.value && verdict) return;
  editor.value = text;
  await derive();
}

tabs();
choose(TABS[0]);
colours();
stop.addEventListener('click', () => {
  const asked = questions.busy;
  reports.cancel();
  questions.cancel();
  stop.hidden = true;
  panel.setAttribute('aria-busy', 'false');
  say(asked || verdict ? 'stopped' : 'stopped; type to go on', 'bad');
});
more.addEventListener('change', () => {
  settings.set(tab.id, more.checked);
  show();
});
copy.addEventListener('click', () => toClipboard(content, copy));
download.addEventListener('click', () => save(content, `${name()}${tab.more === 'as JSON' && more.checked ? tab.file.replace('.txt', '.json') : tab.file}`));
at('save').addEventListener('click', () => save(editor.value, `${name()}.eqv`));
at('share').addEventListener('click', async () => {
  await keep(editor.value);
  await toClipboard(location.href, at('share'));
});
addEventListener('hashchange', open);

try {
  library = await reports.call('library');
  fill(library, (entry) => {
    editor.value = entry.text;
    derive();
  });
  await open();
} catch (error) {
  fail(error);
}
