'use strict';
// Filters and copies; without it the page has all laws and reads as it stands.
(() => {
  const table = document.getElementById('laws');
  const tools = document.getElementById('tools');
  if (table && tools) {
    const rows = [...table.querySelectorAll('tr[data-action]')];
    const chosen = {};
    const show = () => {
      for (const row of rows) {
        row.hidden = Object.entries(chosen).some(([key, value]) => value !== '' && row.dataset[key] !== value);
      }
      for (const group of table.tBodies) {
        group.hidden = [...group.rows].slice(1).every(row => row.hidden);
      }
    };
    for (const [key, name] of [['action', 'action'], ['order', 'order'], ['dynamics', 'dynamics']]) {
      const values = [...new Set(rows.map(row => row.dataset[key]))].filter(value => value !== '').sort();
      if (!values[1]) continue;
      const label = document.createElement('label');
      const select = document.createElement('select');
      select.append(new Option('all', ''), ...values.map(value => new Option(value.replaceAll('_', ' '), value)));
      select.addEventListener('change', () => { chosen[key] = select.value; show(); });
      label.append(name + ' ', select);
      tools.append(label);
    }
    const folds = [...document.querySelectorAll('details.proof')];
    const button = document.createElement('button');
    button.textContent = 'open all proofs';
    button.addEventListener('click', () => {
      const open = folds.some(fold => !fold.open);
      folds.forEach(fold => { fold.open = open; });
      button.textContent = open ? 'fold all proofs' : 'open all proofs';
    });
    tools.append(button);
    for (const row of rows) {
      const place = document.createElement('span');
      place.className = 'copies';
      row.querySelector('.about').append(place);
      for (const [key, name] of [['tex', 'TeX'], ['numpy', 'NumPy'], ['torch', 'PyTorch'], ['link', 'link']]) {
        const text = () => key === 'link' ? location.href.split('#')[0] + '#' + row.id : row.dataset[key];
        if (key !== 'link' && !row.dataset[key]) continue;
        const copy = document.createElement('button');
        copy.textContent = name;
        copy.setAttribute('aria-label', 'copy theorem ' + row.dataset.number + ' as ' + name);
        copy.addEventListener('click', async () => {
          try { await navigator.clipboard.writeText(text()); copy.textContent = 'copied'; }
          catch { prompt('copy', text()); }
          setTimeout(() => { copy.textContent = name; }, 1200);
        });
        place.append(' ', copy);
      }
    }
  }
  // A link to a proof opens it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.closest('details');
    if (fold) { fold.open = true; target.scrollIntoView(); }
  };
  addEventListener('hashchange', reveal);
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach(fold => { fold.open = true; }));
  reveal();
})();
