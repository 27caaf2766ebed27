"""Finds creators again with scikit-learn's TF-IDF, as `accuracy` does with ours: retrieval.py FOLDER [SEED]

Needs numpy and scikit-learn (requirements.txt). Reads items-*.jsonl.gz, deals the posts of each creator with four and more
into the same halves as `accuracy --seed SEED`, leaves out own handles and words of fewer than three creators, learns the
vocabulary from the halves that are searched, and prints the share of creators found first and among the first ten: of those whom
`accuracy` holds back from the choice of weights, and of all.
"""
import collections
import glob
import gzip
import json
import re
import sys
import unicodedata

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

MASK = (1 << 64) - 1
DEALS = 5


def fold(seed, value):
    """One step of compass_core::stats::Seed."""
    z = ((seed ^ value) + 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def seed_of(purpose):
    seed = 0
    for byte in purpose.encode():
        seed = fold(seed, byte)
    return seed


def read(folder):
    creators = collections.defaultdict(dict)
    for path in sorted(glob.glob(f"{folder}/items-*.jsonl.gz")):
        with gzip.open(path, "rb") as lines:
            for line in lines.read().split(b"\n"):
                if line.strip():
                    item = json.loads(line)
                    author = item["author"]
                    handle = author["uniqueId"] if isinstance(author, dict) else author
                    posts, post = creators[handle], int(item["id"])
                    if post not in posts or posts[post]["collectTime"] <= item["collectTime"]:
                        posts[post] = item
    return {handle: posts for handle, posts in sorted(creators.items()) if len(posts) >= 4}


def plain(text):
    text = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in text if c.isalnum())


def is_own(word, handle):
    word = plain(word)
    long = 4
    return word and (word == handle or (len(word) >= long and word in handle) or (len(handle) >= long and handle in word))


def words(item):
    text = re.sub(r"@[\w.]*", " ", unicodedata.normalize("NFKC", item.get("desc") or "").lower())
    found = re.findall(r"#\w+|\w\w+", text)
    tags = [c.get("title") for c in item.get("challenges") or []] + [t.get("hashtagName") for t in item.get("textExtra") or []]
    for tag in tags:
        tag = "#" + unicodedata.normalize("NFKC", tag or "").lower()
        if len(tag) > 1 and tag not in found:
            found.append(tag)
    return found


def fair(creators):
    told = {h: {i: [w for w in words(post) if not is_own(w, plain(h))] for i, post in posts.items()} for h, posts in creators.items()}
    users = collections.defaultdict(set)
    for handle, posts in told.items():
        for word in {word for post in posts.values() for word in post}:
            users[word].add(handle)
    return {h: {i: [w for w in post if len(users[w]) >= 3] for i, post in posts.items()} for h, posts in told.items()}


def found(asked, among):
    """Of each creator the share of tries that are first, and among the first ten; of equals any may be first."""
    vectorizer = TfidfVectorizer(analyzer=lambda document: document)
    documents = vectorizer.fit_transform(among)
    scores = (vectorizer.transform(asked) @ documents.T).toarray()
    own = scores.diagonal()[:, None]
    above, equal = (scores > own + 1e-12).sum(1), (abs(scores - own) <= 1e-12).sum(1)
    return [np.clip((places - above) / equal, 0, 1) for places in (1, 10)]


def main():
    creators = fair(read(sys.argv[1]))
    seed = fold(seed_of("halves of posts"), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    results = []
    for deal in range(DEALS):
        halves = [[], []]
        for posts in creators.values():
            ids = sorted(posts, key=lambda post: fold(fold(seed, deal), post))
            for half, some in zip(halves, (ids[:len(ids) // 2], ids[len(ids) // 2:])):
                half.append([word for post in some for word in posts[post]])
        results += [found(*halves), found(*halves[::-1])]
    held_back = np.array([seed_of(f"weights of similar creators {handle}") & 1 == 1 for handle in creators], dtype=bool)
    for name, some in (("on whom no weight was chosen", held_back), ("in all", np.ones_like(held_back))):
        first, ten = np.mean(results, axis=0)[:, some].mean(axis=1)
        print(f"{some.sum()} creators {name}: scikit-learn's TF-IDF finds {first:.3f} first, {ten:.3f} among the first ten")


if __name__ == "__main__":
    main()
