/** Alerts: the mail, its text part and the answer page say the same sentences. `hostile` is already defanged. */
export const mail = {
  "block.happened": "What happened",
  "block.us": "Is it us?",
  "block.sure": "How sure?",
  "block.todo": "What to do",
  "block.answer": "How to answer",

  subject: "{tlp} {reference}: {severity}. {headline}",
  "subject.update": "{tlp} {reference}, update {version}: {severity}. {headline}",
  "subject.withdrawn": "{tlp} {reference} is withdrawn, nothing to do. We had written: {headline}",
  withdrawn: "Withdrawn",
  "withdrawn.headline": "We take this back: {headline}",
  "withdrawn.due": "You need not answer.",
  "withdrawn.had": "We had written:",
  "withdrawn.sure": "Not at all any more. No source that we know speaks for it now.",
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
  "headline.contacted.harmful-speech":
    "A device of yours is in contact with a site known for hateful or harassing content",
  "headline.contacted.violence": "A device of yours is in contact with a site known for violent or abusive content",
  "headline.contacted.malware-configuration":
    "A device of yours is in contact with a place where malware fetches its instructions",
  "headline.contacted.sniffing":
    "A device of yours is in contact with a system known for reading other people's traffic",
  "headline.contacted.social-engineering":
    "A device of yours is in contact with a site that talks people into mistakes",
  "headline.contacted.ids-alert": "A device of yours is in contact with a known attacker of old weaknesses",
  "headline.contacted.privileged-account-compromise":
    "A device of yours is in contact with a system that misuses stolen administrator accounts",
  "headline.contacted.unprivileged-account-compromise":
    "A device of yours is in contact with a system that misuses stolen accounts",
  "headline.contacted.application-compromise":
    "A device of yours is in contact with a system that breaks into applications",
  "headline.contacted.burglary": "A device of yours is in contact with something that belonged to a break-in",
  "headline.contacted.dos": "A device of yours is in contact with a system that stops others' services",
  "headline.contacted.misconfiguration": "A device of yours is in contact with a system that is set up wrongly",
  "headline.contacted.sabotage": "A device of yours is in contact with a system known for sabotage",
  "headline.contacted.outage": "A device of yours is in contact with a service that is down",
  "headline.contacted.unauthorised-information-access":
    "A device of yours is in contact with a system that reads data it must not",
  "headline.contacted.unauthorised-information-modification":
    "A device of yours is in contact with a system that changes data it must not",
  "headline.contacted.data-loss": "A device of yours is in contact with a system known for destroying data",
  "headline.contacted.unauthorised-use-of-resources":
    "A device of yours is in contact with a system that lives on others' machines",
  "headline.contacted.copyright": "A device of yours is in contact with a place that offers copied works",
  "headline.contacted.masquerade": "A device of yours is in contact with somebody who pretends to be another",
  "headline.contacted.weak-crypto": "A device of yours is in contact with a system with weak encryption",
  "headline.contacted.ddos-amplifier": "A device of yours is in contact with a system that multiplies floods",
  "headline.contacted.potentially-unwanted-accessible":
    "A device of yours is in contact with a service that is open to everybody",
  "headline.contacted.information-disclosure": "A device of yours is in contact with a system that tells too much",
  "headline.contacted.undetermined": "A device of yours is in contact with something that nobody has explained yet",
  "headline.contacted.test": "A device of yours is in contact with a system used for tests",
  "headline.contacted.other": "A device of yours is in contact with something suspicious",

  "headline.noticed.infected-system": "A device of yours shows signs of malware",
  "headline.noticed.system-compromise": "A device of yours shows signs of a break-in",
  "headline.noticed.unprivileged-account-compromise": "An account of yours may be misused",
  "headline.noticed.brute-force": "Somebody may be guessing passwords at a system of yours",
  "headline.noticed.scanner": "Somebody may be searching a system of yours for weak spots",
  "headline.noticed.exploit": "Somebody may be attacking a weakness of a system of yours",
  "headline.noticed.data-leak": "Data of yours may be carried out",
  "headline.noticed.sabotage": "A device of yours shows signs of sabotage, as before ransomware",
  "headline.noticed.other": "A device of yours shows signs of something suspicious",

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
  "headline.listed.harmful-speech": "Content of yours is reported as hateful or harassing",
  "headline.listed.violence": "Content of yours is reported as violent or abusive",
  "headline.listed.malware-configuration": "A site of yours is reported to hold instructions for malware",
  "headline.listed.sniffing": "A system of yours is reported to read other people's traffic",
  "headline.listed.social-engineering": "An address of yours is reported for deceiving people",
  "headline.listed.ids-alert": "An address of yours is reported for attacking known weaknesses",
  "headline.listed.privileged-account-compromise": "An administrator account of yours is reported as stolen",
  "headline.listed.unprivileged-account-compromise": "An account of yours is reported as stolen",
  "headline.listed.application-compromise": "An application of yours is reported as broken into",
  "headline.listed.burglary": "A device of yours is reported as stolen or reached by a stranger",
  "headline.listed.dos": "An address of yours is reported in an attack that stops a service",
  "headline.listed.misconfiguration": "A system of yours is reported as set up wrongly",
  "headline.listed.sabotage": "A system of yours is reported as sabotaged",
  "headline.listed.outage": "A service of yours is reported as down",
  "headline.listed.unauthorised-information-access": "Data of yours is reported as read by strangers",
  "headline.listed.unauthorised-information-modification": "Content of yours is reported as changed by strangers",
  "headline.listed.data-loss": "Data of yours is reported as lost",
  "headline.listed.unauthorised-use-of-resources": "A system of yours is reported as used by strangers",
  "headline.listed.copyright": "An address of yours is reported for offering copied works",
  "headline.listed.masquerade": "An address of yours is reported for pretending to be another",
  "headline.listed.weak-crypto": "A system of yours is reported with weak encryption",
  "headline.listed.ddos-amplifier": "A service of yours is reported as an amplifier of floods",
  "headline.listed.potentially-unwanted-accessible": "A service of yours can be reached by everybody",
  "headline.listed.information-disclosure": "A system of yours is reported to tell strangers too much",
  "headline.listed.undetermined": "Something about an address of yours is not explained yet",
  "headline.listed.test": "This is a test about an address of yours",
  "headline.listed.other": "An address of yours is reported for something suspicious",

  "happened.noticed":
    "What was written about {asset} fits rules for the signs of an attack. There may be a harmless reason: the lines stand below, and you know best what was done there.",

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
  "happened.contacted.harmful-speech":
    "{asset} contacted {hostile}, which is known for content that hates or harasses people. Somebody may have met it by chance.",
  "happened.contacted.violence":
    "{asset} contacted {hostile}, which is known for content that shows violence or abuse. Please do not open it; we can help you decide what to do.",
  "happened.contacted.malware-configuration":
    "{asset} contacted {hostile}, a place where malware fetches its instructions. Usually this means that malware runs on the device.",
  "happened.contacted.sniffing":
    "{asset} contacted {hostile}, which is known for reading other people's traffic. What was sent in clear may have been read.",
  "happened.contacted.social-engineering":
    "{asset} contacted {hostile}, which is known for talking people into giving away secrets or money. Somebody may have believed it.",
  "happened.contacted.ids-alert":
    "{asset} contacted {hostile}, which is known for trying weaknesses that everybody knows. Without the update, one try is enough.",
  "happened.contacted.privileged-account-compromise":
    "{asset} contacted {hostile}, which is known for misusing stolen administrator accounts. Yours may be among them.",
  "happened.contacted.unprivileged-account-compromise":
    "{asset} contacted {hostile}, which is known for misusing stolen accounts. One of yours may be among them.",
  "happened.contacted.application-compromise":
    "{asset} contacted {hostile}, which is known for breaking into web applications. An attack may have worked.",
  "happened.contacted.burglary":
    "{asset} contacted {hostile}, which is linked to a break-in into rooms or the theft of devices.",
  "happened.contacted.dos":
    "{asset} contacted {hostile}, which is known for stopping the services of others. The device probably takes part.",
  "happened.contacted.misconfiguration":
    "{asset} contacted {hostile}, which is set up wrongly. What you get from it may be wrong too.",
  "happened.contacted.sabotage":
    "{asset} contacted {hostile}, which is known for destroying data or machines. Look now whether all still runs as it should.",
  "happened.contacted.outage": "{asset} contacted {hostile}, which is reported as down. Nothing bad need be behind it.",
  "happened.contacted.unauthorised-information-access":
    "{asset} contacted {hostile}, which is known for reading data that is not its own. Some of yours may have been read.",
  "happened.contacted.unauthorised-information-modification":
    "{asset} contacted {hostile}, which is known for changing pages and data of others. An attack may have worked.",
  "happened.contacted.data-loss":
    "{asset} contacted {hostile}, which is known for deleting or locking data. Look now whether your backups are whole.",
  "happened.contacted.unauthorised-use-of-resources":
    "{asset} contacted {hostile}, which is known for using the machines of others for its own profit, such as mining coins. The device probably works for it.",
  "happened.contacted.copyright":
    "{asset} contacted {hostile}, which offers works without their owners' leave. Such files often carry malware.",
  "happened.contacted.masquerade":
    "{asset} contacted {hostile}, which pretends to be somebody else. Somebody may have believed it.",
  "happened.contacted.weak-crypto": "{asset} contacted {hostile}, which encrypts so weakly that others can read along.",
  "happened.contacted.ddos-amplifier":
    "{asset} contacted {hostile}, which answers anybody with more than was asked. Attackers flood others with such answers.",
  "happened.contacted.potentially-unwanted-accessible":
    "{asset} contacted {hostile}, which is open to everybody and probably should not be.",
  "happened.contacted.information-disclosure":
    "{asset} contacted {hostile}, which tells everybody more than it should.",
  "happened.contacted.undetermined":
    "{asset} contacted {hostile}, about which others noted something that nobody has explained yet.",
  "happened.contacted.test": "{asset} contacted {hostile}, which is used for tests. Nothing is wrong.",
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
  "happened.listed.harmful-speech":
    "Content on {asset} is reported as hating, threatening or harassing people. Often a comment, a forum or a stolen account is the place.",
  "happened.listed.violence":
    "{asset} is reported to hold content that shows violence or abuse, perhaps of children. Please do not open or copy it; the police will want it as it is.",
  "happened.listed.malware-configuration":
    "{asset} is reported to hold a file from which malware takes its instructions. Somebody probably placed it there without your knowledge.",
  "happened.listed.sniffing":
    "{asset} is reported to read traffic that is not meant for it. Somebody else may control the device and collect passwords with it.",
  "happened.listed.social-engineering":
    "{asset} is reported for talking people into giving away secrets or money. Somebody may be using your name or a stolen account.",
  "happened.listed.ids-alert":
    "Others saw {asset} try weaknesses that everybody knows. Usually this means that the device, or one behind it, is infected.",
  "happened.listed.privileged-account-compromise":
    "An administrator account of {asset} is reported to be in strange hands. Whoever has it can change everything it may change.",
  "happened.listed.unprivileged-account-compromise":
    "An account of {asset} is reported to be in strange hands. It opens what its owner may open, and is often the way to more.",
  "happened.listed.application-compromise":
    "An application on {asset} is reported as broken into: somebody else can probably read or change what it holds.",
  "happened.listed.burglary":
    "{asset} is reported in a theft or a break-in. Whoever holds the device can try to read what is stored on it.",
  "happened.listed.dos": "{asset} is reported in an attack that stops a service: it is a victim, or it attacks others.",
  "happened.listed.misconfiguration":
    "{asset} is reported as set up wrongly, so that a service fails or answers whom it should not. Nobody need have attacked it.",
  "happened.listed.sabotage": "{asset} is reported as damaged on purpose, or about to be. What still runs may be next.",
  "happened.listed.outage":
    "Others cannot reach {asset}. Power, a line or a fault may be the cause; nobody need have attacked it.",
  "happened.listed.unauthorised-information-access":
    "Data on {asset} is reported as read by somebody who may not. It may be copied and offered elsewhere.",
  "happened.listed.unauthorised-information-modification":
    "Content on {asset} is reported as changed by somebody who may not, such as a defaced page. The door they used is probably still open.",
  "happened.listed.data-loss":
    "Data of {asset} is reported as lost: deleted, locked, or on a device that is gone. A whole backup decides how bad it is.",
  "happened.listed.unauthorised-use-of-resources":
    "{asset} is reported to work for strangers, for example by mining coins or passing on their calls. You pay for it.",
  "happened.listed.copyright":
    "{asset} is reported for offering works of others without their leave. Often a guest, a file-sharing program or a stolen account is the cause.",
  "happened.listed.masquerade":
    "{asset} is reported for pretending to be somebody else, or lets forged sender addresses out. Others can use it to hide or to deceive.",
  "happened.listed.weak-crypto":
    "{asset} encrypts in a way that can be broken today. Whoever sits on the line could read or change what passes.",
  "happened.listed.ddos-amplifier":
    "{asset} answers anybody with far more than was asked. Attackers send it forged questions, and the answers flood a victim.",
  "happened.listed.potentially-unwanted-accessible":
    "A service on {asset} can be reached from the internet. There may be a good reason; often nobody meant it, and strangers are trying it.",
  "happened.listed.information-disclosure":
    "{asset} tells anybody who asks things about your systems or people. It is how attacks are prepared, and some of it may be private.",
  "happened.listed.undetermined":
    "Others noted something about {asset} that nobody has explained yet. It may be harmless; you know best what runs there.",
  "happened.listed.test":
    "This is a test of alerts about {asset}. Nothing is wrong; an answer shows that it reached you.",
  "happened.listed.other": "{asset} is reported by others for something suspicious.",

  about: "It is known as {about}.",
  "found-back": {
    one: "Found in kept records: first seen {count} day before it was known.",
    other: "Found in kept records: first seen {count} days before it was known.",
  },
  "seen-once": "Seen once, {time}.",
  "seen-often": {
    one: "Seen {count} time, first {first}, last {last}.",
    other: "Seen {count} times, first {first}, last {last}.",
  },
  "reason.worse": "This is an update: it is now more serious than when we first wrote.",
  "reason.reopened": "This is an update: the problem was gone and has come back.",
  "reason.withdrawn":
    "This is a correction: we take this alert back. What it rested on was wrong, or its source has withdrawn it.",
  "reason.restored": "This is an update: our correction was wrong. The alert stands as we first sent it.",

  "us.yes": "Yes. {asset} belongs to {organisation}, {proof}.",
  "us.declared": "Probably. {asset} is declared by {organisation}; nobody has proven it yet.",
  "proof.staff": "checked by our staff",
  "proof.dns": "proven by a DNS record",
  "proof.registry": "as the public registry says",
  "proof.since": "{proof} on {date}",
  "headline.runs": "A product that you run has a known weakness",
  "happened.runs": "{asset} runs a product with a weakness that attackers know.",
  "happened.named": "A product that the directory lists among your assets has a weakness that attackers know.",
  "us.products": "Products told of in this alert",
  "us.products.more": {
    one: "and {count} more product; the portal has all",
    other: "and {count} more products; the portal has all",
  },
  "products.more": { one: "{count} more", other: "{count} more" },
  "us.instances": "When and where, UTC and your time:",
  "us.more": {
    one: "and {count} more, see the portal",
    other: "and {count} more, see the portal",
  },
  "us.evidence": "As recorded in {file}, line {line}:",
  "us.evidence.list": "As listed by {file}:",
  "us.evidence.inventory": "As listed in the inventory {file}:",
  "us.evidence.directory": "As listed among your assets in the directory:",
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
