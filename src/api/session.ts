import Type, { type Static } from "typebox";

export const languages = ["en", "zh-Hant-HK", "zh-Hans"] as const;

export const SignIn = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 254 }), password: Type.String({ minLength: 1, maxLength: 1024 }) },
  { $id: "SignIn", additionalProperties: false },
);
export type SignIn = Static<typeof SignIn>;

/** Who is signed in, for whom they act, and what they may do; the portal builds its navigation from `permissions`. */
export const Me = Type.Object(
  {
    name: Type.String(),
    language: Type.Enum([...languages]),
    staff: Type.Boolean(),
    organisations: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
    permissions: Type.Array(Type.String()),
    community: Type.String({ description: "The community's name in the reader's language" }),
    zone: Type.String({ description: "IANA time zone of the community" }),
    now: Type.String({ format: "date-time", description: "The server's clock" }),
  },
  { $id: "Me" },
);
export type Me = Static<typeof Me>;

/** What the sign-in page may know before anybody signs in: the light is lit while all three run. */
export const Light = Type.Object(
  {
    community: Type.Object({ en: Type.String(), "zh-Hant-HK": Type.String(), "zh-Hans": Type.String() }),
    zone: Type.String(),
    collecting: Type.Boolean(),
    matching: Type.Boolean(),
    alerting: Type.Boolean(),
    sample: Type.Optional(
      Type.Array(Type.Object({ name: Type.String(), password: Type.String(), who: Type.String() }), {
        description: "Accounts of the sample community; never present elsewhere",
      }),
    ),
  },
  { $id: "Light" },
);
export type Light = Static<typeof Light>;
