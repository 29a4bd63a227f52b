// The environment's variables, read one by one, with the faults found on the way.

import { isLoopback } from "../loopback.ts";
import { SECRETS } from "./secret-names.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type Variables = {
  /** Without the spaces around it; `undefined` if not set, empty or blank. */
  readonly text: (name: string) => string | undefined;
  /** To the letter; `undefined` if not set or empty, and also where it is faulty. */
  readonly secret: (name: string) => string | undefined;
  /** Without a slash at the end; `undefined` if not set, and also where it is faulty. */
  readonly url: (name: string, shape: UrlShape) => string | undefined;
  /** Whether there is any value, even a wrong one, or a file that should hold it: its fault was told where it's read. */
  readonly isSet: (name: string) => boolean;
  /** A fault if there is no value. */
  readonly require: (name: string, fix: string) => void;
  /** `what` follows the variable's name, names the fix, and never holds a value. */
  readonly fault: (name: string, what: string) => void;
  readonly faults: readonly string[];
};

type UrlShape = {
  readonly protocols: readonly string[];
  /** Secrets are sent there: `http:` only to this machine. */
  readonly getsSecrets?: boolean;
  readonly example: string;
  /** Stands after a fault: why no other will do. */
  readonly why?: string;
};

export function variables(env: Environment): Variables {
  const faults: string[] = [];
  const fault = (name: string, what: string) => void faults.push(`${name} ${what}.`);
  const hasText = (name: string) => env[name] !== undefined && env[name] !== "";
  const isSecret = (name: string) => SECRETS.some((one) => one === name);
  const isSet = (name: string) => hasText(name) || (isSecret(name) && hasText(`${name}_FILE`));
  const text = (name: string) => env[name]?.trim() || undefined;
  return {
    text,
    isSet,
    require: (name, fix) => {
      if (!isSet(name)) fault(name, `isn't set: ${fix}`);
    },
    fault,
    faults,
    secret: (name) => {
      const value = env[name];
      if (value === undefined || !hasText(name)) return undefined;
      const wrong = secretFault(value);
      if (wrong === undefined) return value;
      fault(name, wrong);
      return undefined;
    },
    url: (name, shape) => {
      const value = text(name);
      if (value === undefined) return undefined;
      const wrong = urlFault(value, shape);
      if (wrong === undefined) return new URL(value).href.replace(/\/+$/, "");
      fault(name, shape.why === undefined ? wrong : `${wrong} (${shape.why})`);
      return undefined;
    },
  };
}

/** Secrets come from files and shells, which leave line breaks and quotes behind. */
function secretFault(value: string): string | undefined {
  if (value.trim() === "") return "is blank: set it, or leave it out";
  if (/^(["']).*\1$/s.test(value)) return "has quotes around it: set it without them";
  return /^[\x21-\x7e]+$/.test(value)
    ? undefined
    : "has spaces, line breaks or other characters that no secret has: copy it again";
}

function urlFault(value: string, shape: UrlShape): string | undefined {
  const { protocols, example, getsSecrets = false } = shape;
  const url = URL.parse(value);
  if (url === null || !protocols.includes(url.protocol) || url.hostname === "") {
    const kinds = protocols.map((protocol) => `${protocol}//`).join(" or ");
    return `isn't a URL that begins with ${kinds}: set it like ${example}`;
  }
  if (url.username !== "" || url.password !== "") {
    return `has a user name or password in it: set it without, like ${example}`;
  }
  if (getsSecrets && url.protocol === "http:" && !isLoopback(url)) {
    return `begins with http://, which would send a secret in the clear: set it like ${example}`;
  }
  return url.search === "" && url.hash === "" && !/[?#]/.test(value)
    ? undefined
    : `has a part after ? or #: set it without, like ${example}`;
}
