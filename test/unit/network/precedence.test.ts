/** @file Peers first: strangers' answers give way while one to a peer is under way, lose nothing by it, and go on afterwards. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Precedence } from "../../../src/network/precedence.ts";

async function* pieces(count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Uint8Array.of(index);
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield Uint8Array.of(1);
  throw new Error("damaged");
}

/** All pieces of an answer, and how long they took. */
async function taken(answer: AsyncIterable<Uint8Array>): Promise<{ bytes: number[]; ms: number }> {
  const began = performance.now();
  const bytes: number[] = [];
  for await (const piece of answer) bytes.push(...piece);
  return { bytes, ms: performance.now() - began };
}

const COUNT = 30;
const ALL = Array.from({ length: COUNT }, (_, index) => index);
/** Thirty times ten milliseconds, as timers count. */
const GIVES_WAY_MS = 270;

test("a stranger gives way to a peer for as long as its answer is under way, and to nobody else", async () => {
  const precedence = new Precedence();
  const peer = precedence.inOrder(pieces(COUNT), true);
  await peer.next();
  const beside = await taken(precedence.inOrder(pieces(COUNT), false));
  assert.deepEqual(beside.bytes, ALL);
  assert.ok(beside.ms >= GIVES_WAY_MS, `${beside.ms} ms beside a peer`);
  // The peer hangs up in the middle.
  await peer.return(undefined);
  const stranger = precedence.inOrder(pieces(COUNT), false);
  await stranger.next();
  const alone = await taken(precedence.inOrder(pieces(COUNT), false));
  assert.deepEqual(alone.bytes, ALL);
  assert.ok(alone.ms < GIVES_WAY_MS, `${alone.ms} ms beside a stranger`);
});

test("peers do not give way to each other, and a source that breaks is no longer under way", async () => {
  const precedence = new Precedence();
  await precedence.inOrder(pieces(COUNT), true).next();
  const other = await taken(precedence.inOrder(pieces(COUNT), true));
  assert.deepEqual(other.bytes, ALL);
  assert.ok(other.ms < GIVES_WAY_MS, `${other.ms} ms beside a peer`);
  const own = new Precedence();
  await assert.rejects(taken(own.inOrder(broken(), true)), /damaged/);
  assert.ok((await taken(own.inOrder(pieces(COUNT), false))).ms < GIVES_WAY_MS);
});
