//! `equilaw-bindgen IN.wasm DIRECTORY`: writes the JavaScript that calls a library compiled to WebAssembly, for browsers and for Node. It is what
//! `wasm-bindgen --target web` does; as a member of the workspace its version is that of the library's `wasm-bindgen`, as it has to be.

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [input, directory] = &arguments[..] else { anyhow::bail!("usage: equilaw-bindgen IN.wasm DIRECTORY") };
    let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
    bindgen.web(true)?.input_path(input).typescript(false).remove_name_section(true).remove_producers_section(true);
    bindgen.generate(directory).with_context(|| format!("{input} could not be bound"))
}
