import { composeAlert } from "#alerts/compose.ts";
import { answerUrls, makeAnswerToken } from "#alerts/answer-link.ts";
import { audienceOf } from "#alerts/audience.ts";
import { type Mailbox, mailOf, messageIdOf } from "#alerts/mail.ts";
import { shouldSpeak } from "#alerts/should-speak.ts";
import { memberTerms } from "#community/agreement.ts";
import { groupsOfOrganisation } from "#community/group.ts";
import type { Recipient } from "#community/recipient.ts";
import { release } from "#community/release.ts";
import { after, day, type Instant } from "#core/instant.ts";
import type { Organisation } from "#community/organisation.ts";
import { assert } from "#core/result.ts";
import { alertInput } from "./alert-input.ts";
import type { DirectoryMemory, Known } from "#jobs/community/directory-memory.ts";
import { toldBeside } from "#jobs/inventory/tell.ts";
import type { State, Tx } from "#jobs/ports.ts";
import { tellAlert } from "./tell.ts";
import type { StoredFinding } from "#incidents/ports.ts";
import type { AlertInput, UpdateReason } from "#alerts/alert-input.ts";

export interface Alerting {
  readonly state: State;
  readonly directory: DirectoryMemory;
  readonly titleOf: (feed: string) => string;
  /** Where readers reach the portal: "https://waglan.cert.example", no slash at the end. */
  readonly portal: string;
  readonly from: Mailbox;
  readonly phone?: string;
  /** At least 32 bytes, for answer links alone. */
  readonly answerKey: Uint8Array;
  readonly idOf: (kind: "alert", key: string) => string;
  readonly now: () => Instant;
}

/** An answer link is good this long: a person back from holidays can still answer. */
const answerDays = 60;

/**
 * Takes the alerts that are due and writes them: one finding, one version, one mail to each person of its audience, all
 * in the transaction that also writes the evidence and the finding's history. Delivery is the outbox's.
 *
 * @returns how many mails were written; undefined when nothing was due
 */
export const raiseAlerts = (alerting: Alerting): Promise<number | undefined> =>
  alerting.state.act(async (tx) => {
    const jobs = await tx.queue.take("alert", alerting.now(), 20);
    if (jobs.length === 0) return undefined;
    let mails = 0;
    const done: number[] = [];
    for (const job of jobs) {
      // who records hits holds the finding and wants this job: it is not waited for, the alert comes after it
      const finding = await tx.incidents.findingFree(job.key);
      if (finding === "held") continue;
      if (finding) mails += await raiseAlert(tx, alerting, finding);
      done.push(job.n);
    }
    await tx.queue.done(done);
    return done.length === 0 ? undefined : mails;
  });

const raiseAlert = async (tx: Tx, alerting: Alerting, finding: StoredFinding): Promise<number> => {
  const now = alerting.now();
  const known = alerting.directory.known;
  const organisation = known.organisation(finding.organisation);
  if (!organisation) return 0;
  // it speaks when what holds it back has ended (mute.ts), but for what was said before being wrong
  if ((finding.silence !== undefined || finding.mutedBy !== undefined) && finding.stood === undefined) return 0;
  const previous = await tx.alerts.latest(finding.n);
  const reason = previous?.input["reason"] as UpdateReason | undefined;
  const speak = shouldSpeak(previous && { ...previous, ...(reason === undefined ? {} : { reason }) }, finding, now);
  if (!speak.speak) return 0;
  // products are told together: only who leads them speaks, and afterwards for itself
  const digest = finding.detector === "product-advisory" ? await tx.inventories.digest(finding.id) : undefined;
  if (finding.detector === "product-advisory" && digest === undefined && previous === undefined) return 0;

  const foundBack = await tx.hunts.foundBack(finding.n);
  const input = alertInput({
    reference: previous?.ref.replace(/\.\d+$/, "") ?? (await freshReference(tx, alerting, finding.id, now)),
    version: speak.version,
    ...(speak.reason === undefined ? {} : { reason: speak.reason }),
    finding,
    organisation,
    sources: await tx.incidents.sources(finding.n),
    hits: await tx.incidents.hits(finding.n, 8),
    known,
    titleOf: alerting.titleOf,
    due: finding.due,
    ...(foundBack === undefined ? {} : { foundBack }),
    portal: alerting.portal,
    ...(digest === undefined ? {} : { digest }),
    ...(alerting.phone === undefined ? {} : { phone: alerting.phone }),
  });
  const released = releaseAlert(input, finding, organisation, known, now);
  if (released === undefined) {
    await tx.incidents.event(finding.n, { at: now, what: "undeliverable", detail: { why: "release" } });
    await tx.incidents.undeliverable(finding.n);
    return 0;
  }
  const people = await writeAlert(tx, alerting, finding, organisation, released, previous !== undefined, now);
  if (digest !== undefined && speak.reason === undefined)
    await toldBeside(tx, finding.id, digest, { alert: input.reference, version: input.version, people }, now);
  return people;
};

/**
 * "WG-2026-7K2Q9D": short enough to read out, and no number in a row, by which a member could count other members' alerts.
 * Crockford's base 32, which has no I, L, O or U; of 2³⁰, one taken is passed over.
 */
const freshReference = async (tx: Tx, alerting: Alerting, finding: string, now: Instant): Promise<string> => {
  for (let attempt = 0; ; attempt++) {
    const bits = Number.parseInt(alerting.idOf("alert", `${finding} reference ${attempt}`).slice(0, 8), 16) >>> 2;
    const letters = Array.from({ length: 6 }, (_, at) => crockford[(bits >>> (5 * at)) & 31]).join("");
    const reference = `WG-${new Date(now).getUTCFullYear()}-${letters}`;
    if (!(await tx.alerts.isRef(reference))) return reference;
  }
};

const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Nothing is sent that `release` did not make: here the whole of what will be said to this organisation. */
const releaseAlert = (
  input: AlertInput,
  finding: StoredFinding,
  organisation: Organisation,
  known: Known,
  now: Instant,
): AlertInput | undefined => {
  const agreement =
    known.directory.agreements.find((one) => one.party === organisation.id) ??
    memberTerms(organisation.id, organisation.since);
  const recipient: Recipient = {
    kind: organisation.kind === "partner" ? "partner" : "organisation",
    party: organisation.id,
    clientOf: organisation.clientOf,
    groups: groupsOfOrganisation(known.directory.groups, organisation.id),
    agreement,
  };
  const outcome = release(
    { marking: finding.marking, released: finding.shadow === undefined, fields: { alert: input } },
    recipient,
    { now, purpose: "alerting", fields: { alert: "must" }, local: {}, anonymous: "" },
  );
  return outcome.ok ? outcome.released.value.alert : undefined;
};

const writeAlert = async (
  tx: Tx,
  alerting: Alerting,
  finding: StoredFinding,
  organisation: Organisation,
  input: AlertInput,
  again: boolean,
  now: Instant,
): Promise<number> => {
  const id = alerting.idOf("alert", `${finding.id} ${input.version}`);
  const n = await tx.alerts.save({
    ...{
      id,
      ref: input.version === 1 ? input.reference : `${input.reference}.${input.version}`,
      finding: finding.n,
      version: input.version,
      at: now,
    },
    ...{ due: input.due, severity: finding.severity, input: input as unknown as Record<string, unknown> },
  });
  const audience = audienceOf(organisation, alerting.directory.known.directory.people, finding.severity);
  for (const { person, address, languages } of audience.recipients) {
    const token = makeAnswerToken(
      { alert: id, person: person.id, version: input.version, expires: after(now, answerDays * day) },
      alerting.answerKey,
    );
    const composed = composeAlert(
      { ...input, recipient: person.name, answers: answerUrls(alerting.portal, token) },
      languages,
    );
    const messageId = messageIdOf(
      [`alert-${input.reference}`, String(input.version), person.key],
      alerting.from.address.split("@")[1] ?? "waglan.invalid",
    );
    await tx.outbox.post(
      mailOf(composed, { id: messageId, from: alerting.from, to: { name: person.name, address }, messageId }),
      now,
    );
    await tx.alerts.recipient(n, person.id, "email", messageId);
  }
  const { portal, idOf } = alerting;
  await tellAlert(tx, { known: alerting.directory.known, portal, idOf }, finding, id, input, now);
  if (audience.undeliverable) {
    await tx.incidents.undeliverable(finding.n);
    await tx.incidents.event(finding.n, { at: now, what: "undeliverable", detail: { why: "audience" } });
  }
  await tx.incidents.event(finding.n, {
    at: now,
    what: "told",
    detail: { alert: input.reference, version: input.version, people: audience.recipients.length },
  });
  if (finding.state === "new" || (again && finding.state === "reopened"))
    await tx.incidents.setState(finding.n, "notified", now);
  await tx.evidence.leaf({
    kind: "alert",
    subject: id,
    at: now,
    data: {
      reference: input.reference,
      version: input.version,
      finding: finding.id,
      organisation: organisation.id,
      people: audience.recipients.map(({ person }) => person.id),
      severity: finding.severity,
    },
  });
  assert(
    audience.recipients.every(({ address }) => address.includes("@")),
    "an audience has mailboxes",
  );
  return audience.recipients.length;
};
