import type { ProblemDocument } from "#api/problem.ts";
import { type Html, html } from "#core/html.ts";
import type { Language } from "#words/language.ts";

/** A problem for a person who followed a link, not for a program. */
export const problemPage = (document: ProblemDocument, language: Language): Html => html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${document.status} · waglan</title>
<link rel="stylesheet" href="/answer.css">
</head>
<body>
<main>
<h1>${document.detail}</h1>
<p><code>${document.code}</code> · <code>${document.request}</code></p>
</main>
</body>
</html>
`;
