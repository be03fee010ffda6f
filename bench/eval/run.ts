/** Asks the everyday questions through Oriel, as a web page does, and counts the right answers. */

import { answerApproval, type Oriel, openOriel } from '../../tests/e2e/support/oriel';
import { askBackground, bystander } from '../../tests/e2e/support/own-page';
import type { BrowserName, TestPage } from '../../tests/support/browser';
import { within } from '../../tests/support/waiting';
import { importModel } from '../device';
import { type Check, isRight, type Question } from './check';
import questions from './questions.json';

/** Who answers: a model file on this device, or any connection that Oriel can make. */
export type Subject =
  | { readonly type: 'device'; readonly file: string; readonly name: string }
  | {
      readonly type: 'connection';
      /** Of the catalog. */
      readonly providerId: string;
      readonly baseUrl?: string | undefined;
      readonly key?: string | undefined;
      readonly model?: string | undefined;
    };

export interface EvalOptions {
  readonly browser: BrowserName;
  readonly subject: Subject;
  /** Of each answer. */
  readonly maxTokens: number;
  readonly log: (line: string) => void;
  /** Ends the run after the question that is being asked. */
  readonly signal: AbortSignal;
}

interface Answered {
  readonly question: string;
  readonly expected: string;
  /** What the page got; the error where it got none. */
  readonly answer: string;
  readonly isRight: boolean;
  readonly seconds: number;
}

export interface Evaluation {
  readonly right: number;
  /** How many were asked. */
  readonly of: number;
  readonly takenAt: string;
  readonly answers: readonly Answered[];
}

const answerTimeout = 300_000;

export async function evaluate({ browser, subject, maxTokens, log, signal }: EvalOptions): Promise<Evaluation> {
  const oriel = await openOriel(browser);
  try {
    await connect(oriel, subject);
    const page = await oriel.visit();
    // On this device Oriel's own sampling is steady; others are asked to be.
    const options = { maxTokens, ...(subject.type === 'connection' && { temperature: 0 }) };
    const allowed = ask(page, 'Are you there?', { ...options, maxTokens: 1 });
    await answerApproval(oriel.browser, 'Always allow');
    const greeting = await allowed;
    if (greeting.error !== undefined) throw new Error(`Nothing answers: ${greeting.error}`);
    const answers: Answered[] = [];
    for (const { question, check } of questions as readonly Question[]) {
      if (signal.aborted) break;
      const begun = performance.now();
      const { text, error } = await ask(page, question, options);
      const seconds = (performance.now() - begun) / 1000;
      const right = error === undefined && isRight(check, text);
      answers.push({ question, expected: expectedOf(check), answer: error ?? text, isRight: right, seconds });
      log(lineOf(answers.length, answers.at(-1) as Answered));
    }
    const right = answers.filter((one) => one.isRight).length;
    return { right, of: answers.length, takenAt: new Date().toISOString(), answers };
  } finally {
    await oriel.close();
  }
}

async function connect({ browser }: Oriel, subject: Subject): Promise<void> {
  if (subject.type === 'device') return importModel(browser, subject.file, subject.name);
  const { providerId, baseUrl, key, model } = subject;
  const page = await bystander({ browser });
  const input = {
    ...{ providerId, name: 'What is evaluated' },
    ...(baseUrl !== undefined && { baseUrl }),
    ...(key !== undefined && { key }),
    ...(model !== undefined && { defaultModel: model }),
  };
  await askBackground(page, 'connection-add', input).catch((error: Error) => {
    throw new Error(`Oriel could not connect: ${error.message}`);
  });
  await page.close();
}

/** As any page asks. What goes wrong is part of what it gets. */
async function ask(page: TestPage, prompt: string, options: object): Promise<{ text: string; error?: string }> {
  const asked = page.evaluate(
    async (content: string, how: object) => {
      const { ai } = window as unknown as {
        ai: { generateText(input: object, options: object): Promise<{ message: { content: string } }[]> };
      };
      try {
        const [first] = await ai.generateText({ messages: [{ role: 'user', content }] }, how);
        return { text: first?.message.content ?? '' };
      } catch (error) {
        return { text: '', error: String(error) };
      }
    },
    prompt,
    options,
  );
  return within(asked, answerTimeout, `An answer to “${prompt}”`);
}

const expectedOf = (check: Check): string => ('any' in check ? check.any.join(' | ') : JSON.stringify(check.value));

function lineOf(index: number, { question, expected, answer, isRight: right, seconds }: Answered): string {
  const short = (text: string, length: number) => {
    const line = text.replace(/\s+/g, ' ').trim();
    return line.length > length ? `${line.slice(0, length - 1)}…` : line;
  };
  const cells = [String(index).padStart(2), right ? 'right' : 'WRONG', `${seconds.toFixed(1)} s`.padStart(7)];
  return [...cells, short(question, 48).padEnd(48), short(answer, 48).padEnd(48), right ? '' : `expected ${expected}`]
    .join('  ')
    .trimEnd();
}
