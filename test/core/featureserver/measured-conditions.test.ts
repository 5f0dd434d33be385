import { describe, expect, it } from '@jest/globals';
import { recommend } from '../../../src/core/autoscale/recommend.ts';
import { metricsHealthy } from '../../../src/core/featureserver/measured-conditions.ts';
import { fleet, input, pods } from '../autoscale/support/fleet.ts';

const scale = { replicas: 3, threads: 8, processes: 1 };
const healthOf = (all: ReturnType<typeof pods>) => metricsHealthy(recommend(input(fleet(scale, all))));

describe('MetricsHealthy', () => {
  it('is true while the pods report', () => {
    expect(healthOf(pods(3, { rate: 60 }))).toMatchObject({ status: 'True', reason: 'Reporting' });
  });

  it('says that numbers cannot be, and not that nobody answers, where pods answer nonsense', () => {
    const found = healthOf(pods(3, { rate: 60, sample: { cpuSeconds: -1 } }));
    expect(found).toMatchObject({ status: 'False', reason: 'Inconsistent' });
    expect(found.message).toContain('3 impossible numbers');
  });

  it('asks for the admin port where nobody answers', () => {
    expect(healthOf(pods(3, { rate: 60 }).map((pod) => ({ ...pod, sample: null })))).toMatchObject({ status: 'False', reason: 'MetricsMissing' });
  });
});
