/** `node hack/kubernetes/main.ts` prints the folder of etcd, kube-apiserver and kubectl, fit for KUBEBUILDER_ASSETS. @module */
import { findAssets } from './assets.ts';

const assets = await findAssets();
if (assets.found) console.log(assets.folder);
else console.error(`plateau: ${assets.reason}`);
process.exitCode = assets.found ? 0 : 1;
