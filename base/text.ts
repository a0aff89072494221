/** @file Small pieces of text that screens, summaries and progress share. */

const RAO_PER_TOKEN = 1_000_000_000;
const SPARKS = "▁▂▃▄▅▆▇█";

/** Tokens with three digits after the point. */
export function tokensText(rao: bigint): string {
  return (Number(rao) / RAO_PER_TOKEN).toFixed(3);
}

/** A line that fits; what is cut away leaves a mark. */
export function fitted(line: string, width: number): string {
  if (width <= 0) return "";
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");

/** `1:05`, `2:03:40`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = twoDigits(whole % 60);
  return hours > 0 ? `${hours}:${twoDigits(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** Falling bars of the held-out loss, the newest `most` of them, newest at the right. */
export function sparkline(losses: readonly number[], most: number): string {
  const shown = most <= 0 ? [] : losses.slice(-most);
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  return shown
    .map(
      (loss) =>
        SPARKS[Math.round(((loss - low) / Math.max(high - low, 1e-9)) * (SPARKS.length - 1))] ?? "",
    )
    .join("");
}

/** Words on lines of at most `width` characters; a longer word stands alone. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
