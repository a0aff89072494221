/** @file Table [data]: the text to learn and how it is dealt out. */
import { derivedKey, key, oneOf, table, text, texts, whole } from "./key.ts";

/** [data] */
export const dataTable = table("The text to learn, and how it is dealt out", {
  folder: key(text(4096), "node_modules", {
    description:
      "Folder of the data, or one file of it where the format is not text; also http(s)://... (one that ends in / with its files in include) and s3://bucket/key; or synthetic:seed=1,symbols=64,branches=4, a source of known entropy. A relative path starts where the command runs.",
    unit: "path",
    effect: "A part of 32 is held out: it is never trained on and measures the loss.",
  }),
  selection: derivedKey(
    oneOf(["demo", "all", "synthetic"]),
    "demo if the folder is a node_modules, synthetic if it begins so, else all",
    {
      description:
        "demo: the fixed choice of *.d.ts and *.md behind the README's figures; all: any data; synthetic: made here, the same everywhere.",
      unit: "name",
      effect: "Under demo and synthetic the four keys below do nothing.",
    },
  ),
  include: derivedKey(texts(64), "every file; else those that end as the format does", {
    description: "Globs of the files to read, below the folder; without a slash at any depth.",
    unit: "globs",
    effect: "Files that are not UTF-8 text are left out whatever the globs say.",
  }),
  format: derivedKey(
    oneOf(["text", "jsonl", "parquet", "tokens"]),
    "by the ending of a file's name: .jsonl, .ndjson, .parquet, .bin, .npy; else text",
    {
      description:
        "text: a file is one text; jsonl: a line is a JSON object with one text; parquet: a row is one text; tokens: shards of tokens that were made before.",
      unit: "name",
      effect: "Of jsonl and parquet only one field is read.",
    },
  ),
  field: key(text(256), "text", {
    description: "Field of a JSON line, or column of Parquet, that holds the text.",
    unit: "name",
    effect: "Lines and rows without it are left out and counted.",
  }),
  tokenType: key(oneOf(["auto", "u16", "u32"]), "auto", {
    description:
      "Unsigned little-endian numbers of 16 or 32 bits (tokens); auto: as the header of each shard says (.npy, or .bin of llm.c and modded-nanogpt).",
    unit: "name",
    effect:
      "A shard without a header must be told; a wrong width gives tokens beyond the vocabulary.",
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
