/** @file All that a client can name in a runtime's metadata, as flat text: what two runtimes are compared by. */
import type { Metadata } from "@polkadot/types";
import type {
  MetadataLatest,
  PalletMetadataLatest,
  SiVariant,
  StorageEntryMetadataLatest,
} from "@polkadot/types/interfaces";
import { typesPackage } from "../../../chain/polkadot.ts";
import { Shapes } from "./shapes.ts";

/** For example "SubtensorModule.storage.Tempo" -> "Default [Identity] u16 -> u16 = 0x6801". */
export type Surface = ReadonlyMap<string, string>;

type Item = readonly [name: string, text: string];

function variants(
  shapes: Shapes,
  pallet: string,
  kind: "call" | "event",
  list: readonly SiVariant[],
): Item[] {
  return list.map(({ name, index, fields }) => [
    `${pallet}.${kind}.${name.toString()}`,
    `${index.toString()} ${shapes.fields(fields)}`,
  ]);
}

function storageItem(shapes: Shapes, pallet: string, entry: StorageEntryMetadataLatest): Item {
  const { type, modifier, fallback } = entry;
  const key = type.isMap ? shapes.of(type.asMap.key) : "";
  const hashers = type.isMap ? type.asMap.hashers.map(({ type: hasher }) => hasher).join() : "";
  const value = shapes.of(type.isMap ? type.asMap.value : type.asPlain);
  return [
    `${pallet}.storage.${entry.name.toString()}`,
    `${modifier.type} [${hashers}] ${key} -> ${value} = ${fallback.toHex()}`,
  ];
}

function palletItems(metadata: MetadataLatest, shapes: Shapes, of: PalletMetadataLatest): Item[] {
  const pallet = of.name.toString();
  const enumOf = (option: PalletMetadataLatest["calls"]): readonly SiVariant[] =>
    option.isSome ? metadata.lookup.getSiType(option.unwrap().type).def.asVariant.variants : [];
  const errors = of.errors.isSome
    ? metadata.lookup.getSiType(of.errors.unwrap().type).def.asVariant.variants
    : [];
  const events = of.events.isSome
    ? metadata.lookup.getSiType(of.events.unwrap().type).def.asVariant.variants
    : [];
  const items = of.storage.isSome ? of.storage.unwrap().items : [];
  return [
    [`${pallet}.index`, of.index.toString()],
    ...variants(shapes, pallet, "call", enumOf(of.calls)),
    ...variants(shapes, pallet, "event", events),
    ...errors.map<Item>(({ name, index }) => [
      `${pallet}.error.${name.toString()}`,
      index.toString(),
    ]),
    ...of.constants.map<Item>(({ name, type, value }) => [
      `${pallet}.constant.${name.toString()}`,
      `${shapes.of(type)} = ${value.toHex()}`,
    ]),
    ...items.map((entry) => storageItem(shapes, pallet, entry)),
  ];
}

function apiItems({ apis }: MetadataLatest, shapes: Shapes): Item[] {
  return apis.flatMap(({ name, methods }) =>
    methods.map<Item>(({ name: method, inputs, output }) => {
      const args = inputs.map((input) => `${input.name.toString()}: ${shapes.of(input.type)}`);
      return [
        `${name.toString()}.${method.toString()}`,
        `(${args.join(", ")}) -> ${shapes.of(output)}`,
      ];
    }),
  );
}

/** Extensions with what they add to an extrinsic and to what is signed. Read of each version as it is: conversions lose the latter. */
function extensionItems(metadata: Metadata, shapes: Shapes): Item[] {
  const all =
    metadata.version < 16
      ? metadata.asV15.extrinsic.signedExtensions.map(
          ({ identifier, type, additionalSigned }) => [identifier, type, additionalSigned] as const,
        )
      : metadata.asV16.extrinsic.transactionExtensions.map(
          ({ identifier, type, implicit }) => [identifier, type, implicit] as const,
        );
  return all.map(([identifier, type, signed]) => [
    `extension.${identifier.toString()}`,
    `${shapes.of(type)} / ${shapes.of(signed)}`,
  ]);
}

/** A runtime's metadata, of any version that @polkadot/types reads, as a surface. `bytes` begins with "meta". */
export function surfaceOf(bytes: Uint8Array): Surface {
  const { Metadata, TypeRegistry } = typesPackage();
  const decoded = new Metadata(new TypeRegistry(), bytes);
  const metadata = decoded.asLatest;
  const shapes = new Shapes(metadata.lookup);
  return new Map([
    ...metadata.pallets.flatMap((pallet) => palletItems(metadata, shapes, pallet)),
    ...apiItems(metadata, shapes),
    ...extensionItems(decoded, shapes),
  ]);
}
