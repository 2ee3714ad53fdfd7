"""The verbs, a module each: build, reprompt, verify, predict, generate, plan, lessons.

Below them: `progress`, `options` (all that decides on a workbook beside its model and prompt) and
`written` (the file that a verb leaves behind).
"""
