import type { LookupFunction } from 'node:net';

/** Every name is this computer: not all systems know what `bucket.localhost` is. */
export const toLoopback: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};
