"""From a checkpoint, templates and a prompt to a Book: where everything lies, and every formula."""
