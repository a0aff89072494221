/** @file A healthy look at a subnet, for tests to make ill. */
import type { ChainClient } from "../../../../chain/client/client.ts";
import { signerFromUri } from "../../../../chain/wallet/signer.ts";
import type { Status } from "../../../../src/api/types.ts";
import type { Hex } from "../../../../src/protocol/digest.ts";
import { rulesDigest } from "../../../../src/protocol/rules.ts";
import { firstStanding } from "../../../../src/protocol/standing.ts";
import { windowClock } from "../../../../src/protocol/window.ts";
import type { RunNow } from "../../../../subnet/owner/run-now.ts";
import type { Look, RunLook } from "../../../../subnet/status/look.ts";
import type { Participant } from "../../../../subnet/status/participants.ts";
import { EXAMPLE_MANIFEST } from "../../protocol/example-manifest.ts";
import { stub } from "../../stub.ts";

const RUN_ID: Hex = `0x${"ab".repeat(32)}`;
const DIGEST: Hex = `0x${"01".repeat(32)}`;
const WINDOW = 10;
const BLOCK = EXAMPLE_MANIFEST.startBlock + 12 * WINDOW + 2;

const keyOf = (uid: number): Hex => signerFromUri(`//look//${uid}`).publicKey;

/** What a node says when all is well. */
export function statusOf(role: Status["role"], hotkey: Hex): Status {
  return {
    role,
    hotkey,
    runId: RUN_ID,
    window: WINDOW,
    thetaDigest: DIGEST,
    rulesDigest: DIGEST,
    device: "cpu",
    heldOut: role === "validator" ? { window: WINDOW - 1, loss: 2.5 } : null,
    progress: null,
    activity: "works",
  };
}

/** A participant that does what its role asks for. */
export function participantOf(
  uid: number,
  role: Participant["role"],
  more: Partial<Participant> = {},
): Participant {
  const hotkey = keyOf(uid);
  const works = role === "validator" || role === "miner";
  return {
    uid,
    hotkey,
    ss58: signerFromUri(`//look//${uid}`).ss58,
    name: null,
    role,
    axon: { ip: "127.0.0.1", port: 4000 + uid },
    stakeRao: role === "validator" ? 1_000_000_000_000n : 0n,
    active: true,
    permit: role === "validator",
    incentive: role === "miner" ? 0.5 : 0,
    dividends: role === "validator" ? 1 : 0,
    registeredWindow: -1,
    emissionRao: 1_234_567_890n,
    lastUpdate: BLOCK - 5,
    committed: works ? { window: WINDOW - 1, kind: role === "miner" ? "update" : "vote" } : null,
    answer: {
      status: statusOf(role === "idle" ? "miner" : role, hotkey),
      digests: works ? [{ window: WINDOW, digest: DIGEST }] : [],
    },
    ...more,
  };
}

/** The run of a healthy look. */
export function runNow(more: Partial<RunNow> = {}): RunNow {
  const standing = firstStanding(EXAMPLE_MANIFEST);
  return {
    head: { number: BLOCK, hash: "0x00" },
    identity: null,
    text: { runId: RUN_ID, after: null, amendment: null },
    runId: RUN_ID,
    manifest: EXAMPLE_MANIFEST,
    clock: windowClock(EXAMPLE_MANIFEST),
    swapped: false,
    window: WINDOW,
    now: standing,
    decided: { window: WINDOW + 1, standing },
    pending: null,
    rulesAt: async () => rulesDigest(standing.rules),
    ...more,
  };
}

/** The run of a healthy look, and what was seen of it. */
export function runLook(more: Partial<RunLook> = {}): RunLook {
  const finished = [7, 8, 9].map((window) => ({
    window,
    thetaDigest: DIGEST,
    acceptedUids: [2, 3],
    committedUids: [2, 3],
    votedUids: [1],
  }));
  return { run: runNow(), finished, record: null, served: { manifest: true, data: true }, ...more };
}

/** A subnet with an owner, a validator and two miners, in which nothing is wrong. */
export function lookOf(more: Partial<Look> = {}): Look {
  const running = more.running === undefined ? runLook() : more.running;
  const hyperparameters = stub<Awaited<ReturnType<ChainClient["hyperparameters"]>>>({
    tempo: 12,
    activityCutoffFactorMilli: 13_889,
    immunityPeriod: 5000,
    burnRao: 500_000n,
    maxAllowedUids: 256,
    maxAllowedValidators: 64,
    weightsRateLimit: 0,
    servingRateLimit: 0,
    commitRevealEnabled: false,
  });
  const { run } = running ?? runLook();
  return {
    endpoint: "ws://127.0.0.1:9944",
    summary: {
      netuid: 3,
      name: "mini",
      ownerColdkey: keyOf(99),
      ownerHotkey: keyOf(0),
      tempo: 12,
      neurons: 4,
      maxNeurons: 256,
      startedAt: 5,
      burnRao: 500_000n,
      stakedTaoRao: 0n,
    },
    found: { kind: "run", ...run },
    participants: [
      participantOf(0, "owner"),
      participantOf(1, "validator"),
      participantOf(2, "miner"),
      participantOf(3, "miner"),
    ],
    running,
    hyperparameters,
    nextEpoch: BLOCK + 3,
    ledger: null,
    ...more,
  };
}
