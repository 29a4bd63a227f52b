// The tests' redis-server: the very one that the demo starts.

export { type RedisServer, type RedisServerOptions, startRedis } from "../../src/sandbox/redis.ts";
