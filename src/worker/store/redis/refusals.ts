/**
 * What an error reply of Redis means for a read of features.
 *
 * @module
 */

/** `moved` and `ask`: another node of the cluster has the key. `down`: nothing can be read now. `data`: this key cannot be read so. */
export type Meaning =
  | Elsewhere
  | { readonly kind: 'down'; readonly advice: string }
  | { readonly kind: 'data' };

export interface Elsewhere {
  readonly kind: 'moved' | 'ask';
  readonly host: string;
  readonly port: number;
}

/** First words of the errors that have nothing to do with the key, and what helps against them. */
const advices = new Map([
  ['LOADING', 'it loads its data; wait'],
  ['MASTERDOWN', 'it is a replica without its master; look after the master'],
  ['CLUSTERDOWN', 'the cluster does not serve all slots; repair it'],
  ['TRYAGAIN', 'slots are being moved; wait'],
  ['BUSY', 'a script blocks it; end the script'],
  ['NOAUTH', 'it wants a password; add password=… to the connection_string'],
  ['WRONGPASS', 'it refuses the password; correct username and password in the connection_string'],
  ['NOPERM', 'the user may not read; allow it HMGET and PING on these keys'],
  ['MISCONF', 'it cannot save its data; look into its log'],
  ['OOM', 'it has no memory left; give it more or let it evict'],
  ['NOREPLICAS', 'it has lost its replicas; repair them'],
  ['UNKILLABLE', 'a script blocks it; end the script'],
]);

/** @param text the error reply without its minus sign */
export function meaningOf(text: string): Meaning {
  const [word = ''] = text.split(' ', 1);
  const redirection = /^(MOVED|ASK) \d+ (.*):(\d+)$/.exec(text);
  if (redirection !== null) {
    const [, kind, host = '', port] = redirection;
    return { kind: kind === 'ASK' ? 'ask' : 'moved', host, port: Number(port) };
  }
  const advice = advices.get(word);
  return advice === undefined ? { kind: 'data' } : { kind: 'down', advice };
}
