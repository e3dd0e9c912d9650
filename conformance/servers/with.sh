#!/usr/bin/env bash
# with.sh COMMAND...: starts HAPI FHIR JPA and Medplum's router, waits until /metadata of each answers, runs COMMAND with
# their addresses in FHIR_SERVERS ("hapi=http://... medplum=http://..."), and stops them. FHIR_ONLY=medplum starts one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
built=$here/../../.conformance/hapi
logs=$(mktemp -d)
started=()
trap 'for one in "${started[@]}"; do kill "$one" 2>/dev/null || true; done; wait; rm -rf "$logs"' EXIT

start() { # name, command...
    local name=$1
    shift
    [[ ${FHIR_ONLY:-$name} == "$name" ]] || return 0
    "$@" >"$logs/$name" 2>"$logs/$name.err" &
    started+=("$!")
    names+=("$name")
}

await() { # name, process
    local name=$1 deadline=$((SECONDS + ${FHIR_WAIT:-300})) address
    until address=$(grep -m1 -o '^http://.*' "$logs/$name") && curl -sf -m 60 -o "$logs/metadata" "$address/metadata"; do
        if ! kill -0 "$2" 2>/dev/null || ((SECONDS > deadline)); then
            echo "$name did not start:" >&2
            tail -n 20 "$logs/$name.err" >&2
            return 1
        fi
        sleep 0.5
    done
    echo "$name answers after $SECONDS s" >&2
    addresses+=("$name=$address")
}

names=()
addresses=()
start hapi java -Xmx1500m -cp "$built/classes:$(cat "$built/classpath")" Hapi
start medplum node "$here/medplum.mjs"
for at in "${!names[@]}"; do await "${names[$at]}" "${started[$at]}"; done
FHIR_SERVERS="${addresses[*]}" "$@"
