/** @file A model's texts as the page's routes answer them. */
import type { PageText } from "../network/page-route.ts";
import type { Unwritten, Writer } from "../run/writer.ts";

const CODES: Readonly<Record<Unwritten["refused"], PageText["code"]>> = {
  bad: 400,
  none: 404,
  busy: 503,
};

/** What `writer` writes after a prompt, or (null) its samples. */
export async function writtenBy(
  writer: Pick<Writer, "samples" | "write">,
  prompt: string | null,
): Promise<PageText> {
  const found = prompt === null ? await writer.samples() : await writer.write(prompt);
  if ("refused" in found)
    return { code: CODES[found.refused], json: JSON.stringify({ error: found.error }) };
  return { code: 200, json: JSON.stringify(found) };
}
