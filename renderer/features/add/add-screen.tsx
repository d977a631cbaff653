import { IconInfoCircle, IconPhotoPlus } from '@tabler/icons-react';
import { type ReactNode, useCallback, useState } from 'react';
import type { Patient } from '../../../shared/domain/account.ts';
import { useAccount } from '../../client/client-context.tsx';
import { useStore } from '../../client/store.ts';
import { useWording } from '../../texts/texts-context.tsx';
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import panel from '../../ui/panel.module.css';
import styles from './add-screen.module.css';
import { BatchCard } from './batch-card.tsx';
import type { BatchKeeper } from './batch-keeper.ts';
import { type Batch, summarise } from './batch.ts';
import { DropZone } from './drop-zone.tsx';
import { countOf, type Intake } from './intake.ts';

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
  const [toConfirm, setToConfirm] = useState<Intake>();
  const limits = account && account.name !== 'signedOut' ? account.limits : undefined;
  const onePhoto = limits?.contract === 'gateway-photo';

  const nameLoose = useCallback((file: File) => {
    const extension = /^image\/([a-z]+)$/.exec(file.type)?.[1]?.replace('jpeg', 'jpg') ?? 'png';
    // A screenshot is always called "image.png": the time tells two of them apart.
    return /^image\.\w+$/.test(file.name) || file.name === '' ? `${t.add.pastedName(new Date().toISOString().slice(11, 19).replaceAll(':', '.'))}.${extension}` : file.name;
  }, [t]);

  const add = useCallback((intake: Intake) => {
    if (patient) keeper.add(patient, intake, nameLoose);
  }, [keeper, patient, nameLoose]);

  const take = useCallback((intake: Intake) => {
    const others = keeper.batches.get().filter((batch) => batch.patient.id === patient?.id).reduce((sum, batch) => sum + summarise(batch).total, 0);
    const more = intake.hasFolder || countOf(intake) + others > 1;
    if (onePhoto && more) setToConfirm(intake);
    else add(intake);
  }, [keeper, patient, onePhoto, add]);

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
      <ConfirmDialog
        opened={toConfirm !== undefined}
        title={t.add.onePhotoAsk}
        text={t.add.onePhotoText(patient?.name ?? '')}
        confirm={t.add.onePhotoConfirm}
        refuse={t.common.cancel}
        onConfirm={() => { if (toConfirm) add(toConfirm); }}
        onClose={() => setToConfirm(undefined)}
      />
    </div>
  );
}
