/** @file What the model writes: samples as it learns, and a box to try it. */
import { h, type JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { SampleView, TextView } from "../src/api/page.ts";
import { type Children, section } from "./element.ts";
import type { State } from "./state.ts";

const MOST_PROMPT = 400;
const SAMPLES_SHOWN = 12;
const BUSY_MS = 2500;

type Answer<T> = { readonly value: T } | { readonly error: string; readonly again: boolean };

/** Asks the node; what is wrong is said in its own words. */
async function asked<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  const response = await fetch(path, signal === undefined ? {} : { signal });
  if (response.ok) {
    const value: T = await response.json();
    return { value };
  }
  const { error = "the node did not answer" }: { readonly error?: string } = await response
    .json()
    .catch(() => ({}));
  return { error, again: response.status === 503 };
}

/** Samples of the model, asked for again in each window and while the node is busy. */
function useSamples(window: number): Answer<readonly SampleView[]> | null {
  const [samples, setSamples] = useState<Answer<readonly SampleView[]> | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    const ended = new AbortController();
    let timer = 0;
    const ask = async (): Promise<void> => {
      const answer = await asked<readonly SampleView[]>("/page/samples", ended.signal);
      const isBusy = "error" in answer && answer.again;
      setSamples((before) => (isBusy && before !== null ? before : answer));
      if (isBusy) timer = setTimeout(() => setTurn(turn + 1), BUSY_MS);
    };
    // What was known stays when the node does not answer.
    ask().catch(() => undefined);
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [window, turn]);
  return samples;
}

/** What was asked in one colour, what the model wrote after it in the other. */
function textOf({ prompt, text }: TextView): JSX.Element {
  return h("p", { class: "text" }, h("span", { class: "prompt" }, prompt), text);
}

function samplesText(answer: Answer<readonly SampleView[]> | null): Children {
  if (answer === null) return h("p", { class: "loading" }, "Asking the model…");
  if ("error" in answer) return h("p", { class: "empty" }, `${answer.error}.`);
  return h(
    "ol",
    { class: "samples" },
    answer.value
      .slice(-SAMPLES_SHOWN)
      .toReversed()
      .map((one) =>
        h(
          "li",
          { key: one.window },
          h(
            "h3",
            null,
            one.window === 0 ? "before the first window" : `after window ${one.window - 1}`,
          ),
          textOf(one),
        ),
      ),
  );
}

/** The box: a prompt, and what the model makes of it. */
function Box(): JSX.Element {
  const [prompt, setPrompt] = useState("The ");
  const [isAsking, setAsking] = useState(false);
  const [answer, setAnswer] = useState<Answer<TextView> | null>(null);
  const ask = async (): Promise<void> => {
    setAsking(true);
    try {
      setAnswer(await asked<TextView>(`/page/text?prompt=${encodeURIComponent(prompt)}`));
    } catch {
      setAnswer({ error: "the node did not answer", again: false });
    } finally {
      setAsking(false);
    }
  };
  return h(
    "form",
    {
      class: "box",
      onSubmit: (event: Event) => {
        event.preventDefault();
        void ask();
      },
    },
    h("label", { for: "prompt" }, "Let it write on after"),
    h("textarea", {
      id: "prompt",
      rows: 3,
      maxLength: MOST_PROMPT,
      value: prompt,
      onInput: (event: Event) => {
        if (event.target instanceof HTMLTextAreaElement) setPrompt(event.target.value);
      },
    }),
    h(
      "button",
      { type: "submit", disabled: isAsking || prompt === "" },
      isAsking ? "It writes…" : "Write",
    ),
    h(
      "div",
      { class: "answer", "aria-live": "polite" },
      answer === null
        ? h(
            "p",
            { class: "note" },
            "At most 200 tokens or two seconds, one text at a time: the node works on meanwhile.",
          )
        : "error" in answer
          ? h("p", { class: "empty" }, `${answer.error}.`)
          : [
              textOf(answer.value),
              h("p", { class: "note" }, `with the parameters of window ${answer.value.window}`),
            ],
    ),
  );
}

/** The page of the model. */
export function ModelPage({ now }: State): JSX.Element {
  const run = now?.run ?? null;
  const samples = useSamples(run?.window ?? -1);
  if (run === null) return h("p", { class: "empty" }, "This node is in no run yet.");
  return h(
    "div",
    null,
    section("Try it", h(Box, null)),
    section(
      "As it learns",
      h(
        "p",
        { class: "note" },
        "The same beginning and the same draws at each window in which this page was open, the newest first.",
      ),
      samplesText(samples),
    ),
  );
}
