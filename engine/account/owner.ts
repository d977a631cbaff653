/**
 * @file Whose a photo is.
 *
 * [Note: an id at a gateway] A person's id means something at the gateway that gave it out, and nowhere else: a training copy gives the
 * same ids to the same people, and a hostile gateway any id it likes. So a photo belongs to an id *at a gateway*. `ownerKey` makes one text
 * of the two, and that text is the account id of the queue everywhere: rows, tallies, tries, what is told as a duplicate, a sealed photo's
 * own facts. Whoever signs in at another gateway is another owner, whatever id it gives them.
 *
 * [Note: a backend that moves] Its new address is another gateway, and what was queued under the old one would wait for ever. That the two
 * are one backend only an administrator can say (`formerGateways`), and it is said of one present address: whoever may only name another
 * gateway, as anybody at the window may, gets nothing of the queue by it.
 *
 * [Note: photos of a bare id] Earlier versions noted the id alone. Which gateway was meant is told by what else is known here; see
 * `ownerOfBareId`. Where nothing tells it, the gateway stays empty: the photo stays sealed, for an owner who can sign in nowhere, until an
 * administrator names the backend (`unknown` among its former addresses).
 */
import { normalGateway } from '../../shared/domain/gateway.ts';

export interface Owner {
  /** Empty: nobody knows. */
  gateway: string;
  personId: string;
}

/** An address has no space in it, so the first one is where the person's id begins. */
export function ownerKey({ gateway, personId }: Owner): string {
  return `${normalGateway(gateway)} ${personId}`;
}

/** @param key of `ownerKey`, or a bare id */
export function ownerOf(key: string): Owner {
  return isBareId(key) ? { gateway: '', personId: key } : { gateway: key.slice(0, key.indexOf(' ')), personId: key.slice(key.indexOf(' ') + 1) };
}

export function isBareId(accountId: string): boolean {
  return !/^(https?:\/\/\S+)? /.test(accountId);
}

export interface BareIdEvidence {
  /** Everybody who is known to have signed in on this computer, the kept session's person included. */
  known: readonly Owner[];
  /** The gateway of the kept session. */
  kept?: string | undefined;
  /** The gateway at which sending the photo was begun. */
  begunAt?: string | undefined;
  /** It was sent there. */
  ended?: boolean;
}

/**
 * @returns the key of the owner that an earlier version's photo belongs to. Where it was sent is where it is; else the one gateway at which
 *   this person is known decides; where that is not one, where its sending was begun; then the kept session's, unless the person is known at others.
 */
export function ownerOfBareId(personId: string, { known, kept, begunAt, ended = false }: BareIdEvidence): string {
  const gateways = [...new Set(known.filter((owner) => owner.personId === personId).map((owner) => normalGateway(owner.gateway)))];
  const only = gateways.length === 1 ? gateways[0] : undefined;
  const keptOne = kept !== undefined && (gateways.length === 0 || gateways.includes(normalGateway(kept))) ? kept : undefined;
  const gateway = (ended ? begunAt : undefined) ?? only ?? begunAt ?? keptOne ?? '';
  return ownerKey({ gateway, personId });
}
