// `/jit doctor`: whether the bot has what it needs.

import { nothingAfter, type Verb } from "../verb.ts";

export type DoctorCommand = { readonly verb: "doctor" };

const USAGE = "/jit doctor";

export const doctor: Verb<DoctorCommand> = {
  verb: "doctor",
  usage: USAGE,
  forAdmins: true,
  says: "Checks whether the bot has what it needs.",
  example: USAGE,
  read: (text, at) => nothingAfter(text, at, USAGE) ?? { verb: "doctor" },
  format: ({ verb }) => verb,
};
