import { isEnded } from "../../src/contract/index.ts";
import type { Properties } from "../../src/reconcile/lifecycle.ts";
import type { Lifecycle } from "../conformance/engine-process.ts";
import { saboteurs as ofTheSuite } from "../conformance/saboteurs.ts";
import type { ModelSabotage } from "./memory-stage.ts";

type Change = (good: Lifecycle) => Partial<Lifecycle>;
const room = (change: Change): ModelSabotage => ({
  sabotage: (good) => ({ ...good, room: changed(good.room, change) }),
});
const recording = (change: Change): ModelSabotage => ({
  sabotage: (good) => ({ ...good, recording: changed(good.recording, change) }),
});

/** A lifecycle with some calls replaced. The rest is delegated, since its fields are private. */
function changed(good: Lifecycle, change: Change): Lifecycle {
  return {
    check: (olds, news) => good.check(olds, news),
    diff: (id, olds, news) => good.diff(id, olds, news),
    create: (inputs) => good.create(inputs),
    read: (id, props) => good.read(id, props),
    update: (id, olds, news) => good.update(id, olds, news),
    delete: (id, props) => good.delete(id, props),
    ...change(good),
  };
}

function without(key: string, { [key]: _, ...rest }: Properties): Properties {
  return rest;
}

/** By what is wrong with them. */
export const saboteurs: Record<string, ModelSabotage> = {
  "a vendor that does not delete the room": {
    adapter: () => ({ deleteRoom: async () => {} }),
  },
  "a vendor that does not report who is in a room": {
    adapter: (good) => ({
      getRoom: async (place) => {
        const found = await good.getRoom(place);
        return found && { ...found, numParticipants: 0 };
      },
    }),
  },
  "a vendor that starts each recording twice": {
    adapter: ({ recordings: good }) =>
      good
        ? {
            recordings: {
              ...good,
              start: async (spec) => {
                await good.start(spec);
                return good.start(spec);
              },
            },
          }
        : {},
  },
  "a client that calls every server the same": {
    client: () => ({ endpoint: () => "https://memory.example" }),
  },
  "a room that has closed by itself is taken for gone": room((good) => ({
    read: async (id, props) => {
      const isGone = (await good.read(id, without("emptyTimeoutSeconds", props))) === null;
      return isGone ? null : good.read(id, props);
    },
  })),
  "an edit by hand is not observed": room((good) => ({
    read: async (id, props) => {
      const found = await good.read(id, props);
      if (!found || props["metadata"] === undefined) return found;
      const { metadata } = props;
      return { id, props: { ...found.props, metadata }, inputs: { ...found.inputs, metadata } };
    },
  })),
  "a delete that is rejected is taken for done": recording((good) => ({
    delete: (id, props) => good.delete(id, props).catch(() => {}),
  })),
  "a recording is not recreated with its room": recording((good) => ({
    diff: (id, olds, news) => good.diff(id, olds, without("roomSid", news)),
  })),
  "a recording is recreated where only the room's state is old": recording((good) => ({
    diff: async (id, olds, news) => {
      const found = await good.diff(id, olds, news);
      const differs =
        typeof news["roomSid"] === "string" &&
        news["roomSid"].startsWith("RM_") &&
        news["roomSid"] !== olds["roomSid"];
      return differs && found.replaces.length === 0 ? { replaces: ["roomSid"] } : found;
    },
  })),
  "a recording that has failed is started again against the policy": recording((good) => ({
    update: (id, olds, news) => good.update(id, olds, { ...news, restartPolicy: "always" }),
  })),
  "an ended recording is given up": recording((good) => ({
    read: async (id, props) => {
      const found = await good.read(id, props);
      return found && isEnded(found.props["status"] as "complete") ? null : found;
    },
  })),
};

/** Some of the conformance suite's, which break what only a killed run or another owner's room shows. */
const OF_THE_SUITE = [
  "does not recognize its own tag",
  "does not find a running recording",
  "loses the ownership tag when it updates",
  "adopts any room of the name",
  "drops the file of a recording",
];
for (const name of OF_THE_SUITE) {
  const known = ofTheSuite[name];
  if (known === undefined) throw new Error(`The conformance suite has no saboteur that ${name}.`);
  saboteurs[`a vendor that ${name}`] = known;
}
