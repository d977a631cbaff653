import type { Socket } from 'node:net';
import type { MessageChannelPort } from '../../shared/rpc/contract.ts';
import { createFrameReader, encodeFrame } from './frames.ts';

/** A socket as a port for typed calls. What is not a message of ours ends the connection. */
export function createSocketPort(socket: Socket): MessageChannelPort {
  const listeners = new Set<(message: unknown) => void>();
  const read = createFrameReader((message) => { for (const listener of [...listeners]) listener(message); });
  socket.on('data', (piece: Buffer) => { if (!read(piece)) socket.destroy(); });
  return {
    post: (message) => { if (socket.writable) socket.write(encodeFrame(message)); },
    onMessage(listener) {
      listeners.add(listener);
      return () => { listeners.delete(listener); };
    },
  };
}
