/** @file Secrets from the environment or from the person at the terminal, never from a flag: flags show in process lists. */
import { createInterface } from "node:readline/promises";
import { text as wholeText } from "node:stream/consumers";
import { Writable } from "node:stream";
import { AssayError } from "../errors.ts";

/** Asks at the terminal without showing what is typed; undefined when nothing is. */
async function askHidden(question: string): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question);
  const answer = await reader.question("");
  reader.close();
  process.stderr.write("\n");
  return answer === "" ? undefined : answer;
}

/** The password from `ASSAY_PASSWORD` or from the person; undefined where nobody can be asked or nothing is typed. */
export async function askPassword(question: string): Promise<string | undefined> {
  const set = process.env["ASSAY_PASSWORD"];
  if (set !== undefined || !process.stdin.isTTY) return set;
  return askHidden(question);
}

/**
 * The phrase or 0x seed of a key: from `ASSAY_MNEMONIC` or `ASSAY_SEED`, from the person, or from standard input.
 * @throws AssayError bad-option when there is none, or both variables are set
 */
export async function askSecret(question: string): Promise<string> {
  const { ASSAY_MNEMONIC: phrase, ASSAY_SEED: seed } = process.env;
  if (phrase !== undefined && seed !== undefined)
    throw new AssayError({
      code: "bad-option",
      detail: "Both ASSAY_MNEMONIC and ASSAY_SEED are set: set the one that is meant.",
    });
  const asked = async (): Promise<string | undefined> =>
    process.stdin.isTTY ? askHidden(question) : wholeText(process.stdin);
  const secret = (phrase ?? seed ?? (await asked()) ?? "").trim();
  if (secret === "")
    throw new AssayError({
      code: "bad-option",
      detail:
        "No phrase and no seed was given: type it at the prompt, or set ASSAY_MNEMONIC or ASSAY_SEED.",
    });
  return secret;
}
