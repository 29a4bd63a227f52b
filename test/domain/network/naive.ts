// The naive reference: one packet after the other against every rule, as Azure's documentation says it.

/** IPv4 only, ports and protocols as numbers and words; what a list of prefixes holds is read here anew. */
export type NaiveRule = {
  readonly name: string;
  readonly priority: number;
  readonly allows: boolean;
  readonly protocol: "tcp" | "udp" | "*" | "other";
  readonly sources: readonly string[];
  readonly sourcePorts: readonly (readonly [number, number])[];
  readonly destinations: readonly string[];
  readonly ports: readonly (readonly [number, number])[];
};

export type Packet = {
  readonly from: string;
  /** The service tags whose ranges hold the sender, and the groups that it is in. */
  readonly tags: readonly string[];
  readonly fromPort: number;
  readonly to: string;
  /** The application security groups of the receiver. */
  readonly groups: readonly string[];
  readonly port: number;
  readonly protocol: "tcp" | "udp";
};

const bits = (address: string): string =>
  address
    .split(".")
    .map((byte) => Number(byte).toString(2).padStart(8, "0"))
    .join("");

const answers = new Map<string, boolean>();

export function isIn(address: string, cidr: string): boolean {
  const question = `${address} ${cidr}`;
  const known = answers.get(question);
  if (known !== undefined) return known;
  const [network = "", length = "32"] = cidr.split("/");
  const answer = bits(address).startsWith(bits(network).slice(0, Number(length)));
  answers.set(question, answer);
  return answer;
}

const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
const privates = new Map<string, boolean>();

export function isPrivate(address: string): boolean {
  const answer = privates.get(address) ?? PRIVATE.some((one) => isIn(address, one));
  privates.set(address, answer);
  return answer;
}

function isFrom({ from, tags }: Packet, source: string): boolean {
  if (source === "*") return true;
  if (source === "VirtualNetwork") return isPrivate(from);
  if (source === "Internet") return !isPrivate(from);
  if (/^\d/.test(source)) return isIn(from, source);
  return tags.some((tag) => tag === source || tag.startsWith(`${source}.`));
}

function isTo({ to, groups }: Packet, destination: string): boolean {
  if (destination === "*" || destination === "VirtualNetwork") return true;
  if (/^\d/.test(destination)) return isIn(to, destination);
  return groups.includes(destination);
}

const some = (ranges: readonly (readonly [number, number])[], port: number): boolean =>
  ranges.some(([from, to]) => port >= from && port <= to);

const matches = (rule: NaiveRule, packet: Packet): boolean =>
  (rule.protocol === "*" || rule.protocol === packet.protocol) &&
  some(rule.ports, packet.port) &&
  some(rule.sourcePorts, packet.fromPort) &&
  rule.sources.some((one) => isFrom(packet, one)) &&
  rule.destinations.some((one) => isTo(packet, one));

const EVERY: NaiveRule = {
  name: "",
  priority: 0,
  allows: true,
  protocol: "*",
  sources: ["*"],
  sourcePorts: [[0, 65_535]],
  destinations: ["*"],
  ports: [[0, 65_535]],
};

const DEFAULTS: readonly NaiveRule[] = [
  { ...EVERY, name: "AllowVnetInBound", priority: 65_000, sources: ["VirtualNetwork"] },
  { ...EVERY, name: "DenyAllInBound", priority: 65_500, allows: false },
];

/** The rule that decides. */
function decides(rules: readonly NaiveRule[], packet: Packet): NaiveRule {
  let first: NaiveRule | undefined;
  for (const rule of [...rules, ...DEFAULTS]) {
    if (first !== undefined && rule.priority >= first.priority) continue;
    if (matches(rule, packet)) first = rule;
  }
  if (first === undefined) throw new Error("a default rule matches every packet");
  return first;
}

/** The names of the rules by which a packet comes through all groups; `undefined`: one of them refuses it. */
export function lettingIn(
  groups: readonly (readonly NaiveRule[])[],
  packet: Packet,
): readonly string[] | undefined {
  const deciding = groups.map((rules) => decides(rules, packet));
  return deciding.every(({ allows }) => allows) ? deciding.map(({ name }) => name) : undefined;
}
