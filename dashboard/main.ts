/** @file The page of a node: follows the node, shows the page that the address names. */
import { h, render, type JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { ChainPage } from "./chain-page.ts";
import type { Children } from "./element.ts";
import { MinerPage } from "./miner-page.ts";
import { ModelPage } from "./model-page.ts";
import { ParticipantsPage } from "./participants-page.ts";
import { RulesPage } from "./rules-page.ts";
import { RunPage, windowText } from "./run-page.ts";
import { Follower, type Link, type State } from "./state.ts";
import { count } from "./words.ts";
import { ValidatorPage } from "./validator-page.ts";

const PAGES: readonly (readonly [hash: string, name: string])[] = [
  ["#/run", "Run"],
  ["#/participants", "Participants"],
  ["#/model", "Model"],
  ["#/rules", "Rules"],
  ["#/chain", "Chain"],
];

const LINKS: Readonly<Record<Link, string>> = {
  connecting: "connecting",
  live: "live",
  lost: "this node does not answer: what follows is the last it said",
  full: "this node shows its page to too many already: trying again",
};

/** The page that an address names: its name for the navigation, its title, its content. */
function pageAt(
  hash: string,
  state: State,
): { readonly tab: string; readonly title: string; readonly content: Children } {
  const [, kind, uid] = /^#\/(miner|validator)\/(\d{1,5})$/.exec(hash) ?? [];
  if (kind !== undefined) {
    const page = kind === "miner" ? MinerPage : ValidatorPage;
    const content = h(page, { key: hash, state, uid: Number(uid) });
    return { tab: "#/participants", title: `${kind} ${uid ?? ""}`, content };
  }
  if (hash === "#/participants")
    return { tab: hash, title: "Participants", content: h(ParticipantsPage, state) };
  if (hash === "#/model") return { tab: hash, title: "Model", content: h(ModelPage, state) };
  if (hash === "#/rules") return { tab: hash, title: "Rules", content: h(RulesPage, state) };
  if (hash === "#/chain") return { tab: hash, title: "Chain", content: h(ChainPage, state) };
  return { tab: "#/run", title: "Run", content: h(RunPage, state) };
}

/** How the page stands to its node, in words and as a colour. */
function linkOf({ now, link }: State): { readonly words: string; readonly tone: Link } {
  if (link === "lost" && now?.local?.stage === "done")
    return { words: "the local network has ended: this is how", tone: "connecting" };
  if (link !== "live" || now === null) return { words: LINKS[link], tone: link };
  if (now.trouble !== null) return { words: "the chain does not answer", tone: "lost" };
  return { words: `live, block ${count(now.block)}`, tone: "live" };
}

function header(state: State, tab: string): JSX.Element {
  const run = state.now?.run ?? null;
  const { words, tone } = linkOf(state);
  return h(
    "header",
    null,
    h(
      "div",
      { class: "top" },
      h("a", { class: "brand", href: "#/run" }, "Assay"),
      h("span", { class: "about" }, run === null ? "" : `${run.name}: ${windowText(run)}`),
      h(
        "span",
        // Words that change with every block are not read aloud.
        { class: `link ${tone}`, role: tone === "live" ? undefined : "status" },
        words,
      ),
    ),
    h(
      "nav",
      { "aria-label": "Pages" },
      PAGES.map(([hash, name]) =>
        h("a", { key: hash, href: hash, "aria-current": hash === tab ? "page" : undefined }, name),
      ),
    ),
  );
}

function footer({ now }: State): Children {
  if (now === null) return null;
  const { node } = now;
  return h(
    "footer",
    { class: "note" },
    `Served by the ${node.role === "owner" ? "owner's node" : node.role} `,
    h("code", { class: "key" }, node.hotkey),
    node.device === "none" ? "" : ` on ${node.device}`,
    node.activity === "" ? "." : `; ${node.activity}.`,
  );
}

function useHash(): string {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = (): void => setHash(location.hash);
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return hash;
}

function App(): JSX.Element {
  const [state, setState] = useState<State>({
    link: "connecting",
    now: null,
    windows: [],
    losses: [],
  });
  const hash = useHash();
  const head = useRef<HTMLHeadingElement>(null);
  const before = useRef(hash);
  useEffect(() => new Follower(setState).start(), []);
  const { tab, title, content } = pageAt(hash, state);
  useEffect(() => {
    document.title = `${title} – Assay`;
    // A new page is read from its top; the first one as the browser likes.
    if (before.current !== hash) head.current?.focus();
    before.current = hash;
  }, [hash, title]);
  return h(
    "div",
    null,
    h(
      "a",
      {
        class: "skip",
        href: "#content",
        onClick: (event: Event) => {
          event.preventDefault();
          head.current?.focus();
        },
      },
      "Skip to content",
    ),
    header(state, tab),
    h(
      "main",
      { id: "content" },
      h("h1", { ref: head, tabIndex: -1, class: "unseen" }, title),
      content,
    ),
    footer(state),
  );
}

const place = document.getElementById("app");
if (place !== null) {
  place.replaceChildren();
  render(h(App, null), place);
}
