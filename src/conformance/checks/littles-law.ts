import { poolMetrics } from '../../api/protocol.ts';
import type { Check, Problem } from '../check.ts';
import { passUnless } from '../check.ts';
import { steadyLoad } from '../facts.ts';

/** Of the larger figure; and what two clocks and a scrape may differ by, seconds. */
const tolerance = 0.1;
const slack = 0.02;

/** Integrals of what is inside agree with the sums of the times that requests were inside. @module */
export const littlesLaw: Check = {
  name: 'littles-law',
  title: 'in-flight seconds are the sum of the request times, busy seconds that of the service times',
  section: 'GET /metrics',
  run: async (session) => {
    const { between } = await steadyLoad(session);
    const inside = between.value(poolMetrics.inflightSeconds);
    const busy = between.value(poolMetrics.busyThreadSeconds);
    const [request, service] = [between.histogram('requestSeconds').sum, between.histogram('serviceSeconds').sum];
    const problems: Problem[] = [];
    if (!agree(inside, request)) problems.push({ expected: `${poolMetrics.inflightSeconds} rose by the sum of ${poolMetrics.requestSeconds}, ${seconds(request)}, within ${tolerance * 100} %`, seen: seconds(inside) });
    if (!agree(busy, service)) problems.push({ expected: `${poolMetrics.busyThreadSeconds} rose by the sum of ${poolMetrics.serviceSeconds}, ${seconds(service)}, within ${tolerance * 100} %`, seen: seconds(busy) });
    const queue = between.histogram('queueSeconds').sum;
    if (!(queue + service <= request * (1 + tolerance) + slack)) problems.push({ expected: `queue and service time together are at most the request time, ${seconds(request)}`, seen: `${seconds(queue)} + ${seconds(service)}` });
    if (!(service > 0)) problems.push({ expected: 'requests take time', seen: `${poolMetrics.serviceSeconds} rose by ${seconds(service)}` });
    return passUnless(problems, `in flight ${seconds(inside)} for ${seconds(request)} of requests, busy ${seconds(busy)} for ${seconds(service)} of service`);
  },
};

const agree = (left: number, right: number): boolean => Math.abs(left - right) <= tolerance * Math.max(left, right) + slack;
const seconds = (value: number): string => `${value.toFixed(3)} s`;
