// Takes secrets out of texts that others wrote, before they are logged or shown.

const GONE = "[redacted]";

/** What a secret looks like by itself. */
const SECRETS: readonly RegExp[] = [
  // Slack's tokens.
  /\b(?:xox[a-z]|xapp|xwfp)-[\w.%-]{6,}/gi,
  // A JSON Web Token, as Entra issues them; its signature may have been cut off.
  /\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g,
  // A private key, whole or cut off.
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  // A client secret of Entra's.
  /\b\w{3}[78]Q~[\w.~-]{30,}/g,
];

/** `Authorization: Bearer …`; "bearer" alone is an ordinary word. */
const AUTHORIZATION =
  /(\b(?:bearer|basic)[ :=]{1,3})["']?(?=[\w+/.~=-]*[\d_+/.~=-])[\w+/.~=-]{8,}/gi;

/** `password=…`, `"client_secret": "…"`, `?sig=…`, and whatever else is named after a secret. */
const NAMED =
  /((?:pass(?:word|wd|phrase)?|pwd|secret|signature|\bsig|token|assertion|credential|(?:account|access|api|shared|primary|secondary|auth|audit|private)[_-]?key)["']?\s{0,2}[=:]\s{0,2})("[^"]{0,2000}"?|'[^']{0,2000}'?|[^\s,;&"'<>)}\]]{3,2000})/gi;

/** `redis://user:password@host` */
const IN_URL = /(\b[a-z][a-z\d+.-]{1,20}:\/\/[^\s/:@"']{0,200}:)[^\s/@"']{1,500}(?=@)/gi;

/** More than this is never logged or shown; what is cut off first need not be looked through. */
const CHARACTERS_MAX = 20_000;

/** The text, cut to a bounded length, with `[redacted]` in the place of what looks like a secret. */
export function redacted(text: string): string {
  const bounded = text.slice(0, CHARACTERS_MAX);
  const plain = SECRETS.reduce((left, secret) => left.replace(secret, GONE), bounded);
  return plain
    .replace(IN_URL, `$1${GONE}`)
    .replace(AUTHORIZATION, `$1${GONE}`)
    .replace(NAMED, `$1${GONE}`);
}
