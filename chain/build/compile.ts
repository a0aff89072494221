/** @file Compiles the runtime to WASM by cargo: the toolchain it finds, the flags that decide the bytes. */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { CHAIN_FOLDER } from "./artifact-files.ts";

const TARGET = "wasm32v1-none";
const LINK_ARGS = [
  "--export-table",
  "--export=__heap_base",
  "--import-memory",
  "--allow-undefined",
];

/** A compiler that can make the target: "std" has the target's library, "build-std" compiles it from Rust's sources. */
export type Toolchain = {
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

/** What a command prints, without the space around it. @throws Error when it fails */
export function output(command: string, args: readonly string[]): string {
  const result = run(command, args);
  if (result.status !== 0)
    throw new Error(
      `\`${command} ${args.join(" ")}\` failed: ${result.error?.message ?? `exit ${result.status}`}.`,
    );
  return result.stdout.trim();
}

/** rustup's pinned toolchain (rust-toolchain.toml) where it has the target, else the distribution's Rust with its sources. */
export function findToolchain(): Toolchain {
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
export function rustFlags(toolchain: Toolchain): {
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

/** Cargo's folder for what it builds. */
export function targetFolder(): string {
  return process.env["CARGO_TARGET_DIR"] ?? join(CHAIN_FOLDER, "target");
}

/** The runtime's WASM, before compression; `features` beyond the default ones. @throws Error when cargo fails */
export function compile(toolchain: Toolchain, features: readonly string[] = []): Uint8Array {
  const flags = rustFlags(toolchain);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    RUSTC: toolchain.rustc,
    CARGO_ENCODED_RUSTFLAGS: [...flags.portable, ...flags.remaps].join("\u001f"),
    CARGO_TARGET_DIR: targetFolder(),
  };
  const args = [
    "build",
    "--release",
    "--locked",
    "--no-default-features",
    ...features.flatMap((feature) => ["--features", feature]),
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
  return readFileSync(join(targetFolder(), TARGET, "release", "assay_runtime.wasm"));
}
