import type { Texts } from './catalogue.ts';

export const replaceEn: Texts['replace'] = {
  title: (patient) => `Replace the photo of ${patient}?`,
  text: 'This server keeps a single photo of each patient: the new one takes the place of the present one, which cannot be brought back.',
  titleUnknown: (patient) => `Add a photo to ${patient}?`,
  textUnknown: 'This server keeps a single photo of each patient. Whether there is one already cannot be seen now; if there is, the new one will replace it.',
  titleSeveral: 'Only one photo will remain',
  textSeveral: (patient) => `This server keeps a single photo of each patient: only the last one sent will remain for ${patient}.`,
  several: (count) => `You chose ${count.text} photos: only the last one will remain.`,
  folder: 'You chose a folder: only its last photo will remain.',
  before: 'You have already added another photo to this patient: only the last one will remain.',
  present: 'Present photo',
  fresh: 'New photo',
  freshLast: 'The last of the new ones',
  presentAlt: (patient) => `The photo that ${patient} has now`,
  freshAlt: 'The photo to be added',
  loading: 'Looking for the present photo…',
  notShown: 'Cannot be shown now',
  noPicture: 'No preview',
  confirm: 'Replace',
  keep: 'Keep the present one',
  confirmAdd: 'Add it anyway',
};
