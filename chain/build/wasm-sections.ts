/** @file Reads imports, exports and custom sections of a WASM module, to assert what a linker may have let through. */

import { wasmApi } from "../embedded/wasm/web-assembly.ts";

/** Names found in a module. Imports are "module.name". */
export type WasmSurface = {
  readonly imports: readonly string[];
  readonly exports: readonly string[];
  readonly customSections: readonly string[];
};

const REQUIRED_EXPORTS = [
  "__heap_base",
  "__indirect_function_table",
  "Core_version",
  "Metadata_metadata_at_version",
];
const REQUIRED_SECTIONS = ["runtime_version", "runtime_apis"];

/** Surface of a module. @throws WebAssembly.CompileError when `wasm` is none */
export function wasmSurface(wasm: Uint8Array): WasmSurface {
  const module = new wasmApi.Module(wasm);
  return {
    imports: wasmApi.Module.imports(module).map((entry) => `${entry.module}.${entry.name}`),
    exports: wasmApi.Module.exports(module).map((entry) => entry.name),
    customSections: customSectionNames(wasm),
  };
}

function customSectionNames(wasm: Uint8Array): string[] {
  const names: string[] = [];
  let at = 8;
  const leb = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = wasm[at++];
      if (byte === undefined) throw new Error("The WASM module ends inside a number.");
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < wasm.length) {
    const id = wasm[at++];
    const size = leb();
    const end = at + size;
    if (id === 0) {
      const length = leb();
      names.push(new TextDecoder().decode(wasm.subarray(at, at + length)));
    }
    at = end;
  }
  return names;
}

/**
 * What is wrong with a runtime's surface, as sentences; empty when all is well.
 * `--allow-undefined` turns every missing symbol into an import, so each import must be the memory or a host function.
 */
export function surfaceFaults(surface: WasmSurface): string[] {
  const strangers = surface.imports.filter(
    (name) => name !== "env.memory" && !/^env\.ext_[a-z0-9_]+_version_\d+$/u.test(name),
  );
  const measuring = surface.imports.filter((name) => name.startsWith("env.ext_benchmarking_"));
  const missing = REQUIRED_EXPORTS.filter((name) => !surface.exports.includes(name));
  const sections = REQUIRED_SECTIONS.filter((name) => !surface.customSections.includes(name));
  return [
    ...strangers.map(
      (name) =>
        `It imports ${name}, which no host provides: a symbol was missing when it was linked.`,
    ),
    ...measuring.map((name) => `It imports ${name}: it was built to be measured, not to run.`),
    ...missing.map((name) => `It does not export ${name}.`),
    ...sections.map((name) => `It lacks the custom section ${name}.`),
    ...(surface.customSections.includes("name")
      ? ["It carries the name section: strip = symbols is off."]
      : []),
  ];
}
