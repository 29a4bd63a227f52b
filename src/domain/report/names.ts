// The people of a report: by name beside the id, wherever somebody could say the name.

export type Named = { readonly name: string; readonly address: string | undefined };

export type Names = ReadonlyMap<string, Named>;

/** `lea (U0LEAD)`; the id, or an erased person's pseudonym, alone where there is no name. */
export const withId = (names: Names, id: string): string => {
  const name = names.get(id)?.name;
  return name === undefined ? id : `${name} (${id})`;
};

/** Whether a name can be asked for: a pseudonym stands for nobody whom Slack knows. */
export const isSlackId = (id: string): boolean => /^[UW][A-Z0-9]{1,30}$/.test(id);
