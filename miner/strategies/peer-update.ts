/** @file What a cheat can see of its peers: payloads of the running window are not public before its deadline. */
import type { Participant } from "../../src/neuron/participant.ts";
import { decodeBody, type SparseUpdate } from "../../src/protocol/codec.ts";
import { UPDATE_HEADER_BYTES } from "../../src/protocol/update.ts";

/** The newest accepted update of somebody else, or null when there is none to be had. */
export async function newestPeerUpdate(
  miner: Participant,
  window: number,
): Promise<SparseUpdate | null> {
  const { neuron, subnet, record, run } = miner;
  if (window === 0) return null;
  const { accepted } = await record.outcome(window - 1);
  const victim = accepted.find((commit) => commit.hotkey !== neuron.signer.publicKey);
  if (victim === undefined) return null;
  const bytes = await subnet.finder.tryFind(victim.digest, {
    limitBytes: run.maximumUpdateBytes,
    signal: neuron.signal,
    owner: victim.hotkey,
  });
  return bytes === null ? null : decodeBody(bytes.subarray(UPDATE_HEADER_BYTES), run.updateLayout);
}
