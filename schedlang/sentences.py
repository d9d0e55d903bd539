"""What a bound schedule does, told step by step in sentences."""

from ._insight.explain.sentences import SENTENCES as SENTENCES
from ._insight.explain.sentences import Sentence, sentences_of

__all__ = ["Sentence", "sentences_of"]
