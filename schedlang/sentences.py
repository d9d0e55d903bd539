"""What a bound schedule does, told step by step in sentences."""

from ._insight.explain.sentences import NESTED, PARTS, SENTENCES, Sentence, sentences_of

__all__ = ["NESTED", "PARTS", "SENTENCES", "Sentence", "sentences_of"]
