/** Alerts: the mail, its text part and the answer page say the same sentences. `hostile` is already defanged. */
export const mail = {
  "block.happened": "What happened",
  "block.us": "Is it us?",
  "block.sure": "How sure?",
  "block.todo": "What to do",
  "block.answer": "How to answer",

  subject: "{tlp} {reference}: {severity}. {headline}",
  "subject.update": "{tlp} {reference}, update {version}: {severity}. {headline}",
  alert: "Alert {reference}, version {version}",
  "from-to": "{sender} to {recipient}, {organisation}.",
  "from-to.nobody": "{sender} to {organisation}.",
  due: "Please answer by {time}.",
  "tlp.red": "For you alone",
  "tlp.amber+strict": "{organisation} only",
  "tlp.amber": "{organisation} and those it serves who need to know",
  "tlp.green": "For your community, not for publication",
  "tlp.clear": "May be passed on freely",

  "headline.contacted.infected-system": "A device of yours talks to a server that controls malware",
  "headline.contacted.c2-server": "A device of yours talks to a server that controls malware",
  "headline.contacted.malware-distribution": "A device of yours reached a site that spreads malware",
  "headline.contacted.phishing": "Somebody in your network opened a phishing site",
  "headline.contacted.spam": "A device of yours is in contact with a known sender of spam",
  "headline.contacted.scanner": "A device of yours is in contact with a known scanner",
  "headline.contacted.brute-force": "A device of yours is in contact with a known password guesser",
  "headline.contacted.exploit": "A device of yours is in contact with a known attacker",
  "headline.contacted.system-compromise": "A device of yours seems to be in strange hands",
  "headline.contacted.data-leak": "A device of yours is sending data to a server known for stolen data",
  "headline.contacted.vulnerable-system": "A device of yours runs something that attackers look for",
  "headline.contacted.ddos": "A device of yours takes orders from a system that floods others",
  "headline.contacted.blacklist": "A device of yours is in contact with an address listed as bad",
  "headline.contacted.other": "A device of yours is in contact with something suspicious",

  "headline.listed.infected-system": "An address of yours is reported as infected",
  "headline.listed.c2-server": "A server of yours is reported to control malware",
  "headline.listed.malware-distribution": "A site of yours is reported to spread malware",
  "headline.listed.phishing": "A site of yours is reported to host a phishing page",
  "headline.listed.spam": "An address of yours is reported for sending spam",
  "headline.listed.scanner": "An address of yours is reported for scanning others",
  "headline.listed.brute-force": "An address of yours is reported for guessing passwords",
  "headline.listed.exploit": "An address of yours is reported for attacking others",
  "headline.listed.system-compromise": "A system of yours is reported as broken into",
  "headline.listed.data-leak": "Data of yours is reported in strange hands",
  "headline.listed.vulnerable-system": "A system of yours is reported as open to attack",
  "headline.listed.ddos": "An address of yours is reported in a flooding attack",
  "headline.listed.blacklist": "An address of yours stands on a bad list",
  "headline.listed.other": "An address of yours is reported for something suspicious",

  "happened.contacted.infected-system":
    "{asset} contacted {hostile}, a server that gives orders to infected devices. Usually this means that malware runs on the device.",
  "happened.contacted.c2-server":
    "{asset} contacted {hostile}, a server that gives orders to infected devices. Usually this means that malware runs on the device.",
  "happened.contacted.malware-distribution":
    "{asset} contacted {hostile}, a place from which malware is spread. Something may have been downloaded, and may have been opened.",
  "happened.contacted.phishing":
    "{asset} opened {hostile}, a page made to steal passwords or card numbers. Somebody probably followed a link in a message.",
  "happened.contacted.spam":
    "{asset} is in contact with {hostile}, which is known for sending spam, often with phishing or malware in it.",
  "happened.contacted.scanner":
    "{asset} began a connection to {hostile}, which is known for searching networks for weak spots. There is seldom a good reason for that.",
  "happened.contacted.brute-force":
    "{asset} is in contact with {hostile}, which is known for guessing passwords. One of the guesses may have been right.",
  "happened.contacted.exploit":
    "{asset} is in contact with {hostile}, which is known for attacking weaknesses in software. An attack may have worked.",
  "happened.contacted.system-compromise":
    "What {asset} does with {hostile} looks as if somebody else controls the device.",
  "happened.contacted.data-leak":
    "{asset} sent data to {hostile}, a server known for receiving what was stolen. It often comes shortly before extortion.",
  "happened.contacted.vulnerable-system":
    "{asset} was in contact with {hostile} in a way that shows software with a known weakness.",
  "happened.contacted.ddos":
    "{asset} contacted {hostile}, a system that directs floods of traffic at victims. The device probably takes part.",
  "happened.contacted.blacklist":
    "{asset} contacted {hostile}, which trusted lists tell everybody to avoid. There may be a harmless reason, and often there is not.",
  "happened.contacted.other": "{asset} contacted {hostile}, which others reported as suspicious.",

  "happened.listed.infected-system":
    "Others saw {asset} behave like an infected device. Usually this means that malware runs on it, or on a device behind it.",
  "happened.listed.c2-server":
    "{asset} is reported as a server that gives orders to infected devices. Somebody probably broke into it and uses it without your knowledge.",
  "happened.listed.malware-distribution":
    "{asset} is reported as a place from which malware is spread. Somebody probably placed files there without your knowledge.",
  "happened.listed.phishing":
    "{asset} is reported to show a page made to steal passwords or card numbers. Somebody probably placed it there without your knowledge.",
  "happened.listed.spam":
    "{asset} is reported for sending spam. Often a stolen mailbox, an open relay, a web form or an infected device behind it is the cause.",
  "happened.listed.scanner":
    "Others saw {asset} search their networks for weak spots. Often an infected device or a tool somebody forgot is the cause.",
  "happened.listed.brute-force":
    "Others saw {asset} try many passwords on their systems. Usually this means that the device, or one behind it, is infected.",
  "happened.listed.exploit":
    "Others saw {asset} attack weaknesses in their software. Usually this means that somebody else controls the device.",
  "happened.listed.system-compromise": "{asset} is reported as broken into: somebody else probably controls it.",
  "happened.listed.data-leak":
    "Data that belongs to {asset} was found where it should not be. It may hold accounts and passwords that still work.",
  "happened.listed.vulnerable-system":
    "{asset} can be reached from the internet with a weakness that attackers know and use.",
  "happened.listed.ddos":
    "{asset} is reported in a flooding attack: it is a victim, or a service on it is misused to flood others.",
  "happened.listed.blacklist":
    "{asset} stands on a list of addresses that others block. Your mail and your visitors may be turned away.",
  "happened.listed.other": "{asset} is reported by others for something suspicious.",

  about: "It is known as {about}.",
  "seen-once": "Seen once, {time}.",
  "seen-often": {
    one: "Seen {count} time, first {first}, last {last}.",
    other: "Seen {count} times, first {first}, last {last}.",
  },
  "reason.worse": "This is an update: it is now more serious than when we first wrote.",
  "reason.reopened": "This is an update: the problem was gone and has come back.",

  "us.yes": "Yes. {asset} belongs to {organisation}, {proof}.",
  "us.declared": "Probably. {asset} is declared by {organisation}; nobody has proven it yet.",
  "proof.staff": "checked by our staff",
  "proof.dns": "proven by a DNS record",
  "proof.registry": "as the public registry says",
  "proof.since": "{proof} on {date}",
  "us.instances": "When and where, UTC and your time:",
  "us.more": {
    one: "and {count} more, see the portal",
    other: "and {count} more, see the portal",
  },
  "us.evidence": "As recorded in {file}, line {line}:",
  "us.evidence.list": "As listed by {file}:",
  "us.defanged":
    "Points are written [.] so that nobody opens an address by mistake. The exact bytes are in the portal.",
  "us.portal": "All evidence: {url}",

  "sure.lead": "{certainty}.",
  "sure.none": "The sources of this statement cannot be named to you; the certainty counts only what you may see.",
  "sure.one": "One source says so; it is {source}, and what it says is {statement} ({grade}).",
  "sure.many": {
    one: "{count} source says so; the best is {source}, and what it says is {statement} ({grade}).",
    other: "{count} sources say so; the best is {source}, and what it says is {statement} ({grade}).",
  },
  "sure.source": "{title}: {source}, {statement} ({grade})",
  "sure.mistake": "If you know a harmless reason, please answer “Not an incident”. It helps everybody.",

  "answer.opens": "Each answer opens {host} and asks you to confirm. You can change your answer later.",
  "answer.none": "Please answer in the portal.",

  "real.title": "Is this real?",
  "real.call": "Call {phone} and read {code}. We answer with the second half.",
  "real.never": "We never ask for passwords, and we never attach files.",
  below: "English below",
  "foot.why": "You get this as a contact of {organisation}.",
  "foot.portal": "Contacts and channels: {url}",
  "foot.finding": "Finding {finding}",
} as const;
