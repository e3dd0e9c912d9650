ARG PYTHON=3.13.5-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --require-hashes -r requirements.lock \
    && python -m pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY fhir_profiles fhir_profiles
COPY service service
RUN python -m hatchling build -t wheel -d dist \
    && /opt/venv/bin/python -m pip install --no-deps --no-index dist/*.whl \
    && /opt/venv/bin/python -m pip uninstall --yes pip

FROM python:${PYTHON} AS production
COPY --from=build /opt/venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOST=0.0.0.0 \
    PORT=8080
# No file is written but the workers' heartbeat in /dev/shm or /tmp: the root file system may be read-only.
WORKDIR /tmp
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health/live', timeout=2)"]
CMD ["gunicorn", "--config", "python:baclofen_safety.serving"]
