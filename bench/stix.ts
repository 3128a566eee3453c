import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { checkObject } from "#stix/check-object.ts";
import { checkSlice } from "#stix/check-slice.ts";
import { objectSlices } from "#stix/object-slices.ts";
import { deterministicId } from "#stix/sco-id.ts";
import { figure } from "./figure.ts";

// STIX objects as they come: all of ATT&CK (2.0, so upgraded on the way; ICS 2.1 too) and the objects of the conformance
// corpora, indicators with patterns among them. CPU seconds of one thread after a warm-up over the same objects. Prints
// name, value, unit, goal.
const standards = new URL("../../shared/corpora/standards/", import.meta.url);
if (!existsSync(standards)) {
  process.stderr.write(`skipped: ${fileURLToPath(standards)} is not beside this checkout\n`);
  process.exit(0);
}

const bytesOf = (name: string): Buffer => {
  const body = readFileSync(new URL(name, standards));
  return name.endsWith(".gz") ? gunzipSync(body) : body;
};
const linesOf = (name: string): readonly string[] => bytesOf(name).toString("utf8").trim().split("\n");

type Fields = Readonly<Record<string, unknown>>;
const rows = (name: string): readonly Fields[] => linesOf(name).map((line) => JSON.parse(line) as Fields);
const fields = (value: unknown): readonly Fields[] =>
  typeof value === "object" && value !== null ? [value as Fields] : [];

const attack = ["enterprise", "ics", "mobile"].flatMap((domain) => linesOf(`data/attack-${domain}-stix20.jsonl.gz`));
const corpus = [
  ...rows("attack-ics.jsonl.gz").flatMap(({ stix }) => fields(stix)),
  ...rows("stix-validity.jsonl").flatMap(({ object }) => fields(object)),
  ...rows("bundles.jsonl").flatMap(({ bundle }) =>
    fields(bundle).flatMap(({ objects }) => (objects as Fields[]) ?? []),
  ),
];
const mix = [...attack.map((line) => JSON.parse(line) as Fields), ...corpus];
const current = corpus.filter((object) => object["spec_version"] === "2.1");
const document = Buffer.from(`{"type":"bundle","id":"bundle--1","objects":[${attack.join(",\n")}]}`);
const observables = rows("sco-id.jsonl").flatMap(({ sco }) => fields(sco)) as (Fields & { type: string })[];

rate("check, ATT&CK and corpora", mix.length, 3, "objects/CPU-s", ">= 12,000", () => {
  for (const object of mix) checkObject(object);
});
rate("check, STIX 2.1 objects alone", current.length, 20, "objects/CPU-s", "", () => {
  for (const object of current) checkObject(object);
});
rate("bytes → slices → parsed → checked", attack.length, 2, "objects/CPU-s", "", () => {
  const sliced = objectSlices(document);
  if (sliced.ok) for (const slice of sliced.value.objects) checkSlice(slice);
});
rate("bytes → slices → parsed", attack.length, 3, "objects/CPU-s", ">= 30,000", () => {
  const sliced = objectSlices(document);
  if (sliced.ok) for (const slice of sliced.value.objects) slice.read();
});
rate("bytes → slices", document.length / 1e6, 5, "MB/CPU-s", ">= 200", () => {
  objectSlices(document);
});
rate("deterministic ids", observables.length, 200, "ids/CPU-s", "", () => {
  for (const sco of observables) deterministicId(sco);
});

function rate(name: string, each: number, times: number, unit: string, goal: string, run: () => void): void {
  run();
  const before = process.cpuUsage();
  for (let turn = 0; turn < times; turn++) run();
  const { user, system } = process.cpuUsage(before);
  figure(name, (each * times) / ((user + system) / 1e6), unit, goal);
}
