// Narrows the list to what is asked for; the address keeps the question.
(() => {
  const form = document.getElementById('search');
  const items = [...document.querySelectorAll('main section > ul > li')];
  const fields = ['words', 'dynamics', 'layers', 'theorems'].map((id) => document.getElementById(id));
  const plain = (text) => text.toLowerCase().replace(/\s+/g, ' ').trim();
  const narrow = () => {
    const [words, ...choices] = fields.map((field) => plain(field.value));
    let count = 0;
    for (const item of items) {
      // A formula is found however it is spaced.
      const all = item.dataset.words;
      const fits = all.includes(words) || all.includes(words.replaceAll(' ', '')) || words.split(' ').every((word) => all.includes(word));
      const chosen = choices.every((value, i) => !value || item.dataset[fields[i + 1].id].toLowerCase().split('|').includes(value));
      item.hidden = !(fits && chosen);
      count += !item.hidden;
    }
    for (const section of document.querySelectorAll('main section')) section.hidden = !section.querySelector('ul > li:not([hidden])');
    document.getElementById('found').textContent = `${count} of ${items.length}`;
    const asked = new URLSearchParams(fields.filter((field) => field.value).map((field) => [field.id, field.value])).toString();
    try {
      history.replaceState(null, '', (asked ? `?${asked}` : location.pathname) + location.hash);
    } catch {
      // A file of some browsers has no address that changes.
    }
  };
  const asked = new URLSearchParams(location.search);
  for (const field of fields) {
    field.value = asked.get(field.id) ?? '';
    field.addEventListener('input', narrow);
  }
  form.addEventListener('submit', (event) => event.preventDefault());
  form.hidden = false;
  narrow();
})();
