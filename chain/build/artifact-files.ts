/** @file Where the runtime's sources and artifacts lie, and the digest that ties one to the other. Needs no Rust. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** Folder chain/, with a trailing separator left off. */
export const CHAIN_FOLDER: string = import.meta.dirname.slice(0, -"/build".length);
/** Folder chain/artifacts/. */
export const ARTIFACTS_FOLDER: string = join(CHAIN_FOLDER, "artifacts");
/** `:code` of a genesis: 8 bytes of magic, then a zstd stream. */
export const RUNTIME_FILE = "runtime.compact.compressed.wasm";
/** Metadata V15 computed on empty state (`RuntimeMetadataPrefixed`, starts with "meta" and 0x0f). */
export const METADATA_FILE = "metadata.scale";
/** What was built from which sources by which compiler. */
export const MANIFEST_FILE = "artifacts.json";
/** `sha256sum -c` reads this list. */
export const SUMS_FILE = "sha256sums.txt";

/** Content of artifacts.json. Every digest is lowercase hex without 0x. */
export type ArtifactManifest = {
  readonly specVersion: number;
  readonly sources: { readonly files: number; readonly sha256: string };
  readonly files: Readonly<Record<string, string>>;
  /** The runtime before compression: another zstd may compress the same bytes differently. */
  readonly plainRuntime: string;
  readonly compiler: readonly string[];
  readonly flags: readonly string[];
};

/** SHA-256 of `bytes`, lowercase hex. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function isSource(path: string): boolean {
  return (
    path.endsWith(".rs") ||
    path.endsWith("/Cargo.toml") ||
    path === "Cargo.toml" ||
    path === "Cargo.lock"
  );
}

/** What cargo writes, and the native node, which holds no runtime. */
const OTHERS = ["target/", "node/"];

/** Paths below chain/ of every file that decides the runtime's bytes, "/"-separated and sorted by code unit. */
export function sourcePaths(folder: string = CHAIN_FOLDER): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
    .filter((path) => !OTHERS.some((other) => path.startsWith(other)) && isSource(path))
    .toSorted((a, b) => (a < b ? -1 : 1));
}

/**
 * One digest over all sources: SHA-256 of the lines "<sha256 of the file>  <path>\n".
 * Carriage returns are dropped first, so that a checkout with CRLF has the same digest.
 */
export function sourceDigest(folder: string = CHAIN_FOLDER): { files: number; sha256: string } {
  const paths = sourcePaths(folder);
  const lines = paths.map((path) => {
    const text = readFileSync(join(folder, path), "utf8").replaceAll("\r\n", "\n");
    return `${sha256(text)}  ${path}\n`;
  });
  return { files: paths.length, sha256: sha256(lines.join("")) };
}
