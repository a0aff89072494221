/** @file What people wrote in a file, code taken out: comments of sources, text of Markdown. Offsets stay those of the file. */

const SCRIPT = new RegExp(
  [
    String.raw`\/\/[^\n]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`"(?:\\.|[^"\\\n])*"`,
    String.raw`'(?:\\.|[^'\\\n])*'`,
    // One template inside another is enough: deeper ones heal at the next backtick.
    "`(?:\\\\[\\s\\S]|\\$\\{(?:[^{}`]|`[^`]*`|\\{[^{}]*\\})*\\}|\\$(?!\\{)|[^`\\\\$])*`",
    // A regular expression stands where no division can: after an opening, an operator or a keyword.
    String.raw`(?<=(?:^|[(,=:[!&|?{};>]|\breturn)\s*)\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/`,
  ].join("|"),
  "gm",
);
const RUST = new RegExp(
  [
    String.raw`\/\/[^\n]*`,
    String.raw`\/\*[\s\S]*?\*\/`,
    String.raw`r#*"[\s\S]*?"#*`,
    String.raw`"(?:\\[\s\S]|[^"\\])*"`,
    String.raw`'(?:\\[^']+|[^\\'\n])'`,
  ].join("|"),
  "g",
);
const SOURCES: ReadonlyMap<string, RegExp> = new Map([
  ["ts", SCRIPT],
  ["mjs", SCRIPT],
  ["js", SCRIPT],
  ["rs", RUST],
]);

const FENCE = /^ {0,3}(```+|~~~+)[^\n]*\n[\s\S]*?(?:^ {0,3}\1[ \t]*$|(?![\s\S]))/gm;
const URLS = /\b[a-z]+:\/\/[^\s)>\]]+/g;

/** The same length with spaces instead of everything but line ends. */
function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, " ");
}

/** Text of a comment without its marks, of equal length, so that a citation may run over a line's end. */
function uncommented(comment: string): string {
  if (comment.startsWith("//")) return comment.replace(/^\/\/[/!]?/, blank);
  return comment.replaceAll(/^\/\*+|\*\/$|(?<=\n)[ \t]*\*(?!\/)/g, blank);
}

function commentsOf(source: string, token: RegExp): string {
  let prose = "";
  let end = 0;
  for (const { 0: text, index } of source.matchAll(token)) {
    const isComment = text.startsWith("//") || text.startsWith("/*");
    prose += blank(source.slice(end, index)) + (isComment ? uncommented(text) : blank(text));
    end = index + text.length;
  }
  return prose + blank(source.slice(end));
}

/** Whether files of this name hold comments or Markdown. */
export function isReadable(path: string): boolean {
  const ending = path.slice(path.lastIndexOf(".") + 1);
  return ending === "md" || SOURCES.has(ending);
}

/** Markdown without fenced code; the rest stays where it is. */
export function withoutFences(markdown: string): string {
  return markdown.replaceAll(FENCE, blank);
}

/**
 * The prose of a file, as long as the file: code, fenced code and addresses on the web are spaces.
 * `path` decides the language by its ending.
 */
export function proseOf(path: string, text: string): string {
  const token = SOURCES.get(path.slice(path.lastIndexOf(".") + 1));
  const prose = token === undefined ? withoutFences(text) : commentsOf(text, token);
  return prose.replaceAll(URLS, blank);
}

/** Anchors of a Markdown file's headings, as GitHub makes them: a repeated one gets -1, -2. Explicit ids count too. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const text = withoutFences(markdown);
  const anchors = new Set<string>();
  for (const { 1: heading = "" } of text.matchAll(/^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  for (const { 1: id = "" } of text.matchAll(/<[a-z]+ (?:id|name)="([^"]+)"/g)) anchors.add(id);
  return anchors;
}
