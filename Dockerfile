# syntax=docker/dockerfile:1
# One image for every process: serve (all in one), or web, scheduler and worker. `prepare` migrates, once, before them.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/venv
COPY requirements.txt /build/
# Every package is checked against the hash it was reviewed with, and nothing is compiled here.
RUN /opt/venv/bin/pip install --require-hashes --only-binary=:all: -r /build/requirements.txt
COPY . /opt/dutybook
RUN cd /opt/dutybook \
    && for po in translations/*/LC_MESSAGES/*.po; do /opt/venv/bin/pybabel -q compile -i "$po" -o "${po%.po}.mo"; done \
    && /opt/venv/bin/python -m compileall -q /opt/dutybook

FROM python:3.11-slim-bookworm
# Pango draws the PDF papers; without a font for Chinese they would be full of boxes.
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk libharfbuzz-subset0 libpango-1.0-0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 dutybook \
    && useradd --system --uid 10001 --gid dutybook --home-dir /nonexistent --shell /usr/sbin/nologin dutybook \
    && install -d -o dutybook -g dutybook -m 0700 /var/lib/dutybook
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/dutybook /opt/dutybook
WORKDIR /opt/dutybook
# The program's folder belongs to root: the process can neither change itself nor leave anything beside its data.
# Caches of libraries go to /tmp, so that the rest of the file system may be read-only.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    LC_ALL=C.UTF-8 \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/cache \
    MPLCONFIGDIR=/tmp/matplotlib \
    DUTYBOOK_INSTANCE_DIR=/var/lib/dutybook \
    DUTYBOOK_HOST=0.0.0.0 \
    DUTYBOOK_LOG_FORMAT=json
USER 10001:10001
VOLUME /var/lib/dutybook
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=4 CMD ["python", "server/alive.py"]
ENTRYPOINT ["flask", "--app", "app"]
CMD ["serve"]
