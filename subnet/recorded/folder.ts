/** @file A local run's folder as a run that can be audited: its chain opened again from its database, its blobs and logs read where they lie. */
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { z } from "zod";
import { readRuntimeArtifact } from "../../chain/embedded/artifact.ts";
import { openEmbeddedChain } from "../../chain/embedded/chain.ts";
import {
  isJsonObject,
  type JsonObject,
  parseExactJson,
} from "../../chain/embedded/codec/exact-json.ts";
import { serveRpc } from "../../chain/embedded/rpc/server.ts";
import { publicKeyOf } from "../../chain/wallet/account.ts";
import { type BlobStore, TREES } from "../../src/blobs/directory.ts";
import { treeAddressOf } from "../../src/blobs/hashing.ts";
import { memoryTrees } from "../../src/blobs/memory-trees.ts";
import { MANIFEST, parseTreeManifest } from "../../src/blobs/tree-manifest.ts";
import type { TreeStore } from "../../src/blobs/trees.ts";
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import type { TellFar } from "../../src/command/progress.ts";
import { AssayError } from "../../src/errors.ts";
import { concatBytes } from "../../src/protocol/bytes.ts";
import { blake2b256, type Hex, isHex } from "../../src/protocol/digest.ts";
import { digestSchema } from "../../src/protocol/manifest.ts";
import { BlobFinder } from "../../src/run/finder.ts";
import { reachSubnet } from "../../src/run/reach.ts";
import type { BlobFile, Member, RecordedRun, RecordLog } from "../audit/recorded.ts";
import { requireUnoccupied } from "../localnet/occupants.ts";
import { CHAIN_FILE, GENESIS_FILE, OWNER_BLOBS, readRun } from "../localnet/run-folder.ts";

const NODES = "nodes";
const HOST = "127.0.0.1";
const headsSchema = z.object({ recordHeads: z.record(digestSchema, digestSchema).optional() });

const nodesSchema = z.object({
  nodes: z.array(z.object({ name: z.string(), kind: z.string(), hotkey: digestSchema })),
});

/** What opening needs. */
export type OpenParts = {
  readonly lifecycle: Lifecycle;
  readonly step: (text: string) => void;
  /** Told how far what takes long is. */
  readonly far?: TellFar;
};

function damaged(path: string, reason: string, cause?: unknown): AssayError {
  return new AssayError({ code: "run-damaged", path, reason }, { cause });
}

const namesIn = async (folder: string): Promise<readonly string[]> =>
  (await readdir(folder).catch(() => [])).toSorted((a, b) => (a < b ? -1 : 1));

/** The bytes of a tree's files; none where its manifest does not say which they are. */
async function treeBytes(path: string, address: Hex): Promise<Uint8Array> {
  const text = await readFile(join(path, MANIFEST), "utf8").catch(() => "");
  const files = parseTreeManifest(text, address)?.files ?? [];
  const read = files.map(({ name }) => readFile(join(path, name)));
  return concatBytes(await Promise.all(read).catch(() => []));
}

/** Every blob and block tree of the owner and of each node. */
async function blobFilesIn(folder: string): Promise<readonly BlobFile[]> {
  const nodes = (await namesIn(join(folder, NODES))).map((name) => join(NODES, name, "blobs"));
  const files: BlobFile[] = [];
  for (const place of [OWNER_BLOBS, ...nodes])
    for (const [kind, at] of [["blob", place] as const, ["tree", join(place, TREES)] as const])
      for (const name of await namesIn(join(folder, at))) {
        const address: Hex = `0x${name}`;
        if (!isHex(address, 32)) continue;
        const path = join(at, name);
        const read = async (): Promise<Uint8Array> =>
          kind === "tree"
            ? treeBytes(join(folder, path), address)
            : new Uint8Array(await readFile(join(folder, path)));
        files.push({ kind, path, address, read });
      }
  return files;
}

/** The log of every validator. */
async function logsIn(folder: string, runId: Hex): Promise<readonly RecordLog[]> {
  const logs: RecordLog[] = [];
  for (const name of await namesIn(join(folder, NODES))) {
    const path = join(NODES, name, `records-${runId.slice(2, 18)}.jsonl`);
    if (!existsSync(join(folder, path))) continue;
    const text = await readFile(join(folder, path), "utf8");
    logs.push({ path, validator: publicKeyOf(name), text });
  }
  return logs;
}

/** How each log ended, as the folder's summary noted it. */
async function headsIn(folder: string): Promise<ReadonlyMap<Hex, Hex>> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, "summary.json"), "utf8"));
    const { recordHeads = {} } = headsSchema.parse(value);
    return new Map(Object.entries(recordHeads).filter((one): one is [Hex, Hex] => isHex(one[0])));
  } catch {
    return new Map();
  }
}

/** Who is who, as the folder's list of nodes says; nobody where it is gone or damaged. */
async function membersIn(folder: string): Promise<readonly Member[]> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, "nodes.json"), "utf8"));
    return nodesSchema.parse(value).nodes;
  } catch {
    return [];
  }
}

/** Block trees as they lie in a folder: the first copy of each that is right. */
function readOnlyTrees(files: ReadonlyMap<Hex, readonly BlobFile[]>): TreeStore {
  const found = new Map<Hex, Uint8Array>();
  const trees = memoryTrees(found);
  const load = async (address: Hex): Promise<void> => {
    for (const file of files.get(address) ?? []) {
      if (found.has(address)) return;
      const bytes = file.kind === "tree" ? await file.read().catch(() => null) : null;
      if (bytes !== null && bytes.length > 0 && (await treeAddressOf(bytes)) === address)
        found.set(address, bytes);
    }
  };
  return {
    ...trees,
    async list(address) {
      await load(address);
      return trees.list(address);
    },
    async *blocks(address) {
      await load(address);
      yield* trees.blocks(address);
    },
  };
}

/** Blobs as they lie in a folder: nothing is written, and a damaged copy counts as none. */
function storeOf(files: readonly BlobFile[]): BlobStore {
  const byAddress = new Map<Hex, BlobFile[]>();
  for (const file of files)
    byAddress.set(file.address, [...(byAddress.get(file.address) ?? []), file]);
  const get = async (address: Hex): Promise<Uint8Array | null> => {
    for (const file of byAddress.get(address) ?? []) {
      const bytes = await file.read();
      if (blake2b256(bytes) === address) return bytes;
    }
    return null;
  };
  return {
    trees: readOnlyTrees(byAddress),
    get,
    put: (bytes) => Promise.resolve(blake2b256(bytes)),
    open: () => Promise.resolve(null),
    has: (address) => Promise.resolve(byAddress.has(address)),
    delete: () => Promise.resolve(),
    addresses: () => Promise.resolve([...byAddress.keys()]),
  };
}

/** Finds blobs in the folder alone: nobody else is asked, and what is missing now stays missing. */
class FolderFinder extends BlobFinder {
  override axons(): ReturnType<BlobFinder["axons"]> {
    return Promise.resolve(new Map());
  }

  override async find(
    address: Hex,
    limits: Parameters<BlobFinder["find"]>[1],
  ): Promise<Uint8Array> {
    const found = await this.tryFind(address, limits);
    if (found === null) throw new AssayError({ code: "blob-missing", digest: address });
    return found;
  }

  /** The whole is here or nothing is: whoever asks for a range asks for that next. */
  override findRange(address: Hex): Promise<Uint8Array> {
    return Promise.reject(new AssayError({ code: "blob-missing", digest: address }));
  }
}

/** The chain of the folder, read from a copy: a database that is opened is written to. */
async function serveChain(folder: string, { lifecycle }: OpenParts): Promise<number> {
  const place = await mkdtemp(join(tmpdir(), "assay-audit-"));
  lifecycle.onClose("copy of the chain", () => rm(place, { recursive: true, force: true }));
  const database = join(place, CHAIN_FILE);
  if (!existsSync(join(folder, CHAIN_FILE))) throw damaged(folder, `its ${CHAIN_FILE} is missing`);
  await copyFile(join(folder, CHAIN_FILE), database);
  const journal = `${join(folder, CHAIN_FILE)}-wal`;
  if (existsSync(journal)) await copyFile(journal, `${database}-wal`);
  const genesisPatch = await genesisIn(folder);
  const chain = await openEmbeddedChain({
    runtimeCode: await readRuntimeArtifact(),
    preset: "development",
    genesisPatch,
    database,
  });
  lifecycle.onClose("chain of the folder", () => chain.close());
  const server = await serveRpc(chain, { host: HOST, port: 0 });
  lifecycle.onClose("rpc of the folder", () => server.close());
  return server.port;
}

async function genesisIn(folder: string): Promise<JsonObject> {
  try {
    const value = parseExactJson(await readFile(join(folder, GENESIS_FILE), "utf8"));
    if (isJsonObject(value)) return value;
    throw new Error("not a JSON object");
  } catch (cause) {
    throw damaged(folder, `its ${GENESIS_FILE} cannot be used`, cause);
  }
}

/** The blocks of a native chain lie in databases that its nodes alone read. */
function ofNative(folder: string, netuid: number): AssayError {
  const detail = `the chain of the run in ${folder} is a native one, which is read at the endpoint of a node`;
  const next = `Start it again, then name an endpoint that it prints instead of the folder: subnet audit --endpoint URL --netuid ${netuid} (replay likewise).`;
  const run = { ours: "subnet localnet resume", args: [folder] } as const;
  return new AssayError({ code: "bad-option", detail, next, run });
}

/**
 * Opens the run in a folder.
 * @throws AssayError bad-option: no run, or one that still runs; run-damaged
 */
export async function openFolder(folder: string, parts: OpenParts): Promise<RecordedRun> {
  const { runId, netuid, chain } = readRun(folder);
  if (chain === "native") throw ofNative(folder, netuid);
  await requireUnoccupied(folder, parts.lifecycle.signal);
  parts.step(`reading ${folder}`);
  const blobs = await blobFilesIn(folder);
  const store = storeOf(blobs);
  const port = await serveChain(folder, parts);
  const reached = await reachSubnet(
    { netuid, endpoint: `ws://${HOST}:${port}` },
    { lifecycle: parts.lifecycle, blobs: store },
  );
  const nobody = { metagraph: () => reached.chain.metagraph(netuid) };
  const finder = new FolderFinder({ netuid, allowPrivate: false }, { chain: nobody, blobs: store });
  return {
    origin: relative(process.cwd(), folder) === "" ? "." : folder,
    subnet: { ...reached, finder },
    blobs,
    logs: await logsIn(folder, runId),
    heads: await headsIn(folder),
    members: await membersIn(folder),
  };
}
