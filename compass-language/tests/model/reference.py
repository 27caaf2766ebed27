"""Writes the small model beside this file, and prints what Python's model2vec makes of texts.

    pip install model2vec==0.10.0
    python reference.py
"""

import json
import pathlib

import numpy
from model2vec import StaticModel
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

HERE = pathlib.Path(__file__).parent
WORDS = ["[PAD]", "[UNK]", "phở", "bò", "trail", "running", "run", "##ning", "shoes", "soup", "!", "in", "ha", "##noi"]
TEXTS = ["Phở bò in Hanoi!", "trail RUNNING shoes", "soup", "", "nobody knows these", "run running"]

tokenizer = Tokenizer(models.WordPiece({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]"))
tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=False, lowercase=True)
tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
numbers = numpy.random.default_rng(7).normal(size=(len(WORDS), 4)).astype(numpy.float32)
StaticModel(vectors=numbers, tokenizer=tokenizer, config={"normalize": True}).save_pretrained(HERE)
model = StaticModel.from_pretrained(HERE, normalize=True)
for text in TEXTS:
    print(json.dumps(text, ensure_ascii=False), [float(f"{number:.7g}") for number in model.encode([text])[0]])
