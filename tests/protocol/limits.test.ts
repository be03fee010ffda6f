import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits';

test('the bounds of the product are what was agreed', () => {
  expect(limits).toMatchInlineSnapshot(`
    {
      "activityRows": 10000,
      "alwaysUnusedTtl": 5184000000,
      "approvalTtl": 300000,
      "baseUrlChars": 2048,
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
      "requestChars": 1048576,
      "requestTimeout": 900000,
      "responseBytes": 33554432,
      "retries": 2,
      "retryAfterMax": 60000,
      "retryBase": 500,
      "retryMax": 8000,
      "sentMarks": 256,
      "silenceMax": 600000,
      "stopSequenceChars": 1000,
      "stopSequences": 16,
      "visitTtl": 86400000,
      "window": 1048576,
    }
  `);
});
