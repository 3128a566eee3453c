import type { ReactNode } from "react";
import { type Certainty as Word, certainties } from "#core/grade.ts";
import { useReader } from "@web/words/reader.tsx";

/** Four words on a line, one marked. Widths in SVG units of a pixel: each word has the same share. */
const share = 88;

export const Certainty = ({ word }: { readonly word: Word }): ReactNode => {
  const { say } = useReader();
  const at = certainties.indexOf(word);
  const width = share * certainties.length;
  return (
    <svg
      className="certainty"
      viewBox={`0 0 ${width + 2} 36`}
      width={width + 2}
      height="36"
      role="img"
      aria-label={say("certainty.scale", { word: say(`glossary.certainty.${word}`) })}
    >
      <path
        className="axis"
        d={`M1 11H${width + 1}${certainties.map((_, i) => `M${1 + i * share} 6V16`).join("")}M${width + 1} 6V16`}
      />
      <path className="marked" d={`M${1 + at * share} 11H${1 + (at + 1) * share}`} />
      <path className="here" d={`M${1 + (at + 0.5) * share} 8.500l-7-8.500h14z`} />
      {certainties.map((each, i) => (
        <text
          key={each}
          x={1 + (i + 0.5) * share}
          y="30"
          textAnchor="middle"
          className={each === word ? "word chosen" : "word"}
        >
          {say(`glossary.certainty.${each}`)}
        </text>
      ))}
    </svg>
  );
};
