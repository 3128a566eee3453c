import { answers } from "@words/en/answers.ts";
import { glossary } from "@words/en/glossary.ts";
import { portal } from "@words/en/portal.ts";
import { topics } from "./topics.ts";
import type { Words } from "./reader.tsx";

export const words: Words = topics({ portal, glossary, answers });
