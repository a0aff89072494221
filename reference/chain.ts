/** @file docs/chain-calls.md: every call and storage item of the runtime, read out of the metadata of the committed artifact. */
import type { Text, Vec } from "@polkadot/types-codec";
import type {
  MetadataLatest,
  PalletMetadataLatest,
  SiVariant,
  StorageEntryMetadataLatest,
} from "@polkadot/types/interfaces";
import { typesPackage } from "../chain/polkadot.ts";
import { row } from "./markdown.ts";

const INTRODUCTION = `# Calls and storage of the chain

Made by \`npm run reference:build\` of the metadata in chain/artifacts; \`npm run check\` fails when it is stale. What calls do together: [chain](chain.md);
which of them Bittensor's clients use: [chain-clients](chain-clients.md). Errors and events stand in the metadata itself, which every node serves
(\`state_getMetadata\`). Numbers are indexes in SCALE, and equal Bittensor's where Bittensor has the item.
`;

const SENTENCE = /^(.*?[.;:])(?:\s|$)/s;

/** The first sentence of what its source says about an item. */
function sentence(docs: Vec<Text>): string {
  const lines = docs.map((line) => line.toString().trim());
  const end = lines.indexOf("", 1);
  const first = lines
    .slice(0, end < 0 ? undefined : end)
    .join(" ")
    .trim();
  return (SENTENCE.exec(first)?.[1] ?? first).replace(/[;:]$/, ".");
}

/** A type as the source writes it, without where it comes from. */
function typeText(name: string): string {
  return name
    .replaceAll(/<T as [^>]*>::|\bT::|\bself::|\bfrom_origin::/g, "")
    .replaceAll(/\b(BlockNumberFor|AccountIdLookupOf|BalanceOf)<T>/g, "$1");
}

function callRow({ index, name, fields, docs }: SiVariant): string {
  const all = fields.map(
    (field) =>
      `${field.name.unwrapOr("").toString()}: ${typeText(field.typeName.unwrapOr("").toString())}`,
  );
  return row([
    index.toString(),
    `\`${name.toString()}\``,
    all.map((one) => `\`${one}\``).join(", "),
    sentence(docs),
  ]);
}

/** A type of storage, short: what a large one is made of is said by the metadata. */
function storageType(
  metadata: MetadataLatest,
  entry: StorageEntryMetadataLatest,
  side: "key" | "value",
): string {
  const { type } = entry;
  if (side === "key" && !type.isMap) return "";
  const id = side === "key" ? type.asMap.key : type.isMap ? type.asMap.value : type.asPlain;
  const { lookupName, lookupNameRoot, type: text } = metadata.lookup.getTypeDef(id);
  const short = text.startsWith("{") ? (lookupName ?? lookupNameRoot ?? "struct") : text;
  return `\`${short}\``;
}

function palletText(metadata: MetadataLatest, pallet: PalletMetadataLatest): string {
  const calls = pallet.calls.isSome
    ? [...metadata.lookup.getSiType(pallet.calls.unwrap().type).def.asVariant.variants]
    : [];
  const items = pallet.storage.isSome ? [...pallet.storage.unwrap().items] : [];
  const sorted = calls.toSorted((a, b) => a.index.toNumber() - b.index.toNumber());
  const storage = items.map((entry) =>
    row([
      `\`${entry.name.toString()}\``,
      storageType(metadata, entry, "key"),
      storageType(metadata, entry, "value"),
      sentence(entry.docs),
    ]),
  );
  const parts = [`## ${pallet.name.toString()} (${pallet.index.toString()})\n`];
  if (calls.length > 0)
    parts.push(
      `| # | Call | Arguments | What |\n|---|---|---|---|\n${sorted.map(callRow).join("\n")}\n`,
    );
  if (items.length > 0)
    parts.push(`| Storage | Key | Value | What |\n|---|---|---|---|\n${storage.join("\n")}\n`);
  return parts.join("\n");
}

/** docs/chain-calls.md. @param bytes metadata that begins with "meta" */
export function chainText(bytes: Uint8Array): string {
  const { Metadata, TypeRegistry } = typesPackage();
  const metadata = new Metadata(new TypeRegistry(), bytes).asLatest;
  const pallets = metadata.pallets.filter(({ calls, storage }) => calls.isSome || storage.isSome);
  return [INTRODUCTION, ...pallets.map((pallet) => palletText(metadata, pallet))].join("\n");
}
