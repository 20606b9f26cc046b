import { describe, expect, it } from "vitest";
import { withReferences } from "../../../src/cli/from-environment.ts";
import { previewMarkdown } from "../../../src/cli/report/preview-report.ts";
import { RtcError } from "../../../src/contract/index.ts";
import { readManifest } from "../../../src/manifest/parse.ts";
import { HEAD } from "./fixture.ts";

/** A reference to a variable. */
const env = (name: string) => `\${env:${name}}`;
const read = (text: string, environment: NodeJS.ProcessEnv) =>
  readManifest(`${HEAD}${text}`, "rtc.yaml", { environment });

const rejection = (text: string, environment: NodeJS.ProcessEnv): string => {
  try {
    read(text, environment);
  } catch (error) {
    if (RtcError.isInstance(error)) return error.message;
    throw error;
  }
  throw new Error("This should have been rejected.");
};

describe("a variable that holds a credential", () => {
  it.each([
    "LIVEKIT_API_SECRET",
    "RTC_LIVEKIT_REGIONS",
    "AGORA_APP_CERTIFICATE",
    "ZEGO_SERVER_SECRET",
    "RTC_S3_SECRET_ACCESS_KEY",
    "RTC_API_KEY",
    "INFRAI_API_KEY",
    "RTC_GATEWAY_KEY",
    "RTC_DRIFT_WEBHOOK",
    "PULUMI_CONFIG_PASSPHRASE",
  ])("is rejected with its place, and without its value: %s", (name) => {
    const message = rejection(`rooms:\n  a: { metadata: { b: "x-\${env:${name}:-none}" } }\n`, {
      [name]: "canary",
    });
    expect(message).toContain(`rtc.yaml:4:23: rooms.a.metadata.b: ${name} holds a credential`);
    expect(message).not.toContain("canary");
  });

  it("is also one that RTC_SECRET_VARIABLES names", () => {
    const given = {
      RTC_SECRET_VARIABLES: "ACME_*, *_PASSWORD,DB*PIN*X",
      ACME_A: "1",
      B_PASSWORD: "2",
      DB_PIN_X: "3",
    };
    const message = rejection(
      `rooms:\n  a: { name: "${env("ACME_A")}" }\n  b: { name: "${env("B_PASSWORD")}" }\n  c: { name: "${env("DB_PIN_X")}" }\n`,
      given,
    );
    expect(message.match(/holds a credential/g)).toHaveLength(3);
    const other = { ...given, AN_ACME_A: "hall" };
    expect(read(`rooms:\n  a: { name: "${env("AN_ACME_A")}" }\n`, other).manifest.rooms).toEqual({
      a: { name: "hall" },
    });
  });
});

describe("a preview for a comment", () => {
  const environment = { SITE: "berlin-3", GUESTS: "12" };
  const text = `rooms:\n  a: { metadata: { site: "at ${env("SITE")}", team: core } }\n`;

  it("names the variable instead of its value, before and after a change, and in messages", () => {
    const { referenced } = read(text, environment);
    const preview = {
      project: "acme",
      stack: "dev",
      changed: true,
      changes: { update: 1 },
      rejected: [],
      errors: [{ message: "livekit: no room at berlin-3, at berlin-3" }],
      resources: [
        {
          op: "update",
          kind: "room" as const,
          name: "a",
          messages: ["room livekit:at berlin-3 is occupied"],
          fields: [
            {
              field: "metadata",
              from: { site: "at munich-9", team: "core" },
              to: { site: "at berlin-3", team: "core" },
            },
          ],
        },
      ],
    };
    const shown = previewMarkdown(withReferences(preview, referenced));
    expect(shown).toContain(`{"site":"at ${env("SITE")}","team":"core"}`);
    expect(shown).not.toContain("munich");
    expect(shown).not.toContain("at berlin");
    expect(previewMarkdown(preview)).toContain("at berlin-3");
  });

  it("names the variable inside a room's id too, and none of several for an earlier value", () => {
    const { referenced } = read(
      `rooms:\n  a: { name: "hall-${env("SITE")}" }\n  b: { name: "x-${env("GUESTS")}" }\nrecordings: { t: { room: a } }\n`,
      environment,
    );
    const fields = [
      { field: "room", to: "livekit:hall-berlin-3" },
      { field: "name", from: "hall-munich-9", to: "hall-berlin-3" },
    ];
    const preview = {
      ...{ project: "acme", stack: "dev", changed: true, changes: {}, errors: [], rejected: [] },
      resources: [{ op: "update", kind: "recording" as const, name: "t", messages: [], fields }],
    };
    expect(withReferences(preview, referenced).resources[0]?.fields).toEqual([
      { field: "room", to: `livekit:hall-${env("SITE")}` },
      { field: "name", from: "(an earlier value from the environment)", to: `hall-${env("SITE")}` },
    ]);
  });

  it("reads the names of a series, and a value that is a number", () => {
    const { referenced } = read(
      `rooms:\n  a: { name: "${env("SITE")}", count: 2 }\n  b:\n    maxParticipants: ${env("GUESTS")}\n`,
      environment,
    );
    const field = (name: string, to: unknown) => ({ field: name, to });
    const preview = {
      ...{ project: "acme", stack: "dev", changed: true, changes: {}, errors: [], rejected: [] },
      resources: [
        {
          ...{ op: "create", kind: "room" as const, name: "a-1", messages: [] },
          fields: [
            field("name", "berlin-3-1"),
            field("maxParticipants", 12),
            field("emptyTimeoutSeconds", 12),
          ],
        },
      ],
    };
    expect(withReferences(preview, referenced).resources[0]?.fields).toEqual([
      field("name", env("SITE")),
      field("maxParticipants", env("GUESTS")),
      field("emptyTimeoutSeconds", 12),
    ]);
  });
});
