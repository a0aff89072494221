/** @file One key of subnet.toml: a value with its bounds and the words that every reader of the schema shows. */
import { z } from "zod";

/** What a person is told about a key. One short sentence or two each. */
export type About = {
  /** What it is. */
  readonly description: string;
  /** What one of it is: blocks, bytes, sequences; "text", "share" or "switch" where nothing is counted. */
  readonly unit: string;
  /** What happens when it is raised or lowered, or how the choices differ. */
  readonly effect: string;
};

/** Everything that hangs on a key's schema. `derived` says how a default follows from other keys. */
type Meta = About & { readonly kind: string; readonly range: string; readonly derived?: string };

/** A value without a default yet: its schema, what kind of value it is, which values it may take. */
export type Bounded<S extends z.ZodType> = {
  readonly schema: S;
  readonly kind: string;
  readonly range: string;
};

/** A number as a person reads it: thousands apart, small ones as they are. */
function readable(value: number): string {
  return Number.isInteger(value) && Math.abs(value) >= 10_000
    ? value.toLocaleString("en-US")
    : String(value);
}

const LARGEST_ON_THE_WIRE = 2 ** 32 - 1;

/** Whole numbers min..max. A bound that only the wire format sets is not worth showing. */
export function whole(min: number, max: number): Bounded<z.ZodInt> {
  const range =
    max === LARGEST_ON_THE_WIRE ? `${min} or more` : `${readable(min)} to ${readable(max)}`;
  return { schema: z.int().min(min).max(max), kind: "a whole number", range };
}

/** Numbers min..max, both included. */
export function between(min: number, max: number): Bounded<z.ZodNumber> {
  const range = `${readable(min)} to ${readable(max)}`;
  return { schema: z.number().min(min).max(max), kind: "a number", range };
}

/** Numbers above 0, up to max. */
export function positive(max: number): Bounded<z.ZodNumber> {
  const range = `above 0 to ${readable(max)}`;
  return { schema: z.number().gt(0).max(max), kind: "a number", range };
}

/** Numbers from 0 up to, but not including, 1. */
export function fraction(): Bounded<z.ZodNumber> {
  return { schema: z.number().min(0).lt(1), kind: "a number", range: "0 to below 1" };
}

/** true or false. */
export function toggle(): Bounded<z.ZodBoolean> {
  return { schema: z.boolean(), kind: "a switch", range: "true, false" };
}

/** One of some words. */
export function oneOf<const W extends readonly [string, ...string[]]>(
  words: W,
): Bounded<z.ZodEnum<{ [K in W[number]]: K }>> {
  return { schema: z.enum(words), kind: "one of", range: words.join(", ") };
}

const PRINTABLE = /^\P{Cc}+$/u;

/** Printable text of 1..max characters. */
export function text(max: number): Bounded<z.ZodString> {
  const schema = z.string().min(1).max(max).regex(PRINTABLE, "must be printable");
  return { schema, kind: "text", range: `1 to ${max} characters` };
}

/** One or more printable texts. */
export function texts(max: number): Bounded<z.ZodArray<z.ZodString>> {
  const schema = z.array(text(256).schema).min(1).max(max);
  return { schema, kind: "a list of texts", range: `1 to ${max} texts` };
}

/** A key with a default. */
export function key<S extends z.ZodType>(
  bounded: Bounded<S>,
  standard: z.util.NoUndefined<z.output<S>>,
  about: About,
): z.ZodDefault<S> {
  const { schema, kind, range } = bounded;
  return schema.default(standard).meta({ ...about, kind, range } satisfies Meta);
}

/** A key whose default follows from other keys, as `derived` says; src of the rule: resolve.ts. */
export function derivedKey<S extends z.ZodType>(
  bounded: Bounded<S>,
  derived: string,
  about: About,
): z.ZodOptional<S> {
  const { schema, kind, range } = bounded;
  return schema.optional().meta({ ...about, kind, range, derived } satisfies Meta);
}

/** A table of keys. */
export function table<S extends z.core.$ZodLooseShape>(
  description: string,
  shape: S,
): z.ZodObject<S, z.core.$strict> {
  return z.strictObject(shape).meta({ description });
}
