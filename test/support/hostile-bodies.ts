const text = JSON.stringify;
const create = "/v1/rtc/room/create";
const issue = "/v1/rtc/token/issue";
const start = "/v1/rtc/recording/start";

export type HostileBody = [what: string, path: string, body: string];

/** Bodies that once took seconds, and hundreds of megabytes. */
export const HOSTILE_BODIES: readonly HostileBody[] = [
  ["the beginnings of tokens in a field's name", create, `{"name":"hall","${"eyJ".repeat(160_000)}":1}`],
  [
    "the beginnings of tokens in metadata",
    create,
    text({ name: "h", metadata: { a: "eyJ".repeat(160_000) } }),
  ],
  ["metadata that is no JSON", create, `{"name":"hall","metadata":{"a":[${"[1e999],".repeat(60_000)}1]}}`],
  ["9,999 values that are no JSON", create, `{"name":"hall","metadata":{"a":[${"1e999,".repeat(9_990)}1]}}`],
  ["40,000 fields", create, `{${Array.from({ length: 40_000 }, (_, index) => `"a${index}":1`).join()}}`],
  [
    "9,900 fields",
    create,
    `{${Array.from({ length: 9_900 }, (_, index) => `"${"a".repeat(40)}${index}":1`).join()}}`,
  ],
  ["lists in lists", create, `{"name":"hall","metadata":{"a":${"[".repeat(250_000)}${"]".repeat(250_000)}}}`],
  ["objects in objects", create, '{"a":'.repeat(100_000)],
  [
    "a record with all its values",
    issue,
    `{"identity":"a","room":{"room":"hall","metadata":{"a":[${"1,".repeat(9_900)}1]}}}`,
  ],
  ["metadata with all its values", create, `{"name":"hall","metadata":{"a":[${"1,".repeat(9_900)}1]}}`],
  [
    "4,900 objects of one field",
    create,
    `{"name":"hall","metadata":{"a":[${Array.from({ length: 4_900 }, (_, index) => `{"k${index}":1}`).join()}]}}`,
  ],
  ...["s3://a/", "s3://a.", "azblob://@", "azblob://a/", "s3://a\\"].map(
    (begin): HostileBody => [
      `an address of half a megabyte that begins with ${begin}`,
      start,
      text({
        room: "hall",
        output_uri: begin + begin.slice(-1).repeat(500_000 / (begin.endsWith("\\") ? 2 : 1)),
      }),
    ],
  ),
];
