/** @file The page of a process: what its axon serves to browsers. */
import { setTimeout as sleep } from "node:timers/promises";
import type { LossView, NowView, WindowView } from "../api/page.ts";
import type { Page, PageFile } from "../network/page-route.ts";
import { unlessAborted } from "../network/unless-aborted.ts";
import { minerView, validatorView } from "./detail.ts";
import { Feed } from "./feed.ts";
import { readBuiltPage } from "./files.ts";
import { Observer } from "./observer.ts";
import { RecentBlocks } from "./recent-blocks.ts";
import type { Subject } from "./subject.ts";

/** What only this process knows changes between blocks too. */
const RENEW_MS = 2000;
/** Details that are kept between two looks: of both kinds for 256 uids. */
const MOST_TEXTS = 512;
/** Details that are made in a second, for everybody together: each takes a millisecond. As many may come at once. */
const MADE_A_SECOND = 20;

/** What a page shows, all of it. */
export type Seen = {
  readonly now: NowView | null;
  readonly windows: readonly WindowView[];
  readonly losses: readonly LossView[];
  /** Whether it was looked at just now; false: the chain did not answer in time. */
  readonly isFresh: boolean;
};

/** An open page. */
export type OpenPage = Page & {
  /** What it would show now, for who reads it otherwise than by browser: after one look, or after `patienceMs` as it was. */
  seen(patienceMs: number): Promise<Seen>;
  /** Tells whoever reads what is known now, and gives them a moment to take it. */
  renew(): Promise<void>;
  close(): void;
};

/** Details of uids, made once for each look, however often they are asked for. */
function detailsOf(observer: Observer): Page["detail"] {
  const texts = new Map<string, string>();
  let made = observer.now;
  let dueAt = Number.NEGATIVE_INFINITY;
  return (what, uid) => {
    if (made !== observer.now) texts.clear();
    made = observer.now;
    const key = `${what} ${uid}`;
    const known = texts.get(key);
    if (known !== undefined) return known;
    if (observer.hotkeyOf(uid) === undefined) return null;
    const now = performance.now();
    const due = Math.max(now, dueAt) + 1000 / MADE_A_SECOND;
    if (due - now > 1000) return undefined;
    dueAt = due;
    const view = (what === "miners" ? minerView : validatorView)(observer, uid);
    const text = JSON.stringify(view);
    const [oldest] = texts.keys();
    if (texts.size >= MOST_TEXTS && oldest !== undefined) texts.delete(oldest);
    texts.set(key, text);
    return text;
  };
}

/** Opens the page about a subject; it costs nothing until somebody reads it. */
export function openPage(subject: Subject): OpenPage {
  const observer = new Observer(subject);
  const recent = new RecentBlocks(subject.subnet);
  const { blocks } = subject.subnet;
  const closed = new AbortController();
  let looking: Promise<void> | null = null;
  // One look at a time: browsers and others share it, and nobody who leaves ends it for the rest.
  const look = (signal: AbortSignal): Promise<void> => {
    looking ??= observer.look(closed.signal).finally(() => (looking = null));
    return unlessAborted(looking, signal);
  };
  const feed = new Feed({
    get now() {
      return observer.now;
    },
    windows: () => observer.windows(),
    losses: () => observer.losses(),
    look,
    fault: (error) => subject.fault(error),
    async wait(signal) {
      const renewed = new AbortController();
      const until = AbortSignal.any([signal, renewed.signal]);
      const next = blocks.reached(blocks.current.number + 1, until);
      await Promise.race([next, sleep(RENEW_MS, undefined, { signal: until })]).finally(() =>
        renewed.abort(),
      );
    },
  });
  let files: Promise<ReadonlyMap<string, PageFile>> | null = null;
  return {
    async file(path) {
      files ??= readBuiltPage();
      return (await files).get(path) ?? null;
    },
    events: (signal) => feed.events(signal),
    detail: detailsOf(observer),
    blocks: () => recent.text(),
    ...(subject.text !== undefined && { text: subject.text }),
    async seen(patienceMs) {
      const patience = AbortSignal.timeout(patienceMs);
      const isFresh = await look(AbortSignal.any([closed.signal, patience])).then(
        () => true,
        (error: unknown) => {
          if (!closed.signal.aborted && !patience.aborted) subject.fault(error);
          return false;
        },
      );
      const windows = observer.windows();
      return { now: observer.now, windows, losses: observer.losses(), isFresh };
    },
    renew: () => feed.renew(),
    close() {
      closed.abort();
      feed.close();
    },
  };
}
