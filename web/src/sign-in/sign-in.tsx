import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import type { Light, Me } from "@api/session.ts";
import { CallProblem, call } from "@web/api/call.ts";
import { lightQuery, sessionQuery } from "@web/api/queries.ts";
import { LanguageSwitch } from "@web/frame/language-switch.tsx";
import { leadFocus } from "@web/parts/lead-focus.ts";
import { noteSession } from "@web/frame/session.ts";
import { useTitle } from "@web/frame/title.ts";
import { Identifier } from "@web/parts/identifier.tsx";
import { problemWords } from "@web/parts/failed.tsx";
import { TlpStrip } from "@web/signs/tlp.tsx";
import { Wordmark } from "@web/signs/wordmark.tsx";
import { visible } from "@web/words/put.ts";
import { languageChosen } from "@web/words/language.ts";
import { useReader } from "@web/words/reader.tsx";
import { Chart } from "./chart.tsx";

/** The door: who you are, what this place is, and whether its light is lit. */
export const SignIn = ({ onSession }: { readonly onSession: () => void }): ReactNode => {
  const { language, say, setLanguage } = useReader();
  const client = useQueryClient();
  const light = useQuery(lightQuery(language));
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState({ name: "", password: "" });
  const [missing, setMissing] = useState({ name: false, password: false });
  const [problem, setProblem] = useState<unknown>();
  const [waiting, setWaiting] = useState(false);
  useTitle(say("sign-in.title"));
  useEffect(() => name.current?.focus(), []);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const lacks = { name: typed.name.trim() === "", password: typed.password === "" };
    setMissing(lacks);
    setProblem(undefined);
    if (lacks.name || lacks.password) return (lacks.name ? name : password).current?.focus();
    setWaiting(true);
    const lead = leadFocus();
    try {
      const me = await call<Me>(language, "/session", {
        method: "POST",
        body: { name: typed.name.trim(), password: typed.password },
      });
      noteSession(true);
      client.setQueryData(sessionQuery(language).queryKey, me);
      void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
      if (!languageChosen()) setLanguage(me.language);
      onSession();
    } catch (error) {
      setProblem(error);
      lead(password.current);
    } finally {
      setWaiting(false);
    }
  };

  return (
    <div className="door">
      <header className="frame-strip">
        <TlpStrip tlp="clear" />
      </header>
      <main className="door-form">
        <Wordmark height={57} />
        <h1>{say("sign-in.title")}</h1>
        <p className="door-community">
          {light.data ? say("sign-in.community", { community: light.data.community[language] }) : "\u00a0"}
        </p>
        <form onSubmit={(event) => void submit(event)} noValidate>
          {problem === undefined ? null : (
            <p className="form-problem" role="alert">
              <b>{say("sign-in.problem")}</b> {problemWords(say, problem)}
              {problem instanceof CallProblem && problem.request !== "" ? (
                <span className="request"> {say("failed.request", { request: problem.request })}</span>
              ) : null}
            </p>
          )}
          <Field
            label={say("sign-in.name")}
            problem={missing.name ? say("sign-in.name-missing") : ""}
            type="text"
            name="username"
            complete="username"
            field={name}
            value={typed.name}
            onValue={(value) => setTyped({ ...typed, name: value })}
          />
          <Field
            label={say("sign-in.password")}
            problem={missing.password ? say("sign-in.password-missing") : ""}
            type="password"
            name="password"
            complete="current-password"
            field={password}
            value={typed.password}
            onValue={(value) => setTyped({ ...typed, password: value })}
          />
          <button type="submit" className="button filled large" aria-disabled={waiting}>
            {say("sign-in.go")}
          </button>
        </form>
        {light.data?.sample ? <Sample accounts={light.data.sample} choose={setTyped} /> : null}
        <section className="door-note">
          <h2>{say("sign-in.message")}</h2>
          <p>
            {say("sign-in.message-says")} <b className="identifier">{location.host}</b>
          </p>
        </section>
        <LanguageSwitch full />
      </main>
      <Chart light={light.data} failed={light.isError} />
    </div>
  );
};

interface SampleProps {
  readonly accounts: NonNullable<Light["sample"]>;
  readonly choose: (account: { readonly name: string; readonly password: string }) => void;
}

const Sample = ({ accounts, choose }: SampleProps): ReactNode => {
  const { say } = useReader();
  return (
    <section className="door-sample">
      <h2>{say("sign-in.sample")}</h2>
      <p>{say("sign-in.sample-says")}</p>
      <ul>
        {accounts.map((account) => (
          <li key={account.name}>
            <button type="button" onClick={() => choose({ name: account.name, password: account.password })}>
              <Identifier text={account.name} />
              <span>{whoIs(account, say)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
};

/** Who the accounts of the packaged sample are, in the reader's language; of another sample as it says itself. */
const whoIs = ({ name, who }: SampleProps["accounts"][number], say: ReturnType<typeof useReader>["say"]): string => {
  switch (name) {
    case "lo":
      return say("sign-in.sample-lo");
    case "admin":
      return say("sign-in.sample-admin");
    case "chan":
      return say("sign-in.sample-chan");
    default:
      return visible(who);
  }
};

interface FieldProps {
  readonly label: string;
  readonly problem: string;
  readonly type: "text" | "password";
  readonly name: string;
  readonly complete: string;
  readonly field: React.RefObject<HTMLInputElement | null>;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

const Field = ({ label, problem, type, name, complete, field, value, onValue }: FieldProps): ReactNode => {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={field}
        id={id}
        type={type}
        name={name}
        autoComplete={complete}
        autoCapitalize="none"
        spellCheck={false}
        required
        aria-invalid={problem !== ""}
        aria-describedby={problem === "" ? undefined : `${id}-problem`}
        value={value}
        onChange={(event) => onValue(event.target.value)}
      />
      {problem === "" ? null : (
        <p className="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
};
