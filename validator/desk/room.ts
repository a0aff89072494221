/** @file Where workers come in: the queue's store and the door, opened once, and a desk for each run. */
import { join } from "node:path";
import { publicKeyOf } from "../../chain/wallet/account.ts";
import { SeenNonces } from "../../src/auth/seen-nonces.ts";
import { Verifier } from "../../src/auth/verifier.ts";
import type { Lifecycle } from "../../src/command/lifecycle.ts";
import { AssayError } from "../../src/errors.ts";
import { type Listening, servePosts } from "../../src/network/signed-posts.ts";
import { urlOf } from "../../src/network/client.ts";
import { KEYS } from "../../src/neuron/gate.ts";
import type { Connected } from "../../src/neuron/neuron.ts";
import type { Participant } from "../../src/neuron/participant.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { JobQueue } from "../../src/queue/jobs.ts";
import { openStore, type Store, type StoreKind } from "../../src/queue/store.ts";
import { Desk } from "./desk.ts";
import { handlersOf } from "./door.ts";

/** What is open to workers, and how. */
export type RoomOptions = {
  readonly workersHost: string;
  readonly workersPort: number;
  /** SS58 addresses; none: the validator's own. */
  readonly workerHotkeys: readonly string[];
  readonly queue: "auto" | StoreKind;
  readonly redisUrl: string | undefined;
};

/** An answer of 65,536 sequences before and after has less. */
const MOST_BODY_BYTES = 2 << 20;
/** Workers sign every request: a few a second, or some dozens where a model is tiny; all may share the validator's own hotkey. */
const RATE = { perKey: 500, total: 1000, burstSeconds: 4 };
const NONCES = { total: 500_000, perHotkey: 200_000, keptNs: 90_000_000_000n };
/** A validator that dies leaves its workers' tasks locked for so long; it renews them three times as often. */
const LOCK_MS = 3000;
const STALL_MS = 1000;

const WORDS: Readonly<Record<StoreKind, string>> = {
  redis: "Redis",
  "private-redis": "a redis-server of its own",
  pglite:
    "a database inside this process (a redis-server on this machine would save about 450 MB of memory)",
};

function allowedOf(texts: readonly string[], own: Hex): ReadonlySet<Hex> {
  if (texts.length === 0) return new Set([own]);
  return new Set(
    texts.map((text) => {
      try {
        return publicKeyOf(text);
      } catch {
        const detail = `--worker-hotkeys ${text.slice(0, 64)} is no SS58 address`;
        throw new AssayError({ code: "bad-option", detail });
      }
    }),
  );
}

/** Lets workers in. */
export class Room {
  readonly #connected: Connected;
  readonly #store: Store;
  #desk: Desk | null = null;

  private constructor(connected: Connected, store: Store) {
    this.#connected = connected;
    this.#store = store;
  }

  /** Opens store and door. @throws AssayError queue-unavailable, bad-option, port-in-use and its like */
  static async open(
    connected: Connected,
    options: RoomOptions,
    lifecycle: Lifecycle,
  ): Promise<Room> {
    const { neuron } = connected;
    const allowed = allowedOf(options.workerHotkeys, neuron.signer.publicKey);
    const { queue, redisUrl } = options;
    const store = await openStore({
      folder: join(neuron.state.folder, "queue"),
      redisUrl,
      ...(queue !== "auto" && { only: queue }),
    });
    lifecycle.onClose("queue's store", () => store.close());
    const room = new Room(connected, store);
    const door = await room.#listen(options, allowed, lifecycle);
    neuron.say(
      `workers join with: validator worker --url ${urlOf(door, "")}; evaluations wait in ${WORDS[store.kind]}`,
    );
    return room;
  }

  async #listen(
    options: RoomOptions,
    allowed: ReadonlySet<Hex>,
    lifecycle: Lifecycle,
  ): Promise<Listening> {
    const { neuron, subnet } = this.#connected;
    const network = { netuid: subnet.netuid, genesis: subnet.chain.genesisHash };
    const path = join(neuron.state.folder, "worker-nonces.txt");
    const seen = new SeenNonces(path, BigInt(Date.now()) * 1_000_000n, NONCES);
    lifecycle.onClose("workers' nonces", () => seen.close());
    const door = await servePosts({
      host: options.workersHost,
      port: options.workersPort,
      bodyLimit: MOST_BODY_BYTES,
      network,
      keys: KEYS,
      verifier: new Verifier({ receiver: neuron.signer.ss58, keys: KEYS, seen, rate: RATE }),
      isAllowed: (hotkey) => allowed.has(hotkey),
      about: () => ({
        format: "assay/work/1",
        hotkey: neuron.signer.ss58,
        ...network,
        runId: this.#desk?.runId ?? null,
      }),
      handlers: handlersOf({ desk: () => this.#desk, say: neuron.say }),
    });
    lifecycle.onClose("door for workers", () => door.close());
    return door;
  }

  /** The desk of a run; that of the run before is given up. */
  async deskFor(node: Participant, lifecycle: Pick<Lifecycle, "onClose">): Promise<Desk> {
    const { neuron, run } = node;
    const queue = await JobQueue.open(this.#store, {
      owner: `${neuron.signer.ss58}-${run.runId.slice(2, 18)}`,
      lockMs: LOCK_MS,
      stallMs: STALL_MS,
      onTrouble: (error) => neuron.log.debug({ error: error.message }, "queue"),
    });
    lifecycle.onClose("queue", () => queue.close());
    this.#desk = new Desk({ node, queue, say: neuron.say, signal: neuron.signal });
    return this.#desk;
  }
}
