import { expect, test } from 'vitest';
import { normalGateway, gatewaySchema } from '../../shared/domain/gateway.ts';
import { isBareId, ownerKey, ownerOf, ownerOfBareId, type BareIdEvidence } from './owner.ts';

const [a, b] = ['https://a.example', 'https://b.example'];
const at = (gateway: string, personId: string): string => ownerKey({ gateway, personId });

test.each(['https://user:pass@gateway.example', 'https://user@gateway.example/a', 'ftp://gateway.example', 'gateway.example'])('%s is no gateway’s address', (written) => {
  expect(gatewaySchema.safeParse(written).success).toBe(false);
});

test.each([
  ['https://Gateway.Example', 'https://gateway.example'],
  ['HTTPS://gateway.example:443/', 'https://gateway.example'],
  ['http://gateway.example:80//', 'http://gateway.example'],
  ['http://gateway.example:8080/Clinic/', 'http://gateway.example:8080/Clinic'],
  ['https://gateway.example/a?b=c#d', 'https://gateway.example/a'],
  ['https://gateway.example/a@b', 'https://gateway.example/a@b'],
  ['https://gateway.example/?to=a@b', 'https://gateway.example'],
  ['nothing of the kind', 'nothing of the kind'],
  ['http:gateway.example', 'http:gateway.example'],
])('a gateway has one address: %s', (written, address) => {
  expect(normalGateway(written)).toBe(address);
  expect(normalGateway(address)).toBe(address);
});

test('an owner is an id at a gateway, however that is written; the same id at another gateway, scheme, port or path is another owner', () => {
  expect(at('https://A.example:443/', '7')).toBe(at(a, '7'));
  const others = ['http://a.example', 'https://a.example:8443', 'https://a.example/copy', b, ''];
  expect(new Set([a, ...others].map((gateway) => at(gateway, '7'))).size).toBe(others.length + 1);
  expect(at(a, '7')).not.toBe(at(a, '8'));
});

test.each(['7', 'a b', ' leading', 'https://b.example 7', 'ñ\n'])('both can be read from the key, whatever the server’s id is: %j', (personId) => {
  for (const gateway of [a, '']) expect(ownerOf(at(gateway, personId))).toEqual({ gateway, personId });
  expect(isBareId(at(a, personId))).toBe(false);
});

test.each(['7', 'a b', 'https://a.example', 'ftp://a 7'])('a bare id is known as one: %s', (id) => {
  expect(isBareId(id)).toBe(true);
  expect(ownerOf(id)).toEqual({ gateway: '', personId: id });
});

const ana = { gateway: a, personId: '7' };
const anaAtB = { gateway: b, personId: '7' };
const lucia = { gateway: b, personId: '8' };
test.each<[string, BareIdEvidence, string]>([
  ['known at one gateway', { known: [ana, lucia] }, a],
  ['known at one, written in two ways', { known: [ana, { gateway: 'https://A.example/', personId: '7' }] }, a],
  ['known at one, begun at another', { known: [ana], begunAt: b }, a],
  ['known at one, sent to another: there it is, and the one has not got it', { known: [ana], begunAt: b, ended: true }, b],
  ['known at two, begun at one of them', { known: [ana, anaAtB], begunAt: b, kept: a }, b],
  ['known at two, not begun', { known: [ana, anaAtB], kept: a }, a],
  ['known at two, somebody else’s session at a third', { known: [ana, anaAtB], kept: 'https://c.example' }, ''],
  ['known at two, nobody signed in', { known: [ana, anaAtB] }, ''],
  ['known at none, begun', { known: [lucia], begunAt: a, kept: b }, a],
  ['known at none, not begun', { known: [lucia], kept: b }, b],
  ['known at none, nobody signed in', { known: [] }, ''],
])('whose a photo of a bare id is: %s', (_name, evidence, gateway) => {
  expect(ownerOf(ownerOfBareId('7', evidence))).toEqual({ gateway, personId: '7' });
});
