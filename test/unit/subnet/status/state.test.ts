/** @file States of uids at every distance from their last commitment. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stateOf } from "../../../../subnet/status/state.ts";

type Known = Parameters<typeof stateOf>[0];
const AXON: Known["axon"] = { ip: "192.0.2.1", port: 9 };
const miner: Known = {
  role: "miner",
  permit: false,
  axon: AXON,
  committed: null,
  registeredWindow: -2,
};
const last = (window: number): Known => ({ ...miner, committed: { window, kind: "update" } });

test("a miner is judged by the windows that it missed, not by the one that runs", () => {
  const states = [10, 9, 8, 7, 6, 5, 0].map((window) => stateOf(last(window), 10));
  assert.deepEqual(states, ["working", "working", "late", "late", "gone", "gone", "gone"]);
});

test("a commitment of an earlier run says nothing, and without a run nobody is late", () => {
  assert.equal(stateOf(last(-4), 10), "starting");
  assert.equal(stateOf(last(3), null), "starting");
  assert.equal(stateOf({ ...miner, axon: null }, 10), "new");
});

test("validators need a permit; who does neither has no state", () => {
  const validator: Known = { ...miner, role: "validator", permit: true };
  assert.equal(stateOf({ ...validator, permit: false }, 10), "no-permit");
  assert.equal(stateOf({ ...validator, committed: { window: 10, kind: "vote" } }, 10), "working");
  assert.equal(stateOf(validator, 10), "starting");
  assert.equal(stateOf({ ...miner, role: "owner" }, 10), "none");
  assert.equal(stateOf({ ...miner, role: "idle", axon: null }, 10), "none");
  assert.equal(stateOf({ ...miner, role: "idle" }, 10), "starting");
});

test("a hotkey that just got its uid is new until it publishes an address, for a few windows", () => {
  const idle: Known = { ...miner, role: "idle", axon: null };
  const states = [10, 9, 8, 7, 6].map((window) =>
    stateOf({ ...idle, registeredWindow: window }, 10),
  );
  assert.deepEqual(states, ["new", "new", "new", "new", "none"]);
  assert.equal(stateOf({ ...idle, registeredWindow: 10, axon: AXON }, 10), "starting");
  assert.equal(stateOf({ ...idle, registeredWindow: null }, null), "none");
  assert.equal(stateOf({ ...idle, role: "owner", registeredWindow: 10 }, 10), "none");
});
