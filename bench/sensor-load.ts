/** Listed at the bench's centre, and contacted by one event in a thousand. */
export const planted = "198.51.100.77";

const agents = ["Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0", "Microsoft-CryptoAPI/10.0"];

/** One EVE event of a department's day: half of it flows, a fifth questions to DNS, then TLS, HTTP, files and alerts. */
export const eveLine = (n: number, now: number): string => {
  const at = new Date(now - (n % 1500)).toISOString().replace("Z", "+0000");
  const host = `192.0.2.${10 + ((n * 7) % 230)}`;
  const server = n % 1000 === 0 ? planted : `203.0.${113 + ((n >> 5) % 40)}.${(n * 13) % 250}`;
  const base = {
    ...{ timestamp: at, flow_id: 1_000_000_000_000 + n, in_iface: "eth0", event_type: "flow", src_ip: host },
    ...{ src_port: 20_000 + (n % 40_000), dest_ip: server, dest_port: n % 3 === 0 ? 80 : 443, proto: "TCP" },
  };
  const kind = n % 20;
  if (kind < 10 || n % 1000 === 0) {
    const begun = new Date(now - (n % 1500) - ((n * 31) % 40_000)).toISOString().replace("Z", "+0000");
    const flow = {
      pkts_toserver: 8 + (n % 30),
      pkts_toclient: 9 + (n % 50),
      bytes_toserver: 900 + (n % 9000),
      bytes_toclient: 4000 + (n % 90_000),
      start: begun,
      end: at,
      age: n % 40,
      state: "closed",
      reason: "timeout",
      alerted: false,
    };
    return `${JSON.stringify({ ...base, app_proto: "tls", flow, tcp: { tcp_flags: "1b", syn: true, fin: true, psh: true, ack: true, state: "closed" } })}\n`;
  }
  if (kind < 14) {
    const rrname = `www${n % 900}.site${(n >> 3) % 4000}.example`;
    const dns = {
      type: "answer",
      id: n & 65_535,
      rrname,
      rrtype: "A",
      rcode: "NOERROR",
      answers: [{ rrname, rrtype: "A", ttl: 300, rdata: server }],
    };
    return `${JSON.stringify({ ...base, event_type: "dns", dest_ip: "192.0.2.53", dest_port: 53, proto: "UDP", dns })}\n`;
  }
  if (kind < 17) {
    const tls = {
      subject: "CN=site.example",
      issuerdn: "CN=An Authority",
      sni: `www${n % 900}.site${(n >> 3) % 4000}.example`,
      version: "TLS 1.3",
      ja3: { hash: (n % 97).toString(16).padStart(32, "a") },
    };
    return `${JSON.stringify({ ...base, event_type: "tls", tls })}\n`;
  }
  if (kind < 19) {
    const http = {
      hostname: `www${n % 900}.site${(n >> 3) % 4000}.example`,
      url: `/page/${n % 5000}?q=${n % 77}`,
      http_user_agent: agents[n % 3],
      http_content_type: "text/html",
      http_method: "GET",
      protocol: "HTTP/1.1",
      status: 200,
      length: 4000 + (n % 5000),
    };
    return `${JSON.stringify({ ...base, event_type: "http", dest_port: 80, http })}\n`;
  }
  const fileinfo = {
    filename: `/page/${n % 5000}`,
    sha256: n.toString(16).padStart(64, "f"),
    state: "CLOSED",
    stored: false,
    size: 4000,
    tx_id: 0,
  };
  return `${JSON.stringify({ ...base, event_type: "fileinfo", fileinfo })}\n`;
};
