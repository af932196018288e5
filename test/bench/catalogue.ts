/** Every benchmark by the name it is asked for. README.md of this room has a section for each, which a test compares. */
import { allocation } from './allocation.ts';
import type { Benchmark } from './benchmark.ts';
import { commits } from './commits.ts';
import { core } from './core.ts';
import { election } from './election.ts';
import { etcdCommits } from './etcd-commits.ts';
import { failover } from './failover.ts';
import { heap } from './heap.ts';
import { mass } from './mass.ts';
import { memory } from './memory.ts';
import { partition } from './partition.ts';
import { restart } from './restart.ts';
import { rocketmq } from './rocketmq.ts';
import { rocketmqFailover } from './rocketmq-failover.ts';
import { routes } from './routes.ts';
import { sentinel } from './sentinel.ts';

export const BENCHMARKS: Readonly<Record<string, Benchmark>> = {
  routes,
  commits,
  etcd: etcdCommits,
  election,
  failover,
  partition,
  mass,
  core,
  allocation,
  memory,
  heap,
  restart,
  sentinel,
  rocketmq,
  'rocketmq-failover': rocketmqFailover,
};
