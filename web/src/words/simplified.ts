import { answers } from "@words/zh-hans/answers.ts";
import { glossary } from "@words/zh-hans/glossary.ts";
import { inside } from "@words/zh-hans/inside.ts";
import { portal } from "@words/zh-hans/portal.ts";
import { topics, type Words } from "./topics.ts";

export const words: Words = topics({ portal, glossary, answers, inside });
