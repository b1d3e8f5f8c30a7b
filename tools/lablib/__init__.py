"""The lab: real kernel radios, two agents, a witness, and a judge. docs/lab.md describes it."""
