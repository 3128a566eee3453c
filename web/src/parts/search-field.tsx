import { type ReactNode, type RefObject, useEffect, useId, useState } from "react";
import { useReader } from "@web/words/reader.tsx";
import { Key } from "./key.tsx";

interface Props {
  /** What the list is searched for now. */
  readonly value: string;
  /** What may be typed. */
  readonly hint: string;
  /** The field that "/" goes to. */
  readonly field?: RefObject<HTMLInputElement | null>;
  readonly onSearch: (value: string) => void;
}

/** Typing pauses before asking: a search per letter would ask for lists nobody reads. */
const restMs = 350;

/** Searches a list while somebody types. */
export const SearchField = ({ value, hint, field, onSearch }: Props): ReactNode => {
  const { say } = useReader();
  const [typed, setTyped] = useState(value);
  const id = useId();
  useEffect(() => setTyped((before) => (before.trim() === value ? before : value)), [value]);
  useEffect(() => {
    if (typed.trim() === value) return;
    const rest = setTimeout(() => onSearch(typed.trim()), restMs);
    return () => clearTimeout(rest);
  }, [typed, value, onSearch]);
  return (
    <div className="filter search">
      <label htmlFor={id}>{say("queue.search")}</label>
      <input
        {...(field === undefined ? {} : { ref: field })}
        id={id}
        type="search"
        value={typed}
        title={hint}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onSearch(typed.trim());
        }}
      />
      {field === undefined ? null : <Key name="/" />}
    </div>
  );
};
