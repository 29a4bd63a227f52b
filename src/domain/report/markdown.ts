// Text in Markdown: what people typed, and names from Azure and Slack, stay text whatever is in them. Pure.

/** Punctuation that could mean something, and what GitHub makes links and mentions of. */
const PUNCTUATION = /[\\`*_{}[\]()<>#+\-!|~&@:]/g;

/** On one line, every character of it shown as it is. */
export const asMarkdown = (text: string): string =>
  text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .replace(PUNCTUATION, (one) => `\\${one}`)
    .trim();

/** A link whose address is behind the text. */
export const markdownLink = (text: string, url: string | undefined): string =>
  url === undefined
    ? asMarkdown(text)
    : `[${asMarkdown(text)}](<${url.replace(/[<>\\\s]/g, encodeURIComponent)}>)`;

/** `cells`: Markdown already. */
export const tableLine = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;

export const tableTop = (columns: readonly string[]): string =>
  tableLine(columns) + tableLine(columns.map(() => "---"));
