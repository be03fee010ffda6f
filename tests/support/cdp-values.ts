/** Reads the answers of CDP's Runtime.evaluate. */

export interface CdpEvaluation {
  result: { value?: unknown };
  exceptionDetails?: { text: string; exception?: { description?: string; value?: unknown } };
}

/** The parameters that evaluate an expression without user activation, awaited, by value. */
export function evaluationOf(expression: string) {
  return { expression, awaitPromise: true, returnByValue: true, userGesture: false };
}

/** The value, or an Error with what the page threw. */
export function readEvaluation(evaluation: CdpEvaluation): unknown {
  const thrown = evaluation.exceptionDetails;
  if (!thrown) return evaluation.result.value;
  const description = thrown.exception?.description?.split('\n    at ')[0];
  throw new Error(description ?? String(thrown.exception?.value ?? thrown.text));
}
