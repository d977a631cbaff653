import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle } from '@tabler/icons-react';
import type { Severity } from '../../shared/domain/diagnosis.ts';
import type { Icon, Tone } from './upload-state.tsx';

export const severityLooks: Record<Severity, { tone: Tone; icon: Icon }> = {
  ok: { tone: 'sent', icon: IconCircleCheck },
  info: { tone: 'brand', icon: IconInfoCircle },
  warn: { tone: 'attention', icon: IconAlertTriangle },
  fail: { tone: 'failed', icon: IconCircleX },
};
