// The library in a worker: one job at a time; it is ended by ending the worker.

import init, * as equilaw from './equilaw_web.js';

globalThis.equilawHost = {
  progress: (words) => postMessage({ progress: words }),
  panicked: (words) => postMessage({ panicked: words }),
};

let report;

const jobs = {
  derive(text, options) {
    report?.free();
    report = undefined;
    report = equilaw.derive(text, JSON.stringify(options));
    return { clean: report.clean() };
  },
  format: (name, ...settings) => report[name](...settings),
  complete: (text, options) => equilaw.complete(text, JSON.stringify(options)),
  discover: (text, options) => equilaw.discover(text, JSON.stringify(options)),
  library: () => JSON.parse(equilaw.library()),
  version: () => equilaw.version(),
};

let begin;
const ready = new Promise((resolve) => { begin = resolve; }).then((module) => init({ module_or_path: module }));

onmessage = async ({ data }) => {
  if (data.module) return begin(data.module);
  try {
    await ready;
    postMessage({ id: data.id, value: jobs[data.job](...data.given) });
  } catch (error) {
    // What is wrong with the input is a text; anything else is an error of the program, after which it is not used again.
    postMessage(typeof error === 'string' ? { id: data.id, failure: JSON.parse(error) } : { id: data.id, broken: String(error) });
  }
};
