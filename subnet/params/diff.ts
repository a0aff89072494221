/** @file `subnet params diff`: the owner's file against the rules in force, and what would bring the one to the other. */
import type { Told } from "../../src/command/command.ts";
import { nextOf } from "../owner/place.ts";
import { PLACE_KEYS } from "../owner/options.ts";
import { type RunNow, whereText } from "../owner/run-now.ts";
import { type Change, changeLines, changesBetween, configInForce } from "./changes.ts";
import type { DiffOptions } from "./options.ts";
import { withView } from "./view.ts";

type DiffTold = Told & { readonly print: (text: string) => void };

function diffJson(netuid: number, { runId, window }: RunNow, changes: readonly Change[]): string {
  const keys = changes.map(({ info, before, after, amendable }) => ({
    key: info.path,
    inForce: before,
    file: after,
    amendable,
  }));
  return JSON.stringify({ netuid, runId, window, changes: keys });
}

/** Compares file and chain. @throws AssayError run-not-published, blob-missing, bad-option; ChainError */
export async function diffParameters(options: DiffOptions, told: DiffTold): Promise<void> {
  await withView(options, async ({ place, subnet, run: read }) => {
    const run = await read();
    const { manifest, now } = run;
    const changes = changesBetween(configInForce(manifest, now, place.config), place.config);
    if (options.json) return told.print(diffJson(subnet.netuid, run, changes));
    const name = place.file ?? "the defaults (there is no subnet.toml)";
    const rules = changes.filter(({ amendable }) => amendable);
    const others = changes.filter(({ amendable }) => !amendable);
    const where = `run ${run.runId.slice(0, 18)}, ${whereText(run)}`;
    if (changes.length === 0) return told.print(`${name} says what is in force in ${where}`);
    told.print(`in force in ${where} -> ${name}`);
    if (rules.length > 0)
      told.print(["", "can be amended while the run goes on", ...changeLines(rules)].join("\n"));
    if (others.length > 0) told.print(["", "needs a new run", ...changeLines(others)].join("\n"));
    const next = others.length > 0 ? "subnet publish" : "subnet params push";
    told.print(`\nnext: ${told.line(nextOf(next, place, { keep: PLACE_KEYS }))}`);
  });
}
