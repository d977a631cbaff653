import { useEffect, useState } from 'react';
import type { ShownLogLine } from '../../../shared/domain/support.ts';
import { useClient } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { type LogFilter, withNewLines } from './log-lines.ts';

/** Typing a word asks the engine once, when it pauses. */
const typingMs = 200;
const readAtFirst = 500;

/** The narrowed log, newest first, growing as lines are written. */
export function useLog({ level, search }: LogFilter): readonly ShownLogLine[] {
  const client = useClient();
  const engine = useStore(client.engine);
  const [lines, setLines] = useState<readonly ShownLogLine[]>([]);
  useEffect(() => {
    let closed = false;
    const timer = setTimeout(() => {
      client.call.getLog({ level, search, limit: readAtFirst }).then((answer) => { if (!closed) setLines(answer.lines); }, () => undefined);
    }, search === '' ? 0 : typingMs);
    const stop = client.on('log', (batch) => setLines((shown) => withNewLines(shown, batch.lines, { level, search })));
    return () => {
      closed = true;
      clearTimeout(timer);
      stop();
    };
  }, [client, engine, level, search]);
  return lines;
}
