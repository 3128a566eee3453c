import { answers } from "@words/zh-hant/answers.ts";
import { glossary } from "@words/zh-hant/glossary.ts";
import { inside } from "@words/zh-hant/inside.ts";
import { portal } from "@words/zh-hant/portal.ts";
import { topics, type Words } from "./topics.ts";

export const words: Words = topics({ portal, glossary, answers, inside });
