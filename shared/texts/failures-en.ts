import type { FailureCatalogue } from './failures.ts';

export const failuresEn: FailureCatalogue = {
  places: { gateway: 'the server', spaces: 'the photo store', local: 'this computer' },
  photos: {
    retry: 'The photo is safe on this computer. It will be tried again by itself.',
    wait: 'The photo is safe on this computer. It will be sent by itself as soon as possible.',
    signIn: 'The photo is safe on this computer. It will be sent once you sign in.',
    needsAttention: 'The photo is safe on this computer, but will not be sent until somebody looks at it.',
  },
  stuck: 'Choose Retry. If it happens again, tell support.',
  texts: {
    offline: { what: 'This computer is not connected.', next: 'Check the network cable or the Wi-Fi. Nothing else is needed.' },
    'dns-failed': { what: ({ place }) => `The address of ${place} cannot be found.`, next: 'Check the connection. If other pages open, tell support.' },
    'connection-refused': { what: ({ place }) => `Cannot connect to ${place}: it is not running.`, next: 'Nothing to do. If it lasts for more than a few minutes, tell support.' },
    'connection-reset': { what: ({ place }) => `The connection to ${place} was cut.`, next: 'Nothing to do. If it happens often, tell support.' },
    'connect-timeout': { what: ({ place }) => `There is no answer from ${place}.`, next: 'Check the connection. If other pages open, tell support.' },
    stalled: { what: ({ place }) => `The connection to ${place} stood still.`, next: 'Nothing to do. If it happens often, the network may be slow: tell support.' },
    'tls-failed': { what: ({ place }) => `A secure connection to ${place} could not be made.`, next: 'Tell support.' },
    'certificate-expired': { what: ({ place }) => `The security certificate of ${place} has expired, or the date of this computer is wrong.`, next: 'Check the date and time of this computer. If they are right, tell support.' },
    'certificate-untrusted': { what: ({ place }) => `This computer does not recognise the security certificate of ${place}.`, next: 'Tell support. The clinic’s network may be inspecting connections.' },
    'proxy-auth-required': {
      what: ({ proxyAuth }) => {
        if (proxyAuth.name === 'unsupported') return `The network’s proxy only takes a kind of sign-in that Relevo cannot do (${proxyAuth.schemes}).`;
        return proxyAuth.name === 'refused' ? 'The network’s proxy does not accept the user name or password that is kept.' : 'The network asks for a proxy user name and password.';
      },
      next: ({ proxyAuth }) => (proxyAuth.name === 'unsupported'
        ? 'Tell your IT staff: the proxy must let Relevo pass without a sign-in, or offer Basic.'
        : 'Enter the proxy’s user name and password in Settings, or ask support for them.'),
    },
    'proxy-failed': { what: 'The network’s proxy does not let the connection through.', next: 'Tell support.' },
    'rate-limited': { what: ({ place, wait }) => `There is a lot of traffic at ${place}, and it asked us to wait${wait ? ` ${wait}` : ''}.`, next: 'Nothing to do.' },
    'circuit-open': { what: ({ place }) => `There were many errors in a row at ${place}, so sending is paused for a moment.`, next: 'Nothing to do. It is tried every few seconds.' },
    'server-error': { what: ({ place }) => `There was an internal error at ${place}.`, next: 'Nothing to do. If it lasts for more than a few minutes, tell support.' },
    'bad-gateway': { what: 'The server received the photo but could not put it into the store.', next: 'Nothing to do. If it lasts for more than a few minutes, tell support.' },
    'service-unavailable': { what: ({ place, wait }) => `At the moment ${place} is not available${wait ? `; it asked us to wait ${wait}` : ''}.`, next: 'Nothing to do. If it lasts for more than a few minutes, tell support.' },
    'gateway-timeout': { what: 'The server took too long to answer.', next: 'Nothing to do: before sending again, we check whether the photo arrived.' },
    'request-timeout': { what: ({ place }) => `Sending took longer than ${place} allows.`, next: 'Nothing to do. If it happens often, the network may be slow: tell support.' },
    'server-disk-full': { what: ({ place }) => `There is no space left at ${place}.`, next: 'Tell support.' },
    'malformed-answer': { what: ({ place }) => `An answer came that is not from ${place}. It may come from the network, such as a Wi-Fi sign-in page.`, next: 'Open the browser and see whether the network asks you to sign in. If not, tell support.' },
    'session-expired': { what: 'Your session has ended.', next: 'Sign in again.' },
    forbidden: { what: 'Your account may not send photos of this patient.', next: 'Ask the person in charge for access, then choose Retry.' },
    'patient-not-found': { what: 'The server does not find this patient.', next: 'Check the patient with the person in charge. Then retry, or cancel and add the photo to the right patient.' },
    'upload-gone': { what: 'The server no longer remembers this upload, which had been left half done for a while.', next: 'Nothing to do: it starts again.' },
    conflict: { what: 'The server says that the upload is in another state.', next: 'Choose Retry. If it happens again, tell support.' },
    'integrity-mismatch': {
      what: 'What arrived in the store is not identical to the photo.',
      photos: 'The original is safe on this computer, and it does not count as sent.',
      next: 'Choose Retry. If it happens again, tell support.',
    },
    'too-large': { what: 'The photo is larger than the server accepts.', next: 'Tell support, or add a smaller copy.' },
    'unsupported-type': { what: 'The server does not accept this type of image.', next: 'Add the photo in another format, such as JPEG.' },
    'bad-request': { what: ({ place }) => `The upload was refused by ${place}.`, next: 'Tell support.' },
    'clock-skew': { what: 'The time of this computer does not agree with the server’s.', next: 'Correct the date and time of this computer.' },
    'signature-expired': { what: 'The permission to send this part of the photo ran out.', next: 'Nothing to do: another one is asked for.' },
    'spool-damaged': {
      what: 'The copy of the photo on this computer is damaged.',
      photos: 'The photo has not been sent, and it will not be sent damaged.',
      next: 'Add it again for the same patient, from the card or the original folder: then it goes on by itself. Do not cancel this one before that.',
    },
    'spool-missing': {
      what: 'The copy of the photo on this computer is missing.',
      photos: 'The photo has not been sent.',
      next: 'Add it again for the same patient, from the card or the original folder: then it goes on by itself. Do not cancel this one before that.',
    },
    'disk-full': { what: 'The disk of this computer is full.', next: 'Free some space on the disk.' },
    superseded: {
      what: 'A newer photo of this patient has already been sent, and this server keeps only one per patient.',
      photos: 'This photo has not been sent, so as not to replace the newer one. It is still on this computer.',
      next: 'Cancel it if it is no longer needed, or retry to let it replace the other one.',
    },
    unknown: { what: 'Something happened that Relevo does not recognise.', next: 'Choose Retry. If it happens again, tell support.' },
  },
};
