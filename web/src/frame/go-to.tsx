import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { useReader } from "@web/words/reader.tsx";
import { leadFocus } from "@web/parts/lead-focus.ts";

/** Paste anything: the search tells by itself what it is. Ctrl K (⌘ K) comes here from everywhere. */
export const GoTo = (): ReactNode => {
  const { say } = useReader();
  const navigate = useNavigate();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey)
        return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener("keydown", pressed);
    return () => document.removeEventListener("keydown", pressed);
  }, []);
  const go = (event: FormEvent): void => {
    event.preventDefault();
    const search = text.trim();
    if (search === "") return;
    setText("");
    const lead = leadFocus();
    void navigate({ to: "/indicators", search: { search } }).then(() => lead(document.getElementById("content")));
  };
  return (
    <form className="go-to" role="search" aria-label={say("goto.label")} onSubmit={go}>
      <svg className="sign" viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
        <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.6" />
        <path d="M9.2 9.2 13 13" stroke="currentColor" strokeWidth="1.6" />
      </svg>
      <label className="unseen" htmlFor={id}>
        {say("goto.label")}
      </label>
      <input
        ref={field}
        id={id}
        type="search"
        maxLength={8192}
        autoComplete="off"
        spellCheck={false}
        placeholder={say("goto.hint")}
        aria-keyshortcuts="Control+K Meta+K"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <kbd className="key" aria-hidden="true">
        Ctrl K
      </kbd>
    </form>
  );
};
