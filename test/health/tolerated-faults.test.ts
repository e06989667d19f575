import { expect, test } from "vitest";
import { isToleratedFault } from "../../src/health/tolerated-faults.ts";
import { FAULT_KINDS } from "../../src/wire/http1/fault.ts";

test("what common proxies put up with is of field lines and their ends; nothing of it changes where a body ends", () => {
  expect(FAULT_KINDS.filter(isToleratedFault).sort()).toEqual([
    "bare-cr",
    "bare-lf",
    "control-character",
    "invalid-field-name",
    "missing-colon",
    "obs-fold",
    "space-before-colon",
  ]);
});
