/** @file `subnet init`: writes a commented subnet.toml from flags, a few questions, or defaults. */
import { existsSync, statSync, writeFileSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { fileReason } from "../../base/files.ts";
import { modelOfFolder } from "../../src/checkpoint/hugging-face-config.ts";
import { namingCheckpoint } from "../../src/checkpoint/safetensors.ts";
import { AssayError } from "../../src/errors.ts";
import { shellWord } from "../../src/command/next-command.ts";
import { overridesOf } from "../config/options.ts";
import { loadConfig } from "../config/read.ts";
import { type Answers, answersOf, type Ask, faultOf, settingsOf } from "./questions.ts";
import type { InitOptions } from "./options.ts";
import { templateText } from "./template.ts";

/** Where questions are asked and results told. */
export type Terminal = {
  readonly input: Readable;
  readonly output: Writable;
  /** Whether somebody can answer. */
  readonly interactive: boolean;
};

/** What stands without "#": what owners decide first. */
const MAIN_KEYS = ["name", "windows", "data.folder", "model.preset"];

/** The schema file of this release, as an editor finds it from `file`; null when this copy of Assay has none. */
function schemaFor(file: string): string | null {
  const schema = fileURLToPath(new URL("../../docs/subnet.schema.json", import.meta.url));
  if (!existsSync(schema)) return null;
  const way = relative(dirname(resolve(file)), schema);
  const near = !isAbsolute(way) && !way.startsWith(`..${sep}..${sep}`);
  return near ? way.split(sep).join("/") : pathToFileURL(schema).href;
}

/** Asks on a terminal; a closed terminal ends the questions. */
function asking({ input, output }: Terminal): { ask: Ask; close: () => void } {
  const reader = createInterface({ input, output });
  const ended = new AbortController();
  reader.once("close", () => ended.abort());
  const ask: Ask = async (question) => {
    try {
      return await reader.question(question, { signal: ended.signal });
    } catch (cause) {
      if (!ended.signal.aborted) throw cause;
      const detail = "the questions were not answered to the end; nothing was written";
      const next = "Take defaults and flags as answers.";
      const run = { again: { yes: true } };
      throw new AssayError({ code: "bad-option", detail, next, run }, { cause });
    }
  };
  return { ask, close: () => reader.close() };
}

function givenAnswers({ name, data, model, windows, scoring }: InitOptions): Partial<Answers> {
  return {
    ...(name !== undefined && { name }),
    ...(data !== undefined && { data }),
    ...(model !== undefined && { model }),
    ...(windows !== undefined && { windows }),
    ...(scoring !== undefined && { scoring }),
  };
}

async function collectAnswers(options: InitOptions, terminal: Terminal): Promise<Answers> {
  const flags = givenAnswers(options);
  if (options.yes || !terminal.interactive) return answersOf(flags, null, () => undefined);
  const { ask, close } = asking(terminal);
  try {
    return await answersOf(flags, ask, (text) => terminal.output.write(`${text}\n`));
  } finally {
    close();
  }
}

/** A model of so many tokens reads bytes, as this repository exports it. */
const BYTES = 256;

/** The sizes of a Hugging Face model, and its tokenizer, as --set takes them. @throws AssayError bad-option, checkpoint-invalid */
async function sizesOf(folder: string): Promise<string[]> {
  try {
    const model = await modelOfFolder(folder);
    const sizes = Object.entries(model).map(([key, value]) => `model.${key}=${value}`);
    const tokenizer = join(folder, "tokenizer.json");
    if (model.vocabulary === BYTES || !existsSync(tokenizer)) return sizes;
    return [...sizes, `tokenizer.file=${tokenizer}`];
  } catch (cause) {
    if (cause instanceof AssayError) throw namingCheckpoint(cause, folder);
    const detail = `--from ${folder} cannot be used: ${fileReason(cause)}`;
    throw new AssayError({ code: "bad-option", detail }, { cause });
  }
}

/** The text that `init` writes for these answers and --set values. @throws AssayError bad-option */
export function initText(
  answers: Answers,
  set: readonly string[],
  where: { readonly file: string; readonly schema: string | null },
): string {
  const fault = faultOf(answers);
  if (fault !== null) throw new AssayError({ code: "bad-option", detail: fault });
  const settings = settingsOf(answers);
  const { config, entries } = loadConfig(null, { set: [...settings, ...set], environment: {} });
  const said = entries.filter(({ source }) => source === "flag").map(({ info }) => info.path);
  return templateText({ ...where, config, explicit: new Set([...MAIN_KEYS, ...said]) });
}

/** Writes the file and says what comes next. @throws AssayError bad-option when a file is there or an answer is wrong */
export async function initSubnet(options: InitOptions, terminal: Terminal): Promise<void> {
  const { file, force } = options;
  const word = shellWord(file);
  if (!force && existsSync(file))
    throw new AssayError({
      code: "bad-option",
      detail: `${file} is there already`,
      next: "Check it, or write over it with --force.",
      run: { ours: "subnet check", args: [file] },
    });
  // What stands there may be a folder, or a pipe on which writing would wait for ever.
  if (statSync(file, { throwIfNoEntry: false })?.isFile() === false)
    throw new AssayError({
      code: "bad-option",
      detail: `${file} is no regular file, so it is not written over`,
      next: "Name another file.",
    });
  const answers = await collectAnswers(options, terminal);
  const where = { file: word, schema: schemaFor(file) };
  const { from } = options;
  const sizes = from === undefined ? [] : await sizesOf(from);
  const text = initText(answers, [...sizes, ...(overridesOf(options).set ?? [])], where);
  // wx: somebody may have written it while the questions were asked.
  writeFileSync(file, text, { flag: force ? "w" : "wx" });
  const missing = existsSync(answers.data) ? "" : `\n(${answers.data} is not there yet)`;
  terminal.output.write(
    `wrote ${file}: ${from ?? answers.model}, ${answers.windows} windows, text from ${answers.data}${missing}\n` +
      `next: npm run subnet -- check ${word}\n`,
  );
  if (from !== undefined)
    terminal.output.write(
      `to go on from its parameters: npm run subnet -- publish ${word} --checkpoint ${shellWord(from)}\n`,
    );
}
