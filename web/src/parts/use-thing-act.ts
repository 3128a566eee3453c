import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { call } from "@web/api/call.ts";
import { actedNow } from "@web/api/stream.ts";
import { useReader } from "@web/words/reader.tsx";
import { problemWords } from "./failed.tsx";

interface Outcome {
  readonly says: string;
  readonly failed: boolean;
}

/**
 * A person's acts on the one thing a page is about: posted to `path`, its answer is the thing as it now stands; lists that
 * show it (`lists`) are read again.
 */
export const useThingAct = (
  path: string,
  shown: QueryKey,
  lists: readonly string[],
): { readonly outcome: Outcome; readonly run: (body: object) => Promise<void> } => {
  const { language, say } = useReader();
  const client = useQueryClient();
  const [outcome, setOutcome] = useState<Outcome>({ says: "", failed: false });
  const run = async (body: object): Promise<void> => {
    try {
      actedNow();
      client.setQueryData(shown, await call<unknown>(language, path, { method: "POST", body }));
      setOutcome({ says: say("queue.bulk-done", { count: 1 }), failed: false });
      for (const list of lists) await client.invalidateQueries({ queryKey: [list] });
    } catch (failure) {
      setOutcome({ says: say("failed.act", { detail: problemWords(say, failure) }), failed: true });
    }
  };
  return { outcome, run };
};
