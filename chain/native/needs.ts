/** @file What building the native node takes, and how to get what is missing. */
import { spawnSync } from "node:child_process";

/** Something that has to be there. */
export type Need = {
  readonly name: string;
  /** What it is for. */
  readonly why: string;
  /** Any of these, run with its words, has to succeed. */
  readonly proofs: readonly (readonly string[])[];
  /** What gets it. */
  readonly get: string;
};

const DEBIAN = "apt-get install -y --no-install-recommends";

/** All of it. clang is not among them: there is no RocksDB here. */
export const NEEDS: readonly Need[] = [
  {
    name: "cargo and rustc",
    why: "Rust 1.95.0, as chain/node/rust-toolchain.toml says",
    proofs: [["cargo", "--version"]],
    get: "https://rustup.rs, or rustup toolchain install 1.95.0",
  },
  {
    name: "protoc",
    why: "the networking's messages are generated from .proto files",
    proofs: [["protoc", "--version"]],
    get: `${DEBIAN} protobuf-compiler`,
  },
  {
    name: "a C compiler",
    why: "for zstd, secp256k1 and what else of the SDK is written in C",
    proofs: [
      ["cc", "--version"],
      ["clang", "--version"],
    ],
    get: `${DEBIAN} build-essential`,
  },
  {
    name: "OpenSSL's headers, or perl and make",
    why: "the networking's WebRTC; without the headers OpenSSL itself is built, three minutes longer",
    proofs: [
      ["pkg-config", "--exists", "openssl"],
      ["perl", "-MIPC::Cmd", "-e", "1"],
    ],
    get: `${DEBIAN} libssl-dev pkg-config`,
  },
];

/** Runs a command, and says whether it went well. */
export type Probe = (words: readonly string[]) => boolean;

const runs: Probe = ([program = "", ...words]) =>
  spawnSync(program, words, { stdio: "ignore" }).status === 0;

/** Those that are not there. */
export function missingNeeds(probe: Probe = runs): readonly Need[] {
  return NEEDS.filter(({ proofs }) => !proofs.some((words) => probe(words)));
}

/** Whether OpenSSL of the system can be linked, instead of being built. */
export function hasOpenSsl(probe: Probe = runs): boolean {
  return probe(["pkg-config", "--exists", "openssl"]);
}

/** A line for each thing that is missing. */
export function missingText(missing: readonly Need[]): string {
  return missing.map(({ name, why, get }) => `missing: ${name} (${why}). ${get}\n`).join("");
}
