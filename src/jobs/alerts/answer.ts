import type { Instant } from "#core/instant.ts";
import { no, ok, type Result } from "#core/result.ts";
import type { Answer } from "#incidents/answer.ts";
import { answered, listed } from "#incidents/state.ts";
import type { State } from "#jobs/ports.ts";

/** Who answers: by a signed link, or signed in. */
export interface Answering {
  readonly finding: string;
  readonly alert?: number;
  readonly person?: string;
  readonly who: string;
  readonly answer: Answer;
  readonly note?: string;
  /** The answer is one of an organisation's own; asked by the caller of the finding as it is now. */
  readonly mayAnswer: (organisation: string) => boolean;
}

/**
 * Records an answer: kept whole, the last one counts. The finding moves, its history and the evidence say so.
 *
 * @returns problem WGL_ABSENT when there is no such finding, or it is not theirs to answer
 */
export const answer = (state: State, answering: Answering, now: Instant): Promise<Result<void>> =>
  state.act(async (tx) => {
    const finding = await tx.incidents.findingById(answering.finding);
    if (!finding || !answering.mayAnswer(finding.organisation)) return no("WGL_ABSENT");
    const { who, answer: said, note } = answering;
    await tx.incidents.answer({
      ...{ finding: finding.n, who, answer: said, at: now },
      ...(answering.alert === undefined ? {} : { alert: answering.alert }),
      ...(answering.person === undefined ? {} : { person: answering.person }),
      ...(note === undefined ? {} : { note }),
    });
    const next = answered(finding.state, said);
    if (next !== finding.state)
      await tx.incidents.setState(finding.n, next, now, { closed: listed[next] === "closed" });
    await tx.incidents.event(finding.n, {
      at: now,
      who,
      what: "answered",
      detail: { answer: said },
      ...(note === undefined ? {} : { note }),
    });
    await tx.evidence.leaf({
      kind: "answer",
      subject: finding.id,
      at: now,
      data: { answer: said, who: answering.person ?? who, ...(note === undefined ? {} : { note }) },
    });
    return ok(undefined);
  });
