/** @file `miner why`: the verdict on this hotkey in a window, asked of every validator; our own node need not run. */
import { explain } from "./explain.ts";
import type { WhyOptions } from "./options.ts";
import type { AccountParts } from "./parts.ts";
import { withView } from "./view.ts";

/** Explains a window. @throws AssayError run-not-published, verdict-missing; ChainError */
export async function why(options: WhyOptions, parts: AccountParts): Promise<void> {
  await withView(options, (view) => explain(view, options, parts));
}
