/** @file Builds the runtime artifact: cargo, then checks, zstd, metadata, digests (`npm run chain:build`). */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
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
import { runtimeFacts } from "./runtime-metadata.ts";
import { surfaceFaults, wasmSurface } from "./wasm-sections.ts";

const TARGET = "wasm32v1-none";
const COMPRESSED_PREFIX = Uint8Array.of(0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05);
const LINK_ARGS = [
  "--export-table",
  "--export=__heap_base",
  "--import-memory",
  "--allow-undefined",
];

/** A compiler that can make the target: "std" has the target's library, "build-std" compiles it from Rust's sources. */
type Toolchain = {
  readonly cargo: string;
  readonly rustc: string;
  readonly mode: "std" | "build-std";
};

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): SpawnSyncReturns<string> {
  return spawnSync(command, args, {
    cwd: CHAIN_FOLDER,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
}

function output(command: string, args: readonly string[]): string {
  const result = run(command, args);
  if (result.status !== 0)
    throw new Error(
      `\`${command} ${args.join(" ")}\` failed: ${result.error?.message ?? `exit ${result.status}`}.`,
    );
  return result.stdout.trim();
}

/** rustup's pinned toolchain (rust-toolchain.toml) where it has the target, else the distribution's Rust with its sources. */
function findToolchain(): Toolchain {
  const cargo = process.env["CARGO"] ?? "cargo";
  const rustc = process.env["RUSTC"] ?? "rustc";
  const library = join(output(rustc, ["--print", "sysroot"]), "lib/rustlib");
  if (existsSync(join(library, TARGET, "lib"))) return { cargo, rustc, mode: "std" };
  if (existsSync(join(library, "src/rust/library"))) return { cargo, rustc, mode: "build-std" };
  throw new Error(
    `${rustc} has neither the target ${TARGET} nor Rust's sources. Run \`rustup target add ${TARGET}\`, or on Debian install rustc-web cargo-web rust-web-src lld-16 and set CARGO=/usr/bin/cargo RUSTC=/usr/bin/rustc.`,
  );
}

/** Flags without the remaps are the same on every machine; the remaps take this machine's folders out of panic messages. */
function rustFlags(toolchain: Toolchain): {
  readonly portable: string[];
  readonly remaps: string[];
} {
  const portable = [
    "-C",
    "target-cpu=mvp",
    ...LINK_ARGS.flatMap((argument) => ["-C", `link-arg=${argument}`]),
    "--cfg",
    "substrate_runtime",
  ];
  const sources = join(process.env["CARGO_HOME"] ?? join(homedir(), ".cargo"), "registry/src");
  const registries = existsSync(sources) ? readdirSync(sources).toSorted() : [];
  const hash = /^commit-hash: (\w+)$/mu.exec(output(toolchain.rustc, ["-Vv"]))?.[1] ?? "unknown";
  const remaps = [
    ...registries.map((name) => `--remap-path-prefix=${join(sources, name)}=crates`),
    `--remap-path-prefix=${CHAIN_FOLDER}=chain`,
    `--remap-path-prefix=${join(output(toolchain.rustc, ["--print", "sysroot"]), "lib/rustlib/src/rust")}=/rustc/${hash}`,
  ];
  return { portable, remaps };
}

function compile(toolchain: Toolchain): Uint8Array {
  const flags = rustFlags(toolchain);
  const targetFolder = process.env["CARGO_TARGET_DIR"] ?? join(CHAIN_FOLDER, "target");
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    RUSTC: toolchain.rustc,
    CARGO_ENCODED_RUSTFLAGS: [...flags.portable, ...flags.remaps].join("\u001f"),
    CARGO_TARGET_DIR: targetFolder,
  };
  const args = [
    "build",
    "--release",
    "--locked",
    "--no-default-features",
    `--target=${TARGET}`,
    "-p",
    "assay-runtime",
    "--lib",
  ];
  if (toolchain.mode === "build-std") {
    env["CARGO_TARGET_WASM32V1_NONE_LINKER"] = process.env["WASM_LD"] ?? "wasm-ld-16";
    env["RUSTC_BOOTSTRAP"] = "1";
    args.push("-Z", "build-std=core,alloc");
  }
  const result = run(toolchain.cargo, args, env);
  if (result.status !== 0)
    throw new Error("cargo could not build the runtime; its messages are above.");
  return readFileSync(join(targetFolder, TARGET, "release", "assay_runtime.wasm"));
}

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
