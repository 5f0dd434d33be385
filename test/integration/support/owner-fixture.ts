/** A process that starts a control plane, says which processes and folder are its, and waits to be killed. @module */
import { startControlPlane } from './control-plane.ts';

const { processIds, folder } = await startControlPlane();
console.log(JSON.stringify({ ...processIds(), folder }));
setInterval(() => undefined, 60_000);
