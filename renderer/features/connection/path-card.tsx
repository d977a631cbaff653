import { IconAlertTriangle, IconCheck, IconDatabase, IconDeviceDesktop, IconPhotoUp, IconQuestionMark, IconRouter, IconServer2, IconX } from '@tabler/icons-react';
import type { PathModel, PathNodeId, PathNodeState, Severity } from '../../../shared/domain/diagnosis.ts';
import { useWording } from '../../texts/texts-context.tsx';
import panel from '../../ui/panel.module.css';
import type { Icon } from '../../ui/upload-state.tsx';
import styles from './path-card.module.css';

const nodeIcons: Record<PathNodeId, Icon> = { computer: IconDeviceDesktop, network: IconRouter, gateway: IconServer2, media: IconPhotoUp, spaces: IconDatabase };
const stateIcons: Record<PathNodeState, Icon> = { ok: IconCheck, warn: IconAlertTriangle, failed: IconX, unknown: IconQuestionMark };

/** `warn`: photos pass, though badly. `cut`: they do not, and it is told how bad that is for them. */
type LinkState = 'ok' | 'warn' | 'cut' | 'cutOfNoMatter' | 'unknown';
const troubled: readonly LinkState[] = ['warn', 'cut', 'cutOfNoMatter'];
const linkStates: Record<Severity, LinkState> = { ok: 'ok', info: 'cutOfNoMatter', warn: 'warn', fail: 'cut' };

/** The way of a photo from left to right; what is broken is drawn broken, and said in a word. */
export function PathCard({ path, severity = 'ok' }: { path: PathModel; severity?: Severity }) {
  const { t: { connection } } = useWording();
  const stateOf = (from: PathNodeId, to: PathNodeId, otherwise: LinkState): LinkState =>
    path.broken.kind === 'link' && path.broken.from === from && path.broken.to === to ? linkStates[severity] : otherwise;
  const direct = stateOf('network', 'spaces', path.nodes[1]!.state === 'unknown' || path.nodes[4]!.state === 'unknown' ? 'unknown' : 'ok');
  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={connection.path}>
      <div className={styles.field} data-direct={path.direct}>
        {path.direct ? (
          <div className={styles.direct} data-state={direct}>
            <svg className={styles.arc} viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden>
              <path d="M0,100 C2,30 5,8 12,8 L88,8 C95,8 98,30 100,100" className={styles.line} />
            </svg>
            <span className={styles.directWords}>
              {troubled.includes(direct) ? <Trouble state={direct} from="network" to="spaces" /> : connection.direct}
            </span>
          </div>
        ) : null}
        <ol className={styles.nodes} aria-label={connection.path}>
          {path.nodes.map(({ id, state }, index) => {
            const Mark = nodeIcons[id];
            const StateMark = stateIcons[state];
            const next = path.nodes[index + 1];
            return (
              <li key={id} className={styles.node} data-state={state}>
                <span className={styles.circle}>
                  <Mark size={24} stroke={1.6} aria-hidden />
                  <span className={styles.badge}><StateMark size={12} stroke={3} aria-hidden /></span>
                </span>
                <span className={styles.name}>{connection.nodes[id]}</span>
                <span className={styles.word}>{connection.states[state]}</span>
                {next ? <Link from={id} to={next.id} state={stateOf(id, next.id, state === 'unknown' || next.state === 'unknown' ? 'unknown' : 'ok')} /> : null}
              </li>
            );
          })}
        </ol>
      </div>
    </section>
  );
}

interface LinkProps {
  from: PathNodeId;
  to: PathNodeId;
  state: LinkState;
}

function Link({ from, to, state }: LinkProps) {
  const isCut = state === 'cut' || state === 'cutOfNoMatter';
  return (
    <span className={styles.link} data-state={state}>
      <Stub d={isCut ? 'M0,8 H78 L100,1' : 'M0,8 H100'} />
      {troubled.includes(state) ? (
        <>
          <Trouble from={from} to={to} state={state} />
          <Stub d={isCut ? 'M0,15 L22,8 H100' : 'M0,8 H100'} />
        </>
      ) : null}
    </span>
  );
}

function Stub({ d }: { d: string }) {
  return <svg className={styles.shortLine} viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden><path d={d} className={styles.line} /></svg>;
}

/** The mark in the middle of a link that does not do its work, and its word. */
function Trouble({ from, to, state }: LinkProps) {
  const { t: { connection } } = useWording();
  const fromName = connection.nodes[from];
  const toName = connection.nodes[to];
  return (
    <>
      <span className={styles.trouble} aria-hidden>
        {state === 'warn' ? <IconAlertTriangle size={14} stroke={2.4} /> : <IconX size={14} stroke={3} />}
        <span className={styles.troubleWord}>{state === 'warn' ? connection.bad : connection.cut}</span>
      </span>
      <span className="visually-hidden">{state === 'warn' ? connection.badBetween(fromName, toName) : connection.cutBetween(fromName, toName)}</span>
    </>
  );
}
