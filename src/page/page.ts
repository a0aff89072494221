/** @file The page of a process: what its axon serves to browsers. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Page, PageFile } from "../network/page-route.ts";
import { minerView, validatorView } from "./detail.ts";
import { Feed } from "./feed.ts";
import { readBuiltPage } from "./files.ts";
import { Observer } from "./observer.ts";
import type { Subject } from "./subject.ts";

/** What only this process knows changes between blocks too. */
const RENEW_MS = 2000;
/** Details that are kept between two looks: of both kinds for 256 uids. */
const MOST_TEXTS = 512;
/** Details that are made in a second, for everybody together: each takes a millisecond. As many may come at once. */
const MADE_A_SECOND = 20;

/** An open page. */
export type OpenPage = Page & {
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
  const { blocks } = subject.subnet;
  const feed = new Feed({
    get now() {
      return observer.now;
    },
    windows: () => observer.windows(),
    losses: () => observer.losses(),
    look: (signal) => observer.look(signal),
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
    renew: () => feed.renew(),
    close: () => feed.close(),
  };
}
