/** @file What the chain gave a subnet beside what [chain] of its file asked for, and what `subnet check` says to that. */
import type { ChainClient } from "../../chain/client/client.ts";
import { tomlText } from "../../src/command/toml.ts";
import { doubtLine, doubtsOf } from "../check/findings.ts";
import { CONFIG_KEYS, valueAt } from "../config/keys.ts";
import { onChain } from "../config/of-manifest.ts";
import type { SubnetConfig } from "../config/schema.ts";

type Hyperparameters = Awaited<ReturnType<ChainClient["hyperparameters"]>>;

/** Keys of [chain] that say where the subnet is, not what it is given; prices move by themselves. */
const ELSEWHERE: ReadonlySet<string> = new Set(["chain.endpoint", "chain.netuid", "chain.burnRao"]);

/** Keys that an owner brings to the chain afterwards. */
const OWNERS: ReadonlySet<string> = new Set([
  "chain.immunityPeriod",
  "chain.maximumUids",
  "chain.servingRateLimit",
]);

const decider = (path: string): string =>
  OWNERS.has(path) ? "subnet params push sets it" : "only the chain decides";

/** Lines for the owner; none when the chain does as the file says. */
export function chainReport(config: SubnetConfig, found: Hyperparameters): readonly string[] {
  const actual = onChain(config, found);
  const differing = CONFIG_KEYS.filter(
    ({ table, path }) => table === "chain" && !ELSEWHERE.has(path),
  ).filter((info) => valueAt(config, info) !== valueAt(actual, info));
  const lines = differing.map(
    (info) =>
      `the chain has ${info.path} = ${tomlText(valueAt(actual, info))}, the file asks for ${tomlText(valueAt(config, info))}: ${decider(info.path)}`,
  );
  if (found.commitRevealEnabled)
    lines.push(
      `the chain hides weights (commit-reveal): they count ${found.revealPeriodEpochs + 1} epochs after they are made`,
    );
  const doubts = doubtsOf(actual).filter(({ key }) => key.startsWith("chain."));
  return [...lines, ...doubts.map(doubtLine)];
}
