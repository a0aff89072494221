/**
 * @file What strangers can do to an axon, and to a network that trains: a row for each attack, against what must hold under it.
 * `npm run bench -- network-attack` attacks one axon; `--live` nodes of a small local network: one miner, one validator, all.
 * `--seconds=20`, `--attack=never-read,requests` and `--target=miner` shorten it; `--json` ends with one line. Exit code 1: a bound
 * does not hold.
 */
import { ANY_ATTACKS, type AnyAttack, isEnded } from "./attacks/any-attack.ts";
import { type Attack, ATTACKS } from "./attacks/attackers.ts";
import {
  Battlefield,
  HostileHotkeys,
  type Siege,
  type TargetName,
  TARGETS,
} from "./attacks/live.ts";
import { LiveNetwork } from "./attacks/live-network.ts";
import { type Row, rounded, tableOf, verdictOf } from "./attacks/report.ts";
import { besiege } from "./attacks/siege.ts";
import { flagsOf } from "./support/flags.ts";

const BEFORE_MS = 4000;

const values = flagsOf({
  live: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  seconds: { type: "string" },
  "block-ms": { type: "string", default: "100" },
  attack: { type: "string", multiple: true, default: [] },
  target: { type: "string", multiple: true, default: [] },
});

/** What is attacked with, unless it is said: on the network, what once brought one down. */
const CHAIN_ATTACKS = ["own-address", "hostile-axons"] as const;
const LIVE: readonly (Attack | (typeof CHAIN_ATTACKS)[number])[] = [
  "idle-one-address",
  "never-read",
  "requests",
  ...CHAIN_ATTACKS,
];

/** The words of a list that were named; `usual` when none were. */
function chosen<Word extends string>(
  named: readonly string[],
  all: readonly Word[],
  usual: readonly Word[],
): readonly Word[] {
  const words = named.flatMap((text) => text.split(","));
  const unknown = words.find((word) => !all.some((one) => one === word));
  if (unknown !== undefined) throw new Error(`no "${unknown}"; there are ${all.join(", ")}`);
  return words.length === 0 ? usual : all.filter((one) => words.includes(one));
}

const seconds = Number(values.seconds ?? (values.live ? 60 : 15));
if (!(seconds > 0)) throw new Error("--seconds must be a positive number");

const say = (text: string): void => console.error(`${new Date().toISOString()} ${text}`);

/** One attack on one axon. */
async function single(attack: AnyAttack): Promise<Row> {
  const siege = await besiege([attack], { beforeMs: BEFORE_MS, duringMs: seconds * 1000 });
  const { before, during, rssGrowthBytes, attacks, lostMs } = siege;
  const damage = attacks[attack];
  const rate = damage?.rate ?? null;
  return rounded({
    attack,
    target: "axon",
    seconds,
    windows: null,
    secondsPerWindow: null,
    windowsMissed: null,
    missed: null,
    ...during,
    p99Ratio: during.p99Ms / before.p99Ms,
    rssGrowthMB: Math.max(0, rssGrowthBytes) / 1e6,
    cutWithinSeconds: isEnded(attack) ? (damage?.longestMs ?? 0) / 1000 : null,
    connections: damage?.made ?? 0,
    heldAfterSeconds: rate && (rate.heldAfterMs ?? Infinity) / 1000,
    answersPerSecond: rate && rate.perSecond,
    commitments: null,
    notRefused: null,
    machineLostSeconds: lostMs / 1000,
  });
}

/** Attacks on one axon, one after the other. */
async function onAxon(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const attack of chosen(values.attack, ANY_ATTACKS, ANY_ATTACKS)) {
    say(`${attack} for ${seconds} s`);
    rows.push(await single(attack));
  }
  return rows;
}

/** Attacks on nodes of a network that trains, one after the other. What hotkeys do is for everybody who reads the chain. */
async function onNetwork(): Promise<readonly Row[]> {
  const attacks = chosen(values.attack, [...ATTACKS, ...CHAIN_ATTACKS], LIVE);
  const targets = chosen(values.target, TARGETS, TARGETS);
  const plan = attacks.flatMap((attack): (readonly [typeof attack, TargetName])[] =>
    CHAIN_ATTACKS.some((one) => one === attack)
      ? [[attack, "all"]]
      : targets.map((target) => [attack, target]),
  );
  const needsHotkeys = attacks.some((attack) => CHAIN_ATTACKS.some((one) => one === attack));
  const network = new LiveNetwork(Number(values["block-ms"]));
  const hotkeys = needsHotkeys ? new HostileHotkeys() : null;
  try {
    say("a local network starts");
    await network.ready();
    await hotkeys?.register(network);
    const field = new Battlefield(network, hotkeys);
    const sieges: Siege[] = [];
    for (const [attack, target] of [["none", "all"] as const, ...plan]) {
      say(`${attack} on ${target} for ${seconds} s`);
      try {
        sieges.push(await field.besiege(attack, target, seconds * 1000));
      } catch (error) {
        // What was measured before is worth its row.
        console.error(error);
        process.exitCode = 1;
      }
    }
    await field.recorded(sieges.at(-1)?.last ?? 0);
    return sieges.map((siege) => rounded(field.told(siege)));
  } finally {
    hotkeys?.close();
    await network.close();
  }
}

const rows = values.live ? await onNetwork() : await onAxon();
const verdict = verdictOf(rows);
console.log(tableOf(rows));
if (values.json) console.log(JSON.stringify({ bench: "network-attack", ...verdict }));
if (!verdict.passed) process.exitCode = 1;
