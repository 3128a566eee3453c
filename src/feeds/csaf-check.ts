import { type Problem, problem } from "#core/result.ts";
import { jsonField } from "./json.ts";
import { isObject, jsonAt, listAt, textAt } from "./json-shape.ts";

/** What a document is measured by, beside schema and mandatory tests. */
export interface CsafCheckOptions {
  /** CSAF 2.0 §6.2: what should be better. Never makes a document invalid. */
  readonly optional?: boolean;
  /** §6.3: what somebody may want to know. Never makes a document invalid. */
  readonly informative?: boolean;
}

export interface CsafVerdict {
  readonly valid: boolean;
  /** Tests that failed: "schema", "6.1.21"; those of §6.2 and §6.3 that had something to say are not among them. */
  readonly tests: readonly string[];
  /** WGL_CSAF_TEST, each with the place as a JSON pointer. */
  readonly problems: readonly Problem[];
  /** Of §6.2, when asked for. */
  readonly warnings?: readonly Problem[];
  /** Of §6.3, when asked for. */
  readonly infos?: readonly Problem[];
}

/**
 * Informative tests that are never run: 6.3.6 and 6.3.7 ask every address a document names, so that its author would
 * learn who reads it, and 6.3.8 starts a spelling program.
 */
const neverRun = new Set(["6.3.6", "6.3.7", "6.3.8"]);

/** Problems kept of one document: a person repairs the first dozen and checks again. */
const problemsAtMost = 1000;

/**
 * Is it a valid CSAF 2.0 document: the strict schema and every mandatory test? By the validator library of the BSI, with
 * two corrections (`ours`). The library is loaded at the first check.
 *
 * @see CSAF 2.0 §6 Tests
 */
export const checkCsaf = async (document: unknown, options: CsafCheckOptions = {}): Promise<CsafVerdict> => {
  const { schema, mandatory } = await mandatoryTests();
  const strict = await run("schema", schema, document);
  const must = [strict, ...(await runAll(mandatory, document))];
  const failed = must.filter((one) => !one.valid);
  return {
    valid: failed.length === 0,
    tests: failed.map((one) => one.test),
    problems: failed.flatMap((one) => one.problems).slice(0, problemsAtMost),
    ...(options.optional ? { warnings: await wordsOf(await optionalTests(), document) } : {}),
    ...(options.informative ? { infos: await wordsOf(await informativeTests(), document) } : {}),
  };
};

type Named = readonly (readonly [test: string, run: CsafTest])[];

interface Ran {
  readonly test: string;
  readonly valid: boolean;
  readonly problems: readonly Problem[];
}

/** What was loaded: each set of tests compiles schemas for seconds, so none is loaded before it is asked for. */
let required: Promise<{ readonly schema: CsafTest; readonly mandatory: Named }> | undefined;
let better: Promise<Named> | undefined;
let telling: Promise<Named> | undefined;

const mandatoryTests = (): NonNullable<typeof required> => {
  required ??= (async () => {
    const schema = await import("@secvisogram/csaf-validator-lib/schemaTests.js");
    const mandatory = named(await import("@secvisogram/csaf-validator-lib/mandatoryTests.js"));
    return {
      schema: schema.csaf_2_0_strict,
      mandatory: mandatory.map(([test, check]) => [test, ours[test]?.(check) ?? check] as const),
    };
  })();
  return required;
};

const optionalTests = (): Promise<Named> => {
  better ??= import("@secvisogram/csaf-validator-lib/optionalTests.js").then(named);
  return better;
};

const informativeTests = (): Promise<Named> => {
  telling ??= import("@secvisogram/csaf-validator-lib/informativeTests.js").then((tests) =>
    named(tests).filter(([test]) => !neverRun.has(test)),
  );
  return telling;
};

/** "mandatoryTest_6_1_27_4" is 6.1.27.4; in the order of the specification. */
const named = (tests: Readonly<Record<string, unknown>>): Named =>
  Object.entries(tests)
    .flatMap(([name, check]) => {
      const number = /^(?:mandatory|optional|informative)Test_(\d+(?:_\d+)+)$/.exec(name)?.[1];
      return number !== undefined && typeof check === "function"
        ? [[number.replaceAll("_", "."), check as CsafTest] as const]
        : [];
    })
    .sort(([a], [b]) => order(a).localeCompare(order(b)));

const order = (test: string): string =>
  test
    .split(".")
    .map((part) => part.padStart(3, "0"))
    .join(".");

/**
 * Where the specification decides otherwise than the library:
 *   6.1.21  "sorted by date": revisions of one moment have no order by date, so their numbers give it; the library keeps
 *           them as they stand and then misses version 1
 *   6.1.26  no category may equal the name *or value* of a profile when underscore, dash and blank do not count; the
 *           library forgets the values ("csafsecurityadvisory")
 */
const ours: Readonly<Record<string, (check: CsafTest) => CsafTest>> = {
  "6.1.21": (check) => (document) => check(withOrderedRevisions(document)),
  "6.1.26": (check) => async (document) => {
    const result = await check(document);
    const category = textAt(document, "document", "category");
    const bare = category.replace(/[_\s-]+/g, "").toLowerCase();
    if (result.isValid === false || profiles.includes(category) || !bareProfiles.includes(bare)) return result;
    return { isValid: false, errors: [{ instancePath: "/document/category", message: "value prohibited" }] };
  },
};

const profiles = [
  "csaf_security_incident_response",
  "csaf_informational_advisory",
  "csaf_security_advisory",
  "csaf_vex",
];
const bareProfiles = profiles.map((one) => one.replaceAll("_", ""));

/** The same document, its revisions by number. */
const withOrderedRevisions = (document: unknown): unknown => {
  const revisions = listAt(document, "document", "tracking", "revision_history");
  const inner = jsonField(document, "document");
  const tracking = jsonAt(inner, "tracking");
  if (!isObject(document) || !isObject(inner) || !isObject(tracking) || revisions.length < 2) return document;
  const major = (one: unknown): number => Number.parseInt(textAt(one, "number"), 10) || 0;
  const ordered = revisions.toSorted((a, b) => major(a) - major(b));
  return { ...document, document: { ...inner, tracking: { ...tracking, revision_history: ordered } } };
};

const runAll = async (tests: Named, document: unknown): Promise<readonly Ran[]> => {
  const all: Ran[] = [];
  for (const [test, check] of tests) all.push(await run(test, check, document));
  return all;
};

const wordsOf = async (tests: Named, document: unknown): Promise<readonly Problem[]> =>
  (await runAll(tests, document)).flatMap((one) => one.problems).slice(0, problemsAtMost);

const run = async (test: string, check: CsafTest, document: unknown): Promise<Ran> => {
  try {
    const { isValid = true, errors = [], warnings = [], infos = [] } = await check(document);
    const problems = [...errors, ...warnings, ...infos].map((one) =>
      problem("WGL_CSAF_TEST", { test, reason: one.message ?? "" }, one.instancePath ?? ""),
    );
    return { test, valid: isValid, problems };
  } catch (error) {
    // a test that stumbles over the shape of a document says that the shape is wrong
    const reason = error instanceof Error ? error.message : String(error);
    return { test, valid: false, problems: [problem("WGL_CSAF_TEST", { test, reason }, "")] };
  }
};
