import { useQuery } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { CallProblem } from "./api/call.ts";
import { sessionQuery } from "./api/queries.ts";
import { MeContext, mayHaveSession, noteSession } from "./frame/session.ts";
import { Failed } from "./parts/failed.tsx";
import { router } from "./router.tsx";
import { SignIn } from "./sign-in/sign-in.tsx";
import { setServerTime } from "./time/clock.ts";
import { useReader } from "./words/reader.tsx";

/** Whoever is not signed in meets the door, at whatever address they came to; after it, that address's page. */
export const Portal = (): ReactNode => {
  const { language, say } = useReader();
  const [asks, setAsks] = useState(mayHaveSession);
  const session = useQuery({ ...sessionQuery(language), enabled: asks });
  const { data: me, error } = session;
  useEffect(() => {
    if (me) setServerTime(me.now);
  }, [me]);
  const out = error instanceof CallProblem && error.status === 401;
  useEffect(() => {
    if (out) noteSession(false);
  }, [out]);
  if (!asks || out) return <SignIn onSession={() => setAsks(true)} />;
  if (!me)
    return error ? (
      <div className="alone">
        <Failed error={error} says={say("failed.title")} retry={() => void session.refetch()} />
      </div>
    ) : null;
  return (
    <MeContext value={me}>
      <RouterProvider router={router} />
    </MeContext>
  );
};
