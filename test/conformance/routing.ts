import { expect } from "vitest";
import { declared, expectNoChanges, movedEngine } from "./scenes.ts";
import { type Facet, scene } from "./world.ts";

/** What must hold where there is another vendor too. */
export const routing: Facet = {
  can: {
    "a room stays where it is, whoever comes before it, also when it is recreated": scene(
      [],
      async (world) => {
        const { engine, program } = await declared(world, { maxParticipants: 5 });
        const beside = movedEngine(world, engine, world.connectBesideAnother);
        await expectNoChanges(world, beside, program);
        const told = beside.said.filter((message) => message.includes(`it stays at ${world.vendor}`));
        expect(told.length, "it is told that a new one would go elsewhere").toBeGreaterThan(0);
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
