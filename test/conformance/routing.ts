import { expect } from "vitest";
import { declared, expectNoChanges, movedEngine } from "./scenes.ts";
import { type Facet, scene } from "./world.ts";

/** What must hold where there is another vendor too. */
export const routing: Facet = {
  can: {
    "leaves a room at its vendor when another vendor comes first, also when it is recreated": scene(
      [],
      async (world) => {
        const { engine, program } = await declared(world, { maxParticipants: 5 });
        const beside = movedEngine(world, engine, world.connectBesideAnother);
        await expectNoChanges(world, beside, program);
        const notes = beside.logs.filter((message) => message.includes(`it stays at ${world.vendor}`));
        expect(notes.length, "reports that a new one would be placed elsewhere").toBeGreaterThan(0);
        const renamed = { hall: { ...program.hall, name: world.freshName() } };
        expect(await beside.up(renamed)).toEqual(["replace hall"]);
        expect(beside.state.get("hall")).toMatchObject({
          id: `${world.vendor}:${renamed.hall.name}`,
          outputs: { vendor: world.vendor },
        });
        await expectNoChanges(world, beside, renamed);
      },
    ),
  },
  cannot: {},
};
