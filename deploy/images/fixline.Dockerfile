# syntax=docker/dockerfile:1.7
# Every Fixline process: `serve`, `work`, `relay`, one-shot jobs, or the whole embedded stack.
#     docker build -f deploy/images/fixline.Dockerfile -t fixline:0.1.0 .
# One image, one user without rights, no shell tools needed; it runs on a read-only file system with a writable /tmp.

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
RUN python -m venv /opt/fixline
# The lock first: it changes seldom, and this is the slow layer. Exact versions, each file checked by its hash.
COPY requirements.lock ./
RUN /opt/fixline/bin/pip install --require-hashes --no-deps --only-binary=:all: -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas ./schemas
COPY services ./services
RUN pip wheel --no-deps --wheel-dir /wheel . \
    && /opt/fixline/bin/pip install --no-deps --no-index /wheel/*.whl
# The lock holds the tools of development too: what fixline does not need at run time goes.
COPY deploy/images/prune.py ./
RUN /opt/fixline/bin/python prune.py fixline \
    && /opt/fixline/bin/python -m compileall -q /opt/fixline/lib

FROM python:3.12-slim-bookworm
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="fixline" \
      org.opencontainers.image.description="Service requests for a maintenance provider: accepted once, decided with their evidence, dispatched once." \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 fixline \
    && useradd --uid 10001 --gid fixline --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin fixline \
    && install -d -o fixline -g fixline -m 0750 /data
COPY --from=build /opt/fixline /opt/fixline
COPY deploy/images/healthy.py /opt/fixline/healthy.py
# A container listens for its neighbours; its data folder is used by the embedded stack alone.
ENV PATH=/opt/fixline/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FIXLINE_HOST=0.0.0.0 \
    FIXLINE_DATA_DIR=/data
WORKDIR /data
USER 10001:10001
EXPOSE 8080 9100
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --start-interval=2s --retries=3 \
    CMD ["python", "/opt/fixline/healthy.py"]
ENTRYPOINT ["fixline"]
CMD ["up"]
