import { BadBody } from "./bad-body.ts";

/** The name of an archive's entry, "/" between steps; one that leaves its folder or hides control characters is a bad body. */
export const entryName = (written: string): string => {
  const name = written.replaceAll("\\", "/").replace(/^(?:\.\/)+/, "");
  const steps = name.split("/");
  if (name.startsWith("/") || /^[a-z]:/i.test(name) || steps.includes("..") || /\p{Cc}/u.test(name))
    throw new BadBody("WGL_BODY_ENTRY", { name: written });
  return name;
};
