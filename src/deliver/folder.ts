import { randomUUID } from "node:crypto";
import { access, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { createTransport } from "nodemailer";
import type { Mail } from "#alerts/mail.ts";
import type { Deliver, Delivered } from "#alerts/ports.ts";
import { refusal } from "./check.ts";
import { messageOf } from "./message.ts";

/**
 * Mail into a folder, one `.eml` (RFC 5322) each, for a first look and for machines without a mail server. A file
 * appears whole or not at all; the same Message-ID is the same file and is written once.
 *
 *   "<wg-7K2Q9D.1.p4@cert.example>" → FOLDER/wg-7K2Q9D.1.p4@cert.example.eml
 */
export const openFolder = async (folder: string): Promise<Deliver> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const writer = createTransport({ streamTransport: true, buffer: true, newline: "windows" });
  return {
    send: async (mail) => refusal(mail) ?? (await write(mail, folder, writer)),
    close: async () => writer.close(),
  };
};

const write = async (mail: Mail, folder: string, writer: ReturnType<typeof createTransport>): Promise<Delivered> => {
  // `refusal` has seen to it that nothing in a Message-ID can leave the folder
  const name = `${mail.messageId.slice(1, -1)}.eml`;
  const path = join(folder, name);
  const waiting = join(folder, `.${randomUUID()}.part`);
  try {
    if (await exists(path)) return { kind: "accepted", reply: name };
    const { message } = await writer.sendMail(messageOf(mail));
    const file = await open(waiting, "w", 0o600);
    try {
      await file.writeFile(message);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(waiting, path);
    return { kind: "accepted", reply: name };
  } catch (cause) {
    await rm(waiting, { force: true }).catch(() => undefined);
    const why = (cause as NodeJS.ErrnoException).code ?? "unknown";
    return { kind: "refused", retry: "later", stage: "disk", code: 0, reply: why };
  }
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
