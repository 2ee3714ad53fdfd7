"""Templates: the steps of GPT-2 as TOML, read and checked here, placed on sheets by the plan."""
