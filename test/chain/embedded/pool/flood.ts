/** @file A flood of one free call against an embedded chain whose pool is full, and what became of two honest ones behind it. */
import { type EmbeddedChain } from "../../../../chain/embedded/chain.ts";
import { bytesOfKey, concat, keyOf, toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { cryptoReady, twox64 } from "../../../../chain/embedded/codec/hashing.ts";
import { type JsonObject } from "../../../../chain/embedded/codec/exact-json.ts";
import { compact, u64 } from "../../../../chain/embedded/codec/scale.ts";
import { type PoolLimits } from "../../../../chain/embedded/pool/pool.ts";
import { ShieldAuthor } from "../../../../chain/embedded/shield.ts";
import { ChainError } from "../../../../chain/errors.ts";
import {
  key,
  NETUID,
  openDevChain,
  type Pair,
  requireCall,
  type Signer,
  signerFor,
  storagePrefix,
  transfer,
} from "../dev-chain.ts";
import { committedHash, type FreeCall, labelOf, madeOf } from "./free-calls.ts";

/** How large a flood is. */
export type FloodPlan = {
  /** Calls of one rich account without a uid. */
  readonly stranger: number;
  /** Registered hotkeys in strange hands; each sends the call twice. */
  readonly registered: number;
  /** Fresh accounts, each of which sends the call once; half of them have a balance. */
  readonly fresh: number;
  readonly limits: Partial<PoolLimits>;
  /** Ready extrinsics that make the pool full. */
  readonly full: number;
  readonly slotMs: number;
};

/** What was heard of one flooded call. */
export type FloodRow = {
  readonly label: string;
  readonly sent: number;
  readonly taken: number;
  /** Refusals by their words. */
  readonly refused: ReadonlyMap<string, number>;
  /** CPU of the chain's thread for a refused one, in ms; null where none was. */
  readonly refusedMs: number | null;
  readonly readyBefore: number;
  /** Blocks after the flood in which the honest calls lie, from 1; null when none of the first two holds it. */
  readonly weightsIn: number | null;
  readonly transferIn: number | null;
  /** CPU of those two blocks, in ms. */
  readonly blockMs: readonly number[];
};

const VALIDATOR = "//honest";
const FUNDS_RAO = 1_000_000_000;
/** Calls of each account that fills the pool with calls that pay: none of them has much in it. */
const FILLING_EACH = 16;

/** CPU of this thread in ms. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

function fillers({ full }: FloodPlan): number {
  return Math.ceil(full / FILLING_EACH);
}

function genesis(plan: FloodPlan): JsonObject {
  const hotkeys = [VALIDATOR, ...range(plan.registered).map((index) => `//uid${index}`)];
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
  const funded = [
    ...range(plan.fresh / 2).map((index) => `//fresh${index}`),
    ...range(fillers(plan)).map((index) => `//filler${index}`),
  ];
  // The validator's stake is taken out of its coldkey's balance.
  const rich = ["//Alice", "//Ferdie", `${VALIDATOR}//cold`].map((uri) => [key(uri).address, 1e15]);
  const balances = [...rich, ...funded.map((uri) => [key(uri).address, FUNDS_RAO])];
  return {
    balances: { balances },
    subtensorModule: { networks: [network] },
    drand: { beacon: "quicknet" },
  };
}

/** Key of an item of the subtensor pallet. */
function item(name: string, ...keys: readonly Uint8Array[]): string {
  return keyOf(concat(storagePrefix("SubtensorModule", name), ...keys));
}

type Sender = { readonly pair: Pair; readonly uid: number; nonce: number };

/** One flooded chain after another, with the same accounts and the same pool. */
export class Flood {
  readonly #plan: FloodPlan;
  readonly #senders = new Map<string, Pair>();
  #filling: readonly Uint8Array[] = [];
  #genesis: JsonObject | null = null;

  constructor(plan: FloodPlan) {
    this.#plan = plan;
  }

  /** Floods a new chain with a call, then sends honest weights and a transfer that pays, and makes two blocks. */
  async of(call: FreeCall): Promise<FloodRow> {
    await cryptoReady();
    const chain = await openDevChain({
      genesisPatch: (this.#genesis ??= genesis(this.#plan)),
      poolLimits: this.#plan.limits,
      slotDurationMs: this.#plan.slotMs,
      author: new ShieldAuthor(),
    });
    try {
      const signer = signerFor(chain);
      if (call.committing) this.#startCommitting(chain);
      // Nobody can encrypt to a key that was not announced.
      await chain.seal();
      const heard = await this.#pour(chain, signer, call);
      await this.#fill(chain, signer);
      const readyBefore = chain.pool.readyCount;
      return { label: labelOf(call), ...heard, readyBefore, ...(await honest(chain, call)) };
    } finally {
      await chain.close();
    }
  }

  /** Commit-reveal is on, and every registered hotkey has committed what it can reveal now. */
  #startCommitting(chain: EmbeddedChain): void {
    const netuid = Uint8Array.of(NETUID, 0);
    const commits = this.#registered().map(({ pair, uid }) => {
      const hash = bytesOfKey(
        Buffer.from(
          committedHash({ uid, turn: 0, hotkey: pair.publicKey }).slice(2),
          "hex",
        ).toString("latin1"),
      );
      const at = item(
        "WeightCommits",
        twox64(netuid),
        netuid,
        twox64(pair.publicKey),
        pair.publicKey,
      );
      return [at, concat(compact(1), hash, u64(0), u64(1), u64(0))] as const;
    });
    chain.setStorage([
      [item("CommitRevealWeightsEnabled", netuid), Uint8Array.of(1)],
      [item("SubnetEpochIndex", netuid), u64(1)],
      ...commits,
    ]);
  }

  #sender(uri: string, uid = 0): Sender {
    const pair = this.#senders.get(uri) ?? key(uri);
    this.#senders.set(uri, pair);
    return { pair, uid, nonce: 0 };
  }

  #registered(): Sender[] {
    return range(this.#plan.registered).map((index) => this.#sender(`//uid${index}`, index + 1));
  }

  #turns(): Sender[] {
    const { stranger, fresh } = this.#plan;
    const rich = this.#sender("//Ferdie");
    const registered = this.#registered();
    return [
      ...range(stranger).map(() => rich),
      ...registered,
      ...registered,
      ...range(fresh / 2).map((index) => this.#sender(`//fresh${index}`)),
      ...range(fresh / 2).map((index) => this.#sender(`//poor${index}`)),
    ];
  }

  async #pour(
    chain: EmbeddedChain,
    signer: Signer,
    call: FreeCall,
  ): Promise<Pick<FloodRow, "sent" | "taken" | "refused" | "refusedMs">> {
    const refused = new Map<string, number>();
    let [turn, taken, refusedMs] = [0, 0, 0];
    for (const sender of this.#turns()) {
      const { pair, uid } = sender;
      const made = madeOf(signer, call, { uid, turn: turn++, hotkey: pair.publicKey });
      const bytes =
        call.kind === "bare" ? signer.bare(made) : signer.sign(pair, made, sender.nonce);
      const start = cpuMs();
      const word = await refusalOf(chain, bytes);
      const took = cpuMs() - start;
      if (word === null) {
        // As whoever floods would: what was refused leaves no gap.
        sender.nonce++;
        taken++;
        continue;
      }
      refused.set(word, (refused.get(word) ?? 0) + 1);
      refusedMs += took;
    }
    const count = turn - taken;
    return { sent: turn, taken, refused, refusedMs: count === 0 ? null : refusedMs / count };
  }

  /** Batches of free calls and remarks, which pay; their bytes are the same for every chain. */
  async #fill(chain: EmbeddedChain, signer: Signer): Promise<void> {
    const commitment = requireCall(signer, "commitments", "setCommitment");
    const calls = [
      requireCall(signer, "system", "remark")("0x"),
      requireCall(signer, "utility", "batch")([commitment(NETUID, { fields: [{ Raw1: "0x01" }] })]),
    ];
    const accounts = fillers(this.#plan);
    if (this.#filling.length === 0)
      this.#filling = range(this.#plan.full).map((turn) => {
        const { pair } = this.#sender(`//filler${turn % accounts}`);
        return signer.sign(pair, calls[turn % 2], Math.floor(turn / accounts));
      });
    for (const bytes of this.#filling) {
      if (chain.pool.readyCount === this.#plan.full) return;
      await refusalOf(chain, bytes);
    }
  }
}

/** Why the chain refuses an extrinsic; null when it takes it. */
async function refusalOf(chain: EmbeddedChain, bytes: Uint8Array): Promise<string | null> {
  try {
    await chain.submit(bytes);
    return null;
  } catch (error) {
    if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-invalid") throw error;
    const { reason, detail } = error.fault;
    return reason === "Invalid Transaction" ? detail : reason;
  }
}

/** Weights of a validator (their commit, where weights are committed) and a transfer, and the two blocks after them. */
async function honest(
  chain: EmbeddedChain,
  { committing }: FreeCall,
): Promise<Pick<FloodRow, "weightsIn" | "transferIn" | "blockMs">> {
  const signer = signerFor(chain);
  const weights = committing
    ? requireCall(signer, "subtensorModule", "commitWeights")(NETUID, `0x${"11".repeat(32)}`)
    : requireCall(signer, "subtensorModule", "setMechanismWeights")(NETUID, 0, [1, 2], [1, 2], 0);
  const sent = [signer.sign(key(VALIDATOR), weights, 0), transfer(signer, key("//Alice"), 0)];
  for (const bytes of sent) await chain.submit(bytes);
  const blockMs: number[] = [];
  const found = new Map<string, number>();
  for (let block = 1; block <= 2; block++) {
    const start = cpuMs();
    await chain.seal();
    blockMs.push(cpuMs() - start);
    for (const bytes of chain.block()?.extrinsics ?? []) found.set(toHex(bytes), block);
  }
  const [weightsIn = null, transferIn = null] = sent.map(
    (bytes) => found.get(toHex(bytes)) ?? null,
  );
  return { weightsIn, transferIn, blockMs };
}

/** Whether an honest call came late: not in the first two blocks. */
export function isLate({ weightsIn, transferIn }: FloodRow): boolean {
  return weightsIn === null || transferIn === null;
}

/** A row for people. */
export function floodLine(row: FloodRow): string {
  const words = [...row.refused].map(([word, count]) => `${count} ${word}`).join("; ");
  const cells = [
    row.label.padEnd(36),
    `${row.taken} of ${row.sent}`.padStart(14),
    (row.refusedMs?.toFixed(2) ?? "-").padStart(8),
    `${row.weightsIn ?? "late"} / ${row.transferIn ?? "late"}`.padStart(11),
    row.blockMs
      .map((ms) => ms.toFixed(0))
      .join(" + ")
      .padStart(13),
    `  ${words}`,
  ];
  return cells.join("");
}

/** The words above the rows. */
export function floodHeader(): string {
  const cells = [
    "call".padEnd(36),
    "taken".padStart(14),
    "ms each".padStart(8),
    "in block".padStart(11),
    "blocks, ms".padStart(13),
    "  refused",
  ];
  return cells.join("");
}
