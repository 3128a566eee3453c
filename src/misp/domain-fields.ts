/**
 * MISP templates that are STIX domain objects (STIX 2.1 §4): relation of the attribute, attribute type when one is made,
 * property. In both directions.
 */
export interface DomainField {
  readonly relation: string;
  readonly type: string;
  readonly property: string;
  readonly as?: "list" | "time" | "number";
}

export interface DomainObject {
  readonly stix: string;
  readonly fields: readonly DomainField[];
  /** Relations that are lines of `contact_information`: "phone-number: +85223456789 / e-mail: a@b.example". */
  readonly contacts?: Readonly<Record<string, string>>;
  /** Relation whose values are addresses of external references, and the attribute type. */
  readonly links?: readonly [relation: string, type: string];
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** It carries the kill chain of its meta-category, as indicators do. */
  readonly phased?: true;
}

const field = (relation: string, type: string, property: string, as?: DomainField["as"]): DomainField =>
  as === undefined ? { relation, type, property } : { relation, type, property, as };

export const domainObjects: Readonly<Record<string, DomainObject>> = {
  "attack-pattern": {
    stix: "attack-pattern",
    phased: true,
    fields: [field("name", "text", "name"), field("summary", "text", "description")],
  },
  "course-of-action": {
    stix: "course-of-action",
    fields: [field("name", "text", "name"), field("description", "text", "description")],
  },
  employee: {
    stix: "identity",
    fixed: { identity_class: "individual" },
    fields: [
      field("full-name", "full-name", "name"),
      field("text", "text", "description"),
      field("employee-type", "text", "roles", "list"),
    ],
    contacts: { "email-address": "target-email" },
  },
  geolocation: {
    stix: "location",
    fields: [
      field("city", "text", "city"),
      field("countrycode", "text", "country"),
      field("latitude", "float", "latitude", "number"),
      field("longitude", "float", "longitude", "number"),
      field("zipcode", "text", "postal_code"),
      field("region", "text", "region"),
      field("address", "text", "street_address"),
      field("accuracy-radius", "float", "precision", "number"),
      field("text", "text", "description"),
    ],
  },
  identity: {
    stix: "identity",
    fields: [
      field("name", "text", "name"),
      field("description", "text", "description"),
      field("contact_information", "text", "contact_information"),
      field("identity_class", "text", "identity_class"),
      field("roles", "text", "roles", "list"),
      field("sectors", "text", "sectors", "list"),
    ],
  },
  "intrusion-set": {
    stix: "intrusion-set",
    fields: [
      field("name", "text", "name"),
      field("description", "text", "description"),
      field("aliases", "text", "aliases", "list"),
      field("first_seen", "datetime", "first_seen", "time"),
      field("goals", "text", "goals", "list"),
      field("last_seen", "datetime", "last_seen", "time"),
      field("resource_level", "text", "resource_level"),
      field("primary-motivation", "text", "primary_motivation"),
      field("secondary-motivation", "text", "secondary_motivations", "list"),
    ],
  },
  "legal-entity": {
    stix: "identity",
    fixed: { identity_class: "organization" },
    fields: [
      field("name", "text", "name"),
      field("text", "text", "description"),
      field("business", "text", "sectors", "list"),
    ],
    contacts: { "phone-number": "phone-number", website: "link" },
  },
  "malware-analysis": {
    stix: "malware-analysis",
    fields: [
      field("analysis_definition_version", "text", "analysis_definition_version"),
      field("end_time", "datetime", "analysis_ended", "time"),
      field("analysis_engine_version", "text", "analysis_engine_version"),
      field("start_time", "datetime", "analysis_started", "time"),
      field("configuration_version", "text", "configuration_version"),
      field("module", "text", "modules", "list"),
      field("product", "text", "product"),
      field("result", "text", "result"),
      field("result_name", "text", "result_name"),
      field("submitted_time", "datetime", "submitted", "time"),
      field("version", "text", "version"),
    ],
  },
  "news-agency": {
    stix: "identity",
    fixed: { identity_class: "organization" },
    fields: [field("name", "text", "name")],
    contacts: {
      address: "text",
      "e-mail": "email-src",
      "phone-number": "phone-number",
      "fax-number": "phone-number",
      link: "link",
    },
  },
  organization: {
    stix: "identity",
    fixed: { identity_class: "organization" },
    fields: [
      field("name", "text", "name"),
      field("description", "text", "description"),
      field("role", "text", "roles", "list"),
    ],
    contacts: { address: "text", "e-mail": "email-src", "phone-number": "phone-number", "fax-number": "phone-number" },
  },
  person: {
    stix: "identity",
    fixed: { identity_class: "individual" },
    fields: [
      field("full-name", "text", "name"),
      field("text", "text", "description"),
      field("role", "text", "roles", "list"),
    ],
    contacts: {
      address: "text",
      "e-mail": "email-src",
      "phone-number": "phone-number",
      "fax-number": "phone-number",
    },
  },
  vulnerability: {
    stix: "vulnerability",
    fields: [field("id", "vulnerability", "name"), field("description", "text", "description")],
    links: ["references", "link"],
  },
};

/** Templates that hold a rule of another language: relation of the rule, of its name, and the rest that STIX has a place for. */
export interface RuleObject {
  readonly language: string;
  readonly rule: readonly [relation: string, type: string];
  readonly name?: string;
  readonly comment?: string;
  readonly version?: string;
  readonly link?: string;
}

export const ruleObjects: Readonly<Record<string, RuleObject>> = {
  "nova-rule": { language: "nova", rule: ["raw-rule", "text"], name: "rule-name" },
  "owasp-crs-rule": { language: "crs", rule: ["raw-rule", "text"], name: "rule-id" },
  sigma: {
    language: "sigma",
    rule: ["sigma", "sigma"],
    name: "sigma-rule-name",
    comment: "comment",
    link: "reference",
  },
  snort: { language: "snort", rule: ["snort", "snort"], comment: "comment", version: "version", link: "ref" },
  suricata: {
    language: "suricata",
    rule: ["suricata", "suricata"],
    comment: "comment",
    version: "version",
    link: "ref",
  },
  "wazuh-rule": { language: "wazuh", rule: ["wazuh-rule", "text"], name: "rule-id" },
  yara: { language: "yara", rule: ["yara", "yara"], name: "yara-rule-name", comment: "comment", version: "version" },
};
