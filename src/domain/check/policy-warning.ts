// What is right in a policy file by the letter, and yet not what its writer can have meant.

/** Leads to a key of the file: `["rules", 0, "approvers"]`. */
export type KeyPath = readonly (string | number)[];

export type Warning = {
  /** A hint is about the world outside the file, and true of many a good one. */
  readonly weight: "warning" | "hint";
  readonly path: KeyPath;
  /** One sentence or two: what is so, and what to do about it. */
  readonly message: string;
};

export const warning = (path: KeyPath, message: string): Warning => ({
  weight: "warning",
  path,
  message,
});
