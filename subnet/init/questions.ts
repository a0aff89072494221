/** @file The few questions of `subnet init`: what owners decide first. */
import { isAssayError } from "../../src/errors.ts";
import { loadConfig } from "../config/read.ts";
import { isStyle, SCORING_STYLES } from "./styles.ts";

/** Answers by question; each is written as it would be after a flag. */
export type Answers = {
  readonly name: string;
  readonly data: string;
  readonly model: string;
  readonly windows: string;
  readonly scoring: string;
};

/** How a question reaches a person; rejects when nobody answers. */
export type Ask = (question: string) => Promise<string>;

type Question = {
  readonly id: keyof Answers;
  readonly text: string;
  readonly standard: string;
  /** Said before the question. */
  readonly hint?: string;
};

const styles = Object.entries(SCORING_STYLES).map(([name, { about }]) => `  ${name}: ${about}`);

const QUESTIONS: readonly Question[] = [
  { id: "name", text: "Name of the run", standard: "localnet" },
  { id: "data", text: "Folder with the text to learn", standard: "node_modules" },
  { id: "model", text: "Model: nano (0.1 M parameters), 1m or 10m", standard: "nano" },
  { id: "windows", text: "Windows, 0 for endless", standard: "60" },
  { id: "scoring", text: "How miners are paid", standard: "standard", hint: styles.join("\n") },
];

/** The answers as --set takes them. */
export function settingsOf(answers: Answers): string[] {
  const { name, data, model, windows, scoring } = answers;
  const pay = isStyle(scoring) ? Object.entries(SCORING_STYLES[scoring].keys) : [];
  return [
    `name=${name}`,
    `data.folder=${data}`,
    `model.preset=${model}`,
    `windows=${windows}`,
    ...pay.map(([key, value]) => `${key}=${value}`),
  ];
}

/** What is wrong with the answers, or null. */
export function faultOf(answers: Answers): string | null {
  if (!isStyle(answers.scoring))
    return `scoring "${answers.scoring}" is none of ${Object.keys(SCORING_STYLES).join(", ")}`;
  try {
    loadConfig(null, { set: settingsOf(answers), environment: {} });
    return null;
  } catch (error) {
    if (!isAssayError(error, "bad-option") || error.fault.code !== "bad-option") throw error;
    return error.fault.detail.replaceAll("--set: ", "");
  }
}

/** What nobody asks about. */
export function standardAnswers(): Answers {
  const [name, data, model, windows, scoring] = QUESTIONS.map(({ standard }) => standard);
  return {
    name: name ?? "",
    data: data ?? "",
    model: model ?? "",
    windows: windows ?? "",
    scoring: scoring ?? "",
  };
}

/**
 * Answers from flags, then from the person (`ask`), then from defaults. A wrong answer is explained and asked for again;
 * a wrong flag is not asked for, since whoever typed it should see it refused.
 */
export async function answersOf(
  flags: Partial<Answers>,
  ask: Ask | null,
  say: (text: string) => void,
): Promise<Answers> {
  let answers: Answers = { ...standardAnswers(), ...flags };
  if (ask === null || faultOf(answers) !== null) return answers;
  say("Enter takes the value in brackets.");
  for (const { id, text, standard, hint } of QUESTIONS) {
    if (flags[id] !== undefined) continue;
    if (hint !== undefined) say(hint);
    for (;;) {
      const line = (await ask(`${text} [${standard}]: `)).trim();
      const next: Answers = { ...answers, ...(line !== "" && { [id]: line }) };
      const fault = faultOf(next);
      if (fault === null) {
        answers = next;
        break;
      }
      say(`  ${fault}`);
    }
  }
  return answers;
}
