/** @file Types of metadata as texts that are equal when values have the same bytes and the same keys. */
import type { PortableRegistry } from "@polkadot/types";
import type { Si1Field, Si1Type, SiLookupTypeId } from "@polkadot/types/interfaces";

/** Types that two runtimes share by name, whatever is in them: each has calls and events of its own. */
const BY_NAME = new Set([
  "RuntimeCall",
  "RuntimeEvent",
  "RuntimeError",
  "OriginCaller",
  "RuntimeHoldReason",
  "RuntimeFreezeReason",
  "AccountId32",
  "H160",
  "H256",
]);

/** Writes types of one metadata. */
export class Shapes {
  readonly #lookup: PortableRegistry;
  readonly #known = new Map<number, string>();

  constructor(lookup: PortableRegistry) {
    this.#lookup = lookup;
  }

  /** The shape of a type: newtypes without a name for their field are what they hold, maps are lists of pairs. */
  of(id: SiLookupTypeId): string {
    const index = id.toNumber();
    const known = this.#known.get(index);
    if (known !== undefined) return known;
    // A type within itself.
    this.#known.set(index, "Self");
    const shape = this.#shape(this.#lookup.getSiType(id));
    this.#known.set(index, shape);
    return shape;
  }

  /** Fields as of a struct or of a tuple. */
  fields(fields: readonly Si1Field[]): string {
    const named = fields.every(({ name }) => name.isSome);
    const all = fields.map(({ name, type }) =>
      named ? `${name.unwrap().toString()}: ${this.of(type)}` : this.of(type),
    );
    return named && all.length > 0 ? `{${all.join(", ")}}` : `(${all.join(", ")})`;
  }

  #shape(type: Si1Type): string {
    const name = type.path.at(-1)?.toString() ?? "";
    if (BY_NAME.has(name)) return name;
    const { def } = type;
    if (def.isPrimitive) return def.asPrimitive.type.toLowerCase();
    if (def.isCompact) return `Compact<${this.of(def.asCompact.type)}>`;
    if (def.isSequence) return `Vec<${this.of(def.asSequence.type)}>`;
    if (def.isArray) return `[${this.of(def.asArray.type)}; ${def.asArray.len.toNumber()}]`;
    if (def.isTuple) return `(${def.asTuple.map((id) => this.of(id)).join(", ")})`;
    if (def.isComposite) return this.#composite(def.asComposite.fields);
    if (def.isVariant) return this.#variant(name, type);
    return def.type;
  }

  #composite(fields: readonly Si1Field[]): string {
    const [first, second] = fields;
    return first !== undefined && second === undefined && first.name.isNone
      ? this.of(first.type)
      : this.fields(fields);
  }

  #variant(name: string, type: Si1Type): string {
    const { variants } = type.def.asVariant;
    const some = variants.find((variant) => variant.name.toString() === "Some")?.fields[0];
    if (name === "Option" && some !== undefined) return `Option<${this.of(some.type)}>`;
    const all = [...variants].toSorted((a, b) => a.index.toNumber() - b.index.toNumber());
    return `enum{${all
      .map(({ index, name: of, fields }) => {
        const inner = fields.length === 0 ? "" : this.fields(fields);
        return `${index.toString()} ${of.toString()}${inner}`;
      })
      .join(", ")}}`;
  }
}
