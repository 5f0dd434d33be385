/**
 * What `kubectl get fsrv` shows; priority 1 only with `-o wide`.
 *
 * @module
 */
export interface PrinterColumn {
  name: string;
  type: 'string' | 'integer' | 'date';
  jsonPath: string;
  description: string;
  priority?: 1;
}

export const printerColumns: readonly PrinterColumn[] = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status', description: 'Whether all pods that are asked for are ready.' },
  { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas', description: 'Pods that exist.' },
  { name: 'Desired', type: 'integer', jsonPath: '.status.desiredReplicas', description: 'Pods that are asked for.' },
  { name: 'Threads', type: 'integer', jsonPath: '.status.threads.desired', description: 'Threads of each process.' },
  { name: 'P95', type: 'string', jsonPath: '.status.observed.p95', description: 'Measured p95.' },
  { name: 'Objective', type: 'string', jsonPath: '.spec.objective.p95', description: 'p95 to hold.' },
  { name: 'Bottleneck', type: 'string', jsonPath: '.status.bottleneck.class', description: 'What limits the fleet.' },
  { name: 'Mode', type: 'string', jsonPath: '.status.mode', description: 'Mode in force.' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Time since creation.' },
  { name: 'Min', type: 'integer', jsonPath: '.spec.scaling.replicas.min', description: 'Fewest pods.', priority: 1 },
  { name: 'Max', type: 'integer', jsonPath: '.spec.scaling.replicas.max', description: 'Most pods.', priority: 1 },
  { name: 'Image', type: 'string', jsonPath: '.status.image', description: 'Image of the built-in server.', priority: 1 },
  { name: 'Recommended', type: 'integer', jsonPath: '.status.recommendation.replicas', description: 'Pods that Auto would ask for.', priority: 1 },
  { name: 'Reason', type: 'string', jsonPath: '.status.decisions[0].reason', description: 'Reason of the last decision.', priority: 1 },
];
