import { Button, Drawer, UnstyledButton } from '@mantine/core';
import { IconActivityHeartbeat } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { UploadEvent, UploadItem } from '../../../shared/domain/upload.ts';
import { CallError } from '../../../shared/rpc/call-error.ts';
import { diagnosisText } from '../../../shared/texts/diagnoses.ts';
import { failureText } from '../../../shared/texts/failures.ts';
import { useClient, useNow } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useMissing } from '../../client/use-missing.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Fold } from '../../ui/fold.tsx';
import { Notice } from '../../ui/notice.tsx';
import { StateChip } from '../../ui/state-chip.tsx';
import { Thumbnail } from '../../ui/thumbnail.tsx';
import { lookOf } from '../../ui/upload-state.tsx';
import { explanationOf } from './explanation.ts';
import { actionIcons } from './queue-row.tsx';
import { reasonFor } from './reason.ts';
import styles from './story-drawer.module.css';
import { storyLines } from './story-lines.ts';
import { technicalFacts } from './technical-facts.ts';
import { actionsFor, type UploadAction } from './upload-actions.ts';

interface StoryDrawerProps {
  item: UploadItem | undefined;
  onClose: () => void;
  onAct: (action: UploadAction, item: UploadItem) => void;
  onConnection: () => void;
}

/** What has become of one photo, told from the latest to the first. */
export function StoryDrawer({ item, onClose, onAct, onConnection }: StoryDrawerProps) {
  const { t } = useWording();
  // Stays while the drawer slides out.
  const [shown, setShown] = useState(item);
  if (item && item !== shown) setShown(item);
  return (
    <Drawer opened={item !== undefined} onClose={onClose} position="right" size={420} title={t.story.title} closeButtonProps={{ 'aria-label': t.common.close }}>
      {shown ? <Story key={shown.id} opened={shown} onAct={onAct} onConnection={onConnection} /> : null}
    </Drawer>
  );
}

interface Told {
  item: UploadItem;
  story: readonly UploadEvent[];
}

/** The photo and its story, read again whenever the queue says that it changed. */
function useStory(opened: UploadItem): Told | 'gone' {
  const client = useClient();
  const [told, setTold] = useState<Told | 'gone'>({ item: opened, story: [] });
  useEffect(() => {
    let closed = false;
    const read = (): void => {
      client.call.getUpload({ id: opened.id }).then(
        (answer) => { if (!closed) setTold(answer); },
        (error: unknown) => { if (!closed && error instanceof CallError && error.code === 'not-found') setTold('gone'); },
      );
    };
    read();
    const stop = client.on('queue', ({ items, more }) => {
      if (more || items.some(({ id }) => id === opened.id)) read();
    });
    return () => {
      closed = true;
      stop();
    };
  }, [client, opened.id]);
  return told;
}

function Story({ opened, onAct, onConnection }: { opened: UploadItem } & Pick<StoryDrawerProps, 'onAct' | 'onConnection'>) {
  const wording = useWording();
  const { t } = wording;
  const now = useNow(10_000);
  const told = useStory(opened);
  const missing = useMissing(opened.patientId);
  const connection = useStore(useClient().connection);
  if (told === 'gone') return <p className={styles.quiet}>{t.story.gone}</p>;
  const { item, story } = told;
  const look = lookOf(item.state);
  const reason = reasonFor(wording, item, now);
  const failure = 'failure' in item.state ? item.state.failure : undefined;
  const diagnosis = explanationOf(item.state, connection?.diagnosis);
  const explanation = failure ? failureText(wording.language, failure) : undefined;
  return (
    <div className={styles.story}>
      <div className={styles.head}>
        <Thumbnail id={item.id} available={item.hasThumbnail} size={72} />
        <div className={styles.headWords}>
          <p className={`${styles.name} selectable`}>{item.fileName}</p>
          <p className={styles.quiet}>{t.story.addedTo(item.patientName)}</p>
          {missing ? <p className={styles.quiet}>{t.patients.missing}</p> : null}
          <p className={`${styles.quiet} numbers`}>{wording.bytes(item.sizeBytes)}</p>
        </div>
      </div>
      {explanation ? (
        <Notice tone={look.tone} icon={look.icon} title={t.queue.states[item.state.name]} text={`${explanation.what} ${explanation.photos} ${explanation.next}`} />
      ) : (
        <div className={styles.state}>
          <StateChip {...look} word={t.queue.states[item.state.name]} filled />
          {reason ? <span className={`${styles.quiet} numbers`}>{reason}</span> : null}
        </div>
      )}
      {diagnosis ? (
        <p className={styles.explained}>
          <span className={styles.quiet}>{`${t.connection.explains}: ${diagnosisText(wording.language, diagnosis).sentence}`}</span>
          <UnstyledButton className={styles.link} onClick={onConnection}><IconActivityHeartbeat size={15} aria-hidden />{t.connection.see}</UnstyledButton>
        </p>
      ) : null}
      {actionsFor(item.state).length > 0 ? (
        <div className={styles.actions}>
          {actionsFor(item.state).map((action, index) => {
            const Mark = actionIcons[action];
            return (
              <Button key={action} size="xs" variant={index === 0 && action !== 'cancel' ? 'light' : 'default'} leftSection={<Mark size={15} />} onClick={() => onAct(action, item)}>
                {t.queue.actions[action]}
              </Button>
            );
          })}
        </div>
      ) : null}
      <section aria-label={t.story.timeline}>
        <h3 className={styles.heading}>{t.story.timeline}</h3>
        <ol className={styles.timeline}>
          {storyLines(wording, story).map((line, index) => (
            <li key={`${line.at}-${line.kind}-${index}`} className={styles.event} data-kind={line.kind}>
              <span className={styles.what}>{line.text}</span>
              <time className={`${styles.when} numbers`} dateTime={new Date(line.at).toISOString()}>{wording.clock(line.at, now)}</time>
              {line.reason ? <span className={styles.reason}>{line.reason}</span> : null}
            </li>
          ))}
        </ol>
      </section>
      <section>
        <Fold label={t.common.details}>
          <dl className={styles.facts}>
            {technicalFacts(wording, item).map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="selectable">{value}</dd>
              </div>
            ))}
          </dl>
        </Fold>
      </section>
    </div>
  );
}
