import { printGrade } from "#core/grade.ts";
import { printAbout } from "#core/rsit.ts";
import type { Evidence } from "#detect/hit.ts";
import { answers } from "#incidents/answer.ts";
import { directoryInventory } from "#intel/inventory/item.ts";
import { type Language, nameIn } from "#words/language.ts";
import { printList } from "#words/list.ts";
import { say } from "#words/say.ts";
import { printStamp, printTime, printUtc } from "#words/time.ts";
import type { AlertInput, End, Instance, ProductSaid } from "./alert-input.ts";
import type { Block, Part } from "./block.ts";
import { defang, defangText } from "./defang.ts";
import { stepsBack, stepsFor } from "./remedies/steps.ts";
import { saidAs, type Story } from "./story.ts";

/** The five blocks of an alert in one language: always five, always in this order. */
export const blocksOf = (input: AlertInput, language: Language): readonly [Block, Block, Block, Block, Block] => [
  { id: "happened", title: say(language, "mail.block.happened"), parts: happened(input, language) },
  { id: "us", title: say(language, "mail.block.us"), parts: us(input, language) },
  { id: "sure", title: say(language, "mail.block.sure"), parts: sure(input, language) },
  { id: "todo", title: say(language, "mail.block.todo"), parts: [{ kind: "steps", steps: steps(input, language) }] },
  { id: "answer", title: say(language, "mail.block.answer"), parts: answer(input, language) },
];

/** One line that names the problem: subject of the mail, title of the page, row of a list. */
export const headlineOf = (input: Pick<AlertInput, "problem" | "story">, language: Language): string =>
  say(language, `mail.headline.${saidAs(input.story, input.problem.type)}`);

/** Hostile values named in a step; what happened names the worst, and the rest stands among the instances. */
const namedHostile = 3;
/** Sightings and evidence lines in one alert; the portal has all. More hide the steps below them. */
const shownInstances = 5;
const shownEvidence = 3;
/** Longest evidence line in UTF-16 units; whole EVE records are longer, and the match stands in the instances. */
const longestEvidence = 600;

const happened = (input: AlertInput, language: Language): readonly Part[] => {
  const both = sides(input, language, 1);
  const said =
    input.story === "noticed" || input.story === "runs"
      ? say(language, `mail.happened.${namedByDirectory(input) ? "named" : input.story}`, both)
      : say(language, `mail.happened.${input.story}.${input.problem.type}`, both);
  const named = defangText(printAbout(input.problem.about));
  const about = named === "" ? "" : say(language, "mail.about", { about: named });
  const first = printTime(language, input.firstSeen, input.zone);
  const last = printTime(language, input.lastSeen, input.zone);
  const seen =
    input.count === 1
      ? say(language, "mail.seen-once", { time: first })
      : say(language, "mail.seen-often", { count: input.count, first, last });
  return [
    ...(input.reason
      ? [{ kind: "paragraph", text: "", lead: say(language, `mail.reason.${input.reason}`) } as const]
      : []),
    {
      kind: "paragraph",
      text: joined(language, [said, about]),
      ...(input.reason === "withdrawn" ? { lead: say(language, "mail.withdrawn.had") } : {}),
    },
    {
      kind: "paragraph",
      text: joined(language, [
        seen,
        input.foundBack === undefined ? "" : say(language, "mail.found-back", { count: input.foundBack }),
      ]),
    },
  ];
};

const us = (input: AlertInput, language: Language): readonly Part[] => {
  const organisation = nameIn(input.organisation, language);
  const { asset } = sides(input, language);
  const { proof, since } = input.asset;
  const parts: Part[] = [];
  if (proof === "declared")
    parts.push({ kind: "paragraph", text: say(language, "mail.us.declared", { asset, organisation }) });
  else {
    const how = say(language, `mail.proof.${proof}`);
    const dated =
      since === undefined
        ? how
        : say(language, "mail.proof.since", { proof: how, date: printTime(language, since, input.zone, "day") });
    parts.push({ kind: "paragraph", text: say(language, "mail.us.yes", { asset, organisation, proof: dated }) });
  }
  const shown = input.instances.slice(0, shownInstances);
  const more = input.instances.length - shown.length;
  if (shown.length > 0)
    parts.push({
      kind: "lines",
      caption: say(language, "mail.us.instances"),
      lines: [
        ...shown.map((instance) => instanceLines(instance, input, language)),
        ...(more > 0 ? [say(language, "mail.us.more", { count: more })] : []),
      ],
    });
  if (input.products !== undefined)
    parts.push({
      kind: "lines",
      caption: say(language, "mail.us.products"),
      lines: [
        ...input.products.named.map((one) => productLines(one, language)),
        ...(input.products.more > 0 ? [say(language, "mail.us.products.more", { count: input.products.more })] : []),
      ],
    });
  const keep = own(input);
  for (const evidence of input.evidence.slice(0, shownEvidence))
    parts.push({
      kind: "lines",
      caption: evidenceCaption(input.story, evidence, language),
      // a hit over time rests on several lines; its newest say enough
      lines: evidence.text
        .split("\n")
        .slice(-2)
        .map((line) => defangText(shorten(line), keep)),
    });
  if (input.instances.length + input.evidence.length > 0)
    parts.push({ kind: "aside", text: say(language, "mail.us.defanged") });
  if (input.portal !== undefined)
    parts.push({ kind: "link", text: say(language, "mail.us.portal", { url: input.portal }), url: input.portal });
  return parts;
};

const evidenceCaption = (story: Story, { file, line }: Evidence, language: Language): string => {
  if (file === directoryInventory) return say(language, "mail.us.evidence.directory");
  const named = { file: defangText(file) };
  if (story === "runs") return say(language, "mail.us.evidence.inventory", named);
  return line > 0
    ? say(language, "mail.us.evidence", { ...named, line: String(line) })
    : say(language, "mail.us.evidence.list", named);
};

/** The directory says that they have the product, and no inventory says where. */
const namedByDirectory = ({ story, evidence }: AlertInput): boolean =>
  story === "runs" && evidence[0]?.file === directoryInventory;

const sure = (input: AlertInput, language: Language): readonly Part[] => {
  if (input.reason === "withdrawn") return [{ kind: "paragraph", text: say(language, "mail.withdrawn.sure") }];
  const lead = say(language, "mail.sure.lead", { certainty: say(language, `glossary.certainty.${input.certainty}`) });
  const best = input.sources[0];
  const graded = (grade: (typeof input.sources)[number]["grade"]) => ({
    source: say(language, `glossary.gradeSource.${grade.source}`),
    statement: say(language, `glossary.gradeStatement.${grade.statement}`),
    grade: printGrade(grade),
  });
  const counted =
    best === undefined
      ? say(language, "mail.sure.none")
      : input.sources.length === 1
        ? say(language, "mail.sure.one", graded(best.grade))
        : say(language, "mail.sure.many", { count: input.sources.length, ...graded(best.grade) });
  return [
    { kind: "scale", at: input.certainty },
    { kind: "paragraph", lead, text: counted },
    ...(best === undefined
      ? []
      : [
          {
            kind: "list",
            items: input.sources.map(({ title, grade }) =>
              say(language, "mail.sure.source", { title: defangText(title), ...graded(grade) }),
            ),
          } as const,
        ]),
    { kind: "aside", text: say(language, "mail.sure.mistake") },
  ];
};

const steps = (input: AlertInput, language: Language) =>
  input.reason === "withdrawn"
    ? stepsBack(language, input.audience)
    : stepsFor(language, input.problem.type, input.story, input.audience, sides(input, language));

const answer = (input: AlertInput, language: Language): readonly Part[] => {
  const said = answers.map((one) => ({
    answer: one,
    label: say(language, `answers.label.${one}`),
    means: say(language, `answers.means.${one}`),
    ...(input.answers ? { url: input.answers[one] } : {}),
  }));
  const host = input.answers === undefined ? undefined : hostOf(input.answers.acknowledged);
  return [
    { kind: "answers", answers: said },
    {
      kind: "aside",
      text: host === undefined ? say(language, "mail.answer.none") : say(language, "mail.answer.opens", { host }),
    },
  ];
};

/** How the two sides are called in sentences. */
const sides = (
  input: AlertInput,
  language: Language,
  named: number = namedHostile,
): { readonly asset: string; readonly hostile: string } => {
  const { name, observable } = input.asset;
  const value = own(input).has(observable.value.toLowerCase()) ? observable.value : defang(observable.value);
  return {
    asset: name === undefined ? value : `${defangText(name)} (${value})`,
    hostile: listed(
      input.hostile.slice(0, named).map((one) => defang(one.value)),
      language,
    ),
  };
};

/** Latin values in a Chinese list want the list comma; "及" would stick to them. */
const listed = (values: readonly string[], language: Language): string =>
  language === "en" ? printList(language, values) : values.join("、");

/**
 * The reader's own value stands plain, so that it can be searched for; not when it is itself what is bad (their name
 * that shows a phishing page), except for bare addresses, which nobody clicks.
 */
const own = (input: AlertInput): ReadonlySet<string> => {
  const { kind, value } = input.asset.observable;
  const bare = kind === "ipv4" || kind === "ipv6" || kind === "cidr" || kind === "asn";
  const bad = input.hostile.some((one) => one.value === value);
  return new Set(bare || (input.story !== "listed" && !bad) ? [value.toLowerCase()] : []);
};

/**
 *   2026-11-19 07:02:11 UTC · 2026-11-19 15:02:11 UTC+8
 *   203.0.113.24:51234 → 198.51.100[.]77:443 · destination address, outbound
 */
const instanceLines = (instance: Instance, input: AlertInput, language: Language): string => {
  const keep = own(input);
  const place = [
    say(language, `glossary.where.${instance.where}`),
    say(language, `glossary.direction.${instance.direction}`),
  ].join(language === "en" ? ", " : "，");
  const ends =
    instance.source && instance.destination
      ? `${printEnd(instance.source, keep)} → ${printEnd(instance.destination, keep)}`
      : instance.source
        ? printEnd(instance.source, keep)
        : instance.destination
          ? `→ ${printEnd(instance.destination, keep)}`
          : "";
  const inEnds = instance.value === instance.source?.address || instance.value === instance.destination?.address;
  const value = inEnds ? "" : keep.has(instance.value.toLowerCase()) ? instance.value : defang(instance.value);
  const what = [ends, value, place].filter((one) => one !== "").join(" · ");
  return `${printUtc(instance.time)} · ${printStamp(instance.time, input.zone)}\n${what}`;
};

/**
 *   openssl 3.0.1 · web-01, web-02, 3 more
 *   CVE-2026-10001, CVE-2026-10002 · exploited, reachable from the internet
 */
const productLines = (one: ProductSaid, language: Language): string => {
  const more = (count: number): readonly string[] =>
    count === 0 ? [] : [say(language, "mail.products.more", { count })];
  const comma = language === "en" ? ", " : "、";
  const said = [
    ...(one.exploited ? [say(language, "acts.advisory.reason.exploited")] : []),
    ...(one.exposed ? [say(language, "acts.product.exposed")] : []),
  ];
  return [
    `${defangText(one.product)} · ${[...one.assets.map((asset) => defangText(asset)), ...more(one.moreAssets)].join(comma)}`,
    [[...one.weaknesses, ...more(one.moreWeaknesses)].join(comma), ...said].join(" · "),
  ].join("\n");
};

const printEnd = ({ address, port }: End, keep: ReadonlySet<string>): string => {
  const bare = keep.has(address.toLowerCase()) ? address : defang(address);
  const bracketed = address.includes(":") ? `[${bare}]` : bare;
  return port === undefined ? bare : `${bracketed}:${port}`;
};

const shorten = (text: string): string => (text.length > longestEvidence ? `${text.slice(0, longestEvidence)}…` : text);

/** Sentences of one paragraph; Chinese sets no space between them. */
const joined = (language: Language, sentences: readonly string[]): string =>
  sentences.filter((one) => one !== "").join(language === "en" ? " " : "");

const hostOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).host : undefined);
