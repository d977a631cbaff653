/** @file Free texts, word by word: only words that are known to say nothing of anybody come through. */
import { isIP } from 'node:net';
import {
  diagnosisCodes, findingSchema, hopSchema, layerSchema, measuredTargetSchema, neighbourStateSchema, probeKindSchema, probeTargetSchema,
} from '../../../shared/domain/diagnosis.ts';
import { isIdentifier, isKnownCode } from '../../logging/known-words.ts';
import type { Names } from './names.ts';

export const leftOutWord = '…';

/** What our own sentences of evidence, and reasons of probes, are made of. */
const sentenceWords = `a able about absent access accepts account address after again also an and another answer answered answers any are as ask asked at auth
  back backend be been begin broken by canary cannot certificate changed changes check checks circuit client command connect connected connection connections
  contract control could date deep did disk dns do does down drop dropped due end entry error exchange expired failed failing few first for found free from full further
  gateway given go had has have health here host http image in interface interfaces is issuer it its known last late later latency leads least less limit limited line link
  local longer loss lost mail may media min missing more ms name neighbour neighbours neither network never no nobody node nor not nothing now of off offers ok old on one
  only open or other our out own p50 p95 part path phase photo photos place platform portal probe probes process proxy rate reachable reached read readyz refused renewal request resolve
  resolved resolver resolves retry route router run said same seen send sends sent server service set signed since skipped slow source spaces still stopped stack system table takes tcp
  test than that the their then there this through time timeout tls to too took token trace tried try tunnel twice unit unreachable until up upload uploads used usual usually via waiting was
  were what when where which while whole why window with within without word works would yet chromium node captive heartguard readiness percent bytes seconds minutes needed limits uses
  s mib kib h ipv4 ipv6 ip neigh show get arp print find-netroute get-netneighbor notafter`;
/** What the systems' route and neighbour commands print beside names and addresses. */
const commandWords = `default via dev proto scope link src metric kernel static dhcp boot ra redirect lladdr reachable stale delay probe failed incomplete permanent noarp none
  onlink linkdown dead pref medium high low mtu advmss cache unreachable prohibit blackhole throw local broadcast multicast anycast host global site table main router extern_learn
  up down unknown lower_up loopback pointopoint dynamic forever preferred_lft valid_lft expires hoplimit error nud inet inet6 net ipv4 ipv6 interface list active routes persistent network destination netmask
  gateway address physical type internet routing tables destination: gateway: flags flags: netif expire interface: route to: mask: mask if ethernet permanent? no entry entries on-link is not known process
  rtnetlink answers: answers invalid argument u g h s c w l i b r ug ugh uh uhs ugs uc ucs us uli uhl uhls uhlwi uhlwii uhlwiir ugsc ugscg ugscig usc ucsi`;
const vocabulary: ReadonlySet<string> = new Set([
  ...`${sentenceWords} ${commandWords}`.split(/\s+/),
  ...[diagnosisCodes, findingSchema.options, hopSchema.options, layerSchema.options, measuredTargetSchema.options, neighbourStateSchema.options, probeKindSchema.options, probeTargetSchema.options].flat().map((word) => word.toLowerCase()),
]);

const macPattern = /^(?:[0-9a-f]{1,2}[:-]){5}[0-9a-f]{1,2}$/i;
const numberPattern = /^[-+]?\d{1,7}(?:\.\d{1,3})?%?$/;
const isoPattern = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

/** One word, its brackets and full stops aside; names of the network as `names` writes them, what is not known left out. */
function safeWord(word: string, before: string | undefined, names: Names): string {
  const [, open = '', core = '', close = ''] = /^([("'[<]*)(.*?)([)"'\]>,;.:]*)$/su.exec(word) ?? [];
  const around = (safe: string): string => `${open}${safe}${close}`;
  if (core === '') return word.length <= 3 ? word : leftOutWord;
  const [address = '', prefix] = core.split('/', 2);
  if (isIP(address) && (prefix === undefined || /^\d{1,3}$/.test(prefix))) return around(names('address', address) + (prefix === undefined ? '' : `/${prefix}`));
  if (macPattern.test(core)) return around(names('mac', core));
  if (isoPattern.test(core) || numberPattern.test(core)) return around(core);
  if (vocabulary.has(core.toLowerCase()) || isKnownCode(core)) return around(core);
  if ((before === 'request' || before === 'trace') && isIdentifier(core)) return around(core);
  if (before === 'dev') return around(names('network', core));
  if (before === 'to' && /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i.test(core)) return around(names('host', core));
  return leftOutWord;
}

/** Spaces and line ends stay, so that tables stay tables. */
export function safeWords(text: string, names: Names): string {
  return text.split(/(\s+)/u).map((piece, index, all) => (index % 2 === 1 ? piece.replace(/[^\n\t ]/g, '') : piece === '' ? '' : safeWord(piece, all[index - 2]?.toLowerCase(), names))).join('');
}
