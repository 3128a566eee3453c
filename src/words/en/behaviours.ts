/** What behaviours over time are called, and why they speak; one step of the because-chain each. */
export const behaviours = {
  "beacon.title": "A device calls the same place again and again, as malware does for its orders",
  "beacon.regular": {
    one: "{count} connection from {source} to {destination}, one about every {period}",
    other: "{count} connections from {source} to {destination}, one about every {period}",
  },
  "beacon.even": "The pauses differ by {jitter} % from the usual one; people are never that even",
  "beacon.same-size": "Nearly the same number of bytes is sent each time ({bytes})",
  "beacon.alone": "Nobody else here talks to {destination}",
  "beacon.few": {
    one: "Only {count} device here talks to {destination}",
    other: "Only {count} devices here talk to {destination}",
  },

  "exfiltration.title": "A device sends out far more data than it ever did",
  "exfiltration.new-hour": "{source} sent {size} within an hour to {destination}, which nobody here knew a week ago",
  "exfiltration.new-day": "{source} sent {size} within a day to {destination}, which nobody here knew a week ago",
  "exfiltration.drip": "{source} sent {size} to {destination} on {days} days, a little each day",
  "exfiltration.long": "{source} has been sending to {destination} for {hours} hours without end, {size} so far",
  "exfiltration.unusual":
    "{source} sent {size} within an hour to {destination}; at this time of the week {usual} is usual; the difference is {deviations} times the usual swing",

  "password-guessing.title": "Somebody guesses passwords",
  "password-guessing.one-account": "{count} failed log-ons of {account} from {source} within ten minutes",
  "password-guessing.many-accounts":
    "{count} accounts failed from {source} within half an hour, and none of them came in from there",
  "password-guessing.slowly":
    "{count} accounts failed from {source} within a day, few tries each, and none of them came in from there",
  "password-guessing.many-places": "{account} failed from {count} places within an hour",
  "password-guessing.entered": {
    one: "{account} came in from {source} after {count} failed try there: the password may have been guessed",
    other: "{account} came in from {source} after {count} failed tries there: the password may have been guessed",
  },

  "sign-in.title": "A sign-in from where its owner cannot be",
  "sign-in.travel": "{account} signed in at two places {km} km apart within {minutes} minutes",
  "sign-in.countries":
    "{account} signed in from {before}, and {minutes} minutes later from {country}, where it never was before",
  "sign-in.new-country": "{account} signed in from {country} for the first time; before that only from {known}",

  "dns-tunnel.title": "A device sends data hidden in the names it asks for",
  "dns-tunnel.names": "{source} asked for {count} different names below {destination}",
  "dns-tunnel.data":
    "They are {length} characters long on average and look like encoded data ({entropy} bits a character)",
  "dns-tunnel.types": "{share} % of the questions were for types that can carry data back",

  "port-scan.title": "A device looks for open doors",
  "port-scan.machines":
    "{source} tried port {port} of {count} machines within ten minutes and got next to nothing back",
  "port-scan.ports": "{source} tried {count} ports of {destination} within ten minutes and got next to nothing back",
  "port-scan.slowly": "{source} knocked at {count} machines in one day and got next to nothing back",
  "port-scan.weekly": "{source} did the same a week ago: it may be your own scanner; exclude it if it is",

  "ransomware.title": "Files are being made unreadable",
  "ransomware.endings": 'On {host} {count} files of work got the new ending ".{ending}" within two minutes',
  "ransomware.notes": "On {host} a file named {file} appeared in {count} folders within five minutes",
  "ransomware.deleted": "On {host} {count} files of work were deleted within two minutes",
  "ransomware.ways-back": "On {host} the copies to go back to were destroyed: {command}",
  "ransomware.before": "{minutes} minutes before, the copies to go back to were destroyed",

  "web-attack.title": "Somebody attacks a web site",
  "web-attack.sql": "{source} sent {server} commands of a database: {shown}",
  "web-attack.script": "{source} sent {server} script or markup for other people's browsers: {shown}",
  "web-attack.command": "{source} sent {server} commands of the operating system: {shown}",
  "web-attack.file": "{source} sent {server} a path out of the site to files of the system: {shown}",
  "web-attack.remote-file": "{source} sent {server} an address that the server shall fetch: {shown}",
  "web-attack.code": "{source} sent {server} program text: {shown}",
  "web-attack.template": "{source} sent {server} text that a template engine would run: {shown}",
  "web-attack.log4shell": "{source} sent {server} a look-up that old loggers run (Log4Shell): {shown}",
  "web-attack.protocol": "{source} sent {server} a request that bends the protocol: {shown}",
  "web-attack.secret-file": "{source} asked {server} for a file that is not for visitors: {shown}",
  "web-attack.scanner": "{source} asked {server} as an attack tool: {shown}",
  "web-attack.many": "{source} tried attacks of many kinds on {server}, {count} requests so far",
  "web-attack.more": "{source} has sent {server} more than {count} attacks; they are counted from here on, not named",
  "web-attack.sum": "{source} sent {server} {count} attacks in all",
  "web-attack.search": "{source} asked {server} for {count} pages that are not there or not for it, within ten minutes",
  "web-attack.larger": "{path} answered an attack from {source} with far more than it ever gave",
  "web-attack.new-page":
    "Within an hour of an attack that was answered, {source} got {path}, a page nobody had asked for before",
  "web-attack.of-sql": {
    one: "{count} request: commands of a database",
    other: "{count} requests: commands of a database",
  },
  "web-attack.of-script": {
    one: "{count} request: script or markup for other people's browsers",
    other: "{count} requests: script or markup for other people's browsers",
  },
  "web-attack.of-command": {
    one: "{count} request: commands of the operating system",
    other: "{count} requests: commands of the operating system",
  },
  "web-attack.of-file": {
    one: "{count} request: a path out of the site to files of the system",
    other: "{count} requests: a path out of the site to files of the system",
  },
  "web-attack.of-remote-file": {
    one: "{count} request: an address that the server shall fetch",
    other: "{count} requests: an address that the server shall fetch",
  },
  "web-attack.of-code": { one: "{count} request: program text", other: "{count} requests: program text" },
  "web-attack.of-template": {
    one: "{count} request: text that a template engine would run",
    other: "{count} requests: text that a template engine would run",
  },
  "web-attack.of-log4shell": {
    one: "{count} request: a look-up that old loggers run (Log4Shell)",
    other: "{count} requests: a look-up that old loggers run (Log4Shell)",
  },
  "web-attack.of-protocol": {
    one: "{count} request: the protocol itself bent",
    other: "{count} requests: the protocol itself bent",
  },
  "web-attack.of-secret-file": {
    one: "{count} request: a file that is not for visitors",
    other: "{count} requests: a file that is not for visitors",
  },
  "web-attack.of-scanner": {
    one: "{count} request: the name of an attack tool",
    other: "{count} requests: the name of an attack tool",
  },

  "intrusion.title": "Signs of an intruder who goes on step by step",
  "intrusion.day": "{name} showed {count} stages of an attack within a day (risk {risk})",
  "intrusion.slow": "{name} showed {count} stages of an attack within {days} days (risk {risk})",
  "intrusion.step": "{time}: {title} ({tactic})",

  "correlation.title": "Records that a rule joins",
  "correlation.held": "{count} matching records or values within the rule's window, together by {group}",
} as const;
