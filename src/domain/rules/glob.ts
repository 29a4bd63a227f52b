// Patterns of the policy file: `*` stands for any text, also for none, `?` for one character, all else
// for itself, in any case. Own code, because the libraries drop quotes, and hang on `*a*a*a*a*b`.

export type Glob = (text: string) => boolean;

/** A matcher that takes at most pattern × text steps, whatever the two are. */
export function glob(pattern: string): Glob {
  const wanted = characters(pattern);
  return (text) => fits(wanted, characters(text));
}

/** True where one of the patterns fits. */
export function anyGlob(patterns: readonly string[]): Glob {
  const wanted = patterns.map(characters);
  return (text) => {
    const given = characters(text);
    return wanted.some((pattern) => fits(pattern, given));
  };
}

/** By code point, so that `?` is one character of any script. */
const characters = (text: string): readonly string[] => Array.from(text.toLowerCase());

function fits(wanted: readonly string[], given: readonly string[]): boolean {
  let at = 0;
  let next = 0;
  /** The last star, and how much of the text it has taken: only it ever has to take more. */
  let star: { readonly next: number; at: number } | undefined;
  while (at < given.length) {
    const want = wanted[next];
    if (want === "*") {
      star = { next: next + 1, at };
      next += 1;
    } else if (want === "?" || want === given[at]) {
      at += 1;
      next += 1;
    } else if (star !== undefined) {
      star.at += 1;
      at = star.at;
      next = star.next;
    } else return false;
  }
  return wanted.slice(next).every((want) => want === "*");
}
