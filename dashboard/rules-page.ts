/** @file The run's rules: every key of its manifest with its value and what it is, in the words of subnet.toml. */
import { h, type JSX } from "preact";
import { useDetail } from "./detail.ts";
import { type Column, linked, section, table } from "./element.ts";
import { TABLES } from "./keys.ts";
import type { State } from "./state.ts";

const SHOWN_DIGITS = 12;

type KeyRow = (typeof TABLES)[number]["keys"][number] & { readonly value: string };

/** Where a manifest holds what subnet.toml has elsewhere. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  "checkpoint.everyWindows": "checkpointEveryWindows",
  "phases.deadlineOffset": "deadlineOffset",
  "phases.finalityLag": "finalityLag",
};

/** A value of the manifest as subnet.toml writes it; null where this run has none. */
function valueAt(manifest: unknown, path: string): string | null {
  const place = ELSEWHERE[path] ?? path.replace(/^credit\./, "scoring.credit.");
  let at = manifest;
  for (const part of place.split(".")) {
    if (typeof at !== "object" || at === null) return null;
    at = new Map<string, unknown>(Object.entries(at)).get(part);
  }
  if (at === undefined || typeof at === "object") return null;
  // What binary fractions add behind the twelfth digit nobody wrote; the manifest itself has it.
  return JSON.stringify(typeof at === "number" ? Number(at.toPrecision(SHOWN_DIGITS)) : at);
}

const COLUMNS: readonly Column<KeyRow>[] = [
  { title: "key", cell: ({ key }) => h("code", null, key) },
  { title: "value", isNumber: true, cell: ({ value }) => h("code", null, value) },
  { title: "unit", cell: ({ unit }) => unit },
  {
    title: "what it is, and what changing it does",
    isLong: true,
    cell: ({ description, effect }) => [description, " ", h("span", { class: "note" }, effect)],
  },
];

/** The page of the rules. */
export function RulesPage({ now }: State): JSX.Element {
  const run = now?.run ?? null;
  const { value: manifest, isMissing } = useDetail<unknown>(
    run === null ? "" : `/blobs/${run.runId}`,
    run?.runId ?? "",
  );
  if (run === null) return h("p", { class: "empty" }, "This node is in no run yet.");
  if (manifest === null)
    return h(
      "p",
      { class: isMissing ? "empty" : "loading" },
      isMissing ? "This node does not hold the run's manifest." : "Reading the run's manifest…",
    );
  return h(
    "div",
    { class: "rules" },
    h(
      "p",
      null,
      "These are the rules that the run was published with; its id is their digest. The owner may amend ",
      h("code", null, "[scoring]"),
      ", ",
      h("code", null, "[credit]"),
      " and ",
      h("code", null, "[evaluation]"),
      " while it goes on: ",
      h("code", null, "subnet params get"),
      " shows what is in force.",
    ),
    h(
      "p",
      { class: "note" },
      "Run ",
      linked(
        h("code", { class: "key" }, run.runId),
        `${location.origin}/blobs/${run.runId}`,
        "the manifest",
      ),
    ),
    TABLES.map((one) => {
      const rows = one.keys.flatMap((info): KeyRow[] => {
        const value = valueAt(manifest, info.path);
        return value === null ? [] : [{ ...info, value }];
      });
      if (rows.length === 0) return null;
      return section(
        one.table === null ? "The run" : `[${one.table}]`,
        one.table === null ? null : h("p", { class: "note" }, `${one.description}.`),
        table({
          caption: one.table ?? "The run",
          columns: COLUMNS,
          rows,
          keyOf: ({ path }) => path,
          empty: "",
          cards: true,
        }),
      );
    }),
  );
}
