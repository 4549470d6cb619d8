# syntax=docker/dockerfile:1.7
# The reverse proxy with its routing table. Runs as a user without rights and without the binary's port capability, which
# containers do not need for low ports.
#     docker build -f deploy/images/proxy.Dockerfile -t fixline-proxy:0.1.0 .
FROM caddy:2.11.4
LABEL org.opencontainers.image.title="fixline-proxy" \
      org.opencontainers.image.description="The one public address in front of Fixline's services." \
      org.opencontainers.image.licenses="Apache-2.0"
RUN setcap -r /usr/bin/caddy \
    && addgroup -g 10001 proxy \
    && adduser -u 10001 -G proxy -D -H -s /sbin/nologin proxy \
    && chown -R proxy:proxy /data /config
COPY deploy/proxy/Caddyfile /etc/caddy/Caddyfile
USER 10001:10001
EXPOSE 8080 8081
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --start-interval=1s --retries=3 \
    CMD ["wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8081/healthz"]
