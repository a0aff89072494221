/** @file `subnet status`: looks at a subnet as anybody can, once or again and again. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Told } from "../../src/command/command.ts";
import { Lifecycle, runUntilStopped } from "../../src/command/lifecycle.ts";
import { placeOf } from "../owner/place.ts";
import { reachPlace } from "../owner/reach.ts";
import { lookJson } from "./json.ts";
import { localNames, lookAt } from "./look.ts";
import type { StatusOptions } from "./options.ts";
import { problemsOf } from "./problems.ts";
import { screenText } from "./screen.ts";

/** Where output is no terminal, lines may be longer, but not endless. */
const PLAIN_WIDTH = 200;
/** Between two looks; what is slower than this on a chain is waited for by the block. */
const REFRESH_MS = 2000;
const CLEAR = "\u001B[H\u001B[2J";

/** Shows the subnet. @throws ChainError subnet-missing, chain-unreachable; AssayError bad-option */
export async function showStatus(
  options: StatusOptions,
  told: Told & { readonly print: (text: string) => void },
): Promise<void> {
  const place = placeOf(options);
  const { json, watch } = options;
  const { stdout } = process;
  const width = stdout.isTTY ? stdout.columns : PLAIN_WIDTH;
  const lifecycle = new Lifecycle();
  lifecycle.stopOnSignals();
  stdout.once("error", () => lifecycle.stop("nobody reads"));
  await runUntilStopped(lifecycle, async () => {
    const { signal } = lifecycle;
    const { subnet } = await reachPlace(place, { folder: options.folder, keep: false }, lifecycle);
    const names = await localNames(options.walletFolder);
    for (;;) {
      const look = await lookAt(subnet, { names, signal });
      const problems = problemsOf(look);
      const text = json
        ? lookJson(look, problems)
        : screenText(look, { problems, width, line: told.line });
      told.print(watch && !json && stdout.isTTY ? `${CLEAR}${text}` : text);
      if (!watch) return;
      if (!json && !stdout.isTTY) told.print("");
      const next = subnet.blocks.current.number + 1;
      await sleep(REFRESH_MS, undefined, { signal });
      await subnet.blocks.reached(next, signal);
    }
  });
}
