/** @file Finds citations that lead nowhere: of documents or headings that are not there, or by number instead of by heading. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { anchorsOf, isReadable, proseOf } from "./prose.ts";

/** A citation that leads nowhere: file and line, what was cited, what is wrong with it. */
export type CitationFault = {
  readonly path: string;
  readonly line: number;
  readonly cited: string;
  readonly reason: string;
};

/** Endings that are left out. */
export const SKIPPED_ENDINGS: readonly string[] = [];

const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(["node_modules", "dist", "target"]);

type Finding = { readonly offset: number; readonly cited: string; readonly reason: string };
type Place = { readonly root: string; readonly path: string };

/** Citations that nobody can follow, whatever files there are. */
const UNFOLLOWABLE: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  {
    pattern: /[\w./-]*\w\.md`?,?\s+(?:sections?\s+|chapters?\s+|§\s*)?[A-Z]{0,2}\d[\d.]*/g,
    reason: "names a number; cite a heading, as docs/protocol.md#7-acceptance does",
  },
  {
    pattern: /\bDESIGN\b(?:\s+(?:section\s+)?\d[\d.]*)?/g,
    reason: "is no document of this repository",
  },
  {
    // "protocol 1", "protocol 2" and "protocol 3" are versions.
    pattern:
      /\b(?:protocol\s+(?:sections?\s+\d[\d.]*|\d+\.\d[\d.]*|[4-9]\b|\d\d\b)|gauntlet\s+(?:sections?\s+)?\d[\d.]*)/gi,
    reason: "names a number; cite a heading, as docs/protocol.md#7-acceptance does",
  },
];

const NAMED = /(?:[\w.-]+\/)*[\w.-]*\w\.md\b(?:#[\w%-]*)?/g;
const LINK = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g;
const DEFINITION = /^ {0,3}\[[^\]]+\]:\s*(\S+)/gm;
const CODE_SPAN = /(`+)(?!`)[^`][\s\S]*?(?<!`)\1(?!`)/g;

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}

/** What is wrong with a path and anchor that is looked for in `folders` below `root`; null if nothing is. */
function faultOf(root: string, target: string, folders: readonly string[]): string | null {
  const [path = "", anchor] = target.split("#");
  // What lies outside is there on this machine only.
  const isOurs = (file: string): boolean => !relative(root, file).startsWith("..");
  const found = folders
    .map((folder) => join(root, folder, path))
    .find((file) => isOurs(file) && existsSync(file));
  if (found === undefined) return "there is no such file";
  if (anchor === undefined || !found.endsWith(".md")) return null;
  return anchorsOf(readFileSync(found, "utf8")).has(anchor) ? null : "there is no such heading";
}

function unfollowable(prose: string): Finding[] {
  return UNFOLLOWABLE.flatMap(({ pattern, reason }) =>
    Array.from(prose.matchAll(pattern), ({ 0: cited, index }) => ({
      offset: index,
      cited,
      reason,
    })),
  );
}

/** Documents named in running text, from the root or from the citing file's folder. */
function namedDocuments(prose: string, { root, path }: Place): Finding[] {
  return Array.from(prose.matchAll(NAMED), ({ 0: cited, index }) => {
    const reason = faultOf(root, cited, ["", dirname(path)]);
    return reason === null ? [] : [{ offset: index, cited, reason }];
  }).flat();
}

/** Relative links of a Markdown file. */
function links(prose: string, { root, path }: Place): Finding[] {
  const text = prose.replaceAll(CODE_SPAN, blank);
  const found = [...text.matchAll(LINK), ...text.matchAll(DEFINITION)];
  return found.flatMap(({ 0: whole, 1: target = "", index }) => {
    if (/^[a-z][a-z+.-]*:/i.test(target)) return [];
    const inside = target.startsWith("#") ? path.slice(path.lastIndexOf("/") + 1) + target : target;
    const reason = faultOf(root, inside.replaceAll("%20", " "), [dirname(path)]);
    return reason === null
      ? []
      : [{ offset: index + whole.indexOf(target), cited: target, reason }];
  });
}

function findingsIn(place: Place, text: string): Finding[] {
  const prose = proseOf(place.path, text);
  if (!place.path.endsWith(".md")) return [...unfollowable(prose), ...namedDocuments(prose, place)];
  // A link's target is judged as a link; what stands around it as text.
  const rest = prose.replaceAll(LINK, blank).replaceAll(DEFINITION, blank);
  return [...unfollowable(rest), ...namedDocuments(rest, place), ...links(prose, place)];
}

function filesBelow(root: string): string[] {
  return readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || SKIPPED_FOLDERS.has(entry.name)) return [];
    const path = join(root, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.isFile() && isReadable(entry.name) ? [path] : [];
  });
}

/** Every citation below `root` that leads nowhere, by path and line. Endings in `skipped` are not read. */
export function citationFaults(
  root: string,
  skipped: readonly string[] = SKIPPED_ENDINGS,
): CitationFault[] {
  const paths = filesBelow(root)
    .map((path) => relative(root, path).split(sep).join("/"))
    .filter((path) => !skipped.some((ending) => path.endsWith(ending)))
    .toSorted();
  return paths.flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    return findingsIn({ root, path }, text)
      .toSorted((a, b) => a.offset - b.offset)
      .filter((one, at, all) => at === 0 || all[at - 1]?.offset !== one.offset)
      .map(({ offset, cited, reason }) => ({
        path,
        line: text.slice(0, offset).split("\n").length,
        cited: cited.replaceAll(/\s+/g, " "),
        reason,
      }));
  });
}
