/** @file A miner that is paid for packing text small: answers the signed requests of validators. */
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { question, runNeuron } from "assay/framework";
import { z } from "zod";

const options = z.object({
  method: z
    .enum(["brotli", "gzip", "none"])
    .default("brotli")
    .meta({ description: "how to pack: brotli, gzip, or none to see what laziness earns" }),
});

await runNeuron(
  { name: "compress-miner", description: "packs text, earns", role: "miner", options },
  async (neuron, { method }) => {
    const pack = (text: string): Buffer => {
      if (method === "none") return Buffer.from(text);
      if (method === "gzip") return gzipSync(text, { level: 9 });
      return brotliCompressSync(text, {
        params: { [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
      });
    };
    await neuron.serve({
      pack: question(z.strictObject({ text: z.string().max(60_000) }), ({ text }, { hotkey }) => {
        const packed = pack(text);
        neuron.say(`${hotkey.slice(0, 10)}: ${text.length} characters in ${packed.length} bytes`);
        return { method, packed: packed.toString("base64") };
      }),
    });
    await neuron.untilStopped();
  },
);
