import type { Check } from '../check.ts';
import { Failed, pass } from '../check.ts';
import { describe } from '../http.ts';

/** The request that the loads are made of. @module */
export const serves: Check = {
  name: 'serves',
  title: 'the request that the loads are made of is answered with 200',
  section: 'GET /metrics',
  run: async ({ subject }) => {
    const answer = await subject.request();
    if (answer.status !== 200) throw new Failed(`POST ${subject.path} answers 200 (see --request-body and --path)`, describe(answer));
    return pass(`${Buffer.byteLength(answer.text)} bytes`);
  },
};
