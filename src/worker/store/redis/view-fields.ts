/**
 * The fields of a view's features in Redis's protocol, made once.
 *
 * @module
 */
import type { FeatureView } from '../../definitions/definitions.ts';
import { featureField, timestampField } from './field-hash.ts';

const known = new WeakMap<FeatureView, ViewFields>();

export class ViewFields {
  private readonly timestamp: Buffer;
  private readonly joined = new WeakMap<readonly string[], Buffer>();
  private readonly storedName: string;
  private readonly features = new Map<string, Buffer>();

  private constructor(view: FeatureView) {
    this.storedName = view.storedName;
    this.timestamp = argument(timestampField(view.storedName));
    for (const feature of view.features.keys()) this.features.set(feature, argument(featureField(view.storedName, feature)));
  }

  /** The fields of a view; they live as long as the definitions that it belongs to. */
  static of(view: FeatureView): ViewFields {
    let fields = known.get(view);
    if (fields === undefined) known.set(view, (fields = new ViewFields(view)));
    return fields;
  }

  /** The fields of features and of the event time as arguments. Plans of equal wishes share the array of features. */
  arguments(features: readonly string[]): Buffer {
    let bytes = this.joined.get(features);
    if (bytes === undefined) {
      bytes = Buffer.concat([...features.map((name) => this.feature(name)), this.timestamp]);
      this.joined.set(features, bytes);
    }
    return bytes;
  }

  private feature(name: string): Buffer {
    return this.features.get(name) ?? argument(featureField(this.storedName, name));
  }
}

/** An argument of a command: `$LENGTH`, the bytes. */
export function argument(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`, 'latin1'), bytes, Buffer.from('\r\n', 'latin1')]);
}
