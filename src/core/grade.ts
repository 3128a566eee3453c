import { no, ok, type Result } from "#core/result.ts";

/**
 * Admiralty grade: how far the source is trusted (A reliable … E unreliable, F not known) and how likely the statement
 * is (1 confirmed … 5 improbable, 6 not known). NATO AJP-2.1; MISP taxonomy `admiralty-scale`.
 */
export interface Grade {
  readonly source: "A" | "B" | "C" | "D" | "E" | "F";
  readonly statement: 1 | 2 | 3 | 4 | 5 | 6;
}

const written = /^([A-F])\|?([1-6])$/i;

/** "B2", "b2" or "B|2". */
export const parseGrade = (text: string): Result<Grade> => {
  const found = written.exec(text);
  if (found?.[1] === undefined || found[2] === undefined) return no("WGL_GRADE", { value: text });
  return ok({ source: found[1].toUpperCase() as Grade["source"], statement: Number(found[2]) as Grade["statement"] });
};

export const printGrade = (grade: Grade): string => `${grade.source}${grade.statement}`;

const sourceWeight = { A: 1, B: 0.85, C: 0.65, D: 0.4, E: 0.15, F: 0.35 } as const;
const statementWeight = { 1: 1, 2: 0.85, 3: 0.65, 4: 0.4, 5: 0.15, 6: 0.35 } as const;

/** Higher is better; F and 6 (not known) stand between doubtful and improbable, since not knowing is not disbelief. */
export const gradeWeight = (grade: Grade): number => sourceWeight[grade.source] * statementWeight[grade.statement];

export const betterGrade = (a: Grade, b: Grade): Grade => (gradeWeight(b) > gradeWeight(a) ? b : a);

/** Four words a recipient reads; the order is the order of the array. */
export const certainties = ["unknown", "possible", "likely", "almost-certain"] as const;
export type Certainty = (typeof certainties)[number];

/**
 * Certainty from independent grades: each is evidence, so doubts multiply (1 - Π(1 - w)). One B2 (0.72) is "likely";
 * B2 with C3 (0.84) stays "likely"; A1, or two B2 (0.92), are "almost-certain".
 */
export const certaintyOf = (grades: readonly Grade[]): Certainty => certaintyOfWeights(grades.map(gradeWeight));

/** The same from weights of independent sources, each 0 to 1: what grades weigh, less what age and record took from them. */
export const certaintyOfWeights = (weights: readonly number[]): Certainty => {
  const doubt = weights.reduce((left, weight) => left * (1 - weight), 1);
  const sure = 1 - doubt;
  return sure >= 0.9 ? "almost-certain" : sure >= 0.6 ? "likely" : sure >= 0.25 ? "possible" : "unknown";
};
