// `node native.mjs SITE EQUILAW EXAMPLES`: every model gives the same JSON in WebAssembly as on the command line. What is masked is what was measured, as the functions of
// elementary analysis are other ones here and differ in the last digits: the residual of a check, and the numbers in its remark.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const [site, equilaw, examples] = process.argv.slice(2);
const run = promisify(execFile);

const masked = (json) =>
  json.replace(/"residual": -?\d[\d.e+-]*/g, '"residual": #').replace(/"remark": ".*"/g, (remark) => remark.replace(/\d[\d.]*(?:e-?\d+)?/g, '#'));

/** The library as Node reads it. */
async function load() {
  const panics = [];
  globalThis.equilawHost = { progress: () => {}, panicked: (words) => panics.push(words) };
  const directory = await mkdtemp(join(tmpdir(), 'equilaw-'));
  try {
    const copy = join(directory, 'equilaw_web.mjs');
    await copyFile(join(site, 'equilaw_web.js'), copy);
    const library = await import(pathToFileURL(copy));
    await library.default({ module_or_path: await readFile(join(site, 'equilaw_web_bg.wasm')) });
    return { library, panics };
  } finally {
    await rm(directory, { recursive: true });
  }
}

const { library, panics } = await load();

/** The first lines that differ. */
function difference(mine, theirs) {
  const [a, b] = [mine.split('\n'), theirs.split('\n')];
  const at = a.findIndex((line, i) => line !== b[i]);
  return `line ${at + 1}:\n  here:   ${a[at]?.slice(0, 300)}\n  native: ${b[at]?.slice(0, 300)}`;
}

const files = (await readdir(examples, { recursive: true })).filter((file) => file.endsWith('.eqv')).sort();
assert(files.length > 80, `${files.length} models`);
let failed = 0;
const fail = (words) => {
  failed++;
  console.log(`FAILED ${words}`);
};
let [here, native] = [0, 0];

/** One model; the program runs beside the next one's derivation here. */
async function compare(file) {
  const path = join(examples, file);
  const begun = performance.now();
  const told = run(equilaw, ['derive', '--format', 'json', '--quiet', '-o', '-', path], { maxBuffer: 1 << 30 }).then(({ stdout }) => {
    native += performance.now() - begun;
    return stdout;
  });
  try {
    const text = await readFile(path, 'utf8');
    const start = performance.now();
    const report = library.derive(text, '{}');
    const mine = masked(report.json());
    report.free();
    here += performance.now() - start;
    const theirs = masked(await told);
    if (mine !== theirs) fail(`${file}: ${difference(mine, theirs)}`);
  } catch (error) {
    fail(`${file}: ${panics.pop() ?? error.message ?? error}`);
  }
}

for (const file of files) await compare(file);

// A text that is wrong is told in its place, in units of UTF-16.
const wrong = 'model 𝔪 "x"\n';
assert.throws(() => library.derive(wrong, '{}'), (error) => JSON.parse(error).errors[0].line === 1);
const typo = 'model m "𝔪"\ndim d = 2, n = 2\nparam w : 1 x d\ndata X : d x n\noutput F = relu(w * Y)\nloss any\n';
assert.throws(() => library.derive(typo, '{}'), (error) => {
  const [{ start, end, line, column }] = JSON.parse(error).errors;
  return typo.slice(start, end) === 'Y' && line === 5 && column === 21;
});
assert.throws(() => library.derive(typo.replace('Y', 'X'), '{"sede": 1}'), (error) => JSON.parse(error).message.includes('sede'));
assert.equal(JSON.parse(library.library()).length, files.filter((file) => file.includes('/')).length);

const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
console.log(`${files.length - failed} of ${files.length} models give the same JSON in WebAssembly (${seconds(here)}) as natively (${seconds(native)}); what was measured is masked`);
process.exit(failed ? 1 : 0);
