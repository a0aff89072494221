/** @file A node's JSON-RPC over HTTP, for what a measurement asks. */
import { z } from "zod";
import { fromHex, type Hex, isHex } from "../embedded/codec/bytes.ts";
import type { Header } from "../embedded/blocks/header.ts";
import type { SealedBlock } from "../native/replay.ts";

const ANSWER_MS = 5000;
const answerSchema = z.object({
  result: z.unknown(),
  error: z.object({ message: z.string() }).optional(),
});
const hexSchema = z.string().refine((text): text is Hex => isHex(text), "must be hex");
const headerSchema = z.object({
  parentHash: hexSchema,
  number: z.string().regex(/^0x[\da-f]{1,8}$/, "must be a number in hex"),
  stateRoot: hexSchema,
  extrinsicsRoot: hexSchema,
  digest: z.object({ logs: z.array(hexSchema) }),
});
const blockSchema = z.object({
  block: z.object({ header: headerSchema, extrinsics: z.array(hexSchema) }),
});

/** Result of a method. @throws Error when the node refuses, or does not answer in time */
export async function ask(
  port: number,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${port}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const { result, error } = answerSchema.parse(await response.json());
  if (error !== undefined) throw new Error(`${method}: ${error.message}`);
  return result;
}

function headerOf(value: unknown): Header {
  const { digest, number, ...roots } = headerSchema.parse(value);
  return { ...roots, number: Number(number), logs: digest.logs.map((log) => fromHex(log)) };
}

/** Version of the runtime of a node's newest block. */
export async function specVersionOf(port: number): Promise<number> {
  const version = z.object({ specVersion: z.int() });
  return version.parse(await ask(port, "state_getRuntimeVersion", [])).specVersion;
}

/** Numbers of the newest and of the newest final block. */
export type Height = { readonly best: number; readonly final: number };

/** Where a node stands. */
export async function heightOf(port: number): Promise<Height> {
  const hash = await ask(port, "chain_getFinalizedHead", []);
  const [best, final] = await Promise.all([
    ask(port, "chain_getHeader", []),
    ask(port, "chain_getHeader", [hash]),
  ]);
  return { best: headerOf(best).number, final: headerOf(final).number };
}

/** Hash of a block by number. */
export async function hashOf(port: number, number: number): Promise<Hex> {
  return hexSchema.parse(await ask(port, "chain_getBlockHash", [number]));
}

/** Removes the SCALE length in front. */
function withoutLength(bytes: Uint8Array): Uint8Array {
  const mode = (bytes[0] ?? 0) & 3;
  return bytes.subarray([1, 2, 4][mode] ?? ((bytes[0] ?? 0) >> 2) + 5);
}

/** A block by hash. */
export async function blockOf(port: number, hash: Hex): Promise<SealedBlock> {
  const { block } = blockSchema.parse(await ask(port, "chain_getBlock", [hash]));
  const extrinsics = block.extrinsics.map((one) => withoutLength(fromHex(one)));
  return { header: headerOf(block.header), extrinsics };
}
