"""The commands of ``kg``, one module each; ``kg.cli`` puts them together."""
