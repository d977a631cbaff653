import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Says `100 Continue` when somebody begins to read the body, to a client that asked for it. Whoever answers by the head alone reads nothing,
 * so that the client keeps its bytes, as Spaces do.
 */
export function continueWhenRead(request: IncomingMessage, response: ServerResponse): void {
  const read = request._read.bind(request);
  request._read = (size) => {
    request._read = read;
    if (!response.headersSent && !response.destroyed) response.writeContinue();
    read(size);
  };
}
