/** @file `subnet beacon`: sends pulses of a public beacon to a chain that follows it, from a file or from the beacon's API. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { inLine } from "../base/fault.ts";
import { fileReason, readWholeFile } from "../base/files.ts";
import { type ChainClient, connectChain } from "../chain/client/client.ts";
import type { Pulse } from "../chain/client/pulses.ts";
import { ChainError } from "../chain/errors.ts";
import { type Signer } from "../chain/wallet/signer.ts";
import { openHotkey } from "../chain/wallet/wallet.ts";
import { Lifecycle, runUntilStopped } from "../src/command/lifecycle.ts";
import { AssayError } from "../src/errors.ts";
import { fetchJson } from "../src/network/client.ts";
import { type Hex, isHex } from "../src/protocol/digest.ts";
import type { BeaconOptions } from "./beacon-options.ts";

const MAXIMUM_FILE_BYTES = 1 << 24;
const SIGNATURE_BYTES = 48;
/** Quicknet's. */
const PERIOD_MS = 3_000;
/** A block that has to come; a chain's slot is at most this long. */
const LANDING_MS = 60_000;
const LOOK_MS = 250;
/** So many rounds that passed while nobody asked are fetched; a commit waits for one round. */
const MOST_BEHIND = 40;
const ANSWER = { limitBytes: 4096, timeoutMs: 10_000 };

const pulseSchema = z
  .object({
    round: z.number().int().positive().max(Number.MAX_SAFE_INTEGER),
    signature: z.string(),
  })
  .transform(({ round, signature }, context): Pulse => {
    const hex: Hex = `0x${signature}`;
    if (isHex(hex, SIGNATURE_BYTES)) return { round, signature: hex };
    context.addIssue({ code: "custom", message: "must be 96 hex digits", path: ["signature"] });
    return z.NEVER;
  });

/** Pulses of a text: one, a list of them, or one a line. */
function pulsesIn(text: string): readonly Pulse[] {
  const isLines = text.trimStart().startsWith("{") && text.trim().includes("\n{");
  const values: unknown = isLines
    ? text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [JSON.parse(line) as unknown]))
    : JSON.parse(text);
  return z.array(pulseSchema).parse(Array.isArray(values) ? values : [values]);
}

/** @throws AssayError bad-option */
async function readPulses(path: string): Promise<readonly Pulse[]> {
  try {
    return pulsesIn((await readWholeFile(path, MAXIMUM_FILE_BYTES)).toString("utf8"));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : fileReason(cause);
    const detail = `--file ${path} cannot be used: ${inLine(reason)}.`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
}

/** The chain, and who signs what it does not take without a signature; null: nobody. */
type Sender = { readonly client: ChainClient; readonly signer: Signer | null };

/** Whether the pool has no time for an extrinsic without a signature. */
function isCrowded(error: unknown): boolean {
  return (
    error instanceof ChainError &&
    error.fault.code === "extrinsic-invalid" &&
    /without a signature/.test(`${error.fault.reason} ${error.fault.detail}`)
  );
}

/** For nothing if the chain has time for it; else signed, if somebody can. @throws ChainError */
async function send({ client, signer }: Sender, pulse: Pulse): Promise<Hex> {
  try {
    return await client.writePulse(pulse);
  } catch (error) {
    if (signer === null || !isCrowded(error)) throw error;
    return (await client.writeSignedPulse(signer, pulse)).block.hash;
  }
}

/** Sends a pulse, and waits until it is on the chain. @throws ChainError extrinsic-invalid, extrinsic-timeout */
async function deliver(sender: Sender, pulse: Pulse): Promise<"sent" | "known"> {
  const { client } = sender;
  if (await client.hasPulse(pulse.round)) return "known";
  const hash = await send(sender, pulse);
  const until = performance.now() + LANDING_MS;
  while (performance.now() < until) {
    if (await client.hasPulse(pulse.round)) return "sent";
    await sleep(LOOK_MS);
  }
  const detail = `round ${pulse.round} (${hash}) was taken and is not on the chain after ${LANDING_MS / 1000} s`;
  throw new ChainError({ code: "extrinsic-invalid", reason: "the pulse did not arrive", detail });
}

/** Follows the API: every round from now on, those that were missed meanwhile too. */
async function follow(
  sender: Sender,
  { url, signal }: { readonly url: string; readonly signal: AbortSignal },
  print: (line: string) => void,
): Promise<void> {
  const base = url.replace(/\/+$/, "");
  const fetched = async (what: string | number): Promise<Pulse | null> =>
    fetchJson(`${base}/public/${what}`, pulseSchema, { ...ANSWER, signal });
  for (let next = 0; !signal.aborted; await sleep(PERIOD_MS, undefined, { signal })) {
    try {
      const newest = await fetched("latest");
      if (newest === null)
        throw new AssayError({ code: "peer-unreachable", url, reason: "HTTP 404" });
      for (let round = Math.max(next, newest.round - MOST_BEHIND); round <= newest.round; round++) {
        const pulse = round === newest.round ? newest : await fetched(round);
        if (pulse !== null && (await deliver(sender, pulse)) === "sent") print(`round ${round}`);
        next = round + 1;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof AssayError || error instanceof ChainError)) throw error;
      print(`waiting: ${error.summary}`);
    }
  }
}

/** Sends what the file holds, or follows the API until stopped. @throws AssayError, ChainError */
export async function runBeacon(
  { endpoint, genesis, file, url, ...keys }: BeaconOptions,
  print: (line: string) => void,
): Promise<void> {
  if ((file === undefined) === (url === undefined)) {
    const detail = "give either --file with recorded pulses or --url of the beacon's API.";
    throw new AssayError({ code: "bad-option", detail });
  }
  const pulses = file === undefined ? [] : await readPulses(file);
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  await runUntilStopped(lifecycle, async () => {
    const { signal } = lifecycle;
    const expected = genesis !== undefined && isHex(genesis, 32) && { expectedGenesis: genesis };
    const client = await connectChain({ endpoints: endpoint.split(","), signal, ...expected });
    lifecycle.onClose("chain", () => client.close());
    const { wallet, hotkey, walletFolder } = keys;
    const signer =
      wallet === undefined
        ? null
        : await openHotkey({ folder: walletFolder, name: wallet, hotkey });
    const sender = { client, signer };
    for (const pulse of pulses) {
      const word = (await deliver(sender, pulse)) === "sent" ? "" : ": there already";
      print(`round ${pulse.round}${word}`);
    }
    if (url !== undefined) await follow(sender, { url, signal }, print);
  });
}
