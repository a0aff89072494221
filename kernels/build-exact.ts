/**
 * @file Compiles kernels/exact/assembly to kernels/exact/exact.wasm and writes its digests beside it; and to body-wasm.ts, which is imported.
 * `node kernels/build-exact.ts` builds; `--check` rebuilds into a temporary folder and compares the bytes.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("exact/", import.meta.url));
const sources = join(folder, "assembly");
const wasmPath = join(folder, "exact.wasm");
const notePath = join(folder, "exact.wasm.json");
const bodyPath = join(folder, "body-wasm.ts");

// -O3 keeps IEEE semantics: binaryen never contracts or reorders float operations without --fast-math.
const FLAGS =
  "-O3 --enable simd --runtime stub --importMemory --noExportMemory --use abort= --noAssert --noColors".split(
    " ",
  );

const sha256 = (bytes: string | Uint8Array): string =>
  createHash("sha256").update(bytes).digest("hex");

/** Digest over names and texts of the sources, line ends made equal so that a checkout on Windows gives the same. */
function sourcesDigest(): string {
  const files = readdirSync(sources).filter((name) => name.endsWith(".ts"));
  const parts = files
    .toSorted()
    .map((name) => [name, readFileSync(join(sources, name), "utf8").replaceAll("\r\n", "\n")]);
  return sha256(JSON.stringify([FLAGS, parts]));
}

function compilerVersion(): string {
  const path = fileURLToPath(import.meta.resolve("assemblyscript/package.json"));
  const { version }: { readonly version: string } = JSON.parse(readFileSync(path, "utf8"));
  return version;
}

function compile(entry: string): Uint8Array {
  const temporary = mkdtempSync(join(tmpdir(), "assay-exact-"));
  try {
    const output = join(temporary, "exact.wasm");
    // The compiler's own program: importing its module would put its global types (f32, max, ...) into our check.
    const compiler = fileURLToPath(import.meta.resolve("assemblyscript/bin/asc.js"));
    const command = [compiler, entry, ...FLAGS, "--outFile", output];
    const { status, stderr } = spawnSync(process.execPath, command, {
      cwd: sources,
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`asc failed: ${stderr}`);
    return readFileSync(output);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** A module as a source file: what may read no files can import it. */
function sourceOf(bytes: Uint8Array): string {
  return `/** @file The module of assembly/body.ts in base64: written by \`node kernels/build-exact.ts\`. */

export const BODY_WASM =
  "${Buffer.from(bytes).toString("base64")}";
`;
}

const wasm = compile("index.ts");
const body = sourceOf(compile("body.ts"));
const note = `${JSON.stringify(
  {
    sha256: sha256(wasm),
    sources: sourcesDigest(),
    compiler: `assemblyscript ${compilerVersion()}`,
    flags: FLAGS.join(" "),
  },
  null,
  2,
)}\n`;

if (!process.argv.includes("--check")) {
  writeFileSync(wasmPath, wasm);
  writeFileSync(notePath, note);
  writeFileSync(bodyPath, body);
  console.log(`kernels/exact/exact.wasm: ${wasm.length} bytes, sha256 ${sha256(wasm)}`);
} else if (
  !readFileSync(wasmPath).equals(wasm) ||
  readFileSync(notePath, "utf8").replaceAll("\r\n", "\n") !== note ||
  readFileSync(bodyPath, "utf8").replaceAll("\r\n", "\n") !== body
) {
  console.error(
    "kernels/exact/exact.wasm, exact.wasm.json or body-wasm.ts is not what kernels/exact/assembly compiles to: run `node kernels/build-exact.ts` and commit all three",
  );
  process.exitCode = 1;
}
