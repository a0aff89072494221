/** @file What of a checkout and its packages runs on a server, by rules on paths (pure): the rest is left out of the image. */

/** A platform as npm and onnxruntime name it. */
export type Platform = { readonly os: "linux"; readonly cpu: "x64" | "arm64" };

/** What `npm pack` takes of this repository that nodes need, besides the compiled sources. */
export const ASSETS = [
  "chain/artifacts",
  "dashboard/built",
  "kernels/exact",
  "league/model/losses.jsonl",
  "LICENSE",
] as const;

/** Folders whose sources are compiled. */
export const SOURCES = [
  "base",
  "chain",
  "framework",
  "kernels",
  "league",
  "miner",
  "simulation",
  "src",
  "subnet",
  "validator",
] as const;

/** Packages that nothing loads at run time: the image has a node of its own, and types are for the compiler. */
const UNUSED_PACKAGES = [
  /^node-(linux|win|darwin)-/,
  /^@types\//,
  // Metadata of public networks, for polkadot's own tests.
  /^@polkadot\/types-support$/,
  // Light clients and chain lists, which only `@polkadot/api` would load when asked for one by name.
  /^smoldot$/,
  /^@substrate\/(?!ss58-registry$)/,
];

/** Files that no process reads. */
const UNUSED_FILES = [
  /\.(ts|mts|cts|tsx|map|flow|md|markdown|h|hh|hpp|c|cc|cpp|gyp|gypi|pdb|lib|tsbuildinfo|coffee|html)$/i,
  /(^|\/)(\.package-lock\.json|yarn\.lock|tsconfig[^/]*\.json|Makefile)$/,
  // Below the root a folder of such a name may be code.
  /^(test|tests|__tests__|bench|benchmarks?|docs?|examples?|scripts|\.github|\.vscode)\//,
  /\.(test|spec)\.[cm]?js$/,
];

/** Where packages keep binaries: the platform is the last two parts of the folder. */
const BINARIES = /(?:^|\/)(?:bin\/napi-v\d+|prebuilds)\/([^/]+)(?:\/([^/]+))?\//;

/** Whether a package is needed on a server. */
export function needsPackage(name: string): boolean {
  return !UNUSED_PACKAGES.some((one) => one.test(name));
}

/** Whether a binary of a package is of this platform. */
function isOf(path: string, { os, cpu }: Platform): boolean {
  const [, first = "", second = ""] = BINARIES.exec(path) ?? [];
  return first === "" || `${first}-${second}`.startsWith(`${os}-${cpu}`);
}

/** Whether a server needs a file of a package. @param path below the package */
export function needsFile(path: string, platform: Platform): boolean {
  // Whoever passes the packages on has to pass their licences on.
  if (/(^|\/)(licen[cs]e|notice|copying)[^/]*$/i.test(path)) return true;
  return isOf(path, platform) && !UNUSED_FILES.some((one) => one.test(path));
}

/** Whether a server needs an asset of ours. */
export function needsAsset(path: string): boolean {
  return !/\.(ts|md|map)$/.test(path);
}

/** For which processor and system a binary was made; null: it is none. @param head its first 20 bytes */
export function binaryKind(head: Uint8Array): string | null {
  const text = Buffer.from(head);
  if (text.toString("latin1", 0, 4) === "\x7fELF") {
    const machines: Readonly<Record<number, string>> = { 0x3e: "linux-x64", 0xb7: "linux-arm64" };
    const machine = text.length >= 20 ? text.readUInt16LE(18) : 0;
    return machines[machine] ?? `ELF machine ${machine}`;
  }
  if (["cffaedfe", "cefaedfe", "cafebabe"].includes(text.toString("hex", 0, 4))) return "darwin";
  return text.toString("latin1", 0, 2) === "MZ" ? "windows" : null;
}
