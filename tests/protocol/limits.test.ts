import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';

test('the bounds of the product are what was agreed', () => {
  expect(limits).toMatchInlineSnapshot(`
    {
      "activityRows": 10000,
      "allMicroUsd": 2000000,
      "alwaysUnusedTtl": 5184000000,
      "answerTokens": 4096,
      "approvalTtl": 300000,
      "baseUrlChars": 2048,
      "budgetStops": 2,
      "coalesce": 8,
      "errorBodyBytes": 4096,
      "eventBytes": 1048576,
      "failuresShown": 5,
      "findTimeout": 2000,
      "headersTimeout": {
        "cloud": 120000,
        "local": 600000,
      },
      "idChars": 64,
      "inputDelay": 700,
      "keepAlive": 20000,
      "keyChars": 8192,
      "malformedFrames": 20,
      "maxOutputTokens": 1000000,
      "messages": 1000,
      "modelChars": 256,
      "modelListBytes": 8388608,
      "nameChars": 100,
      "outputs": 8,
      "probeTimeout": 10000,
      "progressTimeout": {
        "cloud": 60000,
        "local": 180000,
      },
      "queuePerSubject": 8,
      "queueTotal": 64,
      "reconnects": 3,
      "refusalsPerVisit": 2,
      "relayPing": 15000,
      "requestBurst": 20,
      "requestChars": 1048576,
      "requestEvery": 3000,
      "requestTimeout": 900000,
      "responseBytes": 33554432,
      "retries": 2,
      "retryAfterMax": 60000,
      "retryBase": 500,
      "retryMax": 8000,
<<<<<<< HEAD
      "sentMarks": 256,
=======
      "runsPerConnection": 8,
      "runsPerSubject": 2,
      "runsTotal": 8,
>>>>>>> 88fb113 (feat(background): budgets, prices, reservations and turns: nothing is sent that the person's money does not cover)
      "silenceMax": 600000,
      "siteMicroUsd": 500000,
      "siteTokens": 200000,
      "stopSequenceChars": 1000,
      "stopSequences": 16,
      "tokensPerSecond": 200,
      "visitTtl": 86400000,
      "window": 1048576,
    }
  `);
});
