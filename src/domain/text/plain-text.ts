// Text that people typed, made fit for a single bounded line.

import { withHiddenShown } from "./hidden-characters.ts";

/** Control characters and line breaks become spaces, and what nobody would see is shown; longer than `most` code points is cut with "…". */
export function plainText(text: string, most: number): string {
  const line = withHiddenShown(text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim());
  const points = Array.from(line);
  return points.length <= most ? line : `${points.slice(0, most - 1).join("")}…`;
}

/** The same for a name, which is cut in its middle: what tells names of a kind apart mostly stands at their ends. */
export function plainName(name: string, most: number): string {
  const points = Array.from(plainText(name, Number.POSITIVE_INFINITY));
  if (points.length <= most) return points.join("");
  const endCount = Math.floor((most - 1) / 2);
  const start = points.slice(0, most - 1 - endCount).join("");
  return `${start}…${points.slice(points.length - endCount).join("")}`;
}

/** Each of them so, but whole where it would look like another one. */
export function plainNames(names: readonly string[], most: number): readonly string[] {
  const cut = names.map((name) => plainName(name, most));
  return cut.map((one, at) => {
    const name = names[at] ?? one;
    const isUnique = cut.every((other, index) => other !== one || names[index] === name);
    return isUnique ? one : plainName(name, Number.POSITIVE_INFINITY);
  });
}

/** As a sentence begins. */
export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
