/** Requests that no client library would write: methods, paths, content types, bodies that are no request. @module */

/** One raw HTTP request. */
export interface RawExchange {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const json = { 'content-type': 'application/json' };
const features = '"features":["scalars:int64"]';
const good = `{"entities":{"user_id":[2]},${features}}`;

/** Bodies that are posted as JSON to /get-online-features. */
const bodies = [
  '',
  ' ',
  'null',
  'true',
  '7',
  '"text"',
  '[]',
  '[1]',
  '{}',
  '{',
  '{"entities"',
  '{"entities":}',
  "{'entities':{}}",
  '{"entities":{"user_id":[2]},}',
  `${good}x`,
  `\ufeff${good}`,
  `{"entities":{"user_id":[NaN]},${features}}`,
  `{"entities":{"user_id":[Infinity]},${features}}`,
  `{"entities":{"user_id":[2]},"entities":{"user_id":[1]},${features}}`,
  `{"entities":{"user_id":[2],"user_id":[0,1]},${features}}`,
  `{"entities":{"user_id":[01]},${features}}`,
  `{"entities":{"user_id":[2.0e0]},${features}}`,
  `{"entities":{"user_id":["\\ud800"]},${features}}`,
  '{"entities":{"item_sku":["\\ud800"]},"features":["skus:title"]}',
  `{"entities":{"user_id":"2"},${features}}`,
  `{"entities":{"user_id":2},${features}}`,
  `{"entities":{"user_id":{"a":1}},${features}}`,
  `{"entities":{"user_id":null},${features}}`,
  `{"entities":null,${features}}`,
  `{"entities":[],${features}}`,
  `{"entities":[["user_id",[1]]],${features}}`,
  `{"entities":"user_id",${features}}`,
  `{"features":[]}`,
  '{"entities":{"user_id":[2]}}',
  '{"entities":{"user_id":[2]},"features":null}',
  '{"entities":{"user_id":[2]},"features":"scalars:int64"}',
  '{"entities":{"user_id":[2]},"features":[1]}',
  '{"entities":{"user_id":[2]},"features":[null,"scalars:int64",{}]}',
  '{"entities":{"user_id":[2]},"features":{"scalars:int64":1}}',
  `{"entities":{"user_id":[2]},${features},"feature_service":null}`,
  `{"entities":{"user_id":[2]},${features},"feature_service":7}`,
  `{"entities":{"user_id":[2]},${features},"feature_service":["subset"]}`,
  `{"entities":{"user_id":[2]},${features},"full_feature_names":1}`,
  `{"entities":{"user_id":[2]},${features},"full_feature_names":0.0}`,
  `{"entities":{"user_id":[2]},${features},"full_feature_names":1.0}`,
  `{"entities":{"user_id":[2]},${features},"full_feature_names":"TRUE"}`,
  `{"entities":{"user_id":[2]},${features},"full_feature_names":"off"}`,
  `{"entities":{"user_id":[2]},${features},"full_feature_names":""}`,
  `{"entities":{"user_id":[2]},${features},"full_feature_names":[]}`,
  `{"entities":{"user_id":[2]},${features},"include_feature_view_version_metadata":true}`,
  `{"entities":{"user_id":[2]},${features},"include_feature_view_version_metadata":"maybe"}`,
  `{"entities":{"user_id":[2]},${features},"query_embedding":[0.5],"api_version":2,"stranger":{}}`,
  `{"entities":{"user_id":[2,1,2]},${features},"features":["scalars:string","scalars:double"]}`,
];

const posted = bodies.map((body): RawExchange => ({ method: 'POST', path: '/get-online-features', headers: json, body }));

const typed = ['application/json; charset=utf-8', 'application/vnd.feast+json', 'APPLICATION/JSON', 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', 'json', 'application/json; charset=latin1'].map(
  (type): RawExchange => ({ method: 'POST', path: '/get-online-features', headers: { 'content-type': type }, body: good }),
);

/** All of them. */
export const rawExchanges: readonly RawExchange[] = [
  ...posted,
  ...typed,
  { method: 'POST', path: '/get-online-features', body: good },
  { method: 'POST', path: '/get-online-features' },
  { method: 'POST', path: '/get-online-features?status=true', headers: json, body: good },
  { method: 'POST', path: '//get-online-features', headers: json, body: good },
  { method: 'POST', path: '/GET-ONLINE-FEATURES', headers: json, body: good },
  { method: 'GET', path: '/get-online-features' },
  { method: 'PUT', path: '/get-online-features', headers: json, body: good },
  { method: 'DELETE', path: '/get-online-features' },
  { method: 'OPTIONS', path: '/get-online-features' },
  { method: 'GET', path: '/health' },
  { method: 'POST', path: '/health' },
  { method: 'GET', path: '/health?verbose=1' },
  { method: 'GET', path: '/nothing-here' },
  { method: 'POST', path: '/nothing-here', headers: json, body: good },
  { method: 'GET', path: '/push' },
  { method: 'GET', path: '/write-to-online-store' },
];
