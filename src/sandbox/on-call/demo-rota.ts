// The rota of the demo: two people take turns, for longer than anybody plays.

import { type RotaWorld, rotaWorld } from "./rota-world.ts";

const SHIFT_MS = 12 * 3_600_000;
const SHIFTS = 120;

const PEOPLE = [
  { name: "Omar Haddad", address: "omar@contoso.example" },
  { name: "Lea Moreau", address: "lea@contoso.example" },
];

/** Omar's turn began at the last full hour. */
export function demoRota(nowMs: number): RotaWorld {
  const beginMs = Math.floor(nowMs / 3_600_000) * 3_600_000;
  return rotaWorld(
    Array.from({ length: SHIFTS }, (_, n) => n).flatMap((n) =>
      PEOPLE.slice(n % 2, (n % 2) + 1).map((who) => ({
        ...who,
        schedule: "PDEMO01",
        fromMs: beginMs + n * SHIFT_MS,
        untilMs: beginMs + (n + 1) * SHIFT_MS,
      })),
    ),
  );
}
