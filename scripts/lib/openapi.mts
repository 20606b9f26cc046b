import { commentsOf, type Schema } from "./json-schema.mts";

/** How REST spells a name, or the names in a text. */
interface Spelling {
  wireName(field: string): string;
  spelt(text: string): string;
}

/** Where the comments on the fields of each part of the document stand. */
const SOURCES: [parts: RegExp, file: string, interfaces: RegExp][] = [
  [/^rtc\.(room|participant)\./, "src/contract/inputs.ts", /^KickInput$/],
  [/^rtc\.recording\./, "src/contract/recordings.ts", /^Recording$/],
  [/^rtc\.room\.list$/, "src/contract/inputs.ts", /^PageInput$/],
  [/^rtc\.recording\.list$/, "src/contract/inputs.ts", /^RecordingListInput$/],
  [/^RoomInput$/, "src/contract/inputs.ts", /^Room(Fields|Input)$/],
  [/^(RoomInput|RecordingInput|rtc\.(room\.create|recording\.start))$/, "src/gateway/http/schemas.ts", /./],
  [/^TokenInput$/, "src/contract/inputs.ts", /^TokenFields$/],
  [/^TokenInput$/, "src/client/types.ts", /^TokenInput$/],
  [/^KickInput$/, "src/contract/inputs.ts", /^KickInput$/],
  [/^RecordingInput$/, "src/contract/inputs.ts", /^Recording(Fields|Input)$/],
  [/^Room(Settings)?$/, "src/contract/records.ts", /^Room$/],
  [/^RoomPage$/, "src/contract/records.ts", /^Page$/],
  [/^AccessToken$/, "src/contract/records.ts", /^AccessToken$/],
  [/^Participant$/, "src/contract/records.ts", /^Participant$/],
  [/^Discovery$/, "src/contract/records.ts", /^Discovery$/],
  [/^Recording$/, "src/contract/recordings.ts", /^Recording$/],
  [/^RecordedFile$/, "src/contract/recordings.ts", /^RecordedFile$/],
  [/^Problem$/, "src/gateway/http/problem.ts", /^Problem$/],
];

interface Parameter {
  name: string;
  description?: string;
}
interface Document {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, Record<string, { operationId: string; parameters?: Parameter[] }>>;
}

/** The gateway's document with what the comments of the sources say of each field. */
export function openApiWithComments(document: object, { wireName, spelt }: Spelling): object {
  const { components, paths, ...rest } = document as Document;
  const commentsFor = (name: string): Record<string, string> =>
    Object.fromEntries(
      SOURCES.filter(([components]) => components.test(name)).flatMap(([, file, interfaces]) =>
        Object.entries(commentsOf(file, (one) => interfaces.test(one))).map(([field, text]) => [
          name === "Problem" ? field : wireName(field),
          spelt(text),
        ]),
      ),
    );
  const walk = (schema: Schema, comments: Record<string, string>): Schema => ({
    ...schema,
    ...(schema.anyOf && { anyOf: schema.anyOf.map((one) => walk(one, comments)) }),
    ...(schema.items && { items: walk(schema.items, comments) }),
    ...(schema.properties && {
      properties: Object.fromEntries(
        Object.entries(schema.properties).map(([field, inner]) => {
          const description = comments[field];
          return [field, { ...walk(inner, comments), ...(description === undefined ? {} : { description }) }];
        }),
      ),
    }),
  });
  return {
    ...rest,
    components: {
      ...components,
      schemas: Object.fromEntries(
        Object.entries(components.schemas).map(([name, schema]) => [name, walk(schema, commentsFor(name))]),
      ),
    },
    paths: Object.fromEntries(
      Object.entries(paths).map(([path, methods]) => [
        path,
        Object.fromEntries(
          Object.entries(methods).map(([method, operation]) => {
            const comments = commentsFor(operation.operationId);
            const parameters = operation.parameters?.map((parameter) => {
              // A header is spelt as headers are.
              const description = comments[parameter.name.toLowerCase().replaceAll("-", "_")];
              return description === undefined ? parameter : { ...parameter, description };
            });
            return [method, { ...operation, ...(parameters && { parameters }) }];
          }),
        ),
      ]),
    ),
  };
}
