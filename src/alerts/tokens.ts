import type { Tlp } from "#core/marking.ts";
import type { Severity } from "#core/severity.ts";
import { css, type Css } from "#core/html.ts";
import type { Language } from "#words/language.ts";

type Ink =
  | "ink1"
  | "ink2"
  | "ink3"
  | "line1"
  | "line2"
  | "line3"
  | "page"
  | "panel"
  | "link"
  | "buff"
  | "buffLine"
  | "onBuff"
  | "light"
  | "act"
  | "onAct"
  | "ok";

/** The colours of the design tokens that mail and answer page use, by value: mail knows no custom properties. */
export const light: Readonly<Record<Ink, Css>> = {
  ink1: css`#0d1f2b`,
  ink2: css`#3a4d5a`,
  ink3: css`#526570`,
  line1: css`#dbe3e7`,
  line2: css`#b9c6cd`,
  line3: css`#74868f`,
  page: css`#f3f6f7`,
  panel: css`#ffffff`,
  link: css`#0a5680`,
  buff: css`#fbf5e4`,
  buffLine: css`#decf9f`,
  onBuff: css`#3d3413`,
  light: css`#ad0f66`,
  act: css`#0f3a52`,
  onAct: css`#ffffff`,
  ok: css`#0b6a52`,
};

export const dark: Readonly<Record<Ink, Css>> = {
  ink1: css`#e7eff3`,
  ink2: css`#b6c6cf`,
  ink3: css`#93a8b4`,
  line1: css`#1d3241`,
  line2: css`#2b4558`,
  line3: css`#64808f`,
  page: css`#08131b`,
  panel: css`#0d1c27`,
  link: css`#83c8ef`,
  buff: css`#1e1c13`,
  buffLine: css`#4d4526`,
  onBuff: css`#e9dfc0`,
  light: css`#ff80bd`,
  act: css`#cfe6f2`,
  onAct: css`#0a2230`,
  ok: css`#68d3ac`,
};

export const severityInk: Readonly<Record<Severity, { readonly light: Css; readonly dark: Css }>> = {
  critical: { light: css`#b00d20`, dark: css`#ff8e90` },
  high: { light: css`#9a3d06`, dark: css`#ffae70` },
  medium: { light: css`#715300`, dark: css`#e8cb5c` },
  low: { light: css`#1b5a94`, dark: css`#8fc6f6` },
  info: { light: css`#526570`, dark: css`#a7b8c2` },
};

/** FIRST TLP 2.0: these colours on black, in every theme. */
export const tlpInk: Readonly<Record<Tlp, Css>> = {
  red: css`#ff2b2b`,
  "amber+strict": css`#ffc000`,
  amber: css`#ffc000`,
  green: css`#33ff00`,
  clear: css`#ffffff`,
};
export const tlpGround: Css = css`#000000`;

const latin = css`'Segoe UI Variable Text','Segoe UI',-apple-system,Inter,'Noto Sans'`;
export const sans: Readonly<Record<Language, Css>> = {
  en: css`${latin},system-ui,sans-serif`,
  "zh-Hant-HK": css`${latin},'PingFang HK','Microsoft JhengHei UI','Microsoft JhengHei','Noto Sans CJK HK','Noto Sans HK',system-ui,sans-serif`,
  "zh-Hans": css`${latin},'PingFang SC','Microsoft YaHei UI','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',system-ui,sans-serif`,
};
export const mono: Css = css`ui-monospace,'SF Mono','Cascadia Mono',Consolas,'Noto Sans Mono','DejaVu Sans Mono','Noto Sans Mono CJK HK',monospace`;
