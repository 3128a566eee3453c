import { either, type Sign } from "./sign.ts";

const kind = "file";

/** Paths of an operating system that no page is called after. */
const system = [
  String.raw`etc[/\\](?:${either("passwd shadow group gshadow hosts issue motd sudoers fstab crontab ssh apache2? httpd nginx php mysql my\\.cnf resolv services security pam environment profile os-release hostname ssl kubernetes cron networks inetd exports samba pki rc\\.")})(?! [a-z]{3})`,
  String.raw`proc[/\\](?:${either("self version cpuinfo cmdline \\d+ net mounts meminfo interrupts stat devices filesystems modules kallsyms sched tty loadavg swaps partitions keys crypto sys scsi bus acpi thread-self")})\b`,
  String.raw`sys[/\\](?:class|block|bus|kernel|devices|firmware|fs|module|power|hypervisor)\b`,
  String.raw`var[/\\](?:log|lib|run|mail|spool|backups)[/\\]`,
  String.raw`root[/\\]\.`,
  String.raw`home[/\\]\w+[/\\]\.`,
  String.raw`windows[/\\](?:win\.ini|system32|system\.ini|repair)`,
  String.raw`winnt[/\\]|boot\.ini|win\.ini|system32[/\\]`,
].join("|");

/** Folders that begin with a dot and are meant to be read from outside. */
const meantToBeRead = "well-known|auth|netlify|rum|proxy|ob|next|hcms|test";

/** Files a server holds for itself, and what editors and backups leave beside them. */
const endings = either(`
  sql bak bat orig save swp swo swn backup dump mdb accdb mdf ldf pst ost pem p12 pfx kdbx? ppk asa asax cdx cmd config conf csproj
  csr dbf? dos htr htw ida idc idq inc ini licx lnk log old pass pdb pol pwd rdb resources resx sqlite3? sys tfstate tfvars vb vbs
  vbproj vsdisco webinfo jks keystore ovpn rdp`);

const names = either(`
  web\\.config wp-config\\.(?:php\\W?\\w*|bak|old|txt|save) wp-content/(?:debug|errors?)\\.log (?:debug|errors?|access|laravel|npm-debug)[._-]log
  error_log laravel\\.log config(?:uration)?\\.(?:php|inc|bak|old|ya?ml|ini)\\W?\\w{0,8} phpinfo\\.php info\\.php\\d? adminer[\\w.-]{0,20}\\.php
  composer\\.(?:json|lock) package-lock\\.json yarn\\.lock dockerfile docker-compose[\\w.-]{0,20} id_(?:rsa|dsa|ecdsa|ed25519)(?:\\.pub)?
  actuator/(?:env|heapdump|mappings|jolokia|gateway|threaddump|configprops|beans|loggers)(?:/\\w{0,40})? jolokia thumbs\\.db
  sftp-config\\.json database\\.(?:ya?ml|sqlite) credentials\\.\\w{2,5} secrets?\\.(?:ya?ml|json|txt|env) @fs/\\S{1,200} @id/\\S{1,200}
  cgi-bin/[\\w./-]{1,60}\\.(?:sh|pl|cgi) \\w{1,40}\\.env settings\\.py(?:c)? local_settings\\.py gruntfile\\.js gemfile(?:\\.lock)? makefile procfile
  vagrantfile jenkinsfile pom\\.xml build\\.gradle requirements\\.txt __debug__/\\S{0,40} _profiler/(?:phpinfo|open)\\S{0,40} elmah\\.axd
  trace\\.axd`);

export const fileSigns: readonly Sign[] = [
  {
    kind,
    score: 0.95,
    needs: ".\\/",
    pattern:
      /(?:^|[/\\=\s:|"'(;\n])(?:\.{2,3}|\. \.|[.。]{2})[;\s]{0,2}[/\\∕⁄](?! )|\.{2,6}[;\s]?\\|(?:\.\.\/){2}|\.{4,8}\/{2}|[\u00c0\u00e0][\u0080\u00ae\u00af]/,
  },
  { kind, score: 0.95, needs: "/\\.", pattern: new RegExp(String.raw`(?:^|[/\\=\s:|"'(,\n])(?:${system})`) },
  {
    ...{ kind, score: 0.9, needs: ":", in: ["query", "agent", "referrer"] },
    pattern:
      /(?:^|[=\n\s'"(,;])(?:file|php|zlib|glob|phar|ssh2|rar|ogg|expect|zip|compress\.(?:zlib|bzip2)|gopher|dict|ldaps?|netdoc|local_file|view-source|sftp|tftp|smb|imaps?|pop3s?|telnet|rmi|iiop|jmx|url:\w{2,10}) ?: ?\/{1,3} ?\S|(?:^|[=\n\s'"(,;])jar:(?:file|https?|ftp):|data:\/{0,2}text\/plain[;,]|\bphp:\/\/(?:input|filter|fd|memory|temp|stdin)/,
  },
  {
    ...{ kind: "secret-file", score: 0.85, needs: ".", in: ["path"] },
    pattern: new RegExp(String.raw`/\.(?!(?:${meantToBeRead})(?:$|/))[a-z_][\w-]{1,40}(?:$|[/.~?-])`),
  },
  {
    kind: "secret-file",
    score: 0.85,
    needs: ".@/",
    in: ["path"],
    pattern: new RegExp(String.raw`/(?:${names})(?:$|[/?])`),
  },
  {
    ...{ kind: "secret-file", score: 0.8, needs: ".~", in: ["path"] },
    pattern: new RegExp(
      String.raw`\w\.(?:${endings})(?:\.(?:zip|gz|tar|tgz|7z|rar|bz2|xz|\d))?(?:~|/)?$|\.\w{2,5}~(?:$|/)|\.(?:php|jsp|aspx?|py|rb|cgi)(?:\.(?:txt|tmp|copy|\d)|_|-)(?:bak|old|orig|\d)?$`,
    ),
  },
  {
    ...{ kind: "secret-file", score: 0.7, needs: "/", in: ["path"], refused: true },
    pattern:
      /\/(?:phpmyadmin|pma|myadmin|mysqladmin|manager\/html|server-(?:status|info)|solr\/admin|hudson|console\/login|vendor\/phpunit|boaform|hnap1|gponform|cgi-bin\/luci|sdk\/|remote\/fgt_lang|dana-na\/|owa\/auth\/x|autodiscover\/autodiscover\.json|wp-admin\/(?:install|setup-config)\.php|xmlrpc\.php|setup\.cgi|shell|cmd|c99|r57|webshell|wso|alfa)(?:$|[/.?])/,
  },

  // what the server shall fetch
  {
    ...{ kind: "remote-file", score: 0.9, needs: ":", in: ["query"] },
    pattern:
      /(?:=|\n) ?(?:url:|jar:)?(?:https?|ftps?|ws) ?: ?\/{0,3} ?(?:[^/?\s@]{0,60}[@#])?(?:169\.254\.\d{1,3}\.\d|metadata\.|100\.100\.100\.200|192\.0\.0\.192|instance-data|rancher-metadata|127\.\d|localhost\b|0\.0\.0\.0|\[?::|10\.\d{1,3}\.\d{1,3}\.\d|192\.168\.\d|172\.(?:1[6-9]|2\d|3[01])\.\d|0x[0-9a-f]{2}|0\d{3}\.|\d{8,10}(?:[/:?]|$)|\[[0-9a-f:.]{3,45}\])/,
  },
  {
    kind: "remote-file",
    score: 0.85,
    needs: ":",
    in: ["query"],
    pattern:
      /= ?(?:url:|jar:)?(?:https?|ftps?):\/\/(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{1,4}(?::{1,2}[0-9a-f]{1,4}){3,7})(?:[:/?\s]|$)/,
  },
  {
    kind: "remote-file",
    score: 0.8,
    needs: "@",
    in: ["query"],
    pattern: /= ?(?:https?|ftps?):\/\/[^/?\s@\n]{0,60}(?:\/[^/?\s@\n]{0,30})?@[\w.-]{3,}/,
  },
  {
    ...{ kind: "remote-file", score: 0.85, needs: ":", in: ["query"] },
    pattern:
      /= ?(?:https?|ftps?):\/\/[^\s?\n]{1,200}(?:\.(?:php\d?|txt|sh|pl|py|exe|ps1|bin|elf|bat|vbs|hta|jar)\?{0,3}(?:$|[\s\n!%])|\?{1,3}(?:$|\n)|\/(?:shell|cmd|c99|r57|id)\b)/,
  },
  {
    // parameters that name a file of the site, and name another site
    ...{ kind: "remote-file", score: 0.85, needs: ":", in: ["query"] },
    pattern:
      /(?:^|\n)(?:file|page|include|inc|path|dir|template|tpl|conf|config|_conf\[\w{0,20}\]|mosconfig_\w{1,40}|\w{0,20}_?(?:abs(?:olute)?_?)?(?:path|dir|root|basedir|includedir)|doc|document|folder|lang|language|module|view|layout|theme|skin|load|read|script|plugin|body|main|cat|board|pg|style_?sheet|php_?self|_?(?:server|globals|request)\[\w{1,30}\])= ?(?:https?|ftps?):\/\//,
  },
  { kind: "remote-file", score: 0.75, needs: ":", in: ["query"], pattern: /= ?ftps?:\/\/\w/ },
  {
    // a bare site where no link is expected
    ...{ kind: "remote-file", score: 0.7, needs: ":", in: ["query"] },
    pattern:
      /(?:^|\n)(?!(?:\w{0,20}(?:ur[il]|next|redir\w{0,12}|ret(?:urn)?_?(?:to|url)?|return\w{0,12}|continue|goto|go|to|ref\w{0,8}|source|origin|link|href|share|call_?back|dest\w{0,10}|target|loc|location|site|domain|website|homepage|host|from|back\w{0,6}|q|query|s|search|keyword|k|u|text|title|body|iss|issuer|realm|audience|aud|resource|scope|ns|openid\.\w{1,20}|entityid|wreply|wtrealm|wctx|relaystate|state|image|img|src|media|feed|rss|dl|dr|service|embed\w{0,10}|parent|top|page_?url|app|client\w{0,10}|server|endpoint|api|base|utm_\w{1,20}|ft?|r|d|l|v|p|id|web|post|logo|icon|canonical|proxy|via)=))[\w.[\]-]{1,30}= ?(?:url:|jar:)?https?:\/\/[\w.%-]{3,100}(?::\d{1,5})?\/?(?:$|\n)/,
  },
  {
    ...{ kind, score: 0.9, needs: "./\\", in: ["query"] },
    pattern:
      /(?:^|[/\\=\n])\.(?:addressbook|bash_\w{4,10}|bashrc|htaccess|htpasswd|htgroup|ssh|aws|env|git|svn|hg|gnupg|mysql_history|psql_history|python_history|rediscli_history|sh_history|zsh_history|zshrc|profile|vimrc|viminfo|netrc|npmrc|pgpass|my\.cnf|docker|kube|config|drush|boto|gitconfig|ksh_history|lynx_cookies|mozilla|nsr|pearrc|pki|subversion|tconn|tmux|wget-hsts|www_acl|xauthority|xdb|xinitrc|xsession)(?:$|[/\\\n&.])|\b(?:web-inf|meta-inf|inetpub|winnt|system32)[/\\]|(?:^|[/\\=\n])usr[/\\]local[/\\]\w|(?:^|[/\\=\n])(?:opt|var)[/\\](?:lampp|xampp|www|apache2?|nginx|tomcat|log)\b|\b(?:wp-config|config\.inc|localsettings|settings|configuration|database|db_connect)\.php(?:$|[\n~.])|\b(?:apache2?|httpd|nginx)[/\\](?:logs?|conf)\b|\blogs[/\\](?:access|error)[._]log\b|\b(?:httpd|nginx|php|my)\.(?:conf|ini|cnf)\b|\bsam\._|\bntuser\.dat\b/,
  },
  { kind: "remote-file", score: 0.9, in: ["query"], pattern: /=(?:https?:)?\/\/[^/\n]{0,60}[\u2460-\u24ff]/ },
];
