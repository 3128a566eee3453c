import { say } from "#words/say.ts";
import type { AlertInput } from "./alert-input.ts";
import { joint, type Part } from "./block.ts";
import { frameOf } from "./frame.ts";
import type { Said } from "./said.ts";

/**
 * The text part: the same frame and five blocks. Lines end in \n and are not wrapped; mail programs do that better.
 *
 *   TLP:AMBER+STRICT  Harbour Transport Department only
 *
 *   ▲▲ Critical. Alert WG-2026-1187, version 1
 *   1. What happened
 *      …
 */
export const mailText = (input: AlertInput, said: readonly Said[]): string =>
  `${said.map((one, n) => section(input, one, n === 0 ? said.slice(1) : [])).join(`\n\n${"=".repeat(60)}\n\n`)}\n`;

const section = (input: AlertInput, { language, blocks }: Said, below: readonly Said[]): string => {
  const frame = frameOf(input, language);
  const lines = [
    `${frame.tlp}  ${frame.tlpSays}`,
    ...below.map((one) => say(one.language, "mail.below")),
    "",
    `${frame.sign} ${frame.severity}  ${frame.alert}`,
    frame.headline,
    frame.fromTo,
    frame.due,
    ...blocks.flatMap((block, n) => ["", `${n + 1}. ${block.title}`, ...block.parts.flatMap(drawn).map(indented)]),
    ...(frame.real ? ["", frame.real.title, ...frame.real.says.map(indented)] : []),
    "",
    ...frame.foot.map(({ text }) => text),
    "",
    frame.tlp,
  ];
  return lines.map((line) => line.trimEnd()).join("\n");
};

const indented = (line: string): string => (line === "" ? "" : `   ${line}`);

const drawn = (part: Part): readonly string[] => {
  switch (part.kind) {
    case "paragraph":
      return [part.lead === undefined ? part.text : `${part.lead}${joint(part.lead)}${part.text}`];
    case "aside":
    case "link":
      return [part.text];
    case "lines":
      return ["", part.caption, ...part.lines.flatMap((line) => line.split("\n")).map((line) => `| ${line}`)];
    case "scale":
      return [];
    case "list":
      return part.items.map((item) => `- ${item}`);
    case "steps":
      return part.steps.flatMap(({ what, who, byWhen, why }, n) => [
        `${n + 1}) ${what}`,
        `   [${who} · ${byWhen}] ${why}`,
      ]);
    case "answers":
      return part.answers.flatMap(({ label, means, url }) => [
        `* ${label}`,
        `  ${means}`,
        ...(url === undefined ? [] : [`  ${url}`]),
      ]);
  }
};
