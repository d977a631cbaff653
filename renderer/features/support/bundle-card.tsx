import { Button } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck, IconDownload, IconEyeOff, IconFileText, IconFolder } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import type { BundlePreview } from '../../../shared/domain/support.ts';
import { useClient } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { Notice } from '../../ui/notice.tsx';
import panel from '../../ui/panel.module.css';
import styles from './bundle-card.module.css';
import { bundleTree } from './bundle-tree.ts';

type Saving = 'not-asked' | 'saving' | 'saved' | 'failed';

/** What support would be sent, before it is saved: what lies in it, and what never does. */
export function BundleCard() {
  const wording = useWording();
  const { support } = wording.t;
  const client = useClient();
  const preview = usePreview();
  const [saving, setSaving] = useState<Saving>('not-asked');

  async function save(): Promise<void> {
    setSaving('saving');
    try {
      const { saved } = await client.call.saveBundle();
      setSaving(saved ? 'saved' : 'not-asked');
    } catch {
      setSaving('failed');
    }
  }

  return (
    <section className={`${panel.panel} ${styles.card}`} aria-label={support.bundle}>
      <div className={styles.head}>
        <div className={styles.words}>
          <h2 className={styles.title}>{support.bundle}</h2>
          <p className={styles.text}>{support.bundleText}</p>
        </div>
        <Button leftSection={<IconDownload size={17} />} disabled={saving === 'saving'} onClick={() => void save()}>{saving === 'saving' ? support.saving : support.save}</Button>
      </div>
      {saving === 'saved' ? <Notice role="status" tone="sent" icon={IconCircleCheck} title={support.saved} /> : null}
      {saving === 'failed' ? <Notice role="alert" tone="failed" icon={IconAlertTriangle} title={support.saveFailed} /> : null}
      {typeof preview === 'string'
        ? <p className={styles.text}>{preview === 'reading' ? support.preparing : support.previewFailed}</p>
        : <Contents preview={preview} />}
    </section>
  );
}

function Contents({ preview }: { preview: BundlePreview }) {
  const wording = useWording();
  const { support } = wording.t;
  const total = preview.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return (
    <div className={styles.columns}>
      <div>
        <h3 className={panel.heading}>{support.inside}</h3>
        <ul className={styles.tree} aria-label={support.inside}>
          {bundleTree(preview.files).map(({ name, files }) => (
            <li key={name} className={styles.branch}>
              {name === '' ? null : <span className={styles.folder}><IconFolder size={16} stroke={1.7} aria-hidden />{name}</span>}
              <ul className={styles.files} data-top={name === ''}>
                {files.map(({ name: fileName, file }) => (
                  <li key={fileName} className={styles.file}>
                    {file.failed ? <IconAlertTriangle size={16} stroke={1.9} className={styles.failedMark} aria-hidden /> : <IconFileText size={16} stroke={1.7} aria-hidden />}
                    <span className={styles.fileName}>
                      <span className={`${styles.mono} selectable`}>{fileName}</span>
                      {file.failed ? <span className={styles.failed}>{support.failed}</span> : null}
                    </span>
                    <span className={`${styles.size} numbers`}>{wording.bytes(file.sizeBytes)}</span>
                  </li>
                ))}
              </ul>
            </li>
          ))}
        </ul>
        <p className={`${styles.total} numbers`}>{support.total(wording.bytes(total))}</p>
      </div>
      <div>
        <h3 className={panel.heading}>{support.leftOut}</h3>
        <ul className={styles.leftOut} aria-label={support.leftOut}>
          {preview.leftOut.map((kind) => (
            <li key={kind}>
              <IconEyeOff size={16} stroke={1.7} aria-hidden />
              <span><span className={styles.what}>{support.reasons[kind].what}</span><span className={styles.why}>{support.reasons[kind].why}</span></span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}

function usePreview(): BundlePreview | 'reading' | 'failed' {
  const client = useClient();
  const engine = useStore(client.engine);
  const [preview, setPreview] = useState<BundlePreview | 'reading' | 'failed'>('reading');
  useEffect(() => {
    if (engine !== 'running') return undefined;
    let closed = false;
    client.call.previewBundle().then(
      (answer) => { if (!closed) setPreview(answer); },
      () => { if (!closed) setPreview('failed'); },
    );
    return () => { closed = true; };
  }, [client, engine]);
  return preview;
}
