/** @file Table [data]: the text to learn and how it is dealt out. */
import { derivedKey, key, oneOf, table, text, texts, whole } from "./key.ts";

/** [data] */
export const dataTable = table("The text to learn, and how it is dealt out", {
  folder: key(text(4096), "node_modules", {
    description: "Folder of the text; a relative path starts where the command runs.",
    unit: "path",
    effect: "A part of 32 is held out: it is never trained on and measures the loss.",
  }),
  selection: derivedKey(oneOf(["demo", "all"]), "demo if the folder is a node_modules, else all", {
    description:
      "demo: the fixed choice of *.d.ts and *.md behind the README's figures; all: any text.",
    unit: "name",
    effect: "Under demo the three keys below do nothing.",
  }),
  include: derivedKey(texts(64), 'every file; for jsonl ["*.jsonl", "*.ndjson"]', {
    description: "Globs of the files to read, below the folder; without a slash at any depth.",
    unit: "globs",
    effect: "Files that are not UTF-8 text are left out whatever the globs say.",
  }),
  format: key(oneOf(["text", "jsonl"]), "text", {
    description: "text: a file is one text; jsonl: a line is a JSON object with one text.",
    unit: "name",
    effect: "With jsonl only one field is read.",
  }),
  field: key(text(256), "text", {
    description: "Field of a JSON line that holds the text (jsonl).",
    unit: "name",
    effect: "Lines without it are left out and counted.",
  }),
  limitBytes: key(whole(1024, 1_073_741_824), 8_388_608, {
    description: "Most text that is read; files are taken in the order of their paths.",
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
