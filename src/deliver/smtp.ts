import { createTransport } from "nodemailer";
import type { Deliver, Delivered } from "#alerts/ports.ts";
import { oneLine, refusal } from "./check.ts";
import { messageOf } from "./message.ts";

/** One mail server, the deployment's own. */
export interface SmtpOptions {
  readonly host: string;
  readonly port: number;
  /**
   *   implicit   TLS from the first byte (port 465)
   *   starttls   TLS before anything is said, or nothing is said (ports 587, 25)
   *   none       in clear: a relay on this machine or a network that needs none
   */
  readonly tls: "implicit" | "starttls" | "none";
  /** Certificates to trust beside the system's, PEM. */
  readonly ca?: string;
  /** The name on the server's certificate, where it is not `host`. */
  readonly servername?: string;
  readonly login?: { readonly user: string; readonly password: string };
  /** What we call ourselves in EHLO; absent: the machine's name. */
  readonly name?: string;
  /** Milliseconds; absent: `patience`. */
  readonly timeouts?: { readonly connectMs: number; readonly greetingMs: number; readonly idleMs: number };
  /** Connections held open at once; absent: 2. More helps only against a slow server, and many servers refuse more. */
  readonly connections?: number;
}

/** RFC 5321 §4.5.3.2 allows minutes; a queue that waits so long on a dead server holds up everybody else's alert. */
const patience = { connectMs: 10_000, greetingMs: 15_000, idleMs: 60_000 } as const;

export const openSmtp = (options: SmtpOptions): Deliver => {
  const { connectMs, greetingMs, idleMs } = options.timeouts ?? patience;
  const transport = createTransport({
    pool: true,
    maxConnections: options.connections ?? 2,
    host: options.host,
    port: options.port,
    secure: options.tls === "implicit",
    requireTLS: options.tls === "starttls",
    ignoreTLS: options.tls === "none",
    tls: {
      minVersion: "TLSv1.2",
      rejectUnauthorized: true,
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(options.servername === undefined ? {} : { servername: options.servername }),
    },
    ...(options.login ? { auth: { user: options.login.user, pass: options.login.password } } : {}),
    ...(options.name === undefined ? {} : { name: options.name }),
    connectionTimeout: connectMs,
    dnsTimeout: connectMs,
    greetingTimeout: greetingMs,
    socketTimeout: idleMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    send: async (mail) => {
      const wrong = refusal(mail);
      if (wrong) return wrong;
      try {
        const { response } = await transport.sendMail(messageOf(mail));
        return { kind: "accepted", reply: oneLine(response) };
      } catch (cause) {
        return refused(cause as SmtpError);
      }
    },
    close: async () => transport.close(),
  };
};

/** What nodemailer adds to an Error. `command` is the SMTP verb that failed, `responseCode` the server's. */
interface SmtpError extends Error {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

type Refused = Extract<Delivered, { kind: "refused" }>;

/**
 * Final is only what the server says with 5yz about this recipient or this content. A refused login or sender is our own
 * setting: every mail would meet it, an operator mends it, and no alert may be thrown away for it.
 */
const refused = (error: SmtpError): Refused => {
  const code = error.responseCode ?? 0;
  const stage = stageOf(error);
  const final = code >= 500 && code <= 599 && (stage === "recipient" || stage === "message");
  return {
    kind: "refused",
    retry: final ? "never" : "later",
    stage,
    code,
    reply: oneLine(error.response ?? error.code ?? "no reply"),
  };
};

const stageOf = ({ code, command }: SmtpError): Refused["stage"] => {
  if (code === "ETLS" || command === "STARTTLS") return "tls";
  if (code === "EAUTH" || command?.startsWith("AUTH") === true) return "login";
  if (command === "MAIL FROM") return "sender";
  if (command === "RCPT TO") return "recipient";
  if (command === "DATA" || code === "EMESSAGE") return "message";
  return "connect";
};
