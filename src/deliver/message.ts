import type { SendMailOptions } from "nodemailer";
import type { Mail } from "#alerts/mail.ts";
import { oneLine } from "./check.ts";

/**
 * A mail as nodemailer writes it: text and HTML alternatives in UTF-8, our Message-ID, and the mark of an automatic
 * message (RFC 3834 §5), so that no holiday answer comes back. Call `refusal` first.
 */
export const messageOf = (mail: Mail): SendMailOptions => ({
  from: { name: oneLine(mail.from.name), address: mail.from.address },
  to: [{ name: oneLine(mail.to.name), address: mail.to.address }],
  envelope: { from: mail.from.address, to: [mail.to.address] },
  subject: oneLine(mail.subject),
  messageId: mail.messageId,
  text: mail.text,
  html: mail.html,
  headers: {
    ...Object.fromEntries(Object.entries(mail.headers ?? {}).map(([name, value]) => [name, oneLine(value)])),
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
  },
  // what a mail says is in the mail: nothing is read from disk or network to write it
  disableFileAccess: true,
  disableUrlAccess: true,
  xMailer: false,
});
