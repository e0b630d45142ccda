# The image of a worker and of every other command: `docker build -t vungxanh:0.1.0 .`
# All that is installed stands in the lock files; each file is checked against its hash.
FROM python:3.12.12-slim-bookworm AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/vungxanh && python -m venv /opt/backend
COPY requirements.lock requirements-dev.lock ./
RUN /opt/vungxanh/bin/pip install --require-hashes -r requirements.lock
# The build backend and what it needs, of what the development environment has.
RUN awk '/^[a-z]/ {keep = /^(hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers)==/} keep' requirements-dev.lock > backend.lock \
 && /opt/backend/bin/pip install --require-hashes -r backend.lock
COPY . .
RUN /opt/backend/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/vungxanh/bin/pip install --no-deps /wheels/*.whl \
 && /opt/vungxanh/bin/pip check

FROM python:3.12.12-slim-bookworm
# A number, so that a cluster can see that it is not root.
RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin vungxanh
COPY --from=build /opt/vungxanh /opt/vungxanh
ENV PATH=/opt/vungxanh/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# vungxanh.toml is read from here, if it is there; nothing is written.
WORKDIR /etc/vungxanh
USER 10001
EXPOSE 8080
ENTRYPOINT ["vungxanh"]
CMD ["worker"]
