/**
 * @file An axon under attack, one JSON line for each kind of attack: `node bench/network-attack.ts [seconds] [attack ...]`. The honest
 * peer's times against those without attack in the same run, the axon's memory, and how long an attacker's connection lives.
 */
import { ATTACKS, type Attack, isCut } from "./attacks/attackers.ts";
import { besiege, type Service } from "./attacks/siege.ts";

const BEFORE_MS = 4000;
const MEBIBYTE = 1 << 20;

const [seconds = "15", ...named] = process.argv.slice(2);
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

for (const attack of ATTACKS)
  if (named.length === 0 || named.includes(attack))
    console.log(JSON.stringify(await measure(attack)));
