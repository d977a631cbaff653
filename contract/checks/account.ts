/** @file Signing in, tokens, and who one is. */
import { loginAnswer } from '../../engine/account/account.ts';
import { refreshAnswer, verifyAnswer } from '../../engine/account/token-keeper.ts';
import type { Check } from '../check.ts';
import { expectBare, expectBareRefusal, expectKeys, expectList, expectParsed, expectStatus, holds } from '../expectations.ts';
import { lifetimeS, type Stage } from '../stage.ts';

const accessTokenS = 15 * 60;
const refreshTokenS = 7 * 24 * 3600;
const garbage = 'not.a.token';

function expectLifetime(token: string, seconds: number): void {
  const seen = lifetimeS(token);
  holds(seen === seconds, `exp - iat = ${seconds} s`, seen === undefined ? 'no exp, or no iat' : `exp - iat = ${seen} s`);
}

const refresh = (stage: Stage, token: string) => stage.ask({ method: 'POST', path: '/auth/refresh', json: { refresh_token: token } });

export const accountChecks: readonly Check[] = [
  {
    // Before the right password, so that a backend that counts failures begins again.
    id: 'login-refused', kind: 'reads',
    holds: {
      en: 'A wrong password is refused with 401 unauthorized, in bare JSON.',
      es: 'Una contraseña equivocada se rechaza con 401 unauthorized, en JSON sin envoltorio.',
    },
    async run(stage) {
      const answer = await stage.ask({ method: 'POST', path: '/auth/login/user', json: { email: stage.email, password: `${stage.password}?` } });
      expectBareRefusal(answer, 401, 'unauthorized');
    },
  },
  {
    id: 'login', kind: 'reads',
    holds: {
      en: 'The right password gives both tokens and the person, in bare JSON that the product can read.',
      es: 'La contraseña correcta da los dos tokens y la persona, en JSON sin envoltorio que el producto sabe leer.',
    },
    async run(stage) {
      const answer = await stage.ask({ method: 'POST', path: '/auth/login/user', json: { email: stage.email, password: stage.password } });
      expectStatus(answer, 200);
      stage.signedIn(expectParsed(answer, loginAnswer));
      const { account_type: type, user } = expectBare(answer, ['access_token', 'refresh_token', 'account_type', 'user']);
      holds(type === 'user', 'account_type "user"', 'account_type: another');
      expectKeys(user, 'user', ['id', 'email', 'name', 'system_role', 'org_count']);
    },
  },
  {
    id: 'access-token-life', kind: 'reads',
    holds: {
      en: 'An access token lives 15 minutes, by its own word.',
      es: 'Un token de acceso vive 15 minutos, según él mismo.',
    },
    async run(stage) {
      expectLifetime(stage.mustBeSignedIn().accessToken, accessTokenS);
    },
  },
  {
    id: 'refresh-token-life', kind: 'reads',
    holds: {
      en: 'A refresh token lives 7 days, by its own word.',
      es: 'Un token de renovación vive 7 días, según él mismo.',
    },
    async run(stage) {
      expectLifetime(stage.mustBeSignedIn().refreshToken, refreshTokenS);
    },
  },
  {
    id: 'refresh', kind: 'reads',
    holds: {
      en: 'A refresh token gives an access token that is good, and nothing else; it stays good itself.',
      es: 'Un token de renovación da un token de acceso válido y nada más; él mismo sigue siendo válido.',
    },
    async run(stage) {
      const { refreshToken } = stage.mustBeSignedIn();
      for (const round of ['first', 'second']) {
        const answer = await refresh(stage, refreshToken);
        expectStatus(answer, 200);
        const { access_token: token } = expectParsed(answer, refreshAnswer);
        const extra = Object.keys(expectBare(answer, ['access_token'])).filter((key) => key !== 'access_token');
        holds(extra.length === 0, '{access_token}', `+ ${extra.map((key) => answer.word(key)).join(', ')} (${round})`);
        expectLifetime(token, accessTokenS);
        expectStatus(await stage.ask({ method: 'GET', path: '/auth/verify', token }), 200);
      }
    },
  },
  {
    id: 'refresh-refused', kind: 'reads',
    holds: {
      en: 'A refresh token that is none is refused with 401 in auth’s own words: only that ends a session.',
      es: 'Un token de renovación falso se rechaza con 401 en las palabras del servicio: solo eso termina una sesión.',
    },
    async run(stage) {
      expectBareRefusal(await refresh(stage, garbage), 401);
    },
  },
  {
    id: 'verify', kind: 'reads',
    holds: {
      en: 'Asked about a good token, auth answers with what is in it.',
      es: 'Preguntado por un token válido, el servicio contesta con lo que contiene.',
    },
    async run(stage) {
      const answer = await stage.get('/auth/verify');
      expectStatus(answer, 200);
      const { valid } = expectParsed(answer, verifyAnswer);
      holds(valid !== false, 'valid: true, or absent', 'valid: false');
      expectKeys(expectBare(answer, ['payload']).payload, 'payload', ['exp', 'iat']);
    },
  },
  {
    id: 'verify-refused', kind: 'reads',
    holds: {
      en: 'Asked about a token that is none, auth answers 401 in its own words.',
      es: 'Preguntado por un token falso, el servicio contesta 401 con sus propias palabras.',
    },
    async run(stage) {
      expectBareRefusal(await stage.ask({ method: 'GET', path: '/auth/verify', token: garbage }), 401);
    },
  },
  {
    id: 'me', kind: 'reads',
    holds: {
      en: 'A person is told who they are, and of which organisations.',
      es: 'A una persona se le dice quién es y de qué organizaciones.',
    },
    async run(stage) {
      const answer = await stage.get('/auth/me');
      expectStatus(answer, 200);
      const { memberships } = expectKeys(expectBare(answer, ['account_type', 'data']).data, 'data', ['id', 'email', 'name', 'memberships']);
      for (const item of expectList(memberships, 'data.memberships')) expectKeys(item, 'data.memberships[]', ['org_id', 'org_code', 'org_name', 'role_code']);
    },
  },
];
