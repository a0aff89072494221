/** @file A flood of calls against one embedded chain with a full pool, and what became of two honest ones behind it. */
import { performance } from "node:perf_hooks";
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { cryptoReady } from "../../../../chain/embedded/codec/hashing.ts";
import { type JsonObject } from "../../../../chain/embedded/codec/exact-json.ts";
import { type PoolLimits } from "../../../../chain/embedded/pool/pool.ts";
import { ChainError } from "../../../../chain/errors.ts";
import {
  key,
  NETUID,
  openDevChain,
  type Pair,
  requireCall,
  type Signer,
  signerFor,
  transfer,
} from "../dev-chain.ts";

/** How large the flood is. */
export type FloodPlan = {
  /** Free calls, a quarter each from: one rich stranger, registered hotkeys, fresh accounts with and without a balance. */
  readonly freeCalls: number;
  /** Registered hotkeys in strange hands. */
  readonly registered: number;
  /** Fresh accounts; half of them have a balance and fill the pool with calls that pay. */
  readonly fresh: number;
  readonly limits: Partial<PoolLimits>;
  /** Ready extrinsics that make the pool full. */
  readonly full: number;
};

/** What one group sent, and what it heard. */
export type FloodGroup = {
  readonly sent: number;
  /** Answers by their text; "taken" for what got in. */
  readonly answers: ReadonlyMap<string, number>;
  readonly cpuMs: number;
};

export type FloodReport = {
  readonly groups: ReadonlyMap<string, FloodGroup>;
  readonly readyBefore: number;
  /** Blocks after the flood in which the honest calls lie, from 1; null when none of the first two holds it. */
  readonly weightsIn: number | null;
  readonly transferIn: number | null;
  readonly blocks: readonly { readonly extrinsics: number; readonly cpuMs: number }[];
};

const VALIDATOR = "//honest";
const FUNDS_RAO = 1_000_000_000;

/** CPU of this process in ms. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function genesis(plan: FloodPlan): JsonObject {
  const hotkeys = [
    VALIDATOR,
    ...Array.from({ length: plan.registered }, (_, index) => `//uid${index}`),
  ];
  const neurons = hotkeys.map((uri, uid) => ({
    hotkey: key(uri).address,
    coldkey: key(`${uri}//cold`).address,
    stake: uid === 0 ? 3e12 : 0,
    validatorPermit: uid === 0,
  }));
  const network = {
    netuid: NETUID,
    ownerColdkey: key("//Alice").address,
    ownerHotkey: key("//Alice//hotkey").address,
    tempo: 360,
    neurons,
    additional: "",
  };
  const funded = Array.from({ length: plan.fresh / 2 }, (_, index) => `//funded${index}`);
  // The validator's stake is taken out of its coldkey's balance.
  const rich = ["//Alice", "//Ferdie", `${VALIDATOR}//cold`].map((uri) => [key(uri).address, 1e15]);
  const balances = [...rich, ...funded.map((uri) => [key(uri).address, FUNDS_RAO])];
  return { balances: { balances }, subtensorModule: { networks: [network] } };
}

type Sender = { readonly pair: Pair; nonce: number };

/** Sends, and counts what it heard. */
class Flood {
  readonly chain: EmbeddedChain;
  readonly signer: Signer;
  readonly groups = new Map<string, FloodGroup>();

  constructor(chain: EmbeddedChain) {
    this.chain = chain;
    this.signer = signerFor(chain);
  }

  call(pallet: string, name: string, ...args: readonly unknown[]): unknown {
    return requireCall(this.signer, pallet, name)(...args);
  }

  /** The free calls, in turn. */
  free(turn: number, uid: number): unknown {
    const commitment = { fields: [{ Raw1: "0x01" }] };
    if (turn % 3 === 0) return this.call("commitments", "setCommitment", NETUID, commitment);
    if (turn % 3 === 1) return this.call("subtensorModule", "setWeights", NETUID, [uid], [1], 0);
    return this.call("subtensorModule", "serveAxon", NETUID, 1, 16_909_060, 1, 4, 4, 0, 0);
  }

  /** Signs outside the measurement; `make` gives the call of a turn. */
  async send(
    group: string,
    from: readonly Sender[],
    count: number,
    make: (turn: number, sender: number) => unknown,
  ): Promise<void> {
    const answers = new Map<string, number>();
    let cpu = 0;
    for (let turn = 0; turn < count; turn++) {
      const at = turn % from.length;
      const sender = from[at];
      if (sender === undefined) break;
      const call = make(Math.floor(turn / from.length), at);
      const bytes = this.signer.sign(sender.pair, call, sender.nonce);
      const start = cpuMs();
      const answer = await this.#answer(bytes);
      cpu += cpuMs() - start;
      // As whoever floods would: what was refused leaves no gap.
      if (answer === "taken") sender.nonce++;
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
    this.groups.set(group, { sent: count, answers, cpuMs: cpu });
  }

  async #answer(bytes: Uint8Array): Promise<string> {
    try {
      await this.chain.submit(bytes);
      return "taken";
    } catch (error) {
      if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-invalid") throw error;
      const { reason, detail } = error.fault;
      return reason === "Invalid Transaction" ? detail : reason;
    }
  }
}

function senders(prefix: string, count: number): Sender[] {
  return Array.from({ length: count }, (_, index) => ({
    pair: key(`${prefix}${index}`),
    nonce: 0,
  }));
}

async function pour(flood: Flood, plan: FloodPlan): Promise<void> {
  const quarter = Math.ceil(plan.freeCalls / 4);
  const free = (turn: number): unknown => flood.free(turn, 0);
  await flood.send("a rich stranger", [{ pair: key("//Ferdie"), nonce: 0 }], quarter, free);
  const registered = senders("//uid", plan.registered);
  await flood.send("registered hotkeys", registered, quarter, (turn, sender) =>
    flood.free(turn, sender + 1),
  );
  await flood.send("fresh, without a balance", senders("//poor", plan.fresh / 2), quarter, free);
  const funded = senders("//funded", plan.fresh / 2);
  await flood.send("fresh, with a balance", funded, quarter, free);
  const left = Math.max(plan.full - flood.chain.pool.readyCount, 0) + quarter;
  await flood.send("fresh, paying: batches and remarks", funded, left, (turn) =>
    turn % 2 === 0
      ? flood.call("system", "remark", "0x")
      : flood.call("utility", "batch", [free(0), free(1)]),
  );
}

/** Floods a new chain, then sends honest weights and a transfer that pays, and makes two blocks. */
export async function flooded(plan: FloodPlan): Promise<FloodReport> {
  await cryptoReady();
  const chain = await openDevChain({ genesisPatch: genesis(plan), poolLimits: plan.limits });
  try {
    const flood = new Flood(chain);
    await pour(flood, plan);
    const readyBefore = chain.pool.readyCount;
    const uids = [1, 2];
    const weights = flood.call("subtensorModule", "setMechanismWeights", NETUID, 0, uids, uids, 0);
    const honest = [
      flood.signer.sign(key(VALIDATOR), weights, 0),
      transfer(flood.signer, key("//Alice"), 0),
    ];
    for (const bytes of honest) await chain.submit(bytes);
    const blocks: { extrinsics: number; cpuMs: number }[] = [];
    const found = new Map<string, number>();
    for (let block = 1; block <= 2; block++) {
      const start = cpuMs();
      await chain.seal();
      const extrinsics = chain.block()?.extrinsics ?? [];
      blocks.push({ extrinsics: extrinsics.length, cpuMs: cpuMs() - start });
      for (const bytes of extrinsics) found.set(toHex(bytes), block);
    }
    const [weightsIn, transferIn] = honest.map((bytes) => found.get(toHex(bytes)) ?? null);
    return {
      groups: flood.groups,
      readyBefore,
      weightsIn: weightsIn ?? null,
      transferIn: transferIn ?? null,
      blocks,
    };
  } finally {
    await chain.close();
  }
}

/** The report as lines for people; `startedAt` is of `performance.now()`. */
export function floodLines(report: FloodReport, startedAt: number): string[] {
  const groups = [...report.groups].map(([name, { sent, answers, cpuMs: cpu }]) => {
    const heard = [...answers].map(([answer, count]) => `${count} ${answer}`).join("; ");
    return `${name}: ${sent} sent, ${(cpu / sent).toFixed(2)} ms CPU each: ${heard}`;
  });
  const blocks = report.blocks.map(
    ({ extrinsics, cpuMs: cpu }, index) =>
      `block ${index + 1}: ${extrinsics} extrinsics, ${cpu.toFixed(0)} ms CPU`,
  );
  return [
    ...groups,
    `${report.readyBefore} ready before the honest two`,
    ...blocks,
    `honest weights in block ${report.weightsIn}, honest transfer in block ${report.transferIn}`,
    `${((performance.now() - startedAt) / 1000).toFixed(0)} s in all`,
  ];
}
