/** @file JSON whose integers keep every digit: u64 and u128 balances do not fit a JavaScript number. */

/** JSON with exact integers: those outside the safe range are bigint. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | JsonObject;
/** A JSON object. */
export type JsonObject = { readonly [key: string]: JsonValue };

/** Whether a value is an object (neither array nor null). */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || Number.isSafeInteger(value) || source === undefined)
    return value;
  return /^-?\d+$/.test(source) ? BigInt(source) : value;
}

/** Parses JSON; integers beyond 2^53 become bigint. @throws SyntaxError */
export function parseExactJson(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text, exact);
  return value;
}

/** Writes JSON; bigint values become plain integers. */
export function writeExactJson(value: JsonValue): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(writeExactJson).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}:${writeExactJson(member)}`,
  );
  return `{${members.join(",")}}`;
}

/** `patch` on top of `base`: objects are merged, anything else is replaced (as chain specs do). */
export function mergeJson(base: JsonValue, patch: JsonValue): JsonValue {
  if (!isJsonObject(base) || !isJsonObject(patch)) return patch;
  const merged: Record<string, JsonValue> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    const old = Object.hasOwn(base, key) ? base[key] : undefined;
    Object.defineProperty(merged, key, {
      value: old === undefined ? value : mergeJson(old, value),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return merged;
}
