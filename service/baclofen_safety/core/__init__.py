"""The pure core: chart, arithmetic, judgement and words. Standard library only; time is an argument."""
