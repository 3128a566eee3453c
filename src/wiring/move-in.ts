import { randomUUID } from "node:crypto";
import type { MoveInAbility, MoveInFile } from "#cli/abilities.ts";
import { WaglanError } from "#core/result.ts";
import { limits } from "#feeds/limits.ts";
import { type KeepingMoved, keepMoved, keepMovedBefore } from "#jobs/misp/moved.ts";
import { compareNotifications } from "#jobs/move-in/compare.ts";
import { moveInContacts } from "#jobs/move-in/contacts.ts";
import { moveInIntelmq } from "#jobs/move-in/intelmq-events.ts";
import { type MispDocumentRead, type MispPlace, moveInMisp } from "#jobs/move-in/misp.ts";
import { mispApiPlace, mispFeedPlace } from "#jobs/move-in/misp-remote.ts";
import { moveInOpencti } from "#jobs/move-in/opencti.ts";
import { openEgress } from "#net/egress.ts";
import { nameIn } from "#words/language.ts";
import type { Waglan } from "#wiring/waglan.ts";

/** Runs shown at most. */
const shownRuns = 100;

/** What moving in may do, over one waglan. */
export const moveInOf = (waglan: Waglan): MoveInAbility => {
  const { state, secrets, now, config, collecting, idOf } = waglan;
  const moving = { state, secret: secrets.id, now };
  return {
    misp: async (from, telling) => {
      await waglan.directory.refresh();
      const place = "files" in from ? filesPlace(from.files) : remotePlace(waglan, from.url, from.key);
      const keeping = keepingMoved(waglan);
      await keepMovedBefore(state, keeping, telling.problem);
      return moveInMisp(
        {
          ...{ ...moving, policy: collecting.policy(now()), elapsed: collecting.elapsed },
          keepEvent: async (tx, event) => {
            for (const one of await keepMoved(tx, event, { ...keeping, exported: place.exported }))
              telling.problem({ ...one, at: `${event.uuid ?? ""}${one.at ?? ""}` });
          },
        },
        telling,
        place,
      );
    },
    intelmq: ({ file, chunks }, telling) =>
      moveInIntelmq({ ...moving, policy: collecting.policy(now()) }, telling, file, chunks),
    contacts: async (files, dryRun, telling, system) => {
      await waglan.directory.refresh();
      const known = waglan.directory.known.directory;
      const place = files.map(({ file }) => file).join(", ");
      return moveInContacts({ ...moving, ids: idOf, known, dryRun }, telling, place, files, system);
    },
    opencti: ({ file, chunks }, telling) =>
      moveInOpencti(
        { ...moving, policy: collecting.policy(now()), collectionId: idOf("collection", "opencti") },
        telling,
        file,
        chunks,
      ),
    runs: () => state.act((tx) => tx.moveIn.runs(shownRuns)),
    compare: async ({ chunks }, period, told) => {
      await waglan.directory.refresh();
      const known = waglan.directory.known;
      return compareNotifications(
        { state, known, secret: secrets.id, decay: config.decay, now },
        chunks(),
        period,
        told,
      );
    },
  };
};

/** For whom events that move in are kept: the community. */
const keepingMoved = ({ directory, now }: Waglan): Omit<KeepingMoved, "exported"> => {
  const { community, groups } = directory.known.directory;
  return {
    ...{ groups, now, uuid: randomUUID, community: nameIn(community.names, "en") },
    ...(community.anchor === undefined ? {} : { anchor: community.anchor }),
  };
};

/** Only the host that was named, under the rules of every other request. */
const remotePlace = ({ config }: Waglan, url: string, key: string | undefined): MispPlace => {
  const { hostname, port } = new URL(url);
  const egress = openEgress({
    hosts: new Set([hostname]),
    ...(port === "" ? {} : { ports: [Number(port)] }),
    allowAddresses: config.collect.allowAddresses,
    ...(config.collect.proxy === undefined ? {} : { proxy: config.collect.proxy }),
  });
  return key === undefined ? mispFeedPlace(egress.get, url) : mispApiPlace(egress.get, url, key);
};

/** Files of JSON: of a feed's folder when its manifest is among them, else what an instance exported. */
const filesPlace = (files: readonly MoveInFile[]): MispPlace => ({
  place: files.length === 1 ? (files[0]?.file ?? "") : `${files[0]?.file ?? ""} and ${files.length - 1} more`,
  exported: !files.some(({ file }) => /(?:^|[/\\])manifest\.json$/.test(file)),
  documents: async function* (): AsyncGenerator<MispDocumentRead> {
    for (const { file, chunks } of files) yield { name: file, body: () => wholeOf(chunks()) };
  },
});

const wholeOf = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limits.downloadBytes) throw new WaglanError("WGL_BODY_LARGE", { limit: limits.downloadBytes });
    // the reader may use its buffer again
    parts.push(Uint8Array.from(chunk));
  }
  return Buffer.concat(parts);
};
