import { answers } from "@words/en/answers.ts";
import { glossary } from "@words/en/glossary.ts";
import { inside } from "@words/en/inside.ts";
import { portal } from "@words/en/portal.ts";
import { topics, type Words } from "./topics.ts";

export const words: Words = topics({ portal, glossary, answers, inside });
