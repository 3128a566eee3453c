import { either, type Sign } from "./sign.ts";

const kind = "command";

/** Commands whose names are no words of any language; a command that is one ("file", "time", "set") stands in `wordy`. */
const commands = either(`
  cat ls whoami uname wget curl nc ncat netcat bash sh zsh ksh csh dash tcsh fish python python2 python3 perl ruby php lua nslookup
  ifconfig ipconfig printenv chmod chown chgrp cp mv rm rmdir tar bsdtar gzip gunzip grep egrep fgrep zgrep sed awk gawk tac nl xxd zcat
  zstdcat bzcat xzcat base64 base32 openssl telnet ssh scp sftp ftp tftp lwp-download lwp-request lynx w3m passwd su sudo useradd
  adduser crontab nohup xargs mkdir ln df du netstat hostname systeminfo tasklist taskkill pwd cd mount umount lsof lsblk lscpu
  powershell pwsh certutil bitsadmin mshta rundll32 regsvr32 regedit wmic cscript wscript msiexec schtasks vim nano gcc npx
  busybox strace ltrace gdb who wc apt-get aptitude dpkg systemctl docker kubectl ansible ansible-playbook cscli visudo svn mysql mysqldump psql
  sqlite3 redis-cli socat nmap tcpdump tmux bzip2 bunzip2 xz 7z uptime dmesg ps id env ping ping6 traceroute dig nsenter unshare setsid
  iwr iex irm iwmi gwmi gci icm saps nsn bcdboot bcdedit cacls icacls chkdsk cipher cmdkey diskpart diskshadow driverquery dsquery
  eventcreate forfiles fsutil getmac gpresult gpupdate klist makecab nbtstat netsh nltest ntdsutil pathping pnputil qprocess
  robocopy subst takeown tracert tzutil vssadmin w32tm wbadmin wecutil wevtutil winrs wusa xcopy bpftool pkexec perf pip pip3
  xmllint wish yum dnf apk rpm zypper pacman brew gem cpan tclsh nawk mawk pgrep pkill killall iptables chroot rlogin rsync`);

const wordy = either(`
  at time timeout set export alias echo printf sleep file find head tail more less type dir del copy move net reg sc cmd start test
  date last w jobs exec eval source dd cut sort sort uniq diff cmp strings rev tr expr seq yes nice tee touch script screen make
  node npm git go read history kill which where route arp ip ss ed vi ab fetch unzip zip strings od trap shutdown`);

/** What stands before a command when a shell is made to read one. */
const start = String.raw`(?:[;|\x60]|&{1,2}|\n{2}|\$\(|<\(|>\()[\s({'"\\!]{0,6}`;
const path = String.raw`(?:[./~][\w./-]{0,40}/)?`;

export const commandSigns: readonly Sign[] = [
  {
    ...{ kind, score: 0.95, needs: ";|&`(\n" },
    pattern: new RegExp(String.raw`${start}${path}(?:${commands})(?:\.exe)?(?:$|[\s;|&<>)}'"\x60\\,$/#])`),
  },
  {
    ...{ kind, score: 0.9, needs: ";|&`(\n" },
    pattern: new RegExp(
      String.raw`${start}${path}(?:${wordy})(?:\.exe|\.com)?(?: ?[;|&<>)}\x60]| (?:-{1,2}\w|/\w{1,2}\b|["'$\x60/~\\*.]|\d{1,2}[:.]\d|\w{1,20}[.=/]\w|https?:))|[;|] ?(?:${wordy})$`,
    ),
  },
  {
    ...{ kind, score: 0.9, needs: "/" },
    in: ["query", "referrer", "agent"],
    pattern: /(?:^|[=\s'"`(,{;|\n])\/?(?:usr\/)?(?:local\/)?s?bin\/[\w*?'[\\]/,
  },
  {
    // a parameter, an agent or a referrer that begins as a command line does
    ...{ kind, score: 0.85, needs: " " },
    in: ["query", "referrer", "agent"],
    pattern: new RegExp(
      String.raw`(?:^|[=\n]|\?)['"]{0,2} ?(?:(?:time|nohup|nice|timeout|strace|ltrace|sudo|doas|env|xargs|busybox|setsid|perf) (?:-\w+ )?(?:${commands})(?:$|[\s\n'"])|(?:${commands}|echo|printf|find|dd) (?:-c |-{1,2}[a-z][\w-]{0,20}(?:$|[\n|;&>/"\'$=-]| [-/"\'$.~\d|;&>]| \w{1,20}[.:/])|/(?:etc|bin|usr|var|tmp|proc|dev|home)\b|\d{1,3}\.\d{1,3}\.\d|\$|~/|https?://|if=|[\w/.-]{1,40} ?[|>]))`,
    ),
  },
  {
    // a parameter that is there for commands
    ...{ kind, score: 0.8, in: ["query"] },
    pattern: new RegExp(
      String.raw`(?:^|\n)'?(?:cmd|exec|execute|command|shell|rce|run|system|ping|code|daemon|cli)=['"]{0,2} ?(?:(?:${commands})|python[\d.]{0,6})(?:$|[\s;|&\n'"/])|=(?:${commands}) ?(?:;|\||&&)`,
    ),
  },
  {
    ...{ kind, score: 0.95, needs: "-/ (." },
    pattern:
      /\b(?:powershell|pwsh)(?:\.exe)? -|\bcmd(?:\.exe)? ?\/[ck]\b|\bcmd\.exe\b|\b(?:certutil|bitsadmin) [-/]|\bmshta (?:https?:|vbscript|javascript)|\brundll32 \w|\binvoke-(?:expression|webrequest|command|restmethod|wmimethod)\b|\bnew-object |\bdownload(?:string|file) ?\(|\bstart-process |\biex ?[($]|\bset-executionpolicy\b| -encodedcommand\b|\bregedit \/|\bget-wmiobject\b/,
  },
  {
    // letters of a path given by wildcards, quotes or variables: /?s?/?i?/c?t, /bin/ca't', /et$_c/pas$_swd
    ...{ kind, score: 0.9, needs: "?*['\\$@", in: ["query", "referrer", "agent"] },
    pattern:
      /\/[\w[\]{}-]{0,8}(?:\?|\*|\[\w|''|""|'[a-z]{1,3}'|\\[a-z]|\$[@*_a-z]|\$\{)[\w?*[\]'"\\$@{}-]{0,10}\/[\w?*[\]'"\\$@{}-]{2,20}|\/bin\/[\w]{0,8}['"\\?*$[]/,
  },
  {
    ...{ kind, score: 0.9, needs: "'\"\\^$`", in: ["query", "referrer", "agent"] },
    pattern:
      /(?:^|[=\s;|&(\n])[a-z]{1,6}(?:''|""|\$@|\$\*|\$\{\w{0,8}\}|\$\(\)|``|\$[0-9u!](?=[a-z/\s+]))[a-z/][a-z/]{0,8}|"[a-z]""[a-z]"|""[a-z]""/,
  },
  {
    kind,
    score: 0.9,
    needs: "(`",
    in: ["query", "referrer", "agent"],
    pattern: /[$<>]\(\)|`{2}|\(\) ?\{ ?[:;\w"']|\(\) \{|\bf?\(\)\{/,
  },
  {
    // {cat,/etc/passwd}, {,ip,a}, c{a,oun}t; JSON has colons and quotes, and no comma at its end
    ...{ kind, score: 0.85, needs: "{", in: ["query", "referrer"] },
    pattern: new RegExp(
      String.raw`\{ ?,[^{}:\n]{1,60}\}|[=\s;]\{[\w/?*$'.-]{1,20} ?,\}|[a-z]\{[\w-]{1,8},[\w-]{1,8}\}[a-z]|[=\s;]\{[\w-]{1,8},[\w-]{1,8}\}[a-z]|\{(?:${commands}|echo),`,
    ),
  },
  {
    ...{ kind, score: 0.9, needs: "$<>&`" },
    pattern:
      /\$\{?ifs\b|\$\(\(|\$\((?:[a-z]{2,12}|<)(?:[\s)/<]|$)|\$\[\$|\$\[\d|\$\{(?:path|home|pwd|shell|user|hostname|random|ifs|!|#|@|\d)|\$(?:path|home|shell|pwd|ifs|hostname|shlvl|oldpwd|0)\b ?(?:-|\/|$|["'\s;])|> ?&? ?\/(?:dev|tmp|etc|var)\/|< ?\/(?:etc|proc|dev)\/|\/dev\/(?:tcp|udp)\/|\b[012]?>&[012-]|<<<|\| ?tee |` ?(?:id|ls|pwd|env|ps|whoami|uname|cat|curl|wget|sleep|ping|nslookup|sh|bash)\b[^`\n]{0,60}`/,
  },
  {
    kind,
    score: 0.85,
    needs: ";|&",
    in: ["query", "referrer", "agent"],
    pattern: /;(?:\\n| )?\.(?: )?[a-z]{2,12}(?:[\s\\]|$)|; ?:(?:$|\n)|\| ?: ?&|\|\w& ?\}/,
  },
  {
    kind,
    score: 0.8,
    needs: "=",
    in: ["query"],
    pattern:
      /(?:=| )alias (?:[+-][\w+]{1,4} )?\w{1,20}=|= ?(?:!!|!-?\d{1,3}(?:!-?\d{1,3})?|!\$|!\*)(?:$|\n)|=~\d{1,2}(?:$|\n)|(?:^|\n)\w{1,12}=\w{1,12}(?:;|&&|\n\n) ?\w{0,12} ?\$\w/,
  },
  {
    kind,
    score: 0.85,
    needs: "&",
    in: ["referrer", "agent"],
    pattern: /(?:^|; ?)\w{1,12}=\w{1,12} ?(?:;|&&) ?\$\w/,
  },
  {
    // an agent that is an administrator's command line and names no version
    ...{ kind, score: 0.8, in: ["agent"] },
    pattern: new RegExp(
      String.raw`^['";&|]{0,2} ?(?:\w{1,12}=)?(?:ansible(?:-(?!httpget)\w{2,12})?|chef(?:-\w{2,10})?(?! (?:client|knife|infra))|cscli|visudo|sudo|whoami|ifconfig|ipconfig|kubectl|systemctl|crontab|chmod|chown|uname|printenv|env|set|strace|nohup|perf|passwd|useradd|tcpdump|socat|ncat|netcat|iptables|mysqldump|psql|redis-cli|apt-get|aptitude|dpkg|busybox|bpftool|pkexec|nsenter|cmd|powershell|tasklist|schtasks|vssadmin|certutil)(?:['"]{0,2}$|['"]? (?![^\n]{0,80}/\d)|['"]? -)`,
    ),
  },
  { kind, score: 0.75, needs: "-", in: ["agent"], pattern: /^['"]?[a-z][a-z0-9_]{1,14} --[a-z]{3,20}(?: |=|$)/ },
  {
    // cmdlets of PowerShell: a verb and a noun of their closed lists
    ...{ kind, score: 0.8, needs: "-", in: ["query", "agent", "referrer"] },
    pattern: new RegExp(
      String.raw`(?:^|[=\s;|&(\x60\n])(?:add|clear|connect|convert(?:to|from)?|copy|debug|disable|enable|enter|exit|export|foreach|format|get|group|import|invoke|join|measure|move|new|out|pop|push|read|receive|register|remove|rename|resolve|restart|restore|resume|select|send|set|show|sort|split|start|stop|suspend|tee|test|trace|unblock|unregister|update|use|wait|where|write)-(?:acl|alias|authenticodesignature|childitem|clixml|command|computer\w{0,20}|content|controlpanelitem|counter|credential|csv|culture|debug|error|event\w{0,12}|executionpolicy|expression|file|hash|host|hotfix|html|information|item\w{0,12}|job|location|mailmessage|member|module|null|object|output|path|pfxcertificate|printer|process|progress|psbreakpoint|psdebug|psdrive|psprovider|pssession\w{0,16}|pssnapin|random|restmethod|runspace|securestring|service|string|timezone|tracesource|transaction|type\w{0,6}|uiculture|unique|variable|verbose|warning|webrequest|webserviceproxy|wmi\w{0,10}|wsman\w{0,16}|xml)\b`,
    ),
  },
  {
    kind,
    score: 0.8,
    needs: "\\",
    in: ["query", "referrer", "agent"],
    pattern:
      /\/[a-z]{1,10}\/\w{0,8}\\[a-z]|(?:^|[=;|&\n ])[a-z]{1,4}\\[a-z]{1,4} [/-]|(?:^|[=;|&\n ])[a-z]\\[a-z]{1,8}(?:$|[\s;|&])/,
  },
];
