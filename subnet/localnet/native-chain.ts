/**
 * @file The chain of a local network: the embedded one, or four authorities of the native node, real consensus in real time, of which one
 * may be away.
 */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { readRuntimeArtifact } from "../../chain/embedded/artifact.ts";
import {
  type JsonObject,
  parseExactJson,
  isJsonObject,
} from "../../chain/embedded/codec/exact-json.ts";
import {
  type AuthorityKeys,
  authoritiesPatch,
  authorityKeys,
  sparedBy,
} from "../../chain/native/authority-keys.ts";
import { nodeArguments } from "../../chain/native/node-arguments.ts";
import { rawSpec } from "../../chain/native/raw-spec.ts";
import { AssayError } from "../../src/errors.ts";
import { writeAtomically } from "../../src/disk/atomic-file.ts";
import { requireNode } from "../native/program.ts";
import { diedOf, type Running, startProgram } from "../spawn.ts";
import type { LocalnetOptions } from "./options.ts";
import { type BootParts, HOST, startChain } from "./processes.ts";
import { AUTHORITIES, GENESIS_FILE, SPEC_FILE } from "./run-folder.ts";

/** A chain that answers. */
export type StartedChain = {
  /** Whose log says what is wrong with it. */
  readonly chainProcess: Running;
  /** None where it is embedded. */
  readonly authorities: readonly Running[];
  /** URLs, a comma between. */
  readonly endpoint: string;
  /** Port of the first. */
  readonly port: number;
  /** What its genesis has to be; undefined: whatever it is. */
  readonly genesis: string | undefined;
};

/** What decides how it is started. */
export type ChainChoice = Pick<LocalnetOptions, "chain" | "port" | "shield" | "pruning"> & {
  readonly blockMs: number;
};

/** With less than four nobody may be away. Everybody knows their keys: they are reached from this machine alone. */
const NAMES = ["Alice", "Bob", "Charlie", "Dave"];
/** To other nodes, JSON-RPC, Prometheus. */
const PORTS = 3;
/** Below it the nodes' own work takes a good part of the machine. */
const LEAST_BLOCK_MS = 250;
const GRACE_MS = 20_000;
/** Each compiles the runtime first, on a machine that may be busy. */
const READY_MS = 180_000;
const LOOK_MS = 200;
const ANSWER_MS = 2000;
const MOST_ANSWER_BYTES = 1 << 16;
const SECRET = { mode: 0o600 };

/** Free ports, all different. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports: number[] = [];
  for (const server of servers) {
    await once(server.listen(0, HOST), "listening");
    const address = server.address();
    ports.push(typeof address === "object" && address !== null ? address.port : 0);
  }
  for (const server of servers) {
    server.close();
    await once(server, "close");
  }
  return ports;
}

/** What its file says of the genesis of a run. @throws AssayError run-damaged */
async function genesisIn(folder: string): Promise<JsonObject> {
  const value = parseExactJson(await readFile(join(folder, GENESIS_FILE), "utf8"));
  if (isJsonObject(value)) return value;
  const reason = `its ${GENESIS_FILE} is no JSON object`;
  throw new AssayError({ code: "run-damaged", path: folder, reason });
}

/** Writes the spec, and gives its genesis hash. A run that goes on keeps what it began with, which may be of an older runtime: undefined. */
export async function writeSpec(
  folder: string,
  blockMs: number,
  keys: readonly AuthorityKeys[],
): Promise<string | undefined> {
  const path = join(folder, SPEC_FILE);
  if (existsSync(path)) return undefined;
  const { text, genesisHash } = await rawSpec({
    runtimeCode: await readRuntimeArtifact(),
    preset: "development",
    patch: {
      ...(await genesisIn(folder)),
      ...authoritiesPatch(keys.map(({ authority }) => authority)),
    },
    slotDurationMs: blockMs,
    name: "Local network",
    id: "localnet",
    bootnodes: [],
  });
  await writeAtomically(path, text);
  return genesisHash;
}

/** An authority's secrets, where its node looks for them. */
async function placeKeys(place: string, { keystore, nodeKey }: AuthorityKeys): Promise<string> {
  const store = join(place, "keystore");
  await mkdir(store, { recursive: true });
  for (const { name, content } of keystore) await writeFile(join(store, name), content, SECRET);
  const nodeKeyFile = join(place, "node-key");
  await writeFile(nodeKeyFile, nodeKey, SECRET);
  return nodeKeyFile;
}

const healthSchema = z.object({ result: z.object({ isSyncing: z.boolean() }) });

/** Whether it is a node that answers, and not whoever else has the port. */
async function isHealth({ ok, body }: Response): Promise<boolean> {
  if (!ok || body === null) return body?.cancel().then(() => false) ?? false;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) return false;
  }
  return healthSchema.safeParse(JSON.parse(Buffer.concat(chunks).toString())).success;
}

/** Resolves when a node answers. @throws AssayError node-died */
export async function answering(
  running: Running,
  rpcPort: number,
  signal: AbortSignal,
): Promise<void> {
  const until = performance.now() + READY_MS;
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "system_health", params: [] });
  const headers = { "content-type": "application/json" };
  for (;;) {
    if (running.ended() !== null) throw await diedOf(running, running.name);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    const request = { method: "POST", headers, body, signal: limit };
    const asked = fetch(`http://${HOST}:${rpcPort}`, request).then(isHealth);
    if (await asked.catch(() => false)) return;
    signal.throwIfAborted();
    if (performance.now() > until) {
      const { name: role, logPath } = running;
      throw new AssayError({ code: "node-died", role, exitCode: null, logPath });
    }
    await sleep(LOOK_MS, undefined, { signal });
  }
}

/** A node may end and the others go on; without finality the network cannot. */
function watchOver(authorities: readonly Running[], { lifecycle }: BootParts): void {
  const spared = sparedBy(authorities.length);
  for (const one of authorities) {
    const watch = async (): Promise<void> => {
      await one.exited;
      const gone = authorities.filter((other) => other.ended() !== null).length;
      if (gone > spared && !lifecycle.signal.aborted)
        lifecycle.fail(await diedOf(one, `${gone} of ${authorities.length} authorities`));
    };
    void watch();
  }
}

async function startNative(
  { port, shield, pruning, blockMs }: ChainChoice,
  parts: BootParts,
): Promise<StartedChain> {
  const { folder, lifecycle, step } = parts;
  const keys = NAMES.map((name) => authorityKeys(`//${name}`));
  const genesis = await writeSpec(folder, blockMs, keys);
  const free = await freePorts(PORTS * NAMES.length);
  const portsOf = (index: number): readonly [number, number, number] => {
    const [own = 0, rpc = 0, metrics = 0] = free.slice(PORTS * index);
    return [own, index === 0 && port !== 0 ? port : rpc, metrics];
  };
  const addressOf = (index: number): string =>
    `/ip4/${HOST}/tcp/${portsOf(index)[0]}/p2p/${keys[index]?.authority.peerId ?? ""}`;
  const program = requireNode();
  const authorities: Running[] = [];
  lifecycle.onClose("authorities", async () => {
    await Promise.all(authorities.map((one) => one.stop(GRACE_MS)));
  });
  for (const [index, own] of keys.entries()) {
    const name = `authority-${index + 1}`;
    const place = join(folder, AUTHORITIES, name);
    const nodeKeyFile = await placeKeys(place, own);
    const [listen, rpcPort, prometheusPort] = portsOf(index);
    const words = nodeArguments({
      spec: join(folder, SPEC_FILE),
      folder: place,
      name,
      host: HOST,
      port: listen,
      rpcPort,
      rpcExternal: false,
      prometheusPort,
      nodeKeyFile,
      keystore: join(place, "keystore"),
      bootnodes: keys.flatMap((_one, other) => (other === index ? [] : [addressOf(other)])),
      archive: pruning === "archive",
      shield,
      log: "info",
    });
    const running = startProgram(program, words, { name, logPath: join(folder, `${name}.log`) });
    parts.started(running);
    authorities.push(running);
  }
  step(`${authorities.length} authorities of ${program}, a block every ${blockMs} ms`);
  await Promise.all(
    authorities.map((one, index) => answering(one, portsOf(index)[1], lifecycle.signal)),
  );
  watchOver(authorities, parts);
  const [chainProcess] = authorities;
  if (chainProcess === undefined) throw new RangeError("a chain without authorities");
  const endpoint = keys.map((_one, index) => `ws://${HOST}:${portsOf(index)[1]}`).join(",");
  return { chainProcess, authorities, endpoint, port: portsOf(0)[1], genesis };
}

/** Block time of a run that goes on: a native chain's is in its genesis. @throws AssayError bad-option */
export function blockMsOf(
  { chain, blockMs }: Pick<ChainChoice, "chain" | "blockMs">,
  wanted: number | undefined,
): number {
  if (chain === "embedded" || wanted === undefined || wanted === blockMs) return wanted ?? blockMs;
  const detail = `--block-ms ${wanted}: the chain of this run is a native one, which makes a block every ${blockMs} ms from its genesis on`;
  throw new AssayError({ code: "bad-option", detail, next: "Go on without --block-ms." });
}

/** Refuses what a native chain cannot do, before anything starts. @throws AssayError bad-option */
export function requireChain({
  chain,
  blockMs,
  pruning,
}: Omit<ChainChoice, "port" | "shield">): void {
  if (chain === "embedded") return;
  requireNode();
  if (blockMs < LEAST_BLOCK_MS) {
    const detail = `--block-ms ${blockMs}: a native chain makes a block in ${LEAST_BLOCK_MS} ms at the soonest`;
    throw new AssayError({ code: "bad-option", detail });
  }
  if (pruning !== "archive" && pruning !== NATIVE_PRUNING) {
    const detail = `--pruning ${pruning}: the nodes of a native chain keep archive, or ${NATIVE_PRUNING} states`;
    throw new AssayError({ code: "bad-option", detail });
  }
}

const NATIVE_PRUNING = "256";

/** Starts the chain of a run on the genesis in its folder, or where it stopped. @throws AssayError node-died, run-damaged */
export async function startChosenChain(
  choice: ChainChoice,
  parts: BootParts,
): Promise<StartedChain> {
  if (choice.chain === "native") return startNative(choice, parts);
  const chainProcess = await startChain(choice, parts);
  const { port } = chainProcess;
  const endpoint = `ws://${HOST}:${port}`;
  return { chainProcess, authorities: [], endpoint, port, genesis: undefined };
}
