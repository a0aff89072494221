/** @file The newest block as the page shows it. */
import type { Metagraph, Neuron } from "../../chain/client/metagraph.ts";
import type { EmissionLedger } from "../../chain/client/subnet.ts";
import { ss58Of } from "../../chain/wallet/account.ts";
import { layoutOf, specsOf } from "../../kernels/nn/model.ts";
import type { LedgerView, ParticipantView, RoleView, RunView } from "../api/page.ts";
import type { Hex } from "../protocol/digest.ts";
import { modeOf } from "../protocol/scoring.ts";
import type { AmendedRun } from "../run/amendments.ts";
import type { Earnings } from "../run/earnings.ts";
import { phasesAt } from "../view/phases.ts";
import type { History, Recorded } from "./history.ts";
import type { Links } from "./links.ts";
import type { Known } from "./subject.ts";

const U16_MAX = 65_535;
const FLOAT32_BYTES = 4;
/** Windows in which somebody must have committed or voted to count as one who does. */
const ROLE_WINDOWS = 8;

/** What a participant is put together from. */
export type NowParts = {
  readonly graph: Metagraph;
  readonly history: History | null;
  readonly earnings: Pick<Earnings, "paidTo">;
  /** By uid, of 65535. */
  readonly agreement: readonly number[] | null;
  readonly links: Links;
  readonly who: (hotkey: Hex) => Known | null;
};

/** Parameters of a run's model: constant, and worth asking once. */
export function parametersOf({ manifest }: Pick<AmendedRun, "manifest">): number {
  return layoutOf(specsOf(manifest.model)).lengths.reduce((sum, length) => sum + length, 0);
}

/** The run at a height. */
export function runView(run: AmendedRun, height: number, parameters: number): RunView {
  const { runId, manifest, clock } = run;
  const { windows } = manifest;
  const window = clock.windowOf(height);
  return {
    runId,
    name: manifest.name,
    window: windows === 0 ? window : Math.min(window, windows),
    windows,
    phases: phasesAt(manifest, clock, height),
    blocksPerWindow: clock.blocksPerWindow,
    startBlock: manifest.startBlock,
    mode: modeOf(manifest.scoring),
    parameters,
    denseBytes: parameters * FLOAT32_BYTES,
  };
}

/** Who committed updates and who voted lately, by uid. */
type Doing = { readonly mined: ReadonlySet<number>; readonly voted: ReadonlySet<number> };

function doingIn(history: History | null): Doing {
  const recent = history?.windows.slice(-ROLE_WINDOWS) ?? [];
  const mined = recent.flatMap(({ rows }) =>
    rows.filter(({ payloadDigest }) => payloadDigest !== null).map(({ uid }) => uid),
  );
  const voted = recent.flatMap(({ votes }) =>
    votes.filter((vote) => vote.voted).map(({ uid }) => uid),
  );
  return { mined: new Set(mined), voted: new Set(voted) };
}

/** What a uid does. Emission is stake, so that miners hold permits too: what was done counts first. */
function roleOf(
  neuron: Pick<Neuron, "uid" | "hotkey" | "validatorPermit" | "stakeRao">,
  known: { readonly ownerHotkey: Hex; readonly kind: string | null; readonly doing: Doing },
): RoleView {
  const { kind, doing, ownerHotkey } = known;
  if (kind !== null) return kind === "owner" || kind === "validator" ? kind : "miner";
  if (doing.voted.has(neuron.uid)) return "validator";
  if (doing.mined.has(neuron.uid)) return "miner";
  if (neuron.hotkey === ownerHotkey) return "owner";
  return neuron.validatorPermit && neuron.stakeRao > 0n ? "validator" : "idle";
}

/** The newest record's word on a hotkey. */
function judgedIn(
  newest: Recorded | undefined,
  hotkey: Hex,
  links: Links,
): ParticipantView["judged"] {
  const row = newest?.byHotkey.get(hotkey);
  if (newest === undefined || row === undefined) return null;
  const { window, verdict, score, share } = row;
  return { window, verdict, score, share, record: links.record(newest.judge, window) };
}

/** Every uid of the newest block. */
export function participantViews(parts: NowParts): readonly ParticipantView[] {
  const { graph, history, earnings, agreement, links, who } = parts;
  const doing = doingIn(history);
  return graph.neurons.map((neuron) => {
    const { uid, hotkey, incentive, dividends, emissionRao, stakeRao } = neuron;
    const known = who(hotkey);
    const kind = known?.kind ?? null;
    const role = roleOf(neuron, { ownerHotkey: graph.ownerHotkey, kind, doing });
    return {
      uid,
      hotkey,
      ss58: ss58Of(hotkey),
      name: known?.name ?? null,
      kind,
      role,
      url: links.axon(hotkey),
      stakeRao: String(stakeRao),
      permit: neuron.validatorPermit,
      incentive: incentive / U16_MAX,
      dividends: dividends / U16_MAX,
      agreement: agreement === null ? null : (agreement[uid] ?? 0) / U16_MAX,
      emissionRao: String(emissionRao),
      paidRao: String(earnings.paidTo(hotkey)),
      registeredAt: neuron.registeredAt,
      lastUpdate: neuron.lastUpdate,
      judged: role === "miner" ? judgedIn(history?.newest, hotkey, links) : null,
    };
  });
}

/** The ledger of the subnet's alpha. */
export function ledgerView(ledger: EmissionLedger): LedgerView {
  const { pendingMinersRao, pendingValidatorsRao, pendingOwnerRao } = ledger;
  return {
    issuedRao: String(ledger.issuedRao),
    paidNeuronsRao: String(ledger.paidNeuronsRao),
    paidOwnerRao: String(ledger.paidOwnerRao),
    carriedRao: String(ledger.carriedRao),
    pendingRao: String(pendingMinersRao + pendingValidatorsRao + pendingOwnerRao),
    burnedRao: String(ledger.burnedRao),
  };
}
