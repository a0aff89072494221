/** @file A process of a siege: `victim` serves an axon, `attackers` attack it; each obeys its parent's messages. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobs } from "../../src/blobs/directory.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { fetchBlob } from "../../src/network/client.ts";
import { serveAxon } from "../../src/network/server.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { type AnyAttack, isAttack, isHostility } from "./any-attack.ts";
import { attack, type Damage, type Target } from "./attackers.ts";
import { openHostileAxon } from "./hostile-axon.ts";

/** What a victim says once, and then a few times a second. */
export type Report =
  | { readonly served: Target; readonly small: Hex; readonly largeAddress: Hex }
  | { readonly rssBytes: number };

/** What attackers are told, and what they answer. */
export type Order = { readonly attacks: readonly AnyAttack[]; readonly target: Target } | "stop";
export type Outcome = Readonly<Partial<Record<AnyAttack, Damage>>>;

/** Ports of hostile axons, if any: what attackers say once they attack, and what their victim is told to fetch from. */
export type Lures = { readonly lures: readonly number[] };

/** The shard of the demo. */
const LARGE_BYTES = 8_400_000;
const SMALL_BYTES = 200_000;
const RECORD_CHARACTERS = 900_000;

/** How a victim asks each hostile axon. */
const FETCHES = 8;
const FETCH_PAUSE_MS = 60;
const FETCH_LIMITS = { limitBytes: 1 << 20, timeoutMs: 5000 };

const tell = (message: Report | Outcome | Lures): void => void process.send?.(message);

async function serve(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "assay-siege-"));
  process.once("exit", () => rmSync(folder, { recursive: true }));
  const blobs = openBlobs(folder);
  const largeAddress = await blobs.put(new Uint8Array(LARGE_BYTES).fill(1));
  const small = await blobs.put(new Uint8Array(SMALL_BYTES).fill(2));
  const record = JSON.stringify("r".repeat(RECORD_CHARACTERS));
  const status = {
    role: "miner" as const,
    hotkey: `0x${"01".repeat(32)}` as const,
    runId: null,
    window: null,
    thetaDigest: null,
    rulesDigest: null,
    device: "none",
    heldOut: null,
    progress: null,
    activity: "",
  };
  const axon = await serveAxon(
    {
      blobs,
      status: () => status,
      digests: () => [],
      checkpoint: () => null,
      record: () => record,
      verdict: () => null,
    },
    { host: "127.0.0.1", port: 0, peersAt: (ip) => (ip === "127.0.0.1" ? 1 : 0) },
  );
  const served = { port: axon.port, large: `/blobs/${largeAddress}`, text: "/records/1", share: 1 };
  tell({ served, small, largeAddress });
  setInterval(() => tell({ rssBytes: process.memoryUsage.rss() }), 200);
  process.on("message", ({ lures }: Lures) => {
    for (const port of lures) for (let index = 0; index < FETCHES; index++) void fetchFrom(port);
  });
}

/** Asks a hostile axon for a blob again and again, as a validator does. */
async function fetchFrom(port: number): Promise<never> {
  for (;;) {
    const axon = { ip: "127.0.0.1", port };
    await fetchBlob(axon, `0x${"ab".repeat(32)}`, FETCH_LIMITS).catch(() => null);
    await sleep(FETCH_PAUSE_MS);
  }
}

/** Obeys orders; every attack that is on, and what ends it. */
class Attackers {
  readonly #running = new Map<AnyAttack, () => Damage>();

  async obey(order: Order): Promise<void> {
    if (order === "stop") {
      tell(Object.fromEntries([...this.#running].map(([name, stop]) => [name, stop()])));
      this.#running.clear();
      return;
    }
    // Addresses of their own for each: 127.0.0.2 on.
    let from = 2;
    for (const name of order.attacks.filter(isAttack)) {
      this.#running.set(name, attack(name, order.target, from));
      from += 64;
    }
    const lures: number[] = [];
    for (const name of order.attacks.filter(isHostility)) {
      const axon = await openHostileAxon(name);
      this.#running.set(name, () => axon.close());
      lures.push(axon.port);
    }
    tell({ lures });
  }
}

process.once("disconnect", () => process.exit());
if (process.argv[2] === "victim") await serve();
else {
  const attackers = new Attackers();
  process.on("message", (order: Order) => void attackers.obey(order));
}
