#!/usr/bin/env bash
# Makes the secrets that docker-compose.yml mounts, each in a file of its own, into deploy/secrets/ (or the folder given).
#
#     deploy/make-secrets.sh [folder]
#
# Safe to run again: a file that exists is kept, so that nothing running loses its password and no tracking code its key.
# To change one, remove its files and run this again; docs/operations.md, "Secrets", says what must follow.
# The folder is readable by its owner alone. The files in it are readable by all: compose mounts them one by one as they
# are, and each container has a user of its own.
set -euo pipefail
umask 022

folder="${1:-$(dirname "$0")/secrets}"
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

random() { # 256 bits, letters and digits only: fit for a URL as it is
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

write() { # write NAME TEXT: whole or not at all
    printf '%s' "$2" >"$1.new"
    chmod 444 "$1.new"
    mv "$1.new" "$1"
    echo "made  $1"
}

keep() { # keep NAME TEXT: write it, unless it is there
    if [ -s "$1" ]; then echo "kept  $1"; else write "$1" "$2"; fi
}

keep postgres_password "$(random)"
for service in intake routing notifier; do
    if [ ! -s "${service}_database_password" ]; then rm -f "${service}_database_url"; fi # it holds the old one
    keep "${service}_database_password" "$(random)"
    keep "${service}_database_url" \
        "postgresql+psycopg://$service:$(cat "${service}_database_password")@postgres:5432/$service"
done
keep fixline_keys "$(random)"
keep fixline_tracking_key "$(random)"
keep fixline_service_key "$(random)"
keep grafana_admin_password "$(random)"
