/** @file What is said while a chain is away: once that it is lost, why it stays away, and who serves it again. */
import type { ConnectionNews } from "../../chain/client/client.ts";
import type { Log } from "../command/log.ts";

/** A length of time for people. */
function lengthOf(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}

/** What happened, for people. */
export function outageText(news: ConnectionNews): string {
  if (news.kind === "searching") return `still no chain: ${news.fault.explanation.cause}`;
  if (news.kind === "unused") return `an endpoint of no use: ${news.fault.explanation.cause}`;
  const { endpoint } = news;
  if (news.kind === "lost")
    return news.fault === undefined
      ? `lost the chain at ${endpoint}`
      : `leaving ${endpoint}: ${news.fault.explanation.cause}`;
  const after = `after ${lengthOf(news.awayMs)}; going on`;
  return news.from === undefined
    ? `the chain at ${endpoint} is back ${after}`
    : `the chain at ${endpoint} takes over from ${news.from} ${after}`;
}

/** Tells people (and the log) what happens to the connection. Nothing ends: every loop goes on when the chain is back. */
export function outageTeller(
  say: (text: string) => void,
  log: Pick<Log, "warn">,
): (news: ConnectionNews) => void {
  return (news) => {
    const text = outageText(news);
    const { kind } = news;
    if (kind === "lost") {
      log.warn({ endpoint: news.endpoint, fault: news.fault?.fault }, "lost the chain");
      const isLeft = news.fault !== undefined;
      say(isLeft ? text : `${text}; this node goes on by itself when it is back`);
      return;
    }
    if (kind === "back")
      log.warn({ endpoint: news.endpoint, from: news.from }, "the chain is back");
    else
      log.warn(
        { fault: news.fault.fault },
        kind === "unused" ? "endpoint not used" : "no chain yet",
      );
    say(text);
  };
}
