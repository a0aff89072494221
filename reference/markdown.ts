/** @file Tables of Markdown. */

/** A row; what would end a cell or begin markup is escaped. */
export function row(cells: readonly string[]): string {
  const safe = cells.map((cell) =>
    cell
      .replaceAll("|", String.raw`\|`)
      .replaceAll("\n", " ")
      .replaceAll(/<(?=\/?[A-Za-z])(?![^`]*`)/g, "&lt;"),
  );
  return `| ${safe.join(" | ")} |`;
}
