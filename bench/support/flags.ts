/** @file The flags of a bench case, and what is said of wrong ones. */
import { basename } from "node:path";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { reasonOf } from "../../base/fault.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;

/** The values of this process's flags. Ends the process with 2, and says what `--help` prints, where one is wrong. */
export function flagsOf<const T extends Options>(
  options: T,
): ReturnType<typeof parseArgs<{ options: T }>>["values"] {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    const name = basename(process.argv[1] ?? "").replace(/\.[jt]s$/, "");
    console.error(
      `error: ${reasonOf(error)}; npm run bench -- ${name} --help says which there are`,
    );
    return process.exit(2);
  }
}
