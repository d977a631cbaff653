import { once } from 'node:events';
import net from 'node:net';
import { Worker } from 'node:worker_threads';

/**
 * A port that takes the packets and says nothing: its owner never accepts, and the few connections that the system keeps
 * for it are taken, so the system drops every further one, as a firewall does.
 *
 * @param wanted 0: any that is free
 */
export async function silentPort(host: string, wanted: number): Promise<{ port: number; close: () => Promise<void> }> {
  const worker = new Worker(`
    const { parentPort, workerData } = require('node:worker_threads');
    const server = require('node:net').createServer();
    server.listen({ host: workerData.host, port: workerData.wanted, backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      setImmediate(() => Atomics.wait(new Int32Array(workerData.asleep), 0, 0));
    });`, { eval: true, workerData: { host, wanted, asleep: new SharedArrayBuffer(4) } });
  // `once` rejects where the worker fails, as it does without IPv6.
  const [port] = (await once(worker, 'message')) as [number];
  const fillers = Array.from({ length: 6 }, () => net.connect(port, host).on('error', () => undefined));
  // Those that are let in are in at once on this computer; what is not in by now has met the silence already.
  await Promise.race([Promise.all(fillers.slice(0, 2).map((socket) => once(socket, 'connect'))), new Promise((resolve) => { setTimeout(resolve, 500); })]);
  return {
    port,
    async close() {
      for (const socket of fillers) socket.destroy();
      await worker.terminate();
    },
  };
}
