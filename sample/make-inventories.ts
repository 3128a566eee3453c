/** What two members of the sample run, as they would bring it: a table from an asset register, and an SBOM. */
export const inventories: readonly {
  readonly organisation: string;
  readonly name: string;
  readonly file: string;
  readonly body: string;
}[] = [
  {
    ...{ organisation: "transport", name: "servers", file: "asset-register.csv" },
    body: [
      "name,vendor,version,cpe,asset,exposed,worth",
      "VPN,Example,9.1,cpe:2.3:a:example:vpn:9.1:*:*:*:*:*:*:*,vpn.transport.example,yes,high",
      "Branch Router,Copperline,7.3,,edge-01,yes,",
      "Branch Router,Copperline,7.3,,edge-02,yes,",
      "Mail Server,Lantern,11.2,,mail.transport.example,yes,critical",
      "Office Suite,Softhaven,2021.4,,desk-0117,no,",
      "Office Suite,Softhaven,2021.4,,desk-0118,no,",
      "TW-400 pump controller,Tidewater Controls,4.6,,tunnel-pump-1,no,critical",
      "TW-400 pump controller,Tidewater Controls,4.8,,tunnel-pump-2,no,critical",
      "Timetable,Harbour Works,3.0,,web-01,yes,",
      "",
    ].join("\n"),
  },
  {
    ...{ organisation: "transport", name: "ticketing", file: "ticketing.cdx.json" },
    body: JSON.stringify({
      ...{ bomFormat: "CycloneDX", specVersion: "1.6" },
      metadata: { component: { type: "application", name: "ticketing", version: "5.2" } },
      components: [
        { type: "library", name: "tidelib", version: "1.4.0", purl: "pkg:pypi/tidelib@1.4.0" },
        { type: "library", name: "mail-server", supplier: { name: "Lantern" }, version: "11.2" },
      ],
    }),
  },
];
