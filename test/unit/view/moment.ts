/** @file A moment of a run with some participants, for screens. */
import type { LossView, NowView, ParticipantView } from "../../../src/api/page.ts";

const ACCEPTED = { code: "accepted", text: "the update was accepted and applied" };
const REFUSED = {
  code: "gate-failed",
  text: "the update did not lower the loss on pages that nobody was assigned",
};

function participant(uid: number): ParticipantView {
  const role = uid === 0 ? "owner" : uid <= 2 ? "validator" : "miner";
  return {
    uid,
    hotkey: `0x${uid.toString(16).padStart(64, "0")}`,
    ss58: `5Hotkey${uid}`,
    name: uid % 2 === 0 ? `node-${uid}` : null,
    kind: null,
    role,
    url: null,
    stakeRao: role === "validator" ? "600000000000" : "0",
    permit: role === "validator",
    incentive: role === "miner" ? 0.125 : 0,
    dividends: role === "validator" ? 0.5 : 0,
    agreement: null,
    emissionRao: "1000000000",
    paidRao: String(1_500_000_000 * uid),
    registeredAt: 1,
    lastUpdate: 5,
    judged:
      role === "miner"
        ? {
            window: 11,
            verdict: uid % 2 === 0 ? ACCEPTED : REFUSED,
            score: 0.25 * uid,
            share: 0.125,
            record: null,
          }
        : null,
  };
}

/** @param uids how many take part */
export function momentOf(uids = 6): {
  readonly now: NowView;
  readonly losses: readonly LossView[];
} {
  return {
    now: {
      node: { role: "miner", hotkey: "5Hotkey4", device: "cpu", activity: "training" },
      block: 321,
      blockHash: "0x01",
      genesis: "0x02",
      netuid: 1,
      tempo: 12,
      run: {
        runId: "0x03",
        name: "demo",
        window: 12,
        windows: 60,
        phases: [
          { name: "train", done: 6, blocks: 6 },
          { name: "commit", done: 1, blocks: 2 },
          { name: "reveal", done: 0, blocks: 2 },
          { name: "judge", done: 0, blocks: 2 },
        ],
        blocksPerWindow: 12,
        startBlock: 30,
        mode: "credit",
        parameters: 100_000,
        denseBytes: 400_000,
      },
      participants: Array.from({ length: uids }, (_, uid) => participant(uid)),
      paidSince: 1,
      ledger: null,
      burnRao: null,
      losses: null,
      trouble: null,
      local: null,
    },
    losses: [5.5, 4.2, 3.6, 3.3].map((loss, window) => ({ window, loss })),
  };
}
