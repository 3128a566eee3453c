import { createHash } from "node:crypto";
import type { IntakeNew, IntakeReceipt, RejectedPage } from "#api/intake.ts";
import { intakeFileAtMost } from "#api/file-limits.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { parseGrade } from "#core/grade.ts";
import { printInstant } from "#core/instant.ts";
import { readValue } from "#core/recognise.ts";
import { stricterTlp, type Tlp } from "#core/marking.ts";
import { no, ok, problem, type Result } from "#core/result.ts";
import type { Feed } from "#feeds/feed.ts";
import { feed as genericLines } from "#feeds/generic-lines/feed.ts";
import { feed as intake } from "#feeds/intake/feed.ts";
import { feed as mailReport } from "#feeds/mail-report/feed.ts";
import { labelsOf } from "#feeds/row.ts";
import type { KeptReject, Turn } from "#intel/ports.ts";
import { openBody, readerOf } from "#jobs/collect/intake.ts";
import { type Piece, type Pieces, readPieces } from "#jobs/pieces.ts";
import type { Tx } from "#jobs/ports.ts";
import { sayProblem } from "#words/say.ts";
import type { Desk } from "./desk.ts";
import type { Ask, IntakeActs } from "./port.ts";
import { sourceKnown } from "./feed-named.ts";
import { keyOf, nameOf } from "./who.ts";

/** Values of a receipt; a person looks through some dozen, a program counts. */
const foundAtMost = 1000;
const notTakenAtMost = 200;

export const intakeActs = (desk: Desk): IntakeActs => ({
  submitIntake: async (viewer, submission, ask) => {
    if (viewer.kind !== "staff" || !may(viewer, "sources.write")) return no("WGL_ABSENT");
    const feed = feedOf(submission);
    const pieces = await piecesOf(submission, feed);
    if (!pieces.ok) return pieces;
    const told = await receiptOf(desk, feed, pieces.value, ask);
    if (!told.ok) return told;
    if (submission.dryRun === true) return told;
    if (told.value.accepted === 0 && told.value.withdrawn === 0) return no("WGL_INTAKE_EMPTY");
    const turn = await take(desk, viewer, submission, feed, pieces.value, ask);
    if (turn === undefined) return no("WGL_FEED_BUSY", { feed: feed.id });
    if (turn.state !== "healthy")
      return no("WGL_INTAKE_HELD", { reason: turn.reason ? sayProblem(ask.language, turn.reason) : turn.state });
    const { rows, accepted, added, changed, delisted } = turn;
    return ok({ ...told.value, taken: true, rows, accepted, added, changed, withdrawn: delisted });
  },

  rejectedRows: async (viewer, id, { cursor, limit }, { language }) => {
    if (!may(viewer, "sources.read") || !(await sourceKnown(desk, id))) return no("WGL_ABSENT");
    const before = cursor === undefined ? undefined : Number(cursor);
    if (before !== undefined && !(Number.isSafeInteger(before) && before > 0)) return no("WGL_CURSOR");
    const rows = await desk.state.act((tx) => tx.intel.rejected(id, before, limit + 1));
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    return ok<RejectedPage>({
      rows: rows.slice(0, limit).map(({ n, turn, at, part, row, problem: why, text }) => ({
        ...{ n, turn, at: printInstant(at), part, row, code: why.code, says: sayProblem(language, why) },
        ...(text === undefined ? {} : { text }),
      })),
      ...(last === undefined ? {} : { next: String(last.n) }),
    });
  },

  repairRejected: async (viewer, id, { rows, dryRun }, ask) => {
    const source = await sourceKnown(desk, id);
    if (viewer.kind !== "staff" || !may(viewer, "sources.decide") || !source) return no("WGL_ABSENT");
    const texts = new Map(rows.map(({ n, text }) => [n, text]));
    const kept = await desk.state.act((tx) => tx.intel.rejectedRows(id, [...texts.keys()]));
    if (kept.length < texts.size) return no("WGL_ABSENT");
    const pieces = mendedPieces(kept, texts);
    const told = await receiptOf(desk, source.feed, pieces, ask);
    if (!told.ok || dryRun === true) return told;
    if (told.value.accepted === 0) return no("WGL_INTAKE_EMPTY");
    const who = await nameOf(desk, viewer);
    const digest = createHash("sha256").update(JSON.stringify(rows)).digest("hex");
    const committing = async (tx: Tx, turn: Turn): Promise<void> => {
      if (turn.state !== "healthy") return;
      await tx.intel.dropRejected(id, [...texts.keys()]);
      const data = { act: "repaired rows", who, rows: rows.length, accepted: turn.accepted, sha256: digest };
      await tx.evidence.leaf({ kind: "policy", subject: `feed ${id}`, at: desk.now(), data });
    };
    const turn = await desk.collectPieces(source.feed, pieces, `repaired by ${who}`, committing, { add: true });
    if (turn === undefined) return no("WGL_FEED_BUSY", { feed: id });
    if (turn.state !== "healthy")
      return no("WGL_INTAKE_HELD", { reason: turn.reason ? sayProblem(ask.language, turn.reason) : turn.state });
    const { accepted, added, changed, delisted } = turn;
    return ok({ ...told.value, taken: true, rows: turn.rows, accepted, added, changed, withdrawn: delisted });
  },
});

/** Mended rows as bodies again, one for each list they came in, within what made them a body. */
const mendedPieces = (kept: readonly KeptReject[], texts: ReadonlyMap<number, string>): Pieces => {
  const parts = Map.groupBy(kept, ({ part, frame }) => JSON.stringify([part, frame]));
  const pieces = [...parts.values()].map((rows): Piece => {
    const { part: name = "", frame } = rows[0] ?? {};
    const lines = rows.map(({ n }) => texts.get(n) ?? "").join(frame?.between ?? "\n");
    return { name, file: name, body: Buffer.from(`${frame?.before ?? ""}${lines}${frame?.after ?? "\n"}`, "utf8") };
  });
  return {
    bytes: pieces.reduce((sum, { body }) => sum + body.length, 0),
    each: async function* () {
      yield* pieces;
    },
  };
};

/** The source with the submitter's marking and grade. */
const feedOf = ({ tlp, pap, grade }: IntakeNew): Feed => {
  const read = parseGrade(grade);
  return { ...intake, tlp, ...(pap === undefined ? {} : { pap }), ...(read.ok ? { grade: read.value } : {}) };
};

/** What was submitted, each part with the reader that knows its shape, without what the submitter left out. */
const piecesOf = async (submission: IntakeNew, feed: Feed): Promise<Result<Pieces>> => {
  const { text, file, also = [] } = submission;
  if ((text === undefined) === (file === undefined)) return no("WGL_INTAKE_WHAT");
  const parts: Piece[] = [];
  const problems: Pieces["problems"][] = [];
  const bodies = [
    ...(text === undefined ? [] : [{ name: "text.txt", body: Buffer.from(text, "utf8") as Uint8Array }]),
    ...(file === undefined
      ? []
      : [{ name: baseName(file.name), body: Buffer.from(file.base64, "base64") as Uint8Array }]),
    ...(also.length === 0 ? [] : [{ name: "also", body: Buffer.from(also.join("\n"), "utf8") as Uint8Array }]),
  ];
  for (const { name, body } of bodies) {
    if (body.length > intakeFileAtMost) return no("WGL_BODY_LARGE", { limit: intakeFileAtMost });
    if (body.length === 0) return no("WGL_BODY_EMPTY");
    const isMail = mailReport.looksLike?.(Buffer.from(body.subarray(0, 4096)).toString("latin1"), name) === true;
    if (name !== "also" && isMail) {
      const { pieces } = await openBody(
        { ...feed, ...(mailReport.opens ? { opens: mailReport.opens } : {}) },
        body,
        name,
      );
      if (pieces.bad !== undefined) return { ok: false, problem: pieces.bad };
      problems.push(pieces.problems);
      for await (const piece of pieces.each()) parts.push(piece);
    } else parts.push({ name, file: name, body, reader: name === "also" ? genericLines : readerOf(name, body) });
  }
  const kept = parts.map((piece) => ({ ...piece, reader: reading(piece.reader ?? intake, submission) }));
  const each = async function* (): AsyncGenerator<Piece> {
    yield* kept;
  };
  const bytes = bodies.reduce((sum, { body }) => sum + body.length, 0);
  return ok({ bytes, each, problems: problems.flatMap((some) => some ?? []) });
};

const baseName = (name: string): string => name.replace(/^.*[\\/]/, "").replace(/\p{Cc}/gu, "") || "file";

/** The reader, less what is left out, and with the submission's labels. */
const reading = (reader: Feed, { tlp, without = [], labels = [] }: IntakeNew): Feed => {
  const left = new Set(
    without.map((text) => {
      const read = readValue(text);
      return read.ok ? read.value.observable.value : text;
    }),
  );
  const more = labelsOf(labels);
  // a file may mark its rows more strictly than its submitter, never less
  const strict = (raw: { readonly tlp?: Tlp }): Tlp => (raw.tlp === undefined ? tlp : stricterTlp(raw.tlp, tlp));
  return {
    ...reader,
    *parts(body, file) {
      for (const part of reader.parts(body, file))
        yield {
          ...part,
          rows: (function* () {
            for (const row of part.rows) {
              // a name says nothing of a value and has no marking of its own
              if (!row.result.ok || row.result.value.is === "name") yield row;
              else if (row.result.value.is !== undefined)
                yield {
                  ...row,
                  result: { ok: true, value: { ...row.result.value, tlp: strict(row.result.value) } },
                } as const;
              else if (left.has(row.result.value.observable.value)) {
                const why = problem(
                  "WGL_INTAKE_WITHOUT",
                  { value: row.result.value.observable.value },
                  `row ${row.row}`,
                );
                yield { ...row, result: { ok: false, problem: why }, legal: true } as const;
              } else {
                const { value: raw } = row.result;
                const value = { ...raw, labels: [...new Set([...raw.labels, ...more])], tlp: strict(raw) };
                yield { ...row, result: { ok: true, value } } as const;
              }
            }
          })(),
        };
    },
  };
};

const receiptOf = async (desk: Desk, feed: Feed, pieces: Pieces, { language }: Ask): Promise<Result<IntakeReceipt>> => {
  const found: IntakeReceipt["found"] = [];
  const notTaken: IntakeReceipt["notTaken"] = [];
  const sums = { rows: 0, accepted: 0, reports: 0, advisories: 0, withdrawn: 0 };
  for await (const part of readPieces(feed, pieces, { ...desk.policy(), keepTexts: true })) {
    if (part.bad) return { ok: false, problem: part.bad };
    sums.rows += part.rows;
    sums.accepted += part.accepted;
    sums.reports += part.reports.length;
    sums.advisories += part.advisories.length;
    sums.withdrawn += part.withdrawn?.length ?? 0;
    for (const { observable, labels, flags = [] } of part.indicators.slice(0, foundAtMost - found.length))
      found.push({ part: part.name, ...observable, labels: [...labels], flags: [...flags] });
    const texts = new Map(part.texts?.map(({ place, text }) => [place, text]));
    for (const [place, why] of part.problems.slice(0, notTakenAtMost - notTaken.length).entries()) {
      // of what stands in a sentence the problem alone has the words
      const value = why.with?.["value"];
      const text = texts.get(place) ?? (typeof value === "string" ? value : undefined);
      const row = Number(/^row (\d+)/.exec(why.at ?? "")?.[1] ?? 0);
      notTaken.push({
        ...{ part: part.name, row, code: why.code, says: sayProblem(language, why) },
        ...(text === undefined ? {} : { text }),
      });
    }
  }
  return ok({ taken: false, ...sums, added: 0, changed: 0, found, notTaken });
};

const take = async (
  desk: Desk,
  viewer: Viewer,
  submission: IntakeNew,
  feed: Feed,
  pieces: Pieces,
  ask: Ask,
): Promise<Turn | undefined> => {
  const who = await nameOf(desk, viewer);
  const file = submission.file === undefined ? "text" : baseName(submission.file.name);
  const origin = submission.origin === undefined ? {} : { origin: submission.origin };
  const digest = createHash("sha256")
    .update(submission.text ?? "")
    .update(submission.file?.base64 ?? "")
    .digest("hex");
  return desk.collectPieces(feed, pieces, `${file}, submitted by ${who}`, async (tx, turn) => {
    // the same submission under the same key is merged again, which changes nothing, and said once
    if (ask.key !== undefined && !(await tx.queue.once(keyOf(viewer), `intake ${ask.key}`, desk.now()))) return;
    const { tlp, grade } = submission;
    const data = {
      act: "intake",
      who,
      file,
      sha256: digest,
      tlp,
      grade,
      ...origin,
      state: turn.state,
      accepted: turn.accepted,
    };
    await tx.evidence.leaf({ kind: "policy", subject: `feed ${feed.id}`, at: desk.now(), data });
  });
};
