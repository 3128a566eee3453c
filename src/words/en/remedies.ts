/**
 * Steps that help, shared by the problem classes of `alerts/remedies/`. `what` is an order one can carry out, `why` the
 * reason that makes people do it. `{asset}` is the reader's, `{hostile}` the other side, defanged.
 */
export const remedies = {
  "who.system-administrator": "System administrator",
  "who.network-administrator": "Network administrator",
  "who.account-administrator": "Account administrator",
  "who.mail-administrator": "Mail administrator",
  "who.web-administrator": "Web administrator",
  "who.security-contact": "Security contact",
  "who.privacy-officer": "Privacy officer",
  "who.owner": "You",
  "who.it-supplier": "Whoever looks after your computers",

  "by.now": "now",
  "by.1h": "within 1 hour",
  "by.2h": "within 2 hours",
  "by.4h": "within 4 hours",
  "by.today": "today",
  "by.3d": "within 3 days",
  "by.1w": "within a week",
  "undo-work.what": "Stop the work this alert caused. You need not answer.",
  "undo-work.why": "Nothing we know speaks against this machine any more. What you found yourselves still counts.",
  "undo-blocks.what": "Lift blocks that were set only because of this alert.",
  "undo-blocks.why": "They would stop harmless traffic. Our block-lists no longer hold the value.",

  // find it, stop it, keep the traces
  "find-host.what":
    "Find the device that used {asset} at the times above: look in the firewall, proxy and DHCP logs for the same addresses and ports.",
  "find-host.why": "Many devices may share one address; only time and port tell them apart.",
  "isolate.what":
    "Take the device off the network: pull the cable or close its switch port, and switch off Wi-Fi. Do not switch it off.",
  "isolate.why": "It can do no more harm, and its memory keeps the traces that a shutdown would destroy.",
  "isolate-server.what":
    "Close {asset} to the internet, in both directions, and leave it running. Put a holding page elsewhere if people need it.",
  "isolate-server.why": "It harms others every minute, and its memory keeps the traces that a shutdown would destroy.",
  "keep-memory.what": "Save images of memory and disk before you change anything. Note the time and who did it.",
  "keep-memory.why": "Only unchanged traces show what was taken and how they came in.",
  "keep-logs.what": "Keep the connection, access and login logs of {asset} of the last 90 days in a safe place.",
  "keep-logs.why": "They show who else is harmed. We can warn those people without naming you.",
  "search-logs.what": "Search 30 days of DNS, proxy and firewall logs for {hostile}, from all devices.",
  "search-logs.why": "It shows when this began and whether other devices are concerned.",
  "block-hostile.what": "Block {hostile} at the firewall, the proxy and the DNS resolver.",
  "block-hostile.why": "No other device can reach it while you clean up.",
  "check-purpose.what": "Find out which program on the device made the connection, and whether somebody expects it.",
  "check-purpose.why":
    "A known program with a known purpose is the usual harmless reason. Everything else is worth a look.",
  "check-signs.what":
    "Look for signs of a stranger: new accounts, new scheduled tasks or services, unknown processes, changed files in web folders.",
  "check-signs.why": "What they leave behind lets them come back after the first hole is closed.",
  "check-executed.what":
    "Check whether a downloaded file was opened: endpoint protection, download folders and process logs at the times above.",
  "check-executed.why":
    "Downloaded and not opened means deleting it. Opened means an infected device: take it off the network.",
  "scan-device.what": "Scan the device fully with up-to-date protection, best from a boot medium.",
  "scan-device.why": "Malware that runs can hide from a scanner that runs beside it.",
  "find-entry.what":
    "Find out how they came in: recent logins, new accounts, outdated software or plug-ins, administration pages open to the internet.",
  "find-entry.why": "While the door is open they come back after every clean-up.",

  // accounts
  "rotate-passwords.what":
    "From a clean device, change the passwords of all accounts used on it and end their sessions everywhere.",
  "rotate-passwords.why": "Passwords and session cookies are the first thing malware takes.",
  "rotate-admin.what": "Replace the administrator passwords, keys and tokens that were stored on {asset}.",
  "rotate-admin.why": "Whoever was on the server could read them and use them elsewhere.",
  "reset-clicked.what":
    "Reset the password of everybody who typed it in, end their sessions, and remove second factors added since.",
  "reset-clicked.why": "A stolen session works on without the password.",
  "reset-leaked.what": "Reset the passwords of the accounts concerned, and wherever the same password was used again.",
  "reset-leaked.why": "Stolen passwords are tried on every other service within hours.",
  "check-logins.what":
    "Look for successful logins from {hostile} and from unusual places, from the first time above on.",
  "check-logins.why": "One successful login among a thousand failed ones is the one that matters.",
  "check-leaked-logins.what": "Look at the logins of these accounts of the last 90 days for unknown places and hours.",
  "check-leaked-logins.why": "It shows whether somebody already used what leaked.",
  "limit-logins.what":
    "Limit failed logins, and let remote access and administration in only through a VPN or from known addresses.",
  "limit-logins.why": "A login page that strangers cannot reach cannot be guessed at.",
  "two-step.what":
    "Turn on two-step login for mail, remote access and administration; a passkey or an app is better than a text message.",
  "two-step.why": "With it a stolen password alone is worth nothing.",

  // people who clicked, mail
  "who-clicked.what":
    "Find out who opened the page, from proxy and DNS logs, and ask them kindly what they typed in. Nobody is to blame.",
  "who-clicked.why": "People who fear blame will not tell you about the next one.",
  "mailbox-rules.what":
    "In their mailboxes look for new forwarding rules, connected applications, mails they did not send, and unknown logins.",
  "mailbox-rules.why": "Thieves use a mailbox quietly to reach your partners and your payments.",
  "remove-mail.what":
    "Find the message that brought the link and delete it from all mailboxes. Send us a copy if you can.",
  "remove-mail.why": "Others have it too and have not clicked yet.",
  "check-arrived.what": "Search the mail gateway for messages from {hostile} and remove them from the mailboxes.",
  "check-arrived.why": "Spam from such senders often carries links to phishing or malware.",
  "check-sending.what":
    "See what {asset} sends: the mail queue, outgoing connections to port 25, web forms and scripts that send mail.",
  "check-sending.why": "The queue usually shows within minutes which account or program it is.",
  "stop-sender.what": "Stop the account, script or device that sends, change its password and empty the queue.",
  "stop-sender.why": "Every further message makes the listing longer.",
  "close-relay.what":
    "Let only your own users and systems send through the mail server; test from outside that strangers are refused.",
  "close-relay.why": "An open relay is found by spammers within a day.",
  "limit-25.what": "Let only your mail servers open outgoing connections to port 25.",
  "limit-25.why": "Infected computers can then no longer send mail in your name.",
  "spf-dmarc.what": "Publish SPF, DKIM and DMARC for your domains, and move DMARC to reject step by step.",
  "spf-dmarc.why": "Receivers can then tell your mail from forgeries.",

  // servers, sites, services
  "take-down.what": "Take the page or file offline. Save a copy with its time stamps first.",
  "take-down.why": "Each hour online harms more people, and the copy shows who put it there.",
  "patch.what": "Install all waiting updates of system, content management and plug-ins; remove what nobody uses.",
  "patch.why": "Most break-ins use a hole for which an update existed.",
  "rebuild.what": "Reinstall from a trusted image and bring data back from a backup older than the first time above.",
  "rebuild.why": "Cleaning tools miss what they do not know.",
  "ask-delist.what": "When it is clean, ask the operators of the lists named above to remove {asset}.",
  "ask-delist.why": "Few lists look again by themselves; asking too early makes the listing longer.",
  "restrict-service.what": "Close the service to the internet, or allow it only from known addresses or through a VPN.",
  "restrict-service.why": "It takes minutes and protects you until the update is in.",
  "update-product.what": "Install the maker's fix. If there is none, switch the function off or replace the product.",
  "update-product.why": "Attackers search for exactly this weakness, usually within days of its publication.",
  "limit-out.what": "Let this device open only those outgoing connections that its task needs.",
  "limit-out.why": "A device that cannot reach out cannot attack others or take orders.",
  "own-scan.what": "Ask whether it was a test that you or a contractor arranged. If so, answer “Not an incident”.",
  "own-scan.why": "An arranged test is the usual harmless reason.",
  "call-provider.what": "Call your internet provider with the times and addresses above, and ask for filtering.",
  "call-provider.why": "A flood must be stopped before it reaches your line.",
  "close-reflector.what":
    "Close or limit services that answer anybody over UDP: DNS, NTP, SNMP, SSDP, memcached, CLDAP.",
  "close-reflector.why": "They turn one forged packet into many, aimed at a victim.",

  // data and people
  "list-data.what": "List which data were on it, and whose. Keep the list short and safe.",
  "list-data.why": "Everything you decide next depends on it.",
  "privacy.what": "Tell your privacy officer today, also when it is not yet certain that personal data are concerned.",
  "privacy.why": "The law may ask for notice within days, counted from when you knew.",
  "tell-people.what": "Tell the people concerned in plain words what leaked and what they should change.",
  "tell-people.why": "They can protect themselves only if they know.",

  // small businesses
  "unplug.what": "Take the computer off the network: pull out the cable and switch off Wi-Fi. Leave it switched on.",
  "unplug.why": "It can do no more harm, and whoever repairs it needs the traces.",
  "call-it.what": "Call whoever looks after your computers, and forward this message to them.",
  "call-it.why": "They need the times and addresses in it.",
  "call-host.what": "Call your hosting company or web designer, and forward this message to them.",
  "call-host.why": "They can take the page offline and see how it came there.",
  "change-passwords.what":
    "From another device, change the passwords of your e-mail, bank and shop accounts that were used on it.",
  "change-passwords.why": "Passwords are the first thing that is stolen.",
  "watch-bank.what": "Tell your bank, and look through the payments of the last two weeks.",
  "watch-bank.why": "The sooner the bank knows, the more it can stop.",
  "block-card.what": "If card or bank details were typed in, call your bank now and have the card blocked.",
  "block-card.why": "The details are often used within minutes.",
  "ask-staff.what": "Ask your staff kindly who opened the page and whether they typed in a password or a card number.",
  "ask-staff.why": "It happens to careful people too, and who is not scolded tells you in time.",
  "reinstall.what": "Have the computer set up anew, and bring your files back from a backup.",
  "reinstall.why": "A cleaned computer may still hold a back door.",
  "scan-all.what":
    "Update every computer, phone, camera and till on this connection, and run a full virus scan on the computers.",
  "scan-all.why": "From outside we see only your connection; any device behind it may be the one.",
  "router.what":
    "Update your router, give it a new password and restart it. If there are no more updates for it, replace it.",
  "router.why": "Old routers are a common way in, and malware can live in them.",
  "backup.what": "Make a copy of your important files and keep it unplugged.",
  "backup.why": "If files are locked one day, you still have them.",

  // content, accounts, settings, devices that are gone
  "leave-as-is.what":
    "Do not open, copy or delete it, and ask nobody else to look. Close access to the page or folder.",
  "leave-as-is.why": "Looking at it may be a crime and harms whoever looks; deleting it destroys what the police need.",
  "police.what": "Report it to the police, with this message. Note whom you told, and when.",
  "police.why": "They can keep traces that nobody else may ask for.",
  "remove-content.what":
    "Take the content down, tell whoever put it there, and close or clear the account it came from.",
  "remove-content.why": "While it stands there, you may be held to answer for it.",
  "lock-account.what":
    "Lock the account, end its sessions, and remove keys, tokens and second factors added since the first time above.",
  "lock-account.why": "A new password alone leaves open what was added beside it.",
  "undo-changes.what":
    "List what the account or application changed since then: rights, rules, users, pages. Undo what nobody ordered.",
  "undo-changes.why": "What strangers set up goes on working after they are gone.",
  "correct-setting.what": "Correct the setting on {asset}, and test from outside that it now does what you mean.",
  "correct-setting.why": "What is set up wrongly stays so until somebody looks from the other side.",
  "renew-crypto.what":
    "Allow only current TLS versions and ciphers on {asset}, and replace keys and certificates that are too short or shared.",
  "renew-crypto.why": "Old ways stay usable for attackers as long as the server still offers them.",
  "block-forged.what": "At the border, let out only packets that carry your own source addresses (BCP 38).",
  "block-forged.why": "Forged senders hide attackers behind your line.",
  "check-running.what":
    "Look whether {asset} runs: power, line, service, disk space. Try it from outside, over a mobile phone for example.",
  "check-running.why": "From inside a broken line often looks whole.",
  "wipe-device.what":
    "Lock and erase the device from afar if you can, and end the sessions of all accounts used on it.",
  "wipe-device.why": "Whoever holds a device has time to try it.",
  "check-backup.what":
    "Look whether your backups are whole and out of reach of the network. Do not overwrite the old ones.",
  "check-backup.why": "They decide whether this costs a day or everything.",
  "answer-test.what": "Answer “We are on it”, and tell us if somebody else should have got this.",
  "answer-test.why": "A test that nobody answers is an alarm that nobody hears.",
} as const;
