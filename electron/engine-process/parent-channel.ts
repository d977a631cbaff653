import type { MessageChannelPort } from '../../shared/rpc/contract.ts';

export interface ParentChannel extends MessageChannelPort {
  /** Called once when main is gone, however it ended. */
  onGone(listener: () => void): void;
}

/**
 * The way to main: a utility process's `parentPort`, or the IPC pipe of a Node child process. See [Note: two ways to run the engine].
 *
 * @throws Error if nobody started this process with a channel.
 */
export function parentChannel(): ParentChannel {
  // Absent in plain Node, where Electron's types do not say so.
  const port = process.parentPort as Electron.ParentPort | undefined;
  if (port) {
    return {
      post: (message) => port.postMessage(message),
      onMessage: (listener) => {
        const receive = ({ data }: Electron.MessageEvent): void => listener(data);
        port.on('message', receive);
        return () => { port.off('message', receive); };
      },
      // Chromium ends a utility process itself when its browser process is gone.
      onGone: () => undefined,
    };
  }
  if (!process.send) throw new Error('The engine’s process was started without a channel to its parent');
  return {
    post: (message) => {
      // The error comes when the pipe is closed; `disconnect` tells the same, and there it is dealt with.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (listener) => {
      process.on('message', listener);
      return () => { process.off('message', listener); };
    },
    onGone: (listener) => { process.once('disconnect', listener); },
  };
}
