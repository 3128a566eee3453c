import type { HttpRequest } from "#telemetry/format.ts";

/**
 * Honest requests that look odd: what people type into search boxes, what advertisers, calendars, single sign-on, feeds,
 * monitors, crawlers and old programs send. Written from what stands in logs of public sites; names are examples.
 */
export const oddRequest = (random: () => number): HttpRequest => {
  const whole = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  const one = <T>(list: readonly [T, ...T[]]): T => list[Math.floor(random() * list.length)] ?? list[0];
  const hex = (length: number): string => Array.from({ length }, () => whole(0, 15).toString(16)).join("");
  const base64 = (bytes: number): string =>
    Buffer.from(Array.from({ length: bytes }, () => whole(0, 255))).toString("base64");
  const base64url = (bytes: number): string =>
    base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  const coded = encodeURIComponent;
  const plus = (text: string): string => coded(text).replaceAll("%20", "+");
  const typed = (text: string): string => (random() < 0.5 ? plus(text) : coded(text));
  const browser = one(browsers);
  const page = `https://www.office.example/${one(["", "zh/", "services/tax", "news?id=12&lang=zh-hant", "search?q=a%20b"])}`;

  const kinds: readonly [() => HttpRequest, ...(() => HttpRequest)[]] = [
    () => ({
      path: one(["/search", "/zh/search", "/site/find.aspx"]),
      query: `q=${typed(one(searches))}&page=${whole(1, 9)}`,
      referrer: page,
    }),
    () => ({
      path: "/search",
      query: `keyword=${typed(`${one(searches)} ${one(words)}`)}&sort=date&category%5B%5D=${whole(1, 9)}&category%5B%5D=${whole(1, 9)}`,
    }),
    () => ({
      path: "/suggest",
      query: `term=${typed(one(searches).slice(0, whole(2, 12)))}&_=${whole(1_700_000_000_000, 1_800_000_000_000)}`,
    }),
    () => ({
      path: "/people",
      query: `name=${typed(one(names))}&dept=${typed(one(["R&D", "Food & Environment", "IT/AV", "C&ED"]))}`,
    }),
    () => ({
      path: "/search",
      query: `q=${one(["%A4%A4%A4%E5", "%AD%BB%B4%E4", "%C1%B7%CF%B0", "caf%E9", "M%FCller", "%B5%7C%B0%C8"])}`,
    }), // Big5, GBK, Latin-1
    () => ({
      path: `/${coded(one(chinese))}/${coded(one(chinese))}.html`,
      referrer: `https://www.search.example/?q=${coded(one(chinese))}`,
    }),
    () => ({ path: "/login", query: `next=${coded(`/forms/${hex(6)}?step=2&lang=zh`)}` }),
    () => ({
      path: "/login",
      query: `${one(["returnUrl", "redirect_uri", "continue", "RelayState", "goto", "back", "url"])}=${coded(`https://www.office.example/${one(words)}?a=1&b=${coded("c d")}`)}`,
    }),
    () => ({
      path: "/oauth/authorize",
      query: `client_id=${hex(16)}&response_type=code&scope=openid%20profile%20email&redirect_uri=${coded("https://app.office.example/cb")}&state=${base64url(24)}&nonce=${base64url(16)}&code_challenge=${base64url(32)}&code_challenge_method=S256`,
    }),
    () => ({
      path: "/callback",
      query: `code=${base64url(40)}&state=${coded(base64(30))}&iss=${coded("https://login.office.example")}`,
    }),
    () => ({
      path: "/saml/acs",
      query: `SAMLRequest=${coded(base64(whole(200, 700)))}&SigAlg=${coded("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")}&Signature=${coded(base64(256))}&RelayState=${coded("https://www.office.example/home")}`,
    }),
    () => ({ path: "/verify", query: `token=eyJhbGciOiJIUzI1NiJ9.${base64url(whole(60, 200))}.${base64url(32)}` }),
    () => ({
      path: "/",
      query: `utm_source=newsletter&utm_medium=email&utm_campaign=${typed(one(["Spring 2026 – 50% off!", "{{campaign.name}}", "summer|sale|2026", "[AD] tax", "a/b test #2"]))}&fbclid=IwAR${base64url(45)}`,
    }),
    () => ({
      path: "/",
      query: `gclid=${base64url(60)}&gad_source=1&_gl=1*${hex(6)}*_ga*${base64url(12)}*_ga_${hex(10)}*${whole(1e9, 2e9)}.1.1.${whole(1e9, 2e9)}.0.0.0&click_id=\${CLICK_ID}&pub={publisher_id}`,
    }),
    () => ({
      path: "/api/items",
      query: `filter=${coded(JSON.stringify({ name: one(names), age: { gte: whole(1, 90) }, tags: [one(words), one(words)] }))}&limit=${whole(1, 99)}`,
    }),
    () => ({
      path: "/api/list",
      query: `fields=id,name,owner(id,name)&include=author,comments.author&page[number]=${whole(1, 9)}&page[size]=20&filter[status]=open&sort=-created,title`,
    }),
    () => ({
      path: "/odata/Orders",
      query: `$filter=${coded(`Status eq 'Open' and Total gt ${whole(1, 900)}`)}&$orderby=${coded("Created desc")}&$top=20&$select=Id,Name`,
    }),
    () => ({
      path: "/graphql",
      query: `operationName=Page&variables=${coded(JSON.stringify({ slug: one(words), first: 10 }))}&extensions=${coded(JSON.stringify({ persistedQuery: { version: 1, sha256Hash: hex(64) } }))}`,
    }),
    () => ({
      path: "/map",
      query: `ll=22.2${whole(10, 99)},114.1${whole(10, 99)}&bbox=113.8,22.1,114.5,22.6&q=${typed(one(["Queen's Road Central", "Block 3, 12/F (Rear)", "St. John's Building", "8½ Otis St", "#05-12 Tower A"]))}`,
    }),
    () => ({
      path: "/calendar.ics",
      query: `start=${coded("2026-06-01T09:00:00+08:00")}&end=2026-06-30&tz=Asia%2FHong_Kong`,
    }),
    () => ({
      path: "/share",
      query: `text=${coded(`${one(words)}: ${one(searches)}\n${page}\nHelp us spread the word!`)}&url=${coded(page)}`,
    }),
    () => ({
      path: "/contact",
      query: `message=${plus(`Dear Sir,\r\n\r\nI can't open the form (A-1); it says "error".\r\nList of what I tried: restart, update & reload.\r\nLocation: Central\r\n\r\n${one(names)}`)}`,
    }),
    () => ({
      path: `/downloads/${one(["report-2025.zip", "form%20A-1%20(2026).pdf", "Annual%20Report%20%26%20Accounts.pdf", "data.tar.gz", "budget_v2.xlsx", "guide.zh-Hant.pdf", "setup-1.2.3.exe", "notice%5B1%5D.doc"])}`,
    }),
    () => ({
      path: one([
        "/.well-known/security.txt",
        "/.well-known/acme-challenge/a1B2-c3_D4",
        "/.well-known/openid-configuration",
        "/.well-known/apple-app-site-association",
        "/robots.txt",
        "/sitemap.xml",
        "/sitemap_index.xml.gz",
        "/favicon.ico",
        "/apple-touch-icon-120x120-precomposed.png",
        "/ads.txt",
        "/humans.txt",
        "/manifest.json",
        "/service-worker.js",
        "/browserconfig.xml",
        "/feed/",
        "/rss.xml",
        "/atom.xml",
        "/wpad.dat",
        "/crossdomain.xml",
      ]),
      status: one([200, 200, 404]),
    }),
    () => ({
      path: one(["/health", "/healthz", "/status", "/ping", "/api/health/ready", "/actuator/health", "/metrics"]),
      agent: one(monitors),
      bytes: 2,
    }),
    () => ({ path: "/", agent: one(monitors) }),
    () => ({ path: one(["/", "/news", "/zh/news/12"]), agent: one(crawlers) }),
    () => ({
      path: `/assets/${one(["app", "vendor~main", "chunk-2"])}.${hex(8)}.js`,
      query: one(["v=1.2.3", `ver=6.9.${whole(1, 9)}`, hex(32), ""]),
    }),
    () => ({
      path: one(["/WebResource.axd", "/ScriptResource.axd"]),
      query: `d=${base64url(60)}&t=${whole(1e9, 2e9)}`,
    }),
    () => ({
      path: "/wp-admin/load-scripts.php",
      query: "c=0&load%5Bchunk_0%5D=jquery-core,jquery-migrate,utils,zxcvbn-async&ver=6.9.4",
    }),
    () => ({
      path: `/images/${one(["photo%20(1).jpg", "O%27Brien.jpg", "a%2Bb.png", "50%25-off.png", "banner@2x.png", "team_%E5%9C%96.jpg"])}`,
    }),
    () => ({ path: `/shop/item;jsessionid=${hex(32).toUpperCase()}.node1`, query: "color=red&size=L%2FXL" }),
    () => ({ path: `/~${one(["chan", "wong", "physics"])}/`, status: 200 }),
    () => ({
      path: "/track",
      query: `e=${coded(JSON.stringify([{ event: "view", value: true, path: "/a/b", ref: page }]))}&sid=${hex(40)}&r=0.${whole(1e9, 9e9)}&sr=1920x1080&ua=${coded(browser)}`,
    }),
    () => ({
      path: "/pixel.gif",
      query: `dl=${coded(`${page}&x=1`)}&dr=${coded("https://www.search.example/?q=how%20to")}&dt=${plus("Home | Office – “Welcome” (2026)")}&cd[0]=a&cd[1]=b`,
    }),
    () => ({
      path: "/products",
      query: `price=${one(["100-200", ">=100", "<50", "10..20"]).replace(">", "%3E").replace("<", "%3C")}&brand=A%26B&brand=C&size=10%22&material=cotton%2Fwool`,
    }),
    () => ({ path: "/docs/search", query: `q=${typed(one(technical))}` }),
    () => ({ path: "/convert", query: `amount=1%2C000.50&from=HKD&to=US%24&note=HK$100+@+7.8` }),
    () => ({ path: "/image", query: `src=${coded(`https://cdn.office.example/${hex(8)}.jpg`)}&w=640&q=75` }),
    () => ({ path: "/proxy/rss", query: `url=${coded("https://news.partner.example/rss.xml?cat=1")}` }),
    () => ({ path: "/r", query: `u=${coded(`https://go.partner.example/?to=${coded(`${page}#top`)}`)}&h=${hex(20)}` }),
    () => ({
      path: "/news",
      referrer: `https://www.search.example/search?q=${typed(one(searches))}&ei=${base64url(16)}&ved=${base64url(20)}`,
    }),
    () => ({
      path: "/",
      referrer: one([
        "android-app://com.search.example/",
        "https://www.office.example/#:~:text=it%27s%20free,(see%20note)",
        "https://t.example/a;b=c?x={y}",
        "http://mail.example/owa/?ae=Item&t=IPM.Note&id=RgAAAAB%2fxyz%3d",
        "about:blank",
        "https://www.office.example/list?ids[]=1&ids[]=2",
      ]),
    }),
    () => ({
      path: "/mail/logo.png",
      agent: one([
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328; Pro)",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Apple Mail/16.0",
        "iPhone (Nextcloud iOS)",
        "YahooMailProxy; https://help.yahoo.example/kb/",
      ]),
    }),
    () => ({
      method: "POST",
      path: "/xapi/statements",
      query: `statementId=${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
    }),
    () => ({ method: "OPTIONS", path: "/api/items" }),
    () => ({ method: "HEAD", path: "/index.html", agent: one(monitors) }),
    () => ({
      path: "/quiz",
      query: `a=${typed(one(["1+1=2", "x > 5 and y < 3", "5' 10\"", "A or B", "true", "not 3", "-5", "1/2", "p -> q", "3 x 4 = 12", "(a+b)*c", "f(x) = 2x"]))}`,
    }),
    () => ({ path: "/admin/person/", query: `status__exact=1&created__gte=2026-01-01&q=${typed(one(names))}&o=-3.1` }),
    () => ({
      path: one([
        "/config.json",
        "/api/v2/config",
        "/settings",
        "/users/credentials",
        "/setup/wizard",
        "/shell-casting",
        "/varieties",
        "/system/info",
        "/home/index",
        "/root-vegetables",
      ]),
    }),
  ];
  const made = one(kinds)();
  return { method: "GET", status: random() < 0.03 ? 404 : 200, agent: browser, bytes: whole(200, 90_000), ...made };
};

const browsers = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/403.0.0.27.81;]",
  "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
  "Mozilla/5.0 (Linux; Android 12; M2101K6G) MicroMessenger/8.0.49.2600(0x2800313D) WeChat/arm64 Weixin NetType/WIFI Language/zh_HK",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15",
] as const satisfies readonly [string, ...string[]];

const monitors = [
  "curl/8.5.0",
  "Wget/1.21.4",
  "check_http/v2.4.9 (monitoring-plugins 2.4.9)",
  "kube-probe/1.31",
  "ELB-HealthChecker/2.0",
  "Prometheus/2.53.0",
  "UptimeMonitor/2.0; http://www.uptime.example/",
  "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
  "Go-http-client/1.1",
  "python-requests/2.32.3",
  "Blackbox Exporter/0.25.0",
  "Zabbix",
  "Java/17.0.11",
  "okhttp/4.12.0",
  "ansible-httpget",
  "GoogleHC/1.0",
  "PostmanRuntime/7.39.0",
  "Apache-HttpClient/4.5.14 (Java/11.0.22)",
] as const satisfies readonly [string, ...string[]];

const crawlers = [
  "Mozilla/5.0 (compatible; Searchbot/2.1; +http://www.search.example/bot.html)",
  "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
  "WhatsApp/2.23.20.0 A",
  "TelegramBot (like TwitterBot)",
  "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
  "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 12 subscribers; like FeedFetcher-Google)",
  "Links (2.29; Linux 6.1.0 x86_64; GNU C 12.2; text)",
  "Sogou web spider/4.0(+http://www.sogou.com/docs/help/webmasters.htm#07)",
  "W3C_Validator/1.3 http://validator.w3.org/services",
] as const satisfies readonly [string, ...string[]];

const words = [
  "tax",
  "rates",
  "passport",
  "library",
  "bus",
  "clinic",
  "school",
  "parking",
  "licence",
  "vaccine",
] as const satisfies readonly [string, ...string[]];

const chinese = [
  "稅務",
  "公共圖書館",
  "駕駛執照",
  "申請表格",
  "新聞公報",
  "常見問題",
  "約翰·奧布萊恩",
] as const satisfies readonly [string, ...string[]];

const names = [
  "O'Brien",
  "D'Angelo, Mary",
  "Chan Tai Man (Peter)",
  "陳大文",
  "Ng; Siu-ming",
  "Müller & Söhne",
  'William "Bill" Lee',
  "McDonald's",
  "Sir John-Paul O'Neil-Smith III",
  "Null",
  "L'Oréal",
] as const satisfies readonly [string, ...string[]];

const searches = [
  "select a form",
  "how to select candidates from the list",
  "select a date from the calendar",
  "union square opening hours",
  "trade union members select committee",
  "drop-in centre for the elderly",
  "drop table leg replacement",
  "update my address",
  "update on the set of rules",
  "insert card into reader",
  "delete account where to",
  "create user account",
  "create table of contents in word",
  "order by phone (24 hours)",
  "group by age, having children",
  "rock 'n' roll 80's & 90's",
  "it's \"free\" isn't it?",
  '"hong kong" and "tax return"',
  '"a" or "b"',
  "'breakfast' in bed",
  "(tax or rates) and (refund or rebate)",
  "50% off & free",
  "100% pure; organic",
  "C++ or C# course",
  "AT&T vs. T&T -- which?",
  "what's the time; where is it?",
  "who is who",
  "find a school near me | map",
  "cat food; dog food",
  "head office; main entrance",
  "more or less = ?",
  "is 5 = five?",
  "a < b",
  "I <3 HK",
  "<none>",
  "e-mail: someone@office.example",
  "form A/1 (rev. 2)",
  "..and so on...",
  "what is ../ in a path",
  "date -- time",
  "script for a play: act 1",
  "javascript: the good parts",
  "on time = on budget",
  "table 3, row 4",
  "exec summary (draft)",
  "sleep (children)",
  "version (2.0)",
  "system (hvac) maintenance",
  "alert (red) & amber",
  "print 'n' copy shop",
  "eval of schools",
  "case when a child is ill then what",
  "between 5 and 10 or 15",
  "having fun in kowloon",
  "like it or not",
  "not in my backyard",
  "cost is $100, was $150",
  "US$20 = HK$156?",
  "{draft} notice [2026]",
  "2026/06/01 .. 2026/06/30",
  "~5 km",
  "#hashtag @mention",
  "😀 emoji",
  "香港 稅務局",
  "駕駛執照（續期）",
  "「免費」講座",
] as const satisfies readonly [string, ...string[]];

/** What people who write programs look for in a site's documentation. */
const technical = [
  "java.lang.NullPointerException",
  "TypeError: undefined is not a function",
  "how to use document.querySelector",
  "npm install error",
  "git push --force",
  "python 3 tutorial",
  "ssh key",
  "docker compose up",
  "bash if else",
  "curl example",
  "error 0x80070005",
  "std::vector<int>",
  "List<String>",
  "a && b || c",
  "Array.prototype.map",
  "console.log()",
  "${variable} in a template",
  "regex ^[a-z]+$",
  "ls -la meaning",
  "C:\\Users\\me",
  "/etc/hosts file",
  "select statement",
  "left join vs inner join",
  "x => x + 1",
  "{{ mustache }}",
] as const satisfies readonly [string, ...string[]];
