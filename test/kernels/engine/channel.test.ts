/** @file Calls into a worker: a crash is reported to every caller, and the process lives on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Channel } from "../../../kernels/engine/channel.ts";
import { threadPeer } from "../../../kernels/engine/peer.ts";
import { KernelError } from "../../../kernels/errors.ts";

type Methods = Readonly<
  Record<
    "echo" | "exit" | "memory" | "pooled" | "range" | "stick" | "throw",
    () => Promise<unknown>
  >
>;

const open = (): Channel<Methods> =>
  new Channel(threadPeer(new URL("../fixtures/crashing-worker.ts", import.meta.url), {}));

const coded = (code: string, message: RegExp) => (error: unknown) =>
  error instanceof KernelError && error.code === code && message.test(error.message);

test("a worker that exits fails the waiting call and the later ones", async () => {
  const channel = open();
  await assert.rejects(
    channel.call("exit"),
    coded("worker-crashed", /ended with code 7\. Start again/),
  );
  await assert.rejects(channel.call("echo"), coded("worker-crashed", /code 7/));
  await channel.close();
});

test("a worker that throws outside a call fails the waiting call with its cause", async () => {
  const channel = open();
  await assert.rejects(channel.call("throw"), coded("worker-crashed", /the provider died/));
  await channel.close();
});

test("an error inside a call keeps its code and leaves the worker alive", async () => {
  const channel = open();
  await assert.rejects(channel.call("range"), coded("bad-argument", /out of range/));
  assert.equal(await channel.call("echo"), "echo");
  await channel.close();
  await assert.rejects(channel.call("echo"), coded("closed", /closed/));
});

test("an array in Node's pool comes as a copy, and memory that ends is nobody's argument", async () => {
  const channel = open();
  assert.ok((await channel.call("pooled")) instanceof Float32Array);
  await assert.rejects(channel.call("memory"), coded("graph-invalid", /allocation failed/));
  await channel.close();
});

test("a worker that is stuck in a call is ended after the time that its calls have", async () => {
  const channel = open();
  const stuck = assert.rejects(channel.call("stick"), coded("closed", /closed/));
  await channel.close(100);
  await stuck;
});
