import { Bundle, type FromMispOptions } from "./to-stix/bundle.ts";
import { putAttribute } from "./to-stix/attributes.ts";
import { putObject, putReferences } from "./to-stix/objects.ts";
import { putReport, putOpinions, emptyNote } from "./to-stix/said.ts";
import type { MispAttribute, MispEvent, MispGalaxy, MispObject } from "./model.ts";
import type { MispDocument } from "./read-event.ts";
import type { StixBundle } from "./stix-object.ts";
import { stixDate, stixTime } from "./timestamps.ts";
import { marksOf } from "./to-stix/labels.ts";
import { objectUuid } from "./to-stix/object-part.ts";
import { partsInside } from "./to-stix/object-shape.ts";
import { derivedUuid } from "./uuid.ts";

/**
 * A MISP document as STIX 2.1: an event becomes a grouping, or a report once it is published, of what its attributes,
 * objects and galaxies are; UUIDs are kept, and ids that MISP has none for are derived from them, so that the same
 * document gives the same bundle. What STIX has no words for travels as `x-misp-attribute`, `x-misp-object` and
 * `x_misp_…` properties. Deleted attributes and objects stay behind.
 * @see https://github.com/MISP/misp-stix/tree/main/documentation (the mapping this follows)
 */
export const fromMisp = (document: MispDocument, options: FromMispOptions): StixBundle => {
  const bundle = new Bundle(options);
  for (const event of document.events) putEvent(bundle, event);
  if (document.attributes.length > 0 || document.objects.length > 0 || document.galaxies.length > 0)
    putCollection(bundle, document);
  return bundle.done();
};

const putEvent = (bundle: Bundle, event: MispEvent): void => {
  const uuid = event.uuid ?? derivedUuid(`${event.info}|${event.date ?? ""}`);
  const author = event.Orgc === undefined ? undefined : bundle.organisation(event.Orgc);
  const time = stixTime(event.timestamp) ?? stixDate(event.date)?.replace("Z", ".000Z") ?? bundle.now;
  bundle.begin({ author, time });
  contents(bundle, event);
  const isReport = event.published === true;
  const id = `${isReport ? "report" : "grouping"}--${uuid}`;
  for (const report of event.EventReport) putReport(bundle, report);
  putOpinions(bundle, event.Note, event.Opinion, id);
  if (bundle.refs.length === 0) bundle.add(emptyNote(bundle, uuid));
  const marks = marksOf(event.Tag, ["Threat-Report", 'misp:tool="MISP-STIX-Converter"']);
  bundle.add(
    {
      type: isReport ? "report" : "grouping",
      spec_version: "2.1",
      id,
      ...bundle.common(time),
      name: event.info === "" ? uuid : event.info,
      ...(isReport
        ? { published: (stixTime(event.publish_timestamp) ?? time).replace(".000Z", "Z") }
        : { context: "suspicious-activity" }),
      object_refs: [...new Set(bundle.refs)],
      ...bundle.marked(marks),
    },
    false,
  );
};

const putCollection = (bundle: Bundle, document: MispDocument): void => {
  bundle.begin({ author: undefined, time: bundle.now });
  contents(bundle, { Attribute: document.attributes, Object: document.objects, Galaxy: document.galaxies });
};

const contents = (
  bundle: Bundle,
  from: {
    readonly Attribute: readonly MispAttribute[];
    readonly Object: readonly MispObject[];
    readonly Galaxy: readonly MispGalaxy[];
  },
): void => {
  const objects = from.Object.filter(({ deleted }) => deleted !== true);
  const neighbours = new Map(objects.map((object) => [objectUuid(object), object] as const));
  const held = new Set(objects.flatMap((object) => partsInside(object, neighbours)));
  for (const attribute of from.Attribute) if (attribute.deleted !== true) putAttribute(bundle, attribute);
  for (const object of objects) if (!held.has(object)) putObject(bundle, object, neighbours);
  for (const galaxy of from.Galaxy) bundle.galaxy(galaxy);
  for (const object of objects) putReferences(bundle, object, held, neighbours);
};
