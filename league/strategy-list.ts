/** @file Every strategy of the league: what the files of league/strategies export. */
import { readdirSync } from "node:fs";
import type { LeagueStrategy } from "./tools/strategy.ts";

const FOLDER = new URL("./strategies/", import.meta.url);
/** As this file is: .ts from a checkout, .js from a build. */
const SUFFIX = import.meta.url.slice(-3);

type StrategyFile = { readonly strategies: readonly LeagueStrategy[] };

function isStrategyFile(loaded: unknown): loaded is StrategyFile {
  return (
    typeof loaded === "object" &&
    loaded !== null &&
    "strategies" in loaded &&
    Array.isArray(loaded.strategies)
  );
}

/** All strategies by name. @throws Error for a file that exports none, and for a name that is there twice */
export async function strategiesByName(): Promise<ReadonlyMap<string, LeagueStrategy>> {
  const files = readdirSync(FOLDER).filter(
    (file) => file.endsWith(SUFFIX) && !file.endsWith(".d.ts"),
  );
  const found = new Map<string, LeagueStrategy>();
  for (const file of files.toSorted()) {
    const loaded: unknown = await import(new URL(file, FOLDER).href);
    if (!isStrategyFile(loaded)) throw new Error(`${file} exports no strategies`);
    for (const strategy of loaded.strategies) {
      if (found.has(strategy.name)) throw new Error(`there are two strategies "${strategy.name}"`);
      found.set(strategy.name, strategy);
    }
  }
  return found;
}
