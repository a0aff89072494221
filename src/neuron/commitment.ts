/** @file Puts a commitment on the chain inside a phase, through outages: whoever does not know whether it is there looks, and sends it again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { CommitmentField } from "../../chain/client/client.ts";
import { ChainError } from "../../chain/errors.ts";
import type { Participant } from "./participant.ts";

/** The first and the last block in which a commitment counts. */
export type Phase = { readonly first: number; readonly last: number };

/** The block of a commitment, or why none is known: the chain refused it, or has not answered before the phase was over. */
export type Landing = number | "unknown" | ChainError;

/** Failures after which nobody has said whether the call is on the chain. */
const UNKNOWN: ReadonlySet<string> = new Set(["chain-unreachable", "extrinsic-timeout"]);

/** Between two attempts that a chain neither takes nor refuses. */
const AGAIN_MS = 500;

/** One attempt; "unknown" when nobody has said what became of it. @throws what is no failure of the chain */
async function send(
  { neuron, subnet }: Participant,
  fields: readonly CommitmentField[],
): Promise<Landing> {
  try {
    const { block } = await subnet.chain.setCommitment(neuron.signer, subnet.netuid, fields);
    return block.number;
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    neuron.log.warn({ fault: error.fault }, "commitment not confirmed");
    return UNKNOWN.has(error.code) ? "unknown" : error;
  }
}

/** The block in which the chain has a commitment of this hotkey since `first`; null: none yet. Waits while the chain is away. */
async function found({ neuron, subnet }: Participant, { first }: Phase): Promise<number | null> {
  const { publicKey } = neuron.signer;
  const block = (await subnet.chain.commitments(subnet.netuid, [publicKey])).get(publicKey)?.block;
  return block !== undefined && block >= first ? block : null;
}

/**
 * Sends `fields` until they are known to be on the chain, or the phase is over: a chain that is away for a while stands still
 * itself, so that there may be time left once it answers. A hotkey has one thing to say in a phase, so what it has said in it
 * was this. The client follows what it has sent before on when it is asked for the same again.
 * @throws what is no ChainError, and the neuron's abort
 */
export async function landCommitment(
  participant: Participant,
  fields: readonly CommitmentField[],
  phase: Phase,
): Promise<Landing> {
  const { neuron, subnet } = participant;
  let landing = send(participant, fields);
  // A chain that was away may answer many windows later; by then this counts no more, or is on the record.
  const over = subnet.blocks.reached(phase.last + 1, neuron.signal).then(() => "over" as const);
  over.catch(() => undefined);
  for (let isFirst = true; ; isFirst = false) {
    landing.catch(() => undefined);
    const ended = await Promise.race([landing, over]);
    if (ended === "over") return "unknown";
    // What came too late may be the second of two.
    if (!isFirst && typeof ended === "number" && ended > phase.last) return "unknown";
    if (ended !== "unknown") return ended;
    if (isFirst) neuron.say("the chain did not say whether it has the commitment; asking it");
    else await sleep(AGAIN_MS, undefined, { signal: neuron.signal });
    const known = found(participant, phase);
    known.catch(() => undefined);
    const block = await Promise.race([known, over]);
    if (block !== null) return block === "over" ? "unknown" : block;
    landing = send(participant, fields);
  }
}
