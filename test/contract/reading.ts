/**
 * The contract of list, get and watch.
 *
 * @module
 */
import { describe, expect, it } from '@jest/globals';
import { at, fieldsOf, listOf } from '../../src/local/apiserver/json.ts';
import { configMap, configMaps, events, pod, pods } from './objects.ts';
import { call, must, newNamespace, watch, type Json, type Subject } from './subject.ts';

const namesIn = (list: Json): readonly unknown[] => listOf(list['items']).map((item) => at(item, 'metadata', 'name'));
const nameOf = (object: Json): unknown => at(object, 'metadata', 'name');
const versionOf = (object: Json): string => String(at(object, 'metadata', 'resourceVersion'));

const fill = async (subject: Subject, names: readonly string[]): Promise<string> => {
  const namespace = await newNamespace(subject);
  for (const name of names) {
    await must(subject, 'POST', configMaps(namespace), { body: configMap(name, {}, { labels: { app: name, tier: name < 'c' ? 'low' : 'high' } }) });
  }
  return namespace;
};

const listCases = (subject: () => Subject): void => {
  it('pages with limit and continue', async () => {
    const namespace = await fill(subject(), ['a', 'b', 'c']);
    const first = await must(subject(), 'GET', `${configMaps(namespace)}?limit=2`);
    expect(namesIn(first)).toEqual(['a', 'b']);
    expect(at(first, 'metadata', 'remainingItemCount')).toBe(1);
    const token = encodeURIComponent(String(at(first, 'metadata', 'continue')));
    const second = await must(subject(), 'GET', `${configMaps(namespace)}?limit=2&continue=${token}`);
    expect(namesIn(second)).toEqual(['c']);
    expect(at(second, 'metadata', 'continue') ?? '').toBe('');
  });

  it('refuses a continue token that it did not give', async () => {
    const namespace = await newNamespace(subject());
    expect((await call(subject(), 'GET', `${configMaps(namespace)}?limit=1&continue=nonsense`)).code).toBe(400);
  });

  it.each([
    ['app=a', ['a']],
    ['app!=a', ['b', 'c']],
    ['app in (a,c)', ['a', 'c']],
    ['app notin (a,c)', ['b']],
    ['tier=low,app', ['a', 'b']],
    ['!tier', []],
  ])('selects by label: %s', async (selector, expected) => {
    const namespace = await fill(subject(), ['a', 'b', 'c']);
    const list = await must(subject(), 'GET', `${configMaps(namespace)}?labelSelector=${encodeURIComponent(selector)}`);
    expect(namesIn(list)).toEqual(expected);
  });

  it('selects by name and namespace', async () => {
    const namespace = await fill(subject(), ['a', 'b']);
    expect(namesIn(await must(subject(), 'GET', `${configMaps(namespace)}?fieldSelector=metadata.name%3Db`))).toEqual(['b']);
    const everywhere = `/api/v1/configmaps?fieldSelector=metadata.namespace%3D${namespace},metadata.name%21%3Da`;
    expect(namesIn(await must(subject(), 'GET', everywhere))).toEqual(['b']);
  });

  it('refuses a field that it does not select by', async () => {
    const namespace = await newNamespace(subject());
    expect((await call(subject(), 'GET', `${configMaps(namespace)}?fieldSelector=data.x%3Da`)).code).toBe(400);
  });

  it('selects pods by phase and events by what they are about', async () => {
    const namespace = await newNamespace(subject());
    await must(subject(), 'POST', pods(namespace), { body: pod('p') });
    expect(namesIn(await must(subject(), 'GET', `${pods(namespace)}?fieldSelector=status.phase%3DPending`))).toEqual(['p']);
    expect(namesIn(await must(subject(), 'GET', `${pods(namespace)}?fieldSelector=status.phase%3DRunning`))).toEqual([]);
    const event = { metadata: { name: 'e' }, involvedObject: { kind: 'Pod', name: 'p', namespace }, reason: 'Tested', message: 'm', type: 'Normal' };
    await must(subject(), 'POST', events(namespace), { body: event });
    const about = `${events(namespace)}?fieldSelector=involvedObject.name%3Dp,involvedObject.kind%3DPod`;
    expect(namesIn(await must(subject(), 'GET', about))).toEqual(['e']);
    expect(namesIn(await must(subject(), 'GET', `${events(namespace)}?fieldSelector=involvedObject.name%3Dq`))).toEqual([]);
  });

  it('gives 504 for a list at a revision that is yet to come', async () => {
    const namespace = await newNamespace(subject());
    const { code, body } = await call(subject(), 'GET', `${configMaps(namespace)}?resourceVersion=999999999`);
    expect({ code, reason: body['reason'] }).toEqual({ code: 504, reason: 'Timeout' });
  });
};

const watchCases = (subject: () => Subject): void => {
  it('tells what happens after a revision, and nothing before it', async () => {
    const namespace = await fill(subject(), ['a']);
    const list = await must(subject(), 'GET', configMaps(namespace));
    const open = await watch(subject(), `${configMaps(namespace)}?watch=true&resourceVersion=${versionOf(list)}`);
    await must(subject(), 'POST', configMaps(namespace), { body: configMap('b') });
    await must(subject(), 'DELETE', configMaps(namespace, 'a'));
    expect(await open.next()).toMatchObject({ type: 'ADDED', object: { kind: 'ConfigMap', metadata: { name: 'b' } } });
    const deleted = await open.next();
    expect(deleted).toMatchObject({ type: 'DELETED', object: { metadata: { name: 'a' } } });
    // The deletion has a revision of its own: a watch that resumes from it must not see it again.
    expect(Number(versionOf(fieldsOf(deleted?.object)))).toBeGreaterThan(Number(versionOf(list)));
    open.close();
  });

  it.each(['', '&resourceVersion=0'])('begins with what is there (%s)', async (version) => {
    const namespace = await fill(subject(), ['a', 'b']);
    const open = await watch(subject(), `${configMaps(namespace)}?watch=true${version}`);
    const first = await open.next();
    const second = await open.next();
    expect([first?.type, second?.type]).toEqual(['ADDED', 'ADDED']);
    expect(new Set([nameOf(first?.object ?? {}), nameOf(second?.object ?? {})])).toEqual(new Set(['a', 'b']));
    open.close();
  });

  it('ends after timeoutSeconds, with a bookmark when these are wanted', async () => {
    const namespace = await fill(subject(), ['a']);
    const list = await must(subject(), 'GET', configMaps(namespace));
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=12&resourceVersion=${versionOf(list)}`;
    const open = await watch(subject(), `${configMaps(namespace)}?${query}`);
    // A change elsewhere: the watch does not show it, and without a bookmark its reader would resume from before it.
    const elsewhere = await fill(subject(), ['b']);
    const other = await must(subject(), 'GET', configMaps(elsewhere, 'b'));
    const bookmark = await open.until(({ type }) => type === 'BOOKMARK');
    expect(bookmark.object).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
    expect(Number(versionOf(bookmark.object))).toBeGreaterThanOrEqual(Number(versionOf(other)));
    while ((await open.next()) !== undefined);
  }, 30_000);

  it('shows an object that enters a selection as ADDED and one that leaves it as DELETED', async () => {
    const namespace = await fill(subject(), ['a']);
    const list = await must(subject(), 'GET', configMaps(namespace));
    const open = await watch(subject(), `${configMaps(namespace)}?watch=true&labelSelector=app%3Dx&resourceVersion=${versionOf(list)}`);
    const relabel = (app: string): Promise<Json> =>
      must(subject(), 'PATCH', configMaps(namespace, 'a'), { body: { metadata: { labels: { app } } }, contentType: 'application/merge-patch+json' });
    await relabel('x');
    await relabel('y');
    expect(await open.next()).toMatchObject({ type: 'ADDED' });
    expect(await open.next()).toMatchObject({ type: 'DELETED' });
    open.close();
  });

  it('answers 410 inside the stream when the revision is too old', async () => {
    const namespace = await newNamespace(subject());
    const open = await watch(subject(), `/apis/plateau.dev/v1alpha1/namespaces/${namespace}/featureservers?watch=true&resourceVersion=1`);
    expect(await open.next()).toMatchObject({ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } });
    open.close();
  });

  it('watches one object by its name', async () => {
    const namespace = await fill(subject(), ['a', 'b']);
    const open = await watch(subject(), `${configMaps(namespace)}?watch=true&fieldSelector=metadata.name%3Db`);
    expect(await open.next()).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'b' } } });
    open.close();
  });
};

/** Cases about reading. */
export const readingContract = (subject: () => Subject): void => {
  describe('list', () => listCases(subject));
  describe('watch', () => watchCases(subject));
  it('answers 404 with a Status for an object that is not there', async () => {
    const namespace = await newNamespace(subject());
    const { code, body } = await call(subject(), 'GET', configMaps(namespace, 'none'));
    expect(code).toBe(404);
    expect(body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'NotFound', details: { name: 'none', kind: 'configmaps' }, code: 404 });
  });
};
