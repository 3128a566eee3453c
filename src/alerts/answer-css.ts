import { css, type Css } from "#core/html.ts";
import { dark, light, mono, sans, severityInk, tlpGround, tlpInk } from "./tokens.ts";

const rules = css`
*{box-sizing:border-box}
html{background:var(--page);color:var(--ink-1);font:15px/1.5 ${sans.en};-webkit-text-size-adjust:100%}
:root:lang(zh-Hant-HK){font-family:${sans["zh-Hant-HK"]};line-height:1.7}
:root:lang(zh-Hans){font-family:${sans["zh-Hans"]};line-height:1.7}
body{margin:0;min-height:100vh;display:flex;flex-direction:column}
a{color:var(--link)}
a:focus-visible,button:focus-visible,textarea:focus-visible{outline:2px solid var(--light);outline-offset:2px}
.tlp{background:${tlpGround};color:#ffffff;min-height:24px;padding:3px 16px;font-size:13px;line-height:18px;text-align:center}
.tlp span{margin-left:8px}
[data-tlp=red]{color:${tlpInk.red}}
[data-tlp='amber+strict']{color:${tlpInk["amber+strict"]}}
[data-tlp=amber]{color:${tlpInk.amber}}
[data-tlp=green]{color:${tlpInk.green}}
[data-tlp=clear]{color:${tlpInk.clear}}
.bar{display:flex;flex-wrap:wrap;gap:8px 24px;align-items:center;justify-content:space-between;min-height:44px;padding:4px 24px;background:var(--panel);border-bottom:1px solid var(--line-2)}
.beam{fill:var(--light)}
nav a,nav b{display:inline-block;min-width:24px;min-height:24px;padding:4px 6px}
main{flex:1 0 auto;width:100%;max-width:880px;margin:0 auto;padding:16px 24px 32px;background:var(--panel)}
h1{font-size:22px;line-height:1.35;font-weight:600;margin:4px 0 8px}
h2{font-size:15px;font-weight:600;margin:0;line-height:inherit}
p{margin:0 0 8px}
.quiet{color:var(--ink-2);font-size:14px}
.signs{color:var(--ink-2)}
.sev[data-severity=critical]{color:var(--sev-critical)}
.sev[data-severity=high]{color:var(--sev-high)}
.sev[data-severity=medium]{color:var(--sev-medium)}
.sev[data-severity=low]{color:var(--sev-low)}
.sev[data-severity=info]{color:var(--sev-info)}
.block{display:grid;grid-template-columns:170px minmax(0,1fr);gap:0 16px;padding:16px 0;border-top:1px solid var(--line-1)}
.block .number{color:var(--light);padding-right:6px}
.buff{margin:0 0 12px;padding:8px 12px;background:var(--buff);border:1px solid var(--buff-line);border-radius:4px;color:var(--on-buff);font:13px/1.6 ${mono};overflow-wrap:anywhere}
.buff div{margin:0 0 4px;white-space:pre-wrap}
ul,ol{margin:0 0 8px;padding-left:22px}
.steps li{padding:0 0 10px}
.steps .now{color:var(--sev-critical)}
.scale{display:flex;flex-wrap:wrap;list-style:none;padding:0;margin:4px 0 10px;max-width:440px}
.scale li{flex:1 1 60px;border-top:2px solid var(--line-2);padding:4px 4px 0 0;font-size:13px;color:var(--ink-3)}
.scale li[aria-current]{border-top:4px solid var(--ink-1);padding-top:2px;color:var(--ink-1)}
.answers{list-style:none;padding:0}
.answers li{display:flex;flex-wrap:wrap;align-items:center;gap:4px 12px;padding:4px 0}
.answers span{color:var(--ink-2);font-size:14px;flex:1 1 220px}
button{font:inherit;font-weight:600;min-height:44px;min-width:190px;padding:8px 16px;border-radius:4px;cursor:pointer}
.filled{background:var(--act);color:var(--on-act);border:1px solid var(--act)}
.plain{background:var(--panel);color:var(--ink-1);border:1px solid var(--line-3)}
label{display:block;margin-top:8px;font-weight:600}
textarea{width:100%;font:inherit;color:var(--ink-1);background:var(--panel);border:1px solid var(--line-3);border-radius:4px;padding:8px}
.given{border-left:2px solid var(--line-2);padding-left:26px}
.said{font-weight:600;color:var(--ok)}
@media (max-width:600px){main{padding:12px 16px 24px}.block{grid-template-columns:1fr;gap:6px}button{width:100%}}
@media (forced-colors:active){.scale li[aria-current]{border-top-color:Highlight}}
@media print{.bar,form,.skip{display:none}html,main{background:#ffffff;color:#000000}.block{break-inside:avoid}}
`;

const themed = (ink: typeof light, night: boolean): Css => css`
--ink-1:${ink.ink1};--ink-2:${ink.ink2};--ink-3:${ink.ink3};--line-1:${ink.line1};--line-2:${ink.line2};--line-3:${ink.line3};
--page:${ink.page};--panel:${ink.panel};--link:${ink.link};--buff:${ink.buff};--buff-line:${ink.buffLine};--on-buff:${ink.onBuff};
--light:${ink.light};--act:${ink.act};--on-act:${ink.onAct};--ok:${ink.ok};
--sev-critical:${severityInk.critical[night ? "dark" : "light"]};--sev-high:${severityInk.high[night ? "dark" : "light"]};
--sev-medium:${severityInk.medium[night ? "dark" : "light"]};--sev-low:${severityInk.low[night ? "dark" : "light"]};--sev-info:${severityInk.info[night ? "dark" : "light"]}`;

/** The whole of `/answer.css`, the only thing an answer page fetches. */
export const answerCss: string = css`:root{color-scheme:light;${themed(light, false)}}
@media (prefers-color-scheme:dark){:root{color-scheme:dark;${themed(dark, true)}}}
${rules}`.text;
