/** @file `miner status`: where a hotkey stands on its subnet, in its run, and with its node. */
import { taoText } from "../../base/tao.ts";
import type { Neuron } from "../../chain/client/metagraph.ts";
import { type Status, statusSchema, type Verdict, verdictSchema } from "../../src/api/types.ts";
import { printable } from "../../src/command/printable.ts";
import { explainReason, isReason } from "../../src/gauntlet/verdict.ts";
import { fetchJson, urlOf } from "../../src/network/client.ts";
import { parseHexFloat } from "../../src/protocol/hex-float.ts";
import type { ServedRun } from "../../src/run/live-run.ts";
import type { StatusOptions } from "./options.ts";
import { type AccountParts, answer, coldkeyAddress, SAME } from "./parts.ts";
import { type View, withView } from "./view.ts";

const LIMITS = { limitBytes: 4096, timeoutMs: 3000 };
/** Verdicts of so many windows are looked at. */
const VERDICTS = 10;
const U16_MAX = 65_535;

/** What is known beside the chain. */
type Found = {
  readonly verdicts: readonly Verdict[];
  /** Of this very hotkey's node, at its published address; null when it does not answer from here. */
  readonly node: Status | null;
  readonly nextEpoch: number | null;
};

/** Newest verdicts on a uid, newest first, of the most staked validator that has any. */
async function verdictsOf(view: View, run: ServedRun, own: Neuron): Promise<readonly Verdict[]> {
  const { clock, manifest } = run;
  const now = clock.windowOf(view.subnet.blocks.current.number);
  const newest = (manifest.windows === 0 ? now : Math.min(now, manifest.windows)) - 1;
  const windows = Array.from({ length: VERDICTS }, (_, back) => newest - back).filter(
    // Before that the uid was somebody else's.
    (window) => window >= 0 && clock.seedBlock(window) >= own.registeredAt,
  );
  for (const { axon } of view.validators) {
    const answers = await Promise.allSettled(
      windows.map((window) =>
        fetchJson(urlOf(axon, `/verdicts/${window}/${own.uid}`), verdictSchema, {
          ...LIMITS,
          signal: view.signal,
        }),
      ),
    );
    const found = answers.flatMap((one) =>
      one.status === "fulfilled" && one.value !== null ? [one.value] : [],
    );
    if (found.length > 0) return found;
  }
  return [];
}

async function nodeOf({ own, hotkey, signal }: View): Promise<Status | null> {
  if (own === null || own.axon === null) return null;
  const limits = { ...LIMITS, signal };
  const found = await fetchJson(urlOf(own.axon, "/status"), statusSchema, limits).catch(() => null);
  return found?.hotkey === hotkey.publicKey ? found : null;
}

async function look(view: View): Promise<Found> {
  const { own, run, subnet } = view;
  const [verdicts, node, nextEpoch] = await Promise.all([
    own === null || run === null || run === "unserved" ? [] : verdictsOf(view, run, own),
    nodeOf(view),
    subnet.chain.nextEpoch(subnet.netuid, view.graph.hash),
  ]);
  return { verdicts, node, nextEpoch };
}

/** Reasons by how often they were given, the most frequent first. */
function ranked(
  verdicts: readonly Verdict[],
): readonly (readonly [reason: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const { verdict } of verdicts) counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
  return [...counts].toSorted(([, a], [, b]) => b - a);
}

/** Place by incentive among those who have any, 1 for the most; null without incentive. */
function rankOf({ graph, own }: View): { readonly rank: number; readonly of: number } | null {
  if (own === null || own.incentive === 0) return null;
  const earning = graph.neurons.filter(({ incentive }) => incentive > 0);
  const above = earning.filter(({ incentive }) => incentive > own.incentive).length;
  return { rank: above + 1, of: earning.length };
}

function chainLines(view: View, own: Neuron, { nextEpoch }: Found): readonly string[] {
  const rank = rankOf(view);
  const share = ((own.incentive / U16_MAX) * 100).toFixed(2);
  const place = rank === null ? "" : `, place ${rank.rank} of ${rank.of} who earn`;
  const epoch =
    nextEpoch === null
      ? "no epoch is due"
      : `next epoch in block ${nextEpoch}, ${Math.max(0, nextEpoch - view.graph.block)} blocks from now`;
  return [
    `  registered  uid ${own.uid} since block ${own.registeredAt}`,
    `  stake       ${taoText(own.stakeRao, "alpha")}${own.validatorPermit ? ", validator permit" : ""}`,
    `  incentive   ${share} % of what miners get${place}`,
    `  emission    ${taoText(own.emissionRao, "alpha")} in the last epoch; ${epoch}`,
  ];
}

function runLine({ run, subnet }: View): string {
  if (run === null) return "none published yet; a miner waits for it by itself";
  if (run === "unserved")
    return "published, but nobody serves its manifest: ask the subnet's owner";
  const { clock, manifest, runId } = run;
  const block = subnet.blocks.current.number;
  const phase = clock.phaseOf(block);
  const name = `"${printable(manifest.name)}" ${runId.slice(0, 18)}`;
  if (phase === "before")
    return `${name} begins in block ${clock.startBlock(0)}, ${clock.startBlock(0) - block} blocks from now`;
  if (phase === "over") return `${name} is over after ${manifest.windows} windows`;
  const window = clock.windowOf(block);
  const of = manifest.windows === 0 ? "" : ` of ${manifest.windows}`;
  return `${name}, window ${window}${of}, ${phase} phase; block ${block}, the window ends with ${clock.lastJudgeBlock(window)}`;
}

function verdictLines(verdicts: readonly Verdict[]): readonly string[] {
  const [newest] = verdicts;
  if (newest === undefined) return ["  verdicts    none yet, or no validator answers"];
  const counts = ranked(verdicts).map(([reason, count]) => `${printable(reason)} ${count}`);
  const { verdict, detail, final, weight, window } = newest;
  const text = isReason(verdict) ? explainReason(verdict) : printable(verdict);
  const score = (parseHexFloat(final) ?? 0).toFixed(3);
  return [
    `  verdicts    last ${verdicts.length} windows: ${counts.join(", ")}`,
    `              window ${window}: score ${score}, weight ${weight}; ${text}${detail === "" ? "" : ` (${printable(detail)})`}`,
  ];
}

function nodeLines({ own }: View, { node }: Found): readonly string[] {
  const axon = own?.axon ?? null;
  if (axon === null) return ["  axon        no address published: the miner has not run yet"];
  const url = urlOf(axon, "");
  if (node === null)
    return [
      `  axon        ${url} does not answer from here: the miner is not running, or others cannot reach it`,
    ];
  const window = node.window === null ? "in no run yet" : `in window ${node.window}`;
  return [
    `  axon        ${url} answers from here`,
    `  device      ${printable(node.device)}; ${window}; last: ${printable(node.activity)}`,
  ];
}

/** What to run next, or nothing when all is well. */
function nextLines(
  view: View,
  { node, verdicts }: Found,
  line: AccountParts["line"],
): readonly string[] {
  if (view.own === null) return [`next: ${line({ ours: "miner register", keep: SAME })}`];
  if (node === null) return [`next: ${line({ ours: "miner", keep: SAME })}`];
  const [newest] = verdicts;
  if (newest === undefined || newest.verdict === "accepted") return [];
  return [`next: ${line({ ours: "miner why", keep: SAME })}`];
}

/** What a newcomer needs to know. */
async function unregisteredLines(view: View, options: StatusOptions): Promise<readonly string[]> {
  const { chain, netuid } = view.subnet;
  const coldkey = await coldkeyAddress(options);
  const [price, balance] = await Promise.all([chain.burnCost(netuid), chain.balance(coldkey)]);
  return [
    `  registered  no; a uid burns ${taoText(price)}, coldkey ${coldkey} has ${taoText(balance)}`,
  ];
}

/** Tells where the hotkey stands. @throws ChainError subnet-missing, wallet-missing, chain-unreachable */
export async function status(options: StatusOptions, parts: AccountParts): Promise<void> {
  await withView(options, async (view) => {
    const { own, hotkey, run, subnet } = view;
    const found = await look(view);
    const isRun = run !== null && run !== "unserved";
    const block = subnet.blocks.current.number;
    answer(parts, options.json, {
      value: {
        hotkey: hotkey.ss58,
        netuid: subnet.netuid,
        block,
        neuron: own,
        place: rankOf(view),
        nextEpoch: found.nextEpoch,
        run: isRun
          ? { runId: run.runId, name: run.manifest.name, windows: run.manifest.windows }
          : run,
        window: isRun ? run.clock.windowOf(block) : null,
        phase: isRun ? run.clock.phaseOf(block) : null,
        reasons: Object.fromEntries(ranked(found.verdicts)),
        verdicts: found.verdicts,
        node: found.node,
      },
      lines: [
        `hotkey ${hotkey.ss58} on subnet ${subnet.netuid} at ${subnet.chain.endpoint}`,
        ...(own === null ? await unregisteredLines(view, options) : chainLines(view, own, found)),
        `  run         ${runLine(view)}`,
        ...(own === null ? [] : [...verdictLines(found.verdicts), ...nodeLines(view, found)]),
        ...nextLines(view, found, parts.line),
      ],
    });
  });
}
