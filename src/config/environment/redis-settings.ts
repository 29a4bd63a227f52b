// How to reach Redis: one server, a cluster, or sentinels that know which server is the first.

import type { Variables } from "./variables.ts";

type RedisNode = { readonly host: string; readonly port: number };

export type RedisSettings = {
  readonly mode: "single" | "cluster" | "sentinel";
  /** One for `single`; some of the cluster's for `cluster`; the sentinels for `sentinel`. */
  readonly nodes: readonly RedisNode[];
  readonly tls: boolean;
  readonly username: string | undefined;
  /** Secret. */
  readonly password: string | undefined;
  /** 0 but for `single` and `sentinel`. */
  readonly database: number;
  /** What the sentinels call the group of servers; set if and only if the mode is `sentinel`. */
  readonly sentinelName: string | undefined;
  /** `entra`: a token of Microsoft Entra ID takes the password's place. */
  readonly auth: "password" | "entra";
  /** How many replicas must have a write before it counts as kept; 0: the primary's word is enough. */
  readonly waitReplicas: number;
};

const EXAMPLE = "set it like redis://localhost:6379 or rediss://:password@host:6380";
const MODES = ["single", "cluster", "sentinel"] as const;
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;

/** Answers `undefined` where something is missing or wrong, which is then among the faults. */
export function readRedis(from: Variables): RedisSettings | undefined {
  const before = from.faults.length;
  const mode = readMode(from);
  const sentinelName = readSentinelName(from, mode);
  const auth = readAuth(from);
  const waitReplicas = readWaitReplicas(from);
  const addresses = readAddresses(from, mode);
  if (addresses === undefined || mode === undefined || auth === undefined) return undefined;
  const [first] = addresses;
  if (auth === "entra" && !first.tls) {
    from.fault("REDIS_AUTH", "is entra, whose tokens need TLS: let REDIS_URL begin with rediss://");
  }
  if (auth === "entra" && first.password !== undefined) {
    from.fault("REDIS_URL", "has a password, which REDIS_AUTH=entra replaces: set one of the two");
  }
  if (mode === "cluster" && first.database !== 0) {
    from.fault("REDIS_URL", "names a database, of which a cluster has only 0: leave it out");
  }
  if (from.faults.length > before) return undefined;
  const { tls, username, password, database } = first;
  const nodes = addresses.map(({ host, port }) => ({ host, port }));
  return { mode, nodes, tls, username, password, database, sentinelName, auth, waitReplicas };
}

type Mode = RedisSettings["mode"];

function readMode(from: Variables): Mode | undefined {
  const text = from.text("REDIS_MODE")?.toLowerCase() ?? "single";
  const mode = MODES.find((one) => one === text);
  if (mode === undefined) {
    from.fault("REDIS_MODE", `isn't known: set it to one of ${MODES.join(", ")}`);
  }
  return mode;
}

function readSentinelName(from: Variables, mode: Mode | undefined): string | undefined {
  const name = from.text("REDIS_SENTINEL_NAME");
  if (mode === "sentinel" && name === undefined) {
    from.fault(
      "REDIS_SENTINEL_NAME",
      "isn't set: set it to the name that the sentinels watch, such as mymaster",
    );
  }
  if (mode !== undefined && mode !== "sentinel" && name !== undefined) {
    from.fault("REDIS_SENTINEL_NAME", "is set without REDIS_MODE=sentinel: set both or neither");
  }
  return name;
}

function readAuth(from: Variables): RedisSettings["auth"] | undefined {
  const text = from.text("REDIS_AUTH")?.toLowerCase();
  if (text === undefined) return "password";
  if (text === "entra") return "entra";
  from.fault("REDIS_AUTH", "isn't known: set it to entra, or leave it out for a password");
  return undefined;
}

/** Redis has no such limit; who names more replicas than this means something else. */
const WAIT_REPLICAS_MAX = 5;

function readWaitReplicas(from: Variables): number {
  const text = from.text("REDIS_WAIT_REPLICAS") ?? "0";
  if (/^[0-5]$/.test(text)) return Number(text);
  from.fault(
    "REDIS_WAIT_REPLICAS",
    `isn't a number of replicas: set it to 0 to ${WAIT_REPLICAS_MAX}, or leave it out`,
  );
  return 0;
}

type Address = RedisNode & {
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
};

type Addresses = readonly [Address, ...Address[]];

function readAddresses(from: Variables, mode: Mode | undefined): Addresses | undefined {
  const text = from.text("REDIS_URL");
  const [first, ...others] = (text ?? "").split(",").map((part) => part.trim());
  if (text === undefined || first === undefined) {
    from.require("REDIS_URL", EXAMPLE);
    return undefined;
  }
  if (mode === "single" && others.length > 0) {
    from.fault(
      "REDIS_URL",
      "names several servers: set REDIS_MODE to cluster or sentinel, or name one",
    );
    return undefined;
  }
  const usualPort = mode === "sentinel" ? SENTINEL_PORT : REDIS_PORT;
  const head = readAddress(first, usualPort);
  // The scheme and the password need not be repeated: `rediss://:secret@a:6380,b:6380`.
  const scheme = /^rediss:/i.test(first) ? "rediss://" : "redis://";
  const tail = others.map((other) =>
    readAddress(other.includes("://") ? other : `${scheme}${other}`, usualPort),
  );
  const wrong = [head, ...tail].find((read) => "fault" in read);
  if (wrong !== undefined && "fault" in wrong) {
    from.fault("REDIS_URL", wrong.fault);
    return undefined;
  }
  const addresses = [head, ...tail].flatMap((read) => ("fault" in read ? [] : [read]));
  return agreeing(addresses, from);
}

/** One password, one database, and TLS for all or none: the client knows no others. */
function agreeing([first, ...others]: readonly Address[], from: Variables): Addresses | undefined {
  if (first === undefined) return undefined;
  const differs = (other: Address) =>
    other.tls !== first.tls ||
    (other.username ?? first.username) !== first.username ||
    (other.password ?? first.password) !== first.password ||
    (other.database || first.database) !== first.database;
  if (!others.some(differs)) return [first, ...others];
  from.fault(
    "REDIS_URL",
    "names servers that differ in more than host and port: give all of them the same scheme, " +
      "user name, password and database",
  );
  return undefined;
}

function readAddress(text: string, usualPort: number): Address | { readonly fault: string } {
  if (!/^rediss?:\/\//i.test(text)) {
    return { fault: `doesn't begin with redis:// or rediss://: ${EXAMPLE}` };
  }
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || url.port === "0" || /[?#]/.test(text)) {
    return {
      fault:
        `isn't the address of a Redis: ${EXAMPLE}, with characters such as / ? # @ , in the ` +
        "password percent-encoded",
    };
  }
  const database = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (database === undefined) {
    return { fault: "has a path that isn't the number of a database: end it with /0 or nothing" };
  }
  const username = decoded(url.username);
  const password = decoded(url.password);
  if (username === null || password === null) {
    return { fault: "has a user name or password that isn't percent-encoded: write % as %25" };
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? usualPort : Number(url.port),
    tls: url.protocol === "rediss:",
    username,
    password,
    database: Number(database),
  };
}

/** `undefined` for nothing, `null` for what can't be decoded. */
function decoded(text: string): string | undefined | null {
  if (text === "") return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
