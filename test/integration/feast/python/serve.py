"""Feast's own feature server on a port: serve.py REPO PORT."""

import sys

import uvicorn
from feast import FeatureStore
from feast.feature_server import get_app


def main() -> None:
    repo, port = sys.argv[1:]
    app = get_app(FeatureStore(repo_path=repo))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="info", access_log=False)


if __name__ == "__main__":
    main()
