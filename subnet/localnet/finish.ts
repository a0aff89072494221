/** @file After the last window: the last parameters as a file, the losses, the comparison runs, a text sample. */
import { join } from "node:path";
import { startEngine } from "../../kernels/engine/engine.ts";
import { encodeCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { heldOutLoss } from "../../src/run/held-out.ts";
import { engineOptionsOf } from "../../src/run/run.ts";
import type { Rederived } from "../audit/rederive.ts";
import { type Comparison, HELD_OUT_SEQUENCES, trainWithoutNetwork } from "../baseline/baseline.ts";
import { printable } from "../generate/printable.ts";
import type { Localnet } from "./boot.ts";
import { OWNER_BLOBS } from "./owner.ts";
import type { FinalCheckpoint } from "./summary.ts";

const SAMPLE_BYTES = 400;
const SAMPLE_PROMPT = "export interface ";
const SAMPLE_TEMPERATURE = 0.7;

/** Stores the last parameters among the owner's blobs, so that a run which was stopped early keeps them too. */
export async function keepFinal(net: Localnet, last: Rederived): Promise<FinalCheckpoint> {
  const { run, theta, window, digests } = last;
  const checkpoint = await net.subnet.blobs.put(encodeCheckpoint(run.layout, theta));
  const thetaDigest = digests.find((one) => one.window === window)?.digest ?? "0x";
  const path = join(net.folder, OWNER_BLOBS, checkpoint.slice(2));
  return { runId: run.runId, window, thetaDigest, checkpoint, path };
}

/** Held-out losses of the first and the last parameters, and what the model writes. */
export async function measure(
  last: Rederived,
): Promise<{ start: number; end: number; sample: string }> {
  const { run, genesisTheta, theta } = last;
  const engine = await startEngine({ ...engineOptionsOf(run.manifest), batch: 1, device: "cpu" });
  try {
    await engine.setParameters(genesisTheta);
    const start = await heldOutLoss(engine, run, HELD_OUT_SEQUENCES);
    await engine.setParameters(theta);
    const end = await heldOutLoss(engine, run, HELD_OUT_SEQUENCES);
    const prompt = Int32Array.from(Buffer.from(SAMPLE_PROMPT));
    const drawn = await engine.sample({
      prompt,
      count: SAMPLE_BYTES,
      temperature: SAMPLE_TEMPERATURE,
      seed: 1,
    });
    return {
      start,
      end,
      sample: SAMPLE_PROMPT + printable(new TextDecoder().decode(Uint8Array.from(drawn))),
    };
  } finally {
    await engine.close();
  }
}

/** The two comparison runs side by side: everybody's batches on one node, and one honest miner alone. */
export async function compare(
  net: Localnet,
  last: Rederived,
  parts: { signal: AbortSignal; step(text: string): void },
): Promise<{ baselineLoss: number; aloneLoss: number }> {
  const honest = net.members.flatMap((member, uid) => (member.kind === "honest" ? [uid] : []));
  let told = 0;
  const common: Omit<Comparison, "uids"> = {
    run: last.run,
    blocks: net.subnet.blocks,
    windows: last.window,
    genesisTheta: last.genesisTheta,
    signal: parts.signal,
    progress: (done) => {
      const quarter = Math.floor((4 * done) / Math.max(1, last.window));
      if (quarter > told) parts.step(`comparison runs without a network: ${25 * quarter} %`);
      told = Math.max(told, quarter);
    },
  };
  const quiet = { ...common, progress: () => undefined };
  const [baselineLoss, aloneLoss] = await Promise.all([
    trainWithoutNetwork({ ...common, uids: honest }, "synchronous"),
    trainWithoutNetwork({ ...quiet, uids: honest.slice(0, 1) }, "alone"),
  ]);
  return { baselineLoss, aloneLoss };
}
