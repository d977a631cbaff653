import { Button, Group, Modal, Skeleton } from '@mantine/core';
import { IconArrowRight, IconFolder, IconInfoCircle, IconPhoto, IconPhotoOff } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import type { PresentPhoto } from '../../../shared/domain/account.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { countOf } from './intake.ts';
import styles from './replace-dialog.module.css';
import { lastFile } from './replacing.ts';
import { makePreview } from './thumbnail-maker.ts';
import type { Replacing } from './use-replacing.ts';

interface ReplaceDialogProps {
  asked: Replacing | undefined;
  onAnswer: (replace: boolean) => void;
}

/** The photo that a patient has now beside the one that would take its place. */
export function ReplaceDialog({ asked, onAnswer }: ReplaceDialogProps) {
  const { t } = useWording();
  // Stays while the dialog fades out.
  const [shown, setShown] = useState(asked);
  if (asked && asked !== shown) setShown(asked);
  return (
    <Modal opened={asked !== undefined} onClose={() => onAnswer(false)} title={shown ? titleOf() : ''} withCloseButton={false} size={520} onExitTransitionEnd={() => setShown(undefined)}>
      {shown ? <Question asked={shown} onAnswer={onAnswer} /> : null}
    </Modal>
  );

  function titleOf(): string {
    const name = shown?.patient.name ?? '';
    const about = shown?.found?.question.about;
    if (about === 'none') return t.replace.titleSeveral;
    return about === 'unknown' ? t.replace.titleUnknown(name) : t.replace.title(name);
  }
}

function Question({ asked: { patient, intake, found }, onAnswer }: { asked: Replacing; onAnswer: (replace: boolean) => void }) {
  const { t, count } = useWording();
  const question = found?.question;
  const isNone = question?.about === 'none';
  const text = isNone ? t.replace.textSeveral(patient.name) : question?.about === 'unknown' ? t.replace.textUnknown : t.replace.text;
  const note = question?.several && { files: t.replace.several(count(countOf(intake))), folder: t.replace.folder, before: t.replace.before }[question.several];
  return (
    <>
      <p className={styles.text}>{text}</p>
      {isNone ? null : (
        <div className={styles.pair}>
          <Frame caption={t.replace.present}><Present found={found?.present} patient={patient.name} /></Frame>
          <IconArrowRight size={20} stroke={1.8} className={styles.arrow} aria-hidden />
          <Frame caption={question?.several ? t.replace.freshLast : t.replace.fresh}><Fresh file={lastFile(intake)} isFolder={intake.hasFolder} /></Frame>
        </div>
      )}
      {note ? <p className={`${styles.note} numbers`}><IconInfoCircle size={16} aria-hidden />{note}</p> : null}
      <Group justify="flex-end" gap="xs" mt="lg">
        <Button variant="default" onClick={() => onAnswer(false)} data-autofocus>{question && question.about !== 'present' ? t.common.cancel : t.replace.keep}</Button>
        <Button disabled={!found} onClick={() => onAnswer(true)}>{question && question.about !== 'present' ? t.replace.confirmAdd : t.replace.confirm}</Button>
      </Group>
    </>
  );
}

function Frame({ caption, children }: { caption: string; children: ReactNode }) {
  return (
    <figure className={styles.figure}>
      <div className={styles.frame}>{children}</div>
      <figcaption className={styles.caption}>{caption}</figcaption>
    </figure>
  );
}

function Present({ found, patient }: { found: PresentPhoto | undefined; patient: string }) {
  const { t } = useWording();
  const bytes = found?.name === 'present' ? found.bytes : undefined;
  const url = useBlobAddress(bytes);
  if (!found) return <Skeleton height="100%" radius={0} role="status" aria-label={t.replace.loading} />;
  return url ? <Picture url={url} alt={t.replace.presentAlt(patient)} /> : <Placeholder icon={<IconPhotoOff size={28} stroke={1.5} aria-hidden />} text={t.replace.notShown} />;
}

function Fresh({ file, isFolder }: { file: File | undefined; isFolder: boolean }) {
  const { t } = useWording();
  const [preview, setPreview] = useState<Uint8Array<ArrayBuffer> | 'none'>();
  useEffect(() => {
    let outdated = false;
    if (!file) return undefined;
    makePreview(file).then((bytes) => { if (!outdated) setPreview(bytes ?? 'none'); }, () => { if (!outdated) setPreview('none'); });
    return () => { outdated = true; };
  }, [file]);
  const url = useBlobAddress(preview === 'none' ? undefined : preview);
  if (url) return <Picture url={url} alt={t.replace.freshAlt} />;
  if (file && preview === undefined) return <Skeleton height="100%" radius={0} />;
  return <Placeholder icon={isFolder ? <IconFolder size={28} stroke={1.5} aria-hidden /> : <IconPhoto size={28} stroke={1.5} aria-hidden />} text={t.replace.noPicture} />;
}

/** One that the window cannot draw is named, not shown as a broken picture. */
function Picture({ url, alt }: { url: string; alt: string }) {
  const { t } = useWording();
  const [broken, setBroken] = useState(false);
  if (broken) return <Placeholder icon={<IconPhotoOff size={28} stroke={1.5} aria-hidden />} text={t.replace.noPicture} />;
  return <img className={styles.picture} src={url} alt={alt} draggable={false} onError={() => setBroken(true)} />;
}

function Placeholder({ icon, text }: { icon: ReactNode; text: string }) {
  return <div className={styles.placeholder}>{icon}<span>{text}</span></div>;
}

/** An address for bytes in memory that is taken back with them. No type is given: what they are is for the decoder to find out. */
function useBlobAddress(bytes: Uint8Array | undefined): string | undefined {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!bytes) {
      setUrl(undefined);
      return undefined;
    }
    const made = URL.createObjectURL(new Blob([new Uint8Array(bytes)]));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes]);
  return url;
}
