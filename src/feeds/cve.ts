import { no, ok, type Result } from "#core/result.ts";

/** "CVE-2024-3400": a year since 1999 and four digits or more (CVE record format 5, `cveId`). */
const cve = /^CVE-(?:1999|2\d{3})-\d{4,19}$/;
const cveInText = /\bCVE[-\u2010-\u2013](?:1999|2\d{3})[-\u2010-\u2013]\d{4,19}\b/gi;
const cwe = /^CWE-\d{1,6}$/;
const cweInText = /\bCWE[- ]?(\d{1,6})\b/gi;

/** A CVE id in capitals. @returns WGL_CVE */
export const parseCve = (text: string, at?: string): Result<string> => {
  const upper = text.trim().toUpperCase();
  return cve.test(upper) ? ok(upper) : no("WGL_CVE", { value: text }, at);
};

/** Every CVE id in these texts, distinct, in the order they are met; words written with typographic hyphens too. */
export const cvesIn = (...texts: readonly string[]): readonly string[] =>
  distinct(
    texts.flatMap((text) =>
      [...text.matchAll(cveInText)].map(([id]) => id.toUpperCase().replace(/[\u2010-\u2013]/g, "-")),
    ),
  );

/** "CWE-079", "79" and "CWE-79 Cross-site Scripting" are "CWE-79"; NVD's "NVD-CWE-noinfo" is none. */
export const cwesIn = (texts: readonly string[]): readonly string[] =>
  distinct(
    texts.flatMap((text) =>
      text.startsWith("NVD-")
        ? []
        : [...(/^\d+$/.test(text) ? `CWE-${text}` : text).matchAll(cweInText)].map(([, n]) => `CWE-${Number(n)}`),
    ),
  ).filter((one) => cwe.test(one));

export const distinct = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
