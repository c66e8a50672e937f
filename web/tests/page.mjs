// `node page.mjs SITE CHROMIUM [DIRECTORY]`: the playground in a browser, as a visitor uses it. Pictures of it are kept in the directory.

import assert from 'node:assert/strict';
import { createReadStream, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { createRequire } from 'node:module';

const [site, executablePath, pictures] = process.argv.slice(2);
const { chromium } = createRequire(join(process.cwd(), 'package.json'))('playwright-core');

const KINDS = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
const server = createServer((asked, answer) => {
  const path = join(site, normalize(new URL(asked.url, 'http://site').pathname).replace(/\/$/, '/index.html'));
  if (!existsSync(path)) return answer.writeHead(404).end();
  answer.writeHead(200, { 'content-type': KINDS[extname(path)] ?? 'text/plain' });
  createReadStream(path).pipe(answer);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const address = `http://127.0.0.1:${server.address().port}/`;

const browser = await chromium.launch({
  executablePath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A page that is ready; whatever it complains about, or asks of other hosts, is a fault. */
async function visit(fragment = '', settings = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...settings });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: address }).catch(() => {});
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('request', (request) => { if (!request.url().startsWith(address) && !/^(data|blob):/.test(request.url())) page.faults.push(`asks for ${request.url()}`); });
  await page.goto(address + fragment);
  await settled(page);
  return page;
}

/** Until what is asked for is shown. */
const settled = (page) => page.waitForFunction(() => document.getElementById('panel').getAttribute('aria-busy') === 'false', null, { timeout: 120_000 });

async function type(page, text) {
  const before = await page.getAttribute('#panel', 'data-derived');
  await page.fill('#text', text);
  await page.waitForFunction((before) => document.getElementById('panel').dataset.derived !== before, before, { timeout: 120_000 });
  await settled(page);
}

async function tab(page, name) {
  await page.getByRole('tab', { name }).click();
  await settled(page);
}

async function leave(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

const picture = async (page, name) => {
  if (!pictures) return;
  mkdirSync(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`) });
};

const LINEAR = `model linear
dim d = 3, h = 2, k = 2, n = 5
param W1 : h x d
param W2 : k x h
data X : d x n
output F = W2 * W1 * X
loss any
action basis : g in GL(h) { W1 -> g * W1; W2 -> W2 * inv(g) }
`;

const tests = {
  async 'a visitor finds a model whose symmetries are discovered'() {
    const page = await visit();
    assert.match(await page.textContent('#panel'), /Symmetries that were found/);
    assert.match(await page.textContent('#status'), /proved and measured/);
    assert(await page.locator('#panel math').count() > 10);
    await picture(page, 'first');
    await leave(page);
  },

  async 'a model that is typed shows its law'() {
    const page = await visit();
    await type(page, LINEAR);
    const law = page.locator('[data-law="basis/gradient-flow/conserved"]');
    assert.equal(await law.count(), 1);
    assert.match((await law.textContent()).replace(/\s/g, ''), /W1W1⊤−W2⊤W2/);
    assert.match(await page.textContent('.counted.complete'), /3 independent laws of at most 3/);
    await picture(page, 'typed');
    await leave(page);
  },

  async 'an error is marked in its place, and goes when it is mended'() {
    const page = await visit();
    await type(page, LINEAR.replace('W2 * W1 * X', 'W2 * W1 * Y'));
    assert.equal(await page.textContent('#shown mark'), 'Y');
    assert.match(await page.textContent('#problems'), /6:22 .*`?Y/);
    assert.equal(await page.textContent('#lines .wrong'), '6\n');
    await picture(page, 'error');
    await page.locator('#problems button').first().click();
    const marked = await page.$eval('#text', (area) => area.value.slice(area.selectionStart, area.selectionEnd));
    assert.equal(marked, 'Y');
    await type(page, LINEAR);
    assert.equal(await page.locator('#shown mark').count(), 0);
    assert.equal(await page.locator('#problems li').count(), 0);
    await leave(page);
  },

  async 'an action that is false is refuted'() {
    const page = await visit();
    await type(page, LINEAR.replace('W2 * W1 * X', 'W2 * relu(W1 * X)'));
    assert.equal(await page.locator('.actions .refuted').count(), 1);
    assert.match(await page.textContent('#status'), /not everything is proved/);
    await leave(page);
  },

  async 'a link carries the model'() {
    const page = await visit();
    const text = `# Größe, ∇, 𝔪\n${LINEAR}`;
    await type(page, text);
    await page.getByRole('button', { name: 'Copy link' }).click();
    const link = page.url().slice(address.length);
    assert.match(link, /^#z=[\w-]+$/);
    await leave(page);
    const again = await visit(link);
    assert.equal(await again.inputValue('#text'), text);
    assert.equal(await again.locator('[data-law="basis/gradient-flow/conserved"]').count(), 1);
    // Without compression too.
    await again.goto(`${address}#t=${Buffer.from(LINEAR).toString('base64url')}`);
    await again.waitForFunction((text) => document.getElementById('text').value === text, LINEAR);
    await settled(again);
    await leave(again);
    const damaged = await browser.newPage();
    await damaged.goto(`${address}#z=AAAA`);
    await damaged.waitForFunction(() => /damaged/.test(document.getElementById('status').textContent));
    await damaged.close();
  },

  async 'every format is shown, copied and downloaded'() {
    const page = await visit(`#t=${Buffer.from(LINEAR).toString('base64url')}`);
    const expected = { LaTeX: /\\begin\{lemma\}/, NumPy: /^def basis_gradient_flow_conserved\(W1, W2\):/m, PyTorch: /import torch/, JSON: /"schema": 1/, Symmetries: /GL\(h\)/, Count: /at most +3 independent laws/ };
    for (const [name, what] of Object.entries(expected)) {
      await tab(page, name);
      assert.match(await page.textContent('#panel'), what, name);
    }
    await tab(page, 'Article');
    const article = page.frameLocator('#panel iframe');
    await article.locator('h1').waitFor();
    assert(await article.locator('math').count() > 20);
    await article.locator('a[href^="#"]').first().click();
    await article.locator('h1').waitFor({ state: 'attached' });
    await picture(page, 'article');
    for (const [name, file] of Object.entries({ Laws: 'linear.txt', Article: 'linear.html', LaTeX: 'linear.tex', NumPy: 'linear_numpy.py', PyTorch: 'linear_torch.py', JSON: 'linear.json' })) {
      await tab(page, name);
      const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#download').click()]);
      assert.equal(download.suggestedFilename(), file);
      assert(readFileSync(await download.path()).length > 200);
    }
    await page.locator('#copy').click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /"schema": 1/);
    await leave(page);
  },

  async 'a model of the library is found by its author'() {
    const page = await visit();
    await page.getByRole('button', { name: 'Library' }).click();
    await page.fill('#library-search', 'du lee relu_mlp');
    await picture(page, 'library');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => /relu_mlp/.test(document.getElementById('file').textContent));
    await settled(page);
    assert.match(page.url(), /#library=theorems\/relu_mlp/);
    await leave(page);
  },

  async 'a job that takes long is stopped, and another one begins'() {
    const page = await visit();
    await page.fill('#text', readFileSync(new URL('../../examples/architectures/gpt2.eqv', import.meta.url), 'utf8'));
    await page.locator('#stop').waitFor();
    await page.locator('#stop').click();
    assert.match(await page.textContent('#status'), /stopped/);
    await type(page, LINEAR);
    assert.match(await page.textContent('#status'), /proved and measured/);
    await leave(page);
  },

  async 'what a model says is never run'() {
    const page = await visit();
    await page.evaluate(() => { window.ran = false; });
    const evil = '<img src=x onerror=window.ran=true>';
    await type(page, LINEAR.replace('model linear', `# \`${evil}\` ${evil}\nmodel linear "${evil}"`).replace('param W1', `param W1 "\\text{${evil}}"`));
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => window.ran), false);
    assert.equal(await page.locator('#panel img').count(), 0);
    await page.context().close();
  },

  async 'everything has a name, and keys reach it'() {
    const page = await visit();
    const nameless = await page.$$eval('button, input, textarea, [role]', (all) => all.filter((one) => !one.hidden && !(one.getAttribute('aria-label') || one.getAttribute('aria-labelledby') || one.labels?.length || one.textContent.trim())).map((one) => one.outerHTML.slice(0, 80)));
    assert.deepEqual(nameless, []);
    await page.getByRole('tab', { name: 'Laws' }).focus();
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getAttribute('#tab-article', 'aria-selected'), 'true');
    await page.keyboard.press('End');
    assert.equal(await page.getAttribute('#tab-complete', 'aria-selected'), 'true');
    await settled(page);
    await leave(page);
  },

  async 'phones and tablets, light and dark: nothing is wider than the page, words have contrast'() {
    for (const width of [1280, 768, 390]) {
      for (const colorScheme of ['light', 'dark']) {
        const page = await visit('#library=theorems/attention.eqv', { viewport: { width, height: width === 390 ? 844 : 800 }, colorScheme });
        assert(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}: wider than the page`);
        const [ink, paper] = await page.evaluate(() => {
          const light = (color) => {
            const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const results = document.getElementById('results');
          return [light(getComputedStyle(document.querySelector('.laws .count')).color), light(getComputedStyle(results).backgroundColor)];
        });
        assert(colorScheme === 'light' ? paper > 0.8 : paper < 0.05, `${colorScheme}: ${paper}`);
        assert((Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05) >= 4.5, `${colorScheme}: contrast`);
        await picture(page, `${width}-${colorScheme}`);
        await leave(page);
      }
    }
    const page = await visit('', { colorScheme: 'light' });
    await page.locator('#theme').click();
    await page.locator('#theme').click();
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
    assert.match(await page.getAttribute('#theme', 'aria-label'), /dark/);
    await leave(page);
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    await test();
    console.log(`passed ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}\n${error.stack ?? error}`);
  }
}
await browser.close();
server.close();
process.exit(failed ? 1 : 0);
