/**
 * A complete list, page by page.
 *
 * @module
 */
import { isApiError } from './ports.ts';
import type { ApiClient, KubeObject, ListOptions, ResourceType } from './ports.ts';

export interface FullList {
  readonly resourceVersion: string;
  readonly items: KubeObject[];
}

/** Which objects to list, and how many at a time. */
export interface ListScope extends Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector' | 'signal'> {
  readonly pageSize: number;
}

/**
 * Lists everything in pages. When the server forgets the continue token between two pages (410), it starts again from
 * the first page; when that happens a second time it asks for all in one answer, since a list that takes longer than
 * the token lives would never end. Rejects with the `ApiError` of any other failure.
 */
export const listAll = async (client: Pick<ApiClient, 'list'>, type: ResourceType, scope: ListScope): Promise<FullList> => {
  const { pageSize, ...selection } = scope;
  for (const limit of [pageSize, pageSize]) {
    const full = await listInPages(client, type, { ...selection, limit });
    if (full !== undefined) return full;
  }
  const page = await client.list(type, selection);
  return { resourceVersion: page.resourceVersion, items: page.items };
};

/** Undefined when the continue token expired on the way. */
const listInPages = async (client: Pick<ApiClient, 'list'>, type: ResourceType, options: ListOptions): Promise<FullList | undefined> => {
  let page = await client.list(type, options);
  // All pages of one list are of the first page's resourceVersion: only that one is safe to watch from.
  const { resourceVersion } = page;
  const items = [...page.items];
  while (page.continue !== undefined && page.continue !== '') {
    try {
      page = await client.list(type, { ...options, continue: page.continue });
    } catch (error) {
      if (isApiError(error, 'Gone')) return undefined;
      throw error;
    }
    for (const item of page.items) items.push(item);
  }
  return { resourceVersion, items };
};
