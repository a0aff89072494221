/** @file Secrets from the environment or from the person at the terminal, never from a flag: flags show in process lists. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { AssayError } from "../errors.ts";

/** A phrase of 24 words, a long path and a password have room in this. */
const MAXIMUM_SECRET_BYTES = 4096;

/** Standard input up to a limit: whoever pipes a secret in pipes little. @throws AssayError bad-option */
async function pipedSecret(): Promise<string> {
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of process.stdin) {
    const bytes = Buffer.from(part);
    total += bytes.length;
    if (total > MAXIMUM_SECRET_BYTES) {
      process.stdin.destroy();
      const detail = `Standard input holds more than the ${MAXIMUM_SECRET_BYTES} bytes of a phrase or seed.`;
      throw new AssayError({ code: "bad-option", detail });
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Asks at the terminal without showing what is typed; undefined when nothing is. @throws AssayError declined */
async function askHidden(question: string): Promise<string | undefined> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  process.stderr.write(question);
  try {
    const answer = await reader.question("");
    return answer === "" ? undefined : answer;
  } catch (cause) {
    // Ctrl-C or Ctrl-D at the prompt.
    throw new AssayError({ code: "declined", secret: true }, { cause });
  } finally {
    reader.close();
    process.stderr.write("\n");
  }
}

/**
 * The password from `ASSAY_PASSWORD` or from the person; undefined where nobody can be asked or nothing is typed: an empty
 * one encrypts nothing, wherever it stands.
 * @throws AssayError declined
 */
export async function askPassword(question: string): Promise<string | undefined> {
  const set = process.env["ASSAY_PASSWORD"];
  if (set === "") return undefined;
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
    process.stdin.isTTY ? askHidden(question) : pipedSecret();
  const secret = (phrase ?? seed ?? (await asked()) ?? "").trim();
  if (secret === "")
    throw new AssayError({
      code: "bad-option",
      detail:
        "No phrase and no seed was given: type it at the prompt, or set ASSAY_MNEMONIC or ASSAY_SEED.",
    });
  return secret;
}
