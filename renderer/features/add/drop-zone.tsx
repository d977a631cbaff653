import { Button } from '@mantine/core';
import { IconFolder, IconPhotoPlus } from '@tabler/icons-react';
import { type DragEvent, useEffect, useRef, useState } from 'react';
import type { Limits } from '../../../shared/domain/account.ts';
import { useClient } from '../../client/client-context.tsx';
import { typeName } from '../../texts/type-name.ts';
import { useWording } from '../../texts/texts-context.tsx';
import styles from './drop-zone.module.css';
import { fromFiles, fromFolder, fromTransfer, type Intake } from './intake.ts';

/** Before the backend has said what it accepts; the engine has the last word in any case. */
const usualTypes = ['image/jpeg', 'image/png', 'image/webp', 'image/heic'];

interface DropZoneProps {
  limits: Limits | undefined;
  /** Once there are photos to look at, the zone makes room for them. */
  compact: boolean;
  onTake: (intake: Intake) => void;
}

export function DropZone({ limits, compact, onTake }: DropZoneProps) {
  const wording = useWording();
  const { t } = wording;
  const { pathOf } = useClient();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  // Entering a child leaves the parent: only the balance says whether the pointer is still inside.
  const [depth, setDepth] = useState(0);
  const types = limits?.acceptedTypes ?? usualTypes;

  useEffect(() => {
    function paste(event: ClipboardEvent): void {
      if (!event.clipboardData || event.clipboardData.files.length === 0) return;
      event.preventDefault();
      onTake(fromTransfer(event.clipboardData, pathOf));
    }
    document.addEventListener('paste', paste);
    return () => document.removeEventListener('paste', paste);
  }, [onTake, pathOf]);

  function drop(event: DragEvent): void {
    event.preventDefault();
    setDepth(0);
    onTake(fromTransfer(event.dataTransfer, pathOf));
  }

  const isOver = depth > 0;
  return (
    <div
      className={styles.zone}
      role="group"
      aria-label={t.add.drop}
      data-testid="drop-zone"
      data-over={isOver}
      data-compact={compact}
      onDragEnter={(event) => {
        event.preventDefault();
        setDepth((value) => value + 1);
      }}
      onDragLeave={() => setDepth((value) => Math.max(0, value - 1))}
      onDragOver={(event) => {
        event.preventDefault();
        event.dataTransfer.dropEffect = 'copy';
      }}
      onDrop={drop}
    >
      <span className={styles.mark}><IconPhotoPlus size={compact ? 22 : 30} stroke={1.6} aria-hidden /></span>
      <div className={styles.words}>
        <p className={styles.title}>{isOver ? t.add.dropNow : t.add.drop}</p>
        {compact ? null : <p className={styles.hint}>{t.add.dropHint}</p>}
        {limits ? <p className={`${styles.hint} numbers`}>{t.add.limits(types.map(typeName).join(', '), wording.bytes(limits.maxFileBytes))}</p> : null}
      </div>
      <div className={styles.buttons}>
        <Button onClick={() => files.current?.click()}>{t.add.chooseFiles}</Button>
        <Button variant="default" leftSection={<IconFolder size={16} />} onClick={() => folder.current?.click()}>{t.add.chooseFolder}</Button>
      </div>
      <input
        ref={files}
        className="visually-hidden"
        type="file"
        multiple
        accept={[...types, '.heic', '.heif'].join(',')}
        aria-label={t.add.filesInput}
        tabIndex={-1}
        onChange={(event) => take(event.currentTarget, (list) => fromFiles(list, pathOf))}
      />
      <input
        ref={folder}
        className="visually-hidden"
        type="file"
        multiple
        webkitdirectory=""
        aria-label={t.add.folderInput}
        tabIndex={-1}
        onChange={(event) => take(event.currentTarget, (list) => fromFolder(list, pathOf))}
      />
    </div>
  );

  function take(input: HTMLInputElement, read: (files: readonly File[]) => Intake): void {
    const list = [...(input.files ?? [])];
    // So that choosing the same file again is a change again.
    input.value = '';
    if (list.length > 0) onTake(read(list));
  }
}

declare module 'react' {
  interface InputHTMLAttributes<T> {
    /** Makes the system's dialog choose a folder. */
    webkitdirectory?: '';
  }
}
