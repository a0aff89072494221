/** @file A process of a siege: `victim` serves an axon, `attackers` attack it; each obeys its parent's messages. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobs } from "../../src/blobs/directory.ts";
import { serveAxon } from "../../src/network/server.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { type Attack, attack, type Damage, type Target } from "./attackers.ts";

/** What a victim says once, and then a few times a second. */
export type Report =
  | { readonly served: Target; readonly small: Hex; readonly largeAddress: Hex }
  | { readonly rssBytes: number };

/** What attackers are told, and what they answer. */
export type Order = { readonly attacks: readonly Attack[]; readonly target: Target } | "stop";
export type Outcome = Readonly<Partial<Record<Attack, Damage>>>;

/** The shard of the demo. */
const LARGE_BYTES = 8_400_000;
const SMALL_BYTES = 200_000;
const RECORD_CHARACTERS = 900_000;

const tell = (message: Report | Outcome): void => void process.send?.(message);

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
  const served = { port: axon.port, large: `/blobs/${largeAddress}`, text: "/records/1" };
  tell({ served, small, largeAddress });
  setInterval(() => tell({ rssBytes: process.memoryUsage.rss() }), 200);
}

function obey(): void {
  const running = new Map<Attack, () => Damage>();
  process.on("message", (order: Order) => {
    if (order === "stop") {
      tell(Object.fromEntries([...running].map(([name, stop]) => [name, stop()])));
      return;
    }
    // Addresses of their own for each: 127.0.0.2 on.
    let from = 2;
    for (const name of order.attacks) {
      running.set(name, attack(name, order.target, from));
      from += 64;
    }
  });
}

process.once("disconnect", () => process.exit());
if (process.argv[2] === "victim") await serve();
else obey();
