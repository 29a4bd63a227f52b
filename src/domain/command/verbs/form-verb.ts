// `/jit` alone: the empty form.

import type { Verb } from "../verb.ts";

export type FormCommand = { readonly verb: "form" };

/** It has no word of its own: nothing is typed. */
export const form: Verb<FormCommand> = {
  verb: "form",
  usage: "/jit",
  says: "Opens the form to request access.",
  example: "/jit",
  read: () => ({ verb: "form" }),
  format: () => "",
};
