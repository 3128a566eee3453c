import { type Asset, type AssetId, heldAt } from "#community/asset.ts";
import { assetKey, readAssetFile } from "#community/asset-file.ts";
import { readAsset } from "#community/asset-row.ts";
import type { Directory } from "#community/directory.ts";
import { readDirectoryFile } from "#community/directory-file.ts";
import { may } from "#community/may.ts";
import type { Viewer } from "#community/viewer.ts";
import { parseInstant, printInstant } from "#core/instant.ts";
import type { OrganisationId } from "#core/marking.ts";
import { no, ok, type Problem } from "#core/result.ts";
import type { CommunityActs, DirectoryFile } from "./port.ts";
import { wantAssets } from "#jobs/hunt/asset.ts";
import { importDirectory, queueJoins } from "#jobs/community/import-directory.ts";
import { nameIn } from "#words/language.ts";
import { actOnce } from "./act-once.ts";
import { assetPage } from "./asset-page.ts";
import { assetRow, holdingsOf, organisationRow, personRow, sensorRow } from "./community-rows.ts";
import type { Desk } from "./desk.ts";
import { directoryReceipt } from "./directory-receipt.ts";
import { reads, writes } from "./own-rows.ts";
import { nameOf } from "./who.ts";

/** Assets in the one answer about an organisation; the list of assets has all. */
const assetsShown = 500;

/** The directory: staff see and keep all of it, people of a member their own part. */
export const communityActs = (desk: Desk): CommunityActs => ({
  organisations: async (viewer, { language }) => {
    const holdings = holdingsOf(desk);
    const mine = desk.directory.known.directory.organisations.filter((one) => reads(viewer, one.id));
    return ok({ organisations: mine.map((one) => organisationRow(desk, one, holdings, language)) });
  },

  organisation: async (viewer, id, { language }) => {
    const { known } = desk.directory;
    const organisation = readable(desk, viewer, id);
    if (!organisation) return no("WGL_ABSENT");
    const { organisations, people, assets, sensors } = known.directory;
    const heard = await desk.views.sensors();
    const now = desk.now();
    return ok({
      organisation: organisationRow(desk, organisation, holdingsOf(desk), language),
      below: organisations
        .filter((one) => one.parent === organisation.id && reads(viewer, one.id))
        .map((one) => ({ id: one.id, name: nameIn(one.names, language) })),
      people: people
        .filter((person) => person.organisations.some((post) => post.organisation === organisation.id))
        .map((person) => personRow(desk, person, (one) => reads(viewer, one), language)),
      assets: assets
        .filter((asset) => asset.organisation === organisation.id && heldAt(asset, now))
        .slice(0, assetsShown)
        .map((asset) => assetRow(desk, asset, language)),
      sensors: sensors
        .filter((sensor) => sensor.organisation === organisation.id)
        .map((sensor) => sensorRow(desk, sensor, heard, language)),
    });
  },

  people: async (viewer, organisation, { language }) => {
    if (organisation !== undefined && !readable(desk, viewer, organisation)) return no("WGL_ABSENT");
    const shown = (id: OrganisationId): boolean => reads(viewer, id);
    const mine = desk.directory.known.directory.people.filter((person) =>
      person.organisations.some(
        (post) => shown(post.organisation) && (organisation === undefined || post.organisation === organisation),
      ),
    );
    return ok({ people: mine.map((person) => personRow(desk, person, shown, language)) });
  },

  assets: async (viewer, asked, { language }) => {
    if (asked.organisation !== undefined && !readable(desk, viewer, asked.organisation)) return no("WGL_ABSENT");
    const mine = new Set(
      desk.directory.known.directory.organisations.filter((one) => reads(viewer, one.id)).map((one) => one.id),
    );
    const page = assetPage(desk.directory.known, asked, (asset) => mine.has(asset.organisation), desk.now());
    if (page === undefined) return no("WGL_CURSOR");
    const { assets, next } = page;
    return ok({
      assets: assets.map((asset) => assetRow(desk, asset, language)),
      ...(next === undefined ? {} : { next }),
    });
  },

  addAsset: async (viewer, wanted, { language, key }) => {
    const organisation = readable(desk, viewer, wanted.organisation);
    if (!organisation) return no("WGL_ABSENT");
    if (!writes(viewer, organisation.id)) return no("WGL_HTTP_FORBIDDEN");
    const problems: Problem[] = [];
    const read = readAsset({ ...wanted, proof: viewer.kind === "staff" ? "staff" : "declared" }, (field, problem) =>
      problems.push({ ...problem, at: `/${field}` }),
    );
    if (!read) return { ok: false, problem: problems[0] as Problem };
    const id = desk.idOf("asset", assetKey(organisation.key, read)) as AssetId;
    const before = desk.directory.known.directory.assets.find((one) => one.id === id);
    const asset: Asset = {
      ...{ ...read, id, organisation: organisation.id },
      // what was proven before stays proven for as long as it was, whoever says it again
      ...(before && viewer.kind !== "staff" && within(read, before) ? { proof: before.proof } : {}),
    };
    const who = await nameOf(desk, viewer);
    const did = await actOnce(desk, viewer, `asset ${id}`, key, (state) =>
      state.act(async (tx) => {
        const now = desk.now();
        await tx.community.putAsset(asset, now);
        await queueJoins(tx, [asset], now);
        await wantAssets(tx, [asset], who, now);
        await tx.evidence.leaf({ kind: "policy", subject: `asset ${id}`, at: now, data: { act: "added", who } });
        return ok(undefined);
      }),
    );
    if (!did.ok) return did;
    await changed(desk);
    return ok(assetRow(desk, asset, language));
  },

  endAsset: async (viewer, id, end, { language, key }) => {
    const asset = desk.directory.known.directory.assets.find((one) => one.id === id);
    if (!asset || !reads(viewer, asset.organisation)) return no("WGL_ABSENT");
    if (!writes(viewer, asset.organisation)) return no("WGL_HTTP_FORBIDDEN");
    const to = end.to === undefined ? ok(desk.now()) : parseInstant(end.to);
    if (!to.ok) return to;
    // an end is never put off: that would be a new holding, of which nobody has said how it is proven
    if (asset.to !== undefined && asset.to <= to.value) return ok(assetRow(desk, asset, language));
    if (to.value <= asset.from)
      return no("WGL_DIRECTORY_PERIOD", { from: printInstant(asset.from), to: printInstant(to.value) });
    const who = await nameOf(desk, viewer);
    const did = await actOnce(desk, viewer, `asset end ${id}`, key, (state) =>
      state.act(async (tx) => {
        const now = desk.now();
        const ended = await tx.community.endAsset(asset.id, to.value, now);
        if (!ended) return no("WGL_ABSENT");
        const data = { act: "ended", who, to: printInstant(to.value) };
        await tx.evidence.leaf({ kind: "policy", subject: `asset ${id}`, at: now, data });
        return ok(undefined);
      }),
    );
    if (!did.ok) return did;
    await changed(desk);
    return ok(assetRow(desk, { ...asset, to: to.value }, language));
  },

  sensors: async (viewer, organisation, { language }) => {
    if (organisation !== undefined && !readable(desk, viewer, organisation)) return no("WGL_ABSENT");
    const heard = await desk.views.sensors();
    const mine = desk.directory.known.directory.sensors.filter(
      (one) => reads(viewer, one.organisation) && (organisation === undefined || one.organisation === organisation),
    );
    return ok({ sensors: mine.map((sensor) => sensorRow(desk, sensor, heard, language)) });
  },

  importDirectory: async (viewer, file, { language }) => {
    if (viewer.kind !== "staff" || !may(viewer, "community.write")) return no("WGL_ABSENT");
    const known = desk.directory.known.directory;
    const { directory, problems } = readFile(desk, file);
    const unread = problems.find((problem) => whole.has(problem.code));
    if (unread) return { ok: false, problem: unread };
    const written = problems.length === 0 && !file.dryRun;
    if (written) {
      await importDirectory(desk.state, directory, await nameOf(desk, viewer), desk.now());
      await changed(desk);
    }
    return ok(directoryReceipt(directory, known, problems, written, language));
  },
});

/** Problems of the file as a whole: there is nothing to point at in it. */
const whole: ReadonlySet<string> = new Set(["WGL_DIRECTORY_SIZE", "WGL_DIRECTORY_TEXT"]);

const readFile = (desk: Desk, { format, text }: DirectoryFile): ReturnType<typeof readDirectoryFile> => {
  const body = Buffer.from(text);
  if (format === "yaml") return readDirectoryFile(body, desk.idOf, desk.now());
  const { community, organisations } = desk.directory.known.directory;
  const { assets, problems } = readAssetFile(body, new Map(organisations.map((one) => [one.key, one.id])), desk.idOf);
  const directory: Directory = {
    ...{ community, assets },
    ...{ organisations: [], people: [], sensors: [], groups: [], agreements: [] },
  };
  return { directory, problems };
};

const within = (period: Pick<Asset, "to">, proven: Pick<Asset, "to">): boolean =>
  proven.to === undefined || (period.to !== undefined && period.to <= proven.to);

const readable = (desk: Desk, viewer: Viewer, id: string) => {
  const organisation = desk.directory.known.organisation(id as OrganisationId);
  return organisation && reads(viewer, organisation.id) ? organisation : undefined;
};

/** This process knows at once, so that whoever wrote reads it back; others within a second. */
const changed = async (desk: Desk): Promise<void> => {
  await desk.directory.refresh();
  desk.woke("join");
};
