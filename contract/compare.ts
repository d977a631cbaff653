/** @file What differs between two records: between two gateways, or between today's and an earlier version of one. */
import type { ContractRecord, Exchange } from './recorder.ts';
import type { Shape } from './shape.ts';

export interface Difference {
  check: string;
  /** `GET /health/ status`, `GET /auth/me data.memberships[].org_id` */
  where: string;
  earlier: string;
  later: string;
}

const absent = '–';

/**
 * What people have differs from account to account and is no drift: an empty list says nothing of its items, a null deep in
 * the data nothing of what could stand there, and a check that was not asked nothing at all.
 */
export function compareRecords(earlier: ContractRecord, later: ContractRecord): Difference[] {
  const names = [...new Set([...Object.keys(earlier.checks), ...Object.keys(later.checks)])].sort();
  return names.flatMap((check) => {
    const [before, after] = [earlier.checks[check], later.checks[check]];
    if (!before || !after) return [{ check, where: '', earlier: before ? before.outcome : absent, later: after ? after.outcome : absent }];
    if (before.outcome === 'not-run' || after.outcome === 'not-run') return [];
    const outcomes = before.outcome === after.outcome ? [] : [{ check, where: '', earlier: before.outcome, later: after.outcome }];
    return [...outcomes, ...compareExchanges(before.exchanges, after.exchanges).map((difference) => ({ check, ...difference }))];
  });
}

function compareExchanges(earlier: readonly Exchange[], later: readonly Exchange[]): Omit<Difference, 'check'>[] {
  const count = new Map<string, number>();
  const named = (exchanges: readonly Exchange[]): Map<string, Exchange> => {
    count.clear();
    return new Map(exchanges.map((exchange) => {
      const name = `${exchange.method} ${exchange.route}`;
      const number = (count.get(name) ?? 0) + 1;
      count.set(name, number);
      return [number === 1 ? name : `${name} (${number})`, exchange];
    }));
  };
  const [before, after] = [named(earlier), named(later)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const [one, other] = [before.get(name), after.get(name)];
    // One more of the same is as many organisations as somebody has.
    if (!one || !other) return / \(\d+\)$/.test(name) ? [] : [{ where: name, earlier: one ? statusOf(one) : absent, later: other ? statusOf(other) : absent }];
    return compareFacts(factsOf(one), factsOf(other)).map(({ where, ...rest }) => ({ where: `${name} ${where}`, ...rest }));
  });
}

const statusOf = ({ answer }: Exchange): string => ('none' in answer ? answer.none : String(answer.status));

function factsOf(exchange: Exchange): Map<string, string> {
  const facts = new Map([['(status)', statusOf(exchange)]]);
  if ('none' in exchange.answer) return facts;
  for (const [name, value] of Object.entries(exchange.answer.headers)) facts.set(`[${name}]`, value);
  leaves(exchange.answer.body, '', facts);
  return facts;
}

function leaves(shape: Shape, path: string, facts: Map<string, string>): void {
  if (typeof shape === 'string') facts.set(path || '.', shape);
  else if (Array.isArray(shape)) {
    facts.set(`${path}[]`, shape.length === 0 ? '(empty)' : '(items)');
    if (shape[0] !== undefined) leaves(shape[0], `${path}[]`, facts);
  } else for (const [name, inner] of Object.entries(shape)) leaves(inner, path ? `${path}.${name.replace(/\?$/, '')}` : name, facts);
}

function compareFacts(earlier: Map<string, string>, later: Map<string, string>): Omit<Difference, 'check'>[] {
  const paths = [...new Set([...earlier.keys(), ...later.keys()])];
  return paths.filter((path) => !isData(path, earlier, later)).map((where) => ({ where, earlier: earlier.get(where) ?? absent, later: later.get(where) ?? absent }));
}

function isData(path: string, earlier: Map<string, string>, later: Map<string, string>): boolean {
  const [one, other] = [earlier.get(path), later.get(path)];
  if (one === other) return true;
  const lists = [earlier, later].some((facts) => path.split('[]').slice(0, -1).some((_, index, pieces) => facts.get(`${pieces.slice(0, index + 1).join('[]')}[]`) === '(empty)'));
  if (lists) return true;
  const deep = path.includes('.') || path.includes('[]');
  // Null on one side, or an object that is null on the other: what could stand there is the same.
  const above = path.slice(0, Math.max(path.lastIndexOf('.'), 0));
  if (deep && (withoutNull(one) === withoutNull(other) || one === 'null' || other === 'null')) return true;
  return above.includes('.') && [earlier, later].some((facts) => facts.get(above) === 'null');
}

const withoutNull = (kind: string | undefined): string | undefined => kind?.split(' | ').filter((one) => one !== 'null').join(' | ');
