// The connection to Redis that every part of this adapter shares: to one server or to a cluster.

import type { Cluster, Redis } from "ioredis";

export type Connection = Redis | Cluster;
