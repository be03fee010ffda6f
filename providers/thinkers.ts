/** Which models think before they answer. Rows name it, and the background reads all rows at each start: so nothing else is here. */

/**
 * Models that write their thoughts down before they answer, by what their names contain, wherever they are served. Dated: November 2026, from
 * their makers' model cards and chat templates.
 */
export const thinkers =
  /deepseek-?r1|(^|[^a-z0-9])r1([^a-z0-9]|$)|qwq|qwen-?3(?!.*(coder|instruct))|think|reason|magistral|glm-?(z1|4[.-][1-9]|[5-9])|xialong|exaone-?(deep|4)|smollm-?3|minimax-?m[1-9]|hunyuan-?a|seed-?oss|nemotron|deephermes|marco-?o1|skywork-?o1|kimi-?k[2-9]|cogito|ernie-?[4-9]/i;

/**
 * Those of them whose own chat template opens the thought, always: what they write begins inside of it and has the closing tag alone. Hybrids,
 * which open it on demand, are not among them: most of their answers would be held back for nothing. Dated: November 2026, from the same.
 */
export const insiders = /deepseek-?r1|(^|[^a-z0-9])r1([^a-z0-9]|$)|qwq|qwen-?3.*thinking|glm-?z1|exaone-?deep|minimax-?m2/i;
