import type { Count } from './counted.ts';

/** Where the server keeps one photo of each patient: what is asked before the new one takes its place. */
export const replaceEs = {
  title: (patient: string) => `¿Sustituir la foto de ${patient}?`,
  text: 'Este servidor guarda una sola foto por paciente: la nueva ocupa el lugar de la actual, que ya no se podrá recuperar.',
  titleUnknown: (patient: string) => `¿Añadir una foto a ${patient}?`,
  textUnknown: 'Este servidor guarda una sola foto por paciente. Ahora no se puede ver si ya tiene una; si la tiene, la nueva la sustituirá.',
  titleSeveral: 'Solo quedará una foto',
  textSeveral: (patient: string) => `Este servidor guarda una sola foto por paciente: en ${patient} solo quedará la última que se envíe.`,
  several: (count: Count) => `Ha elegido ${count.text} fotos: solo quedará la última.`,
  folder: 'Ha elegido una carpeta: solo quedará su última foto.',
  before: 'Ya ha añadido otra foto a este paciente: solo quedará la última.',
  present: 'Foto actual',
  fresh: 'Foto nueva',
  freshLast: 'La última de las nuevas',
  presentAlt: (patient: string) => `La foto que ${patient} tiene ahora`,
  freshAlt: 'La foto que se va a añadir',
  loading: 'Buscando la foto actual…',
  notShown: 'No se puede mostrar ahora',
  noPicture: 'Sin vista previa',
  confirm: 'Sustituir',
  keep: 'Conservar la actual',
  confirmAdd: 'Añadir de todos modos',
};
