import type { AlertInput } from "#alerts/alert-input.ts";
import type { StoredAlert } from "#alerts/alert-state.ts";
import { answerPath, readAnswerToken } from "#alerts/answer-link.ts";
import { answerPage, type GivenAnswer, noAnswerPage, thanksPage } from "#alerts/answer-page.ts";
import type { Person } from "#community/person.ts";
import { scopeOf } from "#community/visibility.ts";
import { errors } from "#core/errors.ts";
import { ok, problem, type Problem, type Result } from "#core/result.ts";
import type { Ask, OutsideActs, Page } from "./port.ts";
import { answers } from "#incidents/answer.ts";
import { answer } from "#jobs/alerts/answer.ts";
import type { Desk } from "./desk.ts";
import { viewerOfPerson } from "./viewer-of.ts";

/** Answers by the signed link of a mail: no account, but only for whom it was made, while they still act there. */
export const answerActs = (desk: Desk): Pick<OutsideActs, "answerPage" | "answerLink"> => ({
  answerPage: async (token, chosen, ask) => {
    const found = await linked(desk, token);
    if (!found.ok) return noPage(desk, token, found.problem, ask);
    const { input, given } = found.value;
    const view = {
      language: ask.language,
      path: answerPath(token),
      given,
      ...(chosen === undefined ? {} : { chosen }),
    };
    return { status: 200, page: answerPage(input, view) };
  },

  answerLink: async (token, form, ask) => {
    const found = await linked(desk, token);
    if (!found.ok) return noPage(desk, token, found.problem, ask);
    const { alert, person, input } = found.value;
    const answering = {
      ...{ finding: input.finding, alert: alert.n, person: person.id, who: person.name, answer: form.answer },
      ...(form.note === undefined ? {} : { note: form.note }),
      mayAnswer: (organisation: string) => actsFor(person, organisation),
    };
    const did = await answer(desk.state, answering, desk.now());
    if (!did.ok) return noPage(desk, token, did.problem, ask);
    const given = await givenAnswers(desk, alert);
    return { status: 200, page: thanksPage(input, { language: ask.language, path: answerPath(token), given }) };
  },
});

interface Linked {
  readonly alert: StoredAlert;
  readonly person: Person;
  /** What was said, to this person. */
  readonly input: AlertInput;
  readonly given: readonly GivenAnswer[];
}

/** @returns problems WGL_ANSWER_LINK, WGL_ANSWER_EXPIRED */
const linked = async (desk: Desk, token: string): Promise<Result<Linked>> => {
  const unknown = { ok: false, problem: problem("WGL_ANSWER_LINK") } as const;
  const claim = readAnswerToken(token, desk.answerKey, desk.now());
  if (!claim.ok) return claim;
  const { known } = desk.directory;
  const person = known.directory.people.find((one) => one.id === claim.value.person);
  const viewer = person && viewerOfPerson(person, known);
  const alert = await desk.state.act((tx) => tx.alerts.byId(claim.value.alert));
  if (!person || !viewer || !alert || alert.version !== claim.value.version) return unknown;
  // written by raise-alert.ts from an AlertInput, and by nobody else
  const input = alert.input as unknown as AlertInput;
  const seen = await desk.views.finding(scopeOf(viewer), input.finding);
  if (!seen || !actsFor(person, seen.finding.organisation)) return unknown;
  const given = await givenAnswers(desk, alert);
  return ok({ alert, person, given, input: { ...input, recipient: person.name } });
};

const actsFor = (person: Person, organisation: string): boolean =>
  person.organisations.some((post) => post.organisation === organisation);

const givenAnswers = async (desk: Desk, alert: StoredAlert): Promise<readonly GivenAnswer[]> =>
  (await desk.state.act((tx) => tx.alerts.answers(alert.finding))).flatMap((one) => {
    const said = answers.find((word) => word === one.answer);
    return said === undefined ? [] : [{ ...one, answer: said }];
  });

const noPage = (desk: Desk, token: string, why: Problem, { language }: Ask): Page => ({
  status: errors[why.code].http,
  page: noAnswerPage(why.code === "WGL_ANSWER_EXPIRED" ? "expired" : "unknown", {
    language,
    path: answerPath(token),
    portal: desk.portal,
    ...(desk.phone === undefined ? {} : { phone: desk.phone }),
  }),
});
