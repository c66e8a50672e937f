// Links that carry a model: `#z=` with the text compressed, `#t=` with the text, `#library=` with the file of the library.

/** The longest model that a link may unfold to. */
const LONGEST = 1 << 20;

const toBase64 = (bytes) => {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
};

const fromBase64 = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));

async function read(stream) {
  const parts = [];
  let length = 0;
  for (const reader = stream.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts).text();
    length += value.length;
    if (length > LONGEST) {
      reader.cancel();
      throw new Error('the model is too long');
    }
    parts.push(value);
  }
}

/** The fragment for a text. */
export async function write(text) {
  if (!globalThis.CompressionStream) return `#t=${toBase64(new TextEncoder().encode(text))}`;
  const squeezed = new Blob([text]).stream().pipeThrough(new CompressionStream('deflate-raw'));
  return `#z=${toBase64(new Uint8Array(await new Response(squeezed).arrayBuffer()))}`;
}

/** What a fragment says: `{ text }`, `{ file }`, or nothing where there is none. Throws where it is damaged. */
export async function parse(fragment) {
  const [, kind, given] = /^#(z|t|library)=(.*)$/s.exec(fragment) ?? [];
  switch (kind) {
    case 'z': {
      if (!globalThis.DecompressionStream) throw new Error('this browser does not unfold compressed links');
      return { text: await read(new Blob([fromBase64(given)]).stream().pipeThrough(new DecompressionStream('deflate-raw'))) };
    }
    case 't':
      return { text: await read(new Blob([fromBase64(given)]).stream()) };
    case 'library':
      return { file: decodeURIComponent(given) };
    default:
      return undefined;
  }
}
