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
/** Details that are kept between two blocks. */
const MOST_TEXTS = 64;

/** An open page. */
export type OpenPage = Page & {
  /** Tells whoever reads what is known now, and gives them a moment to take it. */
  renew(): Promise<void>;
  close(): void;
};

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
  const texts = new Map<string, string | null>();
  let made = observer.now;
  // Made once for each block, however often it is asked for.
  const detail: Page["detail"] = (what, uid) => {
    if (made !== observer.now || texts.size >= MOST_TEXTS) texts.clear();
    made = observer.now;
    const key = `${what} ${uid}`;
    const known = texts.get(key);
    if (known !== undefined) return known;
    const view = (what === "miners" ? minerView : validatorView)(observer, uid);
    const text = view === null ? null : JSON.stringify(view);
    texts.set(key, text);
    return text;
  };
  let files: Promise<ReadonlyMap<string, PageFile>> | null = null;
  return {
    async file(path) {
      files ??= readBuiltPage();
      return (await files).get(path) ?? null;
    },
    events: (signal) => feed.events(signal),
    detail,
    renew: () => feed.renew(),
    close: () => feed.close(),
  };
}
