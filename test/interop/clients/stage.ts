/** @file Where a client acts: a chain of its own, wallets with money in a fresh home, and a look into the chain beside it. */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ApiPromise, Keyring, WsProvider } from "@polkadot/api";
import { z } from "zod";
import { readRuntimeArtifact } from "../../../chain/embedded/artifact.ts";
import { isJsonObject, parseExactJson } from "../../../chain/embedded/codec/exact-json.ts";
import { findNode } from "../../../chain/native/binary.ts";
import { Network } from "../../../chain/network/network.ts";
import { createWallet } from "../../../chain/wallet/wallet.ts";
import { ActFailure, answerOf, textOf } from "./answer.ts";
import { runProgram } from "./program.ts";

/** Longer than this no command may take. */
export const LIMIT_MS = 20_000;
/** Of a chain's start and end. */
const CHAIN_MS = 30_000;
const BLOCK_MS = 1000;
/** On four nodes of the native chain instead of the embedded one. */
const isNative = process.env["ASSAY_TEST_CHAIN"] === "native";
const NATIVE_BLOCK_MS = 500;
/** Of the first node; no system gives one of these to outgoing connections. */
const FIRST_PORT = 21_700;
const LOOK_MS = 100;
/** Blocks of an epoch: longer than a client's acts, so that epochs are where an act asks for them. */
export const TEMPO = 100;
/** The subnet of genesis, and the one that acts create. */
export const [GENESIS_NETUID, CREATED_NETUID] = [1, 2] as const;
const TAO = 1_000_000_000;
const PURSE_RAO = 50_000 * TAO;
const STAKE_RAO = 1000 * TAO;

/** Whose wallets there are, each with the hotkey "default". Owner, validator and miner are of the subnet of genesis. */
export const CAST = ["owner", "validator", "miner", "guest", "friend"] as const;

/** One of them. */
export type Name = (typeof CAST)[number];

/** Addresses of a wallet. */
export type Addresses = { readonly coldkey: string; readonly hotkey: string };

const entry = fileURLToPath(new URL("../../../subnet/main.ts", import.meta.url));
const startedSchema = z.object({ port: z.number() });

function genesisOf(cast: Readonly<Record<Name, Addresses>>): unknown {
  const neuron = (name: Name, stake: number): unknown => ({
    ...cast[name],
    stake,
    validatorPermit: stake > 0,
  });
  const balances = Object.values(cast).flatMap(({ coldkey, hotkey }) => [
    [coldkey, PURSE_RAO],
    [hotkey, TAO],
  ]);
  return {
    balances: {
      balances: [
        ...balances,
        [new Keyring({ type: "sr25519" }).addFromUri("//Alice").address, PURSE_RAO],
      ],
    },
    drand: { beacon: "quicknet" },
    subtensorModule: {
      allowLoopbackAxon: true,
      defaultTempo: TEMPO,
      defaultImmunityPeriod: 1000,
      defaultWeightsSetRateLimit: 0,
      defaultServingRateLimit: 1,
      networkRateLimit: 0,
      networkMinLockCost: TAO,
      networks: [
        {
          netuid: GENESIS_NETUID,
          tempo: TEMPO,
          ownerColdkey: cast.owner.coldkey,
          ownerHotkey: cast.owner.hotkey,
          additional: "",
          neurons: [neuron("validator", STAKE_RAO), neuron("miner", 0)],
        },
      ],
    },
  };
}

/** Makes everybody's wallet, in the files of Bittensor. */
async function makeWallets(folder: string): Promise<Readonly<Record<Name, Addresses>>> {
  const make = async (name: Name): Promise<Addresses> => {
    const made = await createWallet({ folder, name, hotkey: "default" });
    return { coldkey: made.coldkeySs58, hotkey: made.hotkeySs58 };
  };
  return {
    owner: await make("owner"),
    validator: await make("validator"),
    miner: await make("miner"),
    guest: await make("guest"),
    friend: await make("friend"),
  };
}

/** What a client's processes see of this one's environment, and no key or setting of the person's. */
function environmentOf(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    LANG: "C.UTF-8",
    HOME: home,
    TMPDIR: join(home, "tmp"),
    XDG_CACHE_HOME: join(home, "cache"),
    XDG_CONFIG_HOME: join(home, "config"),
    BITTENSOR_RUNTIME_CACHE_DIR: join(home, "cache", "runtime"),
    // Tables of the width of their text, without colours.
    COLUMNS: "240",
    NO_COLOR: "1",
    TERM: "dumb",
    PYTHONUNBUFFERED: "1",
  };
}

/** A chain that runs. */
type Served = { readonly endpoint: string; stop(): Promise<void> };

async function embeddedChain(genesis: string): Promise<Served> {
  const args = ["chain", "--port", "0", "--sealing", String(BLOCK_MS), "--genesis", genesis];
  const chain = spawn(process.execPath, [entry, ...args], {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  let said = "";
  chain.stderr?.on("data", (part: Buffer) => (said += part.toString()));
  const message = await new Promise<unknown>((resolve) => {
    chain.once("message", resolve);
    chain.once("exit", () => resolve(null));
    setTimeout(resolve, CHAIN_MS, null).unref();
  });
  if (message === null) throw new Error(`the chain did not start: ${said}`);
  return {
    endpoint: `ws://127.0.0.1:${startedSchema.parse(message).port}`,
    stop: async () => ended(chain),
  };
}

async function ended(chain: ChildProcess): Promise<void> {
  if (chain.exitCode !== null || chain.signalCode !== null) return;
  const over = new Promise((resolve) => chain.once("exit", resolve));
  chain.kill("SIGTERM");
  const timer = setTimeout(() => chain.kill("SIGKILL"), CHAIN_MS);
  await over;
  clearTimeout(timer);
}

/** Four authorities on the same genesis. */
async function nativeChain(home: string, genesis: string): Promise<Served> {
  const program = findNode();
  if (program === null) throw new Error("the native node is not built: npm run chain:node");
  const patch = parseExactJson(readFileSync(genesis, "utf8"));
  if (!isJsonObject(patch)) throw new TypeError("a genesis is an object");
  const network = await Network.start({
    program,
    runtimeCode: await readRuntimeArtifact(),
    folder: join(home, "network"),
    authorities: 4,
    blockMs: NATIVE_BLOCK_MS,
    firstPort: FIRST_PORT,
    patch,
  });
  return { endpoint: network.nodes[0]?.endpoint ?? "", stop: async () => network.stop() };
}

/** A chain, a home and wallets. */
export class Stage {
  readonly home: string;
  readonly wallets: string;
  readonly cast: Readonly<Record<Name, Addresses>>;
  readonly endpoint: string;
  readonly api: ApiPromise;
  readonly #chain: Served;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(made: {
    readonly home: string;
    readonly cast: Readonly<Record<Name, Addresses>>;
    readonly endpoint: string;
    readonly api: ApiPromise;
    readonly chain: Served;
  }) {
    this.home = made.home;
    this.wallets = join(made.home, ".bittensor", "wallets");
    this.cast = made.cast;
    this.endpoint = made.endpoint;
    this.api = made.api;
    this.#chain = made.chain;
    this.#environment = environmentOf(made.home);
  }

  /** Starts one. @throws Error the chain did not start */
  static async open(): Promise<Stage> {
    const home = mkdtempSync(join(tmpdir(), "assay-client-"));
    for (const folder of ["tmp", "cache", "config"]) mkdirSync(join(home, folder));
    const cast = await makeWallets(join(home, ".bittensor", "wallets"));
    const genesis = join(home, "genesis.json");
    writeFileSync(genesis, JSON.stringify(genesisOf(cast)));
    const chain = isNative ? await nativeChain(home, genesis) : await embeddedChain(genesis);
    const { endpoint } = chain;
    const provider = new WsProvider(endpoint);
    const api = await ApiPromise.create({ provider, noInitWarn: true, throwOnConnect: true });
    return new Stage({ home, cast, endpoint, api, chain });
  }

  /** Ends the chain and removes the home. */
  async close(): Promise<void> {
    await this.api.disconnect();
    await this.#chain.stop();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** Runs a client's command to its end. @throws ActFailure with its first error */
  async answer(file: string, args: readonly string[]): Promise<unknown> {
    const env = this.#environment;
    return answerOf(await runProgram({ file, args, env, limitMs: LIMIT_MS }), LIMIT_MS);
  }

  /** Runs a client's command that knows no JSON. @throws ActFailure with its first error */
  async said(file: string, args: readonly string[]): Promise<string> {
    const env = this.#environment;
    return textOf(await runProgram({ file, args, env, limitMs: LIMIT_MS }), LIMIT_MS);
  }

  /** Makes blocks at once; a native chain makes them by itself, so that they are waited for. */
  async blocks(count: number): Promise<void> {
    if (!isNative) return void (await this.#request("dev_newBlock", [{ count }]));
    const wanted = Number(await this.number("system", "number")) + count;
    while (Number(await this.number("system", "number")) < wanted) await sleep(LOOK_MS);
  }

  /** Makes blocks until the subnet's next epoch has been: then a whole tempo lies ahead, without a freeze of its parameters. */
  async epoch(netuid: number): Promise<void> {
    const [last, head] = [
      await this.number("subtensorModule", "lastEpochBlock", netuid),
      await this.number("system", "number"),
    ];
    const left = Number(last) + TEMPO - Number(head);
    await this.blocks(Math.max(left, 0) + 1);
    const now = await this.number("subtensorModule", "lastEpochBlock", netuid);
    if (now <= last) throw new ActFailure(`subnet ${netuid} had no epoch in ${left + 1} blocks`);
  }

  /** Hands the chain a round of the beacon, which anybody may. @throws ActFailure it follows none, or the round is not taken */
  async pulse({
    round,
    signature,
  }: {
    readonly round: number;
    readonly signature: string;
  }): Promise<void> {
    const write = this.api.tx["drand"]?.["writePulse"];
    if (write === undefined) throw new ActFailure("the chain has no drand.writePulse");
    const bytes = Buffer.from(signature, "hex");
    const randomness = createHash("sha256").update(bytes).digest("hex");
    const pulses = [{ round, randomness: `0x${randomness}`, signature: `0x${signature}` }];
    const nobody = { Sr25519: `0x${"00".repeat(32)}` };
    const payload = { blockNumber: 0, pulses, public: nobody };
    const hasIt = async (): Promise<boolean> =>
      (await this.read("drand", "pulses", round)) !== null;
    // Once is enough for all who encrypt to it.
    if (await hasIt()) return;
    await write(payload, null).send();
    await this.blocks(1);
    if (!(await hasIt())) throw new ActFailure(`the chain did not take round ${round}`);
  }

  /** A storage item at the head, as @polkadot/api writes it in JSON. */
  async read(pallet: string, item: string, ...keys: readonly unknown[]): Promise<unknown> {
    const found = this.api.query[pallet]?.[item];
    if (found === undefined) throw new ActFailure(`the chain has no ${pallet}.${item}`);
    return (await found(...keys)).toJSON();
  }

  /** A number of the chain's state. @throws ActFailure it is none */
  async number(pallet: string, item: string, ...keys: readonly unknown[]): Promise<bigint> {
    const value = await this.read(pallet, item, ...keys);
    if (typeof value !== "number" && typeof value !== "string")
      throw new ActFailure(`${pallet}.${item} is ${JSON.stringify(value)}`);
    return BigInt(value);
  }

  /** What an account may spend, in rao. */
  async free(address: string): Promise<bigint> {
    const account = z
      .object({ data: z.object({ free: z.union([z.number(), z.string()]) }) })
      .parse(await this.read("system", "account", address));
    return BigInt(account.data.free);
  }

  async #request(method: string, params: readonly unknown[]): Promise<unknown> {
    const response = await fetch(this.endpoint.replace("ws:", "http:"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    const answer = z
      .looseObject({ result: z.unknown().optional(), error: z.unknown().optional() })
      .parse(await response.json());
    if (answer.error !== undefined)
      throw new ActFailure(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }
}
