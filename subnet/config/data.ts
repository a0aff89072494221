/** @file Table [data]: the text to learn and how it is dealt out. */
import { derivedKey, key, oneOf, table, text, texts, whole } from "./key.ts";

/** [data] */
export const dataTable = table("The text to learn, and how it is dealt out", {
  folder: key(text(4096), "node_modules", {
    description: "Folder of the text; a relative path starts where the command runs.",
    unit: "path",
    effect: "One file in 32 is held out: it is never trained on and measures the loss.",
  }),
  include: derivedKey(
    texts(64),
    '["**/*.d.ts", "**/*.md"] if the folder is node_modules, else ["**/*"]',
    {
      description: "Globs of the files to read, relative to the folder.",
      unit: "globs",
      effect: "Files that are not UTF-8 text are left out whatever the globs say.",
    },
  ),
  format: key(oneOf(["text", "jsonl"]), "text", {
    description: "text: a file is one text; jsonl: a line is a JSON object with one text.",
    unit: "name",
    effect: "With jsonl only the field below is read.",
  }),
  field: key(text(256), "text", {
    description: "The field of a JSON line that holds the text (jsonl).",
    unit: "name",
    effect: "Lines without it are left out and counted.",
  }),
  limitBytes: key(whole(1024, 1_073_741_824), 8_388_608, {
    description: "Most text that is used; files are taken in the order of their paths.",
    unit: "bytes",
    effect: "More: less repetition and room for more miners; every node downloads it once.",
  }),
  sequencesPerPage: key(whole(1, 65_536), 8, {
    description: "Sequences of a page. A page is contiguous text, the unit of assignment.",
    unit: "sequences",
    effect: "More: a page is more recognisable (clearer scores), but there are fewer pages.",
  }),
  pagesPerWindow: key(whole(1, 65_536), 8, {
    description: "Pages that a miner is assigned in a window.",
    unit: "pages",
    effect: "More: each is seen less often in a window, so the proof of work on it is weaker.",
  }),
  noisePages: key(whole(1, 65_536), 8, {
    description: "Pages assigned to nobody, on which every update is compared.",
    unit: "pages",
    effect: "More: less luck in the comparison.",
  }),
});
