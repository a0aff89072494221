/** @file False pulses of a beacon poured into a chain that follows it, and how long a true one takes to come through. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChainClient, connectChain } from "../../../../chain/client/client.ts";
import { type Pulse } from "../../../../chain/client/pulses.ts";
import { toHex } from "../../../../chain/embedded/codec/bytes.ts";
import { serveRpc } from "../../../../chain/embedded/rpc/server.ts";
import { startSealing } from "../../../../chain/embedded/sealing.ts";
import { ChainError } from "../../../../chain/errors.ts";
import { signerFromUri } from "../../../../chain/wallet/signer.ts";
import fixture from "../../../fixtures/timelocked.json" with { type: "json" };
import { openDevChain, requireCall, signerFor, subnetPatch } from "../dev-chain.ts";
import { falsePulse } from "./false-pulse.ts";

const POURER = join(import.meta.dirname, "pulse-pourer.ts");
const BLOCK_MS = 250;
const ALICE = "//Alice";

/** How large a flood is. */
export type PulsePlan = {
  readonly sockets: number;
  readonly perSecond: number;
  /** Before the true pulse is sent, and after it came. */
  readonly seconds: number;
};

export type PulseReport = {
  /** What the pourer sent. */
  readonly sent: number;
  readonly seconds: number;
  /** CPU of the chain's thread, of 1. */
  readonly busy: number;
  /** Blocks made, of those that were due. */
  readonly blocks: number;
  readonly due: number;
  /** What a true pulse without a signature heard; null: it was taken. */
  readonly bareRefusal: string | null;
  /** Blocks from the one in which the signed pulse was sent to the one that holds it; null where the one without was quicker. */
  readonly signedIn: number | null;
};

function truePulse(): Pulse {
  const found = fixture.pulses.find(({ round }) => round === fixture.commit.round);
  if (found === undefined) throw new Error("the fixture lacks its pulse");
  return { round: found.round, signature: `0x${found.signature}` };
}

/** Block of the signed pulse; null where it was refused because that without a signature, which was taken, came first. */
async function landedIn(client: ChainClient, wasTaken: boolean): Promise<number | null> {
  try {
    const { block } = await client.writeSignedPulse(signerFromUri(ALICE), truePulse());
    return block.number;
  } catch (error) {
    const isLost = error instanceof ChainError && error.fault.code === "extrinsic-invalid";
    if (isLost && wasTaken) return null;
    throw error;
  }
}

/** Pours false pulses for the round that the true one is of. */
export async function pulseFlood(plan: PulsePlan): Promise<PulseReport> {
  const chain = await openDevChain({
    genesisPatch: { ...subnetPatch(), drand: { beacon: "quicknet" } },
    slotDurationMs: BLOCK_MS,
  });
  const server = await serveRpc(chain, { host: "127.0.0.1", port: 0 });
  const calls = signerFor(chain);
  const call = requireCall(calls, "drand", "writePulse");
  const hex = toHex(calls.bare(call(...falsePulse(fixture.commit.round))));
  const client = await connectChain({ endpoints: [`ws://127.0.0.1:${server.port}`] });
  startSealing(chain, BLOCK_MS);
  const size = [server.port, plan.sockets, plan.perSecond].map(String);
  const pourer = spawn(process.execPath, [POURER, ...size, hex], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    await once(pourer.stdout, "data");
    const [from, cpu, startedAt] = [
      chain.head().number,
      process.threadCpuUsage(),
      performance.now(),
    ];
    await sleep(plan.seconds * 1000);
    let bareRefusal: string | null = null;
    try {
      await client.writePulse(truePulse());
    } catch (error) {
      if (!(error instanceof ChainError) || error.fault.code !== "extrinsic-invalid") throw error;
      bareRefusal = `${error.fault.reason} ${error.fault.detail}`;
    }
    const before = chain.head().number;
    const landed = await landedIn(client, bareRefusal === null);
    await sleep(plan.seconds * 1000);
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.threadCpuUsage(cpu);
    const blocks = chain.head().number - from;
    pourer.kill("SIGTERM");
    const [text]: unknown[] = await once(pourer.stdout, "data");
    const sent = Number(text);
    const busy = (user + system) / 1e6 / seconds;
    const due = Math.floor((seconds * 1000) / BLOCK_MS);
    return {
      sent,
      seconds,
      busy,
      blocks,
      due,
      bareRefusal,
      signedIn: landed === null ? null : landed - before,
    };
  } finally {
    pourer.kill("SIGKILL");
    await client.close();
    await server.close();
    await chain.close();
  }
}

/** The report for people. */
export function pulseLine(report: PulseReport): string {
  const { sent, seconds, busy, blocks, due, bareRefusal, signedIn } = report;
  const signed = signedIn === null ? "not needed" : `in block ${signedIn} after it was sent`;
  const bare = bareRefusal === null ? "taken" : `refused (${bareRefusal})`;
  return (
    `write_pulse over sockets: ${(sent / seconds).toFixed(0)} false ones a second, the chain's thread ${(100 * busy).toFixed(0)} % busy, ` +
    `${blocks} of ${due} blocks; the true one without a signature ${bare}, signed: ${signed}`
  );
}
