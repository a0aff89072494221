/** @file Secrets of wallets that were really used, and a search for them in whatever was written. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Something that must stand nowhere. */
export type Secret = { readonly name: string; readonly forms: readonly Buffer[] };

const keySchema = z.looseObject({
  secretPhrase: z.string().nullish(),
  secretSeed: z.string().nullish(),
  privateKey: z.string().nullish(),
});

/** A secret as text, and hexadecimal digits also as the bytes that they are. */
export function secretOf(name: string, text: string): Secret {
  const bare = text.replace(/^0x/, "");
  const isHex = /^[0-9a-f]{32,}$/i.test(bare);
  const forms = isHex
    ? [Buffer.from(bare.toLowerCase()), Buffer.from(bare, "hex")]
    : [Buffer.from(text)];
  return { name, forms };
}

function filesBelow(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .map((name) => join(path, name))
    .filter((one) => statSync(one).isFile());
}

/** Phrases, seeds and private keys in the wallets of a folder. */
export function secretsOfWallets(folder: string): readonly Secret[] {
  return filesBelow(folder).flatMap((path) => {
    let json: unknown;
    try {
      json = JSON.parse(readFileSync(path, "utf8"));
    } catch {
      return [];
    }
    const key = keySchema.safeParse(json).data ?? {};
    return [key.secretPhrase, key.secretSeed, key.privateKey].flatMap((secret) =>
      secret ? [secretOf(path.slice(folder.length + 1), secret)] : [],
    );
  });
}

/** Where a secret stands: lines for people. `texts`: what was not written to a file, by what it is. */
export function leaks(
  secrets: readonly Secret[],
  places: readonly string[],
  texts: Readonly<Record<string, string>>,
): { readonly found: readonly string[]; readonly bytes: number } {
  const found: string[] = [];
  let bytes = 0;
  const search = (what: string, content: Buffer): void => {
    bytes += content.length;
    for (const { name, forms } of secrets)
      if (forms.some((form) => content.includes(form))) found.push(`a secret (${name}) in ${what}`);
  };
  for (const path of places.flatMap(filesBelow)) search(path, readFileSync(path));
  for (const [what, text] of Object.entries(texts)) search(what, Buffer.from(text));
  return { found, bytes };
}
