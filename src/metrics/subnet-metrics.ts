/** @file What a node tells of its subnet: the figures of its page, so that both are one. A miner tells its own uid's alone. */
import type { LossView, NowView, ParticipantView, WindowView } from "../api/page.ts";
import { isReason } from "../gauntlet/verdict.ts";
import { each, type Metric, only, type Sample } from "./metric.ts";

/** What a page holds. */
export type SubnetState = {
  /** The newest block that was looked at; null before the first look. */
  readonly now: NowView | null;
  /** Windows that are over, and held-out losses, ascending. */
  readonly windows: readonly WindowView[];
  readonly losses: readonly LossView[];
  /** Whether it was looked at just now. */
  readonly isFresh: boolean;
};

const RAO = 1e9;
/** A verdict that this version has no words for: its text is its validator's. */
const OTHER = "other";

const inAlpha = (rao: string): number => Number(rao) / RAO;
const codeOf = (code: string): string => (isReason(code) ? code : OTHER);

/** Whom the node tells about: a miner of itself, everybody else of all uids of the subnet. */
function told({ now }: SubnetState): readonly ParticipantView[] {
  if (now === null) return [];
  const { role, hotkey } = now.node;
  return role === "miner"
    ? now.participants.filter(({ ss58 }) => ss58 === hotkey)
    : now.participants;
}

const ofUid = (
  state: SubnetState,
  read: (participant: ParticipantView) => number | null,
): readonly Sample[] => each("uid", told(state), (one) => [one.uid, read(one)]);

/** The newest window that a validator recorded. */
const newest = ({ windows }: SubnetState): WindowView | undefined => windows.at(-1);

const CLOCK: readonly Metric<SubnetState>[] = [
  {
    name: "assay_look_failed",
    kind: "gauge",
    help: "1 while the chain or its validators do not answer the node, so that what it tells of its subnet may be old.",
    of: ({ now, isFresh }) => only(!isFresh || (now?.trouble ?? null) !== null),
  },
  {
    name: "assay_tempo_blocks",
    kind: "gauge",
    help: "Tempo of the subnet: blocks between two epochs.",
    of: ({ now }) => only(now?.tempo),
  },
  {
    name: "assay_window_blocks",
    kind: "gauge",
    help: "Blocks of a window.",
    of: ({ now }) => only(now?.run?.blocksPerWindow),
  },
  {
    name: "assay_run_window",
    kind: "gauge",
    help: "Window that runs; negative before the first one.",
    of: ({ now }) => only(now?.run?.window),
  },
  {
    name: "assay_run_windows",
    kind: "gauge",
    help: "Windows that the run is to have; 0 for an endless one.",
    of: ({ now }) => only(now?.run?.windows),
  },
  {
    name: "assay_phase_blocks",
    kind: "gauge",
    help: "Blocks of each phase of a window.",
    labels: ["phase"],
    of: ({ now }) => each("phase", now?.run?.phases ?? [], ({ name, blocks }) => [name, blocks]),
  },
  {
    name: "assay_phase_done_blocks",
    kind: "gauge",
    help: "Blocks of each phase of the window that are made.",
    labels: ["phase"],
    of: ({ now }) => each("phase", now?.run?.phases ?? [], ({ name, done }) => [name, done]),
  },
  {
    name: "assay_run_parameters",
    kind: "gauge",
    help: "Parameters of the run's model.",
    of: ({ now }) => only(now?.run?.parameters),
  },
];

const RECORDS: readonly Metric<SubnetState>[] = [
  {
    name: "assay_held_out_loss_nats",
    kind: "gauge",
    help: "Newest loss on text that nobody trains on, in nats per token, as a validator measured it.",
    curve: ({ losses }) => losses.at(-1)?.window,
    of: ({ losses }) => only(losses.at(-1)?.loss),
  },
  {
    name: "assay_held_out_loss_window",
    kind: "gauge",
    help: "Window whose parameters have that loss.",
    of: ({ losses }) => only(losses.at(-1)?.window),
  },
  {
    name: "assay_record_window",
    kind: "gauge",
    help: "Newest window that a validator recorded; the other assay_record_ metrics are of it.",
    of: (state) => only(newest(state)?.window),
  },
  {
    name: "assay_record_updates_seen",
    kind: "gauge",
    help: "Updates that came.",
    curve: (state) => newest(state)?.window,
    of: (state) => only(newest(state)?.seen),
  },
  {
    name: "assay_record_updates_accepted",
    kind: "gauge",
    help: "Updates that the majority applied.",
    curve: (state) => newest(state)?.window,
    of: (state) => only(newest(state)?.accepted.length),
  },
  {
    name: "assay_record_updates_bytes",
    kind: "gauge",
    help: "Bytes of all updates that came, headers included.",
    curve: (state) => newest(state)?.window,
    of: (state) => only(newest(state)?.bytes),
  },
  {
    name: "assay_record_own_gain_ratio",
    kind: "gauge",
    help: "Mean relative fall of the loss by the applied updates, each alone, on their own pages.",
    curve: (state) => newest(state)?.window,
    of: (state) => only(newest(state)?.own),
  },
  {
    name: "assay_record_noise_gain_ratio",
    kind: "gauge",
    help: "The same on pages that nobody was assigned.",
    curve: (state) => newest(state)?.window,
    of: (state) => only(newest(state)?.noise),
  },
  {
    name: "assay_record_window_seconds",
    kind: "gauge",
    help: "How long the window took, where the node saw its blocks come.",
    curve: (state) => newest(state)?.window,
    of: (state) => only(newest(state)?.seconds),
  },
  {
    name: "assay_record_verdicts",
    kind: "gauge",
    help: "Updates by what became of them; codes that this version does not know count as other.",
    labels: ["code"],
    curve: (state) => newest(state)?.window,
    of(state) {
      const counts = new Map<string, number>();
      for (const [code, count] of Object.entries(newest(state)?.verdicts ?? {}))
        counts.set(codeOf(code), (counts.get(codeOf(code)) ?? 0) + count);
      return each("code", counts, (entry) => entry);
    },
  },
];

const NEURONS: readonly Metric<SubnetState>[] = [
  {
    name: "assay_neurons",
    kind: "gauge",
    help: "Uids by what they do, as chain and records tell.",
    labels: ["role"],
    of({ now }) {
      const roles = ["owner", "validator", "miner", "idle"];
      if (now === null) return [];
      const count = (role: string): number =>
        now.participants.filter((one) => one.role === role).length;
      return each("role", roles, (role) => [role, count(role)]);
    },
  },
  {
    name: "assay_neuron_incentive_ratio",
    kind: "gauge",
    help: "Share of what the last epoch paid to miners.",
    labels: ["uid"],
    curve: ({ now }) => now?.run?.window,
    of: (state) => ofUid(state, ({ incentive }) => incentive),
  },
  {
    name: "assay_neuron_dividends_ratio",
    kind: "gauge",
    help: "Share of what the last epoch paid to validators.",
    labels: ["uid"],
    curve: ({ now }) => now?.run?.window,
    of: (state) => ofUid(state, ({ dividends }) => dividends),
  },
  {
    name: "assay_neuron_agreement_ratio",
    kind: "gauge",
    help: "How much of a validator's weights the stake majority agreed with.",
    labels: ["uid"],
    of: (state) => ofUid(state, ({ role, agreement }) => (role === "validator" ? agreement : null)),
  },
  {
    name: "assay_neuron_stake_alpha",
    kind: "gauge",
    help: "Stake, in alpha.",
    labels: ["uid"],
    of: (state) => ofUid(state, ({ stakeRao }) => inAlpha(stakeRao)),
  },
  {
    name: "assay_neuron_epoch_pay_alpha",
    kind: "gauge",
    help: "What the last epoch paid, in alpha.",
    labels: ["uid"],
    of: (state) => ofUid(state, ({ emissionRao }) => inAlpha(emissionRao)),
  },
  {
    name: "assay_neuron_weights_block",
    kind: "gauge",
    help: "Block of a validator's newest weights on the chain.",
    labels: ["uid"],
    of: (state) =>
      ofUid(state, ({ role, lastUpdate }) => (role === "validator" ? lastUpdate : null)),
  },
  {
    name: "assay_neuron_score",
    kind: "gauge",
    help: "A miner's score in the newest record.",
    labels: ["uid"],
    curve: (state) => newest(state)?.window,
    of: (state) => ofUid(state, ({ judged }) => judged?.score ?? null),
  },
  {
    name: "assay_neuron_weight_ratio",
    kind: "gauge",
    help: "A miner's part of what the newest record's weights give to all.",
    labels: ["uid"],
    curve: (state) => newest(state)?.window,
    of: (state) => ofUid(state, ({ judged }) => judged?.share ?? null),
  },
  {
    name: "assay_neuron_verdict",
    kind: "gauge",
    help: "Always 1; what became of a miner's update in the newest record.",
    labels: ["uid", "code"],
    of: (state) =>
      told(state).flatMap(({ uid, judged }) =>
        judged === null
          ? []
          : [{ labels: { uid: String(uid), code: codeOf(judged.verdict.code) }, value: 1 }],
      ),
  },
];

/** Parts of the ledger under their names as labels. */
const LEDGER = {
  issued: "issuedRao",
  paid_neurons: "paidNeuronsRao",
  paid_owner: "paidOwnerRao",
  carried: "carriedRao",
  pending: "pendingRao",
  burned: "burnedRao",
} as const;

const ECONOMY: readonly Metric<SubnetState>[] = [
  {
    name: "assay_weights_age_blocks",
    kind: "gauge",
    help: "Of a validator: blocks since its newest weights on the chain.",
    of({ now }) {
      if (now?.node.role !== "validator") return [];
      const self = now.participants.find(({ ss58 }) => ss58 === now.node.hotkey);
      return only(self && now.block - self.lastUpdate);
    },
  },
  {
    name: "assay_ledger_alpha",
    kind: "gauge",
    help: "Where the subnet's emission went since its first block, in alpha: issued is the sum of the others.",
    labels: ["part"],
    of({ now }) {
      const ledger = now?.ledger;
      if (!ledger) return [];
      return each("part", Object.entries(LEDGER), ([part, key]) => [part, inAlpha(ledger[key])]);
    },
  },
  {
    name: "assay_registration_price_tao",
    kind: "gauge",
    help: "What a uid costs now, in TAO.",
    of: ({ now }) => (now?.burnRao ? only(inAlpha(now.burnRao)) : []),
  },
  {
    name: "assay_localnet_waiting_seconds",
    kind: "gauge",
    help: "Of a local network: for how long its chain has waited for nodes; 0 while it does not.",
    of: ({ now }) => (now?.local ? only(now.local.waiting?.seconds ?? 0) : []),
  },
  {
    name: "assay_localnet_digests_equal",
    kind: "gauge",
    help: "Of a local network: 1 while all nodes derived the same parameters.",
    of: ({ now }) => only(now?.local?.digestsEqual),
  },
];

/** Everything that a node tells of its subnet. */
export const SUBNET_METRICS: readonly Metric<SubnetState>[] = [
  ...CLOCK,
  ...RECORDS,
  ...NEURONS,
  ...ECONOMY,
];
