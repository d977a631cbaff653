import { expect, test } from 'vitest';
import { engineEnvironment } from './engine-environment.ts';

test('the engine inherits neither secrets nor what would switch its checks off', () => {
  const kept = { PATH: '/bin', HOME: '/home/ana', HTTPS_PROXY: 'http://proxy:3128', NODE_EXTRA_CA_CERTS: '/etc/clinic.pem', RELEVO_DATA_DIR: '/data' };
  const withheld = {
    RELEVO_KEY: 'k', RELEVO_DEMO_PASSWORD: 'p', NODE_OPTIONS: '--require x', NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_DEBUG: 'http', NODE_PATH: '/tmp', NODE_EXTRA_CA_CERTS_2: 'x',
    SSLKEYLOGFILE: '/tmp/keys', ELECTRON_RUN_AS_NODE: '1',
  };
  expect(engineEnvironment({ ...kept, ...withheld })).toEqual({ ...kept, UV_THREADPOOL_SIZE: '16' });
});

test('the engine has threads enough for cards that hang, whatever is set for the window', () => {
  expect(engineEnvironment({ UV_THREADPOOL_SIZE: '4' })).toEqual({ UV_THREADPOOL_SIZE: '16' });
});
