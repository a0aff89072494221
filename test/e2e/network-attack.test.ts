/**
 * @file More sieges of an axon than `npm test` has time for: sockets that idle, drip, run ahead and ask in vain.
 * The long form with figures is bench/network-attack.ts.
 */
import { test } from "node:test";
import { holdsAgainst, skipSieges as skip } from "../support/sieges.ts";

// One after the other: each would be in the other's figures.
test("under attack by idle sockets", { skip }, () =>
  holdsAgainst(["idle-many-addresses", "idle-one-address", "silent"]),
);
test("under attack by drips and by requests ahead", { skip }, () =>
  holdsAgainst(["drip-headers", "drip-bodies", "pipelining", "many-heads"]),
);
test("under attack by a flood of requests", { skip }, () => holdsAgainst(["requests"]));
test("fetching from hostile axons", { skip }, () =>
  holdsAgainst(["endless-answers", "gzip-bombs", "no-answers", "wrong-answers", "drip-answers"]),
);
