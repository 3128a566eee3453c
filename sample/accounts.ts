/** People who can sign in to the sample; the passwords are printed, so they are worth nothing anywhere else. */
export const sampleAccounts = [
  {
    name: "lo",
    person: "lo",
    password: "harbour-light-at-night",
    who: "Lo Wing-yan, analyst of the CERT",
    staff: true,
    roles: ["analyst"],
    language: "en",
  },
  {
    name: "admin",
    person: "duty",
    password: "keeper-of-the-lamp",
    who: "Duty officer, analyst and administrator",
    staff: true,
    roles: ["analyst", "administrator"],
    language: "zh-Hant-HK",
  },
  {
    name: "chan",
    person: "chan",
    password: "ferry-pier-number-7",
    who: "Chan Hoi-ki, security contact of the Harbour Transport Department",
    staff: false,
    roles: [],
    language: "zh-Hant-HK",
  },
] as const;
