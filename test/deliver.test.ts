import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import PostalMime, { type Email } from "postal-mime";
import { SMTPServer } from "smtp-server";
import type { Mail } from "#alerts/mail.ts";
import { messageIdOf } from "#alerts/mail.ts";
import type { Deliver } from "#alerts/ports.ts";
import { openFolder } from "#deliver/folder.ts";
import { openSmtp, type SmtpOptions } from "#deliver/smtp.ts";

const mail: Mail = {
  id: "m1",
  from: { name: "海港城電腦保安事故協調中心", address: "alerts@cert.example" },
  to: { name: "陳海琪", address: "hk.chan@transport.example" },
  subject: "TLP:AMBER+STRICT WG-2026-1187：【危急】你的檔案伺服器正向外傳送大量資料，請立即把它與網絡隔離，並保持開機",
  text: "你好\n\n.一行以點開始\n從這裏開始\n",
  html: '<!DOCTYPE html><html lang="zh-Hant-HK"><body><p>你好</p></body></html>',
  messageId: "<wg-7K2Q9D.1.p4@cert.example>",
};

/** A far end that tests can look into. `answer` makes it refuse at a stage with an SMTP code. */
interface FarEnd {
  readonly deliver: Deliver;
  readonly arrived: () => Promise<readonly Uint8Array[]>;
  readonly close: () => Promise<void>;
}
interface Refusals {
  readonly sender?: number;
  readonly recipient?: number;
  readonly message?: number;
}
type Case =
  | "a mail arrives whole"
  | "it is marked as automatic and offers nothing to unsubscribe from"
  | "twice the same mail is one Message-ID"
  | "no outside value adds a header, a recipient or a file"
  | "a refusal for good is told from one for now";

/** What every way of delivering must do; `cannot` names what one of them has no means for, and why. */
const deliveryContract = (
  name: string,
  open: (refusals?: Refusals) => Promise<FarEnd>,
  { cannot = {} }: { readonly cannot?: Partial<Record<Case, string>> } = {},
): void => {
  const check = (what: Case, run: (far: FarEnd) => Promise<void>, refusals?: Refusals): void => {
    test(`${name}: ${what}`, { skip: cannot[what] ?? false }, async () => {
      const far = await open(refusals);
      try {
        await run(far);
      } finally {
        await far.close();
      }
    });
  };
  const only = async (far: FarEnd): Promise<Email> => {
    const [bytes, ...others] = await far.arrived();
    assert.ok(bytes);
    assert.equal(others.length, 0);
    return PostalMime.parse(bytes);
  };
  const header = (email: Email, key: string): string | undefined => email.headers.find((one) => one.key === key)?.value;

  check("a mail arrives whole", async (far) => {
    assert.equal((await far.deliver.send(mail)).kind, "accepted");
    const email = await only(far);
    assert.equal(email.subject, mail.subject);
    assert.deepEqual(email.from, { name: mail.from.name, address: mail.from.address });
    assert.deepEqual(email.to, [{ name: mail.to.name, address: mail.to.address }]);
    assert.equal(email.text?.replaceAll("\r\n", "\n").trimEnd(), mail.text.trimEnd());
    assert.equal(email.html?.trimEnd(), mail.html);
    assert.equal(email.attachments.length, 0);
  });

  check("it is marked as automatic and offers nothing to unsubscribe from", async (far) => {
    await far.deliver.send({ ...mail, headers: { "X-Waglan-Alert": "WG-2026-1187" } });
    const email = await only(far);
    assert.equal(header(email, "auto-submitted"), "auto-generated");
    assert.equal(header(email, "x-waglan-alert"), "WG-2026-1187");
    assert.equal(header(email, "list-unsubscribe"), undefined);
    assert.equal(header(email, "x-mailer"), undefined);
    assert.match(header(email, "content-type") ?? "", /^multipart\/alternative/);
  });

  check("twice the same mail is one Message-ID", async (far) => {
    assert.equal((await far.deliver.send(mail)).kind, "accepted");
    assert.equal((await far.deliver.send(mail)).kind, "accepted");
    const ids = await Promise.all(
      (await far.arrived()).map(async (bytes) => (await PostalMime.parse(bytes)).messageId),
    );
    assert.deepEqual([...new Set(ids)], [mail.messageId]);
  });

  check("no outside value adds a header, a recipient or a file", async (far) => {
    const bad = 'x\r\nBcc: evil@evil.example\r\nX-Evil: 1\n\u2028\u0085\r\n\r\nbody <b>\u202e"';
    const changed = [
      { ...mail, subject: bad, messageId: "<a1@cert.example>" },
      { ...mail, from: { ...mail.from, name: bad }, messageId: "<a2@cert.example>" },
      { ...mail, to: { ...mail.to, name: bad }, messageId: "<a3@cert.example>" },
      { ...mail, headers: { "X-Note": bad }, messageId: "<a4@cert.example>" },
    ];
    for (const one of changed) assert.equal((await far.deliver.send(one)).kind, "accepted");
    const arrived = await far.arrived();
    assert.equal(arrived.length, changed.length);
    for (const bytes of arrived) {
      const email = await PostalMime.parse(bytes);
      assert.equal(header(email, "bcc"), undefined);
      assert.equal(header(email, "x-evil"), undefined);
      assert.deepEqual(
        email.to?.map((one) => one.address),
        [mail.to.address],
      );
      assert.equal(email.html?.trimEnd(), mail.html);
    }
    const refusedOutright: Mail[] = [
      { ...mail, to: { name: "", address: "a@b.example>\r\nRCPT TO:<evil@evil.example" } },
      { ...mail, to: { name: "", address: "a@b.example, evil@evil.example" } },
      { ...mail, from: { name: "", address: "a@b.example\nBcc: evil@evil.example" } },
      { ...mail, messageId: "<../../etc/passwd@cert.example>" },
      { ...mail, messageId: "<a@cert.example>\r\nX-Evil: 1" },
      { ...mail, messageId: `<${"a".repeat(300)}@cert.example>` },
      { ...mail, headers: { "X-Evil\r\nBcc": "x" } },
      { ...mail, headers: { Bcc: "evil@evil.example" } },
      { ...mail, headers: { "List-Unsubscribe": "<https://evil.example>" } },
    ];
    for (const one of refusedOutright) {
      const delivered = await far.deliver.send(one);
      assert.ok(delivered.kind === "refused" && delivered.stage === "check" && delivered.retry === "never");
      assert.doesNotMatch(delivered.reply, /[\r\n]/);
    }
    assert.equal((await far.arrived()).length, changed.length);
  });

  for (const [refusals, retry, stage] of [
    [{ recipient: 550 }, "never", "recipient"],
    [{ recipient: 450 }, "later", "recipient"],
    [{ message: 554 }, "never", "message"],
    [{ message: 451 }, "later", "message"],
    // our own sender is refused: a setting, which an operator mends; the alert must not be lost
    [{ sender: 550 }, "later", "sender"],
  ] as const)
    check(
      "a refusal for good is told from one for now",
      async (far) => {
        const delivered = await far.deliver.send(mail);
        assert.ok(delivered.kind === "refused");
        const code = Object.values(refusals)[0];
        assert.deepEqual(
          { retry: delivered.retry, stage: delivered.stage, code: delivered.code },
          { retry, stage, code },
        );
        assert.equal((await far.arrived()).length, 0);
      },
      refusals,
    );
};

const refuse = (code: number | undefined): Error | null =>
  code === undefined
    ? null
    : Object.assign(new Error("mailbox permanently temporarily unavailable"), { responseCode: code });

/** smtp-server on loopback, with its own self-signed certificate. */
const listen = async (
  refusals: Refusals = {},
  options: object = {},
): Promise<{ server: SMTPServer; port: number; bodies: Uint8Array[] }> => {
  const bodies: Uint8Array[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS", "AUTH"],
    onMailFrom: (_address, _session, done) => done(refuse(refusals.sender)),
    onRcptTo: (_address, _session, done) => done(refuse(refusals.recipient)),
    onData: (stream, _session, done) => {
      const parts: Uint8Array[] = [];
      stream.on("data", (part: Uint8Array) => parts.push(part));
      stream.on("end", () => {
        const no = refuse(refusals.message);
        if (!no) bodies.push(Buffer.concat(parts));
        done(no);
      });
    },
    ...options,
  });
  server.on("error", () => undefined);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return { server, port: (server.server.address() as AddressInfo).port, bodies };
};
const stop = (server: SMTPServer): Promise<void> => new Promise((done) => server.close(() => done()));
const clear = (port: number): SmtpOptions => ({ host: "127.0.0.1", port, tls: "none" });

const openLoopback = async (refusals?: Refusals): Promise<FarEnd> => {
  const { server, port, bodies } = await listen(refusals);
  const deliver = openSmtp(clear(port));
  return {
    deliver,
    arrived: async () => bodies,
    close: async () => {
      await deliver.close();
      await stop(server);
    },
  };
};

const openTemporary = async (): Promise<FarEnd> => {
  const folder = await mkdtemp(join(tmpdir(), "waglan-mail-"));
  const deliver = await openFolder(folder);
  return {
    deliver,
    arrived: async () => Promise.all((await readdir(folder)).sort().map((name) => readFile(join(folder, name)))),
    close: async () => {
      await deliver.close();
      await rm(folder, { recursive: true });
    },
  };
};

deliveryContract("smtp", openLoopback);
deliveryContract("folder", openTemporary, {
  cannot: { "a refusal for good is told from one for now": "a folder has no far end that could refuse" },
});

test("openFolder() writes <Message-ID>.eml whole and only once", async () => {
  const folder = await mkdtemp(join(tmpdir(), "waglan-mail-"));
  after(() => rm(folder, { recursive: true }));
  const deliver = await openFolder(join(folder, "deep", "er"));
  await deliver.send(mail);
  const path = join(folder, "deep", "er", "wg-7K2Q9D.1.p4@cert.example.eml");
  const bytes = await readFile(path);
  await Promise.all([deliver.send(mail), deliver.send({ ...mail, subject: "other" })]);
  assert.deepEqual(await readFile(path), bytes);
  assert.deepEqual(await readdir(join(folder, "deep", "er")), ["wg-7K2Q9D.1.p4@cert.example.eml"]);
  assert.ok(bytes.includes("\r\n") && !/[^\r]\n/.test(bytes.toString("latin1")));
});

test("openFolder() says that it may work later when the folder has gone", async () => {
  const folder = await mkdtemp(join(tmpdir(), "waglan-mail-"));
  const deliver = await openFolder(join(folder, "mail"));
  await rm(folder, { recursive: true });
  await writeFile(folder, "a file stands where the folder was");
  after(() => rm(folder));
  const delivered = await deliver.send(mail);
  assert.deepEqual(delivered, { kind: "refused", retry: "later", stage: "disk", code: 0, reply: "ENOTDIR" });
});

test("openSmtp() says nothing over a connection that TLS does not protect", async () => {
  const plain = await listen(); // offers no STARTTLS
  const selfSigned = await listen({}, { disabledCommands: ["AUTH"] });
  after(async () => {
    await stop(plain.server);
    await stop(selfSigned.server);
  });
  for (const { port, bodies } of [plain, selfSigned]) {
    const deliver = openSmtp({ host: "127.0.0.1", port, tls: "starttls" });
    const delivered = await deliver.send(mail);
    await deliver.close();
    assert.ok(delivered.kind === "refused");
    assert.equal(delivered.retry, "later");
    assert.ok(["tls", "connect"].includes(delivered.stage), delivered.stage);
    assert.equal(bodies.length, 0);
  }
});

test("openSmtp() keeps a mail for later when the login is refused", async () => {
  const far = await listen(
    {},
    {
      disabledCommands: ["STARTTLS"],
      allowInsecureAuth: true,
      authOptional: false,
      onAuth: (_auth: unknown, _session: unknown, done: (error: Error) => void) =>
        done(Object.assign(new Error("no"), { responseCode: 535 })),
    },
  );
  after(() => stop(far.server));
  const deliver = openSmtp({ ...clear(far.port), login: { user: "waglan", password: "wrong" } });
  const delivered = await deliver.send(mail);
  await deliver.close();
  assert.ok(delivered.kind === "refused");
  assert.deepEqual([delivered.retry, delivered.stage, delivered.code], ["later", "login", 535]);
});

test("openSmtp() gives up on a server that never greets, and on one that is not there", async () => {
  const silent: Server = createServer(() => undefined);
  await new Promise<void>((ready) => silent.listen(0, "127.0.0.1", ready));
  const { port } = silent.address() as AddressInfo;
  const timeouts = { connectMs: 200, greetingMs: 200, idleMs: 200 };
  const waiting = openSmtp({ ...clear(port), timeouts });
  const late = await waiting.send(mail);
  await waiting.close();
  await new Promise((done) => silent.close(done));
  const nobody = openSmtp({ ...clear(port), timeouts });
  const absent = await nobody.send(mail);
  await nobody.close();
  for (const delivered of [late, absent]) {
    assert.ok(delivered.kind === "refused");
    assert.deepEqual([delivered.retry, delivered.stage, delivered.code], ["later", "connect", 0]);
  }
});

test("messageIdOf() makes what both adapters take, of any parts", async () => {
  const far = await openTemporary();
  after(() => far.close());
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: "binary", maxLength: 20 }), { minLength: 1, maxLength: 3 }),
      async (parts) => {
        const delivered = await far.deliver.send({ ...mail, messageId: messageIdOf(["wg", ...parts], "cert.example") });
        assert.equal(delivered.kind, "accepted");
      },
    ),
    { numRuns: 40 },
  );
});
