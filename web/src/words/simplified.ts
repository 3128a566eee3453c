import { answers } from "@words/zh-hans/answers.ts";
import { glossary } from "@words/zh-hans/glossary.ts";
import { portal } from "@words/zh-hans/portal.ts";
import { topics } from "./topics.ts";
import type { Words } from "./reader.tsx";

export const words: Words = topics({ portal, glossary, answers });
