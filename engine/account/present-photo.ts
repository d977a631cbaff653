/**
 * @file Contract A keeps one photo of each patient: what a new one would replace is shown before.
 *
 * [Note: an address from the server] The patient's record names the photo by an address, and a record can be wrong or made
 * by somebody hostile. So: http and https only, and never http where the gateway is asked by https; no user part; no token goes
 * along, to whatever host; a redirect is not followed; at most 6 MiB and a few seconds; and only bytes that begin as an image does are handed on.
 */
import type { PresentPhoto } from '../../shared/domain/account.ts';
import type { Clock } from '../clock.ts';
import { sniff } from '../ingest/sniff.ts';
import { patientPhotoAddress } from '../transport/gateway-photo.ts';
import type { Deadlines, Http } from '../transport/http.ts';
import { safeAddress } from '../transport/server-address.ts';
import type { Account } from './account.ts';

/** A person waits with the photo in hand. */
const wholeMs = 8_000;
const deadlines: Deadlines = { connectMs: 4_000, stallMs: 4_000, totalMs: 6_000 };
/** Contract A takes no more than 5 MB. */
const mostBytes = 6 * 1024 * 1024;

export interface PresentPhotoTools {
  /** The bare network: where the record leads is nobody's concern but its own. */
  http: Http;
  clock: Clock;
  closing: AbortSignal;
  account: Pick<Account, 'state' | 'ownerId' | 'limits' | 'client' | 'patients'>;
}

/**
 * The photo that the patient has at the backend; those of our own queue are not in it. `none` wherever nothing is replaced.
 * Never rejects for the network or the server: what cannot be had within eight seconds is `unknown`.
 */
export async function presentPhoto(tools: PresentPhotoTools, patientId: string): Promise<PresentPhoto> {
  const { clock, closing, account } = tools;
  const { gateway } = account.state();
  const owner = account.ownerId();
  // The organisation through which this account sees the patient.
  const org = account.patients.orgOf(patientId);
  if (account.limits()?.contract !== 'gateway-photo') return { name: 'none' };
  if (gateway === undefined || org === undefined) return { name: 'unknown' };
  const over = new AbortController();
  const signal = AbortSignal.any([over.signal, closing]);
  const tooLate = clock.sleep(wholeMs, signal).then((): PresentPhoto => ({ name: 'unknown' }));
  try {
    // A token that has to be renewed first does not hear the signal, so it is not waited for either.
    const found = await Promise.race([lookAt(tools, { gateway, org, patientId }, signal), tooLate]);
    // Somebody else may sit at the window by now.
    return account.ownerId() === owner ? found : { name: 'unknown' };
  } catch {
    return { name: 'unknown' };
  } finally {
    over.abort();
  }
}

async function lookAt({ http, account }: PresentPhotoTools, patient: { gateway: string; org: string; patientId: string }, signal: AbortSignal): Promise<PresentPhoto> {
  const address = await patientPhotoAddress(account.client(), patient.org, patient.patientId, signal);
  if (!address) return { name: 'none' };
  const url = safeAddress(address, patient.gateway);
  if (url === undefined) return { name: 'unknown' };
  const answer = await http.send({ method: 'GET', url, headers: {}, endpoint: 'spaces', deadlines, signal, maxAnswerBytes: mostBytes });
  const found = sniff(answer.body);
  if (answer.status !== 200 || found.name !== 'photo') return { name: 'unknown' };
  return { name: 'present', contentType: found.contentType, bytes: answer.body };
}
