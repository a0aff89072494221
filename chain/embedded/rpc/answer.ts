/**
 * @file One answer as it is sent. Metadata and code are hundreds of kilobytes and the same for all who ask: they are written once, and
 * every client is sent the same bytes.
 */
import { type JsonValue, writeExactJson } from "../codec/exact-json.ts";
import type { RpcFailure } from "./failure.ts";

/** What a method gave. */
export type Reply = { readonly result: JsonValue } | { readonly error: RpcFailure };
/** Its text; of a large one in three parts, of which the middle is shared. */
export type RpcAnswer =
  | string
  | { readonly head: string; readonly body: Buffer; readonly tail: string };

/** Shorter ones are written as they come. */
const LARGE_CHARACTERS = 64 * 1024;
const KEPT = 4;

/** The last large texts, as JSON. */
const written = new Map<string, Buffer>();

function bodyOf(result: string): Buffer {
  const body = written.get(result) ?? Buffer.from(JSON.stringify(result));
  written.delete(result);
  written.set(result, body);
  for (const oldest of written.keys()) {
    if (written.size <= KEPT) break;
    written.delete(oldest);
  }
  return body;
}

/** The answer to the request `id`. */
export function answerOf(reply: Reply, id: JsonValue): RpcAnswer {
  const result = "result" in reply ? reply.result : null;
  if (typeof result !== "string" || result.length < LARGE_CHARACTERS)
    return writeExactJson({ jsonrpc: "2.0", ...reply, id });
  const head = '{"jsonrpc":"2.0","result":';
  return { head, body: bodyOf(result), tail: `,"id":${writeExactJson(id)}}` };
}

/** Bytes of an answer, as near as it matters. */
export function sizeOf(answer: RpcAnswer): number {
  if (typeof answer === "string") return answer.length;
  return answer.head.length + answer.body.length + answer.tail.length;
}

/** An answer as one text. */
export function textOf(answer: RpcAnswer): string {
  if (typeof answer === "string") return answer;
  return `${answer.head}${answer.body.toString("utf8")}${answer.tail}`;
}

/** An answer in parts. */
export function partsOf(answer: RpcAnswer): readonly (string | Buffer)[] {
  return typeof answer === "string" ? [answer] : [answer.head, answer.body, answer.tail];
}
