/** Takes the person to the first field that is wrong, wherever it is folded away. */

export function focusFirstWrong(form: HTMLElement): void {
  const field = form.querySelector<HTMLElement>('[aria-invalid="true"]');
  for (let around = field?.closest('details'); around; around = around.parentElement?.closest('details')) around.open = true;
  field?.focus();
}
