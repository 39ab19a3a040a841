import i18next from 'i18next';
import type { Language } from './language';

/** Words that some pages alone say, by language and area: whoever never opens these pages never loads them. */
const files = import.meta.glob<{ default: object }>('./*/areas/*.ts');

/** The areas whose words somebody has needed since the program was loaded. */
const needed = new Set<string>();

async function fetchArea(area: string, wanted: Language): Promise<void> {
  const file = files[`./${wanted}/areas/${area}.ts`];
  if (file === undefined) throw new Error(`there are no words of ${area} in ${wanted}`);
  const { default: words } = await file();
  i18next.addResourceBundle(wanted, 'translation', words, true);
}

/** The words of every area so far, in a language that is about to be spoken. */
export async function fetchAreas(wanted: Language): Promise<void> {
  await Promise.all([...needed].map((area) => fetchArea(area, wanted)));
}

/** Loads a page or a part of one together with the words of its area. */
export const withWords =
  <Part>(area: string, load: () => Promise<Part>) =>
  async (): Promise<Part> => {
    needed.add(area);
    const [part] = await Promise.all([load(), fetchArea(area, i18next.language === 'en' ? 'en' : 'zh')]);
    return part;
  };
