/**
 * @file An axon under attack by readers that never read: what made one deaf for minutes once.
 * The long form with figures is bench/network-attack.ts.
 */
import { test } from "node:test";
import { holdsAgainst, skipSieges as skip } from "../../support/sieges.ts";

test("under attack by never-read, drip-readers", { skip }, () =>
  holdsAgainst(["never-read", "drip-readers"]),
);
