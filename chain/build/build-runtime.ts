/** @file Builds the runtime artifact: cargo, then checks, zstd, metadata, digests (`npm run chain:build`). */
import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { constants, zstdCompressSync } from "node:zlib";
import { readManifest } from "./artifact-faults.ts";
import {
  type ArtifactManifest,
  ARTIFACTS_FOLDER,
  CHAIN_FOLDER,
  MANIFEST_FILE,
  METADATA_FILE,
  RUNTIME_FILE,
  sha256,
  sourceDigest,
  SUMS_FILE,
} from "./artifact-files.ts";
import { compile, findToolchain, output, rustFlags, type Toolchain } from "./compile.ts";
import { runtimeFacts } from "./runtime-metadata.ts";
import { surfaceFaults, wasmSurface } from "./wasm-sections.ts";

const COMPRESSED_PREFIX = Uint8Array.of(0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05);

/** Refuses a module that a host could not run, or that carries the builder's folders. */
function check(wasm: Uint8Array): void {
  const faults = surfaceFaults(wasmSurface(wasm));
  const text = Buffer.from(wasm).toString("latin1");
  for (const folder of [homedir(), CHAIN_FOLDER]) {
    // With what ends its name: a file may be called root.rs.
    const at = text.indexOf(`${folder}/`);
    if (at >= 0) faults.push(`It contains a folder of this machine: ${text.slice(at, at + 120)}.`);
  }
  if (faults.length > 0) throw new Error(`The built runtime is refused.\n${faults.join("\n")}`);
}

/** Builds, checks and writes every artifact. */
function build(toolchain: Toolchain): void {
  const wasm = compile(toolchain);
  check(wasm);
  const facts = runtimeFacts(wasm);
  const compressed = zstdCompressSync(wasm, {
    params: { [constants.ZSTD_c_compressionLevel]: 19 },
  });
  const files = new Map<string, Uint8Array>([
    [METADATA_FILE, facts.metadata],
    [RUNTIME_FILE, Buffer.concat([COMPRESSED_PREFIX, compressed])],
  ]);
  const sums = [...files].map(([name, bytes]) => ({ name, digest: sha256(bytes) }));
  const manifest: ArtifactManifest = {
    specVersion: facts.specVersion,
    sources: sourceDigest(),
    files: Object.fromEntries(sums.map(({ name, digest }) => [name, digest])),
    plainRuntime: sha256(wasm),
    compiler: output(toolchain.rustc, ["-Vv"]).split("\n"),
    flags: rustFlags(toolchain).portable,
  };
  files.set(
    SUMS_FILE,
    Buffer.from(sums.map(({ name, digest }) => `${digest}  ${name}\n`).join("")),
  );
  files.set(MANIFEST_FILE, Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`));
  mkdirSync(ARTIFACTS_FOLDER, { recursive: true });
  for (const [name, bytes] of files) {
    writeFileSync(join(ARTIFACTS_FOLDER, name), bytes);
    process.stdout.write(`${name}: ${bytes.length} bytes\n`);
  }
  process.stdout.write(
    `runtime before compression: ${wasm.length} bytes, sha256 ${sha256(wasm)}, ${toolchain.mode}\n`,
  );
}

/** Why the committed bytes cannot be rebuilt here, or null: only the recorded compiler makes the same bytes. */
function obstacle(): string | null {
  const recorded = readManifest().compiler.join("\n");
  try {
    const found = output(findToolchain().rustc, ["-Vv"]);
    return found === recorded
      ? null
      : `the artifact was built by\n${recorded}\nand here is\n${found}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Rebuilds the runtime and compares it with the committed artifact, byte for byte. Writes nothing. */
function verify(): void {
  const wasm = compile(findToolchain());
  check(wasm);
  const [found, recorded] = [sha256(wasm), readManifest().plainRuntime];
  if (found !== recorded)
    throw new Error(`the rebuilt runtime has sha256 ${found}, the artifact ${recorded}`);
  process.stdout.write(`the rebuilt runtime is the committed one: sha256 ${found}\n`);
}

/** `--verify`: rebuild and compare, or say aloud why that is not possible here; nothing: build and write. */
function main(): void {
  if (!process.argv.includes("--verify")) return build(findToolchain());
  const reason = obstacle();
  if (reason === null) return verify();
  process.stdout.write(
    `SKIPPED: the runtime was not rebuilt, only its sources' digest was checked: ${reason}\n`,
  );
}

main();
