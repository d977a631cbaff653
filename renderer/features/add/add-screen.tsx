import { IconInfoCircle, IconPhotoPlus } from '@tabler/icons-react';
import { type ReactNode, useCallback } from 'react';
import type { Patient } from '../../../shared/domain/account.ts';
import { useAccount } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import panel from '../../ui/panel.module.css';
import styles from './add-screen.module.css';
import { BatchCard } from './batch-card.tsx';
import type { BatchKeeper } from './batch-keeper.ts';
import { type Batch, summarise } from './batch.ts';
import { DropZone } from './drop-zone.tsx';
import type { Intake } from './intake.ts';
import { ReplaceDialog } from './replace-dialog.tsx';
import { useReplacing } from './use-replacing.ts';

interface AddScreenProps {
  keeper: BatchKeeper;
  patient: Patient | undefined;
  /** Where the patient is chosen. */
  picker: ReactNode;
  onQueue: () => void;
}

export function AddScreen({ keeper, patient, picker, onQueue }: AddScreenProps) {
  const wording = useWording();
  const { t } = wording;
  const account = useAccount();
  const batches = useStore(keeper.batches);
  const limits = account && account.name !== 'signedOut' ? account.limits : undefined;
  const onePhoto = limits?.contract === 'gateway-photo';

  const nameLoose = useCallback((file: File) => {
    const extension = /^image\/([a-z]+)$/.exec(file.type)?.[1]?.replace('jpeg', 'jpg') ?? 'png';
    // A screenshot is always called "image.png": the time tells two of them apart.
    return /^image\.\w+$/.test(file.name) || file.name === '' ? `${t.add.pastedName(new Date().toISOString().slice(11, 19).replaceAll(':', '.'))}.${extension}` : file.name;
  }, [t]);

  const add = useCallback((to: Patient, intake: Intake) => keeper.add(to, intake, nameLoose), [keeper, nameLoose]);
  const { asked, ask, answer } = useReplacing(add);

  const take = useCallback((intake: Intake) => {
    if (!patient) return;
    const before = keeper.batches.get().filter((batch) => batch.patient.id === patient.id).map(summarise).reduce((sum, { total, rejected }) => sum + total - rejected.length, 0);
    if (onePhoto) ask(patient, intake, before);
    else add(patient, intake);
  }, [keeper, patient, onePhoto, ask, add]);

  const shown = batches.filter((batch) => batch.patient.id === patient?.id || summarise(batch).state !== 'finished');
  return (
    <div className={styles.screen}>
      <div className={styles.picker}>{picker}</div>
      <div className={styles.work}>
        {patient ? (
          <>
            <div className={styles.patient}>
              <h2 className={styles.name}>{patient.name}</h2>
              {patient.detail ? <span className={styles.detail}>{patient.detail}</span> : null}
            </div>
            {onePhoto ? (
              <p className={styles.onePhoto}>
                <IconInfoCircle size={16} aria-hidden />
                {t.add.onePhoto}
              </p>
            ) : null}
            <DropZone limits={limits} compact={shown.length > 0} onTake={take} />
          </>
        ) : (
          <div className={`${panel.panel} ${styles.choose}`}>
            <EmptyState icon={IconPhotoPlus} title={t.add.chooseFirst} text={t.add.chooseFirstHint} />
          </div>
        )}
        {shown.map((batch: Batch, index) => (
          <BatchCard
            key={batch.id}
            batch={batch}
            all={batches}
            withTiles={index === 0}
            withPatient={batch.patient.id !== patient?.id}
            onAgain={(again) => keeper.addAgain(again, nameLoose)}
            onQueue={onQueue}
          />
        ))}
      </div>
      <ReplaceDialog asked={asked} onAnswer={answer} />
    </div>
  );
}
