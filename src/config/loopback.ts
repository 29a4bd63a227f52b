// Which hosts of an address are this machine's own: what is sent there in the clear, nobody reads on its way.

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);

export const isLoopback = ({ hostname }: Pick<URL, "hostname">): boolean => LOOPBACK.has(hostname);
