import type { Texts } from './catalogue.ts';
import { type Count, photosEn as photos } from './counted.ts';

function safe(count: Count): string {
  if (count.value === 0) return 'No photo waits.';
  return `${photos(count)} ${count.value === 1 ? 'waits' : 'wait'}, safe on this computer.`;
}

export const noticesEn: Texts['notices'] = {
  meteredTitle: 'Metered network: sending is paused',
  meteredText: (count) => `${safe(count)} ${count.value === 1 ? 'It' : 'They'} will be sent as soon as there is another network.`,
  sendAnyway: 'Send anyway',
  proxyTitle: 'The network’s proxy asks for a user and password',
  proxyText: (count) => `${safe(count)} Nothing is sent until the proxy accepts them.`,
  toNetwork: 'Open network settings',
  contractTitle: 'The server seems to have changed: sending waits',
  contractText: (count) => `${safe(count)} Relevo makes sure of it for about ten minutes before it goes on, so that no photo replaces another by mistake. There is nothing to do.`,
  lostTitle: (count) => (count.value === 1 ? 'A pasted picture was not added' : `${count.text} pasted pictures were not added`),
  lostText: 'The window was locked, or somebody signed out, before all was saved. What is missing is neither in the queue nor on the card: paste it again.',
  diskTitle: 'This computer is low on space',
  diskText: (free) => `${free} are left. The photos kept here are safe, but soon there will be no room for more. Free some space or tell support.`,
  queueTitle: 'The queue on this computer was made anew',
  queueText: (when) => `Its file was damaged (${when}). Relevo put it aside without deleting it, and filled another queue with the sealed photos. See whether one is missing; if so, tell support.`,
  dismiss: 'Understood',
};
