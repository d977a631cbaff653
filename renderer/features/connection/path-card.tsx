import { IconAlertTriangle, IconCheck, IconDatabase, IconDeviceDesktop, IconPhotoUp, IconQuestionMark, IconRouter, IconServer2, IconX } from '@tabler/icons-react';
import type { PathModel, PathNodeId, PathNodeState } from '../../../shared/domain/diagnosis.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import type { Icon } from '../../ui/upload-state.tsx';
import styles from './path-card.module.css';

const nodeIcons: Record<PathNodeId, Icon> = { computer: IconDeviceDesktop, network: IconRouter, gateway: IconServer2, media: IconPhotoUp, spaces: IconDatabase };
const stateIcons: Record<PathNodeState, Icon> = { ok: IconCheck, warn: IconAlertTriangle, failed: IconX, unknown: IconQuestionMark };

type LinkState = 'ok' | 'broken' | 'unknown';

/** The way of a photo from left to right; what is broken is drawn broken, and said in a word. */
export function PathCard({ path }: { path: PathModel }) {
  const { t: { connection } } = useWording();
  const isCut = (from: PathNodeId, to: PathNodeId): boolean => path.broken.kind === 'link' && path.broken.from === from && path.broken.to === to;
  const directState: LinkState = isCut('network', 'spaces') ? 'broken' : path.nodes[4]!.state === 'unknown' ? 'unknown' : 'ok';
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={connection.path}>
      <div className={styles.field} data-direct={path.direct}>
        {path.direct ? (
          <div className={styles.direct} data-state={directState}>
            <svg className={styles.arc} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
              <path d="M0,100 C2,30 5,8 12,8 L88,8 C95,8 98,30 100,100" className={styles.line} />
            </svg>
            <span className={styles.directWords}>
              {directState === 'broken' ? <CutMark word={connection.cut} /> : connection.direct}
              {directState === 'broken' ? <span className="visually-hidden">{connection.cutBetween(connection.nodes.network, connection.nodes.spaces)}</span> : null}
            </span>
          </div>
        ) : null}
        <ol className={styles.nodes} aria-label={connection.path}>
          {path.nodes.map(({ id, state }, index) => {
            const Mark = nodeIcons[id];
            const StateMark = stateIcons[state];
            const next = path.nodes[index + 1];
            const link: LinkState | undefined = next && (isCut(id, next.id) ? 'broken' : state === 'unknown' || next.state === 'unknown' ? 'unknown' : 'ok');
            return (
              <li key={id} className={styles.node} data-state={state}>
                <span className={styles.circle}>
                  <Mark size={24} stroke={1.6} aria-hidden />
                  <span className={styles.badge}><StateMark size={12} stroke={3} aria-hidden /></span>
                </span>
                <span className={styles.name}>{connection.nodes[id]}</span>
                <span className={styles.word}>{connection.states[state]}</span>
                {link ? <Link state={link} says={link === 'broken' ? connection.cutBetween(connection.nodes[id], connection.nodes[next!.id]) : undefined} /> : null}
              </li>
            );
          })}
        </ol>
      </div>
    </section>
  );
}

function Link({ state, says }: { state: LinkState; says?: string }) {
  const { t: { connection } } = useWording();
  if (state !== 'broken') {
    return (
      <span className={styles.link} data-state={state}>
        <svg className={styles.stub} viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden><path d="M0,8 H100" className={styles.line} /></svg>
      </span>
    );
  }
  return (
    <span className={styles.link} data-state={state}>
      <svg className={styles.stub} viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden><path d="M0,8 H78 L100,1" className={styles.line} /></svg>
      <CutMark word={connection.cut} />
      <svg className={styles.stub} viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden><path d="M0,15 L22,8 H100" className={styles.line} /></svg>
      <span className="visually-hidden">{says}</span>
    </span>
  );
}

function CutMark({ word }: { word: string }) {
  return (
    <span className={styles.cut} aria-hidden>
      <IconX size={14} stroke={3} />
      <span className={styles.cutWord}>{word}</span>
    </span>
  );
}
