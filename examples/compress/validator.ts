/** @file A validator that pays for packing text small: asks every miner, checks every answer, sets weights. */
import { brotliDecompressSync, gunzipSync, gzipSync } from "node:zlib";
import { type Hex, runNeuron } from "assay/framework";
import { z } from "zod";
import { textFor } from "./text.ts";

const answered = z.strictObject({
  method: z.enum(["brotli", "gzip", "none"]),
  packed: z.base64().max(200_000),
});
type Answer = z.output<typeof answered>;

/** What an answer is worth: how much smaller than gzip it is, squared; nothing for what does not unpack to that very text. */
export function worthOf(text: string, { method, packed }: Answer): number {
  const bytes = Buffer.from(packed, "base64");
  // A few bytes can unfold to any number: no more is unpacked than the text has.
  const limit = { maxOutputLength: text.length };
  try {
    const unpacked =
      method === "brotli"
        ? brotliDecompressSync(bytes, limit)
        : method === "gzip"
          ? gunzipSync(bytes, limit)
          : bytes;
    return unpacked.equals(Buffer.from(text)) ? (gzipSync(text).length / bytes.length) ** 2 : 0;
  } catch {
    return 0;
  }
}

const options = z.object({
  window: z.coerce
    .number()
    .int()
    .min(2)
    .default(20)
    .meta({ description: "blocks from one question to the next" }),
});

await runNeuron(
  {
    name: "compress-validator",
    description: "asks, checks, sets weights",
    role: "validator",
    options,
  },
  async (neuron, { window: length }) => {
    /** Averages by hotkey: one lucky or missed window is not worth much. */
    const average = new Map<Hex, number>();
    for await (const { index, seed } of neuron.windows(length)) {
      const miners = await neuron.peers();
      const found = await Promise.all(
        miners.map(async (peer) => {
          const text = textFor(seed, peer.hotkey);
          const [reply] = await neuron.askAll([peer], {
            verb: "pack",
            body: { text },
            schema: answered,
          });
          return [
            peer,
            reply !== undefined && "answer" in reply ? worthOf(text, reply.answer) : 0,
          ] as const;
        }),
      );
      for (const [{ hotkey }, worth] of found)
        average.set(hotkey, 0.8 * (average.get(hotkey) ?? 0) + 0.2 * worth);
      const fate = await neuron.setWeights(average);
      const worths = found.map(([{ uid }, worth]) => `uid ${uid} ${worth.toFixed(2)}`).join(", ");
      neuron.say(`window ${index}: ${worths || "nobody answers yet"}; weights ${fate.kind}`);
    }
  },
);
