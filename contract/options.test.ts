import { expect, it } from 'vitest';
import { readOptions, UsageError } from './options.ts';

const needed = ['--gateway', 'https://gw.example/api/', '--email', ' ana@clinic.example '];
const complaint = (args: string[], environment = {}): string => {
  try {
    readOptions(args, environment);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
};

it('takes the password in one of three ways', () => {
  const secret = { RELEVO_CONTRACT_PASSWORD: 'secret' };
  expect(readOptions([...needed, '--password', 'p'], {})).toMatchObject({ gateway: 'https://gw.example/api', email: 'ana@clinic.example', password: 'p', patientId: undefined, language: 'en' });
  expect(readOptions(needed, secret)).toMatchObject({ password: 'secret' });
  expect(readOptions([...needed, '--password-stdin'], {})).toMatchObject({ password: undefined });
  for (const [args, environment] of [[needed, {}], [[...needed, '--password', 'p'], secret], [[...needed, '--password-stdin', '--password', 'p'], {}]] as const) {
    expect(complaint([...args], environment)).toContain('in one way only');
  }
});

it.each([
  ['no gateway', ['--email', 'a'], '--gateway is needed.'],
  ['no e-mail', ['--gateway', 'https://x.example'], '--email is needed.'],
  ['an empty e-mail', ['--gateway', 'https://x.example', '--email', ' '], '--email must not be empty.'],
  ['a gateway that is no address', ['--gateway', 'x', '--email', 'a'], '--gateway must be'],
  ['a password in the gateway’s address', ['--gateway', 'https://a:b@x.example', '--email', 'a'], '--gateway must be'],
  ['another protocol', ['--gateway', 'file:///etc', '--email', 'a'], '--gateway must be'],
  ['another language', [...needed, '--language', 'de'], '--language is'],
])('refuses %s', (_name, args, says) => {
  expect(complaint([...args, '--password', 'p'])).toContain(says);
});

it('repeats nothing of what was typed, which may be a password, and complains in Spanish where that was asked for', () => {
  expect(complaint([...needed, '--pasword=hunter2'])).not.toContain('hunter2');
  expect(complaint([...needed, 'hunter2', '--language=es'])).toBe('Todo se indica con opciones.');
  expect(readOptions(['--help', '--language', 'es'], {})).toEqual({ help: 'es' });
});
