// Codes of the bot's own for an answer of Azure's that it can't use: Azure never said them.

const UNUSABLE: ReadonlySet<string> = new Set([
  "UnreadableAnswer",
  "InvalidResourceId",
  "ForeignHost",
  "RepeatedLink",
]);

export const isUnusableAnswer = (code: string): boolean => UNUSABLE.has(code);
