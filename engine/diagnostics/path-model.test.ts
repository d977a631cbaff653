import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diagnosisCodes, pathModelSchema, type PathModel } from '../../shared/domain/diagnosis.ts';
import { bad, factsWith, healthyProbes, ok, unreachableGateway } from './facts-for-tests.ts';
import { pathModel } from './path-model.ts';
import { diagnose } from './rules.ts';

const drawn = (changed: Parameters<typeof factsWith>[0]): PathModel => {
  const facts = factsWith(changed);
  return pathModel(diagnose(facts), facts.probes, [], true);
};
const states = (model: PathModel): string => model.nodes.map((node) => node.state).join(' ');
const timeout = { finding: 'timeout', errno: 'ETIMEDOUT' } as const;

test('all is well: every node works and nothing is broken', () => {
  expect(drawn([])).toMatchObject({ broken: { kind: 'none' } });
  expect(states(drawn([]))).toBe('ok ok ok ok ok');
});

test('a gateway that refuses is the broken node; what lies behind it through it is not known', () => {
  const model = drawn(unreachableGateway({ finding: 'refused', errno: 'ECONNREFUSED' }));
  expect(model.broken).toEqual({ kind: 'node', node: 'gateway' });
  expect(states(model)).toBe('ok ok failed unknown ok');
});

test('the incident: media and Spaces both stand, the link between them is broken', () => {
  const model = drawn([bad('readyz', 'media', { httpStatus: 503, checks: [{ name: 'spaces', ok: false, errno: 'EHOSTUNREACH', onLink: true }] })]);
  expect(model.broken).toEqual({ kind: 'link', from: 'media', to: 'spaces' });
  expect(states(model)).toBe('ok ok ok ok ok');
});

test('Spaces silent to this computer alone: the direct link is the broken one', () => {
  const model = drawn([bad('tcp', 'spaces', { family: 4, ...timeout }), bad('http', 'spaces', timeout)]);
  expect(model.broken).toEqual({ kind: 'link', from: 'network', to: 'spaces' });
  expect(model.nodes.find((node) => node.id === 'gateway')?.state).toBe('ok');
});

test('before the first check nothing is claimed', () => {
  expect(states(pathModel(undefined, [], [], false))).toBe('unknown unknown unknown unknown unknown');
});

test('a full disk marks this computer, whatever else there is', () => {
  expect(drawn([bad('disk', 'computer', { freeBytes: 1000 })]).nodes[0]?.state).toBe('warn');
});

test('every diagnosis can be drawn', () => {
  const some = fc.subarray(healthyProbes());
  fc.assert(fc.property(fc.constantFrom(...diagnosisCodes), some, (code, probes) => {
    pathModelSchema.parse(pathModel({ ...diagnose(factsWith([])), code, severity: 'fail' }, [...probes, ok('interfaces', 'computer')], [], true));
  }));
});
