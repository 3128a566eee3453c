import { either, type Sign } from "./sign.ts";

const kind = "script";

const tags = either(`
  script iframe frame frameset object embed applet svg math meta link style base body html form input button img image video audio
  source track isindex marquee details dialog template textarea keygen layer ilayer bgsound blink xss import noscript animate
  animatetransform set foreignobject xmp plaintext \\?import var portal fencedframe`);

const calls = either(`
  alert prompt confirm eval settimeout setinterval fromcharcode atob btoa unescape decodeuri decodeuricomponent execscript
  insertadjacenthtml importscripts addeventlistener dispatchevent queryselector getelementbyid getelementsbytagname fetch
  xmlhttprequest`);

/** Harmless by themselves, but no visitor types them. */
const plainTags = either(`
  a abbr acronym address area article aside b bdi bdo big blockquote br canvas caption center cite code col colgroup command content
  data datalist dd del dfn dir div dl dt em fieldset figcaption figure font footer h[1-6] head header hgroup hr i ins kbd label legend
  li listing main map mark menu meter nav nobr ol optgroup option output p param picture pre progress q rp rt ruby s samp section
  select shadow small spacer span strike strong sub summary sup table tbody td tfoot th thead title tr tt u ul wbr`);

/** Markup and scripts that shall run in somebody else's browser. */
export const scriptSigns: readonly Sign[] = [
  { kind, score: 1, needs: "<", pattern: new RegExp(String.raw`<[\s/]{0,4}(?:${tags})(?:[\s/>=:'"\x60\\({+,;]|$)`) },
  {
    kind,
    score: 0.95,
    needs: "<",
    pattern:
      /< ?[\w-]{1,10} ?: ?script\b|< ?\/?[a-z](?: [a-z]){2,14}\b|<a [^>\n]{0,60}(?:href|on\w{3,20}) ?=|<(?:div|p|b|i|td|table|span|br|h1|xml|option|select) [^>\n]{0,60}\bon\w{3,30} ?=/,
  },
  { kind, score: 0.95, needs: "=", pattern: /(?:[\s'"`;]|<[^>\s]{1,30}\/)on[a-z]{3,47}[\s\u0000]?=/ },
  {
    ...{ kind, score: 0.95, needs: ":" },
    pattern:
      /(?:^|[=\n'"<(`,]) ?(?:j ?a ?v ?a|v ?b|l ?i ?v ?e) ?s ?c ?r ?i ?p ?t ?:(?:[^\s]| [\\/(])|\bdata: ?(?:text\/(?:html|xml|javascript)|image\/svg|application\/(?:xhtml|xml|javascript|x-))|\bdata ?: ?,|\bfeed:javascript:/,
  },
  {
    ...{ kind, score: 0.9, needs: ".[", in: ["query", "referrer", "agent"] },
    pattern:
      /\b(?:document|window|top|self|parent|globalthis|navigator) ?(?:\.|\[) ?["'`]?(?:cookie|domain|write|location|forms|getelement\w{0,20}\(|createelement\(|innerhtml|alert|eval\(|onload|queryselector\w{0,3}\(|open\(|name\b|\w{1,20} ?\()|\blocation\.(?:href|hash|search|replace|assign)\b ?[=(]/,
  },
  {
    kind,
    score: 0.95,
    needs: "(`=",
    pattern: new RegExp(
      String.raw`\b(?:${calls})(?:\x60|\( ?(?:['"\x60\d/)[\]!]|document|window|string|name|self|top|this|atob|location|unescape|eval|\w{1,20}[(.\[])| \( ?['"\x60\d/]| ?\\|[=:] ?\w{1,20}\()`,
    ),
  },
  {
    ...{ kind, score: 0.9, needs: "=:(@" },
    pattern:
      /['"\s;/](?:formaction|srcdoc|xlink:href|lowsrc|dynsrc|allowscriptaccess|background|innerhtml|outerhtml|style) ?= ?(?:['"]? ?(?:javascript|data:|expression|\/\/|&#)|$|\n|')|\bformaction ?=|-moz-binding ?:|behaviou?r ?: ?url|@import ?['"(u]|\bexpression ?\( ?\w|\bxmlns ?(?::\w{1,20})? ?= ?['"]/,
  },
  {
    kind,
    score: 0.8,
    needs: "<>",
    pattern: /["'`] ?\/?>|<!(?:doctype|entity|element|attlist|\[cdata|--)|<\?xml|" ?><|<\/?\w{1,12}> ?["']/,
  },
  { kind, score: 0.8, needs: "!", pattern: /!(?:entity|doctype|attlist|element)\b/ },
  {
    kind,
    score: 0.85,
    needs: "=:.\\",
    pattern:
      /["'`] ?in ?\\|["'`]? ?\bin [^\n]{0,12}valueof|\b(?:valueof|tostring) ?[=:]|["'\])] ?\. ?constructor\b|["'`] ?instanceof /,
  },
  { kind, score: 0.85, needs: "[", pattern: /[!+~(] ?\[ ?\](?: ?[[+(!])|\(!\[\]|!!\[\]|\[\]\[\(|\$\{['"`]{2}\}/ },
  { kind, score: 0.9, needs: "+", in: ["lines"], pattern: /\+adw-|\+ad4-|\+aci-/ },
  {
    kind,
    score: 0.75,
    needs: "<",
    in: ["query"],
    pattern: new RegExp(String.raw`</?(?:${plainTags})(?:[\s/][^>\n]{0,80}=|/?>)`),
  },
  {
    kind,
    score: 0.85,
    needs: "=",
    in: ["query"],
    pattern:
      /['"] ?(?:src|href|style|data|poster|action|background) ?= ?['"]?(?:[\w:/#.&(%]|$|\n)|[ /](?:src|href|style)=/,
  },
  {
    kind,
    score: 0.9,
    pattern:
      /[\u00bc\u008b\uff1c\u3008] ?\/?(?:script|iframe|img|svg|body|object|embed)\b|[[]\.\.\.\w|\]?\.(?:sort|find|map|every|filter|some|call|apply|concat|foreach)(?:\.(?:call|apply))?`|<\w{1,6}:\w{0,8}frame\b|-->|\bhttp-equiv ?=/,
  },
  {
    kind,
    score: 0.9,
    needs: "[",
    in: ["query", "referrer", "agent"],
    pattern: /\b(?:window|self|top|this|parent|frames|globalthis|document)\[['"`/(\w]|\]\(['"`\w]{0,20}[)(]/,
  },
];
