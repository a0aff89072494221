/**
 * @file An axon under attack, one JSON line for each kind of attack: `node bench/network-attack.ts [seconds] [attack ...]`. The honest
 * peer's times against those without attack in the same run, the axon's memory, and how long an attacker's connection lives.
 * With `--live` the same attacks at once on nodes of a small local network that trains: nobody, one miner, one validator, all.
 */
import { ATTACKS, type Attack, isCut } from "./attacks/attackers.ts";
import { besiegeLive, LiveNetwork } from "./attacks/live.ts";
import { besiege, type Service } from "./attacks/siege.ts";

const BEFORE_MS = 4000;
const MEBIBYTE = 1 << 20;

const isLive = process.argv.includes("--live");
const words = process.argv.slice(2).filter((word) => word !== "--live");
const [seconds = isLive ? "60" : "15", ...named] = words;
const unknown = named.find((name) => !ATTACKS.some((one) => one === name));
if (unknown !== undefined) throw new Error(`no attack ${unknown}; there are ${ATTACKS.join(", ")}`);

const round = (x: number): number => Math.round(x * 10) / 10;
const rounded = ({ fetches, failures, p50Ms, p99Ms }: Service): Service => ({
  fetches,
  failures,
  p50Ms: round(p50Ms),
  p99Ms: round(p99Ms),
});

async function measure(attack: Attack): Promise<object> {
  const duringMs = Number(seconds) * 1000;
  const { before, during, rssGrowthBytes, attacks } = await besiege([attack], {
    beforeMs: BEFORE_MS,
    duringMs,
  });
  return {
    bench: "network-attack",
    attack,
    seconds: Number(seconds),
    withoutAttack: rounded(before),
    underAttack: rounded(during),
    rssGrowthMiB: round(rssGrowthBytes / MEBIBYTE),
    connections: attacks[attack]?.cuts,
    cutWithinSeconds: isCut(attack) ? round((attacks[attack]?.longestMs ?? 0) / 1000) : null,
  };
}

/** What an attacker of live nodes does unless it is said: idle, never read, send ahead, download. */
const LIVE: readonly Attack[] = ["idle-one-address", "never-read", "pipelining", "many-downloads"];

async function measureLive(): Promise<void> {
  const network = new LiveNetwork();
  try {
    await network.ready();
    const { nodes } = network;
    const [miner, validator] = ["miner", "validator"].map((role) =>
      nodes.filter((node) => node.role === role).slice(0, 1),
    );
    const attacks = named.length === 0 ? LIVE : ATTACKS.filter((one) => named.includes(one));
    for (const [name, victims, ways] of [
      ["nobody", nodes, []],
      ["one miner", miner ?? [], attacks],
      ["one validator", validator ?? [], attacks],
      ["all", nodes, attacks],
    ] as const) {
      const target = { name, nodes: victims };
      const siege = await besiegeLive(network, target, {
        attacks: ways,
        ms: Number(seconds) * 1000,
      });
      const { p50Ms, p99Ms, rssGrowthBytes, cutWithinMs, ...counts } = siege;
      const figures = {
        p50Ms: round(p50Ms),
        p99Ms: round(p99Ms),
        rssGrowthMiB: round(rssGrowthBytes / MEBIBYTE),
        cutWithinSeconds: cutWithinMs === null ? null : round(cutWithinMs / 1000),
      };
      console.log(JSON.stringify({ bench: "network-attack-live", ...counts, ...figures }));
    }
  } finally {
    await network.close();
  }
}

if (isLive) await measureLive();
else
  for (const attack of ATTACKS)
    if (named.length === 0 || named.includes(attack))
      console.log(JSON.stringify(await measure(attack)));
