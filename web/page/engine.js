// Jobs of the library, in a worker that is ended to cancel and begun anew.

/** What is wrong with the input: `message`, and `errors` with their places where a text is wrong. */
export class Failure extends Error {
  constructor({ message, errors }) {
    super(message);
    this.errors = errors;
  }
}

/** The job was given up. */
export class Cancelled extends Error {}

let compiled;

/** The compiled library, once for all workers. */
function compile() {
  compiled ??= (async () => {
    const address = new URL('equilaw_web_bg.wasm', import.meta.url);
    try {
      return await WebAssembly.compileStreaming(fetch(address));
    } catch {
      // Some servers do not call it application/wasm.
      const answer = await fetch(address);
      if (!answer.ok) throw new Error(`${address.pathname}: ${answer.status}`);
      return WebAssembly.compile(await answer.arrayBuffer());
    }
  })();
  return compiled;
}

export class Engine {
  #worker;
  #waiting = new Map();
  #count = 0;
  #panic = '';
  #told;

  /** `told` hears how far jobs are, in words. */
  constructor(told = () => {}) {
    this.#told = told;
  }

  get busy() {
    return this.#waiting.size > 0;
  }

  /** Does a job of `worker.js`. */
  call(job, ...given) {
    this.#worker ??= this.#begin();
    const id = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, job, given });
    });
  }

  /** Gives all jobs up. */
  cancel() {
    if (this.busy) this.#end(new Cancelled());
  }

  #begin() {
    const worker = new Worker(new URL('worker.js', import.meta.url), { type: 'module' });
    // What an ended worker still had to say is not heard.
    const heard = (listen) => (event) => { if (worker === this.#worker) listen(event); };
    worker.onmessage = heard(({ data }) => this.#hear(data));
    worker.onerror = heard((event) => this.#end(new Error(event.message || 'the library could not be loaded')));
    compile().then(
      (module) => worker.postMessage({ module }),
      (error) => { if (worker === this.#worker) this.#end(error); },
    );
    return worker;
  }

  #hear({ id, value, failure, broken, progress, panicked }) {
    if (progress !== undefined) {
      // Some stages have no words.
      if (progress) this.#told(progress);
      return;
    }
    if (panicked !== undefined) {
      this.#panic = panicked;
      return;
    }
    if (broken) return this.#end(new Error(`An error in equilaw, please report it with this model: ${this.#panic || broken}`));
    const { resolve, reject } = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (failure) reject(new Failure(failure));
    else resolve(value);
  }

  #end(error) {
    this.#worker?.terminate();
    this.#worker = undefined;
    this.#panic = '';
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }
}
