/**
 * The money side of one call: what it may come to is held back before it is sent, more of it while a long answer comes, and what it came to is settled
 * at its end. At the limit the person is asked; meanwhile nothing more is read from the backend.
 */

import type { Amounts } from '../protocol/budgets';
import type { Reply } from '../protocol/channel';
import { AiError } from '../protocol/errors';
import type { GenerateRequest, ModelInfo, StreamPart, Usage } from '../protocol/generate';
import { toMicroUsd } from '../protocol/ids';
import { limits } from '../protocol/limits';
import { tokensOfText } from '../protocol/token-estimate';
import { addUsage } from './add-usage';
import type { Approvals } from './approvals';
import { minus, noAmounts } from './budgets';
import type { ConnectionRecord } from './database';
import { digestOf } from './digest';
import type { Asker } from './identity';
import type { Meter } from './meter';
import { amountsOf, inputTokensAtMost, outputTokensAtMost, type Priced, pricedBy, priceOf, tariffOf } from './prices';

export interface ChargedCall {
  readonly asker: Asker;
  readonly request: GenerateRequest;
  readonly connection: ConnectionRecord;
  readonly model: string;
  /** What is known of the model. */
  readonly info: ModelInfo | undefined;
  readonly reply: Reply;
  /** An earlier background counted it, in full as everything that its death cut off. */
  readonly isCounted?: boolean;
  /** Called where what it may cost is written before it is sent. */
  readonly onHold?: (() => void) | undefined;
  /** Awaited before the person is asked about a call that was not sent yet. */
  readonly onAsk?: () => Promise<void>;
}

export interface Charge {
  /** Nothing that is noted of it is waited for (`Reservation.isFree`). */
  readonly isFree: boolean;
  /** Passes an answer on and holds back more where it grows longer than was thought; again for an answer that is asked for in its stead. @throws AiError `payment-required` where the person says Stop */
  watch(parts: AsyncIterable<StreamPart>, signal: AbortSignal): AsyncIterable<StreamPart>;
  /** Counts what the call came to, and tells it; undefined where it cost nothing. */
  settle(error: AiError | undefined): Promise<Usage | undefined>;
}

export interface Charges {
  /** @throws AiError `payment-required` where the person says Stop; in the chat at the limit at once: there no card is in anyone's way */
  open(call: ChargedCall): Promise<Charge>;
}

interface ChargesDeps {
  readonly meter: Meter;
  readonly approvals: Pick<Approvals, 'ask'>;
  readonly now: () => number;
}

export function createCharges({ meter, approvals, now }: ChargesDeps): Charges {
  return {
    async open({ asker, request, connection, model, info, reply, isCounted = false, onHold, onAsk }) {
      const tally = createTally(pricedBy(connection, model, info), request);
      const reservation = meter.reservation(asker.type === 'page' ? asker : undefined, tally.tariff);
      let heldTokens = 0;
      let held = noAmounts;
      let sentAt: number | undefined;

      /** Asks as often as it takes: while the person thought, another call may have used what was added. */
      const hold = async (amounts: Amounts, signal: AbortSignal): Promise<true> => {
        if (isCounted) return true;
        const verdict = await reservation.hold(amounts);
        if (verdict.type === 'held') return true;
        if (verdict.type === 'silenced') throw new AiError('payment-required', 'The person has said Stop at this budget before.');
        if (asker.type === 'chat') throw new AiError('payment-required', 'The budget of all together is used.');
        const { question } = verdict;
        if (sentAt === undefined) {
          await onAsk?.();
          reply.waiting();
        }
        const digest = await digestOf(asker.subject, { request, question });
        const { messages, tools, responseFormat } = request;
        const content = { messages, tools, responseFormat };
        const { id: requestId, activated } = reply;
        await approvals.ask({ page: asker, requestId, digest, content, activated, question, scopes: [] }, signal);
        return hold(amounts, signal);
      };

      /** What is held back while the answer goes on. */
      let ahead: Promise<void> | undefined;

      /** @param holds false where there is no room */
      const holdUpTo = async (outputTokens: number, holds: (more: Amounts) => Promise<boolean>) => {
        const worst = tally.worst(outputTokens);
        if (await holds(minus(worst, held))) [held, heldTokens, ahead] = [worst, outputTokens, undefined];
      };

      const holdOrAsk = (outputTokens: number, signal: AbortSignal) => holdUpTo(outputTokens, (more) => hold(more, signal));

      /** By half of what is held, before it is needed: so a long answer does not wait for the database. Nobody is asked for it. */
      const holdAhead = () => {
        ahead = holdUpTo(Math.ceil(heldTokens * 1.5), async (more) => (await reservation.hold(more)).type === 'held');
        // Told where it is needed.
        ahead.catch(() => undefined);
      };

      const answerTokens = outputTokensAtMost(request, info?.maxOutputTokens);
      const mayOutgrow = !isCounted && request.maxOutputTokens === undefined;
      const isFree = !isCounted && (await reservation.isFree());
      if (!isFree) onHold?.();
      await holdOrAsk(answerTokens, reply.signal);

      return {
        isFree,

        async *watch(parts, signal) {
          sentAt ??= now();
          if (tally.begin()) {
            await ahead;
            await holdOrAsk(Math.max(heldTokens, tally.seenTokens() + answerTokens), signal);
          }
          for await (const part of parts) {
            tally.note(part);
            // First what has come, then the question whether more may: what the person paid for is delivered.
            yield part;
            const seen = tally.seenTokens();
            if (seen > heldTokens) await ahead;
            if (seen > heldTokens) await holdOrAsk(Math.max(seen, heldTokens + limits.answerTokens / 4), signal);
            else if (!ahead && mayOutgrow && seen > heldTokens / 2) holdAhead();
          }
        },

        async settle(error) {
          await ahead?.catch(() => undefined);
          const outcome = sentAt === undefined ? undefined : tally.outcome(error, heldTokens, now() - sentAt);
          await reservation.settle(outcome?.amounts ?? noAmounts);
          return outcome?.usage;
        },
      };
    },
  };
}

/** Most text is Latin, which a search tells faster than counting does. */
const tokensIn = (text: string) => (/[^\0-\u024f]/.test(text) ? tokensOfText(text) : text.length / 4);

/** Counts one answer as it passes. */
function createTally(priced: Priced, request: GenerateRequest) {
  const [price, tariff] = [priceOf(priced), tariffOf(priced)];
  const inputTokensOnce = inputTokensAtMost(request) * (request.outputs ?? 1);
  let inputTokens = inputTokensOnce;
  let seen = 0;
  /** What the answers before this one used, where all of them told; and this one. */
  let before: Usage | undefined;
  let told: Usage | undefined;
  let isFirst = true;
  let hasStarted = false;

  const toldOfAll = () => (isFirst ? told : before && told && addUsage(before, told));

  return {
    tariff,
    seenTokens: () => Math.ceil(seen),
    worst: (outputTokens: number): Amounts =>
      amountsOf(tariff, price, { inputTokens, outputTokens, cacheWriteTokens: inputTokens }),

    /** True where an answer was begun before this one: it costs anew. */
    begin(): boolean {
      if (!hasStarted) return false;
      before = toldOfAll();
      [told, isFirst] = [undefined, false];
      inputTokens += inputTokensOnce;
      return true;
    },

    note(part: StreamPart): void {
      if (part.type === 'start') hasStarted = true;
      if (part.type === 'usage') told = part.usage;
      if (part.type === 'text-delta' || part.type === 'reasoning-delta') seen += tokensIn(part.text);
      if (part.type === 'tool-call') seen += tokensOfText(part.name + part.arguments);
    },

    /** What the call came to: as the backend told, or as it looks. Undefined where nothing was generated. */
    outcome(error: AiError | undefined, heldTokens: number, milliseconds: number) {
      if (error && !hasStarted && wasRefused(error)) return undefined;
      // An answer that was cut short may have cost thought that nobody saw.
      const unseen = error && tariff !== 'free' ? Math.min(heldTokens, (milliseconds / 1000) * limits.tokensPerSecond) : 0;
      const all = toldOfAll();
      const counts = {
        inputTokens: all?.inputTokens ?? inputTokens,
        outputTokens: all?.outputTokens ?? Math.ceil(Math.max(seen, unseen)),
        cachedTokens: all?.cachedTokens,
        cacheWriteTokens: all?.cacheWriteTokens,
      };
      const amounts = amountsOf(tariff, price, counts, all?.costMicroUsd);
      const hasCost = tariff === 'priced' || all?.costMicroUsd !== undefined;
      const isEstimated = all?.inputTokens === undefined || all.outputTokens === undefined || all.estimated;
      const usage: Usage = {
        ...all,
        ...counts,
        ...(hasCost && { costMicroUsd: toMicroUsd(amounts.microUsd / 1e6) }),
        estimated: isEstimated,
      };
      return { amounts, usage };
    },
  };
}

/** Then the backend was never reached. */
const unreached = new Set<string | undefined>([
  ...['network', 'site-access', 'secret-missing', 'redirect', 'engine', 'not-supported'],
]);

/** Nothing was generated: the backend answered with an error before it began, or got nothing to do. */
const wasRefused = ({ status, fault }: AiError): boolean => status !== undefined || unreached.has(fault);
