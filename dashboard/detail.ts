/** @file Details of a uid, asked for again whenever a window or an epoch is new. */
import { useEffect, useState } from "preact/hooks";

/** What is known: nothing yet, that there is nothing, or the details. */
export type Detail<T> = { readonly value: T | null; readonly isMissing: boolean };

/** @param path "": nothing is asked. @param version - asks again when it changes */
export function useDetail<T>(path: string, version: string): Detail<T> {
  const [detail, setDetail] = useState<Detail<T> & { readonly path: string }>({
    path,
    value: null,
    isMissing: false,
  });
  useEffect(() => {
    // Nothing to ask yet.
    if (path === "") return undefined;
    const ended = new AbortController();
    const ask = async (): Promise<void> => {
      const response = await fetch(path, { signal: ended.signal });
      if (!response.ok) {
        await response.body?.cancel();
        if (response.status === 404) setDetail({ path, value: null, isMissing: true });
        return;
      }
      const value: T = await response.json();
      setDetail({ path, value, isMissing: false });
    };
    // What was known stays when the node does not answer: the head of the page says so.
    ask().catch(() => undefined);
    return () => ended.abort();
  }, [path, version]);
  return detail.path === path ? detail : { value: null, isMissing: false };
}
