/** @file `subnet params set`: one key of the owner's file, changed on its line. The chain learns of it by `push`. */
import type { Told } from "../../src/command/command.ts";
import { tomlText } from "../../src/command/toml.ts";
import type { KeyInfo } from "../config/keys.ts";
import { isAmendable, isInManifest } from "../config/of-manifest.ts";
import { requireKey, setInFile, valueWritten } from "../config/set-key.ts";
import { fileArguments } from "../owner/place.ts";
import type { SetOptions } from "./options.ts";

/** What becomes of the new value. */
function effectOf({ path }: KeyInfo): string {
  if (isAmendable(path)) return "a live run takes it by an amendment";
  if (path.startsWith("hyperparameters.")) return "subnet params push sets it on the chain";
  return isInManifest(path) ? "only a new run takes it" : "no run depends on it";
}

/**
 * Sets the key in the file; everything is read back before it is written.
 * @throws AssayError bad-option naming the nearest key, the range of the value, or a file that cannot be edited by the line
 */
export async function setParameter(
  options: SetOptions,
  told: Told & { readonly print: (line: string) => void },
): Promise<void> {
  const { file } = options;
  const info = requireKey(options.key);
  const value = valueWritten(info, options.value);
  const old = await setInFile(file, info, value);
  if (options.json) {
    const effect = effectOf(info);
    told.print(JSON.stringify({ file, key: info.path, before: old, after: value, effect }));
    return;
  }
  told.print(`${file}: ${info.path} ${tomlText(old)} -> ${tomlText(value)}`);
  const next = { ours: "subnet params diff", args: fileArguments({ file }) };
  told.print(`${effectOf(info)}; next: ${told.line(next)}`);
}
