/** @file Every transport on the embedded sandbox, over real sockets. */
import { describeTransports } from './sandbox-conformance.ts';

describeTransports({ kind: 'embedded' }, { partBytes: 400_000, overBytes: 70_000 });
