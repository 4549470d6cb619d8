#!/usr/bin/env bash
# One database and one role per service, run once by PostgreSQL's image when its data folder is empty. A role owns its
# own database and cannot connect to another's.
set -euo pipefail

for service in intake routing notifier; do
    password="$(cat "${SECRETS_DIR:-/run/secrets}/${service}_database_password")"
    psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
        --set service="$service" --set password="$password" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service" TEMPLATE template0 ENCODING 'UTF8' LOCALE_PROVIDER builtin LOCALE 'C.UTF-8';
REVOKE ALL ON DATABASE :"service" FROM PUBLIC;
SQL
    echo "database and role $service made"
done
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --command 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC'
