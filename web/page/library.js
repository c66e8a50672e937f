// The models that come with equilaw, in a dialog with a search.

const dialog = document.getElementById('library');
const list = document.getElementById('library-list');
const search = document.getElementById('library-search');

/** Fills the dialog; `chosen` is called with an entry. */
export function fill(entries, chosen) {
  const groups = Map.groupBy ? Map.groupBy(entries, (entry) => entry.group) : grouped(entries);
  list.replaceChildren(...[...groups].map(([group, members]) => section(group, members, chosen)));
  document.getElementById('library-open').addEventListener('click', open);
  document.getElementById('library-close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
  search.addEventListener('input', narrow);
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    const found = [...list.querySelectorAll('button:not([hidden])')];
    const words = asked();
    (found.find((button) => words.includes(button.dataset.name)) ?? found[0])?.click();
  });
}

function open() {
  search.value = '';
  narrow();
  dialog.showModal();
  search.focus();
}

function grouped(entries) {
  const groups = new Map();
  for (const entry of entries) groups.set(entry.group, [...(groups.get(entry.group) ?? []), entry]);
  return groups;
}

function section(group, members, chosen) {
  const part = document.createElement('section');
  const heading = document.createElement('h3');
  heading.textContent = group;
  part.append(heading, ...members.map((entry) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset.name = entry.name.toLowerCase();
    button.dataset.words = [entry.name, entry.title, entry.source, entry.text].join(' ').toLowerCase();
    for (const [className, text] of [['title', entry.title || entry.name], ['name', entry.name], ['about', entry.source]]) {
      const span = document.createElement('span');
      span.className = className;
      span.textContent = text;
      button.append(span, ' ');
    }
    button.addEventListener('click', () => {
      dialog.close();
      chosen(entry);
    });
    return button;
  }));
  return part;
}

const asked = () => search.value.toLowerCase().split(/\s+/).filter(Boolean);

function narrow() {
  const words = asked();
  for (const button of list.querySelectorAll('button')) {
    button.hidden = !words.every((word) => button.dataset.words.includes(word));
  }
  for (const part of list.querySelectorAll('section')) {
    part.hidden = !part.querySelector('button:not([hidden])');
  }
}
