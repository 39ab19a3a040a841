import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { en, zh } from './allWords';

interface Words {
  [name: string]: string | Words;
}

/** Every text by its whole name. */
function texts(words: Words, above = ''): [string, string][] {
  return Object.entries(words).flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' ? [[above + name, value]] : texts(value, `${above}${name}.`),
  );
}

const [chinese, english] = [new Map(texts(zh)), new Map(texts(en))];
const placeholders = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((found) => found[1]).sort();

const root = join(import.meta.dirname, '../src');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.startsWith('i18n') && !name.endsWith('contract.ts'))
  .map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));

/** Attributes whose text somebody reads or hears. */
const read = new Set([
  'title',
  'label',
  'placeholder',
  'alt',
  'aria-label',
  'okText',
  'cancelText',
  'extra',
  'description',
  'lead',
  'name',
]);

/** Texts that stand in the code itself, where nobody translates them. */
function literals({ name, text }: { name: string; text: string }): string[] {
  const file = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const isText = (value: string) => /[\p{L}]{2,}/u.test(value);
  const visit = (node: ts.Node): void => {
    if (ts.isJsxText(node) && isText(node.text)) found.push(`${name}: ${node.text.trim()}`);
    if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
      const attribute = node.name.getText(file);
      // The name of a field of a form is no text.
      const isField = attribute === 'name' && /^[a-z_]+$/.test(node.initializer.text);
      if (read.has(attribute) && !isField && isText(node.initializer.text))
        found.push(`${name}: ${attribute}=${node.initializer.text}`);
    }
    if (ts.isStringLiteralLike(node) && /\p{Script=Han}/u.test(node.text)) found.push(`${name}: ${node.text}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

describe('the words of the portal', () => {
  it('are there in both languages', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
    for (const [name, text] of [...chinese, ...english]) expect(text.trim(), name).not.toBe('');
  });

  it('take the same values in both languages', () => {
    for (const [name, text] of chinese) expect(placeholders(english.get(name) ?? ''), name).toEqual(placeholders(text));
  });

  it('are Chinese in Chinese and not in English', () => {
    for (const [name, text] of english) {
      // The name of a document may be quoted as it is written, and the other language calls itself by its own name.
      const isQuoted = ['batch.numberHint', 'shell.otherLanguage'].includes(name);
      if (!isQuoted) expect(text, name).not.toMatch(/\p{Script=Han}/u);
    }
  });

  it('are all that is shown: no text stands in the code itself', () => {
    expect(sources.length).toBeGreaterThan(60);
    expect(sources.flatMap(literals)).toEqual([]);
  });

  it('are there for every name that the code asks for', () => {
    const asked = sources.flatMap(({ name, text }) =>
      [...text.matchAll(/\bt\('([\w.]+)'/g), ...text.matchAll(/name: '(place\.\w+)'/g)].map((found) => ({
        name,
        key: found[1] ?? '',
      })),
    );
    expect(asked.length).toBeGreaterThan(300);
    expect(asked.filter(({ key }) => !chinese.has(key))).toEqual([]);
  });

  it('hold nothing that the code never asks for', () => {
    const whole = sources.map(({ text }) => text).join('\n');
    // Names that are put together begin with a literal: `state.${…}`.
    const beginnings = [...whole.matchAll(/t\(\s*`([\w.]+\.)\$\{/g)].map((found) => found[1] ?? '');
    const isAsked = (name: string) =>
      whole.includes(`'${name}'`) || beginnings.some((beginning) => name.startsWith(beginning));
    expect([...chinese.keys()].filter((name) => !isAsked(name))).toEqual([]);
  });
});
