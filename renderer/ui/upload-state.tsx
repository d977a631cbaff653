import { IconAlertTriangle, IconArrowUp, IconCircleCheck, IconCircleX, IconClock, IconPlayerPause, IconShieldCheck, IconWifiOff } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { UploadState } from '../../shared/domain/upload.ts';
import { assertNever } from '../../shared/assert-never.ts';

export type Tone = 'sent' | 'brand' | 'waiting' | 'attention' | 'failed';
export type Icon = ComponentType<{ size?: number | string; stroke?: number | string; className?: string; 'aria-hidden'?: boolean }>;

/** A state is told by an icon and a word; the colour only helps. */
export function lookOf(state: UploadState): { tone: Tone; icon: Icon } {
  switch (state.name) {
    case 'queued': return { tone: 'waiting', icon: IconClock };
    case 'uploading': return { tone: 'brand', icon: IconArrowUp };
    case 'completing': return { tone: 'brand', icon: IconShieldCheck };
    case 'completed': return { tone: 'sent', icon: IconCircleCheck };
    case 'waiting': return { tone: 'waiting', icon: IconClock };
    case 'paused': return { tone: 'waiting', icon: IconPlayerPause };
    case 'blocked': return { tone: 'waiting', icon: state.by === 'offline' ? IconWifiOff : IconClock };
    case 'needsAttention': return { tone: 'attention', icon: IconAlertTriangle };
    case 'cancelled': return { tone: 'waiting', icon: IconCircleX };
    default: return assertNever(state);
  }
}
