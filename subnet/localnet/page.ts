/** @file The page of a local network: the one that every node serves, with names, the pace, and how it compares to no network. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { reasonOf } from "../../base/fault.ts";
import type { LocalView } from "../../src/api/page.ts";
import type { Losses } from "../../src/api/types.ts";
import type { Page, PageDetail, PageFile, PageText } from "../../src/network/page-route.ts";
import type { Hex } from "../../src/protocol/digest.ts";
import type { RunManifest } from "../../src/protocol/manifest.ts";
import type { Standing } from "../../src/protocol/standing.ts";
import { windowClock } from "../../src/protocol/window.ts";
import { Amendments } from "../../src/run/amendments.ts";
import type { Subnet } from "../../src/run/subnet.ts";
import type { Metrics } from "../../src/network/metrics-route.ts";
import { metricsOf } from "../../src/neuron/metrics.ts";
import { type OpenPage, openPage } from "../../src/page/page.ts";
import type { Known, Subject } from "../../src/page/subject.ts";
import { borrowedText } from "./borrowed-text.ts";
import type { Frame } from "./frame.ts";
import { type Member, ownerOf } from "./members.ts";
import type { Pacing } from "./pace.ts";
import type { Screen } from "./screen.ts";
import type { Summary } from "./summary.ts";

const baselineSchema = z.looseObject({ baselineLoss: z.number(), aloneLoss: z.number() });

/** The comparison in the summary of a run, or null where there is none. */
function readBaseline(folder: string): LocalView["baseline"] {
  try {
    const summary: unknown = JSON.parse(readFileSync(join(folder, "summary.json"), "utf8"));
    const { baselineLoss, aloneLoss } = baselineSchema.parse(summary);
    return { together: baselineLoss, alone: aloneLoss };
  } catch {
    return null;
  }
}

type Compared = Pick<Summary, "baselineLoss" | "aloneLoss">;

/** What browsers see of a local network. */
export class LocalnetPage implements Page {
  readonly #page: OpenPage;
  readonly #pace: Pick<Pacing, "times">;
  #run: ReturnType<Subject["run"]> = null;
  #frame: Frame | null = null;
  /** Losses that were measured before this process began. */
  #before: Losses = [];
  #stage = "starting";
  #baseline: LocalView["baseline"] = null;
  readonly #subnet: Subnet;
  readonly #closed = new AbortController();

  constructor(members: readonly Member[], subnet: Subnet, pace: Pick<Pacing, "times">) {
    const { publicKey, ss58 } = ownerOf(members).hotkey;
    const known = new Map<Hex, Known>(
      members.map(({ hotkey, name, kind }) => [hotkey.publicKey, { name, kind }]),
    );
    this.#subnet = subnet;
    this.#pace = pace;
    const activity = "hands out the run, makes the blocks and watches";
    const validators = members.filter(({ kind }) => kind === "validator");
    const hotkeys = validators.map(({ hotkey }) => hotkey.publicKey);
    this.#page = openPage({
      text: (prompt) => borrowedText(subnet, hotkeys, prompt),
      subnet,
      run: () => this.#run,
      node: () => ({ role: "owner", hotkey: ss58, publicKey, device: "none", activity }),
      record: () => null,
      losses: (from) => this.#losses().filter(({ window }) => window >= from),
      who: (hotkey) => known.get(hotkey) ?? null,
      local: () => this.#local(),
      fault: (error) => (this.#stage = `the page cannot look: ${reasonOf(error)}`),
      seconds: (window) => this.#seconds(window),
    });
  }

  /** From now on there is a run. */
  follow(
    { runId, manifest }: { readonly runId: Hex; readonly manifest: RunManifest },
    before: Losses = [],
  ): void {
    this.#before = before;
    const run = { runId, manifest, clock: windowClock(manifest) };
    // Nobody but the page asks these, so that they are read where they are not held.
    const amendments = new Amendments(run, this.#subnet);
    const standingAt = (window: number): Promise<Standing> =>
      amendments.at(window, this.#closed.signal);
    this.#run = { run, amendments: { standingAt } };
    this.#stage = "running";
  }

  /** Shows what the terminal shows. */
  show(frame: Frame): void {
    this.#frame = frame;
  }

  /** A screen whose steps are told here too. */
  beside(screen: Screen): Screen {
    return {
      ...screen,
      step: (text) => {
        this.#stage = text;
        screen.step(text);
      },
    };
  }

  /** Tells open pages how it ended before they are closed. */
  async conclude({ baselineLoss, aloneLoss }: Compared): Promise<void> {
    this.#stage = "done";
    if (baselineLoss !== null && aloneLoss !== null)
      this.#baseline = { together: baselineLoss, alone: aloneLoss };
    await this.#page.renew();
  }

  /** Shows a run that ended earlier as its summary says. */
  over(folder: string): void {
    this.#stage = "the run is over; its chain and nodes are served";
    this.#baseline = readBaseline(folder);
  }

  /** As validators told this process, also before it was stopped and started again. */
  #losses(): Losses {
    return [...(this.#frame?.heldOut ?? this.#before)];
  }

  #seconds(window: number): number | null {
    const isOver = window < (this.#frame?.window ?? 0);
    const milliseconds = isOver ? this.#pace.times.windowMs(window) : null;
    return milliseconds === null ? null : milliseconds / 1000;
  }

  #local(): LocalView {
    const frame = this.#frame;
    return {
      waiting: frame?.waiting ?? null,
      seconds: frame?.seconds ?? null,
      secondsLeft: frame?.secondsLeft ?? null,
      alerts: frame?.alerts.map(({ text }) => text) ?? [],
      digestsEqual: frame?.digestsEqual ?? true,
      stage: this.#stage,
      baseline: this.#baseline,
    };
  }

  file(path: string): Promise<PageFile | null> {
    return this.#page.file(path);
  }

  events(signal: AbortSignal): AsyncIterable<string> {
    return this.#page.events(signal);
  }

  detail(what: PageDetail, uid: number): ReturnType<Page["detail"]> {
    return this.#page.detail(what, uid);
  }

  async blocks(): Promise<string> {
    return (await this.#page.blocks?.()) ?? "[]";
  }

  readonly text = async (prompt: string | null): Promise<PageText> =>
    (await this.#page.text?.(prompt)) ?? { code: 404, json: "{}" };

  /** The same for Prometheus. @param folder of the run's record */
  metrics(folder: string): Metrics {
    const state = { role: "owner", device: "none", tally: null, window: null } as const;
    const { blocks } = this.#subnet;
    return metricsOf({ from: "loopback", page: this.#page, blocks, folder, state: () => state });
  }

  close(): void {
    this.#closed.abort();
    this.#page.close();
  }
}
