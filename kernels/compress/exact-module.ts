/** @file Reads and compiles the committed exact.wasm, from the sources or from dist/, after checking its digest. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { KernelError } from "../errors.ts";
import type { ExactModule } from "../exact/host.ts";

/** Walks up from this file: dist/ holds no assets, so from there the package's own kernels/exact is found. */
function findWasm(): string {
  const start = dirname(fileURLToPath(import.meta.url));
  for (let folder = start; ; folder = dirname(folder)) {
    const path = join(folder, "kernels", "exact", "exact.wasm");
    if (existsSync(path)) return path;
    if (folder === dirname(folder)) {
      throw new KernelError(
        "artifact-missing",
        `no kernels/exact/exact.wasm above ${start}; run \`node kernels/build-exact.ts\` or install the package again`,
      );
    }
  }
}

type WebAssemblyHost = { readonly Module: new (bytes: Uint8Array) => ExactModule };

/**
 * The compiled module for `openExact`. It may be posted to worker threads.
 * @throws KernelError artifact-missing if exact.wasm or exact.wasm.json is absent or they do not belong together
 */
export function loadExactModule(): ExactModule {
  const path = findWasm();
  let expected: unknown;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = readFileSync(path);
    const note: { readonly sha256?: unknown } = JSON.parse(readFileSync(`${path}.json`, "utf8"));
    expected = note.sha256;
  } catch (cause) {
    throw new KernelError(
      "artifact-missing",
      `${path} or its .json cannot be read; run \`node kernels/build-exact.ts\` or install the package again`,
      { cause },
    );
  }
  const actual = createHash("sha256").update(bytes).digest("hex");
  if (actual !== expected) {
    throw new KernelError(
      "artifact-missing",
      `${path} has sha256 ${actual}, but its .json says ${String(expected)}; run \`node kernels/build-exact.ts\``,
      { details: { path, actual } },
    );
  }
  const host: WebAssemblyHost = Reflect.get(globalThis, "WebAssembly");
  return new host.Module(bytes);
}
