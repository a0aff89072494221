/** @file What the payloads of a run are, as their bytes say. */
import { tensorNorms } from "../../src/gauntlet/norms.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import { readUpdate } from "../../src/protocol/update.ts";
import type { Commit } from "../../src/run/chain-record.ts";
import type { Run } from "../../src/run/run.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { PayloadFacts } from "./window-check.ts";

/** What a commitment promised in a window whose parameters have this digest. */
type Promised = { readonly window: number; readonly commit: Commit; readonly thetaBefore: Hex };

/** Reads payloads as validators do. */
export class Payloads {
  readonly #subnet: Pick<Subnet, "finder">;
  readonly #run: Run;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, PayloadFacts | null>();

  constructor(run: Run, parts: { readonly subnet: Pick<Subnet, "finder">; signal: AbortSignal }) {
    this.#run = run;
    this.#subnet = parts.subnet;
    this.#signal = parts.signal;
  }

  /** How many payloads were found. */
  get count(): number {
    return [...this.#known.values()].filter((one) => one !== null).length;
  }

  /** Looks at the payload of a commitment. */
  async read({ window, commit, thetaBefore }: Promised): Promise<void> {
    const { digest, hotkey } = commit;
    const run = this.#run;
    const limits = { limitBytes: run.maximumUpdateBytes, signal: this.#signal, owner: hotkey };
    const bytes = await this.#subnet.finder.tryFind(digest, limits);
    if (bytes === null) {
      this.#known.set(`${window}/${digest}/${hotkey}`, null);
      return;
    }
    const expected = run.expectedHeader(window, hotkey, thetaBefore);
    const reading = readUpdate(bytes, run.updateLayout, expected);
    this.#known.set(`${window}/${digest}/${hotkey}`, {
      bytes: bytes.length,
      fault: reading.ok ? null : reading.code,
      norms: reading.ok ? tensorNorms(reading.update) : null,
    });
  }

  /** What was found of it; null where nobody has it. */
  of(window: number, digest: Hex, hotkey: Hex): PayloadFacts | null {
    return this.#known.get(`${window}/${digest}/${hotkey}`) ?? null;
  }
}
